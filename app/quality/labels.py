"""Words of the standards room."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel.speaklater import LazyString

from app.core.models import RuleState
from app.core.words import lazy_gettext as _l
from app.grading.rules import Regrade

KINDS = {
    "instrument": _l("Assessment instrument (cut-offs, caps, rulings)"),
    "assessment_rule": _l("Deadlines of assessment"),
    "pay_table": _l("Pay table (care money a month)"),
    "scorecard": _l("Scorecard and bands"),
    "care_standard": _l("Twelve care standards"),
    "personal_plan": _l("Rules of the plan for one person"),
    "shift_hours": _l("Hours of the shifts"),
    "odd_patterns": _l("What makes records hard to believe"),
    "contract_template": _l("Contract template"),
    "settlement_rule": _l("Settlement rules"),
    "bank_layout": _l("Bank list layout"),
    "unsafe_signs": _l("Marks of unsafe signs"),
    "workforce": _l("Training, certificates and ratios"),
}
STATES = {RuleState.DRAFT: _l("Draft"), RuleState.PUBLISHED: _l("Published"), RuleState.REJECTED: _l("Sent back")}
TONES = {RuleState.DRAFT: "warn", RuleState.PUBLISHED: "good", RuleState.REJECTED: "bad"}
REGRADES = {
    Regrade.MOVED: _l("Grade changes"),
    Regrade.REVIEW: _l("A person must judge"),
    Regrade.WAITING: _l("An older proposal still waits"),
    Regrade.UNSCORED: _l("Must be assessed again"),
    Regrade.KEPT: _l("Stays"),
    Regrade.OTHER: _l("Assessed by another instrument, stays"),
}
STATUSES = {
    "official": _l("national rule"),
    "local": _l("set by this county"),
    "example": _l("example or proposal, not set by this county"),
}
OBJECTS = {
    "absence": _l("Absence"),
    "appeal": _l("Appeal"),
    "grade_appeal": _l("Appeal"),
    "account": _l("Account"),
    "api_token": _l("Access token"),
    "area": _l("Area"),
    "areas": _l("Areas"),
    "assessment_sheet": _l("Assessment sheet"),
    "assessor": _l("Assessor"),
    "care_grade": _l("Care grade"),
    "care_plan": _l("Care plan"),
    "care_report": _l("Care report"),
    "care_profile": _l("Wishes, teeth and swallowing"),
    "caregiver": _l("Caregiver"),
    "checklist": _l("Checklist"),
    "handover": _l("Handover of a shift"),
    "shift_handover": _l("Handover of a shift"),
    "house_hours": _l("Hours of the shifts"),
    "contract": _l("Contract"),
    "contract_party": _l("Signature"),
    "contract_file": _l("Picture or scan of a signature"),
    "contract_paper": _l("Signature on paper"),
    "contract_substitute": _l("Substitute care"),
    "contract_suspension": _l("Suspension"),
    "courier": _l("Courier file"),
    "device": _l("Device"),
    "dispute": _l("Objection"),
    "document": _l("Printed document"),
    "draw": _l("Draw of double scoring"),
    "double_draw": _l("Draw of double scoring"),
    "evaluation": _l("Evaluation"),
    "grade": _l("Care grade"),
    "grade_proposal": _l("Grade proposal"),
    "import_run": _l("Import"),
    "incident": _l("Incident"),
    "incident_step": _l("Incident"),
    "keys": _l("Keys"),
    "notice": _l("Decision notice"),
    "organisation": _l("Organisation"),
    "card": _l("Household card"),
    "presence_card": _l("Household card"),
    "pattern": _l("Record to look at"),
    "odd_pattern": _l("Record to look at"),
    "pair": _l("Sheets side by side"),
    "people": _l("Personal data"),
    "plan": _l("Care plan"),
    "quarter": _l("Quarter"),
    "reassessment": _l("Re-assessment"),
    "record": _l("Record of a device"),
    "reassessment_due": _l("Re-assessment"),
    "resident": _l("Resident"),
    "residents": _l("Residents"),
    "rule": _l("Rule"),
    "rule_document": _l("Rule"),
    "rule_effect": _l("Effect of a rule"),
    "settlement": _l("Settlement"),
    "sheet": _l("Assessment sheet"),
    "payment_order": _l("Payment order"),
    "sheet_pair": _l("Sheets side by side"),
    "sheet_pair_member": _l("Sheets side by side"),
    "spot_check": _l("Spot check"),
    "spot_check_draw": _l("Spot checks of a quarter"),
    "slip": _l("Slip"),
    "statement": _l("Statement"),
    "sync_record": _l("Record of a device"),
    "table": _l("Table"),
    "user_account": _l("Account"),
    "visit": _l("Visit"),
}
"""What audit entries are about: first words of acts, and tables."""
VERBS = {
    "commit": _l("seed committed"),
    "draw": _l("drawn"),
    "returned": _l("money came back"),
    "act": _l("acted upon"),
    "adjudicate": _l("adjudicated"),
    "answer": _l("answered"),
    "approve": _l("approved"),
    "bank_answer": _l("bank's answer taken"),
    "bank_file": _l("bank file taken"),
    "block": _l("blocked"),
    "bring": _l("brought"),
    "calculate": _l("calculated"),
    "cancel": _l("cancelled"),
    "change": _l("changed"),
    "change_password": _l("password changed"),
    "close": _l("closed"),
    "complete": _l("in force"),
    "confirm": _l("confirmed"),
    "confirm_all": _l("all confirmed"),
    "create": _l("created"),
    "decide": _l("decided"),
    "delete": _l("deleted"),
    "discard": _l("discarded"),
    "document": _l("result printed"),
    "draft": _l("drafted"),
    "draft_pay_table": _l("drafted"),
    "end": _l("ended"),
    "enrol": _l("set up"),
    "expire": _l("ended"),
    "file": _l("filed"),
    "discharge": _l("noted after hospital"),
    "escalate": _l("reported to the county"),
    "export": _l("taken as a table"),
    "fill": _l("filled from records"),
    "forgotten": _l("has forgotten"),
    "hear": _l("resident heard"),
    "import": _l("imported"),
    "issue": _l("issued"),
    "judge": _l("judged"),
    "keep": _l("kept"),
    "load": _l("loaded"),
    "order": _l("payment order made"),
    "look": _l("looked at"),
    "make": _l("made"),
    "note": _l("noted"),
    "news": _l("news told"),
    "open": _l("opened"),
    "paid": _l("paid"),
    "paid_in_part": _l("paid in part"),
    "pay": _l("payment recorded"),
    "print": _l("printed"),
    "publish": _l("published"),
    "raise": _l("raised"),
    "record": _l("recorded"),
    "refuse": _l("refused"),
    "reject": _l("sent back"),
    "report": _l("reported"),
    "resume": _l("resumed"),
    "return": _l("returned"),
    "reveal": _l("shown in full"),
    "review": _l("reviewed"),
    "carry_out": _l("carried out"),
    "regrade": _l("everybody re-graded"),
    "rotate": _l("rotated"),
    "save": _l("saved"),
    "say": _l("answered"),
    "score": _l("scored"),
    "send": _l("opened for signing"),
    "settle": _l("settled"),
    "sign": _l("signed"),
    "sign_at_table": _l("signed at a table"),
    "file_paper": _l("paper filed"),
    "check_paper": _l("scan compared"),
    "seal_picture": _l("seal picture stored"),
    "substitute": _l("substitute care arranged"),
    "take": _l("taken along"),
    "sign_in": _l("signed in"),
    "sign_out": _l("signed out"),
    "submit": _l("submitted"),
    "suspend": _l("suspended"),
    "unblock": _l("block taken back"),
    "update": _l("changed"),
    "version": _l("handed in from a device"),
    "withdraw": _l("withdrawn"),
}
"""What happened: last words of acts. An act that is not here is shown by its code."""
ACT_GROUPS = ("account", "people", "resident", "caregiver", "sheet", "grade", "plan", "checklist", "visit", "incident", "pair", "device", "record",
              "contract", "evaluation", "settlement", "dispute", "rule", "document", "table")  # fmt: skip


def act_words(act: str, object_type: str) -> str:
    """An act in words: ``contract.sign`` → "Contract: signed"; ``contract.sign:update`` says besides which row was
    written, when it is of another kind.
    """
    main, _colon, written = act.partition(":")
    first, _dot, verb = main.rpartition(".")
    what, done = OBJECTS.get(first), VERBS.get(verb)
    words = gettext("%(what)s: %(done)s", what=what, done=done) if what and done else main
    row, change = OBJECTS.get(object_type), VERBS.get(written)
    if row is None or change is None or str(row) == str(what):
        return words
    return gettext("%(act)s (%(row)s %(change)s)", act=words, row=row, change=change)


SCALES = {"score": _l("Grade by the score"), "abilities": _l("Statutory grade (abilities not met)")}
"""Titles of the bands that are the county's own; the others have those of the instrument."""
CHOICES: dict[str, tuple[LazyString, dict[str, LazyString]]] = {
    "proposal.when_tiers_differ": (
        _l("When the two tiers differ, first choice"),
        {"statutory": _l("statutory grade"), "score": _l("grade by the score")},
    ),
    "level_changes.raising": (
        _l("Raising the ability level when several causes hold"),
        {"once": _l("once"), "per_cause": _l("once for each cause")},
    ),
    "level_changes.counting": (
        _l("Counting of accidents"),
        {"total": _l("all kinds together"), "per_kind": _l("each kind by itself")},
    ),
}
"""What a county may choose of an instrument, by its place in the text: the question and its answers."""
