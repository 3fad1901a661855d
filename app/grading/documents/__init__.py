"""The sheet's report and the notice of a decision as PDF. Printed documents are in Chinese."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import force_locale

from app.core import charts, clock
from app.core.actor import Actor
from app.core.issuing import issue, verify_url
from app.core.pdf import Cell, Column, PdfDocument, Run, Signature
from app.core.periods import age_on, first_of_next_month
from app.grading import panels, pictures, queries, rules
from app.grading.drafting import instrument_of
from app.grading.labels import GRADES, REASONS, RELATIONS
from app.grading.models import CareGrade, Sheet
from app.grading.queries.appeals import deadlines
from app.grading.telling import tell
from app.people import queries as people
from app.people.models import Resident
from app.places.queries import area_path
from assessments.model import Instrument

VERSION = "2"
"""Version of both layouts; it is part of what the fingerprint covers."""
LOCALE = "zh_Hans_CN"


def _place(resident: Resident) -> str:
    return "".join(area.name for area in area_path(resident.area_code))


def _word(value: object) -> str:
    return "—" if value is None or value == "" else str(value)


def _person(resident: Resident) -> dict[str, str]:
    return {
        "name": resident.name,
        "number": resident.number,
        "sex": "男" if resident.sex == "1" else "女",
        "born_on": resident.born_on.isoformat(),
        "id_tail": resident.id_tail or "",
        "place": _place(resident),
    }


def _day(day: dt.date | None) -> str:
    return "—" if day is None else f"{day.year}年{day.month}月{day.day}日"


def sheet_facts(
    sheet: Sheet, resident: Resident, last: Sheet | None, effects: Sequence[panels.Effect] = ()
) -> dict[str, Any]:
    """Everything the report says; its hash is the fingerprint, so equal facts are one document."""
    return {
        "layout": VERSION,
        "person": _person(resident),
        "number": sheet.number,
        "assessed_on": sheet.assessed_on.isoformat(),
        "reason": sheet.reason_code,
        "assessors": [
            {"name": a.name, "certificate": a.certificate_number, "agency": a.organisation.name}
            for a in (sheet.first_assessor, sheet.second_assessor)
            if a is not None
        ],
        "informant": [sheet.informant_name, sheet.informant_relation],
        "instrument": [sheet.instrument, sheet.instrument_sha256],
        "answers": sheet.answers,
        "facts": sheet.facts,
        "result": sheet.result,
        "notes": sheet.notes,
        "next_on": _next_due(sheet).isoformat(),
        "last": [last.number, last.answers, (last.result or {}).get("items")] if last is not None else None,
        "effects": [[e.label, dict(e.by_grade)] for e in effects],
    }


def sheet_pdf(actor: Actor, sheet: Sheet) -> tuple[bytes, str]:
    """The assessment report of a submitted sheet: result, radar, every answer, the reasons, places to sign."""
    resident = people.resident(actor, sheet.resident_id)
    last = queries.last_comparable(sheet)
    with force_locale(LOCALE):
        proposal = queries.proposal_of(sheet.id)
        waits = proposal is not None and proposal.state in rules.OPEN
        effects = panels.effects(actor, resident, first_of_next_month(clock.today())) if waits else []
    facts = sheet_facts(sheet, resident, last, effects)
    record = issue(
        actor, kind="sheet", number=sheet.number, object_id=sheet.id, facts=facts, area_code=resident.area_code
    )
    issued_on = record.issued_at.astimezone(clock.ZONE).date()
    with force_locale(LOCALE):
        pdf = PdfDocument(
            "老年人能力与照料护理档次评估报告", sheet.number, record.fingerprint, verify_url(record), issued_on, VERSION
        )
        _sheet_body(pdf, sheet, resident, last, effects)
        return pdf.render(), f"{sheet.number}.pdf"


def _sheet_body(
    pdf: PdfDocument, sheet: Sheet, resident: Resident, last: Sheet | None, effects: Sequence[panels.Effect]
) -> None:
    instrument, result = instrument_of(sheet), sheet.result or {}
    person = _person(resident)
    pdf.key_values(
        [
            ("姓名", f"{person['name']}（{person['sex']}，{age_on(resident.born_on, sheet.assessed_on)}岁）"),
            ("特困人员编号", person["number"]),
            ("出生日期", _day(resident.born_on)),
            ("身份证号末四位", _word(person["id_tail"])),
            ("住址所在村", person["place"]),
            ("评估日期", _day(sheet.assessed_on)),
            ("下次定期评估", f"不晚于{_day(_next_due(sheet))}"),
            ("评估原因", str(REASONS.get(sheet.reason_code or "", "—"))),
            ("信息提供者", f"{_word(sheet.informant_name)}（{RELATIONS.get(sheet.informant_relation or '', '—')}）"),
        ]
    )
    if sheet.rescored_from_id is not None:
        pdf.note("本表没有重新入户：观察取自上一份评估表，按评估工具的新版重新计分。")
    pdf.heading("一、评估结果")
    _result(pdf, instrument, result)
    pdf.heading("二、为什么是这个结果")
    _plain(pdf, sheet, last, effects)
    pdf.heading("三、各项得分")
    rows = pictures.item_rows(instrument, sheet, last)
    axes = pictures.axes(instrument, rows)
    before_shares = pictures.shares(axes, last=True) if last is not None else None
    titles = [row.title for row in axes]
    pdf.add(charts.radar_drawing(titles, pictures.shares(axes), before_shares, width=480, height=250))
    columns = [Column("项目"), Column("得分", numeric=True), Column("满分", numeric=True)]
    columns += [Column("上次", numeric=True)] if last is not None else []
    table = []
    for row in rows:
        before = [_word(row.before)] if last is not None else []
        table.append([row.title, _word(row.score), str(row.top), *before, "；".join(row.deciding)])
    total = ["合计", _word(result.get("total")), str(sum(row.top for row in rows))]
    total += [_word(last.total)] if last is not None else []
    pdf.table([*columns, Column("起决定作用的小项")], table, total=[*total, ""])
    totals = queries.totals_until(sheet)
    if len(totals) > 1:
        top = sum(item.max for item in instrument.items)
        days, points = [f"{day:%Y-%m-%d}" for day, _points in totals], [points for _day, points in totals]
        pdf.add(charts.line_drawing(days, {"总分": points}, title="历次总分", maximum=top, width=480, height=130))
    pdf.heading("四、逐项观察")
    _answers(pdf, instrument, sheet)
    pdf.heading("五、计算过程（供核对）")
    for number, step in enumerate(result.get("trace", []), 1):
        pdf.paragraph(f"{number}. {step['zh']}", size=8.5)
    if sheet.notes:
        pdf.heading("六、备注")
        pdf.paragraph(sheet.notes, size=9.5)
    pdf.paragraph(f"依据：{instrument.title['zh']}（{sheet.instrument}），SHA-256 {sheet.instrument_sha256}", size=8)
    pdf.heading("签名", 2)
    pdf.paragraph("两名评估员同时在场评估并签名；信息提供者签名（MZ/T 039-2013）。", size=9)
    assessors = [a for a in (sheet.first_assessor, sheet.second_assessor) if a is not None]
    pdf.signatures(
        [
            *(Signature(f"评估员{n}（{a.certificate_number}）", a.name) for n, a in enumerate(assessors, 1)),
            Signature("信息提供者", sheet.informant_name or ""),
        ],
        columns=3,
    )


def _result(pdf: PdfDocument, instrument: Instrument, result: dict[str, Any]) -> None:
    titles = {number: words["zh"] for number, words in instrument.grades.titles.items()}
    levels = {number: words["zh"] for number, words in instrument.combination.titles.items()}
    agree = {True: "两种档次一致", False: "两种档次不一致，须复核并书面说明理由", None: "只有一种档次可确定，须复核"}
    scored = bool(instrument.grades.score_tiers)
    count = "" if result.get("unmet") is None else f"（{result['unmet']} 项未达到）"
    pdf.key_values(
        [
            ("总分", f"{_word(result.get('total'))}（满分 {sum(item.max for item in instrument.items)}）"),
            ("能力等级", _titled(levels, result.get("ability_level"))),
            ("法定档次（六项能力）", _titled(titles, result.get("statutory_grade")) + count),
            ("分数档次", _titled(titles, result.get("score_grade")) if scored else "本工具的总分不对应档次"),
            ("建议档次", _titled(titles, result.get("proposed_grade"))),
            ("两种档次", agree[result.get("tiers_agree")] if scored else "只按六项自理能力，须复核"),
        ]
    )
    if instrument.groups:
        tops = {group.id: f"（满分 {group.top}）" for group in instrument.groups}
        points = result.get("groups", {})
        pdf.table(
            [Column(group.title["zh"]) for group in instrument.groups],
            [[_word(points.get(group.id)) + tops[group.id] for group in instrument.groups]],
        )
    adl = {band.value: band.title["zh"] for band in instrument.adl_bands}
    parts = [(instrument.adl_title["zh"], _titled(adl, result.get("adl_level"), "未评"))]
    for domain in instrument.domains:
        level = result["levels"].get(domain.key)
        parts.append((domain.title["zh"], "未评" if level is None else domain.level_title(level)["zh"]))
    if instrument.domains:  # a level of the total alone stands above
        pdf.table([Column(title) for title, _words in parts], [[words for _title, words in parts]])
    met = {True: "达到", False: "未达到", None: "无法确定"}
    abilities = result.get("abilities", {})
    columns = [Column(instrument.grades.abilities[name]["zh"]) for name in abilities]
    pdf.table(columns, [[met[value] for value in abilities.values()]])


def _titled(titles: Mapping[int, str], number: int | None, missing: str = "—") -> str:
    return missing if number is None else titles[number]


def _plain(pdf: PdfDocument, sheet: Sheet, last: Sheet | None, effects: Sequence[panels.Effect]) -> None:
    """The part for the resident and the family: words only."""
    telling = tell(sheet, last)
    for one in telling.reasons:
        pdf.paragraph(one.words["zh"], size=11, indent=True)
    pdf.heading("怎样的变化会使档次改变", 2)
    for line in telling.what_if:
        pdf.paragraph(line["zh"] + "。", size=10.5, indent=True)
    if last is not None:
        pdf.heading(f"与上次评估相比（{_day(last.assessed_on)}，{_word(last.total)} 分）", 2)
        for change in telling.since:
            pdf.paragraph(f"{'变差' if change.worse else '变好'}：{change.words['zh']}。", size=10.5, indent=True)
        if not telling.since:
            pdf.paragraph("各项观察与上次相同。", size=10.5, indent=True)
    if effects:
        pdf.heading("决定以后，照护和补贴会怎样", 2)
        columns = [Column("内容"), *(Column(str(GRADES[grade])) for grade in GRADES)]
        pdf.table(columns, [[e.label, *(e.by_grade.get(grade, "—") for grade in GRADES)] for e in effects])


def _answers(pdf: PdfDocument, instrument: Instrument, sheet: Sheet) -> None:
    rows: list[list[str | Cell]] = []
    for item in instrument.items:
        for sub in item.subitems:
            code = sheet.answers.get(sub.id)
            seen = sub.labels[code]["zh"] if code else "未评"
            rows.append([sub.id, f"{item.title['zh']}：{sub.title['zh']}", seen])
        if not item.subitems:
            rows.append([item.code, item.title["zh"], _chosen(item.options, sheet.answers.get(item.code))])
    for domain in instrument.domains:
        for asked in domain.items:
            title = f"{domain.title['zh']}：{asked.title['zh']}"
            rows.append([asked.id, title, _chosen(asked.options, sheet.answers.get(asked.id))])
    rows += [
        [fact.code, fact.title["zh"], _chosen(fact.options, sheet.facts.get(fact.id))] for fact in instrument.facts
    ]
    columns = [Column("编号", width=20), Column("项目", width=55), Column("所见")]
    pdf.table(columns, rows, size=8.5)


def _chosen(options: Any, code: int | None) -> str:
    return next((option.label["zh"] for option in options if option.code == code), "未评")


def notice_facts(row: CareGrade, resident: Resident) -> dict[str, Any]:
    """Everything the notice says. ``valid_to`` is left out: the decision does not know its end."""
    proposal, sheet = row.proposal, row.proposal.sheet
    return {
        "layout": VERSION,
        "person": _person(resident),
        "grade": row.grade,
        "valid_from": row.valid_from.isoformat(),
        "decided_on": row.decided_at.astimezone(clock.ZONE).date().isoformat(),
        "objected_until": _objected_until(row.decided_at.astimezone(clock.ZONE).date()).isoformat(),
        "next_on": _next_due(sheet, row.decided_at.astimezone(clock.ZONE).date()).isoformat(),
        "sheet": [sheet.number, sheet.assessed_on.isoformat(), sheet.instrument, sheet.instrument_sha256],
        "tiers": [sheet.statutory_grade, sheet.score_grade, (sheet.result or {}).get("unmet"), sheet.total],
        "reasons": [proposal.review_reason, proposal.decision_reason],
    }


def _objected_until(decided_on: dt.date) -> dt.date:
    """The last day of publicity by the rule of the day of the decision."""
    return deadlines(decided_on).published_until(decided_on).on


def _next_due(sheet: Sheet, on: dt.date | None = None) -> dt.date:
    """The last day for the next regular assessment, by the rule of the day it was handed in, or of ``on``."""
    handed_in = sheet.submitted_at.astimezone(clock.ZONE).date() if sheet.submitted_at else clock.today()
    return deadlines(on or handed_in).next_due(sheet.instrument, sheet.assessed_on)


def notice_pdf(actor: Actor, row: CareGrade) -> tuple[bytes, str]:
    """The decision in plain words for the resident: grade, from when, why, and how to object."""
    resident = people.resident(actor, row.resident_id)
    sheet = row.proposal.sheet
    number = f"{sheet.number}-D"
    facts = notice_facts(row, resident)
    record = issue(actor, kind="grade", number=number, object_id=row.id, facts=facts, area_code=resident.area_code)
    issued_on = record.issued_at.astimezone(clock.ZONE).date()
    pdf = PdfDocument("照料护理档次决定告知书", number, record.fingerprint, verify_url(record), issued_on, VERSION)
    instrument = instrument_of(sheet)
    grade = instrument.grades.titles[row.grade]["zh"]
    pdf.paragraph(f"{resident.name}：", size=13)
    decided_on = row.decided_at.astimezone(clock.ZONE).date()
    pdf.paragraph(
        [
            Run(f"经评估和审核，{_day(decided_on)}决定您的照料护理档次为"),
            Run(f"{grade}", bold=True),
            Run(f"，自{_day(row.valid_from)}起执行。"),
        ],
        size=13,
        indent=True,
    )
    pdf.heading("为什么是这个档次", 2)
    for text in _plain_reasons(row, instrument):
        pdf.paragraph(text, size=12, indent=True)
    pdf.heading("以后还会评估吗", 2)
    pdf.paragraph(
        f"下一次定期评估不晚于{_day(_next_due(sheet, decided_on))}。身体状况有变化时，请随时告诉村（社区）、护理人员或乡镇，会尽快再评。",
        size=12,
        indent=True,
    )
    pdf.heading("如果您不同意", 2)
    pdf.paragraph(
        f"公示期内（至{_day(_objected_until(decided_on))}），您、监护人或供养机构可以向村（社区）、乡镇人民政府或县级民政部门提出异议，"
        "由另外两名评估员重新评估；决定之前，照料不受影响，补贴按原来的档次发放。也可以依法申请行政复议或者提起行政诉讼。",
        size=12,
        indent=True,
    )
    pdf.note(
        f"姓名：{resident.name}　编号：{resident.number}　身份证号末四位：{_word(resident.id_tail)}　"
        f"住址所在村：{_place(resident)}\n评估表：{sheet.number}（{_day(sheet.assessed_on)}）　"
        f"依据：{sheet.instrument}，SHA-256 {sheet.instrument_sha256}"
    )
    pdf.signatures([Signature("决定机关（盖章）"), Signature("送达人"), Signature("收到人（本人或监护人）")], columns=3)
    return pdf.render(), f"{number}.pdf"


def _plain_reasons(row: CareGrade, instrument: Instrument) -> list[str]:
    proposal, sheet = row.proposal, row.proposal.sheet
    result = sheet.result or {}
    met = result.get("abilities", {})
    names = [words["zh"] for key, words in instrument.grades.abilities.items() if met.get(key) is False]
    first = f"{_day(sheet.assessed_on)}两名评估员看了您的日常生活。"
    if names:
        first += f"六项自理能力中，{'、'.join(names)}共{len(names)}项需要别人帮助。"
    elif result.get("unmet") == 0:
        first += "六项自理能力都能自己完成。"
    if sheet.total is not None:
        first += f"各项共得 {sheet.total} 分（满分 {sum(item.max for item in instrument.items)} 分）。"
    texts = [first]
    if sheet.statutory_grade is not None:
        texts.append(
            "按《特困人员认定办法》（民发〔2021〕43号）第二十一条、第二十二条，"
            f"{instrument.grades.categories[sheet.statutory_grade]['zh']}。"
        )
    if proposal.review_reason:
        texts.append(f"两种评定办法结果不同，已经复核。复核意见：{proposal.review_reason}")
    if proposal.decision_reason:
        texts.append(f"决定理由：{proposal.decision_reason}")
    return texts
