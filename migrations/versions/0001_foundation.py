"""Foundation: every table of the first version, and the triggers that keep the promises."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


APPEND_ONLY = (
    "audit_entry",
    "settlement_line",
    "ledger_entry",
    "contract_event",
    "checklist_note",
    "password_history",
    "sheet_pair_member",
    "sync_receipt",
    "care_recording",
    "house_hours",
    "settlement_inputs",
    "settlement_archive",
    "settlement_approval",
    "payment_line",
    "bank_import",
    "late_return",
)
"""Rows of these tables are written once: another row corrects them."""

CHECKS = {
    # table: (events, condition that refuses, words)
    "care_grade_overlap": (
        "care_grade",
        "INSERT",
        "EXISTS (SELECT 1 FROM care_grade o WHERE o.resident_id = NEW.resident_id AND o.id <> NEW.id"
        " AND o.valid_from <= COALESCE(NEW.valid_to, '9999-12-31') AND COALESCE(o.valid_to, '9999-12-31') >= NEW.valid_from)",
        "care grades of one resident overlap",
    ),
    "care_grade_overlap_update": (
        "care_grade",
        "UPDATE",
        "EXISTS (SELECT 1 FROM care_grade o WHERE o.resident_id = NEW.resident_id AND o.id <> NEW.id"
        " AND o.valid_from <= COALESCE(NEW.valid_to, '9999-12-31') AND COALESCE(o.valid_to, '9999-12-31') >= NEW.valid_from)",
        "care grades of one resident overlap",
    ),
    "care_grade_frozen": (
        "care_grade",
        "UPDATE",
        "NEW.grade <> OLD.grade OR NEW.valid_from <> OLD.valid_from OR NEW.resident_id <> OLD.resident_id"
        " OR NEW.proposal_id <> OLD.proposal_id",
        "only the end of a care grade may change",
    ),
    "stay_overlap": (
        "stay",
        "INSERT",
        "EXISTS (SELECT 1 FROM stay o WHERE (o.bed_id = NEW.bed_id OR o.resident_id = NEW.resident_id) AND o.id <> NEW.id"
        " AND o.from_on < COALESCE(NEW.left_on, '9999-12-31') AND COALESCE(o.left_on, '9999-12-31') > NEW.from_on"
        " AND COALESCE(o.left_on, '9999-12-31') > o.from_on)",
        "stays of one bed or one resident share a day",
    ),
    "stay_overlap_update": (
        "stay",
        "UPDATE",
        "EXISTS (SELECT 1 FROM stay o WHERE (o.bed_id = NEW.bed_id OR o.resident_id = NEW.resident_id) AND o.id <> NEW.id"
        " AND o.from_on < COALESCE(NEW.left_on, '9999-12-31') AND COALESCE(o.left_on, '9999-12-31') > NEW.from_on"
        " AND COALESCE(o.left_on, '9999-12-31') > o.from_on AND COALESCE(NEW.left_on, '9999-12-31') > NEW.from_on)",
        "stays of one bed or one resident share a day",
    ),
    "stay_frozen": (
        "stay",
        "UPDATE",
        "NEW.bed_id <> OLD.bed_id OR NEW.resident_id <> OLD.resident_id OR NEW.from_on <> OLD.from_on",
        "only the end of a stay may change",
    ),
    "credential_frozen": (
        "credential",
        "UPDATE",
        "NEW.caregiver_id <> OLD.caregiver_id OR NEW.kind <> OLD.kind OR COALESCE(NEW.tier, '') <> COALESCE(OLD.tier, '')"
        " OR NEW.number <> OLD.number OR NEW.issued_on <> OLD.issued_on"
        " OR COALESCE(NEW.valid_to, '0001-01-01') <> COALESCE(OLD.valid_to, '0001-01-01')"
        " OR (OLD.withdrawn_on IS NOT NULL AND NEW.withdrawn_on IS NULL)",
        "a certificate is only withdrawn",
    ),
    "care_plan_overlap": (
        "care_plan",
        "INSERT",
        "NEW.state <> 'draft' AND EXISTS (SELECT 1 FROM care_plan o WHERE o.resident_id = NEW.resident_id AND o.id <> NEW.id"
        " AND o.state <> 'draft' AND o.valid_from <= COALESCE(NEW.valid_to, '9999-12-31')"
        " AND COALESCE(o.valid_to, '9999-12-31') >= NEW.valid_from)",
        "care plans of one resident overlap",
    ),
    "care_plan_overlap_update": (
        "care_plan",
        "UPDATE",
        "NEW.state <> 'draft' AND EXISTS (SELECT 1 FROM care_plan o WHERE o.resident_id = NEW.resident_id AND o.id <> NEW.id"
        " AND o.state <> 'draft' AND o.valid_from <= COALESCE(NEW.valid_to, '9999-12-31')"
        " AND COALESCE(o.valid_to, '9999-12-31') >= NEW.valid_from)",
        "care plans of one resident overlap",
    ),
    "care_plan_frozen": (
        "care_plan",
        "UPDATE",
        "OLD.state <> 'draft' AND (NEW.lines <> OLD.lines OR NEW.valid_from <> OLD.valid_from"
        " OR NEW.resident_id <> OLD.resident_id OR NEW.grade_id <> OLD.grade_id OR NEW.state = 'draft'"
        " OR NEW.risks <> OLD.risks OR NEW.texture <> OLD.texture OR NEW.night <> OLD.night"
        " OR COALESCE(NEW.confirmed, '') <> COALESCE(OLD.confirmed, ''))",
        "an approved care plan never changes",
    ),
    "handover_frozen": (
        "shift_handover",
        "UPDATE",
        "NEW.facts <> OLD.facts OR NEW.given_by <> OLD.given_by OR NEW.given_at <> OLD.given_at OR NEW.day <> OLD.day"
        " OR NEW.shift <> OLD.shift OR (OLD.received_at IS NOT NULL AND (NEW.received_at IS NULL"
        " OR NEW.received_at <> OLD.received_at OR NEW.received_by <> OLD.received_by))",
        "a handover that was signed never changes",
    ),
    "incident_step_frozen": (
        "incident_step",
        "UPDATE",
        "NEW.kind <> OLD.kind OR NEW.incident_id <> OLD.incident_id OR NEW.recorded_at <> OLD.recorded_at"
        " OR NEW.recorded_by <> OLD.recorded_by OR COALESCE(NEW.due_on, '0001-01-01') <> COALESCE(OLD.due_on, '0001-01-01')",
        "what was done about an incident never changes",
    ),
    "care_profile_frozen": (
        "care_profile",
        "UPDATE",
        "NEW.resident_id <> OLD.resident_id OR NEW.version <> OLD.version OR COALESCE(NEW.swallow, '') <> COALESCE(OLD.swallow, '')"
        " OR COALESCE(NEW.teeth, '') <> COALESCE(OLD.teeth, '') OR COALESCE(NEW.denture, '') <> COALESCE(OLD.denture, '')"
        " OR NEW.residue <> OLD.residue OR NEW.recorded_at <> OLD.recorded_at",
        "a version of a care profile never changes",
    ),
    "sheet_frozen": (
        "assessment_sheet",
        "UPDATE",
        "OLD.state IN ('submitted', 'sealed') AND (NEW.state <> 'submitted' AND NEW.state <> OLD.state"
        " OR NEW.answers <> OLD.answers OR NEW.facts <> OLD.facts"
        " OR NEW.result <> OLD.result OR NEW.resident_id <> OLD.resident_id)",
        "a submitted sheet never changes",
    ),
    "sheet_sealed": (
        "assessment_sheet",
        "UPDATE",
        "OLD.state = 'sealed' AND NEW.state = 'submitted' AND EXISTS (SELECT 1 FROM sheet_pair p JOIN sheet_pair_member m"
        " ON m.pair_id = p.id WHERE m.sheet_id = OLD.id AND p.kind = 'blind' AND p.state = 'open')",
        "a sheet of a blind pair stays sealed until both are in",
    ),
    "pair_frozen": (
        "sheet_pair",
        "UPDATE",
        "OLD.state IN ('adjudicated', 'cancelled') OR OLD.kind <> NEW.kind OR OLD.resident_id <> NEW.resident_id"
        " OR OLD.first_assessor_id <> NEW.first_assessor_id OR OLD.second_assessor_id <> NEW.second_assessor_id"
        " OR (OLD.state <> 'open' AND NEW.state = 'open')",
        "what was settled about a pair never changes",
    ),
    "sync_record_frozen": (
        "sync_record",
        "UPDATE",
        "NEW.hash <> OLD.hash OR NEW.device_id <> OLD.device_id OR NEW.counter <> OLD.counter OR NEW.kind <> OLD.kind"
        " OR NEW.key <> OLD.key OR NEW.version <> OLD.version OR NEW.signature <> OLD.signature"
        " OR NEW.received_at <> OLD.received_at OR NEW.clock <> OLD.clock OR NEW.uid <> OLD.uid",
        "what a device sent never changes",
    ),
    "device_name_frozen": (
        "device",
        "UPDATE",
        "NEW.uid <> OLD.uid OR NEW.public_key <> OLD.public_key OR NEW.user_id <> OLD.user_id",
        "a device keeps its key and its account",
    ),
    "settlement_closed": (
        "settlement",
        "UPDATE",
        "OLD.state = 'closed'",
        "a closed quarter never changes",
    ),
    "settlement_sums_frozen": (
        "settlement",
        "UPDATE",
        "OLD.state IN ('approved', 'paying', 'reconciled') AND (NEW.pay_fen <> OLD.pay_fen OR NEW.due_fen <> OLD.due_fen"
        " OR NEW.withheld_fen <> OLD.withheld_fen OR NEW.run <> OLD.run)",
        "an approved settlement keeps its amounts",
    ),
    "spot_check_draw_frozen": (
        "spot_check_draw",
        "UPDATE",
        "OLD.drawn_at IS NOT NULL OR NEW.seed <> OLD.seed OR NEW.commitment <> OLD.commitment",
        "a draw never changes",
    ),
    "payment_line_once": (
        "payment_line",
        "INSERT",
        "EXISTS (SELECT 1 FROM payment_line o JOIN payment p ON p.id = o.payment_id WHERE o.line_id = NEW.line_id"
        " AND o.id <> NEW.id AND p.state IN ('sent', 'paid'))",
        "a line that is paid or on its way is never paid again",
    ),
    "payment_frozen": (
        "payment",
        "UPDATE",
        "NEW.fen <> OLD.fen OR COALESCE(NEW.caregiver_id, 0) <> COALESCE(OLD.caregiver_id, 0)"
        " OR COALESCE(NEW.payee_id, 0) <> COALESCE(OLD.payee_id, 0) OR NEW.reference <> OLD.reference"
        " OR NEW.order_id <> OLD.order_id OR NOT ((OLD.state = 'sent' AND NEW.state IN ('paid', 'failed'))"
        " OR (OLD.state = 'paid' AND NEW.state = 'returned') OR NEW.state = OLD.state)",
        "a payment keeps its amount and whom it is for, and goes forward only",
    ),
    "contract_body_frozen": (
        "contract",
        "UPDATE",
        "OLD.state <> 'draft' AND (NEW.body <> OLD.body OR NEW.body_sha256 <> OLD.body_sha256"
        " OR NEW.caregiver_id <> OLD.caregiver_id OR NEW.resident_id <> OLD.resident_id"
        " OR COALESCE(NEW.payee_id, 0) <> COALESCE(OLD.payee_id, 0))",
        "the text of a contract is fixed once it was sent for signing",
    ),
    "contract_begins_as_draft": (
        "contract",
        "INSERT",
        "NEW.state <> 'draft'",
        "a contract begins as a draft",
    ),
    "contract_seven": (
        "contract",
        "UPDATE",
        "NEW.state IN ('in_force', 'suspended') AND OLD.state NOT IN ('in_force', 'suspended')"
        " AND (NEW.in_force_from IS NULL OR (SELECT count(*) FROM contract_party p WHERE p.contract_id = NEW.id"
        " AND p.signed_at IS NOT NULL AND (p.body_sha256 = NEW.body_sha256"
        " OR (p.carried_from_id IS NOT NULL AND NEW.amends_id IS NOT NULL))) <> 7)",
        "a contract is in force only once all seven have signed its text",
    ),
    "contract_overlap": (
        "contract",
        "UPDATE",
        "NEW.state = 'in_force' AND OLD.state = 'signing' AND EXISTS (SELECT 1 FROM contract o"
        " WHERE o.resident_id = NEW.resident_id AND o.id <> NEW.id AND o.state IN ('in_force', 'suspended', 'amended', 'ended', 'archived')"
        " AND o.in_force_from <= NEW.valid_to AND COALESCE(o.ended_on, o.valid_to) >= NEW.in_force_from)",
        "contracts of one resident overlap",
    ),
    "contract_over": (
        "contract",
        "UPDATE",
        "(OLD.state IN ('archived', 'void') AND NEW.state <> OLD.state)"
        " OR (OLD.state IN ('ended', 'amended') AND NEW.state NOT IN (OLD.state, 'archived'))"
        " OR (OLD.state IN ('ended', 'amended', 'archived') AND NEW.ended_on <> OLD.ended_on)",
        "a contract that is over never changes",
    ),
    "contract_seal_frozen": (
        "contract_seal",
        "UPDATE",
        "NEW.sha256 <> OLD.sha256 OR NEW.contract_id <> OLD.contract_id OR NEW.sealed_at <> OLD.sealed_at"
        " OR NEW.scheme <> OLD.scheme OR NEW.root <> OLD.root OR NEW.certificate_sha256 <> OLD.certificate_sha256",
        "a sealed contract never changes",
    ),
    "contract_file_frozen": (
        "contract_file",
        "UPDATE",
        "NEW.sha256 <> OLD.sha256 OR NEW.kind <> OLD.kind OR NEW.mime <> OLD.mime OR NEW.uploaded_at <> OLD.uploaded_at"
        " OR COALESCE(NEW.contract_id, 0) <> COALESCE(OLD.contract_id, 0)"
        " OR COALESCE(NEW.organisation_id, 0) <> COALESCE(OLD.organisation_id, 0)",
        "a seal, a fingerprint and a scan never change",
    ),
    "contract_paper_frozen": (
        "contract_paper",
        "UPDATE",
        "OLD.state <> 'waiting' AND NEW.state <> OLD.state OR NEW.contract_id <> OLD.contract_id OR NEW.slot <> OLD.slot"
        " OR NEW.scan_id <> OLD.scan_id OR NEW.signed_on <> OLD.signed_on OR NEW.filed_by_person <> OLD.filed_by_person",
        "what was filed on paper is compared once and never changes",
    ),
    "contract_observation_frozen": (
        "contract_observation",
        "UPDATE",
        "NEW.contract_id <> OLD.contract_id OR NEW.clause <> OLD.clause OR NEW.observed_on <> OLD.observed_on"
        " OR NEW.kept <> OLD.kept OR NEW.recorded_at <> OLD.recorded_at",
        "an observation never changes",
    ),
    "contract_breach_frozen": (
        "contract_breach",
        "UPDATE",
        "NEW.contract_id <> OLD.contract_id OR NEW.clause <> OLD.clause OR NEW.what <> OLD.what"
        " OR NEW.due_on <> OLD.due_on OR NEW.found_on <> OLD.found_on",
        "a breach found keeps its occasion",
    ),
    "signature_open": (
        "contract_party",
        "UPDATE",
        "OLD.signed_at IS NULL AND NEW.signed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM contract c"
        " WHERE c.id = NEW.contract_id AND c.state = 'signing' AND c.body_sha256 = NEW.body_sha256)",
        "a signature covers the text of a contract that is open for signing",
    ),
    "signature_frozen": (
        "contract_party",
        "UPDATE",
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
        "contract_former_signature",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM contract_party p WHERE p.contract_id = NEW.contract_id AND p.slot = NEW.slot"
        " AND p.signed_at = NEW.signed_at AND p.signer_name = NEW.signer_name AND p.body_sha256 = NEW.body_sha256)",
        "only a signature that stands is taken back",
    ),
    "former_signature_frozen": (
        "contract_former_signature",
        "UPDATE",
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
        "evaluation",
        "UPDATE",
        "OLD.state = 'confirmed' AND (NEW.ratio_bp <> OLD.ratio_bp OR NEW.score <> OLD.score)"
        " AND EXISTS (SELECT 1 FROM settlement_line l JOIN ledger_entry e ON e.line_id = l.id"
        " WHERE l.contract_id = OLD.contract_id AND l.for_quarter = OLD.quarter)",
        "an evaluation that was paid by keeps its score",
    ),
    "draw_frozen": (
        "double_draw",
        "UPDATE",
        "NEW.seed <> OLD.seed OR NEW.seed_sha256 <> OLD.seed_sha256 OR NEW.percent <> OLD.percent OR NEW.month <> OLD.month"
        " OR (OLD.closed_at IS NOT NULL AND (NEW.entries <> OLD.entries OR NEW.drawn <> OLD.drawn))",
        "a committed seed and a closed list never change",
    ),
    "rule_frozen": (
        "rule_document",
        "UPDATE",
        "OLD.state = 'published' AND (NEW.body <> OLD.body OR NEW.sha256 <> OLD.sha256"
        " OR NEW.in_force_from <> OLD.in_force_from OR NEW.state <> OLD.state)",
        "a published rule never changes",
    ),
}
KEPT = (
    "audit_entry",
    "settlement_line",
    "ledger_entry",
    "contract_event",
    "checklist_note",
    "password_history",
    "settlement_approval",
    "payment_order",
    "payment",
    "payment_line",
    "bank_import",
    "late_return",
    "spot_check_draw",
    "settlement_inputs",
    "settlement_archive",
    "contract_seal",
    "contract_observation",
    "contract_breach",
    "contract_file",
    "contract_paper",
    "contract_substitute",
    "contract_former_signature",
    "care_grade",
    "settlement",
    "contract",
    "contract_party",
    "evaluation",
    "assessment_sheet",
    "rule_document",
    "double_draw",
    "resident",
    "caregiver",
    "sheet_pair",
    "sheet_pair_member",
    "care_profile",
    "shift_handover",
    "incident_step",
    "care_recording",
    "house_hours",
    "presence_card",
    "odd_pattern",
    "device",
    "sync_record",
    "sync_receipt",
)
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
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {test} RETURN {back}; END $$")
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


def upgrade() -> None:
    op.create_table(
        "area",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("search", sa.String(length=240), nullable=False),
        sa.Column("parent_code", sa.String(length=12), nullable=True),
        sa.Column(
            "level",
            sa.Enum(
                "province",
                "prefecture",
                "county",
                "township",
                "village",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.CheckConstraint("length(code) IN (2, 4, 6, 9, 12)", name=op.f("ck_area_code_length")),
        sa.ForeignKeyConstraint(["parent_code"], ["area.code"], name=op.f("fk_area_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_area")),
    )
    with op.batch_alter_table("area", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_area_parent_code"), ["parent_code"], unique=False)

    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("object_type", sa.String(length=48), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_entry_hash")),
        sa.UniqueConstraint("prev_hash", name=op.f("uq_audit_entry_prev_hash")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_audit_entry_act"), ["act"], unique=False)
        batch_op.create_index(op.f("ix_audit_entry_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(op.f("ix_audit_entry_at"), ["at"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "job_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("job", sa.String(length=48), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ok", sa.Boolean(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
        sa.UniqueConstraint("job", "period", name=op.f("uq_job_run_job_period")),
    )
    op.create_table(
        "key_in_use",
        sa.Column("key_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("check_value", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_key_in_use")),
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.String(length=48), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_attempt_address_at", ["address", "at"], unique=False)
        batch_op.create_index("ix_sign_in_attempt_username_at", ["username", "at"], unique=False)

    op.create_table(
        "organisation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "county_government",
                "township_government",
                "civil_affairs",
                "village_committee",
                "institution",
                "assessment_agency",
                "volunteer_group",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("search", sa.String(length=360), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=True),
        sa.Column("contact_name", sa.String(length=80), nullable=True),
        sa.Column("phone_enc", sa.LargeBinary(), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("beds", sa.Integer(), nullable=True),
        sa.Column("bank_name", sa.String(length=80), nullable=True),
        sa.Column("bank_account_enc", sa.LargeBinary(), nullable=True),
        sa.Column("bank_tail", sa.String(length=4), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_organisation_area_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_organisation_credit_code")),
        sa.UniqueConstraint("uid", name=op.f("uq_organisation_uid")),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_organisation_area_code"), ["area_code"], unique=False)

    op.create_table(
        "room",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("institution_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["organisation.id"], name=op.f("fk_room_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.UniqueConstraint("institution_id", "name", name=op.f("uq_room_institution_id_name")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("search", sa.String(length=360), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "assessor",
                "institution_manager",
                "care_worker",
                "caregiver",
                "village_officer",
                "volunteer",
                "township_officer",
                "county_officer",
                "county_reviewer",
                "auditor",
                "system_admin",
                "security_admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("area_code", sa.String(length=12), nullable=True),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("person_key", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("totp_enc", sa.LargeBinary(), nullable=True),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("role_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("role_confirmed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("initial_password_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.CheckConstraint("username = lower(username)", name=op.f("ck_user_account_username_lower")),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_user_account_area_code")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_user_account_created_by")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_user_account_organisation_id")),
        sa.ForeignKeyConstraint(
            ["role_confirmed_by"], ["user_account.id"], name=op.f("fk_user_account_role_confirmed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("uid", name=op.f("uq_user_account_uid")),
        sa.UniqueConstraint("username", name=op.f("uq_user_account_username")),
    )
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_user_account_person_key"), ["person_key"], unique=False)

    op.create_table(
        "api_token",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_api_token_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_api_token_user_id"), ["user_id"], unique=False)

    op.create_table(
        "assessor",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("search", sa.String(length=360), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("qualification", sa.String(length=24), nullable=False),
        sa.Column("certificate_number", sa.String(length=64), nullable=False),
        sa.Column("certificate_valid_to", sa.Date(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_assessor_area_code")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_assessor_organisation_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_assessor_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessor")),
        sa.UniqueConstraint("user_id", name=op.f("uq_assessor_user_id")),
    )
    with op.batch_alter_table("assessor", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_assessor_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "bed",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("room_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_bed_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bed")),
        sa.UniqueConstraint("room_id", "name", name=op.f("uq_bed_room_id_name")),
    )
    op.create_table(
        "caregiver",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("search", sa.String(length=360), nullable=False),
        sa.Column(
            "sex", sa.Enum("1", "2", name="sex", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("id_number_enc", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_index", sa.String(length=64), nullable=True),
        sa.Column("id_tail", sa.String(length=4), nullable=True),
        sa.Column("phone_enc", sa.LargeBinary(), nullable=True),
        sa.Column("bank_name", sa.String(length=80), nullable=True),
        sa.Column("bank_account_enc", sa.LargeBinary(), nullable=True),
        sa.Column("bank_tail", sa.String(length=4), nullable=True),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("institution_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "tier",
            sa.Enum("T1", "T2", "T3", name="tier", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("tier_passed_on", sa.Date(), nullable=True),
        sa.Column("tier_valid_to", sa.Date(), nullable=True),
        sa.Column("health_check_on", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_caregiver_area_code")),
        sa.ForeignKeyConstraint(["institution_id"], ["organisation.id"], name=op.f("fk_caregiver_institution_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_caregiver_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caregiver")),
        sa.UniqueConstraint("id_number_index", name=op.f("uq_caregiver_id_number_index")),
        sa.UniqueConstraint("number", name=op.f("uq_caregiver_number")),
        sa.UniqueConstraint("uid", name=op.f("uq_caregiver_uid")),
        sa.UniqueConstraint("user_id", name=op.f("uq_caregiver_user_id")),
    )
    with op.batch_alter_table("caregiver", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_caregiver_area_code"), ["area_code"], unique=False)
        batch_op.create_index(op.f("ix_caregiver_id_tail"), ["id_tail"], unique=False)
        batch_op.create_index(op.f("ix_caregiver_institution_id"), ["institution_id"], unique=False)

    op.create_table(
        "device",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_key", sa.String(length=130), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("token_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "active", "blocked", "forgotten", name="state", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("changed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("taken", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["user_account.id"], name=op.f("fk_device_changed_by")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_device_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_device_token_hash")),
        sa.UniqueConstraint("uid", name=op.f("uq_device_uid")),
    )
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_device_user_id"), ["user_id"], unique=False)

    op.create_table(
        "double_draw",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("seed_sha256", sa.String(length=64), nullable=False),
        sa.Column("committed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entries", sa.Text(), nullable=True),
        sa.Column("entries_sha256", sa.String(length=64), nullable=True),
        sa.Column("drawn", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "closed_at IS NULL OR (entries IS NOT NULL AND drawn IS NOT NULL)", name=op.f("ck_double_draw_closed")
        ),
        sa.CheckConstraint("percent BETWEEN 10 AND 100", name=op.f("ck_double_draw_share")),
        sa.ForeignKeyConstraint(["closed_by"], ["user_account.id"], name=op.f("fk_double_draw_closed_by")),
        sa.ForeignKeyConstraint(["committed_by"], ["user_account.id"], name=op.f("fk_double_draw_committed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_double_draw")),
        sa.UniqueConstraint("month", name=op.f("uq_double_draw_month")),
    )
    op.create_table(
        "house_hours",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("institution_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("begins", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["user_account.id"], name=op.f("fk_house_hours_decided_by")),
        sa.ForeignKeyConstraint(["institution_id"], ["organisation.id"], name=op.f("fk_house_hours_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_house_hours")),
        sa.UniqueConstraint("institution_id", "version", name=op.f("uq_house_hours_institution_id_version")),
    )
    op.create_table(
        "import_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("imported", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_import_run_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_table(
        "issued_document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=48), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["issued_by"], ["user_account.id"], name=op.f("fk_issued_document_issued_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_document")),
        sa.UniqueConstraint("number", "fingerprint", name=op.f("uq_issued_document_number_fingerprint")),
        sa.UniqueConstraint("token", name=op.f("uq_issued_document_token")),
    )
    with op.batch_alter_table("issued_document", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_issued_document_number"), ["number"], unique=False)

    op.create_table(
        "password_history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_password_history_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_history")),
    )
    with op.batch_alter_table("password_history", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_password_history_user_id"), ["user_id"], unique=False)

    op.create_table(
        "rule_document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title_zh", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft", "published", "rejected", name="state", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("drafted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["user_account.id"], name=op.f("fk_rule_document_decided_by")),
        sa.ForeignKeyConstraint(["drafted_by"], ["user_account.id"], name=op.f("fk_rule_document_drafted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_document")),
        sa.UniqueConstraint("kind", "code", "version", name=op.f("uq_rule_document_kind_code_version")),
    )
    with op.batch_alter_table("rule_document", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_rule_document_kind"), ["kind"], unique=False)

    op.create_table(
        "settlement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("quarter", sa.String(length=7), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "calculated",
                "submitted",
                "approved",
                "paying",
                "reconciled",
                "closed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("inputs_sha256", sa.String(length=64), nullable=True),
        sa.Column("due_fen", sa.BigInteger(), nullable=False),
        sa.Column("pay_fen", sa.BigInteger(), nullable=False),
        sa.Column("withheld_fen", sa.BigInteger(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("lines_count", sa.Integer(), nullable=False),
        sa.Column("blocked_count", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calculated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("calculated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("submitted_by_person", sa.String(length=64), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_by_person", sa.String(length=64), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("paid_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("payment_reference", sa.String(length=80), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("audit_head", sa.String(length=64), nullable=True),
        sa.Column("rejection_reason", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'paying', 'reconciled', 'closed') OR approved_by_person <> submitted_by_person",
            name=op.f("ck_settlement_two_people"),
        ),
        sa.CheckConstraint("due_fen = pay_fen + withheld_fen", name=op.f("ck_settlement_sums")),
        sa.ForeignKeyConstraint(["approved_by"], ["user_account.id"], name=op.f("fk_settlement_approved_by")),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_settlement_area_code")),
        sa.ForeignKeyConstraint(["asked_by"], ["user_account.id"], name=op.f("fk_settlement_asked_by")),
        sa.ForeignKeyConstraint(["calculated_by"], ["user_account.id"], name=op.f("fk_settlement_calculated_by")),
        sa.ForeignKeyConstraint(["closed_by"], ["user_account.id"], name=op.f("fk_settlement_closed_by")),
        sa.ForeignKeyConstraint(["paid_by"], ["user_account.id"], name=op.f("fk_settlement_paid_by")),
        sa.ForeignKeyConstraint(["submitted_by"], ["user_account.id"], name=op.f("fk_settlement_submitted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
        sa.UniqueConstraint("quarter", "area_code", name=op.f("uq_settlement_quarter_area_code")),
    )
    op.create_table(
        "shift_handover",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("institution_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shift", sa.String(length=8), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("note_enc", sa.LargeBinary(), nullable=True),
        sa.Column("given_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("given_by_person", sa.String(length=64), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.CheckConstraint("shift IN ('early', 'late', 'night')", name=op.f("ck_shift_handover_shift")),
        sa.ForeignKeyConstraint(["given_by"], ["user_account.id"], name=op.f("fk_shift_handover_given_by")),
        sa.ForeignKeyConstraint(["institution_id"], ["organisation.id"], name=op.f("fk_shift_handover_institution_id")),
        sa.ForeignKeyConstraint(["received_by"], ["user_account.id"], name=op.f("fk_shift_handover_received_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_handover")),
        sa.UniqueConstraint("institution_id", "day", "shift", name=op.f("uq_shift_handover_institution_id_day_shift")),
        sa.UniqueConstraint("uid", name=op.f("uq_shift_handover_uid")),
    )
    op.create_table(
        "spot_check_draw",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("quarter", sa.String(length=7), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("committed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("frame", sa.Text(), nullable=False),
        sa.Column("frame_sha256", sa.String(length=64), nullable=True),
        sa.Column("drawn", sa.Text(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drawn_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["committed_by"], ["user_account.id"], name=op.f("fk_spot_check_draw_committed_by")),
        sa.ForeignKeyConstraint(["drawn_by"], ["user_account.id"], name=op.f("fk_spot_check_draw_drawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check_draw")),
        sa.UniqueConstraint("quarter", name=op.f("uq_spot_check_draw_quarter")),
    )
    op.create_table(
        "training_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("course", sa.String(length=24), nullable=False),
        sa.Column(
            "tier",
            sa.Enum("T1", "T2", "T3", name="tier", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("rule_sha256", sa.String(length=64), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("parts", sa.SmallInteger(), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("teacher", sa.String(length=80), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("institution_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "recorded",
                "closed",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recorded_by_person", sa.String(length=64), nullable=True),
        sa.Column("closed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("parts BETWEEN 1 AND 40", name=op.f("ck_training_session_parts")),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_training_session_area_code")),
        sa.ForeignKeyConstraint(["closed_by"], ["user_account.id"], name=op.f("fk_training_session_closed_by")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_training_session_created_by")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["organisation.id"], name=op.f("fk_training_session_institution_id")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["user_account.id"], name=op.f("fk_training_session_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_session")),
    )
    with op.batch_alter_table("training_session", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_training_session_held_on"), ["held_on"], unique=False)

    op.create_table(
        "web_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_factor_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("needs_second_factor", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_web_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_web_session_token_hash")),
    )
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_web_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "bank_import",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("settlement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["user_account.id"], name=op.f("fk_bank_import_made_by")),
        sa.ForeignKeyConstraint(["settlement_id"], ["settlement.id"], name=op.f("fk_bank_import_settlement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_import")),
        sa.UniqueConstraint("settlement_id", "sha256", name=op.f("uq_bank_import_settlement_id_sha256")),
    )
    with op.batch_alter_table("bank_import", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_bank_import_settlement_id"), ["settlement_id"], unique=False)

    op.create_table(
        "care_standing",
        sa.Column("caregiver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("residents", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["caregiver_id"], ["caregiver.id"], name=op.f("fk_care_standing_caregiver_id")),
        sa.PrimaryKeyConstraint("caregiver_id", name=op.f("pk_care_standing")),
    )
    op.create_table(
        "caregiver_term",
        sa.Column("term", sa.String(length=5), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("caregiver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["caregiver_id"], ["caregiver.id"], name=op.f("fk_caregiver_term_caregiver_id")),
        sa.PrimaryKeyConstraint("term", "area_code", "caregiver_id", name=op.f("pk_caregiver_term")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "credential",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("caregiver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "training",
                "health_check",
                "care_worker",
                "first_aid",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "tier",
            sa.Enum("T1", "T2", "T3", name="tier", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("issuer", sa.String(length=120), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("fit", sa.Boolean(), nullable=True),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_reason", sa.String(length=200), nullable=True),
        sa.Column("recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'training') = (tier IS NOT NULL)", name=op.f("ck_credential_tier_of_training")),
        sa.CheckConstraint("kind <> 'training' OR valid_to IS NOT NULL", name=op.f("ck_credential_training_ends")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= issued_on", name=op.f("ck_credential_order")),
        sa.CheckConstraint(
            "withdrawn_on IS NULL OR withdrawn_reason IS NOT NULL", name=op.f("ck_credential_withdrawn_why")
        ),
        sa.ForeignKeyConstraint(["caregiver_id"], ["caregiver.id"], name=op.f("fk_credential_caregiver_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["user_account.id"], name=op.f("fk_credential_recorded_by")),
        sa.ForeignKeyConstraint(["session_id"], ["training_session.id"], name=op.f("fk_credential_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
        sa.UniqueConstraint("caregiver_id", "kind", "number", name=op.f("uq_credential_caregiver_id_kind_number")),
    )
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_credential_session_id"), ["session_id"], unique=False)
        batch_op.create_index("ix_credential_valid_to_id", ["valid_to", "id"], unique=False)

    op.create_table(
        "payment_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("settlement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=35), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_by_person", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["user_account.id"], name=op.f("fk_payment_order_made_by")),
        sa.ForeignKeyConstraint(["settlement_id"], ["settlement.id"], name=op.f("fk_payment_order_settlement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_order")),
        sa.UniqueConstraint("message_id", name=op.f("uq_payment_order_message_id")),
        sa.UniqueConstraint("settlement_id", "number", name=op.f("uq_payment_order_settlement_id_number")),
    )
    with op.batch_alter_table("payment_order", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_payment_order_settlement_id"), ["settlement_id"], unique=False)

    op.create_table(
        "resident",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("search", sa.String(length=360), nullable=False),
        sa.Column(
            "sex", sa.Enum("1", "2", name="sex", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("id_number_enc", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_index", sa.String(length=64), nullable=True),
        sa.Column("id_tail", sa.String(length=4), nullable=True),
        sa.Column("ethnicity", sa.String(length=2), nullable=False),
        sa.Column("education", sa.String(length=1), nullable=True),
        sa.Column("religion_enc", sa.LargeBinary(), nullable=True),
        sa.Column("marital", sa.String(length=1), nullable=True),
        sa.Column("living", sa.String(length=1), nullable=True),
        sa.Column("medical_payment", sa.Text(), nullable=False),
        sa.Column("income_sources", sa.Text(), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("address_enc", sa.LargeBinary(), nullable=True),
        sa.Column("phone_enc", sa.LargeBinary(), nullable=True),
        sa.Column("health_notes_enc", sa.LargeBinary(), nullable=True),
        sa.Column(
            "setting",
            sa.Enum("institutional", "home", name="setting", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("institution_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("caregiver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("guardian_name", sa.String(length=80), nullable=True),
        sa.Column("guardian_relation", sa.String(length=1), nullable=True),
        sa.Column("guardian_phone_enc", sa.LargeBinary(), nullable=True),
        sa.Column(
            "status",
            sa.Enum("active", "deceased", "ended", name="status", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("supported_from", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.CheckConstraint(
            "setting <> 'institutional' OR institution_id IS NOT NULL", name=op.f("ck_resident_institution_named")
        ),
        sa.CheckConstraint("status = 'active' OR ended_on IS NOT NULL", name=op.f("ck_resident_end_dated")),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_resident_area_code")),
        sa.ForeignKeyConstraint(["caregiver_id"], ["caregiver.id"], name=op.f("fk_resident_caregiver_id")),
        sa.ForeignKeyConstraint(["institution_id"], ["organisation.id"], name=op.f("fk_resident_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident")),
        sa.UniqueConstraint("id_number_index", name=op.f("uq_resident_id_number_index")),
        sa.UniqueConstraint("number", name=op.f("uq_resident_number")),
        sa.UniqueConstraint("uid", name=op.f("uq_resident_uid")),
    )
    with op.batch_alter_table("resident", schema=None) as batch_op:
        batch_op.create_index("ix_resident_area_code_id", ["area_code", "id"], unique=False)
        batch_op.create_index(op.f("ix_resident_caregiver_id"), ["caregiver_id"], unique=False)
        batch_op.create_index(op.f("ix_resident_id_tail"), ["id_tail"], unique=False)
        batch_op.create_index(op.f("ix_resident_institution_id"), ["institution_id"], unique=False)

    op.create_table(
        "roster_shift",
        sa.Column("institution_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shift", sa.String(length=16), nullable=False),
        sa.Column("caregiver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["caregiver_id"], ["caregiver.id"], name=op.f("fk_roster_shift_caregiver_id")),
        sa.ForeignKeyConstraint(["institution_id"], ["organisation.id"], name=op.f("fk_roster_shift_institution_id")),
        sa.PrimaryKeyConstraint("institution_id", "day", "shift", "caregiver_id", name=op.f("pk_roster_shift")),
    )
    op.create_table(
        "rule_effect",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "stage",
            sa.Enum("approved", "carried_out", name="stage", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("to_judge", sa.Integer(), nullable=False),
        sa.Column("month_fen", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["rule_id"], ["rule_document.id"], name=op.f("fk_rule_effect_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_effect")),
        sa.UniqueConstraint("rule_id", "stage", name=op.f("uq_rule_effect_rule_id_stage")),
    )
    op.create_table(
        "settlement_approval",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("settlement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("approved_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_by_person", sa.String(length=64), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["approved_by"], ["user_account.id"], name=op.f("fk_settlement_approval_approved_by")),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["settlement.id"], name=op.f("fk_settlement_approval_settlement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_approval")),
        sa.UniqueConstraint(
            "settlement_id",
            "submission",
            "approved_by_person",
            name=op.f("uq_settlement_approval_settlement_id_submission_approved_by_person"),
        ),
    )
    with op.batch_alter_table("settlement_approval", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_settlement_approval_settlement_id"), ["settlement_id"], unique=False)

    op.create_table(
        "settlement_archive",
        sa.Column("settlement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["settlement_id"], ["settlement.id"], name=op.f("fk_settlement_archive_settlement_id")),
        sa.PrimaryKeyConstraint("settlement_id", name=op.f("pk_settlement_archive")),
    )
    op.create_table(
        "settlement_inputs",
        sa.Column("settlement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["settlement_id"], ["settlement.id"], name=op.f("fk_settlement_inputs_settlement_id")),
        sa.PrimaryKeyConstraint("settlement_id", "run", name=op.f("pk_settlement_inputs")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("hospital", "leave", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_absence_order")),
        sa.ForeignKeyConstraint(["recorded_by"], ["user_account.id"], name=op.f("fk_absence_recorded_by")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_absence_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
        sa.UniqueConstraint("resident_id", "from_on", name=op.f("uq_absence_resident_id_from_on")),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_absence_resident_id"), ["resident_id"], unique=False)

    op.create_table(
        "assessment_sheet",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason_code", sa.String(length=1), nullable=True),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("instrument", sa.String(length=32), nullable=False),
        sa.Column("instrument_sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "sealed",
                "submitted",
                "discarded",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("first_assessor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("second_assessor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("informant_name", sa.String(length=80), nullable=True),
        sa.Column("informant_relation", sa.String(length=1), nullable=True),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("ability_level", sa.Integer(), nullable=True),
        sa.Column("statutory_grade", sa.Integer(), nullable=True),
        sa.Column("score_grade", sa.Integer(), nullable=True),
        sa.Column("proposed_grade", sa.Integer(), nullable=True),
        sa.Column("tiers_agree", sa.Boolean(), nullable=True),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_by_person", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("submitted_by_person", sa.String(length=64), nullable=True),
        sa.Column("rescored_from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "state NOT IN ('submitted', 'sealed') OR (result IS NOT NULL AND submitted_at IS NOT NULL)",
            name=op.f("ck_assessment_sheet_scored"),
        ),
        sa.CheckConstraint(
            "first_assessor_id IS NULL OR first_assessor_id <> second_assessor_id",
            name=op.f("ck_assessment_sheet_two_people"),
        ),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_assessment_sheet_created_by")),
        sa.ForeignKeyConstraint(
            ["first_assessor_id"], ["assessor.id"], name=op.f("fk_assessment_sheet_first_assessor_id")
        ),
        sa.ForeignKeyConstraint(
            ["rescored_from_id"], ["assessment_sheet.id"], name=op.f("fk_assessment_sheet_rescored_from_id")
        ),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_assessment_sheet_resident_id")),
        sa.ForeignKeyConstraint(
            ["second_assessor_id"], ["assessor.id"], name=op.f("fk_assessment_sheet_second_assessor_id")
        ),
        sa.ForeignKeyConstraint(["submitted_by"], ["user_account.id"], name=op.f("fk_assessment_sheet_submitted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_sheet")),
        sa.UniqueConstraint("client_key", name=op.f("uq_assessment_sheet_client_key")),
        sa.UniqueConstraint("number", name=op.f("uq_assessment_sheet_number")),
        sa.UniqueConstraint(
            "rescored_from_id", "instrument", name=op.f("uq_assessment_sheet_rescored_from_id_instrument")
        ),
    )
    with op.batch_alter_table("assessment_sheet", schema=None) as batch_op:
        batch_op.create_index("ix_assessment_sheet_resident_id_id", ["resident_id", "id"], unique=False)

    op.create_table(
        "belonging",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "clothes",
                "furniture",
                "aids",
                "valuables",
                "money",
                "bank_book",
                "documents",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("what", sa.String(length=120), nullable=False),
        sa.Column("quantity", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.String(length=80), nullable=True),
        sa.Column("paper", sa.String(length=80), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("given_by", sa.String(length=80), nullable=False),
        sa.Column("witness", sa.String(length=80), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "kept",
                "damaged",
                "lost",
                "returned",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("changed_on", sa.Date(), nullable=True),
        sa.Column("changed_with", sa.String(length=80), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind <> 'money' OR value IS NOT NULL", name=op.f("ck_belonging_money_counted")),
        sa.CheckConstraint("kind NOT IN ('money', 'bank_book') OR paper IS NOT NULL", name=op.f("ck_belonging_agreed")),
        sa.CheckConstraint("state = 'kept' OR changed_on IS NOT NULL", name=op.f("ck_belonging_changed_when")),
        sa.CheckConstraint("quantity BETWEEN 1 AND 999", name=op.f("ck_belonging_quantity")),
        sa.ForeignKeyConstraint(["recorded_by"], ["user_account.id"], name=op.f("fk_belonging_recorded_by")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_belonging_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_belonging")),
    )
    with op.batch_alter_table("belonging", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_belonging_resident_id"), ["resident_id"], unique=False)

    op.create_table(
        "care_profile",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("teeth", sa.String(length=16), nullable=True),
        sa.Column("denture", sa.String(length=8), nullable=True),
        sa.Column("swallow", sa.String(length=8), nullable=True),
        sa.Column("swallow_on", sa.Date(), nullable=True),
        sa.Column("residue", sa.Boolean(), nullable=False),
        sa.Column("show_at_bedside", sa.Boolean(), nullable=False),
        sa.Column("wishes_enc", sa.LargeBinary(), nullable=True),
        sa.Column("orders_enc", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by"], ["user_account.id"], name=op.f("fk_care_profile_recorded_by")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_care_profile_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_profile")),
        sa.UniqueConstraint("resident_id", "version", name=op.f("uq_care_profile_resident_id_version")),
        sa.UniqueConstraint("uid", name=op.f("uq_care_profile_uid")),
    )
    op.create_table(
        "care_recording",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("record_key", sa.String(length=110), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("surely_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.SmallInteger(), nullable=False),
        sa.Column("items", sa.SmallInteger(), nullable=False),
        sa.Column(
            "presence",
            sa.Enum("none", "card", "wrong", name="presence", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("photos", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_care_recording_resident_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_care_recording_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_recording")),
        sa.UniqueConstraint("record_key", name=op.f("uq_care_recording_record_key")),
    )
    with op.batch_alter_table("care_recording", schema=None) as batch_op:
        batch_op.create_index("ix_care_recording_resident_id_day", ["resident_id", "day"], unique=False)
        batch_op.create_index("ix_care_recording_user_id_made_at", ["user_id", "made_at"], unique=False)

    op.create_table(
        "checklist_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item", sa.String(length=3), nullable=False),
        sa.Column("times", sa.SmallInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("before", sa.String(length=16), nullable=True),
        sa.Column("extra", sa.Boolean(), nullable=False),
        sa.Column("reason_code", sa.String(length=24), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("times BETWEEN 1 AND 15", name=op.f("ck_checklist_note_times")),
        sa.ForeignKeyConstraint(["recorded_by"], ["user_account.id"], name=op.f("fk_checklist_note_recorded_by")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_checklist_note_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_note")),
    )
    with op.batch_alter_table("checklist_note", schema=None) as batch_op:
        batch_op.create_index(
            "ix_checklist_note_extra_day",
            ["day"],
            unique=False,
            sqlite_where=sa.text("extra IS 1"),
            postgresql_where=sa.text("extra IS true"),
        )
        batch_op.create_index("ix_checklist_note_resident_id_day", ["resident_id", "day"], unique=False)

    op.create_table(
        "incident",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("note_enc", sa.LargeBinary(), nullable=True),
        sa.Column("avoidable", sa.Boolean(), nullable=True),
        sa.Column("judged_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("judgement", sa.String(length=500), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["judged_by"], ["user_account.id"], name=op.f("fk_incident_judged_by")),
        sa.ForeignKeyConstraint(["reported_by"], ["user_account.id"], name=op.f("fk_incident_reported_by")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_incident_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("uid", name=op.f("uq_incident_uid")),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_incident_resident_id"), ["resident_id"], unique=False)

    op.create_table(
        "measurement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=True),
        sa.Column("skin", sa.SmallInteger(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back_reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint("skin IS NULL OR skin BETWEEN 0 AND 4", name=op.f("ck_measurement_skin")),
        sa.CheckConstraint(
            "taken_back_at IS NULL OR taken_back_reason IS NOT NULL", name=op.f("ck_measurement_taken_back_why")
        ),
        sa.CheckConstraint("weight IS NOT NULL OR skin IS NOT NULL", name=op.f("ck_measurement_something")),
        sa.CheckConstraint("weight IS NULL OR weight BETWEEN 15000 AND 250000", name=op.f("ck_measurement_weight")),
        sa.ForeignKeyConstraint(["recorded_by"], ["user_account.id"], name=op.f("fk_measurement_recorded_by")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_measurement_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurement")),
    )
    with op.batch_alter_table("measurement", schema=None) as batch_op:
        batch_op.create_index("ix_measurement_resident_id_taken_on", ["resident_id", "taken_on"], unique=False)

    op.create_table(
        "odd_pattern",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "followed", "dismissed", name="state", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason_enc", sa.LargeBinary(), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["user_account.id"], name=op.f("fk_odd_pattern_decided_by")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_odd_pattern_resident_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_odd_pattern_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_odd_pattern")),
        sa.UniqueConstraint("mark", name=op.f("uq_odd_pattern_mark")),
        sa.UniqueConstraint("uid", name=op.f("uq_odd_pattern_uid")),
    )
    with op.batch_alter_table("odd_pattern", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_odd_pattern_resident_id"), ["resident_id"], unique=False)

    op.create_table(
        "payment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("caregiver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("payee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reference", sa.String(length=35), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "bank",
                "other",
                "offset",
                "recover",
                name="method",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "sent", "paid", "failed", "returned", name="state", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("advice", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint("method NOT IN ('bank', 'other') OR fen > 0", name=op.f("ck_payment_amount")),
        sa.CheckConstraint("(caregiver_id IS NULL) <> (payee_id IS NULL)", name=op.f("ck_payment_payee")),
        sa.ForeignKeyConstraint(["caregiver_id"], ["caregiver.id"], name=op.f("fk_payment_caregiver_id")),
        sa.ForeignKeyConstraint(["order_id"], ["payment_order.id"], name=op.f("fk_payment_order_id")),
        sa.ForeignKeyConstraint(["payee_id"], ["organisation.id"], name=op.f("fk_payment_payee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("order_id", "caregiver_id", name=op.f("uq_payment_order_id_caregiver_id")),
        sa.UniqueConstraint("order_id", "payee_id", name=op.f("uq_payment_order_id_payee_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_payment_reference")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_payment_caregiver_id"), ["caregiver_id"], unique=False)
        batch_op.create_index(op.f("ix_payment_order_id"), ["order_id"], unique=False)

    op.create_table(
        "presence_card",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("serial", sa.SmallInteger(), nullable=False),
        sa.Column("printed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ended_reason", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["ended_by"], ["user_account.id"], name=op.f("fk_presence_card_ended_by")),
        sa.ForeignKeyConstraint(["printed_by"], ["user_account.id"], name=op.f("fk_presence_card_printed_by")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_presence_card_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence_card")),
        sa.UniqueConstraint("resident_id", "period", "serial", name=op.f("uq_presence_card_resident_id_period_serial")),
    )
    op.create_table(
        "resident_term",
        sa.Column("term", sa.String(length=5), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_resident_term_resident_id")),
        sa.PrimaryKeyConstraint("term", "area_code", "resident_id", name=op.f("pk_resident_term")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sheet_pair",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("blind", "conflict", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "differing",
                "agreed",
                "adjudicated",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_assessor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("second_assessor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opened_by_person", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("choices", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("settled_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("settled_by_person", sa.String(length=64), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind <> 'blind' OR (first_assessor_id <> second_assessor_id)", name=op.f("ck_sheet_pair_two_people")
        ),
        sa.CheckConstraint(
            "state <> 'adjudicated' OR (settled_by_person IS NOT NULL AND reason IS NOT NULL)",
            name=op.f("ck_sheet_pair_named"),
        ),
        sa.ForeignKeyConstraint(["first_assessor_id"], ["assessor.id"], name=op.f("fk_sheet_pair_first_assessor_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["user_account.id"], name=op.f("fk_sheet_pair_opened_by")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_sheet_pair_resident_id")),
        sa.ForeignKeyConstraint(["second_assessor_id"], ["assessor.id"], name=op.f("fk_sheet_pair_second_assessor_id")),
        sa.ForeignKeyConstraint(["settled_by"], ["user_account.id"], name=op.f("fk_sheet_pair_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_pair")),
        sa.UniqueConstraint("token", name=op.f("uq_sheet_pair_token")),
    )
    with op.batch_alter_table("sheet_pair", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_sheet_pair_first_assessor_id"), ["first_assessor_id"], unique=False)
        batch_op.create_index(op.f("ix_sheet_pair_resident_id"), ["resident_id"], unique=False)
        batch_op.create_index(op.f("ix_sheet_pair_second_assessor_id"), ["second_assessor_id"], unique=False)
        batch_op.create_index(op.f("ix_sheet_pair_state"), ["state"], unique=False)

    op.create_table(
        "stay",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("bed_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column(
            "left_for",
            sa.Enum(
                "transfer",
                "home",
                "elsewhere",
                "support_ended",
                name="left_for",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(left_on IS NULL) = (left_for IS NULL)", name=op.f("ck_stay_left_why")),
        sa.CheckConstraint("left_on IS NULL OR left_on >= from_on", name=op.f("ck_stay_order")),
        sa.ForeignKeyConstraint(["bed_id"], ["bed.id"], name=op.f("fk_stay_bed_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["user_account.id"], name=op.f("fk_stay_recorded_by")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_stay_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay")),
    )
    with op.batch_alter_table("stay", schema=None) as batch_op:
        batch_op.create_index("ix_stay_bed_id_from_on", ["bed_id", "from_on"], unique=False)
        batch_op.create_index("ix_stay_resident_id_from_on", ["resident_id", "from_on"], unique=False)
        batch_op.create_index(
            "uq_stay_bed_id_open",
            ["bed_id"],
            unique=True,
            sqlite_where=sa.text("left_on IS NULL"),
            postgresql_where=sa.text("left_on IS NULL"),
        )
        batch_op.create_index(
            "uq_stay_resident_id_open",
            ["resident_id"],
            unique=True,
            sqlite_where=sa.text("left_on IS NULL"),
            postgresql_where=sa.text("left_on IS NULL"),
        )

    op.create_table(
        "sync_record",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("of_key", sa.String(length=64), nullable=True),
        sa.Column("signature", sa.String(length=100), nullable=False),
        sa.Column("text_enc", sa.LargeBinary(), nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "clock",
            sa.Enum("plausible", "ahead", "behind", name="clock", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "route",
            sa.Enum("direct", "courier", name="route", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("brought_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["brought_by"], ["user_account.id"], name=op.f("fk_sync_record_brought_by")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_sync_record_device_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_sync_record_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_record")),
        sa.UniqueConstraint("device_id", "counter", "hash", name=op.f("uq_sync_record_device_id_counter_hash")),
        sa.UniqueConstraint("uid", name=op.f("uq_sync_record_uid")),
    )
    with op.batch_alter_table("sync_record", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_sync_record_hash"), ["hash"], unique=False)
        batch_op.create_index(op.f("ix_sync_record_key"), ["key"], unique=False)
        batch_op.create_index(op.f("ix_sync_record_received_at"), ["received_at"], unique=False)
        batch_op.create_index(op.f("ix_sync_record_resident_id"), ["resident_id"], unique=False)

    op.create_table(
        "tier_override",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("caregiver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "tier",
            sa.Enum("T1", "T2", "T3", name="tier", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("granted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("granted_by_name", sa.String(length=80), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint("ended_on IS NULL OR end_reason IS NOT NULL", name=op.f("ck_tier_override_ended_why")),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_tier_override_order")),
        sa.ForeignKeyConstraint(["caregiver_id"], ["caregiver.id"], name=op.f("fk_tier_override_caregiver_id")),
        sa.ForeignKeyConstraint(["granted_by"], ["user_account.id"], name=op.f("fk_tier_override_granted_by")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_tier_override_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_override")),
    )
    with op.batch_alter_table("tier_override", schema=None) as batch_op:
        batch_op.create_index(
            "ix_tier_override_caregiver_id_resident_id", ["caregiver_id", "resident_id"], unique=False
        )

    op.create_table(
        "training_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("caregiver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attended", sa.SmallInteger(), nullable=True),
        sa.Column("points", sa.SmallInteger(), nullable=True),
        sa.Column("credential_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("attended IS NULL OR attended BETWEEN 0 AND 40", name=op.f("ck_training_entry_attended")),
        sa.CheckConstraint("points IS NULL OR points BETWEEN 0 AND 100", name=op.f("ck_training_entry_points")),
        sa.ForeignKeyConstraint(["caregiver_id"], ["caregiver.id"], name=op.f("fk_training_entry_caregiver_id")),
        sa.ForeignKeyConstraint(["credential_id"], ["credential.id"], name=op.f("fk_training_entry_credential_id")),
        sa.ForeignKeyConstraint(["session_id"], ["training_session.id"], name=op.f("fk_training_entry_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_entry")),
        sa.UniqueConstraint("session_id", "caregiver_id", name=op.f("uq_training_entry_session_id_caregiver_id")),
    )
    with op.batch_alter_table("training_entry", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_training_entry_caregiver_id"), ["caregiver_id"], unique=False)

    op.create_table(
        "visit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("visitor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("ate_together", sa.Boolean(), nullable=False),
        sa.Column("talked", sa.Boolean(), nullable=False),
        sa.Column("caregiver_present", sa.Boolean(), nullable=False),
        sa.Column("satisfaction", sa.SmallInteger(), nullable=True),
        sa.Column("neighbour_view", sa.SmallInteger(), nullable=True),
        sa.Column("clean", sa.Boolean(), nullable=True),
        sa.Column("skin", sa.Boolean(), nullable=True),
        sa.Column("steady", sa.Boolean(), nullable=True),
        sa.Column("problem", sa.Boolean(), nullable=False),
        sa.Column("voice", sa.Text(), nullable=True),
        sa.Column("note_enc", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.CheckConstraint(
            "neighbour_view IS NULL OR neighbour_view BETWEEN 0 AND 5", name=op.f("ck_visit_neighbour_view")
        ),
        sa.CheckConstraint("satisfaction IS NULL OR satisfaction BETWEEN 0 AND 5", name=op.f("ck_visit_satisfaction")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_visit_resident_id")),
        sa.ForeignKeyConstraint(["visitor_id"], ["user_account.id"], name=op.f("fk_visit_visitor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint(
            "resident_id", "visitor_id", "visited_on", name=op.f("uq_visit_resident_id_visitor_id_visited_on")
        ),
        sa.UniqueConstraint("uid", name=op.f("uq_visit_uid")),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_visit_resident_id"), ["resident_id"], unique=False)
        batch_op.create_index(op.f("ix_visit_visited_on"), ["visited_on"], unique=False)

    op.create_table(
        "grade_proposal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("sheet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "review",
                "proposed",
                "decided",
                "returned",
                "set_aside",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("proposed_grade", sa.Integer(), nullable=False),
        sa.Column("review_reason", sa.Text(), nullable=True),
        sa.Column("reviewed_grade", sa.Integer(), nullable=True),
        sa.Column("reviewed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reviewed_by_person", sa.String(length=64), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("decided_grade", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_by_person", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state <> 'decided' OR decided_by IS NOT NULL", name=op.f("ck_grade_proposal_named")),
        sa.CheckConstraint(
            "decided_grade IS NULL OR decided_grade BETWEEN 1 AND 3", name=op.f("ck_grade_proposal_decided")
        ),
        sa.CheckConstraint("proposed_grade BETWEEN 1 AND 3", name=op.f("ck_grade_proposal_proposed")),
        sa.ForeignKeyConstraint(["decided_by"], ["user_account.id"], name=op.f("fk_grade_proposal_decided_by")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_grade_proposal_resident_id")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["user_account.id"], name=op.f("fk_grade_proposal_reviewed_by")),
        sa.ForeignKeyConstraint(["sheet_id"], ["assessment_sheet.id"], name=op.f("fk_grade_proposal_sheet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_proposal")),
        sa.UniqueConstraint("sheet_id", name=op.f("uq_grade_proposal_sheet_id")),
    )
    with op.batch_alter_table("grade_proposal", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_grade_proposal_resident_id"), ["resident_id"], unique=False)

    op.create_table(
        "incident_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("incident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text_enc", sa.LargeBinary(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_step_incident_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["user_account.id"], name=op.f("fk_incident_step_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_step")),
        sa.UniqueConstraint("uid", name=op.f("uq_incident_step_uid")),
    )
    with op.batch_alter_table("incident_step", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_incident_step_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "late_return",
        sa.Column(
            "payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("settlement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["noted_by"], ["user_account.id"], name=op.f("fk_late_return_noted_by")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_late_return_payment_id")),
        sa.ForeignKeyConstraint(["settlement_id"], ["settlement.id"], name=op.f("fk_late_return_settlement_id")),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_late_return")),
    )
    with op.batch_alter_table("late_return", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_late_return_settlement_id"), ["settlement_id"], unique=False)

    op.create_table(
        "reassessment_due",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("closed_by_sheet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["closed_by_sheet_id"], ["assessment_sheet.id"], name=op.f("fk_reassessment_due_closed_by_sheet_id")
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["user_account.id"], name=op.f("fk_reassessment_due_opened_by")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_reassessment_due_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reassessment_due")),
        sa.UniqueConstraint(
            "resident_id", "cause", "due_on", name=op.f("uq_reassessment_due_resident_id_cause_due_on")
        ),
    )
    op.create_table(
        "sheet_pair_member",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("pair_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sheet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "role",
            sa.Enum("version", "result", name="role", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["sheet_pair.id"], name=op.f("fk_sheet_pair_member_pair_id")),
        sa.ForeignKeyConstraint(["sheet_id"], ["assessment_sheet.id"], name=op.f("fk_sheet_pair_member_sheet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_pair_member")),
        sa.UniqueConstraint("pair_id", "sheet_id", name=op.f("uq_sheet_pair_member_pair_id_sheet_id")),
    )
    with op.batch_alter_table("sheet_pair_member", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_sheet_pair_member_sheet_id"), ["sheet_id"], unique=False)

    op.create_table(
        "sync_receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "accepted", "refused", "conflict", name="verdict", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "code",
            sa.Enum(
                "ok",
                "sealed",
                "routed",
                "blocked",
                "unreadable",
                "signature",
                "counter",
                "kind",
                "schema",
                "not_found",
                "state",
                "trace",
                "invalid",
                "pair_changed",
                "conflict",
                "adjudicated",
                "settled",
                name="code",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=True),
        sa.Column("routed_to", sa.String(length=120), nullable=True),
        sa.Column("result_sha256", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_sync_receipt_number")),
        sa.ForeignKeyConstraint(["record_id"], ["sync_record.id"], name=op.f("fk_sync_receipt_record_id")),
        sa.ForeignKeyConstraint(["said_by"], ["user_account.id"], name=op.f("fk_sync_receipt_said_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_receipt")),
        sa.UniqueConstraint("record_id", "number", name=op.f("uq_sync_receipt_record_id_number")),
    )
    with op.batch_alter_table("sync_receipt", schema=None) as batch_op:
        batch_op.create_index("ix_sync_receipt_verdict_code", ["verdict", "code"], unique=False)

    op.create_table(
        "care_grade",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("instrument", sa.String(length=32), nullable=False),
        sa.Column("instrument_sha256", sa.String(length=64), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("grade BETWEEN 1 AND 3", name=op.f("ck_care_grade_grade")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_care_grade_order")),
        sa.ForeignKeyConstraint(["proposal_id"], ["grade_proposal.id"], name=op.f("fk_care_grade_proposal_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_care_grade_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_grade")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_care_grade_proposal_id")),
        sa.UniqueConstraint("resident_id", "valid_from", name=op.f("uq_care_grade_resident_id_valid_from")),
    )
    op.create_table(
        "care_plan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("grade_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "setting",
            sa.Enum("institutional", "home", name="setting", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft", "approved", "replaced", name="state", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("standard_code", sa.String(length=64), nullable=False),
        sa.Column("standard_sha256", sa.String(length=64), nullable=False),
        sa.Column("personal_sha256", sa.String(length=64), nullable=True),
        sa.Column("profile_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("risks", sa.Text(), nullable=False),
        sa.Column("texture", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Text(), nullable=True),
        sa.Column("night", sa.Text(), nullable=False),
        sa.Column("signed", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("drafted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("drafted_by_person", sa.String(length=64), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_care_plan_order")),
        sa.ForeignKeyConstraint(["approved_by"], ["user_account.id"], name=op.f("fk_care_plan_approved_by")),
        sa.ForeignKeyConstraint(["drafted_by"], ["user_account.id"], name=op.f("fk_care_plan_drafted_by")),
        sa.ForeignKeyConstraint(["grade_id"], ["care_grade.id"], name=op.f("fk_care_plan_grade_id")),
        sa.ForeignKeyConstraint(["profile_id"], ["care_profile.id"], name=op.f("fk_care_plan_profile_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_care_plan_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_plan")),
        sa.UniqueConstraint("number", name=op.f("uq_care_plan_number")),
    )
    with op.batch_alter_table("care_plan", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_care_plan_resident_id"), ["resident_id"], unique=False)

    op.create_table(
        "grade_appeal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("grade_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "assessed",
                "confirmed",
                "changed",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "by",
            sa.Enum(
                "resident", "guardian", "institution", name="by", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("filed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decide_by", sa.Date(), nullable=False),
        sa.Column("rule_sha256", sa.String(length=64), nullable=False),
        sa.Column("second_sheet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("outcome_grade", sa.Integer(), nullable=True),
        sa.Column("outcome_reason", sa.Text(), nullable=True),
        sa.Column("closed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state NOT IN ('confirmed', 'changed') OR (outcome_grade IS NOT NULL AND second_sheet_id IS NOT NULL)",
            name=op.f("ck_grade_appeal_decided"),
        ),
        sa.CheckConstraint(
            "outcome_grade IS NULL OR outcome_grade BETWEEN 1 AND 3", name=op.f("ck_grade_appeal_outcome")
        ),
        sa.ForeignKeyConstraint(["closed_by"], ["user_account.id"], name=op.f("fk_grade_appeal_closed_by")),
        sa.ForeignKeyConstraint(["filed_by"], ["user_account.id"], name=op.f("fk_grade_appeal_filed_by")),
        sa.ForeignKeyConstraint(["grade_id"], ["care_grade.id"], name=op.f("fk_grade_appeal_grade_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_grade_appeal_resident_id")),
        sa.ForeignKeyConstraint(
            ["second_sheet_id"], ["assessment_sheet.id"], name=op.f("fk_grade_appeal_second_sheet_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_appeal")),
        sa.UniqueConstraint("grade_id", name=op.f("uq_grade_appeal_grade_id")),
    )
    with op.batch_alter_table("grade_appeal", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_grade_appeal_resident_id"), ["resident_id"], unique=False)

    op.create_table(
        "checklist_day",
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("excused", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("caregiver_id", sa.Integer(), nullable=True),
        sa.Column("not_done_mask", sa.SmallInteger(), nullable=False),
        sa.Column("late_mask", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(
            "done BETWEEN 0 AND 281474976710655 AND excused BETWEEN 0 AND 281474976710655",
            name=op.f("ck_checklist_day_twelve"),
        ),
        sa.CheckConstraint(
            "not_done_mask BETWEEN 0 AND 4095 AND late_mask BETWEEN 0 AND 4095", name=op.f("ck_checklist_day_masks")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["care_plan.id"], name=op.f("fk_checklist_day_plan_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_checklist_day_resident_id")),
        sa.PrimaryKeyConstraint("day", "resident_id", name=op.f("pk_checklist_day")),
    )
    op.create_table(
        "contract",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("caregiver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("institution_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("grade_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "setting",
            sa.Enum("institutional", "home", name="setting", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "signing",
                "in_force",
                "suspended",
                "amended",
                "ended",
                "archived",
                "void",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("pay_table_sha256", sa.String(length=64), nullable=False),
        sa.Column("scorecard_sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("drafted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_force_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_force_from", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column(
            "end_cause",
            sa.Enum(
                "death",
                "move",
                "withdrawal",
                "breach",
                "recovery",
                "caregiver",
                "term",
                "other",
                name="end_cause",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("end_reason", sa.String(length=200), nullable=True),
        sa.Column("replace_by", sa.Date(), nullable=True),
        sa.Column("amends_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("ended_on IS NULL OR ended_on >= valid_from", name=op.f("ck_contract_end")),
        sa.CheckConstraint("payee_id IS NULL OR payee_id = institution_id", name=op.f("ck_contract_payee")),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_contract_order")),
        sa.ForeignKeyConstraint(["amends_id"], ["contract.id"], name=op.f("fk_contract_amends_id")),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_contract_area_code")),
        sa.ForeignKeyConstraint(["caregiver_id"], ["caregiver.id"], name=op.f("fk_contract_caregiver_id")),
        sa.ForeignKeyConstraint(["drafted_by"], ["user_account.id"], name=op.f("fk_contract_drafted_by")),
        sa.ForeignKeyConstraint(["grade_id"], ["care_grade.id"], name=op.f("fk_contract_grade_id")),
        sa.ForeignKeyConstraint(["institution_id"], ["organisation.id"], name=op.f("fk_contract_institution_id")),
        sa.ForeignKeyConstraint(["payee_id"], ["organisation.id"], name=op.f("fk_contract_payee_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["care_plan.id"], name=op.f("fk_contract_plan_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_contract_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("number", name=op.f("uq_contract_number")),
    )
    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_contract_amends_id"), ["amends_id"], unique=False)
        batch_op.create_index("ix_contract_area_code_id", ["area_code", "id"], unique=False)
        batch_op.create_index(op.f("ix_contract_caregiver_id"), ["caregiver_id"], unique=False)
        batch_op.create_index(op.f("ix_contract_institution_id"), ["institution_id"], unique=False)
        batch_op.create_index(op.f("ix_contract_resident_id"), ["resident_id"], unique=False)

    op.create_table(
        "contract_breach",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column(
            "party",
            sa.Enum(
                "P1",
                "P2",
                "P3",
                "P4",
                "P5",
                "P6",
                "P7",
                name="party",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("clause", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column(
            "standing",
            sa.Enum(
                "kept", "late", "missed", "ahead", name="standing", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("act_due_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "answered", "dropped", name="state", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("answer_enc", sa.LargeBinary(), nullable=True),
        sa.Column("answered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.CheckConstraint(
            "(state = 'answered') = (answered_at IS NOT NULL)", name=op.f("ck_contract_breach_answered")
        ),
        sa.ForeignKeyConstraint(["answered_by"], ["user_account.id"], name=op.f("fk_contract_breach_answered_by")),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_contract_breach_area_code")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_breach_contract_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_breach")),
        sa.UniqueConstraint("contract_id", "clause", "what", name=op.f("uq_contract_breach_contract_id_clause_what")),
        sa.UniqueConstraint("uid", name=op.f("uq_contract_breach_uid")),
    )
    with op.batch_alter_table("contract_breach", schema=None) as batch_op:
        batch_op.create_index("ix_contract_breach_area_code_id", ["area_code", "id"], unique=False)

    op.create_table(
        "contract_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "act",
            sa.Enum(
                "draft",
                "send",
                "sign",
                "take_back",
                "complete",
                "refuse",
                "withdraw",
                "suspend",
                "resume",
                "amend",
                "end",
                "archive",
                name="act",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "from_state",
            sa.Enum(
                "draft",
                "signing",
                "in_force",
                "suspended",
                "amended",
                "ended",
                "archived",
                "void",
                name="from_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "to_state",
            sa.Enum(
                "draft",
                "signing",
                "in_force",
                "suspended",
                "amended",
                "ended",
                "archived",
                "void",
                name="to_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_contract_event_by")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_event_contract_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_event")),
    )
    with op.batch_alter_table("contract_event", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_contract_event_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "contract_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("seal", "fingerprint", "scan", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("mime", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("uploaded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data_enc", sa.LargeBinary(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.CheckConstraint("(kind = 'seal') = (contract_id IS NULL)", name=op.f("ck_contract_file_of_contract")),
        sa.CheckConstraint(
            "(kind = 'seal') = (organisation_id IS NOT NULL)", name=op.f("ck_contract_file_of_organisation")
        ),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_file_contract_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_contract_file_organisation_id")
        ),
        sa.ForeignKeyConstraint(["uploaded_by"], ["user_account.id"], name=op.f("fk_contract_file_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_file")),
        sa.UniqueConstraint("uid", name=op.f("uq_contract_file_uid")),
    )
    with op.batch_alter_table("contract_file", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_contract_file_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(op.f("ix_contract_file_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "contract_observation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("clause", sa.String(length=40), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("note_enc", sa.LargeBinary(), nullable=False),
        sa.Column("observed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_observation_contract_id")),
        sa.ForeignKeyConstraint(["observed_by"], ["user_account.id"], name=op.f("fk_contract_observation_observed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_observation")),
        sa.UniqueConstraint("uid", name=op.f("uq_contract_observation_uid")),
    )
    with op.batch_alter_table("contract_observation", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_contract_observation_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "contract_seal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("scheme", sa.String(length=32), nullable=False),
        sa.Column("certificate_sha256", sa.String(length=64), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pdf_enc", sa.LargeBinary(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_seal_contract_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_seal")),
        sa.UniqueConstraint("contract_id", name=op.f("uq_contract_seal_contract_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_contract_seal_uid")),
    )
    op.create_table(
        "contract_substitute",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("caregiver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("named_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_contract_substitute_order")),
        sa.ForeignKeyConstraint(["caregiver_id"], ["caregiver.id"], name=op.f("fk_contract_substitute_caregiver_id")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_substitute_contract_id")),
        sa.ForeignKeyConstraint(["named_by"], ["user_account.id"], name=op.f("fk_contract_substitute_named_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_substitute")),
        sa.UniqueConstraint("contract_id", "from_on", name=op.f("uq_contract_substitute_contract_id_from_on")),
    )
    with op.batch_alter_table("contract_substitute", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_contract_substitute_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "contract_suspension",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_contract_suspension_order")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_suspension_contract_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_suspension")),
        sa.UniqueConstraint("contract_id", "from_on", name=op.f("uq_contract_suspension_contract_id_from_on")),
    )
    with op.batch_alter_table("contract_suspension", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_contract_suspension_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "evaluation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quarter", sa.String(length=7), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft", "submitted", "confirmed", name="state", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("scorecard_sha256", sa.String(length=64), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("veto", sa.String(length=32), nullable=True),
        sa.Column("veto_reason", sa.Text(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("band", sa.String(length=16), nullable=True),
        sa.Column("ratio_bp", sa.Integer(), nullable=True),
        sa.Column("scored_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("scored_by_person", sa.String(length=64), nullable=True),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("agreed_by_person", sa.String(length=64), nullable=True),
        sa.Column("agreed_note", sa.String(length=500), nullable=True),
        sa.Column(
            "clock",
            sa.Enum(
                "expired", "agreed", "answered", name="clock", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.Column("confirmed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_by_person", sa.String(length=64), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "agreed_by_person IS NULL OR (agreed_by_person <> scored_by_person AND (state <> 'confirmed' OR agreed_by_person <> confirmed_by_person))",
            name=op.f("ck_evaluation_agreed_apart"),
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR (ratio_bp IS NOT NULL AND confirmed_by IS NOT NULL)",
            name=op.f("ck_evaluation_named"),
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR confirmed_by_person <> scored_by_person", name=op.f("ck_evaluation_two_people")
        ),
        sa.CheckConstraint("ratio_bp IS NULL OR ratio_bp BETWEEN 0 AND 10000", name=op.f("ck_evaluation_ratio")),
        sa.CheckConstraint("score IS NULL OR score BETWEEN 0 AND 10000", name=op.f("ck_evaluation_score")),
        sa.ForeignKeyConstraint(["agreed_by"], ["user_account.id"], name=op.f("fk_evaluation_agreed_by")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["user_account.id"], name=op.f("fk_evaluation_confirmed_by")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_evaluation_contract_id")),
        sa.ForeignKeyConstraint(["scored_by"], ["user_account.id"], name=op.f("fk_evaluation_scored_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
        sa.UniqueConstraint(
            "contract_id", "quarter", "version", name=op.f("uq_evaluation_contract_id_quarter_version")
        ),
    )
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_evaluation_open",
            ["state", "id"],
            unique=False,
            sqlite_where=sa.text("state <> 'confirmed'"),
            postgresql_where=sa.text("state <> 'confirmed'"),
        )
        batch_op.create_index(op.f("ix_evaluation_quarter"), ["quarter"], unique=False)

    op.create_table(
        "settlement_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("settlement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "quarter", "correction", "returned", name="kind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("for_quarter", sa.String(length=7), nullable=False),
        sa.Column("contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("caregiver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_fen", sa.BigInteger(), nullable=False),
        sa.Column("pay_fen", sa.BigInteger(), nullable=False),
        sa.Column("withheld_fen", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("ratio_bp", sa.Integer(), nullable=True),
        sa.Column("blocked", sa.String(length=32), nullable=True),
        sa.Column("months", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("calculated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("blocked IS NULL OR (due_fen = 0 AND pay_fen = 0)", name=op.f("ck_settlement_line_blocked")),
        sa.CheckConstraint("due_fen = pay_fen + withheld_fen", name=op.f("ck_settlement_line_sums")),
        sa.ForeignKeyConstraint(["caregiver_id"], ["caregiver.id"], name=op.f("fk_settlement_line_caregiver_id")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_settlement_line_contract_id")),
        sa.ForeignKeyConstraint(["payee_id"], ["organisation.id"], name=op.f("fk_settlement_line_payee_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_settlement_line_resident_id")),
        sa.ForeignKeyConstraint(["settlement_id"], ["settlement.id"], name=op.f("fk_settlement_line_settlement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_line")),
        sa.UniqueConstraint(
            "settlement_id", "run", "contract_id", "kind", "for_quarter", name="uq_settlement_line_run"
        ),
    )
    with op.batch_alter_table("settlement_line", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_settlement_line_caregiver_id"), ["caregiver_id"], unique=False)
        batch_op.create_index(op.f("ix_settlement_line_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(
            "ix_settlement_line_payee_id",
            ["payee_id"],
            unique=False,
            sqlite_where=sa.text("payee_id IS NOT NULL"),
            postgresql_where=sa.text("payee_id IS NOT NULL"),
        )
        batch_op.create_index("ix_settlement_line_settlement_id_run_id", ["settlement_id", "run", "id"], unique=False)

    op.create_table(
        "contract_former_signature",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "slot",
            sa.Enum(
                "P1",
                "P2",
                "P3",
                "P4",
                "P5",
                "P6",
                "P7",
                name="slot",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("signer_name", sa.String(length=80), nullable=False),
        sa.Column(
            "means",
            sa.Enum(
                "hand",
                "fingerprint",
                "guardian",
                "witnessed_mark",
                "seal",
                name="means",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "medium",
            sa.Enum("account", "table", "paper", name="medium", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "identity",
            sa.Enum(
                "account",
                "id_card",
                "support_card",
                "known",
                "vouched",
                name="identity",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("identity_note", sa.String(length=120), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("signed_by_person", sa.String(length=64), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("picture_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("scan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("strokes_enc", sa.LargeBinary(), nullable=True),
        sa.Column("others_enc", sa.LargeBinary(), nullable=True),
        sa.Column(
            "why",
            sa.Enum(
                "wrong_person",
                "unclear",
                "capacity",
                "other",
                name="why",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_contract_former_signature_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["contract_file.id"], name=op.f("fk_contract_former_signature_picture_id")
        ),
        sa.ForeignKeyConstraint(["scan_id"], ["contract_file.id"], name=op.f("fk_contract_former_signature_scan_id")),
        sa.ForeignKeyConstraint(
            ["signed_by"], ["user_account.id"], name=op.f("fk_contract_former_signature_signed_by")
        ),
        sa.ForeignKeyConstraint(
            ["taken_back_by"], ["user_account.id"], name=op.f("fk_contract_former_signature_taken_back_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_former_signature")),
        sa.UniqueConstraint("uid", name=op.f("uq_contract_former_signature_uid")),
    )
    with op.batch_alter_table("contract_former_signature", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_contract_former_signature_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "contract_paper",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "slot",
            sa.Enum(
                "P1",
                "P2",
                "P3",
                "P4",
                "P5",
                "P6",
                "P7",
                name="slot",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("scan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting", "confirmed", "rejected", name="state", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("given_enc", sa.LargeBinary(), nullable=False),
        sa.Column("filed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("filed_by_person", sa.String(length=64), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.CheckConstraint("(state = 'waiting') = (checked_at IS NULL)", name=op.f("ck_contract_paper_checked")),
        sa.CheckConstraint(
            "checked_by IS NULL OR checked_by <> filed_by", name=op.f("ck_contract_paper_second_person")
        ),
        sa.ForeignKeyConstraint(["checked_by"], ["user_account.id"], name=op.f("fk_contract_paper_checked_by")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_paper_contract_id")),
        sa.ForeignKeyConstraint(["filed_by"], ["user_account.id"], name=op.f("fk_contract_paper_filed_by")),
        sa.ForeignKeyConstraint(["scan_id"], ["contract_file.id"], name=op.f("fk_contract_paper_scan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_paper")),
        sa.UniqueConstraint("uid", name=op.f("uq_contract_paper_uid")),
    )
    with op.batch_alter_table("contract_paper", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_contract_paper_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "contract_party",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "slot",
            sa.Enum(
                "P1",
                "P2",
                "P3",
                "P4",
                "P5",
                "P6",
                "P7",
                name="slot",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("party_name", sa.String(length=120), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("signer_name", sa.String(length=80), nullable=True),
        sa.Column(
            "means",
            sa.Enum(
                "hand",
                "fingerprint",
                "guardian",
                "witnessed_mark",
                "seal",
                name="means",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("signed_by_person", sa.String(length=64), nullable=True),
        sa.Column(
            "medium",
            sa.Enum("account", "table", "paper", name="medium", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "identity",
            sa.Enum(
                "account",
                "id_card",
                "support_card",
                "known",
                "vouched",
                name="identity",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("identity_note", sa.String(length=120), nullable=True),
        sa.Column("picture_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("scan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("body_sha256", sa.String(length=64), nullable=True),
        sa.Column("carried_from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("strokes_enc", sa.LargeBinary(), nullable=True),
        sa.Column("others_enc", sa.LargeBinary(), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.CheckConstraint("(medium = 'paper') = (scan_id IS NOT NULL)", name=op.f("ck_contract_party_scan")),
        sa.CheckConstraint(
            "signed_at IS NULL OR (signer_name IS NOT NULL AND body_sha256 IS NOT NULL AND medium IS NOT NULL AND identity IS NOT NULL)",
            name=op.f("ck_contract_party_signed"),
        ),
        sa.ForeignKeyConstraint(
            ["carried_from_id"], ["contract_party.id"], name=op.f("fk_contract_party_carried_from_id")
        ),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_party_contract_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_contract_party_organisation_id")
        ),
        sa.ForeignKeyConstraint(["picture_id"], ["contract_file.id"], name=op.f("fk_contract_party_picture_id")),
        sa.ForeignKeyConstraint(["scan_id"], ["contract_file.id"], name=op.f("fk_contract_party_scan_id")),
        sa.ForeignKeyConstraint(["signed_by"], ["user_account.id"], name=op.f("fk_contract_party_signed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_party")),
        sa.UniqueConstraint("contract_id", "slot", name=op.f("uq_contract_party_contract_id_slot")),
        sa.UniqueConstraint("uid", name=op.f("uq_contract_party_uid")),
    )
    op.create_table(
        "dispute",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quarter", sa.String(length=7), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raised_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "upheld", "dismissed", name="state", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state = 'open' OR (answer IS NOT NULL AND answered_by IS NOT NULL)", name=op.f("ck_dispute_answered")
        ),
        sa.ForeignKeyConstraint(["answered_by"], ["user_account.id"], name=op.f("fk_dispute_answered_by")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_dispute_contract_id")),
        sa.ForeignKeyConstraint(["line_id"], ["settlement_line.id"], name=op.f("fk_dispute_line_id")),
        sa.ForeignKeyConstraint(["raised_by"], ["user_account.id"], name=op.f("fk_dispute_raised_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
    )
    with op.batch_alter_table("dispute", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_dispute_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(
            "uq_dispute_open",
            ["contract_id", "quarter"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("posting", sa.String(length=80), nullable=False),
        sa.Column(
            "account",
            sa.Enum(
                "programme_funds",
                "payable",
                "paid",
                "withheld",
                "recovered",
                name="account",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("quarter", sa.String(length=7), nullable=False),
        sa.Column("settlement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("caregiver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["caregiver_id"], ["caregiver.id"], name=op.f("fk_ledger_entry_caregiver_id")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_ledger_entry_contract_id")),
        sa.ForeignKeyConstraint(["line_id"], ["settlement_line.id"], name=op.f("fk_ledger_entry_line_id")),
        sa.ForeignKeyConstraint(["payee_id"], ["organisation.id"], name=op.f("fk_ledger_entry_payee_id")),
        sa.ForeignKeyConstraint(["settlement_id"], ["settlement.id"], name=op.f("fk_ledger_entry_settlement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("posting", "account", name=op.f("uq_ledger_entry_posting_account")),
    )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_ledger_entry_caregiver_id"), ["caregiver_id"], unique=False)
        batch_op.create_index(op.f("ix_ledger_entry_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(op.f("ix_ledger_entry_quarter"), ["quarter"], unique=False)
        batch_op.create_index(op.f("ix_ledger_entry_settlement_id"), ["settlement_id"], unique=False)

    op.create_table(
        "payment_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["settlement_line.id"], name=op.f("fk_payment_line_line_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_payment_line_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_line")),
        sa.UniqueConstraint("line_id", "attempt", name=op.f("uq_payment_line_line_id_attempt")),
    )
    with op.batch_alter_table("payment_line", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_payment_line_payment_id"), ["payment_id"], unique=False)

    op.execute("INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '" + "0" * 64 + "')")
    for name, table, event, condition, words in guards():
        guard(name, table, event, condition, words)


def downgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    for name, *_rest in guards():
        if postgres:
            op.execute(f"DROP FUNCTION {name}() CASCADE")  # with its triggers
        else:
            op.execute(f"DROP TRIGGER {name}")
    with op.batch_alter_table("payment_line", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_payment_line_payment_id"))

    op.drop_table("payment_line")
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_ledger_entry_settlement_id"))
        batch_op.drop_index(op.f("ix_ledger_entry_quarter"))
        batch_op.drop_index(op.f("ix_ledger_entry_contract_id"))
        batch_op.drop_index(op.f("ix_ledger_entry_caregiver_id"))

    op.drop_table("ledger_entry")
    with op.batch_alter_table("dispute", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_dispute_open", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )
        batch_op.drop_index(op.f("ix_dispute_contract_id"))

    op.drop_table("dispute")
    op.drop_table("contract_party")
    with op.batch_alter_table("contract_paper", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_contract_paper_contract_id"))

    op.drop_table("contract_paper")
    with op.batch_alter_table("contract_former_signature", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_contract_former_signature_contract_id"))

    op.drop_table("contract_former_signature")
    with op.batch_alter_table("settlement_line", schema=None) as batch_op:
        batch_op.drop_index("ix_settlement_line_settlement_id_run_id")
        batch_op.drop_index(
            "ix_settlement_line_payee_id",
            sqlite_where=sa.text("payee_id IS NOT NULL"),
            postgresql_where=sa.text("payee_id IS NOT NULL"),
        )
        batch_op.drop_index(op.f("ix_settlement_line_contract_id"))
        batch_op.drop_index(op.f("ix_settlement_line_caregiver_id"))

    op.drop_table("settlement_line")
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_evaluation_quarter"))
        batch_op.drop_index(
            "ix_evaluation_open",
            sqlite_where=sa.text("state <> 'confirmed'"),
            postgresql_where=sa.text("state <> 'confirmed'"),
        )

    op.drop_table("evaluation")
    with op.batch_alter_table("contract_suspension", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_contract_suspension_contract_id"))

    op.drop_table("contract_suspension")
    with op.batch_alter_table("contract_substitute", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_contract_substitute_contract_id"))

    op.drop_table("contract_substitute")
    op.drop_table("contract_seal")
    with op.batch_alter_table("contract_observation", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_contract_observation_contract_id"))

    op.drop_table("contract_observation")
    with op.batch_alter_table("contract_file", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_contract_file_organisation_id"))
        batch_op.drop_index(op.f("ix_contract_file_contract_id"))

    op.drop_table("contract_file")
    with op.batch_alter_table("contract_event", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_contract_event_contract_id"))

    op.drop_table("contract_event")
    with op.batch_alter_table("contract_breach", schema=None) as batch_op:
        batch_op.drop_index("ix_contract_breach_area_code_id")

    op.drop_table("contract_breach")
    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_contract_resident_id"))
        batch_op.drop_index(op.f("ix_contract_institution_id"))
        batch_op.drop_index(op.f("ix_contract_caregiver_id"))
        batch_op.drop_index("ix_contract_area_code_id")
        batch_op.drop_index(op.f("ix_contract_amends_id"))

    op.drop_table("contract")
    op.drop_table("checklist_day")
    with op.batch_alter_table("grade_appeal", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_grade_appeal_resident_id"))

    op.drop_table("grade_appeal")
    with op.batch_alter_table("care_plan", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_care_plan_resident_id"))

    op.drop_table("care_plan")
    op.drop_table("care_grade")
    with op.batch_alter_table("sync_receipt", schema=None) as batch_op:
        batch_op.drop_index("ix_sync_receipt_verdict_code")

    op.drop_table("sync_receipt")
    with op.batch_alter_table("sheet_pair_member", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_sheet_pair_member_sheet_id"))

    op.drop_table("sheet_pair_member")
    op.drop_table("reassessment_due")
    with op.batch_alter_table("late_return", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_late_return_settlement_id"))

    op.drop_table("late_return")
    with op.batch_alter_table("incident_step", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_incident_step_incident_id"))

    op.drop_table("incident_step")
    with op.batch_alter_table("grade_proposal", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_grade_proposal_resident_id"))

    op.drop_table("grade_proposal")
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_visit_visited_on"))
        batch_op.drop_index(op.f("ix_visit_resident_id"))

    op.drop_table("visit")
    with op.batch_alter_table("training_entry", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_training_entry_caregiver_id"))

    op.drop_table("training_entry")
    with op.batch_alter_table("tier_override", schema=None) as batch_op:
        batch_op.drop_index("ix_tier_override_caregiver_id_resident_id")

    op.drop_table("tier_override")
    with op.batch_alter_table("sync_record", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_sync_record_resident_id"))
        batch_op.drop_index(op.f("ix_sync_record_received_at"))
        batch_op.drop_index(op.f("ix_sync_record_key"))
        batch_op.drop_index(op.f("ix_sync_record_hash"))

    op.drop_table("sync_record")
    with op.batch_alter_table("stay", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_stay_resident_id_open",
            sqlite_where=sa.text("left_on IS NULL"),
            postgresql_where=sa.text("left_on IS NULL"),
        )
        batch_op.drop_index(
            "uq_stay_bed_id_open", sqlite_where=sa.text("left_on IS NULL"), postgresql_where=sa.text("left_on IS NULL")
        )
        batch_op.drop_index("ix_stay_resident_id_from_on")
        batch_op.drop_index("ix_stay_bed_id_from_on")

    op.drop_table("stay")
    with op.batch_alter_table("sheet_pair", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_sheet_pair_state"))
        batch_op.drop_index(op.f("ix_sheet_pair_second_assessor_id"))
        batch_op.drop_index(op.f("ix_sheet_pair_resident_id"))
        batch_op.drop_index(op.f("ix_sheet_pair_first_assessor_id"))

    op.drop_table("sheet_pair")
    op.drop_table("resident_term")
    op.drop_table("presence_card")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_payment_order_id"))
        batch_op.drop_index(op.f("ix_payment_caregiver_id"))

    op.drop_table("payment")
    with op.batch_alter_table("odd_pattern", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_odd_pattern_resident_id"))

    op.drop_table("odd_pattern")
    with op.batch_alter_table("measurement", schema=None) as batch_op:
        batch_op.drop_index("ix_measurement_resident_id_taken_on")

    op.drop_table("measurement")
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_incident_resident_id"))

    op.drop_table("incident")
    with op.batch_alter_table("checklist_note", schema=None) as batch_op:
        batch_op.drop_index("ix_checklist_note_resident_id_day")
        batch_op.drop_index(
            "ix_checklist_note_extra_day", sqlite_where=sa.text("extra IS 1"), postgresql_where=sa.text("extra IS true")
        )

    op.drop_table("checklist_note")
    with op.batch_alter_table("care_recording", schema=None) as batch_op:
        batch_op.drop_index("ix_care_recording_user_id_made_at")
        batch_op.drop_index("ix_care_recording_resident_id_day")

    op.drop_table("care_recording")
    op.drop_table("care_profile")
    with op.batch_alter_table("belonging", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_belonging_resident_id"))

    op.drop_table("belonging")
    with op.batch_alter_table("assessment_sheet", schema=None) as batch_op:
        batch_op.drop_index("ix_assessment_sheet_resident_id_id")

    op.drop_table("assessment_sheet")
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_absence_resident_id"))

    op.drop_table("absence")
    op.drop_table("settlement_inputs")
    op.drop_table("settlement_archive")
    with op.batch_alter_table("settlement_approval", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_settlement_approval_settlement_id"))

    op.drop_table("settlement_approval")
    op.drop_table("rule_effect")
    op.drop_table("roster_shift")
    with op.batch_alter_table("resident", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_resident_institution_id"))
        batch_op.drop_index(op.f("ix_resident_id_tail"))
        batch_op.drop_index(op.f("ix_resident_caregiver_id"))
        batch_op.drop_index("ix_resident_area_code_id")

    op.drop_table("resident")
    with op.batch_alter_table("payment_order", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_payment_order_settlement_id"))

    op.drop_table("payment_order")
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.drop_index("ix_credential_valid_to_id")
        batch_op.drop_index(op.f("ix_credential_session_id"))

    op.drop_table("credential")
    op.drop_table("caregiver_term")
    op.drop_table("care_standing")
    with op.batch_alter_table("bank_import", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_bank_import_settlement_id"))

    op.drop_table("bank_import")
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_web_session_user_id"))

    op.drop_table("web_session")
    with op.batch_alter_table("training_session", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_training_session_held_on"))

    op.drop_table("training_session")
    op.drop_table("spot_check_draw")
    op.drop_table("shift_handover")
    op.drop_table("settlement")
    with op.batch_alter_table("rule_document", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_rule_document_kind"))

    op.drop_table("rule_document")
    with op.batch_alter_table("password_history", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_password_history_user_id"))

    op.drop_table("password_history")
    with op.batch_alter_table("issued_document", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_issued_document_number"))

    op.drop_table("issued_document")
    op.drop_table("import_run")
    op.drop_table("house_hours")
    op.drop_table("double_draw")
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_device_user_id"))

    op.drop_table("device")
    with op.batch_alter_table("caregiver", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_caregiver_institution_id"))
        batch_op.drop_index(op.f("ix_caregiver_id_tail"))
        batch_op.drop_index(op.f("ix_caregiver_area_code"))

    op.drop_table("caregiver")
    op.drop_table("bed")
    with op.batch_alter_table("assessor", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_assessor_organisation_id"))

    op.drop_table("assessor")
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_api_token_user_id"))

    op.drop_table("api_token")
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_user_account_person_key"))

    op.drop_table("user_account")
    op.drop_table("room")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_organisation_area_code"))

    op.drop_table("organisation")
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_attempt_username_at")
        batch_op.drop_index("ix_sign_in_attempt_address_at")

    op.drop_table("sign_in_attempt")
    op.drop_table("setting")
    op.drop_table("key_in_use")
    op.drop_table("job_run")
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_audit_entry_at"))
        batch_op.drop_index(op.f("ix_audit_entry_actor_id"))
        batch_op.drop_index(op.f("ix_audit_entry_act"))

    op.drop_table("audit_entry")
    with op.batch_alter_table("area", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_area_parent_code"))

    op.drop_table("area")
