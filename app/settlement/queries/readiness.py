"""What still stands between a township's quarter and its settlement, with the list behind each number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, select

from app.care.models import Incident
from app.contracts.models import Contract
from app.contracts.rules import State
from app.core import clock
from app.core.db import db
from app.core.periods import Quarter
from app.people.models import Resident
from app.places.queries import within
from app.settlement.models import Dispute, DisputeState, Evaluation, EvaluationState, Settlement
from app.settlement.queries.facts import rates_of, township_facts
from app.settlement.queries.houses import without_account
from app.settlement.queries.visibility import latest
from app.settlement.rules.settling import Blocked


@dataclass(frozen=True)
class Point:
    """One line of the checklist: how many things are missing, in words, and where they are listed.

    ``stops`` says that the quarter cannot be submitted while it stands; otherwise the lines concerned stay blocked and
    are made good as corrections later.
    """

    code: str
    text: str
    count: int
    endpoint: str | None = None
    args: Mapping[str, Any] = field(default_factory=dict)
    stops: bool = False

    @property
    def done(self) -> bool:
        """Nothing is missing here."""
        return self.count == 0


def _evaluations(settlement: Settlement, ids: list[int]) -> dict[EvaluationState, int]:
    """How many contracts have their newest evaluation in each state."""
    query = (
        select(Evaluation.state, func.count())
        .where(Evaluation.quarter == settlement.quarter, Evaluation.contract_id.in_(ids), latest())
        .group_by(Evaluation.state)
    )
    return dict(db.session.execute(query).all())


def stopping(settlement: Settlement) -> list[Point]:
    """What stops the whole quarter while it stands."""
    quarter = Quarter.parse(settlement.quarter)
    tables = sum(1 for rate in rates_of(quarter) if rate.pay_table is None)
    return [
        Point("quarter", gettext("The quarter is over"), 0 if clock.today() > quarter.last else 1, stops=True),
        Point(
            "pay_table",
            gettext("Months without a published pay table"),
            tables,
            "quality.rules",
            {"kind": "pay_table"},
            True,
        ),
    ]


def readiness(settlement: Settlement) -> list[Point]:
    """The checklist of one settlement (which the caller was allowed to see), in the order in which it is worked off."""
    quarter = Quarter.parse(settlement.quarter)
    facts = township_facts(settlement.area_code, quarter)
    area = settlement.area_code
    ids = [f.contract_id for f in facts.contracts]
    where = {"quarter": settlement.quarter, "area": area}
    under = within(Contract.area_code, area)
    unsigned = (
        select(func.count())
        .select_from(Contract)
        .where(under, Contract.state.in_((State.DRAFT, State.SIGNING)), Contract.valid_from <= quarter.last)
    )
    evaluations = _evaluations(settlement, ids)
    without = len(ids) - sum(evaluations.values())
    disputes = (
        select(func.count())
        .select_from(Dispute)
        .where(Dispute.state == DisputeState.OPEN, Dispute.quarter == settlement.quarter, Dispute.contract_id.in_(ids))
    )
    incidents = (
        select(func.count())
        .select_from(Incident)
        .join(Resident, Resident.id == Incident.resident_id)
        .where(
            within(Resident.area_code, area),
            Incident.happened_on.between(quarter.first, quarter.last),
            Incident.avoidable.is_(None),
        )
    )
    blocked = [facts.settle(f).blocked for f in facts.contracts]
    return [
        *stopping(settlement),
        Point(
            "unsigned",
            gettext("Contracts that are not signed by all seven yet"),
            db.session.scalar(unsigned) or 0,
            "contracts.contracts",
            {"state": State.SIGNING.value, "area": area},
        ),
        Point(
            "no_grade",
            gettext("Residents without a care grade in force"),
            blocked.count(Blocked.NO_GRADE),
            "grading.proposals",
        ),
        Point(
            "incidents",
            gettext("Incidents that are not judged yet"),
            db.session.scalar(incidents) or 0,
            "care.incidents",
        ),
        Point(
            "unfilled",
            gettext("Contracts without an evaluation sheet"),
            max(0, without),
            "settlement.evaluations",
            where,
        ),
        Point(
            "unscored",
            gettext("Caregivers that are not scored yet"),
            evaluations.get(EvaluationState.DRAFT, 0),
            "settlement.evaluations",
            {**where, "state": "draft"},
        ),
        Point(
            "unconfirmed",
            gettext("Evaluations that are not confirmed yet"),
            evaluations.get(EvaluationState.SUBMITTED, 0),
            "settlement.evaluations",
            {**where, "state": "submitted"},
        ),
        Point(
            "no_account",
            gettext("Institutions without an account for the care money"),
            without_account(area, quarter),
            "places.organisations",
            {"kind": "institution", "area": area},
        ),
        Point(
            "disputes",
            gettext("Open objections (they hold only their own line)"),
            db.session.scalar(disputes) or 0,
            "settlement.disputes",
            {**where, "state": "open"},
        ),
    ]
