"""The care report of a month (or any range) for those who answer for it."""

from __future__ import annotations

import io
from collections import Counter

from app.care import queries
from app.care.documents.words import day_zh
from app.care.documents.words import words as label
from app.care.labels import INCIDENT_KINDS, ITEM_SHORT, OUTCOMES, REASONS
from app.care.queries import CompletionRow, Wanted
from app.core import clock
from app.core.actor import Actor
from app.core.issuing import issue, verify_url
from app.core.pdf import Column, PdfDocument, Signature
from app.places.queries import area_name

WORST = 15
"""Residents with the least delivered care that the report names."""
SIGNS = {"clean": "本人、床铺、居室整洁", "skin": "皮肤无破损、无压疮", "steady": "体重、食欲稳定"}


def care_report_pdf(actor: Actor, wanted: Wanted) -> tuple[io.BytesIO, str]:
    """Planned and delivered by item and village, why not, who got least, incidents, visits, signs of decline."""
    known = queries.basis(actor, wanted)
    items = queries.completion(actor, wanted, "item", known)
    villages = queries.completion(actor, wanted, "village", known)
    residents = [row for row in queries.completion(actor, wanted, "resident", known) if row.due]
    reasons = queries.reasons(actor, wanted)
    told = actor.may("visits.read")
    seen = queries.seen_between(actor, wanted.first, wanted.last, SIGNS, area=wanted.area) if told else None
    kinds = Counter(one.kind for one in queries.incidents_between(actor, wanted.first, wanted.last, area=wanted.area))
    place = area_name(wanted.area or actor.area_code or "") or "全部"
    facts = {
        "range": [wanted.first.isoformat(), wanted.last.isoformat()],
        "place": wanted.area or actor.area_code,
        "items": [[row.key, row.done, row.due, row.late] for row in items],
        "residents": [[row.key, row.done, row.due] for row in residents],
        "reasons": [list(one) for one in reasons],
        "incidents": dict(kinds),
        "visits": seen.visits if seen else 0,
    }
    number = f"ZB{wanted.first:%Y%m%d}-{wanted.last:%Y%m%d}-{wanted.area or actor.area_code or 'X'}"
    issued = issue(actor, kind="care_report", number=number, object_id=number, facts=facts, area_code=actor.area_code)
    pdf = PdfDocument(
        f"照料服务报告　{place}",
        number,
        issued.fingerprint,
        verify_url(issued),
        issued.issued_at.astimezone(clock.ZONE).date(),
        "月度报告",
    )
    done, due, late = (sum(getattr(row, name) for row in items) for name in ("done", "due", "late"))
    pdf.key_values(
        [
            ("期间", f"{day_zh(wanted.first)}至{day_zh(wanted.last)}"),
            ("服务对象", f"{len(residents)} 人"),
            ("应做服务", f"{due:,} 次"),
            ("已完成", f"{done:,} 次（{_percent(done, due)}）"),
            ("未完成", f"{due - done:,} 次"),
            ("补记", f"{late:,} 项"),
            *([("探访", f"{seen.visits:,} 次")] if seen else []),
            ("意外事件", f"{sum(kinds.values())} 起"),
        ]
    )
    pdf.heading("按项目")
    pdf.table(_columns("项目"), [_row(label(ITEM_SHORT, str(row.key)), row) for row in items])
    pdf.heading("按村（社区）")
    pdf.table(_columns("村（社区）"), [_row(row.label, row) for row in villages])
    pdf.heading("没有做或不需要的原因")
    pdf.table(
        [Column("原因"), Column("记为", width=30), Column("次数", width=24, numeric=True)],
        [
            [label(REASONS, code), label({k.value: v for k, v in OUTCOMES.items()}, outcome), f"{n:,}"]
            for outcome, code, n in reasons
        ]
        or [["无", "", ""]],
    )
    pdf.heading("完成最少的人")
    pdf.table(
        _columns("姓名"), [_row(row.label, row) for row in residents[:WORST] if row.missed] or [["无", "", "", "", ""]]
    )
    if seen:
        _visits(pdf, seen)
    pdf.heading("意外事件")
    pdf.table(
        [Column("类别"), Column("起数", width=24, numeric=True)],
        [[label(INCIDENT_KINDS, kind), str(n)] for kind, n in kinds.most_common()] or [["无", ""]],
    )
    pdf.paragraph("应做 = 计划的次数 − 记为不需要的次数 − 住院外出日未记的次数；没有记录的按未完成计。", size=9)
    pdf.signatures([Signature("填报人"), Signature("负责人")])
    return io.BytesIO(pdf.render()), f"{number}.pdf"


def _visits(pdf: PdfDocument, seen: queries.Seen) -> None:
    """What visitors looked at: how often it was good and how often not."""
    pdf.heading("探访所见")
    rows = [[words, *(f"{number:,}" for number in seen.signs[name])] for name, words in SIGNS.items()]
    columns = [Column("查看内容"), Column("良好", width=24, numeric=True), Column("不好", width=24, numeric=True)]
    pdf.table(columns, rows)


def _columns(first: str) -> list[Column]:
    return [Column(first), *(Column(name, width=26, numeric=True) for name in ("应做", "完成", "未完成", "完成率"))]


def _row(name: str, row: CompletionRow) -> list[str]:
    return [name, f"{row.due:,}", f"{row.done:,}", f"{row.missed:,}", _percent(row.done, row.due)]


def _percent(done: int, due: int) -> str:
    return f"{done * 100 // due}%" if due else "—"
