"""The statement of a township, the slip of a caregiver, and the lists as tables."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import Select, select

from app.auth.models import User
from app.contracts.models import Contract
from app.core import clock, money, tables
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import DomainError
from app.core.issuing import issue, verify_url
from app.core.pdf import Cell, Column, PdfDocument, Run, Signature
from app.core.periods import Quarter
from app.core.rulebook import rule_by_sha
from app.core.tables import Written, export
from app.settlement import queries
from app.settlement.labels import ACCOUNTS, BLOCKED, LINE_KINDS
from app.settlement.models import (
    Account,
    LedgerEntry,
    LineKind,
    Settlement,
    SettlementLine,
    SettlementState,
)
from app.settlement.queries.slips import Slip, SlipLine
from app.settlement.rules.settling import Blocked, months_from_json

STATE_ZH = {
    SettlementState.OPEN: "未核算",
    SettlementState.CALCULATED: "已核算,待提交",
    SettlementState.SUBMITTED: "已提交,待批准",
    SettlementState.APPROVED: "已批准",
    SettlementState.PAID: "已支付",
    SettlementState.CLOSED: "已关账",
}
BLOCKED_ZH = {
    Blocked.NO_SCORE: "无已确认的考核结果,暂不发放",
    Blocked.NO_GRADE: "月初无生效档次,暂不发放",
    Blocked.NO_PAY_TABLE: "无生效的照料护理标准,暂不发放",
    Blocked.NO_STANDARD: "照料护理标准中无此档次金额,暂不发放",
}
GRADE_ZH = {1: "全自理", 2: "半护理", 3: "全护理"}
TABLE_LIMIT = 50_000
"""Rows of one exported table."""


def settlement_number(row: Settlement) -> str:
    """Number of the statement: quarter, township, run."""
    return f"JS{row.quarter}-{row.area_code}-{row.run:02d}"


def _lines(row: Settlement) -> list[SettlementLine]:
    query = select(SettlementLine).where(SettlementLine.settlement_id == row.id, SettlementLine.run == row.run)
    return list(db.session.scalars(query.order_by(SettlementLine.id)).unique())


def _grades(line: SettlementLine) -> str:
    found = [m.grade for m in months_from_json(line.months) if m.days and m.grade]
    return "→".join(GRADE_ZH[g] for g in dict.fromkeys(found)) or "—"


def _score(line: SettlementLine) -> str:
    return "—" if line.score is None else f"{line.score // 100}.{line.score % 100:02d}"


def _ratio(line: SettlementLine) -> str:
    return "—" if line.ratio_bp is None else f"{line.ratio_bp / 10000:.2f}"


def _note(line: SettlementLine) -> str:
    if line.blocked:
        return BLOCKED_ZH[Blocked(line.blocked)]
    return f"更正{Quarter.parse(line.for_quarter).label_zh}" if line.kind is LineKind.CORRECTION else ""


def _statement_rows(lines: Iterable[SettlementLine]) -> list[list[str]]:
    return [
        [
            str(number),
            line.resident.name,
            line.caregiver.name,
            _grades(line),
            str(sum(m.days for m in months_from_json(line.months))),
            money.format_yuan(line.due_fen),
            _score(line),
            _ratio(line),
            money.format_yuan(line.pay_fen),
            money.format_yuan(line.withheld_fen),
            _note(line),
        ]
        for number, line in enumerate(lines, 1)
    ]


def _who(row: Settlement) -> list[tuple[str, str, Any]]:
    """(step, name, instant) of the people who carried the settlement."""
    steps = [
        ("核算", row.calculated_by, row.calculated_at),
        ("提交", row.submitted_by, row.submitted_at),
        ("批准", row.approved_by, row.approved_at),
        ("支付", row.paid_by, row.paid_at),
        ("关账", row.closed_by, row.closed_at),
    ]
    ids = {user_id for _step, user_id, _at in steps if user_id}
    names = dict(db.session.execute(select(User.id, User.name).where(User.id.in_(ids))).all())
    return [(step, names.get(user_id, "—") if user_id else "", at) for step, user_id, at in steps if at]


def _rule_rows(lines: Sequence[SettlementLine]) -> list[tuple[str, str]]:
    kinds = {
        "结算规则": ("settlement_rule", {x.rules.get("settlement_rule") for x in lines}),
        "照料护理标准": ("pay_table", {s for x in lines for s in (x.rules.get("pay_tables") or {}).values()}),
        "考核评分表": ("scorecard", {x.rules.get("scorecard") for x in lines}),
    }
    rows = []
    for words, (kind, hashes) in kinds.items():
        for sha256 in sorted(h for h in hashes if h):
            try:
                policy = rule_by_sha(kind, sha256)
                rows.append((words, f"{policy.title['zh']} 第{policy.version}版({policy.source})指纹 {sha256[:16]}"))
            except DomainError:
                rows.append((words, f"指纹 {sha256}"))
    return rows


def statement_pdf(actor: Actor, row: Settlement) -> tuple[io.BytesIO, str]:
    """The statement of a township's quarter as PDF with its file name; the same settlement gives the same bytes."""
    lines = _lines(row)
    rows, people, rules = _statement_rows(lines), _who(row), _rule_rows(lines)
    number = settlement_number(row)
    facts = {
        "number": number,
        "area": [row.area_code, row.area.name],
        "state": row.state.value,
        "inputs_sha256": row.inputs_sha256,
        "audit_head": row.audit_head,
        "totals": [row.due_fen, row.pay_fen, row.withheld_fen, row.lines_count, row.blocked_count],
        "rows": rows,
        "people": [[step, name, at.isoformat()] for step, name, at in people],
        "payment": [row.payment_reference, row.paid_on.isoformat() if row.paid_on else None],
        "rules": rules,
    }
    issued = issue(actor, kind="statement", number=number, object_id=row.id, facts=facts, area_code=row.area_code)
    settled = row.state in queries.SETTLED
    document = PdfDocument(
        f"{row.area.name}{Quarter.parse(row.quarter).label_zh}护理补贴结算单",
        number,
        issued.fingerprint,
        verify_url(issued),
        issued.issued_at.astimezone(clock.ZONE).date(),
        STATE_ZH[row.state],
        landscape=True,
        watermark=None if settled else "未 批 准",
    )
    document.key_values(
        [
            ("应发合计", f"{money.format_yuan(row.due_fen)}(大写:{money.yuan_capitals(row.due_fen)})"),
            ("实发合计", f"{money.format_yuan(row.pay_fen)}(大写:{money.yuan_capitals(row.pay_fen)})"),
            ("扣发合计", f"{money.format_yuan(row.withheld_fen)}(大写:{money.yuan_capitals(row.withheld_fen)})"),
            ("协议份数", f"{row.lines_count}行,其中暂不发放{row.blocked_count}行"),
        ]
    )
    document.table(
        [
            Column("序号", numeric=True),
            Column("特困人员"),
            Column("护理人员"),
            Column("档次"),
            Column("天数", numeric=True),
            Column("应发", numeric=True),
            Column("得分", numeric=True),
            Column("系数", numeric=True),
            Column("实发", numeric=True),
            Column("扣发", numeric=True),
            Column("说明"),
        ],
        rows,
        total=[
            Cell("合计", bold=True, span=5),
            _total(row.due_fen),
            "",
            "",
            _total(row.pay_fen),
            _total(row.withheld_fen),
            "",
        ],
        size=8.5,
    )
    document.note(
        "扣发款项留在护理补贴项目内,用于替代照料和培训,不影响特困人员本人的基本生活费。"
        "各月应发=月标准×协议在期天数÷当月天数,季度合计乘以考核系数后一次四舍五入到分。"
    )
    document.heading("依据与核对", 2)
    document.key_values(
        [
            *rules,
            ("输入数据指纹", row.inputs_sha256 or "—"),
            ("批准时审计链头", row.audit_head or "—"),
            ("支付凭证", f"{row.payment_reference or '—'} {row.paid_on or ''}".strip()),
        ],
        pairs=1,
    )
    document.heading("经办", 2)
    document.signatures(
        [Signature(step, name, at.astimezone(clock.ZONE).date(), "系统内办理") for step, name, at in people], columns=3
    )
    return io.BytesIO(document.render()), f"{number}.pdf"


def _total(fen: int) -> Cell:
    return Cell(money.format_yuan(fen), bold=True, align="right")


def computation(item: SlipLine) -> list[tuple[str, str]]:
    """A line's arithmetic in five steps: three months, sum times ratio, paid and withheld."""
    steps = []
    for month in item.months:
        words = f"{int(month.month[:4])}年{int(month.month[5:])}月"
        grade = GRADE_ZH.get(month.grade or 0, "—")
        steps.append(
            (words, f"{grade} {money.format_yuan(month.base_fen)} × {month.days}/{month.of_days}天")
            if month.days
            else (words, "本月无计算天数")
        )
    exact = money.format_yuan(item.line.due_fen)
    if item.line.blocked:
        return [*steps, ("合计×系数", BLOCKED_ZH[Blocked(item.line.blocked)]), ("本行发放", money.format_yuan(0))]
    if item.line.kind is LineKind.CORRECTION:
        before = f"{Quarter.parse(item.line.for_quarter).label_zh}按现有事实重算"
        return [
            *steps,
            ("合计×系数", f"{before},系数 {_ratio(item.line)}"),
            ("与已发差额", f"应发 {exact},实发 {money.format_yuan(item.line.pay_fen)}"),
        ]
    return [
        *steps,
        ("合计×系数", f"应发 {exact} × {_ratio(item.line)}(得分 {_score(item.line)})"),
        ("实发", f"{money.format_yuan(item.line.pay_fen)},扣发 {money.format_yuan(item.line.withheld_fen)}"),
    ]


def slip_number(slip: Slip) -> str:
    """Number of a slip: quarter, caregiver, settlement."""
    return f"MX{slip.settlement.quarter}-{slip.caregiver.number}-{slip.settlement.id}"


def slip_document(actor: Actor, slip: Slip) -> PdfDocument:
    """One caregiver's slip in large type."""
    number = slip_number(slip)
    body = [
        {
            "resident": item.line.resident.name,
            "steps": computation(item),
            "band": item.band["zh"] if item.band else None,
            "lost": [[d.zh, d.maximum, d.points, d.reason] for d in item.deductions],
            "paid": item.paid,
        }
        for item in slip.lines
    ]
    facts = {
        "number": number,
        "caregiver": [slip.caregiver.number, slip.caregiver.name],
        "area": slip.settlement.area.name,
        "sums": [slip.due_fen, slip.pay_fen, slip.withheld_fen],
        "lines": body,
        "state": slip.settlement.state.value,
    }
    issued = issue(
        actor,
        kind="slip",
        number=number,
        object_id=slip.lines[0].line.id,
        facts=facts,
        area_code=slip.settlement.area_code,
    )
    document = PdfDocument(
        "护理补贴发放明细单",
        number,
        issued.fingerprint,
        verify_url(issued),
        issued.issued_at.astimezone(clock.ZONE).date(),
        "已发放" if slip.paid else "待发放",
        watermark=None if slip.settlement.state in queries.SETTLED else "未 批 准",
    )
    label = Quarter.parse(slip.settlement.quarter).label_zh
    document.paragraph(f"{slip.caregiver.name}:您{label}的护理补贴({slip.settlement.area.name})", size=15)
    document.paragraph([Run(money.format_yuan(slip.pay_fen), bold=True)], size=30)
    document.paragraph(f"大写:{money.yuan_capitals(slip.pay_fen)}", size=15)
    for item, printed in zip(slip.lines, body, strict=True):
        document.heading(
            f"照料 {printed['resident']}"
            + (f"(更正{item.line.for_quarter})" if item.line.kind is LineKind.CORRECTION else "")
        )
        document.table(
            [Column("怎么算"), Column("数字")],
            [[words, figures] for words, figures in printed["steps"]],  # type: ignore[union-attr, list-item, str-unpack]  # inferred too narrowly
            size=13,
        )
        for line in item.deductions:
            reason = f"。原因:{line.reason}" if line.reason else "。依据:系统记录"
            document.paragraph(f"扣分:{line.zh} 满分{line.maximum},得{line.points:g}{reason}", size=12)
        if printed["band"]:
            document.paragraph(f"考核档次:{printed['band']}", size=12)
    document.note(
        "对其中任何一行有异议,可在手机上打开本单点“对这一行提出异议”,也可到乡镇(苏木)人民政府书面提出。"
        "有异议的一行暂缓发放,其余照常发放。扣发款项不影响特困人员本人的基本生活费。",
        title="有异议怎么办",
    )
    return document


def slip_pdf(actor: Actor, slip: Slip) -> tuple[io.BytesIO, str]:
    """One slip as PDF with its file name; the same slip gives the same bytes."""
    return io.BytesIO(slip_document(actor, slip).render()), f"{slip_number(slip)}.pdf"


def lines_table(
    actor: Actor, query: Select[SettlementLine], kind: str, title: str, filters: Mapping[str, str]
) -> Written:
    """Lines exactly as listed, as Excel or CSV; ``filters`` is the address of the list. Amounts in yuan."""
    columns = [
        gettext("Quarter"),
        gettext("Kind"),
        gettext("Contract"),
        gettext("Resident"),
        gettext("Caregiver"),
        gettext("Days"),
        gettext("Score"),
        gettext("Quality ratio"),
        tables.Column(gettext("Amount due"), money=True),
        tables.Column(gettext("Amount to pay"), money=True),
        tables.Column(gettext("Withheld"), money=True),
        gettext("Blocked because"),
    ]
    found = db.session.scalars(query.order_by(None).order_by(SettlementLine.id).limit(TABLE_LIMIT)).unique().all()
    numbers = _contract_numbers(found)
    rows = [
        [
            x.for_quarter,
            str(LINE_KINDS[x.kind]),
            numbers.get(x.contract_id, ""),
            x.resident.name,
            x.caregiver.name,
            sum(m.days for m in months_from_json(x.months)),
            _score(x),
            _ratio(x),
            x.due_fen,
            x.pay_fen,
            x.withheld_fen,
            str(BLOCKED[Blocked(x.blocked)]) if x.blocked else "",
        ]
        for x in found
    ]
    return export(actor, "settlement lines", title, columns, rows, kind, permission="settlements.read", filters=filters)


def _contract_numbers(lines: Sequence[SettlementLine]) -> dict[int, str]:
    ids = {x.contract_id for x in lines}
    found: dict[int, str] = {}
    for start in range(0, len(ids), 5000):
        part = sorted(ids)[start : start + 5000]
        found |= dict(db.session.execute(select(Contract.id, Contract.number).where(Contract.id.in_(part))).all())
    return found


def ledger_table(actor: Actor, query: Select[LedgerEntry], kind: str, filters: Mapping[str, str]) -> Written:
    """Ledger entries exactly as listed, as Excel or CSV; ``filters`` is the address of the list. Amounts in yuan."""
    columns = [
        gettext("Number"),
        gettext("Posted"),
        gettext("Quarter"),
        gettext("Posting"),
        gettext("Account"),
        tables.Column(gettext("Amount"), money=True),
        gettext("Caregiver"),
    ]
    found = db.session.scalars(query.order_by(None).order_by(LedgerEntry.id).limit(TABLE_LIMIT)).all()
    names = queries.names_of(found)
    rows = [
        [
            x.id,
            x.posted_at,
            x.quarter,
            x.posting,
            str(ACCOUNTS[Account(x.account)]),
            x.amount_fen,
            names[x.caregiver_id].name,
        ]
        for x in found
    ]
    title = gettext("Ledger")
    return export(actor, "ledger", title, columns, rows, kind, permission="ledger.read", filters=filters)
