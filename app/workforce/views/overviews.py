"""What runs out, and which caregivers' records propose a lesson."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import render_template, request
from flask_babel import get_locale
from werkzeug.wrappers import Response

from app.care import rules as care
from app.care.labels import ITEM_SHORT
from app.core import clock
from app.core.access import current_actor, requires
from app.core.errors import DomainError
from app.core.forms import pager_at, place_arg
from app.core.rulebook import rule_in_force
from app.core.sending import attachment
from app.people.labels import TIER_LABELS
from app.people.views import filters
from app.places.queries import area_names
from app.workforce import documents, queries
from app.workforce.labels import EXPIRY_KINDS, STANDING_TONES, STANDINGS
from app.workforce.queries import expiries as expiring
from app.workforce.queries import lessons as teaching
from app.workforce.queries.expiries import Asked
from app.workforce.views import bp

SHOWN = 500
FILTERS = ("kind", "standing", "township", "village", "until")


def _asked() -> Asked:
    kind, standing = request.args.get("kind", ""), request.args.get("standing", "")
    try:
        until = dt.date.fromisoformat(request.args.get("until", ""))
    except ValueError:
        until = None
    return Asked(
        kind if kind in expiring.KINDS else "", standing if standing in STANDINGS else "", filters.area(), until
    )


@bp.get("/expiries")
@requires("caregivers.read")
def expiries() -> str:
    """What has run out, runs out soon or is missing; with a day, everything that runs out until then."""
    actor, today, asked = current_actor(), clock.today(), _asked()
    found = expiring.expiries(actor, today, asked)
    townships, villages = filters.area_options()
    counts = expiring.counted(found)
    return render_template(
        "workforce/expiries.html",
        rows=found[:SHOWN],
        number=len(found),
        more=len(found) - SHOWN,
        totals={state: sum(n for (_kind, one), n in counts.items() if one == state) for state in STANDINGS},
        places=area_names(one.area_code for one in found[:SHOWN]),
        houses=queries.names(one.institution_id for one in found[:SHOWN]),
        kinds={k: v for k, v in EXPIRY_KINDS.items() if k != "assessor" or actor.may("assessors.read")},
        standings=STANDINGS,
        tones=STANDING_TONES,
        tiers=TIER_LABELS,
        townships=townships,
        villages=villages,
        asked=asked,
        may=actor.may,
    )


@bp.get("/expiries.<any(xlsx,csv):kind>")
@requires("caregivers.read")
def expiries_export(kind: str) -> Response:
    """Exactly what the list shows, as a table."""
    actor = current_actor()
    found = expiring.expiries(actor, clock.today(), _asked())
    return attachment(documents.expiry_table(actor, found, kind, filters.kept(FILTERS)))


def item_words(day: dt.date) -> dict[str, Any]:
    """The twelve items as the standard in force words them."""
    try:
        return dict(care.texts(rule_in_force("care_standard", day).body))
    except DomainError:
        return {}


@bp.get("/lessons")
@requires("training.read")
def lessons() -> str:
    """Caregivers whose records show weak items, with the lessons that practise them; and every lesson with its checkpoints."""
    actor, today = current_actor(), clock.today()
    body = queries.rule(today).body
    first, last = teaching.span(today, body)
    words = item_words(today)
    english = str(get_locale()) == "en"
    start = place_arg()
    pages = teaching.weakest(actor, today, start) if actor.may("checklist.read") else teaching.Pages([], None)
    return render_template(
        "workforce/lessons.html",
        rows=pages.rows,
        pages=pager_at(start, teaching.PAGE, more=pages.following is not None),
        lessons=body["lesson"],
        courses=queries.courses(body),
        worded=queries.worded,
        points={
            item: (text.checkpoints_en if english and text.checkpoints_en else text.checkpoints)
            for item, text in words.items()
        },
        short=ITEM_SHORT,
        weak=body["weak"],
        first=first,
        last=last,
        days={"from": first.isoformat(), "to": last.isoformat()},
    )
