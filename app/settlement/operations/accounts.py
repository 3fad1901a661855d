"""The account of an institution, to which the care money of its residents goes (ADR 42)."""

from __future__ import annotations

import re

from flask_babel import gettext

from app.core import audit
from app.core.actor import Actor
from app.core.errors import Invalid
from app.core.operation import operation
from app.people.operations.facts import said_why
from app.places.models import Organisation
from app.settlement import queries

DIGITS = re.compile(r"\d{8,32}", re.ASCII)
"""Accounts of organisations have no common length and no check digit, as bank cards have: they are typed twice."""


@operation("institution.account", permission="accounts.write")
def set_account(actor: Actor, organisation_id: int, bank_name: str, account: str, again: str) -> Organisation:
    """Record the account of an institution; the bank books by its name, so that is the holder. Nobody who pays settlements may.

    Raises ``Invalid`` naming every wrong field, ``NotFound`` for an institution of another area.
    """
    row = queries.institution(actor, organisation_id, lock=True)
    bank, number, second = bank_name.strip(), _digits(account), _digits(again)
    errors = {}
    if not 2 <= len(bank) <= 80 or not bank.isprintable():
        errors["bank_name"] = gettext("Please name the bank of the account.")
    if not DIGITS.fullmatch(number):
        errors["account"] = gettext("The account number has 8 to 32 digits.")
    elif number != second:
        errors["again"] = gettext("The two numbers differ. Please look at the paper and type them again.")
    if errors:
        raise Invalid(gettext("Please check the marked fields."), errors=errors)
    before = row.bank_tail
    row.bank_name, row.bank_account = bank, number
    audit.record("institution.account", "organisation", row.id, {"bank": bank, "tail": [before, row.bank_tail]})
    return row


def _digits(text: str) -> str:
    return re.sub(r"[\s-]", "", text)


@operation("institution.reveal", permission="accounts.reveal")
def reveal_account(actor: Actor, organisation_id: int, reason: str) -> str:
    """The full account of an institution; audited with its reason."""
    row = queries.institution(actor, organisation_id)
    said_why(reason)
    audit.record("institution.reveal", "organisation", row.id, {"field": "bank_account"})
    return row.bank_account or ""
