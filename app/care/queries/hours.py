"""The hours of shifts in force: a county's rule, and what a house keeps instead from a day on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import select

from app.care import rules
from app.care.models import HouseHours
from app.core import clock
from app.core.db import db
from app.core.policies import Policy
from app.core.rulebook import every_rule, rule_in_force

KIND = "shift_hours"


def county_hours(day: dt.date) -> rules.Hours:
    """The county's hours on a day. Raises ``Refused`` before the first rule."""
    return _of_rule(rule_in_force(KIND, day))


def _of_rule(rule: Policy) -> rules.Hours:
    return rules.hours_of_rule(rule.body, rule.sha256)


def hours_of(institution_id: int | None) -> rules.HoursOn:
    """The hours of a house on any day; of a home (None) those of the county. Read once, then asked for many days."""
    return hours_among([institution_id])[institution_id]


def hours_among(institution_ids: Iterable[int | None]) -> dict[int | None, rules.HoursOn]:
    """The same for many houses in one query."""
    ids = set(institution_ids)
    own: dict[int | None, list[HouseHours]] = {one: [] for one in ids}
    if houses := ids - {None}:
        query = select(HouseHours).where(HouseHours.institution_id.in_(houses))
        for row in db.session.scalars(query.order_by(HouseHours.in_force_from, HouseHours.version)):
            own[row.institution_id].append(row)
    known: dict[dt.date, rules.Hours] = {}

    def county(day: dt.date) -> rules.Hours:
        if day not in known:
            known[day] = county_hours(day)
        return known[day]

    def among(rows: list[HouseHours]) -> rules.HoursOn:
        def on(day: dt.date) -> rules.Hours:
            row = next((one for one in reversed(rows) if one.in_force_from <= day), None)
            return county(day) if row is None or not row.begins else of_house(row)

        return on

    return {one: among(rows) for one, rows in own.items()}


def of_house(row: HouseHours) -> rules.Hours:
    """A house's version as hours."""
    return rules.read_hours([(hour, shift) for hour, shift in row.begins], f"house-{row.version}")


def house_versions(institution_id: int) -> list[HouseHours]:
    """What a house has kept and will keep, newest first."""
    query = select(HouseHours).where(HouseHours.institution_id == institution_id)
    return list(db.session.scalars(query.order_by(HouseHours.version.desc())))


def known_shift(institution_id: int, day: dt.date, shift: str, key: str) -> rules.Shift | None:
    """The shift that begins on a day by the version ``key`` a device took along: it knew nothing of a change that
    was decided since. None when no such version of the county or the house could be in force that day.
    """
    found: rules.Hours | None = None
    for row in house_versions(institution_id):
        if f"house-{row.version}" == key and row.in_force_from <= day and row.begins:
            found = of_house(row)
    for rule in every_rule(KIND):
        if rule.sha256 == key and rule.in_force_from <= day:
            found = _of_rule(rule)
    if found is None:
        return None
    hours = found
    return rules.shift_of(day, shift, lambda _day: hours, clock.ZONE)
