"""Acts around duties: what was kept late or missed is found and opens what its clause says; observations; answers."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app.contracts.models import Breach, BreachState, Contract, Observation, Slot
from app.contracts.queries.breaches import breach as visible_breach
from app.contracts.queries.breaches import observable
from app.contracts.queries.duties import ledgers
from app.contracts.rules.duties import BREACHES, Duty, Kept, deadline, id_of
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db, one_row
from app.core.errors import Invalid, Refused
from app.core.operation import operation

DEFAULT_ACT, DEFAULT_DAYS = "supervise", 10
"""What a breach of a clause of the first template opens: it named consequences in words only."""


@operation("contract.breaches", permission="system.job")
def find_breaches(actor: Actor, rows: Sequence[Contract], today: dt.date) -> Counter[str]:
    """Compare the duties of contracts with the records up to ``today``. What is late or missed is opened once, with the act
    and days its clause names; what evidence shows kept after all is dropped; what was missed and is done now is late.

    Returns how many were opened, changed and dropped. Running it twice changes nothing.
    """
    counted: Counter[str] = Counter(opened=0, changed=0, dropped=0)
    found = ledgers(rows, today)
    known: dict[tuple[int, str, str], Breach] = {
        (b.contract_id, b.clause, b.what): b
        for b in db.session.scalars(select(Breach).where(Breach.contract_id.in_(found))).unique()
    }
    by_id = {row.id: row for row in rows}
    for contract_id, duties in found.items():
        for duty in duties:
            _compare(by_id[contract_id], duty, today, known, counted)
    audit.record("contract.breaches", "contract_breach", today.isoformat(), dict(counted))
    return counted


def _compare(
    row: Contract, duty: Duty, today: dt.date, known: Mapping[tuple[int, str, str], Breach], counted: Counter[str]
) -> None:
    clause = id_of(duty.clause)
    for occasion in duty.occasions:
        standing = occasion.standing(today)
        breach = known.get((row.id, clause, occasion.what))
        if breach is None:
            if standing in BREACHES:
                db.session.add(_opened(row, duty.clause, occasion.what, standing, occasion.due_on, today))
                counted["opened"] += 1
        elif breach.state is BreachState.OPEN and standing is Kept.KEPT:
            breach.state = BreachState.DROPPED
            counted["dropped"] += 1
        elif standing in BREACHES and breach.standing is not standing:
            breach.standing = standing
            counted["changed"] += 1


def _opened(
    row: Contract, clause: Mapping[str, Any], what: str, standing: Kept, due_on: dt.date, today: dt.date
) -> Breach:
    return Breach(
        contract_id=row.id,
        area_code=row.area_code,
        party=Slot(clause["party"]),
        clause=id_of(clause),
        what=what,
        standing=standing,
        due_on=due_on,
        found_on=today,
        act=str(clause.get("act", DEFAULT_ACT)),
        act_due_on=deadline(today, int(clause.get("act_days", DEFAULT_DAYS)), "working"),
        state=BreachState.OPEN,
    )


@operation("contract.answer_breach", permission="contracts.answer")
def answer_breach(actor: Actor, breach_id: int, *, answer: str) -> Breach:
    """Say what was done about a breach. Nobody answers for the own party: the one above or beside does.

    Raises ``Refused`` for the own party and for a breach that is not open, ``Invalid`` without words.
    """
    row = visible_breach(actor, breach_id, lock=True)
    party = next(p for p in row.contract.parties if p.slot is row.party)
    if party.organisation_id is not None and party.organisation_id == actor.organisation_id:
        raise Refused(gettext("This is your own duty: another party says what was done about it."))
    if row.state is not BreachState.OPEN:
        raise Refused(gettext("This was answered already."))
    text = (answer or "").strip()
    if len(text) < 2:
        raise Invalid(gettext("Say what was done."), field="answer")
    row.answer, row.state = text[:500], BreachState.ANSWERED
    row.answered_by, row.answered_at = actor.user_id, clock.now()
    db.session.flush()
    audit.record("contract.answer_breach", "contract_breach", row.id, {"clause": row.clause, "what": row.what})
    return row


@operation("contract.observe", permission="contracts.note")
def observe(actor: Actor, contract_id: int, clause: str, observed_on: dt.date, *, kept: bool, note: str) -> Observation:
    """Note what somebody saw of one clause: kept or broken, on a day, in words. It stands in the ledger of its party. Officers,
    the institution and volunteers note; a volunteer for the residents of the own village.

    Raises ``Invalid`` at the field for an unknown clause, a day outside the contract or ahead, or no words.
    """
    row = one_row(observable(actor).where(Contract.id == contract_id))
    errors: dict[str, str] = {}
    if clause not in {id_of(c) for c in row.body.get("clauses", ())}:
        errors["clause"] = gettext("Choose a clause of this contract.")
    first = row.in_force_from
    if first is None or not first <= observed_on <= min(row.ended_on or row.valid_to, clock.today()):
        errors["observed_on"] = gettext("The day must lie within the contract and not ahead.")
    text = (note or "").strip()
    if len(text) < 2:
        errors["note"] = gettext("Say in words what was seen.")
    if errors:
        raise Invalid(gettext("The observation was not taken."), errors=errors)
    seen = Observation(
        contract_id=row.id,
        clause=clause,
        observed_on=observed_on,
        kept=kept,
        note=text[:500],
        observed_by=actor.user_id,
        recorded_at=clock.now(),
    )
    db.session.add(seen)
    db.session.flush()
    return seen
