"""Whom care money goes to: the caregiver, or under an institution's contract the institution (ADR 42)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import InstrumentedAttribute

from app.people.models import Caregiver
from app.places.models import Organisation


@dataclass(frozen=True)
class Payee:
    """Who gets a sum, and to which account. ``record`` is the caregiver's or the institution's."""

    record: Caregiver | Organisation

    @property
    def is_institution(self) -> bool:
        """Whether an institution is paid for its house."""
        return isinstance(self.record, Organisation)

    @property
    def key(self) -> int:
        """One number for every payee: a caregiver's own, an institution's below zero (``payee_key`` in statements)."""
        return -self.record.id if self.is_institution else self.record.id

    @property
    def number(self) -> str:
        """Number on lists and papers: ``C000012``, of an institution ``J000003``."""
        return self.record.number if isinstance(self.record, Caregiver) else f"J{self.record.id:06d}"

    @property
    def name(self) -> str:
        """Name of the person or the institution, which is the holder of the account too."""
        return self.record.name

    @property
    def bank_name(self) -> str:
        """The bank of the account; empty when none is on record."""
        return self.record.bank_name or ""

    @property
    def bank_tail(self) -> str | None:
        """The last four digits of the account."""
        return self.record.bank_tail

    @property
    def has_account(self) -> bool:
        """Whether an account is on record."""
        return self.record.bank_account_enc is not None

    @property
    def bank_account(self) -> str:
        """The account in full: for the list that goes to the bank only."""
        return self.record.bank_account or ""


def payee_key(
    institution: InstrumentedAttribute[int | None], caregiver: InstrumentedAttribute[Any]
) -> ColumnElement[int]:
    """``Payee.key`` of rows that hold both columns."""
    return func.coalesce(-institution, caregiver)
