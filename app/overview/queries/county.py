"""A county, township, village or institution in figures: grades, care, money, deadlines."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import Select, func, or_, select

from app.care import queries as care
from app.care.models import Incident, Visit
from app.care.queries import Wanted
from app.contracts import queries as contracts
from app.contracts.models import Contract
from app.contracts.rules import State
from app.core import clock, shown
from app.core.actor import Actor
from app.core.db import db
from app.core.periods import Quarter
from app.grading.models import CareGrade
from app.grading.queries import due as due_queries
from app.overview.queries.waiting import Figure
from app.people import queries as people
from app.people.models import Resident, ResidentStatus
from app.places.models import Area
from app.settlement import queries as settlement
from app.settlement.models import Settlement, SettlementState

SETTLED = settlement.SETTLED
RELEASE_DAYS = 10
"""Care money is released by day 10 after the quarter closes (duty of the county government, domain.md 7.2 P1)."""
DAY = dt.timedelta(days=1)


def last_month() -> tuple[dt.date, dt.date]:
    """The thirty days up to yesterday."""
    today = clock.today()
    return today - 30 * DAY, today - DAY


def every(query: Select[Any]) -> int:
    """How many rows, all of them: the charts below are exact, and their sums stand in the figures above."""
    return db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def county_figures(actor: Actor) -> list[Figure]:
    """The state of the part of the county the actor sees; each figure opens its list."""
    today = clock.today()
    active = people.visible(actor).where(Resident.status == ResidentStatus.ACTIVE).with_only_columns(Resident.id)
    live = contracts.visible(actor).where(Contract.state == State.IN_FORCE).with_only_columns(Contract.id)
    unplanned = every(care.without_plan(actor, today).with_only_columns(Resident.id))
    found = [
        Figure(
            gettext("Residents in support"), f"{every(active):,}", url_for("people.residents", status="active"), "info"
        ),
        Figure(
            gettext("Contracts in force"),
            f"{every(live):,}",
            url_for("contracts.contracts", state="in_force"),
            "good",
        ),
        Figure(
            gettext("Without an approved plan"),
            f"{unplanned:,}",
            url_for("care.plans") + "#missing",
            "warn" if unplanned else "good",
        ),
    ]
    if actor.may("visits.read"):
        query = care.visible_visits(actor).where(Visit.problem, Visit.visited_on >= today - 90 * DAY)
        problems = every(query.with_only_columns(Visit.id))
        words = gettext("Visits with a problem, 90 days")
        found.append(Figure(words, f"{problems:,}", url_for("care.visits", problem=1), "bad" if problems else "good"))
    if actor.may("incidents.read"):
        waiting = care.visible_incidents(actor).where(Incident.avoidable.is_(None)).with_only_columns(Incident.id)
        unjudged = every(waiting)
        words = gettext("Incidents not judged yet")
        found.append(
            Figure(words, f"{unjudged:,}", url_for("care.incidents", judged=0), "warn" if unjudged else "good")
        )
    if actor.may("sheets.read"):
        late = every(due_queries.due_list(actor).with_only_columns(Resident.id))
        words = gettext("Due for assessment")
        found.append(Figure(words, f"{late:,}", url_for("grading.due"), "warn" if late else "good"))
    return found


def grades_by_area(actor: Actor, on: dt.date) -> list[tuple[Area, dict[int, int]]]:
    """Residents in support per area below the actor's own (townships of a county, villages of a township) and care
    grade in force on a day (0: none yet).
    """
    length = 9 if len(actor.area_code or "") <= 6 else 12
    residents = (
        people.visible(actor)
        .where(Resident.status == ResidentStatus.ACTIVE)
        .with_only_columns(Resident.id, func.substr(Resident.area_code, 1, length).label("area"))
        .subquery()
    )
    rows = db.session.execute(
        select(residents.c.area, CareGrade.grade, func.count())
        .select_from(residents)
        .outerjoin(
            CareGrade,
            (CareGrade.resident_id == residents.c.id)
            & (CareGrade.valid_from <= on)
            & or_(CareGrade.valid_to.is_(None), CareGrade.valid_to >= on),
        )
        .group_by(residents.c.area, CareGrade.grade)
    )
    found: dict[str, dict[int, int]] = {}
    for code, grade, residents_ in rows:
        found.setdefault(code, {})[grade or 0] = residents_
    areas = db.session.scalars(select(Area).where(Area.code.in_(list(found))).order_by(Area.code))
    return [(area, found[area.code]) for area in areas]


def completion(actor: Actor) -> tuple[str, list[care.CompletionRow]]:
    """Care delivered in the last thirty days, least first: by village, or by resident where there is one village."""
    wanted = Wanted(*last_month())
    rows = [row for row in care.completion(actor, wanted, "village") if row.due]
    if len(rows) > 1:
        return "village", rows
    return "resident", [row for row in care.completion(actor, wanted, "resident") if row.due]


@dataclass(frozen=True)
class Money:
    """What settlements approved so far come to, in fen: by quarter or by township."""

    key: str
    label: str
    paid: int
    withheld: int


def money_by_quarter(actor: Actor) -> list[Money]:
    """Approved settlements the actor may see, by quarter, oldest first."""
    sums = (func.sum(Settlement.pay_fen), func.sum(Settlement.withheld_fen))
    query = settlement.visible(actor).where(Settlement.state.in_(SETTLED)).order_by(None)
    rows = db.session.execute(
        query.with_only_columns(Settlement.quarter, *sums).group_by(Settlement.quarter).order_by(Settlement.quarter)
    )
    return [Money(q, shown.quarter(q), int(paid or 0), int(withheld or 0)) for q, paid, withheld in rows]


def money_by_township(actor: Actor, quarter: str) -> list[Money]:
    """The same by township for one quarter."""
    query = (
        settlement.settlements(actor, quarter=quarter)
        .where(Settlement.state.in_(SETTLED))
        .join(Area, Area.code == Settlement.area_code)
        .order_by(None)
        .with_only_columns(Area.code, Area.name, Settlement.pay_fen, Settlement.withheld_fen)
        .order_by(Area.code)
    )
    return [Money(*row) for row in db.session.execute(query)]


@dataclass(frozen=True)
class Deadline:
    """A date that matters, what happens on it, and where to act; ``over`` when it went by."""

    day: dt.date
    words: str
    url: str | None
    over: bool = False


def deadlines(actor: Actor) -> list[Deadline]:
    """The next dates that matter: quarter end, release of the money, contracts ending, re-assessments; late ones first."""
    today = clock.today()
    found = _quarter_ends(actor, today) if actor.may("settlements.read") else []
    if actor.may("contracts.read"):
        ending = contracts.filtered(actor, expiring_by=today + 60 * DAY)
        for row in db.session.scalars(ending.order_by(Contract.valid_to, Contract.id).limit(5)).unique():
            words = gettext("Contract %(number)s of %(name)s ends", number=row.number, name=row.resident.name)
            url = url_for("contracts.contract", contract_id=row.id)
            found.append(Deadline(row.valid_to, words, url, row.valid_to < today))
    if actor.may("sheets.read"):
        overdue = due_queries.overdue(actor, today)
        if overdue:
            words = gettext("%(count)s residents are to be assessed again", count=len(overdue))
            found.append(Deadline(min(overdue), words, url_for("grading.due"), over=True))
    return sorted(found, key=lambda d: (not d.over, d.day))


def _quarter_ends(actor: Actor, today: dt.date) -> list[Deadline]:
    running = Quarter.of(today)
    found = [
        Deadline(
            running.last,
            gettext("%(quarter)s ends", quarter=shown.quarter(running)),
            url_for("settlement.settlements", quarter=str(running)),
        )
    ]
    done = (SettlementState.RECONCILED, SettlementState.CLOSED)
    for quarter in (running.previous(), running):
        query = settlement.settlements(actor, quarter=str(quarter)).where(Settlement.state.not_in(done))
        unpaid = every(query.with_only_columns(Settlement.id))
        if unpaid:
            day = quarter.last + RELEASE_DAYS * DAY
            words = gettext(
                "Care money of %(quarter)s is to be released; %(count)s settlements are not paid yet",
                quarter=shown.quarter(quarter),
                count=unpaid,
            )
            found.append(
                Deadline(day, words, url_for("settlement.settlements", quarter=str(quarter)), over=day < today)
            )
    return found
