"""What waits for a person, by permission; every figure opens its list."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import Select, func, select

from app.care import queries as care
from app.care.models import CarePlan, Incident, PlanState, Visit
from app.contracts import queries as contracts
from app.contracts.models import Contract, PaperSignature
from app.contracts.queries import caring, files
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.grading.models import CareGrade, GradeProposal, ProposalState, ReassessmentDue, Sheet, SheetState
from app.grading.rules import NOTICE_DAYS
from app.people import queries as people
from app.people.models import Resident, ResidentStatus
from app.settlement import queries as settlement
from app.settlement.models import Dispute, DisputeState, Evaluation, EvaluationState, Settlement, SettlementState
from app.workforce.labels import STANDINGS
from app.workforce.queries.expiries import Asked, counted, expiries


@dataclass(frozen=True)
class Figure:
    """A number that opens the list behind it."""

    label: str
    value: str
    url: str
    tone: str = "neutral"
    note: str = ""


def count(query: Select[Any]) -> int:
    """How many rows, capped at 1,000 so that a page never waits for a count."""
    return db.session.scalar(select(func.count()).select_from(query.order_by(None).limit(1001).subquery())) or 0


def shown(number: int) -> str:
    """1,000+ above the cap."""
    return f"{number:,}" if number <= 1000 else "1,000+"


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
        ReassessmentDue.due_on <= today + dt.timedelta(days=NOTICE_DAYS),
        ReassessmentDue.resident_id.in_(active),
    )
    add("sheets.write", gettext("Re-assessment due"), due, url_for("grading.due"), "bad")
    late = due.where(ReassessmentDue.escalated_at.is_not(None))
    add(
        "grades.decide",
        gettext("Overdue assessments reported to the county"),
        late,
        url_for("grading.due", cause="escalated"),
        "bad",
    )
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
    outdated = care.outdated(actor, today).with_only_columns(Resident.id)
    add("plans.write", gettext("Plans that no longer fit"), outdated, url_for("care.plans") + "#outdated")
    without = care.without_plan(actor, today).where(Resident.id.in_(graded)).with_only_columns(Resident.id)
    add("plans.write", gettext("Graded residents without a plan"), without, url_for("care.plans") + "#missing")
    sign = contracts.filtered(actor, mine_to_sign=True).with_only_columns(Contract.id)
    add("contracts.sign", gettext("Contracts to sign"), sign, url_for("contracts.contracts", mine=1))
    for kind, label, tone in (
        ("missing", gettext("Caregiver stopped, nobody cares in between"), "bad"),
        ("ending", gettext("Substitute care ends within three days"), "warn"),
        ("untrained", gettext("In force, but the caregiver has no valid training"), "bad"),
    ):
        wanted = caring.CARE[kind](actor, today).with_only_columns(Contract.id)
        add("contracts.write", label, wanted, url_for("contracts.contracts", care=kind), tone)
    scans = files.to_check(actor).with_only_columns(PaperSignature.id)
    add("contracts.check", gettext("Scans of signed papers to compare"), scans, url_for("contracts.contracts"))
    for days, tone in ((7, "bad"), (30, "warn"), (60, "info")):
        ending = contracts.running_out(actor, today + dt.timedelta(days=days)).with_only_columns(Contract.id)
        label = gettext("Contracts ending within %(days)s days", days=days)
        add("contracts.write", label, ending, url_for("contracts.contracts", within=days), tone)
    judge = care.visible_incidents(actor).where(Incident.avoidable.is_(None)).with_only_columns(Incident.id)
    add("incidents.judge", gettext("Incidents to judge"), judge, url_for("care.incidents", judged=0), "bad")
    for permission, state, label in (  # type: ignore[assignment]  # inferred too narrowly
        ("evaluations.score", EvaluationState.DRAFT, gettext("Evaluations to score")),
        ("evaluations.confirm", EvaluationState.SUBMITTED, gettext("Evaluations to confirm")),
    ):
        scores = settlement.evaluations(actor, state=state).with_only_columns(Evaluation.id)  # type: ignore[arg-type]  # inferred too narrowly
        add(permission, label, scores, url_for("settlement.evaluations", state=state.value))
    if own := settlement.own_running(actor):
        url = url_for("settlement.evaluations", state=EvaluationState.SUBMITTED.value)
        figures.append(Figure(gettext("Your score: agree or object"), shown(own), url, "warn"))
    answers = settlement.disputes(actor, state=DisputeState.OPEN).with_only_columns(Dispute.id)
    add(
        "disputes.decide", gettext("Objections to answer"), answers, url_for("settlement.disputes", state="open"), "bad"
    )
    for right, step, words in (
        ("settlements.approve", SettlementState.SUBMITTED, gettext("Settlements to approve")),
        ("settlements.pay", SettlementState.APPROVED, gettext("Settlements to pay")),
        ("settlements.pay", SettlementState.PAYING, gettext("Settlements with payments on their way")),
        ("settlements.close", SettlementState.RECONCILED, gettext("Settlements to close")),
    ):
        settled = settlement.settlements(actor, state=step).with_only_columns(Settlement.id)
        add(right, words, settled, url_for("settlement.settlements", state=step.value))
    month = today.replace(day=1)
    visited = select(Visit.resident_id).where(Visit.visited_on >= month)
    unvisited = active.where(Resident.id.not_in(visited))
    add("visits.write", gettext("Not visited this month"), unvisited, url_for("care.visits") + "#whom", "info")
    if actor.may("caregivers.read") and actor.may("training.read"):
        ends = counted(expiries(actor, today, Asked()))
        for standing, tone in (("over", "bad"), ("none", "warn"), ("soon", "info")):
            if number := sum(n for (_kind, one), n in ends.items() if one == standing):
                words = gettext("Training, health checks, exceptions: %(state)s", state=STANDINGS[standing])
                figures.append(Figure(words, shown(number), url_for("workforce.expiries", standing=standing), tone))
    return figures


@dataclass(frozen=True)
class Ending:
    """A contract that runs out soon, with the days left and how pressing that is."""

    contract: Contract
    days: int
    tone: str


def ending(actor: Actor, today: dt.date, limit: int = 8) -> list[Ending]:
    """Contracts in sight that end within 60 days without one that follows, soonest first; from 30 days on it presses, from 7
    on it burns.
    """
    query = contracts.running_out(actor, today + dt.timedelta(days=max(contracts.NOTICE_DAYS)))
    rows = db.session.scalars(query.order_by(Contract.valid_to, Contract.id).limit(limit)).unique()
    found = []
    for row in rows:
        days = (row.valid_to - today).days
        found.append(Ending(row, days, "bad" if days <= 7 else "warn" if days <= 30 else "info"))
    return found
