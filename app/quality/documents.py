"""Tables of the standards room."""

from __future__ import annotations

from flask_babel import gettext

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.models import RuleDocument, RuleState
from app.core.money import format_yuan
from app.core.tables import Written, export
from app.grading import instruments
from app.quality.labels import REGRADES
from app.quality.queries import previews
from app.quality.queries.regrading import regrade
from app.settlement.labels import GRADES


def regrading_table(actor: Actor, row: RuleDocument, kind: str) -> Written:
    """Everybody whom a draft of the instrument changes, by village: grade now, grade then, yuan a month.

    Raises ``NotFound`` for other rules and for what is decided already.
    """
    if row.kind != instruments.KIND or row.state is not RuleState.DRAFT:
        raise NotFound
    found = regrade(instruments.read(row.body), row.in_force_from)
    villages = previews.area_names({one.area_code for one in found.outcomes.changed})
    heads = [
        gettext("Village"),
        gettext("Resident"),
        gettext("Grade now"),
        gettext("Grade by the new version"),
        gettext("What happens"),
        gettext("Change a month (yuan)"),
    ]
    body = [
        [
            villages.get(one.area_code, one.area_code),
            one.name,
            str(GRADES[one.before]),
            "" if one.after is None else str(GRADES[one.after]),
            str(REGRADES[one.what]),
            format_yuan(found.fen[one.resident_id]) if one.resident_id in found.fen else "",
        ]
        for one in sorted(found.outcomes.changed, key=lambda o: (o.area_code, o.name, o.resident_id))
    ]
    title = gettext("Grades that change")
    return export(
        actor, "regrading", title, heads, body, kind, permission="standards.preview", filters={"rule": str(row.id)}
    )
