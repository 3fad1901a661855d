"""Two or more sheets of one assessment side by side: results, agreement, what differs and how it was settled. In Chinese."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import force_locale

from app.core import charts, clock
from app.core.actor import Actor
from app.core.issuing import issue, verify_url
from app.core.pdf import Cell, Column, PdfDocument, Signature
from app.core.pdf.blocks import NOTE_FILL
from app.grading import pictures
from app.grading.comparing import Group, groups
from app.grading.drafting import asked, field_order, instrument_of
from app.grading.labels import PAIR_KINDS, PAIR_STATES
from app.grading.models import Sheet, SheetPair
from app.grading.operations.pairs import entries
from app.grading.queries import names_of, pairs
from app.grading.queries.agreement import Scored, observed
from app.grading.rules.pairing import PairKind, PairRole, PairState, fields_of
from app.people import queries as people
from app.places.queries import area_path
from assessments.model import Instrument

LAYOUT = "1"
LOCALE = "zh_Hans_CN"
DIFFERS = NOTE_FILL
"""Ground of a cell whose sheets do not say the same."""


def pair_facts(row: SheetPair) -> dict[str, Any]:
    """Everything the document says; equal facts are one document."""
    sheets = [*pairs.members(row.id), *pairs.members(row.id, PairRole.RESULT)]
    return {
        "layout": LAYOUT,
        "resident": [row.resident.number, row.resident.name],
        "pair": [row.kind.value, row.cause, row.opened_at.isoformat(), row.state.value],
        "sheets": [[s.number, s.instrument_sha256, s.answers, s.facts, s.result] for s in sheets],
        "settled": [row.choices, row.reason, row.settled_at.isoformat() if row.settled_at else None],
    }


def pair_pdf(actor: Actor, row: SheetPair) -> tuple[bytes, str]:
    """The document and its file name; only for a pair in which every sheet is in."""
    resident = people.resident(actor, row.resident_id)
    sheets, results = pairs.members(row.id), pairs.members(row.id, PairRole.RESULT)
    number = f"{sheets[0].number}-B"
    record = issue(
        actor, kind="pair", number=number, object_id=row.id, facts=pair_facts(row), area_code=resident.area_code
    )
    issued_on = record.issued_at.astimezone(clock.ZONE).date()
    title = "双人独立评估对照表" if row.kind is PairKind.BLIND else "同一次评估多份评估表对照表"
    pdf = PdfDocument(
        title, number, record.fingerprint, verify_url(record), issued_on, LAYOUT, landscape=len(sheets) > 2
    )
    with force_locale(LOCALE):
        names = names_of([row.opened_by, row.settled_by, *(sheet.submitted_by for sheet in sheets)])
        pdf.key_values(
            [
                ("姓名", resident.name),
                ("特困人员编号", resident.number),
                ("住址所在村", "".join(area.name for area in area_path(resident.area_code))),
                ("类别", str(PAIR_KINDS[row.kind])),
                ("原因", row.cause or "—"),
                ("发起", f"{_at(row.opened_at)}　{names.get(row.opened_by or 0, '系统')}"),
                ("状态", str(PAIR_STATES[row.state])),
                ("密封", "两份都交齐之前，任何一方看不到另一方的评分" if row.kind is PairKind.BLIND else "—"),
            ]
        )
        instrument = instrument_of(sheets[0])
        found = groups(row)
        pdf.heading("一、各份评估表的结果")
        _results(pdf, instrument, sheets, results, names)
        pdf.heading("二、两人的一致程度" if row.kind is PairKind.BLIND else "二、一致程度")
        _agreement(pdf, instrument, sheets, found)
        pdf.heading("三、哪里不同，如何裁定")
        _differences(pdf, row, sheets, found, names)
        pdf.heading("四、逐项对照")
        _everything(pdf, instrument, sheets, results)
        pdf.paragraph(f"依据：{instrument.title['zh']}（{instrument.key}），SHA-256 {instrument.sha256}", size=8)
        assessors = [(sheet, a) for sheet in sheets for a in (sheet.first_assessor, sheet.second_assessor) if a]
        places = [Signature(f"评估员（{sheet.number}）", a.name) for sheet, a in assessors]
        if row.state is PairState.ADJUDICATED:
            places.append(Signature("裁定人", names.get(row.settled_by or 0, "")))
        pdf.signatures(places, columns=3)
        return pdf.render(), f"{number}.pdf"


def _at(moment: dt.datetime | None) -> str:
    if moment is None:
        return "—"
    local = moment.astimezone(clock.ZONE)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def _heads(sheets: list[Sheet], results: list[Sheet]) -> list[str]:
    """What each column of a comparison is called."""
    own = [f"{sheet.number}\n{_who(sheet)}" for sheet in sheets]
    return [*own, *(f"{sheet.number}\n裁定结果" for sheet in results)]


def _who(sheet: Sheet) -> str:
    return "、".join(a.name for a in (sheet.first_assessor, sheet.second_assessor) if a is not None) or "—"


def _results(
    pdf: PdfDocument, instrument: Instrument, sheets: list[Sheet], results: list[Sheet], names: dict[int, str]
) -> None:
    grades = {number: words["zh"] for number, words in instrument.grades.titles.items()}
    levels = {number: words["zh"] for number, words in instrument.combination.titles.items()}
    every = [*sheets, *results]

    def line(title: str, values: list[str]) -> list[str | Cell]:
        differs = len(set(values[: len(sheets)])) > 1
        return [title, *(Cell(v, fill=DIFFERS if differs and n < len(sheets) else None) for n, v in enumerate(values))]

    def titled(titles: dict[int, str], name: str) -> list[str]:
        return [titles.get((sheet.result or {}).get(name) or -1, "—") for sheet in every]

    ability = [levels.get(-1 if (v := (s.result or {}).get("ability_level")) is None else v, "—") for s in every]
    rows = [
        line("交表", [f"{_at(s.submitted_at)}\n{names.get(s.submitted_by or 0, '')}".strip() for s in every]),
        line("总分", ["—" if s.total is None else str(s.total) for s in every]),
        line("未达到的自理能力", [_count((s.result or {}).get("unmet")) for s in every]),
        line("能力等级", ability),
        line("法定档次（六项能力）", titled(grades, "statutory_grade")),
        line("分数档次", titled(grades, "score_grade")),
        line("建议档次", titled(grades, "proposed_grade")),
    ]
    rows[0] = [rows[0][0], *(Cell(c.text) if isinstance(c, Cell) else c for c in rows[0][1:])]  # times always differ
    pdf.table([Column(""), *(Column(title) for title in _heads(sheets, results))], rows)
    if len(sheets) == 2:
        two = [pictures.axes(instrument, pictures.item_rows(instrument, sheet, None)) for sheet in sheets]
        pdf.add(
            charts.radar_drawing(
                [axis.title for axis in two[0]],
                pictures.shares(two[0]),
                pictures.shares(two[1]),
                names=(sheets[0].number, sheets[1].number),
                width=480,
                height=240,
            )
        )


def _count(unmet: int | None) -> str:
    return "—" if unmet is None else f"{unmet} 项"


def _agreement(pdf: PdfDocument, instrument: Instrument, sheets: list[Sheet], found: list[Group]) -> None:
    """How many entries all sheets answer the same, and the weighted kappa of the observations of a couple."""
    fields = fields_of([entries(sheet) for sheet in sheets], field_order(instrument))
    differing = sum(len(group.lines) for group in found)
    pdf.paragraph(
        f"共 {len(fields)} 项答案和风险情况，其中 {len(fields) - differing} 项相同，{differing} 项不同"
        f"（相同的占 {(len(fields) - differing) * 100 / max(len(fields), 1):.0f}%）。",
        indent=True,
    )
    if len(sheets) != 2:
        return
    kappa = observed([Scored(0, 0, "", instrument.key, (sheets[0].answers, sheets[1].answers))])
    if kappa.n and kappa.value is not None and kappa.low is not None and kappa.high is not None:
        pdf.paragraph(
            f"{kappa.n} 个小项的加权一致性系数（Kappa，平方权重）为 {kappa.value:.2f}，95% 置信区间 {kappa.low:.2f} 至 {kappa.high:.2f}。"
            "1 为完全一致，0 为与碰巧一致无异。只凭一次评估，区间较宽，不能据此评价评估员。",
            indent=True,
        )
    elif kappa.n:
        pdf.paragraph(
            "两人对每个小项都给出同一个等级，一致性系数无从计算。" if kappa.same == kappa.n else "一致性系数无法计算。",
            indent=True,
        )


def _differences(
    pdf: PdfDocument, row: SheetPair, sheets: list[Sheet], found: list[Group], names: dict[int, str]
) -> None:
    decided = row.state is PairState.ADJUDICATED
    if not found:
        pdf.paragraph("各份评估表的每一项答案和风险情况都相同，无需裁定。", indent=True)
        return
    if not decided:
        pdf.note("尚未裁定：须由没有参与这次评估的第三人逐项裁定，并写明理由。")
    columns = [Column("项目"), *(Column(f"{sheet.number}") for sheet in sheets)]
    columns += [Column("裁定")] if decided else []
    for group in found:
        pdf.heading(group.title, 2)
        pdf.table(
            columns,
            [
                [line.asked.title["zh"], *line.words, *([Cell(line.chosen or "—", bold=True)] if decided else [])]
                for line in group.lines
            ],
        )
        if group.reason:
            pdf.paragraph(f"理由：{group.reason}", indent=True)
    if decided:
        pdf.heading("裁定", 2)
        pdf.key_values(
            [
                ("裁定人", names.get(row.settled_by or 0, "—")),
                ("裁定时间", _at(row.settled_at)),
                ("总的理由", row.reason or "—"),
            ]
        )
        pdf.paragraph("裁定人没有参与任何一份评估，也不参与随后的复核和档次决定。各份评估表原样长期保存。", size=9.5)


def _everything(pdf: PdfDocument, instrument: Instrument, sheets: list[Sheet], results: list[Sheet]) -> None:
    """Every question with the answer of each sheet; what differs has a coloured ground and a mark."""
    known = asked(instrument)
    every = [*sheets, *results]
    said = [entries(sheet) for sheet in every]
    rows: list[list[str | Cell]] = []
    for field in fields_of(said, field_order(instrument)):
        entry = known.get(field)
        codes = [one.get(field) for one in said]
        words = ["未评" if code is None else entry.options[code]["zh"] if entry else str(code) for code in codes]
        differs = len(set(codes[: len(sheets)])) > 1
        title = f"{entry.group_title['zh']}：{entry.title['zh']}" if entry else field
        fill = DIFFERS if differs else None
        rows.append(
            [Cell(("≠ " if differs else "") + title, bold=differs, fill=fill), *(Cell(w, fill=fill) for w in words)]
        )
    pdf.table([Column("项目", width=55), *(Column(title) for title in _heads(sheets, results))], rows, size=8)
