"""The belongings register to sign, and tables of beds and of a month's days."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import force_locale, gettext

from app.core import clock, money
from app.core.actor import Actor
from app.core.issuing import issue, verify_url
from app.core.pdf import Cell, Column, PdfDocument, Signature, chinese_date
from app.core.periods import Month
from app.core.tables import Written, export
from app.lodging.labels import KINDS, STATES
from app.lodging.queries import Board, MonthRow, bed_name, belongings_of, running_stay
from app.lodging.rules import Days
from app.people.models import Resident
from app.places.models import Organisation

LOCALE = "zh_Hans_CN"


def _zh(words: Any) -> str:
    with force_locale(LOCALE):
        return str(words)


def belongings_pdf(actor: Actor, resident: Resident) -> tuple[io.BytesIO, str]:
    """Everything on the register of one resident, with places to sign when it is handed over."""
    rows = belongings_of(resident.id)
    number = f"WP-{resident.number}"
    facts = {
        "resident": resident.number,
        "belongings": [
            [one.id, one.kind.value, one.what, one.quantity, one.value, one.state.value, str(one.changed_on or "")]
            for one in rows
        ],
    }
    issued = issue(
        actor, kind="belongings", number=number, object_id=resident.id, facts=facts, area_code=resident.area_code
    )
    pdf = PdfDocument(
        f"个人物品保管登记表　{resident.name}", number, issued.fingerprint, verify_url(issued),
        issued.issued_at.astimezone(clock.ZONE).date(), "物品交接", landscape=True,
    )  # fmt: skip
    stay = running_stay(resident.id)
    pdf.key_values(
        [
            ("姓名", resident.name),
            ("编号", resident.number),
            ("供养机构", resident.institution.name if resident.institution else ""),
            ("床位", bed_name(stay.bed) if stay else ""),
        ]
    )
    columns = [
        Column("类别", width=34), Column("名称与特征"), Column("数量", width=12, numeric=True),
        Column("金额", width=24, numeric=True), Column("保管处", width=26), Column("收存", width=44),
        Column("协议", width=26), Column("现状", width=48),
    ]  # fmt: skip
    body: list[list[str | Cell]] = [
        [
            _zh(KINDS[one.kind]), one.what, str(one.quantity), money.format_yuan(one.value) if one.value else "",
            one.place or "", Cell(f"{chinese_date(one.received_on)}\n交：{one.given_by}　证：{one.witness}"),
            one.paper or "",
            Cell(
                _zh(STATES[one.state])
                + (f"\n{chinese_date(one.changed_on)}　{one.changed_with}" if one.changed_on else "")
                + (f"\n{one.note}" if one.note else "")
            ),
        ]
        for one in rows
    ]  # fmt: skip
    pdf.table(columns, body or [["", "没有登记物品", "", "", "", "", "", ""]])
    kept = sum(one.value or 0 for one in rows if one.kind == "money" and one.state == "kept")
    if kept:
        pdf.paragraph(f"代管现金合计：{money.format_yuan(kept)}（人民币{money.yuan_capitals(kept)}）。", bold=True)
    pdf.paragraph("物品遗失或损坏，机构应当及时告知本人或监护人，并在本表登记。", size=9.5)
    pdf.signatures([Signature("本人（或监护人）"), Signature("机构经手人"), Signature("见证人")], columns=3)
    return io.BytesIO(pdf.render()), f"{number}.pdf"


def beds_table(actor: Actor, found: Sequence[Board], kind: str) -> Written:
    """Beds of the institutions, taken and free."""
    heads = [gettext("Institution"), gettext("Beds"), gettext("Taken"), gettext("Of these away"), gettext("Free"),
             gettext("Without a bed")]  # fmt: skip
    body = [[b.institution.name, len(b.places), b.taken, b.away, b.free, len(b.waiting)] for b in found]
    return export(actor, "beds", gettext("Beds"), heads, body, kind, permission="lodging.read")


def month_table(
    actor: Actor, house: Organisation, asked: Month, rows: Sequence[MonthRow], kind: str, filters: Mapping[str, str]
) -> Written:
    """A month's days of each resident."""
    heads = [gettext("Number"), gettext("Name"), gettext("Bed"), gettext("Days of the bed"), gettext("Present"),
             gettext("In hospital"), gettext("On leave")]  # fmt: skip
    body = [[one.resident.number, one.resident.name, one.beds, *_days(one.days)] for one in rows]
    title = gettext("Days of beds, %(house)s, %(month)s", house=house.name, month=str(asked))
    return export(actor, "bed_days", title, heads, body, kind, permission="lodging.read", filters=filters)


def _days(days: Days) -> list[int]:
    return [days.bed, days.present, days.hospital, days.leave]


def month_pdf(actor: Actor, house: Organisation, asked: Month, rows: Sequence[MonthRow]) -> tuple[io.BytesIO, str]:
    """A month's days of each resident on paper, with the sums."""
    number = f"CW{asked.first:%Y%m}-{house.id}"
    facts = {"house": house.id, "month": str(asked), "days": [[one.resident.number, *_days(one.days)] for one in rows]}
    issued = issue(actor, kind="bed_days", number=number, object_id=number, facts=facts, area_code=house.area_code)
    pdf = PdfDocument(
        f"床位使用月报　{house.name}", number, issued.fingerprint, verify_url(issued),
        issued.issued_at.astimezone(clock.ZONE).date(), "月度报告",
    )  # fmt: skip
    last = min(asked.last, clock.today())
    pdf.key_values([("期间", f"{chinese_date(asked.first)}至{chinese_date(last)}"), ("人数", f"{len(rows)} 人")])
    columns = [Column("编号", width=24), Column("姓名"), Column("床位", width=30),
               *(Column(name, width=22, numeric=True) for name in ("占床日", "在院日", "住院日", "请假日"))]  # fmt: skip
    total = sum((one.days for one in rows), start=Days())
    pdf.table(
        columns,
        [[one.resident.number, one.resident.name, one.beds, *map(str, _days(one.days))] for one in rows]
        or [["", "本月无人入住", "", "", "", "", ""]],
        total=["合计", "", "", *map(str, _days(total))],
    )
    pdf.paragraph("占床日自入住当日计，离院当日不计；住院、请假日与照料计划、结算所用的离院记录为同一份。", size=9)
    pdf.signatures([Signature("填报人"), Signature("负责人")])
    return io.BytesIO(pdf.render()), f"{number}.pdf"


def month_of(text: str, today: dt.date) -> Month:
    """The month an address asks for, not after the present one; the present one for anything else."""
    try:
        asked = Month.parse(text)
    except ValueError:
        return Month.of(today)
    return asked if asked.first <= today and asked.first.year >= 2000 else Month.of(today)
