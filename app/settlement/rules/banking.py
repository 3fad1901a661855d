"""Between the ledger and the bank: references, the ISO 20022 list, and what the bank's answer means, row by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from xml.etree import ElementTree as ET

from app.core.money import NotMoney, parse_yuan

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
FIELDS = ("number", "name", "bank", "cnaps", "account", "yuan", "purpose", "payee", "caregiver", "lines", "reference")
"""What a column of the payment list may show; ``payee`` is the number of a caregiver or an institution, ``caregiver`` its old name."""


def message_id(quarter: str, area_code: str, number: int) -> str:
    """``YH2026Q1-150422100-01``: number of one list; at most 35 characters, letters every bank takes."""
    return f"YH{quarter.replace('-', '')}-{area_code}-{number:02d}"


def reference(message: str, place: int) -> str:
    """``YH2026Q1-150422100-01-0007``: number of one transfer; the bank returns it and pays it once."""
    return f"{message}-{place:04d}"


@dataclass(frozen=True)
class Transfer:
    """One transfer as the files show it. ``fen`` > 0; ``cnaps`` is empty when the bank's clearing number is not known."""

    reference: str
    name: str
    bank: str
    cnaps: str
    account: str
    fen: int
    purpose: str
    payee: str
    lines: int


def check_layout(layout: Mapping[str, Any]) -> list[str]:
    """What is wrong with a bank layout, in words; empty when it can be used."""
    problems = []
    columns = [c for c in layout.get("column", []) if isinstance(c, dict)]
    heads = [c.get("head") for c in columns]
    if not columns or len(set(heads)) != len(heads):
        problems.append("columns are missing or have equal heads")
    problems += [f"unknown field {c.get('field')!r}" for c in columns if c.get("field") not in FIELDS]
    problems += [
        f"no column shows {f}"
        for f in ("name", "account", "yuan", "reference")
        if f not in {c.get("field") for c in columns}
    ]
    result = layout.get("result", {})
    problems += [f"[result] lacks {k}" for k in ("reference", "outcome", "paid", "failed") if not result.get(k)]
    if set(result.get("paid", [])) & set(result.get("failed", [])):
        problems.append("a word means both paid and failed")
    for name, row in [("debtor", layout.get("debtor", {})), *[("bank", b) for b in layout.get("bank", [])]]:
        code = str(row.get("cnaps", ""))
        if len(code) != 12 or not code.isdigit() or not code.isascii():
            problems.append(f"[{name}] cnaps must be 12 digits")
    return problems


def cnaps_of(layout: Mapping[str, Any], bank: str) -> str:
    """Clearing number of a bank by its name; empty when the layout does not know it."""
    return next((str(b["cnaps"]) for b in layout.get("bank", []) if b["name"] == bank), "")


def yuan(fen: int) -> str:
    """``1318.35``."""
    return f"{fen // 100}.{fen % 100:02d}"


def pain001(
    message: str, made_at: dt.datetime, on: dt.date, debtor: Mapping[str, Any], transfers: Sequence[Transfer]
) -> bytes:
    """The list as ISO 20022 pain.001.001.09 (customer credit transfer, CNY, CNAPS clearing numbers); the same list gives the
    same bytes.
    """
    root = ET.Element("Document", {"xmlns": NAMESPACE})
    body = ET.SubElement(root, "CstmrCdtTrfInitn")
    count, total = str(len(transfers)), yuan(sum(t.fen for t in transfers))
    head = ET.SubElement(body, "GrpHdr")
    _text(head, "MsgId", message)
    _text(head, "CreDtTm", made_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _text(head, "NbOfTxs", count)
    _text(head, "CtrlSum", total)
    _text(head, "InitgPty/Nm", str(debtor["name"]))
    info = ET.SubElement(body, "PmtInf")
    _text(info, "PmtInfId", message)
    _text(info, "PmtMtd", "TRF")
    _text(info, "NbOfTxs", count)
    _text(info, "CtrlSum", total)
    _text(info, "ReqdExctnDt/Dt", on.isoformat())
    _text(info, "Dbtr/Nm", str(debtor["name"]))
    _text(info, "DbtrAcct/Id/Othr/Id", str(debtor["account"]))
    _agent(info, "DbtrAgt", str(debtor["cnaps"]), str(debtor["bank"]))
    for transfer in transfers:
        row = ET.SubElement(info, "CdtTrfTxInf")
        _text(row, "PmtId/EndToEndId", transfer.reference)
        amount = ET.SubElement(ET.SubElement(row, "Amt"), "InstdAmt", {"Ccy": "CNY"})
        amount.text = yuan(transfer.fen)
        _agent(row, "CdtrAgt", transfer.cnaps, transfer.bank)
        _text(row, "Cdtr/Nm", transfer.name[:140])
        _text(row, "CdtrAcct/Id/Othr/Id", transfer.account)
        _text(row, "RmtInf/Ustrd", transfer.purpose[:140])
    ET.indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="utf-8") + b"\n"


def _text(parent: ET.Element, path: str, value: str) -> None:
    for name in path.split("/"):
        parent = ET.SubElement(parent, name)
    parent.text = value


def _agent(parent: ET.Element, name: str, cnaps: str, bank: str) -> None:
    agent = ET.SubElement(ET.SubElement(parent, name), "FinInstnId")
    if cnaps:
        member = ET.SubElement(agent, "ClrSysMmbId")
        _text(member, "ClrSysId/Cd", "CNAPS")
        _text(member, "MmbId", cnaps)
    if bank or not cnaps:
        _text(agent, "Nm", bank[:140] or "—")


class Outcome(StrEnum):
    """What is done with one row of the bank's answer. Only ``paid`` and ``failed`` change anything."""

    PAID = "paid"
    FAILED = "failed"
    KNOWN = "known"
    DUPLICATE = "duplicate"
    UNKNOWN_REFERENCE = "unknown_reference"
    UNKNOWN_OUTCOME = "unknown_outcome"
    OTHER_AMOUNT = "other_amount"
    CONTRADICTION = "contradiction"
    UNREADABLE = "unreadable"


REPAIR = frozenset(Outcome) - {Outcome.PAID, Outcome.FAILED, Outcome.KNOWN}
"""Rows that a person has to look at; they go into the repair file."""


@dataclass(frozen=True)
class Answer:
    """One row of the bank's answer as it was read, and what is done with it."""

    row: int
    reference: str
    yuan: str
    outcome: str
    reason: str
    done: Outcome

    def as_json(self) -> dict[str, Any]:
        """Stored form."""
        return {
            "row": self.row,
            "reference": self.reference,
            "yuan": self.yuan,
            "outcome": self.outcome,
            "reason": self.reason,
            "done": self.done.value,
        }


def read_answers(
    layout: Mapping[str, Any],
    rows: Sequence[tuple[int, Mapping[str, str], bool]],
    sent: Mapping[str, tuple[int, str]],
) -> list[Answer]:
    """What each row of the bank's answer means. ``rows`` are (number, cells by heading, readable); ``sent`` maps references
    to (fen, state of the payment). A reference that stands twice counts once; when its rows contradict each other, none does.
    """
    result = layout["result"]
    read = []
    for number, cells, readable in rows:
        value = {k: cells.get(str(result.get(k, "")), "").strip() for k in ("reference", "yuan", "outcome", "reason")}
        read.append((number, value, readable))
    words: dict[str, set[str]] = {}
    for _number, value, _readable in read:
        words.setdefault(value["reference"], set()).add(_meaning(result, value["outcome"]))
    answers, seen = [], set()
    for number, value, readable in read:
        done = _done(result, value, readable, sent, words[value["reference"]], value["reference"] in seen)
        seen.add(value["reference"])
        answers.append(Answer(number, value["reference"], value["yuan"], value["outcome"], value["reason"], done))
    return answers


def _meaning(result: Mapping[str, Any], outcome: str) -> str:
    return "paid" if outcome in result["paid"] else "failed" if outcome in result["failed"] else ""


def _done(
    result: Mapping[str, Any],
    value: Mapping[str, str],
    readable: bool,
    sent: Mapping[str, tuple[int, str]],
    meanings: set[str],
    again: bool,
) -> Outcome:
    if not readable:
        return Outcome.UNREADABLE
    if value["reference"] not in sent:
        return Outcome.UNKNOWN_REFERENCE
    if len(meanings) > 1:
        return Outcome.CONTRADICTION
    meaning = _meaning(result, value["outcome"])
    if not meaning:
        return Outcome.UNKNOWN_OUTCOME
    fen, state = sent[value["reference"]]
    try:
        if value["yuan"] and parse_yuan(value["yuan"]) != fen:
            return Outcome.OTHER_AMOUNT
    except NotMoney:
        return Outcome.OTHER_AMOUNT
    if again:
        return Outcome.DUPLICATE
    if state == "sent":
        return Outcome(meaning)
    known = state == meaning or (state == "returned" and meaning == "paid")
    return Outcome.KNOWN if known else Outcome.CONTRADICTION
