"""Rooms and their beds."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from sqlalchemy import func, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.lodging import queries
from app.lodging.models import Bed, Room, Stay
from app.places.entries import Entries

MOST_BEDS = 12


@operation("room.add", permission="lodging.write")
def add_room(actor: Actor, /, institution_id: int, **given: Any) -> Room:
    """Add a room (name, beds: how many) to an institution; its beds are numbered from 1. Raises ``Invalid``."""
    house = queries.institution(actor, institution_id, lock=True)
    entries = Entries(given)
    name = entries.text("name", 40, needed=True)
    if entries.number("beds", 1, MOST_BEDS) is None:
        entries.fail("beds", gettext("Please fill this in."))
    facts = entries.done()
    if db.session.scalar(select(Room.id).where(Room.institution_id == house.id, Room.name == name)) is not None:
        raise Invalid(gettext("A room of this name is there already."), field="name")
    room = Room(institution_id=house.id, name=facts["name"])
    db.session.add(room)
    db.session.flush()
    db.session.add_all([Bed(room_id=room.id, name=str(n + 1)) for n in range(facts["beds"])])
    db.session.flush()
    return room


@operation("bed.change", permission="lodging.write")
def change_beds(actor: Actor, /, bed_id: int, act: str) -> Bed:
    """``close`` takes a free bed out of use from today on, ``open`` puts it back, ``add`` puts another bed beside it.

    Raises ``Invalid`` for another act, ``Refused`` for a bed that is somebody's.
    """
    row = queries.bed(actor, bed_id, lock=True)
    if act == "close":
        taken = select(Stay.id).where(Stay.bed_id == row.id, Stay.left_on.is_(None))
        if db.session.scalar(taken) is not None:
            raise Refused(gettext("This bed is somebody's. Give the resident another bed first."))
        row.closed_on = row.closed_on or clock.today()
    elif act == "open":
        row.closed_on = None
    elif act == "add":
        number = db.session.scalar(select(func.count()).select_from(Bed).where(Bed.room_id == row.room_id)) or 0
        if number >= MOST_BEDS:
            raise Refused(gettext("A room has %(n)s beds at most.", n=MOST_BEDS))
        row = Bed(room_id=row.room_id, name=str(number + 1))
        db.session.add(row)
    else:
        raise Invalid(gettext("Please choose one of the entries."), field="act")
    db.session.flush()
    audit.record("bed.change", "bed", row.id, {"act": act})
    return row
