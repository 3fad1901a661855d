"""Who of a house is on the roster in a shift."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from flask_babel import gettext
from sqlalchemy import delete, select

from app.care import queries as care
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, NotFound
from app.core.operation import operation
from app.people.models import Caregiver
from app.workforce import queries
from app.workforce.models import RosterShift

BACK, AHEAD = dt.timedelta(days=31), dt.timedelta(days=92)


@operation("roster.set", permission="roster.write")
def set_roster(actor: Actor, /, institution_id: int, day: dt.date, workers: Mapping[str, Iterable[int]]) -> int:
    """Say who is on the roster in each shift of a day (those the house has that day); replaces what was said before.

    Raises ``NotFound`` for another house or somebody else's worker, ``Invalid`` for a day too far away.
    """
    house = queries.institution(actor, institution_id, lock=True)
    today = clock.today()
    if not today - BACK <= day <= today + AHEAD:
        raise Invalid(gettext("A roster is kept from 31 days back to 92 days ahead."), field="day")
    known = {shift for _hour, shift in care.hours_of(house.id)(day).begins}
    chosen = {(shift, int(one)) for shift, listed in workers.items() for one in listed}
    own = set(db.session.scalars(select(Caregiver.id).where(Caregiver.institution_id == house.id, Caregiver.active)))
    if {shift for shift, _one in chosen} - known or {one for _shift, one in chosen} - own:
        raise NotFound
    db.session.execute(delete(RosterShift).where(RosterShift.institution_id == house.id, RosterShift.day == day))
    db.session.add_all(
        [RosterShift(institution_id=house.id, day=day, shift=shift, caregiver_id=one) for shift, one in sorted(chosen)]
    )
    counts = {shift: sum(one[0] == shift for one in chosen) for shift in sorted(known)}
    audit.record("roster.set", "organisation", house.id, {"day": day.isoformat(), "rostered": counts})
    db.session.flush()
    return len(chosen)


def copy_day(actor: Actor, institution_id: int, day: dt.date, source: dt.date) -> int:
    """Put the people of another day on the roster, those who still work there. Raises ``Invalid`` when that day is empty."""
    house = queries.institution(actor, institution_id)
    rows = db.session.execute(
        select(RosterShift.shift, RosterShift.caregiver_id)
        .join(Caregiver, Caregiver.id == RosterShift.caregiver_id)
        .where(RosterShift.institution_id == house.id, RosterShift.day == source, Caregiver.active,
               Caregiver.institution_id == house.id)
    )  # fmt: skip
    workers: dict[str, list[int]] = {}
    for shift, caregiver_id in rows:
        workers.setdefault(shift, []).append(caregiver_id)
    if not workers:
        raise Invalid(gettext("Nobody was on the roster on the day that should be copied."), field="day")
    return set_roster(actor, institution_id, day, workers)
