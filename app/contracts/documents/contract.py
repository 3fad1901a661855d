"""A contract on paper: every clause, annex and signature."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from flask_babel import gettext

from app.care.rules import ItemText, frequency_zh, texts
from app.contracts import operations, queries
from app.contracts.documents.signed import records, signed
from app.contracts.documents.words import AXIS_WORDS, GRADES, PARTY_WORDS, STATE_ZH, article, brackets
from app.contracts.labels import AXES
from app.contracts.models import Contract, Slot
from app.contracts.queries.standing import facts_of
from app.contracts.rules import State
from app.contracts.rules.amending import party_name
from app.contracts.rules.duties import id_of
from app.core import clock, money
from app.core.actor import Actor
from app.core.errors import Refused
from app.core.issuing import issue, verify_url
from app.core.pdf import Cell, Column, PdfDocument, Run, chinese_date
from app.core.rulebook import rule_by_sha
from app.grading import instruments
from app.people.models import Setting


def contract_pdf(actor: Actor, row: Contract) -> tuple[io.BytesIO, str]:
    """The contract as PDF with its file name: the sealed file once it is in force, before that a print with a mark across
    it. The same contract and signatures give the same bytes.
    """
    data = sealed_pdf(actor, row) if row.in_force_from else _printed(actor, row)
    return io.BytesIO(data), f"{row.number}.pdf"


def sealed_pdf(actor: Actor, row: Contract) -> bytes:
    """The sealed file of a contract that came in force, made at the first need and the same bytes ever after.

    Raises ``Refused`` in words while not all have signed, and when the seal of this installation cannot be used.
    """
    if row.in_force_from is None:
        raise Refused(gettext("Contract %(number)s is not in force: there is no sealed file yet.", number=row.number))
    seal = row.seal or operations.seal_contract(actor, row.id, _printed(actor, row))
    return queries.sealed_bytes(seal)


def _printed(actor: Actor, row: Contract) -> bytes:
    issued = issue(
        actor,
        kind="contract",
        number=row.number,
        object_id=row.id,
        facts=facts_of(row),
        area_code=row.area_code,
    )
    day = (row.in_force_at or issued.issued_at).astimezone(clock.ZONE).date()
    body = row.body
    document = PdfDocument(
        body["title"]["zh"] + ("（变更协议）" if row.amends is not None else ""),
        row.number,
        issued.fingerprint,
        verify_url(issued),
        day,
        "正式文本" if row.in_force_from else STATE_ZH[row.state.value],
        watermark=None if row.in_force_from else "供 签 署" if row.state is State.SIGNING else "未 生 效",
    )
    _parties(document, row)
    if row.amends is not None:
        _changes(document, row.amends, row)
    if body.get("points"):
        document.heading("写给特困人员本人")
        for n, point in enumerate(body["points"], 1):
            document.paragraph(f"{n}. {point['zh']}", size=13)
    document.heading("正文")
    document.paragraph(body["preamble"]["zh"], indent=True)
    for n, text in enumerate(body["general"], 1):
        document.paragraph(f"{brackets(n)}{text['zh']}", indent=True)
    document.heading("各方义务")
    for slot, clauses in groupby(body["clauses"], key=lambda clause: Slot(clause["party"])):
        document.heading(f"{PARTY_WORDS[slot]}（{AXIS_WORDS[AXES[slot]]}）", 2)
        for clause in clauses:
            document.paragraph(
                [Run(f"{article(clause['number'])}　", True), Run(clause["zh"], False)], size=11, stays=True
            )
            document.paragraph(
                f"依据：{clause['basis']}。履行证据：{clause['evidence']}。未履行的：{clause['breach']}。", size=9
            )
    document.paragraph(body["closing"]["zh"], indent=True)
    signed(document, row)
    _annexes(document, row)
    records(document, row)
    return document.render()


def _parties(document: PdfDocument, row: Contract) -> None:
    document.heading("签约各方")
    document.table(
        [Column("签约方"), Column("名称"), Column("责任轴")],
        [[PARTY_WORDS[p.slot], p.party_name, AXIS_WORDS[AXES[p.slot]]] for p in row.parties],
    )
    amount = row.body["annexes"]["pay_table"]["monthly_fen"]
    document.key_values(
        [
            ("特困人员", f"{row.body['resident']['name']}（人员编号 {row.body['resident']['number']}）"),
            ("所在村（社区）", row.body["resident"]["village"]),
            ("照料护理档次", GRADES[row.body["annexes"]["grade"]["grade"]]),
            ("协议期限", f"{_day(row.body['valid_from'])}至{_day(row.body['valid_to'])}"),
            ("护理人员", row.caregiver.name),
            (
                "护理补贴",
                f"每月{money.format_yuan(amount)}（大写：人民币{money.yuan_capitals(amount)}），由政府按季度{_paid(row)}，不用本人出钱"
                if amount
                else "本档次不另发护理补贴，照料不用本人出钱",
            ),
            ("生效日", chinese_date(row.in_force_from) if row.in_force_from else "七方签署完毕后生效"),
        ]
    )


def _paid(row: Contract) -> str:
    """To whom the care money goes, as the text of the contract says (ADR 42); older texts of a house left it open."""
    if row.payee_id is not None:
        return f"拨到{party_name(row.body, Slot.INSTITUTION)}的账户"
    return "发给护理人员" if row.setting is Setting.HOME else "发放"


def _changes(document: PdfDocument, old: Contract, row: Contract) -> None:
    """What an amendment changes, before and after, and whose earlier signature stands: nobody need compare two papers."""
    said = row.body["amendment"]
    again = [slot for slot in Slot if slot.value in said["signers"]]
    document.heading("本次变更")
    document.key_values(
        [
            ("原协议", f"{said['of']}（正文指纹 {said['of_sha256'][:16]}）"),
            ("变更原因", said["reason"] or "—"),
            ("重新签署", "、".join(PARTY_WORDS[slot] for slot in again) or "无"),
            ("签名继续有效", "、".join(PARTY_WORDS[slot] for slot in Slot if slot not in again) or "无"),
        ],
        pairs=1,
    )
    document.table([Column("变更事项"), Column("原协议"), Column("本协议")], differences(old.body, row.body), size=9)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The rows of an amendment's table: what changes, as it was, as it becomes. ``old`` and ``new`` are contract texts."""
    before, after = old["annexes"], new["annexes"]
    found = []
    for annex in new["amendment"]["annexes"]:
        if annex == "grade":
            found.append(("照料护理档次", GRADES[before["grade"]["grade"]], GRADES[after["grade"]["grade"]]))
        elif annex == "caregiver":
            found.append(("护理人员", party_name(old, Slot.CAREGIVER), party_name(new, Slot.CAREGIVER)))
        elif annex == "plan":
            found += _plan_differences(before, after)
        elif annex == "pay_table":
            found.append(("照料护理补贴标准", _pay(before["pay_table"]), _pay(after["pay_table"])))
        else:
            words = {"care_standard": "护理服务标准", "scorecard": "考核评分表"}[annex]
            found.append((words, _named(before[annex]), _named(after[annex])))
    for slot in Slot:
        names = (party_name(old, slot), party_name(new, slot))
        if names[0] != names[1] and slot is not Slot.CAREGIVER:
            found.append((PARTY_WORDS[slot], *names))
    clauses = [{id_of(clause): clause for clause in body["clauses"]} for body in (old, new)]
    for name in new["amendment"]["clauses"]:
        was, becomes = (kind.get(name) for kind in clauses)
        number = (becomes or was or {})["number"]
        found.append((article(number), was["zh"] if was else "无", becomes["zh"] if becomes else "删除"))
    return found


def _plan_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    words: dict[str, ItemText] = {}
    for annexes in (before, after):
        words |= texts(rule_by_sha("care_standard", annexes["care_standard"]["sha256"]).body)
    lines = [{line["item"]: line for line in annexes["plan"]["lines"]} for annexes in (before, after)]
    return [
        (words[item]["zh"], _planned(was), _planned(becomes))
        for item in dict.fromkeys([*lines[1], *lines[0]])
        if (was := lines[0].get(item)) != (becomes := lines[1].get(item))
    ]


def _planned(line: dict[str, Any] | None) -> str:
    return "不在计划内" if line is None else f"{frequency_zh(line['frequency'])}\n{_needed(line)}"


def _pay(table: Mapping[str, Any]) -> str:
    amount = table["monthly_fen"]
    each = f"每月{money.format_yuan(amount)}" if amount else "本档次不另发照料护理补贴"
    return f"{each}（第{table['version']}版 {table['sha256'][:12]}）"


def _day(text: str) -> str:
    return chinese_date(dt.date.fromisoformat(text))


def _annexes(document: PdfDocument, row: Contract) -> None:
    annexes = row.body["annexes"]
    document.heading("附件一 评估结果与档次", 2)
    document.key_values(
        [
            ("评估表", annexes["assessment"]["sheet"]),
            ("评估日期", _day(annexes["assessment"]["assessed_on"])),
            ("评估方法", instruments.find(annexes["assessment"]["instrument"]).title["zh"]),
            *(
                [("日常生活活动得分", f"{annexes['assessment']['total']}分（满分100分）")]
                if annexes["assessment"]["total"] is not None
                else []
            ),
            ("照料护理档次", GRADES[annexes["grade"]["grade"]]),
            ("档次生效日", _day(annexes["grade"]["valid_from"])),
        ]
    )
    document.heading(f"附件二 照护计划（{annexes['plan']['number']}）", 2)
    words = texts(rule_by_sha("care_standard", annexes["care_standard"]["sha256"]).body)
    document.table(
        [Column("护理服务项目"), Column("频次（最低）"), Column("本人需要")],
        [
            [
                words[line["item"]]["zh"],
                frequency_zh(line["frequency"]),
                _needs(line),
            ]
            for line in annexes["plan"]["lines"]
        ],
        size=8.5,
    )
    document.heading("附件三 护理服务标准", 2)
    document.paragraph(
        f"按《{annexes['care_standard']['title']['zh']}》第{annexes['care_standard']['version']}版执行，"
        "各项目的频次见附件二；多于标准的，以附件二为准。",
        size=9.5,
    )
    document.heading("附件四 考核评分与系数", 2)
    document.paragraph(
        f"按《{annexes['scorecard']['title']['zh']}》第{annexes['scorecard']['version']}版考核。", size=9.5
    )
    bands = annexes["scorecard"]["bands"]
    document.table(
        [Column("考核档次"), *(Column(str(b.get("zh", b["id"])), numeric=True) for b in bands)],
        [
            ["得分不低于", *(f"{b['from'] / 100:.2f}" for b in bands)],
            ["发放系数", *(f"{b['ratio_bp'] / 10000:.2f}" for b in bands)],
        ],
    )
    document.paragraph(
        "应发数乘以发放系数就是实发数。虐待、遗弃、伪造记录、侵占财物、拒绝紧急救助之一的，当季得分为零。",
        size=9.5,
    )
    document.heading("附件五 照料护理补贴标准", 2)
    amount = annexes["pay_table"]["monthly_fen"]
    document.key_values(
        [
            (
                "每月补贴",
                f"{GRADES[annexes['grade']['grade']]}{money.format_yuan(amount)}（大写：人民币{money.yuan_capitals(amount)}）"
                if amount
                else "本档次不另发照料护理补贴",
            ),
            ("补贴标准", _version(annexes["pay_table"])),
            ("补贴标准来源", annexes["pay_table"]["source"]),
        ],
        pairs=1,
    )


def _needs(line: dict[str, Any]) -> Cell:
    return Cell(_needed(line))


def _needed(line: dict[str, Any]) -> str:
    words = [*(note["zh"] for note in line["notes"]), *([line["note"]] if line["note"] else [])]
    return "\n".join(words) or "按标准，无另外需要"


def _version(rule: dict[str, Any]) -> str:
    return f"{rule['title']['zh']} 第{rule['version']}版"


def _named(rule: dict[str, Any]) -> str:
    return f"{_version(rule)}（文本指纹 {rule['sha256'][:12]}）"
