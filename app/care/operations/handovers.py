"""Handing a shift over: who leaves signs what stands, who comes signs that it was read."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext

from app.care import queries
from app.care.models import Handover
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, NotFound, Refused
from app.core.operation import operation

NOTE_LIMIT = 1000


@operation("handover.give", permission="handovers.sign")
def give_handover(actor: Actor, day: dt.date, shift: str, note: str) -> Handover:
    """Sign what a shift leaves behind. Raises ``NotFound`` where there is no such shift, ``Refused`` when it was signed
    already, ``Invalid`` before its last hour.
    """
    institution, found = queries.own_institution(actor), queries.shift_of(actor, day, shift)
    if not queries.may_hand_over(found):
        raise Invalid(gettext("This shift has not come to its end yet."), field="note")
    if len(note) > NOTE_LIMIT:
        raise Invalid(gettext("The note is too long (at most %(limit)s characters).", limit=NOTE_LIMIT), field="note")
    if queries.handover(actor, day, shift, lock=True) is not None:
        raise Refused(gettext("This shift was handed over already."))
    account, _role = actor.person()
    row = Handover(
        institution_id=institution,
        day=day,
        shift=shift,
        facts=queries.handover_facts(actor, found),
        given_by=account,
        given_by_person=actor.person_key,
        given_at=clock.now(),
    )
    row.note = note
    db.session.add(row)
    return row


@operation("handover.receive", permission="handovers.sign")
def receive_handover(actor: Actor, day: dt.date, shift: str) -> Handover:
    """Sign that a handover was read, as the next shift. Raises ``NotFound``, ``Refused`` for the person who gave it."""
    row = queries.handover(actor, day, shift, lock=True)
    if row is None:
        raise NotFound
    if row.received_at is not None:
        raise Refused(gettext("This handover was received already."))
    if row.given_by_person == actor.person_key:
        raise Refused(gettext("Somebody of the next shift must sign."))
    row.received_by, row.received_at = actor.user_id, clock.now()
    return row
