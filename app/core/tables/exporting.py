"""Taking a table away is an act: it is noted, and the file says who took it, when, and under which number."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterable, Sequence

from flask_babel import gettext

from app.core import audit, clock
from app.core.actor import Actor
from app.core.operation import operation
from app.core.tables.writing import Column, write


@operation("table.export", permission="account.self")
def export(
    actor: Actor,
    /,
    name: str,
    title: str,
    columns: Sequence[str | Column],
    rows: Iterable[Sequence[object]],
    kind: str,
) -> tuple[io.BytesIO, str, str]:
    """A table as ``xlsx`` or ``csv``: (file, file name, MIME type), noted in the audit log under its export number.

    The caller has checked the permission of the list and gives exactly the rows that the list shows.
    """
    listed = list(rows)
    number = secrets.token_hex(4).upper()
    audit.record("table.export", "table", number, {"table": name, "rows": len(listed), "kind": kind})
    line = gettext(
        "Taken by %(who)s on %(at)s, export %(number)s. Personal data: keep closed.",
        who=actor.name,
        at=clock.now().astimezone(clock.ZONE).strftime("%Y-%m-%d %H:%M:%S +08:00"),
        number=number,
    )
    written = write(kind, title, columns, listed, lines=[line], name=name)
    return io.BytesIO(written.data), written.name, written.mime
