"""Drawing who is scored by two blind assessors: commit to a seed, close the list, draw."""

from __future__ import annotations

import re
import secrets

from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.core.periods import Month
from app.grading.models import DoubleDraw
from app.grading.queries import agreement
from assessments.draw import commitment, draw, fingerprint

PERCENT = 10
"""At least so many sheets of a hundred are scored twice."""


@operation("draw.commit", permission="pairs.write")
def commit_draw(actor: Actor, month: str) -> DoubleDraw:
    """Fix the seed of a month before anybody knows its list; only its hash is shown until the list is closed.

    ``month`` such as ``2026-05``, this one or a later one. Raises ``Invalid``, ``Refused`` for a second seed.
    """
    if not re.fullmatch(r"20\d{2}-(0[1-9]|1[0-2])", month):
        raise Invalid(gettext("Give a month."), field="month")
    if month < str(Month.of(clock.today())):
        raise Refused(gettext("This month is over; a seed comes before its list."))
    seed = secrets.token_hex(32)
    row = DoubleDraw(
        month=month,
        percent=PERCENT,
        seed=seed,
        seed_sha256=commitment(seed),
        committed_by=actor.user_id,
        committed_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise Refused(gettext("The seed of this month is fixed already.")) from error
    return row


@operation("draw.close", permission="pairs.write")
def close_draw(actor: Actor, draw_id: int) -> DoubleDraw:
    """Freeze the list of residents due in the month, and draw from it. Raises ``Refused`` when it was closed."""
    row = agreement.double_draw(draw_id, lock=True)
    if row.closed_at is not None:
        raise Refused(gettext("This list is closed already."))
    entries = agreement.due_numbers(actor, row.month)
    if not entries:
        raise Refused(gettext("Nobody is due in this month, so there is nothing to draw from."))
    row.entries, row.entries_sha256 = entries, fingerprint(entries)
    row.drawn = draw(entries, row.seed, row.percent)
    row.closed_by, row.closed_at = actor.user_id, clock.now()
    return row
