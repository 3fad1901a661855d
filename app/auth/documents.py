"""The list of accounts as a file."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext
from sqlalchemy import Select

from app.auth import queries
from app.auth.labels import STATE_LABELS
from app.auth.models import User
from app.core.actor import Actor
from app.core.db import db
from app.core.labels import ROLE_LABELS
from app.core.tables import Written, export


def accounts_table(actor: Actor, query: Select[User], kind: str, filters: Mapping[str, str]) -> Written:
    """Exactly the accounts that the page shows, as xlsx or csv; ``filters`` is the address of the list."""
    users = list(db.session.scalars(query.order_by(User.username)))
    areas = queries.area_names([user.area_code for user in users])
    heads = [gettext("Account name"), gettext("Name"), gettext("Role"), gettext("Area"), gettext("State")]
    body = [
        [
            user.username,
            user.name,
            str(ROLE_LABELS[user.role]),
            areas.get(user.area_code or "", ""),
            str(STATE_LABELS[queries.state_of(user)]),
        ]
        for user in users
    ]
    return export(actor, "accounts", gettext("Accounts"), heads, body, kind, permission="users.read", filters=filters)
