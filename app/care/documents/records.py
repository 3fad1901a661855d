"""The day's checklist, the handover of a shift, and completion as a table."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from app.care import queries, rules
from app.care.documents.words import day_zh
from app.care.documents.words import words as label
from app.care.labels import ENTRIES, INCIDENT_KINDS, ITEM_SHORT, REASONS, SHIFTS
from app.care.models import ChecklistNote
from app.care.queries import CompletionRow, DayState
from app.care.rules import SHIFTS as SHIFT_WORDS
from app.core import clock
from app.core.actor import Actor
from app.core.issuing import issue, verify_url
from app.core.pdf import Cell, Column, PdfDocument, Signature
from app.core.tables import Written, export
from app.people.labels import ABSENCE_LABELS
from app.people.models import Resident


def checklist_pdf(actor: Actor, resident: Resident, day: dt.date, state: DayState) -> tuple[io.BytesIO, str]:
    """The checklist of one day with what was recorded; empty lines where nothing was."""
    assert state.plan is not None  # noqa: S101  # the page answers 404 without a plan
    number = f"QD{day:%Y%m%d}-{resident.number}"
    said = [state.said.done, state.said.excused, state.said.not_done, state.said.late]
    facts = {"day": day.isoformat(), "resident": resident.number, "due": state.due, "said": said}
    issued = issue(
        actor, kind="checklist", number=number, object_id=resident.id, facts=facts, area_code=resident.area_code
    )
    words = rules.texts(queries.standard_of(state.plan).body)
    document = PdfDocument(
        f"护理服务清单 {resident.name}",
        number,
        issued.fingerprint,
        verify_url(issued),
        issued.issued_at.astimezone(clock.ZONE).date(),
        day_zh(day),
    )
    document.key_values(
        [
            ("姓名", resident.name),
            ("日期", day_zh(day)),
            ("照护计划", state.plan.number),
            ("所在村（社区）", resident.area.name),
        ]
    )
    notes: dict[str, list[str]] = {}
    for note in queries.notes(resident.id, day):
        notes.setdefault(note.item, []).append(_why(note))
    rows: list[list[Any]] = []
    for item, one in state.items.items():
        due = f"{one.due} 次" if one.due else "按需" if one.frequency == "prn" else "非当日"
        numbers = [str(n) if n else "" for n in (one.done + one.extra, one.not_done, one.excused)]
        rows.append([words[item].zh, due, *numbers, Cell("\n".join(notes.get(item, [])))])
    document.table(
        [
            Column("项目", width=58),
            Column("当日应做", width=20),
            Column("完成", width=16, numeric=True),
            Column("未完成", width=18, numeric=True),
            Column("不需要", width=18, numeric=True),
            Column("说明"),
        ],
        rows,
    )
    document.signatures([Signature("记录人"), Signature("特困人员（或监护人）")])
    return io.BytesIO(document.render()), f"{number}.pdf"


def handover_pdf(actor: Actor, day: dt.date, shift: str, shown: queries.HandoverShown) -> tuple[io.BytesIO, str]:
    """The handover of a shift with places for both signatures."""
    facts, row = shown.facts, shown.row
    number = f"JB{day:%Y%m%d}-{SHIFT_WORDS.index(shift) + 1:02d}-{queries.own_institution(actor)}"
    signed = {"given": row.given_at.isoformat(), "received": str(row.received_at)} if row else {}
    issued = issue(
        actor, kind="handover", number=number, object_id=number, facts={**facts, **signed}, area_code=actor.area_code
    )
    document = PdfDocument(
        "交接班小结",
        number,
        issued.fingerprint,
        verify_url(issued),
        issued.issued_at.astimezone(clock.ZONE).date(),
        "双方已签" if row and row.received_at else "待接班人签" if row else "未签",
    )
    document.key_values(
        [
            ("日期", day_zh(day)),
            ("班次", _shift_zh(facts["shift"])),
            ("在册人数", str(facts["residents"])),
            ("截至此时应做 / 已记", f"{facts['due']} / {facts['said']}"),
        ]
    )
    rows = [
        [
            _name(shown, i) + _other(on, day),
            "、".join(f"{label(ITEM_SHORT, item)} {n}" for item, n in items),
            f"尚缺 {sum(n for _item, n in items)} 次",
        ]
        for (i, on), items in shown.left.items()
    ]
    rows += [
        [_name(shown, i), label(ITEM_SHORT, item), f"{label(ENTRIES, outcome)}　{label(REASONS, code)}"]
        for i, item, outcome, code, _n, _on in facts["exceptions"]
    ]
    rows += [[_name(shown, i), "意外事件", label(INCIDENT_KINDS, kind)] for i, _id, kind in facts["incidents"]]
    rows += [
        [_name(shown, i), "不在院", label({k.value: v for k, v in ABSENCE_LABELS.items()}, kind)]
        for i, kind in facts["away"]
    ]
    document.table(
        [Column("姓名", width=40), Column("项目", width=40), Column("情况")], rows or [["—", "—", "一切按计划"]]
    )
    if row and row.note:
        document.note(row.note, title="另需交代")
    document.signatures([Signature("交班人"), Signature("接班人")])
    return io.BytesIO(document.render()), f"{number}.pdf"


def _shift_zh(shift: dict[str, str]) -> str:
    """Which shift, from when to when: ``夜班 2026年3月9日22时至3月10日6时``."""
    begins, ends = (dt.datetime.fromisoformat(shift[name]) for name in ("begins", "ends"))
    until = "" if begins.date() == ends.date() else f"{ends.month}月{ends.day}日"
    return f"{label(SHIFTS, shift['id'])} {day_zh(begins.date())}{begins.hour}时至{until}{ends.hour}时"


def _other(on: str, day: dt.date) -> str:
    return "" if on == day.isoformat() else f"（{day_zh(dt.date.fromisoformat(on))}）"


def _name(shown: queries.HandoverShown, resident_id: int) -> str:
    return shown.names.get(resident_id, "—")


def _why(note: ChecklistNote) -> str:
    """Reason and note of an entry, and whether it corrected an earlier one or came late."""
    reason = label(REASONS, note.reason_code)
    marks = [word for word, holds in (("更正", note.correction), ("补记", note.late), ("计划外", note.extra)) if holds]
    return "；".join(text for text in (f"{note.times} 次", reason, note.note or "", *marks) if text)


def completion_table(
    actor: Actor, rows: list[CompletionRow], group: str, kind: str, filters: Mapping[str, str]
) -> Written:
    """Completion of the page as Excel or CSV; ``group`` heads the first column, ``filters`` is the page's address."""
    columns = [
        group,
        gettext("Days with a record"),
        gettext("Delivered"),
        gettext("Due"),
        gettext("Not delivered"),
        gettext("Percent"),
        gettext("Recorded late"),
    ]
    data = [[row.label, row.days, row.done, row.due, row.missed, row.percent, row.late] for row in rows]
    title = gettext("Completion of care")
    return export(actor, "completion", title, columns, data, kind, permission="checklist.read", filters=filters)
