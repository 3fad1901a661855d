"""Household cards: made for a month, ended when one is lost."""

from __future__ import annotations

import datetime as dt
import re

from flask_babel import gettext

from app.care import queries
from app.care.models import PresenceCard
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.people import queries as people
from app.people.models import Resident, ResidentStatus, Setting

REASON_LIMIT = 300
_PERIOD = re.compile(r"20\d{2}-(0[1-9]|1[0-2])")


def check_period(period: str) -> str:
    """A month for which cards can be made: this one or the next. Raises ``Invalid``."""
    today = clock.today()
    following = (today.replace(day=1) + dt.timedelta(days=32)).strftime("%Y-%m")
    if not _PERIOD.fullmatch(period) or period not in (today.strftime("%Y-%m"), following):
        raise Invalid(gettext("Cards are made for this month or the next."), field="period")
    return period


@operation("card.make", permission="cards.print")
def make_cards(actor: Actor, period: str) -> int:
    """Make the month's card of every home that has none that holds; how many that were. Twice makes none the second time."""
    check_period(period)
    query = people.visible(actor).where(Resident.status == ResidentStatus.ACTIVE, Resident.setting == Setting.HOME)
    made = 0
    for row in db.session.scalars(query.order_by(Resident.id).with_for_update(of=Resident)).unique():
        cards = [card for card in queries.cards_of(row.id) if card.period == period]
        if any(card.ended_at is None for card in cards):
            continue
        serial = max((card.serial for card in cards), default=0) + 1
        db.session.add(
            PresenceCard(
                resident_id=row.id, period=period, serial=serial, printed_by=actor.user_id, printed_at=clock.now()
            )
        )
        made += 1
    audit.record("card.make", "presence_card", period, {"made": made})
    return made


@operation("card.end", permission="cards.print")
def end_card(actor: Actor, card_id: int, reason: str) -> PresenceCard:
    """A card was lost or copied: from now on it says nothing any more. Raises ``Refused`` for one that has ended."""
    row = queries.card(actor, card_id, lock=True)
    text = reason.strip()
    if not 2 <= len(text) <= REASON_LIMIT:
        raise Invalid(gettext("Write down the reason."), field="reason")
    if row.ended_at is not None:
        raise Refused(gettext("This card has ended already."))
    row.ended_at, row.ended_by, row.ended_reason = clock.now(), actor.user_id, text
    return row
