"""Spot checks of a quarter: a seed is committed, then the list is frozen and drawn. Results are visits like any other."""

from __future__ import annotations

import secrets

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.contracts.models import Contract
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Refused
from app.core.operation import operation
from app.settlement.draw_spot_checks import draw, frame_text, sha
from app.settlement.models import SpotCheckDraw
from app.settlement.operations.calculating import read_quarter


@operation("spot_check.commit", permission="spotchecks.draw")
def commit_seed(actor: Actor, quarter: str) -> SpotCheckDraw:
    """Take a seed by chance and publish its hash; the seed itself stays closed until the draw. Once for each quarter.

    Raises ``Refused`` before the quarter begins, after it is over, and when a seed is committed already.
    """
    period = read_quarter(quarter)
    if not period.first <= clock.today() <= period.last:
        raise Refused(gettext("A seed is committed while the quarter runs."))
    seed = secrets.token_hex(32)
    row = SpotCheckDraw(
        quarter=quarter, seed=seed, commitment=sha(seed), committed_at=clock.now(), committed_by=actor.user_id
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise Refused(gettext("A seed is committed already.")) from error
    audit.record("spot_check.commit", "spot_check_draw", row.id, {"quarter": quarter, "commitment": row.commitment})
    return row


@operation("spot_check.draw", permission="spotchecks.draw")
def draw_checks(actor: Actor, quarter: str) -> SpotCheckDraw:
    """Freeze the list of contracts in force today under its hash, open the seed, and draw at least a tenth of each township
    and institution. Raises ``Refused`` without a committed seed, when it was drawn already, or when the quarter is over.
    """
    period = read_quarter(quarter)
    row = db.session.scalars(select(SpotCheckDraw).where(SpotCheckDraw.quarter == quarter).with_for_update()).first()
    if row is None:
        raise Refused(gettext("Commit a seed first."))
    if row.drawn_at is not None:
        raise Refused(gettext("The spot checks of this quarter are drawn already."))
    today = clock.today()
    if today > period.last:
        raise Refused(gettext("The quarter is over."))
    contracts = db.session.execute(
        select(Contract.id, Contract.area_code, Contract.institution_id)
        .where(Contract.in_force_from <= today, Contract.valid_to >= today)
        .where(Contract.ended_on.is_(None) | (Contract.ended_on >= today))
        .order_by(Contract.id)
    )
    frame = [[c, area[:9], institution or 0] for c, area, institution in contracts]
    if not frame:
        raise Refused(gettext("No contract is in force."))
    row.frame, row.frame_sha256 = frame, sha(frame_text(frame))
    row.drawn, row.drawn_at, row.drawn_by = draw(frame, row.seed), clock.now(), actor.user_id
    changes = {"quarter": quarter, "frame_sha256": row.frame_sha256, "contracts": len(frame), "drawn": len(row.drawn)}
    audit.record("spot_check.draw", "spot_check_draw", row.id, changes)
    return row
