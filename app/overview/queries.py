"""What each role has to do today, and the county in figures; every figure opens its list."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import Select, func, or_, select

from app.care import queries as care
from app.care.models import CarePlan, Incident, PlanState, Visit
from app.contracts import queries as contracts
from app.contracts.models import Contract
from app.contracts.rules import State
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.models import IssuedDocument, JobRun
from app.core.periods import Quarter
from app.grading.models import CareGrade, GradeProposal, ProposalState, ReassessmentDue, Sheet, SheetState
from app.people import queries as people
from app.people.models import Resident, ResidentStatus
from app.places.models import Area, Level
from app.places.queries import within
from app.settlement.models import Evaluation, EvaluationState, Settlement, SettlementState


@dataclass(frozen=True)
class Figure:
    """A number that opens the list behind it."""

    label: str
    value: str
    url: str
    tone: str = "neutral"


def count(query: Select[Any]) -> int:
    """How many rows, capped at 1,000 so that a page never waits for a count."""
    return db.session.scalar(select(func.count()).select_from(query.order_by(None).limit(1001).subquery())) or 0


def shown(number: int) -> str:
    """1,000+ above the cap."""
    return f"{number:,}" if number <= 1000 else "1,000+"


def _ids(actor: Actor) -> Any:
    return people.visible(actor).with_only_columns(Resident.id)


def to_do(actor: Actor) -> list[Figure]:
    """What waits for this person, by permission; only what is not zero, worst first."""
    today = clock.today()
    figures: list[Figure] = []

    def add(permission: str, label: str, query: Select[Any], url: str, tone: str = "warn") -> None:
        if actor.may(permission) and (number := count(query)):
            figures.append(Figure(label, shown(number), url, tone))

    active = people.visible(actor).where(Resident.status == ResidentStatus.ACTIVE).with_only_columns(Resident.id)
    graded = select(CareGrade.resident_id)
    add("sheets.write", gettext("Never assessed"), active.where(Resident.id.not_in(graded)), url_for("grading.due"))
    due = select(ReassessmentDue.id).where(
        ReassessmentDue.closed_by_sheet_id.is_(None),
        ReassessmentDue.due_on <= today,
        ReassessmentDue.resident_id.in_(active),
    )
    add("sheets.write", gettext("Re-assessment due"), due, url_for("grading.due"), "bad")
    drafts = select(Sheet.id).where(Sheet.state == SheetState.DRAFT, Sheet.created_by == actor.user_id)
    add("sheets.write", gettext("My open sheets"), drafts, url_for("grading.sheets", state="draft"), "info")
    for permission, state, label in (
        ("grades.review", ProposalState.REVIEW, gettext("Grades to review a second time")),
        ("grades.decide", ProposalState.PROPOSED, gettext("Grades to decide")),
    ):
        waiting = select(GradeProposal.id).where(GradeProposal.state == state, GradeProposal.resident_id.in_(active))
        add(permission, label, waiting, url_for("grading.proposals", state=state.value))
    plans = select(CarePlan.id).where(CarePlan.state == PlanState.DRAFT, CarePlan.resident_id.in_(active))
    add("plans.approve", gettext("Care plans to approve"), plans, url_for("care.plans", state="draft"))
    without = care.without_plan(actor, today).where(Resident.id.in_(graded)).with_only_columns(Resident.id)
    add("plans.write", gettext("Graded residents without a plan"), without, url_for("care.plans"))
    sign = contracts.filtered(actor, mine_to_sign=True).with_only_columns(Contract.id)
    add("contracts.sign", gettext("Contracts to sign"), sign, url_for("contracts.contracts", mine=1))
    ending = contracts.filtered(actor, expiring_by=today + dt.timedelta(days=30)).with_only_columns(Contract.id)
    add(
        "contracts.write", gettext("Contracts ending within 30 days"), ending, url_for("contracts.contracts", within=30)
    )
    judge = care.visible_incidents(actor).where(Incident.avoidable.is_(None)).with_only_columns(Incident.id)
    add("incidents.judge", gettext("Incidents to judge"), judge, url_for("care.incidents", judged=0), "bad")
    for permission, state, label in (  # type: ignore[assignment]  # inferred too narrowly
        ("evaluations.score", EvaluationState.DRAFT, gettext("Evaluations to score")),
        ("evaluations.confirm", EvaluationState.SUBMITTED, gettext("Evaluations to confirm")),
    ):
        scores = (
            select(Evaluation.id)
            .join(Contract, Contract.id == Evaluation.contract_id)
            .where(Evaluation.state == state, Contract.id.in_(contracts.visible(actor).with_only_columns(Contract.id)))
        )
        add(permission, label, scores, url_for("settlement.evaluations", state=state.value))
    for permission, state, label in (  # type: ignore[assignment]  # inferred too narrowly
        ("settlements.approve", SettlementState.SUBMITTED, gettext("Settlements to approve")),
        ("settlements.pay", SettlementState.APPROVED, gettext("Settlements to pay")),
        ("settlements.close", SettlementState.PAID, gettext("Settlements to close")),
    ):
        add(
            permission, label, select(Settlement.id).where(Settlement.state == state), url_for("settlement.settlements")
        )
    month = today.replace(day=1)
    visited = select(Visit.resident_id).where(Visit.visited_on >= month)
    unvisited = active.where(Resident.id.not_in(visited))
    add("visits.write", gettext("Not visited this month"), unvisited, url_for("care.visits"), "info")
    return figures


def county_figures(actor: Actor) -> list[Figure]:
    """The state of the county (or of the part the actor sees)."""
    today = clock.today()
    active = people.visible(actor).where(Resident.status == ResidentStatus.ACTIVE)
    live = contracts.visible(actor).where(Contract.state == State.IN_FORCE)
    problems = care.visible_visits(actor).where(Visit.problem, Visit.visited_on >= today - dt.timedelta(days=90))
    unplanned = care.without_plan(actor, today)
    return [
        Figure(
            gettext("Residents in support"),
            shown(count(active.with_only_columns(Resident.id))),
            url_for("people.residents", status="active"),
            "info",
        ),
        Figure(
            gettext("Contracts in force"),
            shown(count(live.with_only_columns(Contract.id))),
            url_for("contracts.contracts", state="in_force"),
            "good",
        ),
        Figure(
            gettext("Without an approved plan"),
            shown(count(unplanned.with_only_columns(Resident.id))),
            url_for("care.plans"),
            "warn",
        ),
        Figure(
            gettext("Visits with a problem, 90 days"),
            shown(count(problems.with_only_columns(Visit.id))),
            url_for("care.visits", problem=1),
            "bad",
        ),
    ]


def grades_by_township(actor: Actor, on: dt.date) -> list[tuple[Area, dict[int, int]]]:
    """Residents in support per township and care grade in force on a day (0: none yet)."""
    residents = (
        people.visible(actor)
        .where(Resident.status == ResidentStatus.ACTIVE)
        .with_only_columns(Resident.id, func.substr(Resident.area_code, 1, 9).label("township"))
        .subquery()
    )
    grade = CareGrade
    rows = db.session.execute(
        select(residents.c.township, func.coalesce(grade.grade, 0), func.count())
        .select_from(residents)
        .outerjoin(
            grade,
            (grade.resident_id == residents.c.id)
            & (grade.valid_from <= on)
            & or_(grade.valid_to.is_(None), grade.valid_to >= on),
        )
        .group_by(residents.c.township, func.coalesce(grade.grade, 0))
    ).all()
    found: dict[str, dict[int, int]] = {}
    for township, value, number in rows:
        found.setdefault(township, {})[value] = number
    areas = db.session.scalars(
        select(Area).where(Area.code.in_(found), Area.level == Level.TOWNSHIP).order_by(Area.code)
    )
    return [(area, found[area.code]) for area in areas]


def completion_by_village(actor: Actor) -> list[care.CompletionRow]:
    """Care delivered in the last 30 days, by village, least first."""
    today = clock.today()
    return care.completion(actor, today - dt.timedelta(days=30), today - dt.timedelta(days=1), "village")


def money_by_quarter(actor: Actor) -> list[tuple[str, int, int]]:
    """(quarter, paid fen, withheld fen) of the settlements the actor may see, oldest first."""
    query = select(Settlement.quarter, func.sum(Settlement.pay_fen), func.sum(Settlement.withheld_fen)).where(
        Settlement.state.in_([SettlementState.APPROVED, SettlementState.PAID, SettlementState.CLOSED])
    )
    if actor.area_code:
        query = query.where(within(Settlement.area_code, actor.area_code))
    rows = db.session.execute(query.group_by(Settlement.quarter).order_by(Settlement.quarter)).all()
    return [(q, int(p or 0), int(w or 0)) for q, p, w in rows]


def deadlines(actor: Actor) -> list[tuple[dt.date, str, str]]:
    """The next dates that matter: quarter end, payment duty, contracts ending, re-assessments."""
    today = clock.today()
    quarter = Quarter.of(today)
    found = (
        [(quarter.last, gettext("The quarter ends"), url_for("settlement.settlements"))]
        if actor.may("settlements.read")
        else []
    )
    if actor.may("settlements.read"):
        found.append(
            (
                quarter.last + dt.timedelta(days=10),
                gettext("Care money is to be released (day 10 after the quarter)"),
                url_for("settlement.settlements"),
            )
        )
    for row in db.session.scalars(
        contracts.filtered(actor, expiring_by=today + dt.timedelta(days=60)).order_by(Contract.valid_to).limit(5)
    ).unique():
        words = gettext("Contract %(number)s of %(name)s ends", number=row.number, name=row.resident.name)
        found.append((row.valid_to, words, url_for("contracts.contract", contract_id=row.id)))
    return sorted(found, key=lambda item: item[0])


def document_by_token(token: str) -> IssuedDocument | None:
    """The printed document behind a QR code."""
    return db.session.scalars(select(IssuedDocument).where(IssuedDocument.token == token)).one_or_none()


def job_runs(limit: int = 60) -> list[JobRun]:
    """The latest runs of scheduled jobs."""
    return list(db.session.scalars(select(JobRun).order_by(JobRun.id.desc()).limit(limit)))
