"""The page of signatures: seven places with handwriting, seals and fingerprints, those who signed beside; and, behind the
annexes, the records by which somebody can check them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

from app.contracts.documents.words import (
    COSIGNER_WORDS,
    HELD_WORDS,
    IDENTITY_WORDS,
    MEANS_WORDS,
    MEDIUM_WORDS,
    PARTY_WORDS,
    TAKEN_BACK_WORDS,
)
from app.contracts.models import Contract, ContractFile, ContractParty, FormerSignature
from app.contracts.queries.files import file_bytes, files_of
from app.contracts.rules.signing import CosignerRole, Medium
from app.core import clock
from app.core.pdf import Column, PdfDocument, Signature, chinese_date, grouped

ACROSS, ACROSS_ON_PAPER = 3, 2
"""Places side by side: as signed, and while some still sign, perhaps by hand on this paper."""
STAMP = 45
"""Millimetres of height for an office that has not signed: a stamp is 42 mm wide."""


def signed(document: PdfDocument, row: Contract) -> None:
    """Seven places, then the places of those who signed beside a party by hand."""
    files = files_of(row.parties)
    places = [_place(party, files) for party in row.parties]
    places += [place for party in row.parties for place in _beside(party)]
    document.heading("签署")
    document.paragraph(
        f"以下各方签署的是协议 {row.number}，正文指纹（SHA-256）前十六位：{grouped(row.body_sha256[:16])}。", size=9.5
    )
    document.signatures(places, columns=ACROSS if row.in_force_from else ACROSS_ON_PAPER)


def records(document: PdfDocument, row: Contract) -> None:
    """How each signature was given, what was taken back, and the fingerprints of everything that belongs to the contract: for
    who checks the paper, so they stand last.
    """
    document.heading("签署与核验记录")
    document.paragraph(
        "以下记录供核对签名、核验文件是否被改动时使用，签约各方不必逐项阅读。任何人都可以扫描页脚的二维码核验本协议。",
        size=9.5,
    )
    if any(party.signed_at for party in row.parties):
        document.heading("签署情况", 2)
        document.table(
            [
                Column("签约方", width=34),
                Column("签署人", width=25),
                Column("方式", width=30),
                Column("身份核对", width=25),
                Column("见证人、共同签署人", width=33),
                Column("时间"),
            ],
            [_evidence(party) for party in row.parties],
            size=8.5,
        )
    _taken_back(document, row)
    _fingerprints(document, row)


def _taken_back(document: PdfDocument, row: Contract) -> None:
    """Signatures that were taken back before the contract was in force: what stands above is what counts."""
    if not row.former:
        return
    document.heading("签名的撤回与重签", 2)
    document.table(
        [
            Column("签约方", width=34),
            Column("原签署", width=40),
            Column("撤回时间", width=26),
            Column("原因", width=46),
            Column("现状"),
        ],
        [_former(row, one) for one in row.former],
        size=8.5,
    )
    document.paragraph("撤回只影响该方的签名（连同其见证人、共同签署人），协议正文和其他各方的签名不受影响。", size=9)


def _former(row: Contract, one: FormerSignature) -> list[str]:
    again = next(party for party in row.parties if party.slot is one.slot)
    beside = "".join(f"\n{COSIGNER_WORDS[CosignerRole(each['role'])]}：{each['name']}" for each in one.cosigners)
    return [
        PARTY_WORDS[one.slot],
        f"{one.signer_name}（{MEANS_WORDS[one.means.value]}）\n{_moment(one.signed_at)}{beside}",
        _moment(one.taken_back_at),
        f"{TAKEN_BACK_WORDS[one.why]}：{one.reason}",
        "已重新签署" if again.signed_at else "尚未重新签署",
    ]


def _place(party: ContractParty, files: Mapping[int, ContractFile]) -> Signature:
    note = MEANS_WORDS[party.means.value] if party.means else ""
    if party.medium is Medium.PAPER:
        note += "（纸质，见扫描件）"
    if silent := [one["name"] for one in party.cosigners if not one.get("strokes")]:
        note += f"，见证人：{'、'.join(silent)}"
    if party.carried_from_id:
        note += "，原协议签名继续有效"
    strokes = json.loads(party.strokes) if party.strokes else ()
    picture = files.get(party.picture_id) if party.picture_id else None
    drawn = file_bytes(picture) if picture else b""
    label, name = PARTY_WORDS[party.slot], party.signer_name or ""
    if party.signed_at is None and party.organisation_id is not None:
        return Signature(label, name, note="签名、盖章：", least=STAMP)
    return Signature(label, name, _signed_on(party), note, strokes, drawn)


def _signed_on(party: ContractParty) -> dt.date | None:
    """The day on the paper, the day at the table, or the day the county got it."""
    moment = party.given_at if party.medium is Medium.PAPER and party.given_at else party.signed_at
    return moment.astimezone(clock.ZONE).date() if moment else None


def _beside(party: ContractParty) -> list[Signature]:
    """Those who signed beside a party by hand; witnesses without handwriting stand in the table of evidence."""
    return [
        Signature(
            f"{PARTY_WORDS[party.slot]}·{COSIGNER_WORDS[CosignerRole(one['role'])]}",
            one["name"],
            _signed_on(party),
            "手写签名",
            one["strokes"],
        )
        for one in party.cosigners
        if one.get("strokes")
    ]


def _evidence(party: ContractParty) -> list[str]:
    if party.signed_at is None or party.means is None or party.medium is None or party.identity is None:
        return [PARTY_WORDS[party.slot], "尚未签署", "—", "—", "—", "—"]
    beside = "\n".join(f"{COSIGNER_WORDS[CosignerRole(one['role'])]}：{one['name']}" for one in party.cosigners)
    identity = IDENTITY_WORDS[party.identity]
    if party.identity_note:
        identity += f"：{party.identity_note}"
    means = f"{MEANS_WORDS[party.means.value]}\n{HELD_WORDS if party.held else MEDIUM_WORDS[party.medium]}"
    return [PARTY_WORDS[party.slot], party.signer_name or "", means, identity, beside or "—", _times(party)]


def _times(party: ContractParty) -> str:
    """When the county got the signature; and what the tablet or the paper says."""
    assert party.signed_at is not None  # noqa: S101  # the caller looked
    words = _moment(party.signed_at)
    if party.given_at is None:
        return words
    if party.medium is Medium.PAPER:
        return f"纸上日期\n{chinese_date(party.given_at.astimezone(clock.ZONE).date())}\n核对入库\n{words}"
    return f"现场\n{_moment(party.given_at)}\n入库\n{words}"


def _moment(moment: dt.datetime) -> str:
    local = moment.astimezone(clock.ZONE)
    return f"{chinese_date(local.date())}\n{local:%H:%M}"


ANNEXED = {
    "template": "协议文本", "care_standard": "护理服务标准", "scorecard": "考核评分表", "pay_table": "照料护理补贴标准",
}  # fmt: skip
"""The rules a contract was drawn up from, as its annexes name them."""


def _fingerprints(document: PdfDocument, row: Contract) -> None:
    """The fingerprints of the text, of the rules it rests on, of scans and pictures: the sealed file says what belongs to it."""
    files = files_of(row.parties)
    rules = {words: row.body["annexes"][annex] for annex, words in ANNEXED.items()}
    rows = [["协议正文", row.body_sha256]]
    rows += [[f"{words}（第{rule['version']}版）", rule["sha256"]] for words, rule in rules.items()]
    for party in row.parties:
        for words, number in (("纸质签署扫描件", party.scan_id), (_picture_words(party), party.picture_id)):
            if number is not None:
                rows.append([f"{PARTY_WORDS[party.slot]}：{words}", files[number].sha256])
    document.heading("文件指纹", 2)
    document.table([Column("文件"), Column("文件指纹（SHA-256）")], rows, size=8)


def _picture_words(party: ContractParty) -> str:
    return "公章图样" if party.organisation_id is not None else "指纹图样"
