"""What evaluations say a caregiver should practise: observations that cost points, for the lessons of ``workforce``."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from flask_babel import get_locale, gettext
from sqlalchemy import select

from app.contracts.models import Contract
from app.core import rulebook
from app.core.actor import Actor
from app.core.db import db
from app.core.periods import Quarter
from app.people import queries as people
from app.people.models import Caregiver
from app.settlement.models import Evaluation, EvaluationState
from app.workforce.queries.lessons import Causes, sources


def points_lost(actor: Actor, first: dt.date, last: dt.date) -> Causes:
    """Lines of confirmed evaluations of the quarters of a range that rest on an observation and have not all their points, as
    ``record_<observation>`` by caregiver; only for who may read evaluations.
    """
    found: Causes = defaultdict(list)
    if not actor.may("evaluations.read"):
        return found
    quarters, run = [], Quarter.of(last)
    while run.last >= first:
        quarters.append(str(run))
        run = run.previous()
    mine = people.visible_caregivers(actor).with_only_columns(Caregiver.id)
    query = (
        select(Evaluation.scorecard_sha256, Evaluation.parts, Evaluation.quarter, Contract.caregiver_id)
        .join(Contract, Contract.id == Evaluation.contract_id)
        .where(Evaluation.state == EvaluationState.CONFIRMED, Evaluation.quarter.in_(quarters))
        .where(Contract.caregiver_id.in_(mine))
        .order_by(Evaluation.quarter, Evaluation.id)
    )
    cards: dict[str, list[dict[str, Any]]] = {}
    english = str(get_locale()) == "en"
    for sha, parts, quarter, caregiver_id in db.session.execute(query):
        if sha not in cards:
            cards[sha] = [one for one in rulebook.rule_by_sha("scorecard", sha).body["line"] if one.get("record")]
        for line in cards[sha]:
            points = parts.get("lines", {}).get(line["id"], {}).get("points")
            if points is not None and points < 100 * int(line["max"]):
                words = gettext(
                    "evaluation %(quarter)s: %(line)s %(points)s of %(most)s",
                    quarter=quarter, line=line["en" if english else "zh"], points=f"{points / 100:g}", most=line["max"],
                )  # fmt: skip
                found[caregiver_id].append((f"record_{line['record']}", words))
    return found


sources.append(points_lost)
