"""Words and figures of the printed documents of the quarter; they are Chinese whoever prints them."""

from __future__ import annotations

from app.settlement.models import LineKind, SettlementLine, SettlementState
from app.settlement.rules.settling import Blocked

STATE_ZH = {
    SettlementState.OPEN: "待核算",
    SettlementState.CALCULATED: "已核算",
    SettlementState.SUBMITTED: "待批准",
    SettlementState.APPROVED: "已批准，待支付",
    SettlementState.PAYING: "发放中",
    SettlementState.RECONCILED: "已发放并对账",
    SettlementState.CLOSED: "已关账",
}
BLOCKED_ZH = {
    Blocked.NO_SCORE: "无已确认的考核结果，暂缓发放",
    Blocked.NO_GRADE: "月初无生效档次，暂缓发放",
    Blocked.NO_PAY_TABLE: "无生效的照料护理标准，暂缓发放",
    Blocked.NO_STANDARD: "照料护理标准中无此档次金额，暂缓发放",
}
KIND_ZH = {LineKind.QUARTER: "", LineKind.CORRECTION: "更正{}", LineKind.RETURNED: "{}退汇重付"}
"""What a line is, with the quarter it is about."""
GRADE_ZH = {1: "全自理", 2: "半护理", 3: "全护理"}


def score_words(line: SettlementLine) -> str:
    """Points with two decimals; a dash without a confirmed evaluation."""
    return "—" if line.score is None else f"{line.score // 100}.{line.score % 100:02d}"


def ratio_words(line: SettlementLine) -> str:
    """The quality ratio with two decimals; a dash without one."""
    return "—" if line.ratio_bp is None else f"{line.ratio_bp / 10000:.2f}"
