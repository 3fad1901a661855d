"""Shapes of the JSON API, version 1: what goes out and what the one submission takes in. Fields may be added, never
renamed.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Out(BaseModel):
    """Base of everything that goes out."""

    model_config = ConfigDict(from_attributes=True)


class ResidentOut(Out):
    """A resident; numbers masked. Roles that only care or visit are not told day of birth and ID number (null)."""

    id: int
    number: str
    name: str
    sex: str = Field(description="GB/T 2261.1: 1 male, 2 female")
    born_on: dt.date | None
    age: int = Field(description="Whole years today, or at the end of support")
    id_number_masked: str | None
    area_code: str
    setting: Literal["institutional", "home"]
    institution_id: int | None
    caregiver_id: int | None
    status: Literal["active", "deceased", "ended"]
    supported_from: dt.date
    ended_on: dt.date | None


class SheetOut(Out):
    """An assessment sheet with its result (the contract of the scoring module)."""

    id: int
    number: str
    resident_id: int
    state: Literal["draft", "sealed", "submitted", "discarded"]
    reason_code: str | None
    assessed_on: dt.date
    instrument: str
    instrument_sha256: str
    first_assessor_id: int | None
    second_assessor_id: int | None
    answers: dict[str, Any]
    facts: dict[str, Any]
    result: dict[str, Any] | None
    submitted_at: dt.datetime | None


class InstrumentOut(Out):
    """An instrument a sheet may name; ``sha256`` is the hash of its file, which stands on every result."""

    key: str
    title: dict[str, str]
    in_force_from: dt.date
    source: str
    status: Literal["official", "local", "example"]
    sha256: str


class InstrumentsOut(Out):
    """All instruments a sheet may name."""

    items: list[InstrumentOut]


class InstrumentDataOut(Out):
    """What scores elsewhere: ``data`` as `assessments.export` makes it from the file, and the SHA-256 of its canonical form
    (names sorted, no blanks, UTF-8).
    """

    key: str
    sha256: str
    export_sha256: str
    data: dict[str, Any]


class GradeOut(Out):
    """A care grade: 1 全自理, 2 半护理, 3 全护理, in force for whole months."""

    id: int
    resident_id: int
    grade: int
    valid_from: dt.date
    valid_to: dt.date | None
    instrument: str
    instrument_sha256: str
    decided_at: dt.datetime


class ChecklistOut(Out):
    """One resident's day: how often each item S01 … S12 was done and not needed; items not done or recorded late."""

    day: dt.date
    resident_id: int
    done: dict[str, int]
    not_needed: dict[str, int]
    not_done: list[str]
    late: list[str]
    recorded_at: dt.datetime


class PartyOut(Out):
    """One of the seven places."""

    slot: str
    party_name: str
    signed_at: dt.datetime | None


class ContractOut(Out):
    """A seven-party contract."""

    id: int
    number: str
    resident_id: int
    caregiver_id: int
    institution_id: int
    payee_id: int | None
    grade_id: int
    plan_id: int
    setting: str
    state: str
    valid_from: dt.date
    valid_to: dt.date
    in_force_from: dt.date | None
    ended_on: dt.date | None
    body_sha256: str
    parties: list[PartyOut]


class SettlementOut(Out):
    """A township's quarter; money in fen: ``due_fen`` (应发) is ``pay_fen`` (实发) plus ``withheld_fen`` (扣发)."""

    id: int
    quarter: str
    area_code: str
    state: str
    due_fen: int
    pay_fen: int
    withheld_fen: int
    lines_count: int
    blocked_count: int
    inputs_sha256: str | None


class LedgerLineOut(Out):
    """One side of one posting of the ledger; the entries of a posting sum to zero. Money in fen. ``payee_id`` is the institution
    that is paid for its house; null: the caregiver is paid.
    """

    id: int
    posting: str
    account: str
    amount_fen: int
    quarter: str
    settlement_id: int
    contract_id: int
    caregiver_id: int
    payee_id: int | None
    posted_at: dt.datetime


class PageOut(Out):
    """One page of a list; ``next_cursor`` leads to the next, null at the end."""

    items: list[Any]
    next_cursor: str | None
    count: int
    capped: bool


class ErrorBody(Out):
    """What went wrong, in words; ``fields`` names the inputs."""

    status: int
    message: str
    request_id: str
    fields: dict[str, str] | None = None


class ErrorOut(Out):
    """Every refusal has this shape."""

    error: ErrorBody


class InformantIn(BaseModel):
    """Who gave the information (MZ/T 039 A.3.2: 1 spouse … 5 other)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(min_length=1, max_length=80)
    relation: Literal["1", "2", "3", "4", "5"]


class SheetIn(BaseModel):
    """A whole sheet in one go. The same ``client_key`` with the same content gives the same sheet."""

    model_config = ConfigDict(extra="forbid", strict=True)

    client_key: str = Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")
    resident: int | str = Field(description="id or number of the resident")
    instrument: str = Field(max_length=32, examples=["selfcare30@1"])
    answers: dict[str, str | int] = Field(description="Observations and options as the scoring module takes them")
    facts: dict[str, int] = Field(
        description="Risk facts: dementia, mental_illness, falls, wandering, choking, suicide"
    )
    assessors: list[int] = Field(min_length=2, max_length=2, description="Two different assessors")
    informant: InformantIn
    reason: Literal["1", "2", "3", "4"]
    assessed_on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    notes: str | None = Field(default=None, max_length=4000)
