"""Quarterly evaluation, settlement, ledger, payments and objections. Money is whole fen."""

from __future__ import annotations

from app.settlement.models.evaluating import (
    Clock,
    Dispute,
    DisputeState,
    Evaluation,
    EvaluationState,
    SpotCheckDraw,
)
from app.settlement.models.payees import Payee, payee_key
from app.settlement.models.paying import (
    BankImport,
    LateReturn,
    Payment,
    PaymentLine,
    PaymentMethod,
    PaymentOrder,
    PaymentState,
)
from app.settlement.models.settling import (
    Account,
    LedgerEntry,
    LineKind,
    Settlement,
    SettlementApproval,
    SettlementArchive,
    SettlementInputs,
    SettlementLine,
    SettlementState,
)

__all__ = [
    "Account",
    "BankImport",
    "Clock",
    "Dispute",
    "DisputeState",
    "Evaluation",
    "EvaluationState",
    "LateReturn",
    "LedgerEntry",
    "LineKind",
    "Payee",
    "Payment",
    "PaymentLine",
    "PaymentMethod",
    "PaymentOrder",
    "PaymentState",
    "Settlement",
    "SettlementApproval",
    "SettlementArchive",
    "SettlementInputs",
    "SettlementLine",
    "SettlementState",
    "SpotCheckDraw",
    "payee_key",
]  # fmt: skip
