"""Acts of the quarter: evaluate, settle, approve, pay, close, object and answer."""

from __future__ import annotations

from app.settlement.operations.accounts import reveal_account, set_account
from app.settlement.operations.approving import approve, close, reject, submit
from app.settlement.operations.calculating import Step, ask_all, calculate, calculate_asked, open_quarter
from app.settlement.operations.disputing import answer_dispute, raise_dispute
from app.settlement.operations.evaluating import (
    agree_evaluation,
    agree_evaluations,
    confirm_evaluation,
    confirm_submitted,
    current_records,
    fill_evaluations,
    return_evaluation,
    score_evaluation,
    score_evaluations,
)
from app.settlement.operations.paying import Paid, Sum, may_pay, open_order, order, pay, sums_of
from app.settlement.operations.reconciling import Taken, bank_returned, import_answer
from app.settlement.operations.sampling import commit_seed, draw_checks

__all__ = [
    "Paid",
    "Step",
    "Sum",
    "Taken",
    "agree_evaluation",
    "agree_evaluations",
    "answer_dispute",
    "approve",
    "ask_all",
    "bank_returned",
    "calculate",
    "calculate_asked",
    "close",
    "commit_seed",
    "confirm_evaluation",
    "confirm_submitted",
    "current_records",
    "draw_checks",
    "fill_evaluations",
    "import_answer",
    "may_pay",
    "open_order",
    "open_quarter",
    "order",
    "pay",
    "raise_dispute",
    "reject",
    "return_evaluation",
    "reveal_account",
    "score_evaluation",
    "score_evaluations",
    "set_account",
    "submit",
    "sums_of",
]  # fmt: skip
