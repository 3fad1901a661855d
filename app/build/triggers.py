"""What the database itself refuses, as the first migration says it: rows written once, states, overlaps, frozen columns."""

from __future__ import annotations

TRIGGERS = '''
APPEND_ONLY = (
    "audit_entry", "settlement_line", "ledger_entry", "contract_event", "checklist_note", "password_history",
    "sheet_pair_member", "sync_receipt", "care_recording", "house_hours",
    "settlement_inputs", "settlement_archive", "settlement_approval", "payment_line", "bank_import", "late_return",
)
"""Rows of these tables are written once: another row corrects them."""

CHECKS = {
    # table: (events, condition that refuses, words)
    "care_grade_overlap": (
        "care_grade", "INSERT",
        "EXISTS (SELECT 1 FROM care_grade o WHERE o.resident_id = NEW.resident_id AND o.id <> NEW.id"
        " AND o.valid_from <= COALESCE(NEW.valid_to, '9999-12-31') AND COALESCE(o.valid_to, '9999-12-31') >= NEW.valid_from)",
        "care grades of one resident overlap",
    ),
    "care_grade_overlap_update": (
        "care_grade", "UPDATE",
        "EXISTS (SELECT 1 FROM care_grade o WHERE o.resident_id = NEW.resident_id AND o.id <> NEW.id"
        " AND o.valid_from <= COALESCE(NEW.valid_to, '9999-12-31') AND COALESCE(o.valid_to, '9999-12-31') >= NEW.valid_from)",
        "care grades of one resident overlap",
    ),
    "care_grade_frozen": (
        "care_grade", "UPDATE",
        "NEW.grade <> OLD.grade OR NEW.valid_from <> OLD.valid_from OR NEW.resident_id <> OLD.resident_id"
        " OR NEW.proposal_id <> OLD.proposal_id",
        "only the end of a care grade may change",
    ),
    "stay_overlap": (
        "stay", "INSERT",
        "EXISTS (SELECT 1 FROM stay o WHERE (o.bed_id = NEW.bed_id OR o.resident_id = NEW.resident_id) AND o.id <> NEW.id"
        " AND o.from_on < COALESCE(NEW.left_on, '9999-12-31') AND COALESCE(o.left_on, '9999-12-31') > NEW.from_on"
        " AND COALESCE(o.left_on, '9999-12-31') > o.from_on)",
        "stays of one bed or one resident share a day",
    ),
    "stay_overlap_update": (
        "stay", "UPDATE",
        "EXISTS (SELECT 1 FROM stay o WHERE (o.bed_id = NEW.bed_id OR o.resident_id = NEW.resident_id) AND o.id <> NEW.id"
        " AND o.from_on < COALESCE(NEW.left_on, '9999-12-31') AND COALESCE(o.left_on, '9999-12-31') > NEW.from_on"
        " AND COALESCE(o.left_on, '9999-12-31') > o.from_on AND COALESCE(NEW.left_on, '9999-12-31') > NEW.from_on)",
        "stays of one bed or one resident share a day",
    ),
    "stay_frozen": (
        "stay", "UPDATE",
        "NEW.bed_id <> OLD.bed_id OR NEW.resident_id <> OLD.resident_id OR NEW.from_on <> OLD.from_on",
        "only the end of a stay may change",
    ),
    "credential_frozen": (
        "credential", "UPDATE",
        "NEW.caregiver_id <> OLD.caregiver_id OR NEW.kind <> OLD.kind OR COALESCE(NEW.tier, '') <> COALESCE(OLD.tier, '')"
        " OR NEW.number <> OLD.number OR NEW.issued_on <> OLD.issued_on"
        " OR COALESCE(NEW.valid_to, '0001-01-01') <> COALESCE(OLD.valid_to, '0001-01-01')"
        " OR (OLD.withdrawn_on IS NOT NULL AND NEW.withdrawn_on IS NULL)",
        "a certificate is only withdrawn",
    ),
    "care_plan_overlap": (
        "care_plan", "INSERT",
        "NEW.state <> 'draft' AND EXISTS (SELECT 1 FROM care_plan o WHERE o.resident_id = NEW.resident_id AND o.id <> NEW.id"
        " AND o.state <> 'draft' AND o.valid_from <= COALESCE(NEW.valid_to, '9999-12-31')"
        " AND COALESCE(o.valid_to, '9999-12-31') >= NEW.valid_from)",
        "care plans of one resident overlap",
    ),
    "care_plan_overlap_update": (
        "care_plan", "UPDATE",
        "NEW.state <> 'draft' AND EXISTS (SELECT 1 FROM care_plan o WHERE o.resident_id = NEW.resident_id AND o.id <> NEW.id"
        " AND o.state <> 'draft' AND o.valid_from <= COALESCE(NEW.valid_to, '9999-12-31')"
        " AND COALESCE(o.valid_to, '9999-12-31') >= NEW.valid_from)",
        "care plans of one resident overlap",
    ),
    "care_plan_frozen": (
        "care_plan", "UPDATE",
        "OLD.state <> 'draft' AND (NEW.lines <> OLD.lines OR NEW.valid_from <> OLD.valid_from"
        " OR NEW.resident_id <> OLD.resident_id OR NEW.grade_id <> OLD.grade_id OR NEW.state = 'draft'"
        " OR NEW.risks <> OLD.risks OR NEW.texture <> OLD.texture OR NEW.night <> OLD.night"
        " OR COALESCE(NEW.confirmed, '') <> COALESCE(OLD.confirmed, ''))",
        "an approved care plan never changes",
    ),
    "handover_frozen": (
        "shift_handover", "UPDATE",
        "NEW.facts <> OLD.facts OR NEW.given_by <> OLD.given_by OR NEW.given_at <> OLD.given_at OR NEW.day <> OLD.day"
        " OR NEW.shift <> OLD.shift OR (OLD.received_at IS NOT NULL AND (NEW.received_at IS NULL"
        " OR NEW.received_at <> OLD.received_at OR NEW.received_by <> OLD.received_by))",
        "a handover that was signed never changes",
    ),
    "incident_step_frozen": (
        "incident_step", "UPDATE",
        "NEW.kind <> OLD.kind OR NEW.incident_id <> OLD.incident_id OR NEW.recorded_at <> OLD.recorded_at"
        " OR NEW.recorded_by <> OLD.recorded_by OR COALESCE(NEW.due_on, '0001-01-01') <> COALESCE(OLD.due_on, '0001-01-01')",
        "what was done about an incident never changes",
    ),
    "care_profile_frozen": (
        "care_profile", "UPDATE",
        "NEW.resident_id <> OLD.resident_id OR NEW.version <> OLD.version OR COALESCE(NEW.swallow, '') <> COALESCE(OLD.swallow, '')"
        " OR COALESCE(NEW.teeth, '') <> COALESCE(OLD.teeth, '') OR COALESCE(NEW.denture, '') <> COALESCE(OLD.denture, '')"
        " OR NEW.residue <> OLD.residue OR NEW.recorded_at <> OLD.recorded_at",
        "a version of a care profile never changes",
    ),
    "sheet_frozen": (
        "assessment_sheet", "UPDATE",
        "OLD.state IN ('submitted', 'sealed') AND (NEW.state <> 'submitted' AND NEW.state <> OLD.state"
        " OR NEW.answers <> OLD.answers OR NEW.facts <> OLD.facts"
        " OR NEW.result <> OLD.result OR NEW.resident_id <> OLD.resident_id)",
        "a submitted sheet never changes",
    ),
    "sheet_sealed": (
        "assessment_sheet", "UPDATE",
        "OLD.state = 'sealed' AND NEW.state = 'submitted' AND EXISTS (SELECT 1 FROM sheet_pair p JOIN sheet_pair_member m"
        " ON m.pair_id = p.id WHERE m.sheet_id = OLD.id AND p.kind = 'blind' AND p.state = 'open')",
        "a sheet of a blind pair stays sealed until both are in",
    ),
    "pair_frozen": (
        "sheet_pair", "UPDATE",
        "OLD.state IN ('adjudicated', 'cancelled') OR OLD.kind <> NEW.kind OR OLD.resident_id <> NEW.resident_id"
        " OR OLD.first_assessor_id <> NEW.first_assessor_id OR OLD.second_assessor_id <> NEW.second_assessor_id"
        " OR (OLD.state <> 'open' AND NEW.state = 'open')",
        "what was settled about a pair never changes",
    ),
    "sync_record_frozen": (
        "sync_record", "UPDATE",
        "NEW.hash <> OLD.hash OR NEW.device_id <> OLD.device_id OR NEW.counter <> OLD.counter OR NEW.kind <> OLD.kind"
        " OR NEW.key <> OLD.key OR NEW.version <> OLD.version OR NEW.signature <> OLD.signature"
        " OR NEW.received_at <> OLD.received_at OR NEW.clock <> OLD.clock OR NEW.uid <> OLD.uid",
        "what a device sent never changes",
    ),
    "device_name_frozen": (
        "device", "UPDATE", "NEW.uid <> OLD.uid OR NEW.public_key <> OLD.public_key OR NEW.user_id <> OLD.user_id",
        "a device keeps its key and its account",
    ),
    "settlement_closed": (
        "settlement", "UPDATE", "OLD.state = 'closed'", "a closed quarter never changes",
    ),
    "settlement_sums_frozen": (
        "settlement", "UPDATE",
        "OLD.state IN ('approved', 'paying', 'reconciled') AND (NEW.pay_fen <> OLD.pay_fen OR NEW.due_fen <> OLD.due_fen"
        " OR NEW.withheld_fen <> OLD.withheld_fen OR NEW.run <> OLD.run)",
        "an approved settlement keeps its amounts",
    ),
    "spot_check_draw_frozen": (
        "spot_check_draw", "UPDATE",
        "OLD.drawn_at IS NOT NULL OR NEW.seed <> OLD.seed OR NEW.commitment <> OLD.commitment",
        "a draw never changes",
    ),
    "payment_line_once": (
        "payment_line", "INSERT",
        "EXISTS (SELECT 1 FROM payment_line o JOIN payment p ON p.id = o.payment_id WHERE o.line_id = NEW.line_id"
        " AND o.id <> NEW.id AND p.state IN ('sent', 'paid'))",
        "a line that is paid or on its way is never paid again",
    ),
    "payment_frozen": (
        "payment", "UPDATE",
        "NEW.fen <> OLD.fen OR COALESCE(NEW.caregiver_id, 0) <> COALESCE(OLD.caregiver_id, 0)"
        " OR COALESCE(NEW.payee_id, 0) <> COALESCE(OLD.payee_id, 0) OR NEW.reference <> OLD.reference"
        " OR NEW.order_id <> OLD.order_id OR NOT ((OLD.state = 'sent' AND NEW.state IN ('paid', 'failed'))"
        " OR (OLD.state = 'paid' AND NEW.state = 'returned') OR NEW.state = OLD.state)",
        "a payment keeps its amount and whom it is for, and goes forward only",
    ),
    "contract_body_frozen": (
        "contract", "UPDATE",
        "OLD.state <> 'draft' AND (NEW.body <> OLD.body OR NEW.body_sha256 <> OLD.body_sha256"
        " OR NEW.caregiver_id <> OLD.caregiver_id OR NEW.resident_id <> OLD.resident_id"
        " OR COALESCE(NEW.payee_id, 0) <> COALESCE(OLD.payee_id, 0))",
        "the text of a contract is fixed once it was sent for signing",
    ),
    "contract_begins_as_draft": (
        "contract", "INSERT", "NEW.state <> 'draft'", "a contract begins as a draft",
    ),
    "contract_seven": (
        "contract", "UPDATE",
        "NEW.state IN ('in_force', 'suspended') AND OLD.state NOT IN ('in_force', 'suspended')"
        " AND (NEW.in_force_from IS NULL OR (SELECT count(*) FROM contract_party p WHERE p.contract_id = NEW.id"
        " AND p.signed_at IS NOT NULL AND (p.body_sha256 = NEW.body_sha256"
        " OR (p.carried_from_id IS NOT NULL AND NEW.amends_id IS NOT NULL))) <> 7)",
        "a contract is in force only once all seven have signed its text",
    ),
    "contract_overlap": (
        "contract", "UPDATE",
        "NEW.state = 'in_force' AND OLD.state = 'signing' AND EXISTS (SELECT 1 FROM contract o"
        " WHERE o.resident_id = NEW.resident_id AND o.id <> NEW.id AND o.state IN ('in_force', 'suspended', 'amended', 'ended', 'archived')"
        " AND o.in_force_from <= NEW.valid_to AND COALESCE(o.ended_on, o.valid_to) >= NEW.in_force_from)",
        "contracts of one resident overlap",
    ),
    "contract_over": (
        "contract", "UPDATE",
        "(OLD.state IN ('archived', 'void') AND NEW.state <> OLD.state)"
        " OR (OLD.state IN ('ended', 'amended') AND NEW.state NOT IN (OLD.state, 'archived'))"
        " OR (OLD.state IN ('ended', 'amended', 'archived') AND NEW.ended_on <> OLD.ended_on)",
        "a contract that is over never changes",
    ),
    "contract_seal_frozen": (
        "contract_seal", "UPDATE",
        "NEW.sha256 <> OLD.sha256 OR NEW.contract_id <> OLD.contract_id OR NEW.sealed_at <> OLD.sealed_at"
        " OR NEW.scheme <> OLD.scheme OR NEW.root <> OLD.root OR NEW.certificate_sha256 <> OLD.certificate_sha256",
        "a sealed contract never changes",
    ),
    "contract_file_frozen": (
        "contract_file", "UPDATE",
        "NEW.sha256 <> OLD.sha256 OR NEW.kind <> OLD.kind OR NEW.mime <> OLD.mime OR NEW.uploaded_at <> OLD.uploaded_at"
        " OR COALESCE(NEW.contract_id, 0) <> COALESCE(OLD.contract_id, 0)"
        " OR COALESCE(NEW.organisation_id, 0) <> COALESCE(OLD.organisation_id, 0)",
        "a seal, a fingerprint and a scan never change",
    ),
    "contract_paper_frozen": (
        "contract_paper", "UPDATE",
        "OLD.state <> 'waiting' AND NEW.state <> OLD.state OR NEW.contract_id <> OLD.contract_id OR NEW.slot <> OLD.slot"
        " OR NEW.scan_id <> OLD.scan_id OR NEW.signed_on <> OLD.signed_on OR NEW.filed_by_person <> OLD.filed_by_person",
        "what was filed on paper is compared once and never changes",
    ),
    "contract_observation_frozen": (
        "contract_observation", "UPDATE",
        "NEW.contract_id <> OLD.contract_id OR NEW.clause <> OLD.clause OR NEW.observed_on <> OLD.observed_on"
        " OR NEW.kept <> OLD.kept OR NEW.recorded_at <> OLD.recorded_at",
        "an observation never changes",
    ),
    "contract_breach_frozen": (
        "contract_breach", "UPDATE",
        "NEW.contract_id <> OLD.contract_id OR NEW.clause <> OLD.clause OR NEW.what <> OLD.what"
        " OR NEW.due_on <> OLD.due_on OR NEW.found_on <> OLD.found_on",
        "a breach found keeps its occasion",
    ),
    "signature_open": (
        "contract_party", "UPDATE",
        "OLD.signed_at IS NULL AND NEW.signed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM contract c"
        " WHERE c.id = NEW.contract_id AND c.state = 'signing' AND c.body_sha256 = NEW.body_sha256)",
        "a signature covers the text of a contract that is open for signing",
    ),
    "signature_frozen": (
        "contract_party", "UPDATE",
        "OLD.signed_at IS NOT NULL AND (NEW.signed_at IS NULL OR NEW.signed_at <> OLD.signed_at"
        " OR NEW.body_sha256 <> OLD.body_sha256 OR NEW.signer_name <> OLD.signer_name OR NEW.medium <> OLD.medium"
        " OR NEW.means <> OLD.means OR NEW.identity <> OLD.identity"
        " OR COALESCE(NEW.scan_id, 0) <> COALESCE(OLD.scan_id, 0)"
        " OR COALESCE(NEW.picture_id, 0) <> COALESCE(OLD.picture_id, 0))"
        " AND NOT (NEW.signed_at IS NULL AND NEW.signer_name IS NULL AND NEW.means IS NULL AND NEW.medium IS NULL"
        " AND NEW.identity IS NULL AND NEW.body_sha256 IS NULL AND NEW.picture_id IS NULL AND NEW.scan_id IS NULL"
        " AND OLD.carried_from_id IS NULL"
        " AND EXISTS (SELECT 1 FROM contract c WHERE c.id = OLD.contract_id AND c.state = 'signing')"
        " AND EXISTS (SELECT 1 FROM contract_former_signature f WHERE f.contract_id = OLD.contract_id"
        " AND f.slot = OLD.slot AND f.signed_at = OLD.signed_at AND f.signer_name = OLD.signer_name"
        " AND f.body_sha256 = OLD.body_sha256))",
        "a signature never changes; it is taken back only before the contract is in force, and kept then",
    ),
    "former_signature_given": (
        "contract_former_signature", "INSERT",
        "NOT EXISTS (SELECT 1 FROM contract_party p WHERE p.contract_id = NEW.contract_id AND p.slot = NEW.slot"
        " AND p.signed_at = NEW.signed_at AND p.signer_name = NEW.signer_name AND p.body_sha256 = NEW.body_sha256)",
        "only a signature that stands is taken back",
    ),
    "former_signature_frozen": (
        "contract_former_signature", "UPDATE",
        "NEW.contract_id <> OLD.contract_id OR NEW.slot <> OLD.slot OR NEW.signer_name <> OLD.signer_name"
        " OR NEW.means <> OLD.means OR NEW.medium <> OLD.medium OR NEW.identity <> OLD.identity"
        " OR NEW.signed_at <> OLD.signed_at OR NEW.body_sha256 <> OLD.body_sha256 OR NEW.why <> OLD.why"
        " OR NEW.reason <> OLD.reason OR NEW.taken_back_at <> OLD.taken_back_at"
        " OR COALESCE(NEW.taken_back_by, 0) <> COALESCE(OLD.taken_back_by, 0)"
        " OR COALESCE(NEW.scan_id, 0) <> COALESCE(OLD.scan_id, 0)"
        " OR COALESCE(NEW.picture_id, 0) <> COALESCE(OLD.picture_id, 0)",
        "a signature that was taken back stays as it was",
    ),
    "evaluation_frozen": (
        "evaluation", "UPDATE",
        "OLD.state = 'confirmed' AND (NEW.ratio_bp <> OLD.ratio_bp OR NEW.score <> OLD.score)"
        " AND EXISTS (SELECT 1 FROM settlement_line l JOIN ledger_entry e ON e.line_id = l.id"
        " WHERE l.contract_id = OLD.contract_id AND l.for_quarter = OLD.quarter)",
        "an evaluation that was paid by keeps its score",
    ),
    "draw_frozen": (
        "double_draw", "UPDATE",
        "NEW.seed <> OLD.seed OR NEW.seed_sha256 <> OLD.seed_sha256 OR NEW.percent <> OLD.percent OR NEW.month <> OLD.month"
        " OR (OLD.closed_at IS NOT NULL AND (NEW.entries <> OLD.entries OR NEW.drawn <> OLD.drawn))",
        "a committed seed and a closed list never change",
    ),
    "rule_frozen": (
        "rule_document", "UPDATE",
        "OLD.state = 'published' AND (NEW.body <> OLD.body OR NEW.sha256 <> OLD.sha256"
        " OR NEW.in_force_from <> OLD.in_force_from OR NEW.state <> OLD.state)",
        "a published rule never changes",
    ),
}
KEPT = ("audit_entry", "settlement_line", "ledger_entry", "contract_event", "checklist_note", "password_history",
        "settlement_approval", "payment_order", "payment", "payment_line", "bank_import", "late_return", "spot_check_draw",
        "settlement_inputs", "settlement_archive", "contract_seal", "contract_observation", "contract_breach",
        "contract_file", "contract_paper", "contract_substitute", "contract_former_signature",
        "care_grade", "settlement", "contract", "contract_party", "evaluation", "assessment_sheet", "rule_document",
        "double_draw",
        "resident", "caregiver", "sheet_pair", "sheet_pair_member", "care_profile", "shift_handover",
        "incident_step", "care_recording", "house_hours", "presence_card", "odd_pattern",
        "device", "sync_record", "sync_receipt")
"""Rows of these tables are never deleted."""


def guard(name: str, table: str, event: str, condition: str | None, words: str) -> None:
    """One trigger that refuses; the same promise on both databases."""
    if op.get_bind().dialect.name == "sqlite":
        when = f" WHEN {condition}" if condition else ""
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW{when} "
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )
        return
    test = f"IF {condition} THEN RAISE EXCEPTION '{words}'; END IF;" if condition else f"RAISE EXCEPTION '{words}';"
    test = test.replace("'9999-12-31'", "DATE '9999-12-31'")
    back = "OLD" if event == "DELETE" else "NEW"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {test} RETURN {back}; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    if event == "DELETE" and condition is None:  # TRUNCATE asks no trigger of a row
        op.execute(f"CREATE TRIGGER {name}_all BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()")


def guards() -> list[tuple[str, str, str, str | None, str]]:
    """Every trigger of this version."""
    found: list[tuple[str, str, str, str | None, str]] = []
    found += [(f"{t}_no_update", t, "UPDATE", None, f"{t} is append-only") for t in APPEND_ONLY]
    found += [(f"{t}_no_delete", t, "DELETE", None, f"{t} is never deleted") for t in KEPT]
    found += [(n, t, e, c, w) for n, (t, e, c, w) in CHECKS.items()]
    return found
'''
"""Text that stands in the migration as it is: migrations import nothing of the application."""
