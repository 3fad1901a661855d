"""The statement of a township's quarter on paper."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from app.auth.models import User
from app.core import clock, money
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import DomainError
from app.core.issuing import issue, verify_url
from app.core.pdf import Cell, Column, PdfDocument, Signature, chinese_date
from app.core.periods import Quarter
from app.core.rulebook import rule_by_sha
from app.settlement import queries
from app.settlement.documents.words import BLOCKED_ZH, GRADE_ZH, KIND_ZH, STATE_ZH, ratio_words, score_words
from app.settlement.models import (
    Settlement,
    SettlementLine,
)
from app.settlement.rules.settling import Blocked, months_from_json


def settlement_number(row: Settlement) -> str:
    """Number of the statement: quarter, township, run."""
    return f"JS{row.quarter}-{row.area_code}-{row.run:02d}"


def _lines(row: Settlement) -> list[SettlementLine]:
    query = select(SettlementLine).where(SettlementLine.settlement_id == row.id, SettlementLine.run == row.run)
    return list(db.session.scalars(query.order_by(SettlementLine.id)).unique())


def _grades(line: SettlementLine) -> str:
    found = [m.grade for m in months_from_json(line.months) if m.days and m.grade]
    return "→".join(GRADE_ZH[g] for g in dict.fromkeys(found)) or "—"


def _note(line: SettlementLine) -> str:
    if line.blocked:
        return BLOCKED_ZH[Blocked(line.blocked)]
    return KIND_ZH[line.kind].format(Quarter.parse(line.for_quarter).label_zh)


def _statement_rows(lines: Iterable[SettlementLine], *, houses: bool) -> list[list[str]]:
    """The rows of the table; ``houses`` adds to whose account the money goes, where it is not the caregiver's everywhere."""
    return [
        [
            str(number),
            line.resident.name,
            line.caregiver.name,
            *([line.payee.name] if houses else []),
            _grades(line),
            str(sum(m.days for m in months_from_json(line.months))),
            money.format_yuan(line.due_fen),
            score_words(line),
            ratio_words(line),
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
                rows.append((words, f"{policy.title['zh']} 第{policy.version}版（{policy.source}）指纹 {sha256[:16]}"))
            except DomainError:
                rows.append((words, f"指纹 {sha256}"))
    return rows


def statement_pdf(actor: Actor, row: Settlement) -> tuple[io.BytesIO, str]:
    """The statement of a township's quarter as PDF with its file name; the same settlement gives the same bytes."""
    lines = _lines(row)
    houses = any(line.payee_id is not None for line in lines)
    rows, people, rules = _statement_rows(lines, houses=houses), _who(row), _rule_rows(lines)
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
            ("应发合计", f"{money.format_yuan(row.due_fen)}（大写：{money.yuan_capitals(row.due_fen)}）"),
            ("实发合计", f"{money.format_yuan(row.pay_fen)}（大写：{money.yuan_capitals(row.pay_fen)}）"),
            ("扣发合计", f"{money.format_yuan(row.withheld_fen)}（大写：{money.yuan_capitals(row.withheld_fen)}）"),
            ("明细条数", f"{row.lines_count}条，其中暂缓发放{row.blocked_count}条"),
        ]
    )
    document.table(
        [
            Column("序号", numeric=True),
            Column("特困人员"),
            Column("护理人员"),
            *([Column("收款方")] if houses else []),
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
            Cell("合计", bold=True, span=6 if houses else 5),
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
        "扣发款项留在护理补贴项目内，用于替代照料和培训，不影响特困人员本人的基本生活费。"
        "各月应发=月标准×协议在期天数÷当月天数，季度合计乘以考核系数后一次四舍五入到分。"
    )
    document.heading("依据与核对", 2)
    document.key_values(
        [
            *rules,
            ("输入数据指纹", row.inputs_sha256 or "—"),
            ("批准时审计链头", row.audit_head or "—"),
            (
                "支付凭证",
                " ".join([row.payment_reference or "—", *([chinese_date(row.paid_on)] if row.paid_on else [])]),
            ),
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
