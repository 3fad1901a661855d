"""Certificates, exceptions and lessons on a caregiver's page; exceptions on a resident's; ratios on an institution's."""

from __future__ import annotations

from app.care.labels import ITEM_SHORT
from app.core import clock
from app.core.actor import Actor
from app.core.errors import DomainError
from app.core.words import lazy_gettext as _l
from app.people.labels import TIER_LABELS
from app.people.models import Caregiver, Resident
from app.people.panels import Panel, Shown, caregiver_panels, resident_panels
from app.places.models import Organisation, OrganisationKind
from app.places.panels import organisation_panels
from app.workforce import queries, rules
from app.workforce.labels import CREDENTIAL_KINDS, STANDING_TONES, STANDINGS
from app.workforce.queries.lessons import proposal, span
from app.workforce.queries.staffing import houses


def _training(actor: Actor, row: Caregiver) -> Shown | None:
    today = clock.today()
    try:
        body = queries.rule(today).body
    except DomainError:
        return None
    held = queries.credentials_of(row.id)
    notice = {kind: int(body.get(kind.value, body["other"])["notice_days"]) for kind in CREDENTIAL_KINDS}
    return Shown(
        "workforce/_of_caregiver.html",
        {
            "row": row,
            "credentials": held,
            "standing": {one.id: rules.standing(one.valid_to, today, notice[one.kind]) for one in held},
            "overrides": queries.overrides_of(actor, caregiver_id=row.id),
            "today": today,
            "kinds": CREDENTIAL_KINDS,
            "standings": STANDINGS,
            "tones": STANDING_TONES,
            "tiers": TIER_LABELS,
            "may": actor.may,
        },
    )


def _lessons(actor: Actor, row: Caregiver) -> Shown | None:
    today = clock.today()
    try:
        found = proposal(actor, row.id, today)
    except DomainError:
        return None
    if not found.weak:
        return None
    first, last = span(today, queries.rule(today).body)
    days = {"from": first.isoformat(), "to": last.isoformat()}
    shown = {"proposal": found, "short": ITEM_SHORT, "worded": queries.worded, "days": days}
    return Shown("workforce/_lessons.html", shown)


def _exceptions(actor: Actor, row: Resident) -> Shown | None:
    today = clock.today()
    found = [
        one for one in queries.overrides_of(actor, resident_id=row.id) if one.ended_on is None and one.until_on >= today
    ]
    if not found:
        return None
    return Shown("workforce/_of_resident.html", {"overrides": found, "tiers": TIER_LABELS, "may": actor.may})


def _ratio(actor: Actor, row: Organisation) -> Shown | None:
    if row.kind is not OrganisationKind.INSTITUTION:
        return None
    try:
        found = houses(actor, clock.today(), row.id)
    except DomainError:
        return None
    return Shown("workforce/_ratio.html", {"house": found[0], "day": clock.today()}) if found else None


caregiver_panels.register(
    Panel("training", _l("Certificates and health checks"), "caregivers.read", _training, order=10)
)
caregiver_panels.register(Panel("lessons", _l("Lessons proposed"), "training.read", _lessons, order=15))
resident_panels.register(Panel("exceptions", _l("Care without the training"), "people.read", _exceptions, order=25))
organisation_panels.register(Panel("ratio", _l("Workers and shifts"), "staffing.read", _ratio, order=20))
