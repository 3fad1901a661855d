"""A county of any size, written straight into the tables: who lives where, cared for by whom, graded and scored how.

One quarter, 2026-Q1, with what makes settling difficult: grades that change, stays in hospital, suspensions, deaths,
contracts that begin or end in the middle, evaluations that are missing. All people are invented.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table, insert, select

from app.auth.models import User
from app.auth.sessions import actor_of
from app.care.models import CarePlan, PlanState
from app.contracts.models import Contract, Suspension
from app.contracts.rules import State
from app.core import rulebook
from app.core.actor import Actor, Role
from app.core.backup import triggers_off
from app.core.db import db
from app.core.models import RuleDocument, RuleState
from app.core.names import search_key, terms
from app.core.policies import parse
from app.core.transaction import transaction
from app.demo.invented import People
from app.grading.models import CareGrade, GradeProposal, ProposalState, Sheet, SheetState
from app.people.models import (
    Absence,
    AbsenceKind,
    Caregiver,
    Resident,
    ResidentStatus,
    Setting,
    Sex,
    Tier,
)
from app.places.models import Area, Level, Organisation, OrganisationKind
from app.settlement.examples import PAY_TABLE_TAOJIANG
from app.settlement.models import Evaluation, EvaluationState
from benchmarks.databases import analyze

COUNTY = "150422"
PER_TOWNSHIP = 500
PER_VILLAGE = 50
QUARTER = "2026-Q1"
BEFORE, FIRST, LAST = dt.date(2025, 7, 1), dt.date(2026, 1, 1), dt.date(2026, 3, 31)
SETTLED_AT = dt.datetime(2026, 4, 3, 2, tzinfo=dt.UTC)
THEN = dt.datetime(2025, 6, 1, 2, tzinfo=dt.UTC)
SHA = "0" * 64
BATCH = 2000
EVERY = 64
"""One resident of so many has the name that is searched for."""


def township_code(number: int) -> str:
    """The ``number``-th township."""
    return f"{COUNTY}{100 + number}" if number < 900 else f"{int(COUNTY) + number // 900:06d}{100 + number % 900}"


def village_of(number: int) -> str:
    """Where the ``number``-th resident lives."""
    township, rest = divmod(number, PER_TOWNSHIP)
    return f"{township_code(township)}{200 + rest // PER_VILLAGE:03d}"


def fill(number: int) -> None:
    """A county of ``number`` residents at home, each with a contract, and its statistics."""
    _places(number)
    rng = random.Random(number)
    people = People(rng)
    drawn = [(people.name(sex), sex) for sex in (rng.choice(list(Sex)) for _ in range(min(number, 5000)))]
    drawn[::EVERY] = [("王国建", Sex.MALE)] * len(drawn[::EVERY])  # searches fill a page in a county of any size
    names = [(name, sex, search_key(name)) for name, sex in drawn]
    for start in range(0, number, BATCH):
        _write(range(start, min(start + BATCH, number)), names, rng)
    analyze()


def _put(table: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        assert isinstance(table.__table__, Table)
        db.session.execute(insert(table.__table__), rows)


def _places(number: int) -> None:
    townships = [township_code(n) for n in range((number + PER_TOWNSHIP - 1) // PER_TOWNSHIP)]
    villages = sorted({village_of(n) for n in range(number)})
    counties = sorted({code[:6] for code in townships} | {COUNTY})
    with transaction():
        for level, codes in (
            (Level.PROVINCE, ["15"]), (Level.PREFECTURE, ["1504"]), (Level.COUNTY, counties),
            (Level.TOWNSHIP, townships), (Level.VILLAGE, villages),
        ):  # fmt: skip
            up = {2: 0, 4: 2, 6: 4, 9: 6, 12: 9}
            _put(Area, [
                {"code": c, "name": f"{level.value} {c}", "search": c, "level": level, "in_use": True,
                 "parent_code": c[: up[len(c)]] or None}
                for c in codes
            ])  # fmt: skip
        kind = OrganisationKind.INSTITUTION
        db.session.add(Organisation(id=1, kind=kind, name="敬老院", search="敬老院", area_code=townships[0]))
        db.session.flush()
        for user_id, (name, role) in enumerate(OFFICERS.items(), 1):
            db.session.add(
                User(id=user_id, username=name, name=name, role=role, area_code="1504", person_key=f"person:{name}",
                     password_hash="-", password_changed_at=THEN, created_at=THEN)  # noqa: S106  # nobody signs in by it
            )  # fmt: skip
        policy = parse(PAY_TABLE_TAOJIANG.read_bytes())
        db.session.add(
            RuleDocument(
                kind=policy.kind, code=policy.code, version=policy.version, title_zh=policy.title["zh"],
                title_en=policy.title["en"], in_force_from=policy.in_force_from, status=policy.status.value,
                source=policy.source, body=PAY_TABLE_TAOJIANG.read_text("utf-8"), sha256=policy.sha256,
                state=RuleState.PUBLISHED, drafted_at=THEN,
            )
        )  # fmt: skip


OFFICERS = {
    "township_officer": Role.TOWNSHIP_OFFICER,
    "county_officer": Role.COUNTY_OFFICER,
    "county_reviewer": Role.COUNTY_REVIEWER,
    "scorer": Role.TOWNSHIP_OFFICER,
    "confirmer": Role.COUNTY_OFFICER,
}


def officer(name: str) -> Actor:
    """One of the county's officers; the area is the prefecture, so that 500,000 residents fit below it."""
    return actor_of(db.session.scalars(select(User).where(User.username == name)).one())


def _write(numbers: range, names: Sequence[tuple[str, Sex, str]], rng: random.Random) -> None:
    card = rulebook.shipped("scorecard")[0].sha256
    rows: dict[Any, list[dict[str, Any]]] = {
        t: [] for t in (Caregiver, Resident, Sheet, GradeProposal, CareGrade, CarePlan, Contract, Absence, Suspension, Evaluation)
    }  # fmt: skip
    for n in numbers:
        _one(n, names[n % len(names)], rng, card, rows)
    with transaction(), triggers_off(db.session.connection()):  # rows that stand at the end of a way nobody walked
        for table, found in rows.items():
            _put(table, found)
        _put_terms([(village_of(n), n + 1, names[n % len(names)][2]) for n in numbers])


def _put_terms(people: Sequence[tuple[str, int, str]]) -> None:
    """What residents and their caregivers are found by, in the order in which it is stored: there are millions of rows."""
    rows = sorted((term, area, person) for area, person, key in people for term in _terms(key))
    connection = db.session.connection()
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    for table, own in (("resident_term", "resident_id"), ("caregiver_term", "caregiver_id")):
        connection.exec_driver_sql(
            f"INSERT INTO {table} (term, area_code, {own}) VALUES ({mark}, {mark}, {mark})",  # names from above
            rows,
        )


_terms = cache(terms)


def _one(
    n: int, name: tuple[str, Sex, str], rng: random.Random, card: str, rows: dict[Any, list[dict[str, Any]]]
) -> None:
    area, person = village_of(n), n + 1
    story = _story(rng)
    search = name[2]
    rows[Caregiver].append({
        "id": person, "number": f"C{person:07d}", "name": f"{name[0]}护", "search": search, "sex": name[1],
        "born_on": dt.date(1970, 1, 1), "area_code": area, "tier": Tier.T3, "active": True, "created_at": THEN, "version": 1,
    })  # fmt: skip
    rows[Resident].append({
        "id": person, "number": f"R{person:07d}", "name": name[0], "search": search, "sex": name[1],
        "born_on": dt.date(1945, 1, 1), "id_tail": f"{person % 10000:04d}", "ethnicity": "01", "medical_payment": [],
        "income_sources": [], "area_code": area, "setting": Setting.HOME, "caregiver_id": person,
        "status": ResidentStatus.DECEASED if story["died"] else ResidentStatus.ACTIVE, "supported_from": BEFORE,
        "ended_on": story["died"], "created_at": THEN, "version": 1,
    })  # fmt: skip
    for part, (grade, start, end) in enumerate(story["grades"]):
        key = 2 * person + part
        rows[Sheet].append({
            "id": key, "number": f"S{key:08d}", "client_key": f"bench-{key}", "resident_id": person, "assessed_on": start,
            "instrument": "selfcare30@1", "instrument_sha256": SHA, "state": SheetState.SUBMITTED, "answers": {}, "facts": {},
            "result": {}, "created_by_person": "a", "created_at": THEN, "updated_at": THEN, "submitted_at": THEN,
            "submitted_by_person": "a", "total": 50, "proposed_grade": grade,
        })  # fmt: skip
        rows[GradeProposal].append({
            "id": key, "sheet_id": key, "resident_id": person, "state": ProposalState.DECIDED, "proposed_grade": grade,
            "decided_grade": grade, "decided_by": 5, "decided_by_person": "b", "decided_at": THEN, "created_at": THEN,
        })  # fmt: skip
        rows[CareGrade].append({
            "id": key, "resident_id": person, "proposal_id": key, "grade": grade, "valid_from": start, "valid_to": end,
            "instrument": "selfcare30@1", "instrument_sha256": SHA, "decided_at": THEN,
        })  # fmt: skip
    rows[CarePlan].append({
        "id": person, "number": f"P{person:07d}", "resident_id": person, "grade_id": 2 * person, "setting": Setting.HOME,
        "state": PlanState.APPROVED, "standard_code": "x", "standard_sha256": SHA, "lines": [], "valid_from": BEFORE,
        "drafted_by_person": "c", "drafted_at": THEN,
    })  # fmt: skip
    rows[Contract].append({
        "id": person, "number": f"X{person:07d}", "resident_id": person, "caregiver_id": person, "institution_id": 1,
        "area_code": area, "grade_id": 2 * person, "plan_id": person, "setting": Setting.HOME, "valid_from": BEFORE,
        "valid_to": dt.date(2027, 6, 30), "state": State.ENDED if story["ended"] else State.IN_FORCE,
        "pay_table_sha256": SHA, "scorecard_sha256": card, "body": {"resident": {"village": area}}, "body_sha256": SHA, "drafted_at": THEN,
        "in_force_at": THEN, "in_force_from": story["begins"], "ended_on": story["ended"],
    })  # fmt: skip
    for kind, start, end in story["away"]:
        if kind is None:
            rows[Suspension].append({"contract_id": person, "from_on": start, "to_on": end, "reason": "-"})
        else:
            rows[Absence].append(
                {"resident_id": person, "kind": kind, "from_on": start, "to_on": end, "recorded_at": THEN}
            )
    if story["ratio"] is not None:
        rows[Evaluation].append({
            "contract_id": person, "quarter": QUARTER, "version": 1, "state": EvaluationState.CONFIRMED,
            "scorecard_sha256": card, "parts": {}, "score": story["ratio"], "band": "-", "ratio_bp": story["ratio"],
            "scored_by": 4, "scored_by_person": "person:scorer", "confirmed_by": 5, "confirmed_by_person": "person:confirmer",
            "scored_at": THEN, "confirmed_at": THEN,
        })  # fmt: skip


def _story(rng: random.Random) -> dict[str, Any]:
    """What happens to one contract in the quarter; two stays of one contract never overlap."""
    grade = rng.choices((1, 2, 3), (10, 40, 50))[0]
    grades: list[tuple[int, dt.date, dt.date | None]] = [(grade, BEFORE, None)]
    if rng.random() < 0.1:
        change = dt.date(2026, rng.choice((2, 3)), 1)
        grades = [(grade, BEFORE, change - dt.timedelta(days=1)), (rng.choice((1, 2, 3)), change, None)]
    away: list[tuple[AbsenceKind | None, dt.date, dt.date]] = []
    if rng.random() < 0.12:
        start = dt.date(2025, 12, 20) + dt.timedelta(days=rng.randrange(80))
        kind = rng.choice((AbsenceKind.HOSPITAL, AbsenceKind.HOSPITAL, AbsenceKind.LEAVE, None))
        away.append((kind, start, start + dt.timedelta(days=rng.randrange(1, 40))))
    died = ended = None
    begins = BEFORE
    chance = rng.random()
    day = FIRST + dt.timedelta(days=rng.randrange(5, 85))
    if chance < 0.02:
        died = day
    elif chance < 0.04:
        ended = day
    elif chance < 0.08:
        begins = day
    ratio = rng.choice((10000, 10000, 10000, 9500, 9000, 8333, 6000)) if rng.random() < 0.97 else None
    return {"grades": grades, "away": away, "died": died, "ended": ended, "begins": begins, "ratio": ratio}


def townships(number: int) -> Iterator[str]:
    """Codes of the townships of a county of ``number``."""
    yield from (township_code(n) for n in range((number + PER_TOWNSHIP - 1) // PER_TOWNSHIP))
