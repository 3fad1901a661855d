"""Contracts of many residents in one act: each by the rule of a single one, from facts read together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.care.queries import plan_on
from app.contracts import queries, rules
from app.contracts.models import Contract, Slot
from app.contracts.operations.drafting import draft_contract, send_contract
from app.contracts.operations.signing import Given, sign_contract
from app.contracts.queries.caring import substitutes_of
from app.core import clock
from app.core.actor import Actor
from app.core.operation import operation
from app.core.together import gathered, hold
from app.grading.queries import grade_on
from app.people import queries as people


@dataclass(frozen=True)
class Wanted:
    """A contract to be drawn up: for whom, with whom, from when, for the usual time."""

    resident_id: int
    caregiver_id: int
    valid_from: dt.date


def _ahead(wanted: Sequence[Wanted]) -> None:
    days = [(one.resident_id, one.valid_from) for one in wanted]
    grade_on.ahead(days)
    plan_on.ahead(days)
    queries.sharing.ahead((one, first, rules.default_end(first)) for one, first in days)
    queries.cared_for.ahead((one.caregiver_id, one.valid_from) for one in wanted)


@operation("contract.draft", permission="contracts.write")
def draft_contracts(actor: Actor, wanted: Sequence[Wanted]) -> list[Contract]:
    """``draft_contract`` for many, all or none. Raises as it does."""
    hold(actor, people.visible(actor), [one.resident_id for one in wanted])
    hold(actor, people.visible_caregivers(actor), [one.caregiver_id for one in wanted], lock=False)
    _ahead(wanted)
    return [draft_contract(actor, one.resident_id, one.caregiver_id, one.valid_from) for one in wanted]


@operation("contract.send", permission="contracts.write")
def send_contracts(actor: Actor, contract_ids: Sequence[int]) -> list[Contract]:
    """``send_contract`` for many, all or none. Raises as it does."""
    rows = hold(actor, queries.visible(actor), contract_ids).values()
    _ahead([Wanted(row.resident_id, row.caregiver_id, row.valid_from) for row in rows])
    with gathered():
        return [send_contract(actor, one) for one in contract_ids]


@operation("contract.sign", permission="contracts.sign")
def sign_contracts(actor: Actor, signatures: Sequence[tuple[int, Slot, Given]]) -> list[Contract]:
    """``sign_contract`` for many contracts (and places of each) whose signatures the actor may give, all or none. Raises as it
    does.
    """
    rows = hold(actor, queries.visible(actor), [contract_id for contract_id, _slot, _given in signatures]).values()
    days = [(row.resident_id, max(row.valid_from, clock.today())) for row in rows]
    hold(actor, people.visible(actor), [row.resident_id for row in rows])
    grade_on.ahead(days)
    substitutes_of.ahead(row.resident_id for row in rows)
    with gathered():
        return [sign_contract(actor, contract_id, slot, given) for contract_id, slot, given in signatures]
