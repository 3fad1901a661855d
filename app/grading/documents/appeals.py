"""The outcome of an appeal against a care grade, with both sheets side by side. Printed in Chinese."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.core import clock
from app.core.actor import Actor
from app.core.issuing import issue, verify_url
from app.core.pdf import Column, PdfDocument, Signature
from app.grading.drafting import instrument_of
from app.grading.models import GradeAppeal, Sheet
from app.grading.queries.appeals import first_sheet
from app.grading.rules.appeals import AppealBy, AppealState
from app.people import queries as people

BY = {AppealBy.RESIDENT: "本人", AppealBy.GUARDIAN: "监护人", AppealBy.INSTITUTION: "供养机构"}
LAYOUT = "1"


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _pair(sheet: Sheet | None) -> str:
    named = [] if sheet is None else [sheet.first_assessor, sheet.second_assessor]
    return "、".join(a.name for a in named if a is not None) or "—"


def _points(value: int | None) -> str:
    return "—" if value is None else str(value)


def appeal_facts(row: GradeAppeal) -> dict[str, Any]:
    """Everything the document says; equal facts are one document."""
    sheets = [first_sheet(row), row.second_sheet]
    return {
        "layout": LAYOUT,
        "resident": [row.resident.number, row.resident.name],
        "by": [row.by.value, row.by_name, row.reason, row.filed_on.isoformat()],
        "state": row.state.value,
        "outcome": [row.outcome_grade, row.outcome_reason, row.closed_at.isoformat() if row.closed_at else None],
        "sheets": [[s.number, s.instrument_sha256, s.answers, s.result] for s in sheets if s is not None],
    }


def appeal_pdf(actor: Actor, row: GradeAppeal) -> tuple[bytes, str]:
    """The document and its file name; only for an appeal that is over."""
    resident = people.resident(actor, row.resident_id)
    first, second = first_sheet(row), row.second_sheet
    instrument = instrument_of(first)
    titles = {number: words["zh"] for number, words in instrument.grades.titles.items()}
    number = f"{first.number}-Y"
    record = issue(
        actor, kind="appeal", number=number, object_id=row.id, facts=appeal_facts(row), area_code=resident.area_code
    )
    issued_on = record.issued_at.astimezone(clock.ZONE).date()
    pdf = PdfDocument("照料护理档次异议处理告知书", number, record.fingerprint, verify_url(record), issued_on, LAYOUT)
    closed_on = row.closed_at.astimezone(clock.ZONE).date() if row.closed_at else issued_on
    pdf.paragraph(f"{row.by_name}（{BY[row.by]}）：", size=13)
    pdf.paragraph(
        f"您于{_day(row.filed_on)}对{resident.name}的照料护理档次（{titles[row.grade.grade]}，"
        f"自{_day(row.grade.valid_from)}起）提出异议：{row.reason}",
        size=12,
        indent=True,
    )
    pdf.heading("处理结果", 2)
    pdf.paragraph(_outcome(row, titles, closed_on), size=12, indent=True)
    if row.outcome_reason:
        pdf.paragraph(f"理由：{row.outcome_reason}", size=12, indent=True)
    pdf.heading("两次评估对照", 2)
    before, after = (first.result or {}), ((second.result or {}) if second is not None else {})
    table = [
        [
            item.title["zh"],
            _points(before.get("items", {}).get(item.id)),
            _points(after.get("items", {}).get(item.id)),
            str(item.max),
        ]
        for item in instrument.items
    ]
    columns = [
        Column("大项"),
        Column("第一次", numeric=True),
        Column("复评", numeric=True),
        Column("满分", numeric=True),
    ]
    pdf.table(columns, table, total=["合计", _points(first.total), _points(second.total if second else None), ""])
    pdf.key_values(
        [
            ("第一次评估表", f"{first.number}（{_day(first.assessed_on)}）"),
            ("第一次评估员", _pair(first)),
            ("复评评估表", f"{second.number}（{_day(second.assessed_on)}）" if second else "—"),
            ("复评评估员", _pair(second)),
            ("第一次建议档次", titles.get(first.proposed_grade or 0, "—")),
            ("复评建议档次", titles.get((second.proposed_grade if second else 0) or 0, "—")),
        ]
    )
    pdf.heading("如果您仍不同意", 2)
    pdf.paragraph(
        "可以依法申请行政复议或者提起行政诉讼。异议处理期间，补贴按原档次发放；结果确定后多退少补。",
        size=12,
        indent=True,
    )
    pdf.note(f"姓名：{resident.name}　编号：{resident.number}　两份评估表长期保存，均可查阅。")
    pdf.signatures([Signature("决定机关（盖章）"), Signature("送达人"), Signature("收到人")], columns=3)
    return pdf.render(), f"{number}.pdf"


def _outcome(row: GradeAppeal, titles: dict[int, str], closed_on: dt.date) -> str:
    if row.state is AppealState.WITHDRAWN:
        return f"{_day(closed_on)}异议已撤回，照料护理档次仍为{titles[row.grade.grade]}。"
    assert row.outcome_grade is not None  # noqa: S101  # a constraint of the table
    if row.state is AppealState.CONFIRMED:
        return f"另外两名评估员重新评估后，{_day(closed_on)}决定维持{titles[row.outcome_grade]}。"
    return (
        f"另外两名评估员重新评估后，{_day(closed_on)}决定改为{titles[row.outcome_grade]}；"
        f"补贴自{_day(row.grade.valid_from)}起按{titles[row.outcome_grade]}计算。"
    )
