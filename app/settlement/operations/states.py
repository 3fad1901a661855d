"""One way through a settlement's states, by conditional update: two people at once have one effect."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import format_datetime, gettext
from sqlalchemy import select, update

from app.auth.models import User
from app.core import audit
from app.core.db import db
from app.core.errors import Refused
from app.settlement.labels import SETTLEMENT_STATES
from app.settlement.models import Settlement, SettlementState


def need(row: Settlement, *states: SettlementState) -> None:
    """Raise ``Refused`` in words, with who did what when, unless the settlement is in one of ``states``."""
    if row.state in states:
        return
    who, when = _last_act(row)
    name = db.session.scalar(select(User.name).where(User.id == who)) if who else None
    if name and when:
        raise Refused(
            gettext(
                "Not possible any more: the settlement is “%(state)s” since %(when)s (%(name)s).",
                state=SETTLEMENT_STATES[row.state],
                when=format_datetime(when, "yyyy-MM-dd HH:mm"),
                name=name,
            )
        )
    raise Refused(gettext("Not possible now: the settlement is “%(state)s”.", state=SETTLEMENT_STATES[row.state]))


def _last_act(row: Settlement) -> tuple[int | None, dt.datetime | None]:
    return {
        SettlementState.OPEN: (None, None),
        SettlementState.CALCULATED: (row.calculated_by, row.calculated_at),
        SettlementState.SUBMITTED: (row.submitted_by, row.submitted_at),
        SettlementState.APPROVED: (row.approved_by, row.approved_at),
        SettlementState.PAYING: (row.paid_by, row.paid_at),
        SettlementState.RECONCILED: (row.paid_by, row.paid_at),
        SettlementState.CLOSED: (row.closed_by, row.closed_at),
    }[row.state]


def move(
    row: Settlement, target: SettlementState, act: str, changes: dict[str, Any] | None = None, **values: Any
) -> None:
    """Go from the row's state to ``target`` if it still stands there; otherwise ``Refused``. Leaves an audit entry."""
    before = row.state
    db.session.flush()
    table = db.metadata.tables[Settlement.__tablename__]
    done = db.session.connection().execute(
        update(table)
        .where(table.c.id == row.id, table.c.state == before, table.c.run == row.run)
        .values(state=target, **values)
    )
    if done.rowcount != 1:
        raise Refused(gettext("Somebody else was faster. Reload the page."))
    audit.record(act, "settlement", row.id, {"state": [before.value, target.value], **(changes or {})})
    db.session.expire(row)
