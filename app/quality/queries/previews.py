"""A draft beside what is in force: how many people, how many yuan."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select

from app.care.rules import GRADE_KEYS as STANDARD_KEYS
from app.contracts.models import Contract
from app.contracts.rules import State
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.models import RuleDocument
from app.core.policies import Policy, parse
from app.core.rulebook import rule_in_force
from app.grading import instruments
from app.grading.models import CareGrade
from app.places.models import Area
from app.quality.queries.regrading import Regrading, regrade
from app.quality.rules import (
    BandEffect,
    FrequencyEffect,
    MoneyEffect,
    Person,
    band_effect,
    frequency_effects,
    money_effect,
)
from app.settlement.models import LineKind, Settlement, SettlementLine
from app.settlement.queries import SETTLED
from app.settlement.rules.scoring import band_of
from app.settlement.rules.settling import GRADE_KEYS, monthly_fen


@dataclass(frozen=True)
class Preview:
    """What a draft would do. Exactly one of the parts is filled; ``contracts`` are those in force on the first day."""

    before: Policy | None
    contracts: int
    money: MoneyEffect | None = None
    bands: tuple[list[BandEffect], int, int] | None = None
    quarter: str | None = None
    frequencies: list[FrequencyEffect] | None = None
    regrading: Regrading | None = None


def preview(row: RuleDocument) -> Preview:
    """A draft compared with the rule that would be in force without it, for those under contract on its first day."""
    draft = parse(row.body.encode())
    if row.kind == instruments.KIND:
        return Preview(None, 0, regrading=regrade(instruments.read(row.body), row.in_force_from))
    day = max(row.in_force_from, clock.today())
    before = _without(draft, day)
    people = _people(day)
    if row.kind == "pay_table":
        effect = money_effect(people, before.body if before else None, draft.body, _figure)
        return Preview(before, len(people), money=effect)
    if row.kind == "scorecard" and before is not None:
        quarter, cards = _cards()
        bands = band_effect(cards, lambda s: band_of(before.body, s), lambda s: band_of(draft.body, s))
        return Preview(before, len(people), bands=bands, quarter=quarter)
    if row.kind == "care_standard" and before is not None:
        found = frequency_effects(people, before.body, draft.body, STANDARD_KEYS)
        return Preview(before, len(people), frequencies=found)
    return Preview(before, len(people))


def _without(draft: Policy, day: dt.date) -> Policy | None:
    """The rule of that kind in force on ``day`` besides the draft itself."""
    try:
        found = rule_in_force(draft.kind, day)
        if found.sha256 == draft.sha256:
            found = rule_in_force(draft.kind, draft.in_force_from - dt.timedelta(days=1))
    except DomainError:
        return None
    return found


def _figure(table: Any, area_code: str, grade: int) -> int | None:
    return monthly_fen(table, area_code, GRADE_KEYS[grade])


def _people(day: dt.date) -> list[Person]:
    rows = db.session.execute(
        select(Contract.id, Contract.area_code, Contract.setting, CareGrade.grade)
        .outerjoin(
            CareGrade,
            (CareGrade.resident_id == Contract.resident_id)
            & (CareGrade.valid_from <= day)
            & or_(CareGrade.valid_to.is_(None), CareGrade.valid_to >= day),
        )
        .where(Contract.state.in_((State.IN_FORCE, State.SUSPENDED)), Contract.valid_to >= day)
        .order_by(Contract.id)
    )
    return [Person(i, area, setting.value, grade) for i, area, setting, grade in rows]


def _cards() -> tuple[str | None, list[tuple[int, int, int]]]:
    """The last quarter whose settlements were approved, and its scored lines: score, due and pay."""
    settled = SETTLED
    quarter = db.session.scalar(select(func.max(Settlement.quarter)).where(Settlement.state.in_(settled)))
    if quarter is None:
        return None, []
    rows = db.session.execute(
        select(SettlementLine.score, SettlementLine.due_fen, SettlementLine.pay_fen)
        .join(Settlement, (Settlement.id == SettlementLine.settlement_id) & (Settlement.run == SettlementLine.run))
        .where(
            Settlement.quarter == quarter,
            Settlement.state.in_(settled),
            SettlementLine.kind == LineKind.QUARTER,
            SettlementLine.score.is_not(None),
        )
    )
    return quarter, [(score, due, pay) for score, due, pay in rows if score is not None]


def area_names(codes: set[str]) -> dict[str, str]:
    """Names of areas."""
    return dict(db.session.execute(select(Area.code, Area.name).where(Area.code.in_(codes))).all())
