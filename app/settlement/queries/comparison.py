"""A settlement beside the one of the quarter before, line by line, with the causes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.core.db import db
from app.core.periods import Quarter
from app.people.models import Caregiver, Resident
from app.settlement.models import LineKind, Settlement, SettlementLine
from app.settlement.rules.comparing import Cause, Shape, Step, explain


@dataclass(frozen=True)
class Difference:
    """One resident's care money now and a quarter ago, in fen, and what explains the change."""

    resident: Resident
    caregiver: Caregiver
    line_id: int | None
    before_fen: int
    after_fen: int
    steps: Sequence[Step]

    @property
    def fen(self) -> int:
        """After less before."""
        return self.after_fen - self.before_fen


def previous(settlement: Settlement) -> Settlement | None:
    """The settlement of the same township a quarter before."""
    before = str(Quarter.parse(settlement.quarter).previous())
    return (
        db.session.scalars(
            select(Settlement).where(Settlement.area_code == settlement.area_code, Settlement.quarter == before)
        )
        .unique()
        .one_or_none()
    )


def _lines(settlement: Settlement | None) -> dict[int, list[SettlementLine]]:
    found: dict[int, list[SettlementLine]] = defaultdict(list)
    if settlement is not None:
        query = select(SettlementLine).where(
            SettlementLine.settlement_id == settlement.id, SettlementLine.run == settlement.run
        )
        for line in db.session.scalars(query.order_by(SettlementLine.id)).unique():
            found[line.contract_id].append(line)
    return found


def _shape(lines: Sequence[SettlementLine]) -> Shape | None:
    own = next((x for x in lines if x.kind is LineKind.QUARTER), None)
    return Shape.of(own.months, own.ratio_bp, own.pay_fen, own.blocked) if own else None


def differences(settlement: Settlement) -> list[Difference]:
    """Every contract whose pay changed since last quarter, largest change first; the effects sum to the change."""
    now, before = _lines(settlement), _lines(previous(settlement))
    found = []
    for contract_id in {*now, *before}:
        mine, last = now.get(contract_id, []), before.get(contract_id, [])
        steps = list(explain(_shape(last), _shape(mine)))
        for kind, cause in ((LineKind.CORRECTION, Cause.CORRECTION), (LineKind.RETURNED, Cause.RETURNED)):
            fen = sum(x.pay_fen for x in mine if x.kind is kind) - sum(x.pay_fen for x in last if x.kind is kind)
            if fen:
                steps.append(Step(cause, fen))
        after_fen, before_fen = sum(x.pay_fen for x in mine), sum(x.pay_fen for x in last)
        if steps or after_fen != before_fen:
            line = (mine or last)[0]
            found.append(
                Difference(line.resident, line.caregiver, mine[0].id if mine else None, before_fen, after_fen, steps)
            )
    return sorted(found, key=lambda d: (-abs(d.fen), d.resident.number))


def by_cause(found: Sequence[Difference]) -> list[tuple[Cause, int, int]]:
    """(cause, lines, effect in fen), largest effect first."""
    count: Counter[Cause] = Counter()
    money: Counter[Cause] = Counter()
    for difference in found:
        for step in difference.steps:
            count[step.cause] += 1
            money[step.cause] += step.fen
    return sorted(((c, count[c], money[c]) for c in count), key=lambda r: -abs(r[2]))
