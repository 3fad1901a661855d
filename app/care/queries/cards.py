"""Household cards: their codes, which one holds, and what a code says about having been there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import Select, select

from app.care import rules
from app.care.models import PresenceCard, Recording
from app.care.rules import Presence
from app.core import clock
from app.core.actor import Actor
from app.core.db import db, one_row
from app.core.secrets import keyring
from app.people import queries as people
from app.people.models import Resident


def card_code(card: PresenceCard) -> str:
    """The code that stands on a card: made anew each time, kept nowhere."""
    return rules.card_code(keyring().derive("presence cards"), card.resident_id, card.period, card.serial)


def visible_cards(actor: Actor) -> Select[PresenceCard]:
    """Cards of residents the actor may see."""
    return select(PresenceCard).where(
        PresenceCard.resident_id.in_(people.visible(actor).with_only_columns(Resident.id))
    )


def card(actor: Actor, card_id: int, *, lock: bool = False) -> PresenceCard:
    """One visible card. Raises ``NotFound``."""
    return one_row(visible_cards(actor).where(PresenceCard.id == card_id), lock=lock)


def cards_of(resident_id: int) -> list[PresenceCard]:
    """Every card of a household, newest first."""
    query = select(PresenceCard).where(PresenceCard.resident_id == resident_id)
    return list(db.session.scalars(query.order_by(PresenceCard.period.desc(), PresenceCard.serial.desc())).unique())


def cards_to_print(actor: Actor, period: str) -> list[PresenceCard]:
    """The cards of a month that hold, by village and name."""
    query = visible_cards(actor).where(PresenceCard.period == period, PresenceCard.ended_at.is_(None))
    query = query.join(Resident, Resident.id == PresenceCard.resident_id)
    return list(db.session.scalars(query.order_by(Resident.area_code, Resident.search, Resident.id)).unique())


def holding_cards(resident_ids: Sequence[int], day: dt.date) -> dict[int, list[PresenceCard]]:
    """Cards that count on a day, by resident: this month's and, in its first week, last month's."""
    months = {day.strftime("%Y-%m"), (day.replace(day=1) - dt.timedelta(days=1)).strftime("%Y-%m")}
    query = select(PresenceCard).where(
        PresenceCard.resident_id.in_(resident_ids), PresenceCard.period.in_(months), PresenceCard.ended_at.is_(None)
    )
    found: dict[int, list[PresenceCard]] = {}
    for row in db.session.scalars(query).unique():
        if rules.card_covers(row.period, day):
            found.setdefault(row.resident_id, []).append(row)
    return found


def cards_among(resident_ids: Collection[int]) -> dict[int, list[PresenceCard]]:
    """Every card of some households, by resident."""
    found: dict[int, list[PresenceCard]] = {}
    if resident_ids:
        query = select(PresenceCard).where(PresenceCard.resident_id.in_(set(resident_ids)))
        for row in db.session.scalars(query.order_by(PresenceCard.id)).unique():
            found.setdefault(row.resident_id, []).append(row)
    return found


def presence_of(resident_id: int, code: str | None, moment: dt.datetime) -> Presence:
    """What a code read at ``moment`` says: the household's card of that time, or not."""
    return presence_by(cards_of(resident_id) if code else (), code, moment)


def presence_by(cards: Sequence[PresenceCard], code: str | None, moment: dt.datetime) -> Presence:
    """The same, where the household's cards are known."""
    if not code:
        return Presence.NONE
    day, given = moment.astimezone(clock.ZONE).date(), rules.plain_code(code)
    for row in cards:
        ended = row.ended_at is not None and row.ended_at < moment
        if rules.card_covers(row.period, day) and not ended and card_code(row) == given:
            return Presence.CARD
    return Presence.WRONG


def presence_counts(resident_id: int, first: dt.date, last: dt.date) -> dict[Presence, int]:
    """On how many days of a range somebody recorded with the card, with a wrong code, or without one."""
    query = select(Recording.day, Recording.presence).where(
        Recording.resident_id == resident_id, Recording.day.between(first, last)
    )
    best: dict[dt.date, Presence] = {}
    order = [Presence.NONE, Presence.WRONG, Presence.CARD]
    for day, presence in db.session.execute(query):
        best[day] = max(best.get(day, Presence.NONE), presence, key=order.index)
    return {one: sum(1 for found in best.values() if found is one) for one in order}
