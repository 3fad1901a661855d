"""Acts of the quarter: evaluate, settle, approve, pay, close, object and answer."""

from __future__ import annotations

from app.settlement.operations.approving import approve, close, reject, submit
from app.settlement.operations.calculating import calculate, open_quarter
from app.settlement.operations.disputing import answer_dispute, raise_dispute
from app.settlement.operations.evaluating import (
    confirm_evaluation,
    confirm_submitted,
    current_records,
    fill_evaluations,
    return_evaluation,
    score_evaluation,
)
from app.settlement.operations.paying import Payment, may_pay, pay

__all__ = [
    "Payment", "answer_dispute", "approve", "calculate", "close", "confirm_evaluation", "confirm_submitted", "current_records",
    "fill_evaluations", "may_pay", "open_quarter", "pay", "raise_dispute", "reject", "return_evaluation",
    "score_evaluation", "submit",
]  # fmt: skip
