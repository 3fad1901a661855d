"""Words for the states and codes of this feature."""

from __future__ import annotations

from app.core.words import lazy_gettext as _l
from app.settlement.models import (
    Account,
    Clock,
    DisputeState,
    EvaluationState,
    LineKind,
    PaymentMethod,
    PaymentState,
    SettlementState,
)
from app.settlement.queries.what_if import Who
from app.settlement.rules.banking import Outcome
from app.settlement.rules.comparing import Cause
from app.settlement.rules.settling import Blocked

EVALUATION_STATES = {
    EvaluationState.DRAFT: _l("To be scored"),
    EvaluationState.SUBMITTED: _l("Waiting for confirmation"),
    EvaluationState.CONFIRMED: _l("Confirmed"),
}
EVALUATION_TONES = {
    EvaluationState.DRAFT: "warn",
    EvaluationState.SUBMITTED: "info",
    EvaluationState.CONFIRMED: "good",
}
CLOCKS = {
    Clock.EXPIRED: _l("The time to object was over"),
    Clock.AGREED: _l("The caregiver agreed to the score"),
    Clock.ANSWERED: _l("The caregiver's objection was answered"),
}
SETTLEMENT_STATES = {
    SettlementState.OPEN: _l("To be calculated"),
    SettlementState.CALCULATED: _l("Calculated"),
    SettlementState.SUBMITTED: _l("Waiting for approval"),
    SettlementState.APPROVED: _l("Approved, to be paid"),
    SettlementState.PAYING: _l("Payments on their way"),
    SettlementState.RECONCILED: _l("Paid and reconciled"),
    SettlementState.CLOSED: _l("Closed"),
}
SETTLEMENT_TONES = {
    SettlementState.OPEN: "warn",
    SettlementState.CALCULATED: "warn",
    SettlementState.SUBMITTED: "info",
    SettlementState.APPROVED: "info",
    SettlementState.PAYING: "info",
    SettlementState.RECONCILED: "good",
    SettlementState.CLOSED: "neutral",
}
LINE_KINDS = {
    LineKind.QUARTER: _l("This quarter"),
    LineKind.CORRECTION: _l("Correction"),
    LineKind.RETURNED: _l("Sent back by the bank, paid again"),
}
ACCOUNTS = {
    Account.PROGRAMME: _l("Programme funds"),
    Account.PAYABLE: _l("Payable"),
    Account.PAID: _l("Paid out"),
    Account.WITHHELD: _l("Withheld"),
    Account.RECOVERED: _l("Recovered"),
}
DISPUTE_STATES = {
    DisputeState.OPEN: _l("Open objection"),
    DisputeState.UPHELD: _l("Upheld"),
    DisputeState.DISMISSED: _l("Dismissed"),
}
DISPUTE_TONES = {DisputeState.OPEN: "warn", DisputeState.UPHELD: "good", DisputeState.DISMISSED: "neutral"}
DISPUTE_TITLES = {
    DisputeState.OPEN: _l("This line is disputed"),
    DisputeState.UPHELD: _l("Objection upheld"),
    DisputeState.DISMISSED: _l("Objection dismissed"),
}
BLOCKED = {
    Blocked.NO_SCORE: _l("No confirmed evaluation"),
    Blocked.NO_GRADE: _l("No care grade in force on the first of a month"),
    Blocked.NO_PAY_TABLE: _l("No pay table in force"),
    Blocked.NO_STANDARD: _l("The pay table has no figure for this grade"),
}
CAUSES = {
    Cause.NEW: _l("New this quarter"),
    Cause.GONE: _l("No longer under contract"),
    Cause.GRADE: _l("Care grade"),
    Cause.STANDARD: _l("Monthly figure"),
    Cause.DAYS: _l("Months counted"),
    Cause.SCORE: _l("Quality ratio"),
    Cause.BLOCKED: _l("Blocked now"),
    Cause.UNBLOCKED: _l("Was blocked, is paid now"),
    Cause.CORRECTION: _l("Corrections of earlier quarters"),
    Cause.RETURNED: _l("Sent back by the bank, paid again"),
    Cause.ROUNDING: _l("Rounding"),
}
WHO = {Who.MORE: _l("get more"), Who.LESS: _l("get less"), Who.SAME: _l("get the same"), Who.BLOCKED: _l("are blocked")}
GRADES = {1: _l("Self-caring"), 2: _l("Half care"), 3: _l("Full care")}
PAYMENT_STATES = {
    PaymentState.SENT: _l("On its way"),
    PaymentState.PAID: _l("Paid"),
    PaymentState.FAILED: _l("Failed, payable again"),
    PaymentState.RETURNED: _l("Returned by the bank, payable again"),
}
PAYMENT_TONES = {
    PaymentState.SENT: "info",
    PaymentState.PAID: "good",
    PaymentState.FAILED: "warn",
    PaymentState.RETURNED: "warn",
}
PAYMENT_METHODS = {
    PaymentMethod.BANK: _l("Bank list"),
    PaymentMethod.OTHER: _l("Another way (no account on record)"),
    PaymentMethod.OFFSET: _l("Offset, no money moves"),
    PaymentMethod.RECOVER: _l("To be recovered"),
}
OUTCOMES = {
    Outcome.DUPLICATE: _l("stands twice in the file"),
    Outcome.UNKNOWN_REFERENCE: _l("no transfer has this number"),
    Outcome.UNKNOWN_OUTCOME: _l("the outcome is no word of the bank's layout"),
    Outcome.OTHER_AMOUNT: _l("the amount is another one"),
    Outcome.CONTRADICTION: _l("contradicts another row or what is known"),
    Outcome.UNREADABLE: _l("a cell cannot be read"),
}
