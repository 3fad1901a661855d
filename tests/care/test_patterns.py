"""Planted patterns are found once, clean records are left alone, and nothing follows before a person has said what it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.care import operations, queries, rules
from app.care.models import OddPattern, OddState
from app.care.rules import Act, Presence, Words
from app.core import clock, rulebook
from app.core.db import db
from app.core.errors import Forbidden, Invalid, NotFound, Refused
from app.core.models import AuditEntry
from tests.care.world import DAY, FIRST, TODAY, planned, record
from tests.grading.sheets import noon

POLICY = rulebook.shipped("odd_patterns")[0].body
START = dt.datetime(2026, 3, 1, 1, tzinfo=dt.UTC)
CLEAN = Act(7, 3, FIRST, START, 4, home=True, village="150422100201")


def days(count: int, **changes: Any) -> list[Act]:
    """One act a day, each at its own time of day."""
    return [
        replace(CLEAN, day=FIRST + n * DAY, made_at=START + n * DAY + dt.timedelta(minutes=17 * n % 97), **changes)
        for n in range(count)
    ]


def kinds(acts: list[Act], words: list[Words] | None = None) -> list[str]:
    return [one.kind for one in rules.patterns(POLICY, acts, words or [])]


def test_clean_records_are_left_alone() -> None:
    acts = days(30)
    acts += [replace(act, resident_id=8, village="150422100202", made_at=act.made_at + dt.timedelta(hours=2),
                     presence=Presence.CARD) for act in days(30)]  # fmt: skip
    acts += [replace(act, presence=Presence.CARD, photos=(f"{n:064d}",)) for n, act in enumerate(days(30))]
    ward = [replace(CLEAN, home=False, resident_id=100 + n, day=FIRST + n % 5 * DAY, times=12) for n in range(60)]
    ward += [replace(act, home=False, resident_id=100, times=12) for act in days(20)]
    readings = [Words(7, 3, FIRST + n * DAY, "S09", f"血压 {120 + n % 6}/{80 + n % 3}") for n in range(30)]
    plain = [Words(7, 3, FIRST + n * DAY, "S12", "聊天，一切都好") for n in range(30)]
    assert kinds([*acts, *ward], [*readings, *plain]) == []


PLANTED: list[tuple[str, list[Act], list[Words]]] = [
    ("minute", [replace(act, made_at=START + dt.timedelta(seconds=9 * n)) for n, act in enumerate(days(4))], []),
    ("at_once", days(8, times=9), []),
    (
        "two_villages",
        [
            replace(CLEAN, presence=Presence.CARD),
            replace(CLEAN, resident_id=8, village="150422100202", presence=Presence.CARD,
                    made_at=START + dt.timedelta(minutes=6)),
        ],
        [],
    ),
    ("photo", [replace(act, photos=("a" * 64,)) for act in days(2)], []),
    ("photo", [replace(CLEAN, photos=("a" * 64,)), replace(CLEAN, resident_id=9, photos=("a" * 64,))], []),
    ("same", [], [Words(7, 3, FIRST + n * DAY, "S09", "血压 130/80") for n in range(9)]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "acts", "words"), PLANTED)
def test_a_planted_pattern_is_found_once(kind: str, acts: list[Act], words: list[Words]) -> None:
    assert kinds([*acts, *days(20, resident_id=55)], words) == [kind]
    first, again = (rules.patterns(POLICY, acts[::step], words) for step in (1, -1))
    assert [one.mark for one in first] == [one.mark for one in again]


def test_one_step_below_each_figure_is_no_pattern() -> None:
    close = [replace(act, made_at=START + dt.timedelta(seconds=31 * n)) for n, act in enumerate(days(4))]
    assert kinds(close) == []  # three days need 62 seconds
    assert kinds(days(6, times=9)) == []
    assert kinds(days(20, times=7)) == []
    cards = [replace(CLEAN, presence=Presence.CARD),
             replace(CLEAN, resident_id=8, village="2", presence=Presence.CARD, made_at=START + dt.timedelta(minutes=11))]  # fmt: skip
    assert kinds(cards) == []
    assert kinds([replace(CLEAN, photos=("a" * 64,))] * 3) == []  # one day, told in several goes
    assert kinds([], [Words(7, 3, FIRST + n * DAY, "S09", "血压 130/80") for n in range(6)]) == []


@pytest.fixture
def found(county: Any) -> Iterator[OddPattern]:
    """A caregiver writes four days up within a minute; the night finds it."""
    planned(county)
    with clock.at(noon(TODAY)):
        for n in range(4):
            record(county, FIRST + n * DAY, {"S01": {"outcome": "done", "times": "3"}})
        assert operations.note_patterns(_system(), TODAY) == 1
        assert operations.note_patterns(_system(), TODAY) == 0
        yield db.session.query(OddPattern).one()


def _system() -> Any:
    from app.auth.roles import system_actor

    return system_actor()


def test_days_written_up_at_once_wait_for_a_person(county: Any, found: OddPattern) -> None:
    assert (found.kind, found.resident_id, found.facts["days"]) == ("minute", county.resident().id, 4)
    assert (found.first_on, found.last_on, found.state) == (FIRST, FIRST + 3 * DAY, OddState.OPEN)
    officer = county.actor("township_officer_a")
    with pytest.raises(Invalid):
        operations.decide_pattern(officer, found.id, followed=False, reason=" ")
    with pytest.raises(NotFound):
        operations.decide_pattern(county.actor("township_officer_b"), found.id, followed=False, reason="看过")
    for who in ("caregiver_a", "village_officer_a", "auditor"):
        with pytest.raises(Forbidden):
            operations.decide_pattern(county.actor(who), found.id, followed=False, reason="看过")
    row = operations.decide_pattern(officer, found.id, followed=False, reason="山里没有网络，周末一起补记")
    assert (row.state, row.decided_by, row.reason) == (
        OddState.DISMISSED,
        officer.user_id,
        "山里没有网络，周末一起补记",
    )
    with pytest.raises(Refused):
        operations.decide_pattern(officer, found.id, followed=True, reason="再看")
    acts = db.session.query(AuditEntry).filter(AuditEntry.act.startswith("pattern.decide")).all()
    assert len(acts) >= 1
    assert "山里" not in "".join(entry.changes for entry in acts)
    assert operations.note_patterns(_system(), TODAY) == 0  # what was looked at does not come back


def test_nobody_decides_about_their_own_records(county: Any, found: OddPattern) -> None:
    officer = county.user("township_officer_a")
    from app.core.transaction import transaction

    with transaction() as tx:
        tx.act = "test.same_person"
        county.user("caregiver_a").person_key = officer.person_key
    with pytest.raises(Refused):
        operations.decide_pattern(county.actor("township_officer_a"), found.id, followed=False, reason="都是真的")


def test_the_pages_show_a_pattern_and_keep_what_it_was(county: Any, found: OddPattern, sign_in: Any) -> None:
    browser = sign_in("township_officer_a")
    assert "一分钟内补记多天" in browser.get("/odd-patterns").get_data(as_text=True)
    page = browser.get(f"/odd-patterns/{found.id}").get_data(as_text=True)
    assert "一分钟内记录了 4 天" in page
    assert queries.other_home(county.actor("township_officer_a"), found) is None


def test_recordings_are_written_once(county: Any, found: OddPattern) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import DatabaseError

    for statement in ("UPDATE care_recording SET times = 1", "DELETE FROM care_recording"):
        with pytest.raises(DatabaseError):
            db.session.execute(text(statement))
        db.session.rollback()
