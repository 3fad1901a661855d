"""What an objection means for a line of a slip: since when, by when it is answered, and what came of it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from app.contracts.rules.duties import deadline
from app.core.db import db
from app.core.periods import local_date
from app.settlement.models import (
    Dispute,
    DisputeState,
    Evaluation,
    EvaluationState,
    LineKind,
    Settlement,
    SettlementLine,
)
from app.settlement.queries.listing import names
from app.settlement.queries.visibility import SETTLED


class Came(StrEnum):
    """What came of an objection. Upheld, the quarter is scored again; a line that was computed before is made good by a
    correction of a later quarter.
    """

    WAITING = "waiting"
    DISMISSED = "dismissed"
    SCORING = "scoring"
    COUNTED = "counted"
    SAME = "same"
    CORRECTED = "corrected"
    COMING = "coming"


@dataclass(frozen=True)
class Objection:
    """One objection as it stands to one line. ``due_on`` is the day of the contract's own clause, None where it has none;
    ``score`` (hundredths of a point) is the one given again, ``fen`` the corrections of ``quarter`` that followed.
    """

    dispute: Dispute
    raised_on: dt.date
    due_on: dt.date | None
    answered_on: dt.date | None
    answered_by: str | None
    came: Came
    score: int | None = None
    fen: int = 0
    quarter: str | None = None

    @property
    def open(self) -> bool:
        """Whether nobody has answered yet."""
        return self.came is Came.WAITING


def due_on(dispute: Dispute) -> dt.date | None:
    """Until when the county owes the answer in writing, by the clause of the contract; None where it has no such clause."""
    for clause in dispute.contract.body.get("clauses", ()):
        if clause.get("trigger") == "objection" and "due_days" in clause:
            return deadline(local_date(dispute.raised_at), int(clause["due_days"]), str(clause["calendar"]))
    return None


Keys = dict[tuple[int, str], list[Dispute]]


def objections_to(lines: Sequence[SettlementLine]) -> dict[int, list[Objection]]:
    """Objections to the quarters of these lines, oldest first: line id → objections. Lines without one are left out."""
    disputes: Keys = defaultdict(list)
    wanted = {(x.contract_id, x.for_quarter) for x in lines}
    query = select(Dispute).where(Dispute.contract_id.in_({x.contract_id for x in lines})).order_by(Dispute.id)
    for dispute in db.session.scalars(query).unique():
        if (dispute.contract_id, dispute.quarter) in wanted:
            disputes[dispute.contract_id, dispute.quarter].append(dispute)
    if not disputes:
        return {}
    people = names({d.answered_by for own in disputes.values() for d in own})
    upheld = {key[0] for key, own in disputes.items() if any(d.state is DisputeState.UPHELD for d in own)}
    newest, corrections = _newest(upheld), _corrections(upheld)
    found: dict[int, list[Objection]] = {}
    for line in lines:
        key = (line.contract_id, line.for_quarter)
        for dispute in disputes.get(key, ()):
            made = _objection(dispute, line, newest.get(key), corrections.get(key, ()), people)
            found.setdefault(line.id, []).append(made)
    return found


def _objection(
    dispute: Dispute,
    line: SettlementLine,
    newest: Evaluation | None,
    corrections: Sequence[SettlementLine],
    people: dict[int, str],
) -> Objection:
    raised, answered = local_date(dispute.raised_at), dispute.answered_at
    who = people.get(dispute.answered_by or 0)
    if answered is None:
        return Objection(dispute, raised, due_on(dispute), None, None, Came.WAITING)
    on = local_date(answered)
    if dispute.state is DisputeState.DISMISSED:
        return Objection(dispute, raised, None, on, who, Came.DISMISSED)
    if newest is None or newest.state is not EvaluationState.CONFIRMED:
        return Objection(dispute, raised, None, on, who, Came.SCORING)
    later = [x for x in corrections if x.id > line.id and x.calculated_at >= answered]
    if line.rules.get("evaluation") == newest.id:
        return Objection(dispute, raised, None, on, who, Came.COUNTED, newest.score)
    if later:
        fen, quarter = sum(x.pay_fen for x in later), later[-1].settlement.quarter
        return Objection(dispute, raised, None, on, who, Came.CORRECTED, newest.score, fen, quarter)
    came = Came.SAME if newest.ratio_bp == line.ratio_bp else Came.COMING
    return Objection(dispute, raised, None, on, who, came, newest.score)


def _newest(contract_ids: Collection[int]) -> dict[tuple[int, str], Evaluation]:
    query = select(Evaluation).where(Evaluation.contract_id.in_(contract_ids)).order_by(Evaluation.version)
    return {(e.contract_id, e.quarter): e for e in db.session.scalars(query).unique()}


def _corrections(contract_ids: Collection[int]) -> dict[tuple[int, str], list[SettlementLine]]:
    """Corrections of approved settlements, oldest first."""
    query = (
        select(SettlementLine)
        .join(Settlement, (Settlement.id == SettlementLine.settlement_id) & (Settlement.run == SettlementLine.run))
        .where(
            SettlementLine.contract_id.in_(contract_ids),
            SettlementLine.kind == LineKind.CORRECTION,
            Settlement.state.in_(SETTLED),
        )
        .order_by(SettlementLine.id)
    )
    found: dict[tuple[int, str], list[SettlementLine]] = defaultdict(list)
    for line in db.session.scalars(query).unique():
        found[line.contract_id, line.for_quarter].append(line)
    return found
