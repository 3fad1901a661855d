"""Taking a table away is an act: it is noted, and the file says who took it, when, and under which number."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence

from flask_babel import gettext

from app.core import audit, clock
from app.core.actor import Actor
from app.core.labels import ROLE_LABELS
from app.core.operation import operation
from app.core.tables.writing import Column, Written, write


def _without_numbers(text: str) -> str:
    """A search text for the audit log, which keeps no personal numbers: only the last four characters of long ones."""
    return re.sub(r"\d{5,}(?=[\dXx]{4})", lambda found: "*" * len(found[0]), text)


@operation("table.export", permission="account.self")
def export(
    actor: Actor,
    /,
    name: str,
    title: str,
    columns: Sequence[str | Column],
    rows: Iterable[Sequence[object]],
    kind: str,
    *,
    permission: str,
    filters: Mapping[str, str] | None = None,
) -> Written:
    """A table as ``xlsx`` or ``csv`` with a line that says who took it, when, and under which number it is noted.

    ``rows`` are exactly those of the list that ``filters`` (its address) narrow; ``permission`` is the list's own,
    ``name`` says in the audit log which list it is. Raises ``Forbidden``, and ``ValueError`` for another kind.
    """
    actor.require(permission)
    listed = list(rows)
    number = secrets.token_hex(4).upper()
    narrowed = {k: _without_numbers(v) if k == "q" else v for k, v in (filters or {}).items()}
    changes = {"table": name, "rows": len(listed), "kind": kind, "filters": narrowed}
    audit.record("table.export", "table", number, changes)
    role = ROLE_LABELS[actor.role] if actor.role is not None else gettext("System")
    line = gettext(
        "Taken by %(who)s (%(role)s) on %(at)s, export %(number)s. Personal data: keep closed.",
        who=actor.name,
        role=role,
        at=clock.now().astimezone(clock.ZONE).strftime("%Y-%m-%d %H:%M:%S +08:00"),
        number=number,
    )
    return write(kind, title, columns, listed, lines=[line], name=f"{title}-{number}")
