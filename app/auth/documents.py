"""The list of accounts as a file."""

from __future__ import annotations

from collections.abc import Sequence

from app.auth import queries
from app.auth.labels import ROLE_LABELS, STATE_LABELS
from app.auth.models import User


def account_rows(users: Sequence[User]) -> list[tuple[str, ...]]:
    """Lines of the list as the page shows them."""
    areas = queries.area_names([user.area_code for user in users])
    return [
        (
            user.username,
            user.name,
            str(ROLE_LABELS[user.role]),
            areas.get(user.area_code or "", ""),
            str(STATE_LABELS[queries.state_of(user)]),
        )
        for user in users
    ]
