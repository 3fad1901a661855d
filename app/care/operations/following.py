"""A plan follows a grade: the night after a decision the new plan lies ready as a draft."""

from __future__ import annotations

import datetime as dt
import logging

from app.care.operations.plans import draft_plan
from app.care.queries.plans import to_redraft
from app.core.actor import Actor
from app.core.errors import DomainError

logger = logging.getLogger(__name__)


def draft_for_new_grades(actor: Actor, today: dt.date) -> tuple[int, int]:
    """Draw up a draft for everybody whose plan belongs to an earlier grade; how many, and how many could not be drawn.

    Nothing counts before the township has read the difference and the county has approved it. Safe to repeat.
    """
    actor.require("system.job")
    made = failed = 0
    for resident_id, start in to_redraft(today):
        try:
            draft_plan(actor, resident_id, valid_from=start)
        except DomainError as error:
            logger.warning("no draft for resident %s: %s", resident_id, error.message)
            failed += 1
        else:
            made += 1
    return made, failed
