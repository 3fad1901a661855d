"""Which instrument a sheet is scored with: the shipped ones and the county's published revisions, by exact version."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from sqlalchemy import select

import assessments
from app.core.db import db
from app.core.models import RuleDocument, RuleState
from assessments import revision
from assessments.errors import InstrumentError, UnknownInstrument
from assessments.loader import split_key
from assessments.model import Instrument

KIND = "instrument"
"""Kind of the controlled documents that hold a revision."""
SHIPPED = "selfcare30@1"
"""The county's instrument until it publishes its own revision: ten items observed through thirty sub-items,
MZ/T 039-2013 B.2–B.4, six abilities.
"""


def find(key: str) -> Instrument:
    """The instrument of a key, shipped or published by the county. Raises ``UnknownInstrument``."""
    code, version = split_key(key)
    if key in assessments.available():
        return assessments.load(code, version)
    body = _published(code, version)
    if body is None:
        raise UnknownInstrument("", f"there is no instrument {key}")
    return read(body)


def _published(code: str, version: str) -> str | None:
    if revision.VERSION.fullmatch(version) is None:
        return None
    return db.session.scalar(
        select(RuleDocument.body).where(
            RuleDocument.kind == KIND,
            RuleDocument.code == code,
            RuleDocument.version == int(version),
            RuleDocument.state == RuleState.PUBLISHED,
        )
    )


def known() -> list[Instrument]:
    """Every instrument a sheet may name: the shipped ones, then the county's published revisions."""
    published = db.session.scalars(
        select(RuleDocument.body)
        .where(RuleDocument.kind == KIND, RuleDocument.state == RuleState.PUBLISHED)
        .order_by(RuleDocument.id)
    )
    return [*(find(key) for key in assessments.available()), *(read(body) for body in published)]


@lru_cache(maxsize=32)
def read(body: str) -> Instrument:
    """The instrument a revision's text stands for, draft or published. Raises ``InstrumentError``.

    What was read is kept by the text: the base is pinned in it by hash, so equal texts are one instrument.
    """
    return revision.parse(body.encode(), find)


def in_force(on: dt.date) -> Instrument:
    """The instrument new sheets of that day are written with: the county's latest revision, else the shipped one."""
    row = db.session.execute(
        select(RuleDocument.code, RuleDocument.version)
        .where(
            RuleDocument.kind == KIND,
            RuleDocument.state == RuleState.PUBLISHED,
            RuleDocument.in_force_from <= on,
        )
        .order_by(RuleDocument.in_force_from.desc(), RuleDocument.id.desc())
        .limit(1)
    ).one_or_none()
    return find(SHIPPED if row is None else f"{row.code}@{row.version}")


__all__ = ["KIND", "SHIPPED", "InstrumentError", "find", "in_force", "known", "read"]
