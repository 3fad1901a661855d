"""A year of contracts with breaches planted on all seven sides: each is found, none is invented.

``LONG_RUNS=1`` takes 300 contracts instead of 28.
"""

from __future__ import annotations

import os
import time
from collections import Counter

import pytest
from sqlalchemy import select

import app.settlement.views  # noqa: F401  # registers what the settlement knows of quarters
from app.auth.roles import system_actor
from app.care.models import ChecklistDay
from app.contracts import jobs, rules
from app.contracts.models import Breach, BreachState
from app.contracts.operations import duties as acts
from app.contracts.queries import breaches
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, NotFound, Refused
from app.core.transaction import transaction
from tests.contracts.year import TODAY, D, Found, Year, clauses, noon
from tests.factories import TOWNSHIP_A, County

CONTRACTS = 300 if os.environ.get("LONG_RUNS") == "1" else 28


def stored() -> set[Found]:
    """Every breach on record."""
    rows = db.session.scalars(select(Breach)).unique()
    return {(b.contract_id, b.clause, b.what, b.standing.value) for b in rows if b.state is not BreachState.DROPPED}


def test_every_planted_breach_is_found_and_none_is_invented(county: County) -> None:
    year = Year(county, CONTRACTS)
    began = time.perf_counter()
    with clock.at(noon(TODAY)):
        told = jobs.duties(TODAY)
        took = time.perf_counter() - began
        found = stored()
        assert found - year.planted == set(), "invented"
        assert year.planted - found == set(), "not found"
        sides = Counter(clause[:2] for _id, clause, _what, _standing in found)
        print(
            f"{CONTRACTS} contracts, {len(found)} breaches planted and found in {took:.1f} s: {dict(sorted(sides.items()))}"
        )
        assert set(sides) == {f"P{n}" for n in range(1, 8)}
        assert told.endswith(f"{len(found)} opened, 0 changed, 0 dropped")
        assert jobs.duties(TODAY).endswith("0 opened, 0 changed, 0 dropped"), "the second night finds nothing new"
        consequences_follow_their_clauses(county)


def consequences_follow_their_clauses(county: County) -> None:
    """What a breach opened is what its clause says; another party answers; the list shows all seven."""
    by_id = {c["id"]: c for c in clauses()}
    rows = list(db.session.scalars(select(Breach)).unique())
    assert all(b.act == by_id[b.clause]["act"] and b.act_due_on >= TODAY for b in rows)
    reviewer, township = county.actor("county_reviewer"), county.actor("township_officer_a")
    assert all(counts["late"] + counts["missed"] for counts in breaches.by_party(reviewer).values())
    mine = next(b for b in rows if b.clause == "P2.visit" and b.area_code.startswith(TOWNSHIP_A))
    with pytest.raises(NotFound):
        acts.answer_breach(county.actor("township_officer_b"), mine.id, answer="已补访")
    with pytest.raises(Invalid):
        acts.answer_breach(reviewer, mine.id, answer=" ")
    answered = acts.answer_breach(reviewer, mine.id, answer="已约谈并补访")
    assert (answered.state, answered.answer) == (BreachState.ANSWERED, "已约谈并补访")
    with pytest.raises(Refused):
        acts.answer_breach(reviewer, mine.id, answer="再答一次")
    assert township.user_id


def test_evidence_that_comes_later_drops_a_breach_or_turns_missed_into_late(county: County) -> None:
    year = Year(county, 1)
    (row,) = year.contracts
    assert rules.State.IN_FORCE is row.state
    with clock.at(noon(TODAY)), transaction() as tx:
        tx.act = "test.gap"
        day = db.session.get(ChecklistDay, (D(2026, 5, 5), row.resident_id))
        assert day is not None
        db.session.delete(day)
    with clock.at(noon(TODAY)):
        acts.find_breaches(system_actor(), [row], TODAY)
        assert (row.id, "P6.record", "2026-05", "missed") in stored()
        for late, wanted in ((1, {(row.id, "P6.record", "2026-05", "late")}), (0, set())):
            with transaction() as tx:
                tx.act = "test.late"
                known = db.session.get(ChecklistDay, (D(2026, 5, 5), row.resident_id))
                if known is None:
                    known = ChecklistDay(
                        day=D(2026, 5, 5),
                        resident_id=row.resident_id,
                        plan_id=row.plan_id,
                        done=1,
                        excused=0,
                        recorded_at=noon(D(2026, 5, 9)),
                    )
                    db.session.add(known)
                known.late_mask = late
            acts.find_breaches(system_actor(), [row], TODAY)
            assert {f for f in stored() if f[2] == "2026-05"} == wanted


def test_observations_are_refused_in_words_at_their_field(county: County) -> None:
    year = Year(county, 1)
    (row,) = year.contracts
    officer = county.actor("township_officer_a")
    with clock.at(noon(D(2026, 6, 1))):
        for clause, day, note, field in (
            ("P9.none", D(2026, 5, 1), "看到", "clause"),
            ("P5.support", D(2026, 6, 2), "看到", "observed_on"),
            ("P5.support", D(2025, 12, 31), "看到", "observed_on"),
            ("P5.support", D(2026, 5, 1), " ", "note"),
        ):
            with pytest.raises(Invalid) as refusal:
                acts.observe(officer, row.id, clause, day, kept=True, note=note)
            assert set(refusal.value.errors) == {field}
        with pytest.raises(NotFound):
            acts.observe(
                county.actor("township_officer_b"), row.id, "P5.support", D(2026, 5, 1), kept=True, note="看到"
            )
