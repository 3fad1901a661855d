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
from app.settlement.operations.paying import Payment, Transfers, bank_file, may_pay, pay, transfers_of

__all__ = [
    "Payment", "Transfers", "answer_dispute", "approve", "bank_file", "calculate", "close", "confirm_evaluation", "confirm_submitted", "current_records",
    "fill_evaluations", "may_pay", "open_quarter", "pay", "raise_dispute", "reject", "return_evaluation",
    "score_evaluation", "submit", "transfers_of",
]  # fmt: skip
