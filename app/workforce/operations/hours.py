"""When a house's shifts begin: a new version from a day on, never for days gone by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from flask_babel import gettext

from app.care import queries, rules
from app.care.models import HouseHours
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid
from app.core.operation import operation
from app.workforce.queries import institution

AHEAD = dt.timedelta(days=366)
REASON_LIMIT = 300


@operation("hours.set", permission="roster.write")
def set_hours(
    actor: Actor,
    /,
    institution_id: int,
    in_force_from: dt.date | None,
    begins: Iterable[tuple[int, str]],
    reason: str | None,
) -> HouseHours:
    """Let the shifts of a house begin at other hours from a day on; without any, the county's hours hold there again.

    What was recorded and handed over before keeps the hours it had. Raises ``NotFound`` for another house, ``Invalid`` for
    a day that has begun, hours that make no shifts or no reason.
    """
    house = institution(actor, institution_id, lock=True)
    wanted, reason, today = list(begins), (reason or "").strip(), clock.today()
    if in_force_from is None or not today < in_force_from <= today + AHEAD:
        raise Invalid(
            gettext("Other hours begin tomorrow at the earliest and within a year: what was recorded keeps its hours."),
            field="in_force_from",
        )
    if not 2 <= len(reason) <= REASON_LIMIT:
        words = gettext("Give the reason (at most %(limit)s characters).", limit=REASON_LIMIT)
        raise Invalid(words, field="reason")
    try:
        hours = rules.read_hours(wanted) if wanted else None
    except rules.BadHours as error:
        words = gettext(
            "An early and a night shift are needed, a late one if you like, each at a full hour of its own."
        )
        raise Invalid(words, field="early") from error
    versions = queries.house_versions(house.id)
    row = HouseHours(
        institution_id=house.id,
        version=1 + max((one.version for one in versions), default=0),
        in_force_from=in_force_from,
        begins=[list(one) for one in hours.begins] if hours else [],
        reason=reason,
        decided_by=actor.person()[0],
        decided_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row
