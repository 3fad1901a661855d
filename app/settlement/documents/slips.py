"""The slip of one payee on paper: the amount, how it was computed, what was deducted, how to object."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from flask_babel import force_locale

from app.core import clock, money
from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.issuing import issue, verify_url
from app.core.pdf import Column, PdfDocument, Run, render_all
from app.core.periods import Quarter
from app.core.transaction import transaction
from app.settlement import queries
from app.settlement.documents.objections import objection_words
from app.settlement.documents.words import BLOCKED_ZH, GRADE_ZH, KIND_ZH, ratio_words, score_words
from app.settlement.models import (
    LineKind,
)
from app.settlement.queries.slips import Slip, SlipLine
from app.settlement.rules.settling import Blocked

PAPER_LOCALE = "zh_Hans_CN"


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
    if item.line.kind is LineKind.RETURNED:
        label = Quarter.parse(item.line.for_quarter).label_zh
        return [
            ("退汇重付", f"{label}的款项被银行退回，本季度重新发放"),
            ("实发", money.format_yuan(item.line.pay_fen)),
        ]
    if item.line.kind is LineKind.CORRECTION:
        before = f"{Quarter.parse(item.line.for_quarter).label_zh}按现有事实重算"
        return [
            *steps,
            ("合计×系数", f"{before}，系数 {ratio_words(item.line)}"),
            ("与已发差额", f"应发 {exact}，实发 {money.format_yuan(item.line.pay_fen)}"),
        ]
    return [
        *steps,
        ("合计×系数", f"应发 {exact} × {ratio_words(item.line)}（得分 {score_words(item.line)}）"),
        ("实发", f"{money.format_yuan(item.line.pay_fen)}，扣发 {money.format_yuan(item.line.withheld_fen)}"),
    ]


def _points(points: float) -> str:
    return f"{points:.2f}".rstrip("0").rstrip(".")


def slip_number(slip: Slip) -> str:
    """Number of a slip: quarter, payee, settlement."""
    return f"MX{slip.settlement.quarter}-{slip.payee.number}-{slip.settlement.id}"


def _objections(slip: Slip, item: SlipLine) -> list[list[str]]:
    """What came of each objection, in Chinese whoever prints."""
    with force_locale(PAPER_LOCALE):
        return [objection_words(slip, item, found, money.format_yuan) for found in item.objections]


def _state(slip: Slip) -> str:
    if slip.paid:
        return "已发放"
    return "部分已发放" if slip.paid_fen > 0 else "待发放"


def slip_document(actor: Actor, slip: Slip) -> PdfDocument:
    """One payee's slip in large type; of an institution one table with a row for each resident."""
    number = slip_number(slip)
    body: list[dict[str, Any]] = [
        {
            "resident": item.line.resident.name,
            "steps": computation(item),
            "band": item.band["zh"] if item.band else None,
            "lost": [[d.zh, d.maximum, _points(d.points), d.reason] for d in item.deductions],
            "paid": item.paid,
        }
        | ({"objections": _objections(slip, item)} if item.objections else {})
        for item in slip.lines
    ]
    payee = slip.payee
    account = f"{payee.bank_name} 尾号{payee.bank_tail}".strip() if payee.bank_tail else "未登记，请到乡镇（苏木）登记"
    facts = {
        "number": number,
        "institution" if payee.is_institution else "caregiver": [payee.number, payee.name],
        "area": slip.settlement.area.name,
        "sums": [slip.due_fen, slip.pay_fen, slip.withheld_fen],
        "account": account,
        "lines": body,
        "state": slip.settlement.state.value,
    } | ({"sent_back": slip.sent_back} if slip.sent_back is not None else {})
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
        _state(slip),
        watermark=None if slip.settlement.state in queries.SETTLED else "未 批 准",
    )
    label = Quarter.parse(slip.settlement.quarter).label_zh
    whose = f"贵单位集中供养特困人员{label}的护理补贴" if payee.is_institution else f"您{label}的护理补贴"
    document.paragraph(f"{payee.name}：{whose}（{slip.settlement.area.name}）", size=15)
    document.paragraph([Run(money.format_yuan(slip.pay_fen), bold=True)], size=30)
    document.paragraph(f"大写：{money.yuan_capitals(slip.pay_fen)}", size=15)
    document.paragraph(f"发放账户：{account}", size=12)
    if slip.held_fen:
        rest = slip.pay_fen - slip.held_fen
        others = f"其余{money.format_yuan(rest)}{'已经发放' if slip.rest_paid else '照常发放'}。" if rest else ""
        held = f"{'其中' if rest else ''}{money.format_yuan(slip.held_fen)}有异议，答复以前暂缓发放。"
        document.paragraph(held + others, size=12)
    if slip.sent_back is not None:
        why = f"（{slip.sent_back}）" if slip.sent_back else ""
        document.paragraph(f"银行未入账{why}，将重新发放。请到乡镇（苏木）核对姓名和账号。", size=12)
    if payee.is_institution:
        _residents(document, slip)
        return document
    for item, printed in zip(slip.lines, body, strict=True):
        about = KIND_ZH[item.line.kind].format(Quarter.parse(item.line.for_quarter).label_zh)
        document.heading(f"照料 {printed['resident']}" + (f"（{about}）" if about else ""))
        document.table(
            [Column("怎么算"), Column("数字")],
            [[words, figures] for words, figures in printed["steps"]],
            size=13,
        )
        for line in item.deductions:
            reason = f"。原因：{line.reason}" if line.reason else "。依据：系统记录"
            document.paragraph(f"扣分：{line.zh}，满分{line.maximum}，得{_points(line.points)}{reason}", size=12)
        if printed["band"]:
            document.paragraph(f"考核档次：{printed['band']}", size=12)
        for words in printed.get("objections", ()):
            document.paragraph([Run(words[0], bold=True), Run("".join(words[1:]))], size=12)
    document.note(
        "对其中任何一条有异议，可在手机上打开本单点“对本条提出异议”，也可到乡镇（苏木）人民政府书面提出。"
        "有异议的一条暂缓发放，其余照常发放。扣发款项不影响特困人员本人的基本生活费。",
        title="有异议怎么办",
    )
    return document


def _residents(document: PdfDocument, slip: Slip) -> None:
    """What an institution gets for each of its residents, and what points were lost, in two tables."""
    document.table(
        [
            Column("特困人员"),
            Column("护理人员"),
            Column("怎么算"),
            Column("应发", numeric=True),
            Column("系数", numeric=True),
            Column("实发", numeric=True),
        ],
        [
            [
                item.line.resident.name,
                item.line.caregiver.name,
                _short(item),
                money.format_yuan(item.line.due_fen),
                ratio_words(item.line),
                money.format_yuan(item.line.pay_fen),
            ]
            for item in slip.lines
        ],
        size=9.5,
    )
    lost = [
        [item.line.resident.name, d.zh, f"{d.maximum}分得{_points(d.points)}分", d.reason or "系统记录"]
        for item in slip.lines
        for d in item.deductions
    ]
    if lost:
        document.heading("扣分及原因", 2)
        document.table([Column("特困人员"), Column("考核项目"), Column("得分"), Column("原因")], lost, size=9)
    for item in slip.lines:
        for words in _objections(slip, item):
            about = Run(f"{item.line.resident.name}：{words[0]}", bold=True)
            document.paragraph([about, Run("".join(words[1:]))], size=10)
    document.note(
        "对其中任何一条有异议，可由负责人在系统中打开本单对该条提出异议，也可到乡镇（苏木）人民政府书面提出。"
        "有异议的一条暂缓拨付，其余照常拨付。扣发款项不影响特困人员本人的基本生活费，也不得因此克扣护理人员的劳动报酬。",
        title="有异议怎么办",
    )


def _short(item: SlipLine) -> str:
    """A line's arithmetic for a narrow column."""
    if item.line.blocked:
        return BLOCKED_ZH[Blocked(item.line.blocked)]
    about = KIND_ZH[item.line.kind].format(Quarter.parse(item.line.for_quarter).label_zh)
    parts = [
        f"{int(m.month[5:])}月{GRADE_ZH.get(m.grade or 0, '—')}{money.format_yuan(m.base_fen)}×{m.days}/{m.of_days}"
        if m.days
        else f"{int(m.month[5:])}月不计"
        for m in item.months
    ]
    return "，".join([about, *parts] if about else parts)


def slips_pdf(actor: Actor, slips: Sequence[Slip], name: str) -> tuple[io.BytesIO, str]:
    """Many slips in one file to print, each with its own number, page numbers and QR code; noted as one act. Raises ``NotFound``
    when there is none.
    """
    if not slips:
        raise NotFound
    with transaction() as tx:
        tx.actor, tx.act = tx.actor or actor, tx.act or "document.issue"
        documents = [slip_document(actor, slip) for slip in slips]
    return io.BytesIO(render_all(documents)), name


def slip_pdf(actor: Actor, slip: Slip) -> tuple[io.BytesIO, str]:
    """One slip as PDF with its file name; the same slip gives the same bytes."""
    return io.BytesIO(slip_document(actor, slip).render()), f"{slip_number(slip)}.pdf"
