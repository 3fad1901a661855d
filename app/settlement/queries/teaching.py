"""What evaluations and spot checks say a caregiver should practise, for the lessons of ``workforce``."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import format_date, get_locale, gettext
from sqlalchemy import or_, select

from app.care.models import Visit
from app.contracts.models import Contract
from app.core import clock, rulebook
from app.core.actor import Actor, Role
from app.core.db import db
from app.core.periods import Quarter
from app.people import queries as people
from app.people.models import Caregiver
from app.settlement.models import Evaluation, EvaluationState, SpotCheckDraw
from app.workforce.queries.lessons import WANTING, Cause, Causes, Narrowed, sources
from app.workforce.rules import weak_items


def _quarters(first: dt.date, last: dt.date) -> list[str]:
    found, run = [], Quarter.of(last)
    while run.last >= first:
        found.append(str(run))
        run = run.previous()
    return found


def _mine(actor: Actor, only: Narrowed) -> Any:
    mine = people.visible_caregivers(actor)
    return (mine if only is None else mine.where(Caregiver.id.in_(only))).with_only_columns(Caregiver.id)


def points_lost(
    actor: Actor, first: dt.date, last: dt.date, only: Narrowed = None, body: Mapping[str, Any] | None = None
) -> Causes:
    """Lines of confirmed evaluations of the quarters of a range that have not all their points, by caregiver: what rests on an
    observation as ``record_<observation>``, care delivered by item where the quarter's record of an item is weak by the rule
    ``body``; only for who may read evaluations.
    """
    found: Causes = defaultdict(list)
    if not actor.may("evaluations.read"):
        return found
    query = (
        select(Evaluation.id, Evaluation.scorecard_sha256, Evaluation.parts, Evaluation.quarter, Contract.caregiver_id)
        .join(Contract, Contract.id == Evaluation.contract_id)
        .where(Evaluation.state == EvaluationState.CONFIRMED, Evaluation.quarter.in_(_quarters(first, last)))
        .where(Contract.caregiver_id.in_(_mine(actor, only)), Evaluation.score < 10_000)
        .order_by(Evaluation.quarter, Evaluation.id)
    )
    cards: dict[str, list[dict[str, Any]]] = {}
    for number, sha, parts, quarter, caregiver_id in db.session.execute(query):
        if sha not in cards:
            cards[sha] = list(rulebook.rule_by_sha("scorecard", sha).body["line"])
        values = (("evaluation_id", number),)
        for name, why, items in _lost(cards[sha], parts, (body or {}).get("weak")):
            words = gettext("evaluation %(quarter)s: %(line)s", quarter=quarter, line=why)
            found[caregiver_id].append(Cause(name, words, "settlement.evaluation", values, items))
    return found


def _lost(
    card: list[dict[str, Any]], parts: Mapping[str, Any], weak: Mapping[str, Any] | None
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Cause, words and items of each line that has not all its points."""
    language = "en" if str(get_locale()) == "en" else "zh"
    for line in card:
        points = parts.get("lines", {}).get(line["id"], {}).get("points")
        if points is None or points >= 100 * int(line["max"]):
            continue
        words = gettext(
            "%(item)s %(points)s of %(most)s", item=_short(line[language]), points=f"{points / 100:g}", most=line["max"]
        )
        if line["source"] == "delivered":
            counted = {item: (done, due) for item, (done, due) in parts.get("records", {}).get("items", {}).items()}
            if items := tuple(item for item, _percent in (weak_items(counted, weak) if weak else ())):
                yield "delivered", words, items
        elif line.get("record"):
            yield f"record_{line['record']}", words, ()


def _short(words: str) -> str:
    """The words of a line without what stands in brackets."""
    return words.split("（", maxsplit=1)[0].split(" (", maxsplit=1)[0]


def found_wanting(
    actor: Actor, first: dt.date, last: dt.date, only: Narrowed = None, body: Mapping[str, Any] | None = None
) -> Causes:
    """What the spot checks of the quarters of a range found wanting: visits of the township to contracts that were drawn, after
    the draw and within its quarter; of the caregiver of the contract. Only for who may read visits.
    """
    found: Causes = defaultdict(list)
    if not actor.may("visits.read"):
        return found
    draws = select(SpotCheckDraw.quarter, SpotCheckDraw.drawn, SpotCheckDraw.drawn_at).where(
        SpotCheckDraw.quarter.in_(_quarters(first, last)), SpotCheckDraw.drawn_at.is_not(None)
    )
    for quarter, drawn, drawn_at in db.session.execute(draws.order_by(SpotCheckDraw.quarter)):
        since = drawn_at.astimezone(clock.ZONE).date() if drawn_at else last
        query = (
            select(Visit.id, Visit.visited_on, Visit.skin, Visit.clean, Visit.steady, Contract.caregiver_id)
            .join(Contract, Contract.resident_id == Visit.resident_id)
            .where(Contract.id.in_(drawn), Contract.caregiver_id.in_(_mine(actor, only)))
            .where(Visit.role == Role.TOWNSHIP_OFFICER.value)
            .where(Visit.visited_on.between(max(first, since), min(last, Quarter.parse(quarter).last)))
            .where(or_(Visit.skin.is_(False), Visit.clean.is_(False), Visit.steady.is_(False)))
            .order_by(Visit.visited_on, Visit.id)
        )
        for number, day, *observed, caregiver_id in db.session.execute(query):
            for name, holds in zip(WANTING, observed, strict=True):
                if holds is False:
                    why = gettext(
                        "spot check %(quarter)s, %(day)s: %(found)s",
                        quarter=quarter, day=format_date(day), found=WANTING[name],
                    )  # fmt: skip
                    found[caregiver_id].append(Cause(f"record_{name}", why, "care.visit", (("visit_id", number),)))
    return found


sources += [points_lost, found_wanting]
