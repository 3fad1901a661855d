"""A draft of the instrument before the whole population: who changes grade, by township, yuan a month."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select

from app.contracts.models import Contract
from app.contracts.rules import State
from app.core.db import db
from app.core.errors import NotFound
from app.core.models import RuleDocument, RuleState
from app.core.policies import Policy, Status, parse
from app.core.rulebook import rules_in_force
from app.grading import instruments, regrading
from app.grading.regrading import Outcome, Outcomes
from app.grading.rules import Regrade
from app.quality.models import RuleEffect, Stage
from app.settlement.rules.settling import GRADE_KEYS, monthly_fen
from assessments import Proof, prove
from assessments.differing import Difference, differences
from assessments.model import Instrument
from assessments.revision import Header, Values, text_of, values_of


@dataclass(frozen=True)
class Township:
    """One township: who moves to less and to more care, who is left to people, fen a month."""

    code: str
    less: int
    more: int
    people: int
    fen: int


@dataclass(frozen=True)
class Regrading:
    """What a version would do from its day on. ``fen`` gives the change of a month for each resident under contract
    whose grade moves; ``blocked`` counts those for whom the pay table has no figure.
    """

    outcomes: Outcomes
    fen: Mapping[int, int]
    blocked: int
    priced: bool

    @property
    def moved(self) -> int:
        """Residents whose grade moves by itself."""
        return self.outcomes.counts.get(Regrade.MOVED, 0)

    @property
    def to_judge(self) -> int:
        """Residents whose changed result waits for people."""
        return sum(self.outcomes.counts.get(what, 0) for what in (Regrade.REVIEW, Regrade.WAITING, Regrade.UNSCORED))

    @property
    def month_fen(self) -> int:
        """Change of care money a month."""
        return sum(self.fen.values())

    @cached_property
    def townships(self) -> list[Township]:
        """By township, only those where somebody changes."""
        found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for one in self.outcomes.changed:
            row = found[one.area_code[:9]]
            if one.what is not Regrade.MOVED or one.after is None:
                row[2] += 1
                continue
            row[1 if one.after > one.before else 0] += 1
            row[3] += self.fen.get(one.resident_id, 0)
        return [Township(code, *row) for code, row in sorted(found.items())]


def regrade(instrument: Instrument, day: dt.date) -> Regrading:
    """The preview of a version from ``day`` on, exactly what carrying it out would do on the data of now."""
    return priced(regrading.outcomes(instrument, day))


def priced(found: Outcomes) -> Regrading:
    """Outcomes with the money they move, by the pay table in force on the day."""
    table = rules_in_force("pay_table", [found.day])[0]
    moved = [o for o in found.changed if o.what is Regrade.MOVED]
    fen: dict[int, int] = {}
    blocked = 0
    if table is not None and moved:
        under_contract = set(
            db.session.scalars(
                select(Contract.resident_id).where(
                    Contract.state.in_((State.IN_FORCE, State.SUSPENDED)), Contract.valid_to >= found.day
                )
            )
        )
        for one in moved:
            if one.resident_id in under_contract:
                before, after = _figure(table, one, one.before), _figure(table, one, one.after)
                blocked += after is None and (one.after or 0) > 1
                fen[one.resident_id] = (after or 0) - (before or 0)
    return Regrading(found, fen, blocked, table is not None)


def _figure(table: Policy, one: Outcome, grade: int | None) -> int | None:
    return None if grade is None else monthly_fen(table.body, one.area_code, GRADE_KEYS[grade])


@dataclass(frozen=True)
class Draft:
    """A version of the instrument as its page shows it: the base, what differs in words, the proof."""

    instrument: Instrument
    base: Instrument
    differences: list[Difference]
    proof: Proof


def draft(row: RuleDocument) -> Draft:
    """Read a version, compare it with what it revises, and prove it."""
    instrument = instruments.read(row.body)
    base = base_of(row)
    return Draft(instrument, base, differences(base, instrument), prove(instrument))


def base_of(row: RuleDocument) -> Instrument:
    """The instrument a version revises."""
    return instruments.find(str(parse(row.body.encode()).body["base"]["instrument"]))


def as_policy(instrument: Instrument) -> Policy:
    """The head of an instrument in the form every list of rules shows."""
    return Policy(
        kind=instruments.KIND,
        code=instrument.code,
        version=int(instrument.version),
        title=dict(instrument.title),
        in_force_from=dt.date.fromisoformat(instrument.in_force_from),
        status=Status(instrument.status),
        source=instrument.source,
        body={},
        sha256=instrument.sha256,
    )


def base_text(base: Instrument) -> str:
    """The text of an instrument's own values, for the comparison line by line."""
    return text_of(_same_header(base, int(base.version), base.in_force_from), base)


def next_text(day: dt.date, versions: int) -> str:
    """The text a new draft starts from: every value in force on ``day``, the next version, that day."""
    base = instruments.in_force(day)
    return text_of(_same_header(base, next_version(base, versions), day.isoformat()), base)


def next_version(base: Instrument, versions: int) -> int:
    """The version of the next draft, after every one the county ever drafted."""
    return max(versions, int(base.version)) + 1


def starting_values(base: Instrument, rule_id: int | None) -> dict[str, str]:
    """The values a draft's form begins with: those in force, or those of an earlier draft to go on with.

    Raises ``NotFound`` when there is no such draft of this instrument.
    """
    if rule_id is None:
        return values_of(base)
    row = db.session.get(RuleDocument, rule_id)
    if row is None or row.kind != instruments.KIND or row.code != base.code:
        raise NotFound
    return values_of(instruments.read(row.body))


def revision_text(header: Header, base: Instrument, values: Values) -> str:
    """The text of a draft from the fields of its form."""
    return text_of(header, base, values)


def _same_header(base: Instrument, version: int, day: str) -> Header:
    return Header(
        base.code, version, base.title, day, "local" if base.status == "example" else base.status, base.source
    )


def effects_of(rule_id: int) -> dict[Stage, RuleEffect]:
    """What was computed at the approval and when it took effect."""
    rows = db.session.scalars(select(RuleEffect).where(RuleEffect.rule_id == rule_id))
    return {row.stage: row for row in rows}


def to_carry_out(today: dt.date) -> list[int]:
    """Published versions whose day has come and that were not applied yet, oldest first."""
    applied = select(RuleEffect.rule_id).where(RuleEffect.stage == Stage.CARRIED_OUT)
    query = select(RuleDocument.id).where(
        RuleDocument.kind == instruments.KIND,
        RuleDocument.state == RuleState.PUBLISHED,
        RuleDocument.in_force_from <= today,
        RuleDocument.id.not_in(applied),
    )
    return list(db.session.scalars(query.order_by(RuleDocument.in_force_from, RuleDocument.id)))
