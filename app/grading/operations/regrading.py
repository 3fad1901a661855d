"""A new version of the instrument takes effect: every resident's last sheet is scored again by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import insert, select, update

import assessments
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Refused
from app.core.operation import operation
from app.grading import regrading
from app.grading.models import CareGrade, GradeProposal, ReassessmentDue, Sheet
from app.grading.regrading import Outcome, Outcomes
from app.grading.rules import ProposalState, Regrade, SheetState
from assessments.model import Instrument

COPIED = (
    "resident_id",
    "reason_code",
    "assessed_on",
    "first_assessor_id",
    "second_assessor_id",
    "informant_name",
    "informant_relation",
    "answers",
    "facts",
    "created_by",
    "created_by_person",
    "submitted_by",
    "submitted_by_person",
)
"""What a repeated sheet takes over: the observations are the same, so are the people who made them."""
BATCH = 2_000


@operation("grade.regrade", permission="system.job")
def regrade_everybody(
    actor: Actor, instrument: Instrument, day: dt.date, *, decided_by: int, decided_by_person: str, reason: str
) -> Outcomes:
    """Apply ``instrument`` from ``day``, the first of a month, to everybody whose grade was decided by another version.

    Whose grade moves gets the repeated sheet, a proposal decided in the name of who approved the version
    (``decided_by``) and a care grade from ``day``; what people have to judge becomes a proposal that waits for its
    review, a sheet that proposes nothing a new assessment. Everybody else keeps the grade in force. Raises ``Refused``
    on any other day than the first of a month, and when it was done before.
    """
    if day.day != 1:
        raise Refused(gettext("A version of the instrument begins on the first day of a month."))
    done = select(Sheet.id).where(Sheet.instrument == instrument.key, Sheet.rescored_from_id.is_not(None)).limit(1)
    if db.session.scalar(done) is not None:
        raise Refused(gettext("This version was carried out already."))
    found = regrading.outcomes(instrument, day)
    decision = {"decided_by": decided_by, "decided_by_person": decided_by_person, "decision_reason": reason}
    acted = [o for o in found.changed if o.what in (Regrade.MOVED, Regrade.REVIEW)]
    for start in range(0, len(acted), BATCH):
        _batch(acted[start : start + BATCH], instrument, day, decision)
    now = clock.now()
    db.session.add_all(
        ReassessmentDue(resident_id=o.resident_id, cause="standard", due_on=day, opened_at=now)
        for o in found.changed
        if o.what is Regrade.UNSCORED
    )
    counts = {what.value: count for what, count in sorted(found.counts.items())}
    audit.record(
        "grade.regrade",
        "rule_document",
        instrument.key,
        {"day": day.isoformat(), "population": found.population, "fingerprint": found.fingerprint, **counts},
    )
    return found


def _batch(part: Sequence[Outcome], instrument: Instrument, day: dt.date, decision: dict[str, Any]) -> None:
    """Sheets, proposals and grades of some residents, a few statements in all."""
    now = clock.now()
    sheet = Sheet.__table__
    columns = [sheet.c[name] for name in COPIED]
    rows = db.session.execute(
        select(sheet.c.id, sheet.c.number, *columns).where(sheet.c.id.in_([o.sheet_id for o in part]))
    ).mappings()
    db.session.execute(insert(Sheet), [_repeated(dict(row), instrument, now) for row in rows])
    copies = dict(
        db.session.execute(
            select(sheet.c.rescored_from_id, sheet.c.id).where(
                sheet.c.instrument == instrument.key, sheet.c.rescored_from_id.in_([o.sheet_id for o in part])
            )
        ).all()
    )
    nobody = dict.fromkeys(decision)
    db.session.execute(
        insert(GradeProposal),
        [
            {
                "sheet_id": copies[o.sheet_id],
                "resident_id": o.resident_id,
                "state": ProposalState.DECIDED if o.what is Regrade.MOVED else ProposalState.REVIEW,
                "proposed_grade": o.after,
                "created_at": now,
                "decided_grade": o.after if o.what is Regrade.MOVED else None,
                "decided_at": now if o.what is Regrade.MOVED else None,
                **(decision if o.what is Regrade.MOVED else nobody),
            }
            for o in part
        ],
    )
    moved = [o for o in part if o.what is Regrade.MOVED]
    if moved:
        _grades(moved, copies, instrument, day, now)


def _repeated(row: dict[str, Any], instrument: Instrument, now: dt.datetime) -> dict[str, Any]:
    result = assessments.score({"answers": row["answers"], "facts": row["facts"]}, instrument)
    number = f"{row['number'][:18]}-R{instrument.version}"
    return {
        **{name: row[name] for name in COPIED},
        "number": number,
        "client_key": f"rescored:{row['id']}:{instrument.key}"[:64],
        "rescored_from_id": row["id"],
        "instrument": instrument.key,
        "instrument_sha256": instrument.sha256,
        "state": SheetState.SUBMITTED,
        "result": result.as_dict(),
        "total": result.total,
        "ability_level": result.ability_level,
        "statutory_grade": result.statutory_grade,
        "score_grade": result.score_grade,
        "proposed_grade": result.proposed_grade,
        "tiers_agree": result.tiers_agree,
        "created_at": now,
        "updated_at": now,
        "submitted_at": now,
    }


def _grades(
    moved: Sequence[Outcome], copies: dict[int, int], instrument: Instrument, day: dt.date, now: dt.datetime
) -> None:
    proposal = GradeProposal.__table__
    proposals = dict(
        db.session.execute(
            select(proposal.c.sheet_id, proposal.c.id).where(
                proposal.c.sheet_id.in_([copies[o.sheet_id] for o in moved])
            )
        ).all()
    )
    db.session.execute(
        update(CareGrade)
        .where(CareGrade.id.in_([o.grade_id for o in moved]))
        .values(valid_to=day - dt.timedelta(days=1))
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        insert(CareGrade),
        [
            {
                "resident_id": o.resident_id,
                "proposal_id": proposals[copies[o.sheet_id]],
                "grade": o.after,
                "valid_from": day,
                "valid_to": None,
                "instrument": instrument.key,
                "instrument_sha256": instrument.sha256,
                "decided_at": now,
            }
            for o in moved
        ],
    )
