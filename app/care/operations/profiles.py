"""What a person tells about eating, faith and room, and what is found about teeth and swallowing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

from flask_babel import gettext

from app.care import queries, rules
from app.care.labels import WISHES
from app.care.models import CareProfile
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid
from app.core.operation import operation
from app.people import queries as people

WISH_LIMIT = 200
ORDERS_LIMIT = 1000


@operation("profile.record", permission="profiles.write")
def record_profile(
    actor: Actor,
    resident_id: int,
    *,
    teeth: str | None,
    denture: str | None,
    swallow: str | None,
    swallow_on: dt.date | None,
    residue: bool,
    wishes: Mapping[str, str],
    orders: str,
    show_at_bedside: bool,
) -> CareProfile:
    """Store a new version; the earlier ones stay. Wishes are voluntary: what is not told is not stored.

    The water test is never run on somebody drowsy, unable to sit, or with a tube: then ``swallow`` is ``tube`` or left
    open. Raises ``Invalid`` naming fields.
    """
    resident = people.resident(actor, resident_id, lock=True)
    before = queries.profile_of(resident.id)
    errors: dict[str, str] = {}
    for name, value, known in (
        ("teeth", teeth, rules.TEETH),
        ("denture", denture, rules.DENTURES),
        ("swallow", swallow, rules.SWALLOW),
    ):
        if value is not None and value not in known:
            errors[name] = gettext("Choose one.")
    if swallow and swallow_on is None:
        errors["swallow_on"] = gettext("Say when the water test was done.")
    if swallow_on and swallow_on > clock.today():
        errors["swallow_on"] = gettext("The day has not come yet.")
    told = {name: text.strip() for name, text in wishes.items() if name in WISHES and text.strip()}
    for name, text in told.items():
        if len(text) > WISH_LIMIT:
            errors[name] = gettext("At most %(limit)s characters.", limit=WISH_LIMIT)
    if len(orders) > ORDERS_LIMIT:
        errors["orders"] = gettext("At most %(limit)s characters.", limit=ORDERS_LIMIT)
    if errors:
        raise Invalid(gettext("Nothing was stored yet."), errors=errors)
    row = CareProfile(
        resident_id=resident.id,
        version=(before.version if before else 0) + 1,
        teeth=teeth,
        denture=denture,
        swallow=swallow,
        swallow_on=swallow_on if swallow else None,
        residue=residue,
        show_at_bedside=show_at_bedside,
        recorded_by=actor.user_id,
        recorded_at=clock.now(),
    )
    row.wishes = json.dumps(told, ensure_ascii=False, sort_keys=True) if told else None
    row.orders = orders
    db.session.add(row)
    db.session.flush()
    audit.record("profile.record", "care_profile", row.id, {"resident": resident.id, "version": row.version})
    return row
