"""Spot checks: what was committed and drawn, and which of the drawn contracts were visited since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.care.models import Visit
from app.contracts import queries as contracts
from app.contracts.models import Contract
from app.core import clock
from app.core.actor import Actor, Role
from app.core.db import db
from app.core.periods import Quarter
from app.settlement.draw_spot_checks import SHARE
from app.settlement.models import SpotCheckDraw


def draw_of(quarter: str) -> SpotCheckDraw | None:
    """The draw of a quarter, or None before a seed is committed."""
    return db.session.scalars(select(SpotCheckDraw).where(SpotCheckDraw.quarter == quarter)).first()


def draw_file(row: SpotCheckDraw) -> dict[str, Any]:
    """A draw as anybody can draw it again (``draw_spot_checks.py``): numbers, no names."""
    return {
        "quarter": row.quarter,
        "share": SHARE,
        "commitment": row.commitment,
        "committed_at": row.committed_at.isoformat(timespec="seconds"),
        "seed": row.seed,
        "frame_sha256": row.frame_sha256,
        "frame": row.frame,
        "drawn": row.drawn,
        "drawn_at": row.drawn_at.isoformat(timespec="seconds") if row.drawn_at else None,
    }


@dataclass(frozen=True)
class Check:
    """One drawn contract and the visit that checked it: the first of a township officer since the draw, within the quarter."""

    contract: Contract
    visit: Visit | None


def checks(actor: Actor, row: SpotCheckDraw) -> list[Check]:
    """Drawn contracts the actor may see, in the order of their numbers."""
    if row.drawn_at is None:
        return []
    query = contracts.visible(actor).where(Contract.id.in_(row.drawn)).order_by(Contract.number)
    found = list(db.session.scalars(query).unique())
    since, until = row.drawn_at.astimezone(clock.ZONE).date(), Quarter.parse(row.quarter).last
    visits: dict[int, Visit] = {}
    for visit in db.session.scalars(
        select(Visit)
        .where(
            Visit.resident_id.in_({c.resident_id for c in found}),
            Visit.role == Role.TOWNSHIP_OFFICER.value,
            Visit.visited_on.between(since, until),
        )
        .order_by(Visit.visited_on.desc(), Visit.id.desc())
    ).unique():
        visits[visit.resident_id] = visit
    return [Check(c, visits.get(c.resident_id)) for c in found]
