"""Noting patterns that are hard to believe, and saying what they were. Nothing else follows from one."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext

from app.auth.models import User
from app.care import queries, rules
from app.care.models import OddPattern, OddState
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.core.rulebook import rule_in_force

REASON_LIMIT = 1000


@operation("pattern.note", permission="system.job")
def note_patterns(_actor: Actor, today: dt.date) -> int:
    """Look through the records of the days the rule names and keep what was not found before; how many that were."""
    policy = rule_in_force("odd_patterns", today).body
    first = today - dt.timedelta(days=policy["window"]["days"])
    known, new = queries.marks(), 0
    for found in rules.patterns(policy, queries.acts_since(first), queries.words_since(first)):
        if found.mark in known:
            continue
        known.add(found.mark)
        new += 1
        db.session.add(
            OddPattern(
                mark=found.mark,
                kind=found.kind,
                resident_id=found.resident_id,
                user_id=found.user_id,
                first_on=found.first_on,
                last_on=found.last_on,
                facts=found.facts,
                found_at=clock.now(),
                state=OddState.OPEN,
            )
        )
    audit.record("pattern.note", "odd_pattern", today.isoformat(), {"new": new})
    return new


@operation("pattern.decide", permission="patterns.decide")
def decide_pattern(actor: Actor, pattern_id: int, *, followed: bool, reason: str) -> OddPattern:
    """Say what a pattern was: dismissed, or followed up by the ordinary ways; with a reason, once, and never one's own.

    Raises ``Invalid`` without a reason, ``Refused`` when it was decided already or is about the actor's own records.
    """
    row = queries.pattern(actor, pattern_id, lock=True)
    text = reason.strip()
    if not 2 <= len(text) <= REASON_LIMIT:
        raise Invalid(gettext("Write down the reason."), field="reason")
    if row.state is not OddState.OPEN:
        raise Refused(gettext("Somebody has looked at this already. Reload the page."))
    author = db.session.get(User, row.user_id) if row.user_id is not None else None
    if author is not None and author.person_key == actor.person_key:
        raise Refused(gettext("These are your own records; somebody else must look at them."))
    row.state = OddState.FOLLOWED if followed else OddState.DISMISSED
    row.decided_by, row.decided_at, row.reason = actor.user_id, clock.now(), text
    return row
