"""What another version of the instrument makes of the whole population: every resident's last sheet, scored again.

The preview of a draft and the re-grading on its day are this one computation, so they cannot differ on equal data.
One read of the whole population in parts, one pass over it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import aliased

from app.core.db import db
from app.grading import rules
from app.grading.models import CareGrade, GradeProposal, Sheet
from app.grading.rules import Regrade
from app.people.models import Resident, ResidentStatus
from assessments.model import Instrument
from assessments.quick import Graded, grader
from assessments.scoring import scorer

ROWS = 5_000
"""Sheets held in memory together."""


class Outcome(NamedTuple):
    """One resident whose result is another one: the grade in force, the one proposed now, and what happens."""

    resident_id: int
    name: str
    area_code: str
    sheet_id: int
    grade_id: int
    before: int
    after: int | None
    what: Regrade


@dataclass(frozen=True)
class Outcomes:
    """The population on a day: how many, what happens to how many, and everybody for whom something changes."""

    day: dt.date
    population: int
    counts: Mapping[Regrade, int]
    changed: tuple[Outcome, ...]

    @property
    def fingerprint(self) -> str:
        """Hash of who gets what; two computations that agree to the last resident have the same."""
        lines = [f"{self.day} {self.population}"]
        lines += [f"{o.resident_id} {o.sheet_id} {o.before} {o.after} {o.what.value}" for o in self.changed]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def flows(self) -> list[tuple[int, int, int]]:
        """How many move from which grade to which, without those a person still has to judge."""
        moved = Counter((o.before, o.after) for o in self.changed if o.what is Regrade.MOVED and o.after is not None)
        return [(before, after, count) for (before, after), count in sorted(moved.items())]


class _Row(NamedTuple):
    resident_id: int
    name: str
    area_code: str
    grade_id: int
    grade: int
    sheet_id: int
    instrument: str
    answers: Mapping[str, Any]
    facts: Mapping[str, Any]
    proposed: int | None
    valid_from: dt.date
    waiting: bool


def outcomes(instrument: Instrument, day: dt.date) -> Outcomes:
    """What ``instrument`` makes of everybody supported whose care grade is in force on ``day``.

    A grade that begins on that very day cannot give way on it: where its result changes, people judge it.
    """
    counts: Counter[Regrade] = Counter()
    changed: list[Outcome] = []
    population = 0
    for part in _rows(day):
        population += len(part)
        for row, (proposed, agree) in zip(part, _scored(instrument, part), strict=True):
            fits = row.instrument.partition("@")[0] == instrument.code
            what = rules.regrade(
                decided=row.grade,
                old=row.proposed,
                new=proposed,
                agree=agree,
                waiting=row.waiting,
                fits=fits,
                begins=row.valid_from >= day,
            )
            counts[what] += 1
            if what not in (Regrade.KEPT, Regrade.OTHER):
                changed.append(
                    Outcome(
                        row.resident_id, row.name, row.area_code, row.sheet_id, row.grade_id, row.grade, proposed, what
                    )
                )
    changed.sort()
    return Outcomes(day, population, dict(counts), tuple(changed))


def _rows(day: dt.date) -> Iterator[list[_Row]]:
    other = aliased(GradeProposal)
    waiting = exists().where(other.resident_id == Resident.id, other.state.in_(rules.OPEN))
    grade = CareGrade.__table__.alias("grade")
    query = (
        select(
            Resident.id,
            Resident.name,
            Resident.area_code,
            grade.c.id,
            grade.c.grade,
            Sheet.id,
            Sheet.instrument,
            Sheet.answers,
            Sheet.facts,
            Sheet.proposed_grade,
            grade.c.valid_from,
            waiting,
        )
        .join(grade, grade.c.resident_id == Resident.id)
        .join(GradeProposal, GradeProposal.id == grade.c.proposal_id)
        .join(Sheet, Sheet.id == GradeProposal.sheet_id)
        .where(
            Resident.status == ResidentStatus.ACTIVE,
            grade.c.valid_from <= day,
            or_(grade.c.valid_to.is_(None), grade.c.valid_to >= day),
        )
        .execution_options(yield_per=ROWS)
    )
    for part in db.session.execute(query).partitions(ROWS):
        yield [_Row(*row) for row in part]


def _scored(instrument: Instrument, rows: Sequence[_Row]) -> Iterator[Graded]:
    """Proposed grade and whether the tiers agree, for each row; None where the sheet is of another instrument."""
    quick, chosen, coma = grader(instrument), scorer(instrument), instrument.coma
    for row in rows:
        if row.instrument.partition("@")[0] != instrument.code:
            yield None, None
        elif coma is not None and row.answers.get(coma.answer) == coma.equals:
            result = chosen.score({"answers": row.answers, "facts": row.facts})
            yield result.proposed_grade, result.tiers_agree
        else:
            yield quick.grade(row.answers)
