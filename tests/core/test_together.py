"""Acts on many at once decide from what an act alone would read: answers and rows do not outlive what changes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, update

from app.care.models import CareProfile
from app.care.queries import profile_of
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.together import gathered, hold, next_number
from app.core.transaction import current, transaction
from app.people import queries as people
from tests.factories import County


def _profile(resident_id: int, version: int) -> CareProfile:
    row = CareProfile(resident_id=resident_id, version=version, residue=False, recorded_at=clock.now())
    db.session.add(row)
    return row


@contextmanager
def _counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_a_question_asked_ahead_costs_one_statement_and_is_void_for_whom_something_was_written(county: County) -> None:
    first, second = county.resident("甲老人").id, county.resident("乙老人").id
    with transaction() as tx:
        tx.act = "test.together"
        with _counted() as seen:
            profile_of.ahead([first, second])
            assert (profile_of(first), profile_of(second)) == (None, None)
        assert len(seen) == 1
        made = _profile(first, 1)
        with _counted() as seen:
            assert profile_of(second) is None
        assert seen == []  # what waits is about somebody else
        assert profile_of(first) is made
        db.session.execute(update(CareProfile).where(CareProfile.id == -1).values(version=2))
        with _counted() as seen:
            assert profile_of(second) is None
        assert len(seen) == 1  # a statement past the objects may be about anybody
    assert current() is None
    with pytest.raises(RuntimeError, match="inside a transaction"):
        profile_of.ahead([first])


def test_a_row_is_held_for_who_may_see_it_until_it_is_written(county: County) -> None:
    own, foreign = county.actor("township_officer_a"), county.actor("township_officer_b")
    number = county.resident("甲老人").id
    with transaction() as tx:
        tx.act = "test.together"
        row = hold(own, people.visible(own), [number])[number]
        assert hold(foreign, people.visible(foreign), [number]) == {}
        with _counted() as seen:
            assert people.resident(own, number, lock=True) is row
        assert seen == []
        with pytest.raises(NotFound):
            people.resident(foreign, number, lock=True)
        row.area_code = county.resident("乙老人").area_code  # it moves out of sight
        db.session.flush()
        with pytest.raises(NotFound):
            people.resident(own, number, lock=True)
        assert people.resident(foreign, number, lock=True) is row


def test_what_was_held_in_a_part_that_is_taken_back_is_forgotten(county: County) -> None:
    own, number = county.actor("township_officer_a"), county.resident("甲老人").id
    with transaction() as tx:
        tx.act = "test.together"
        part = db.session.begin_nested()
        people.resident(own, number, lock=True)
        profile_of.ahead([number])
        assert tx.held
        assert tx.answers
        part.rollback()
        assert not tx.held
        assert not tx.answers


def test_numbers_of_one_act_follow_each_other_and_rows_gathered_are_written_at_the_end(county: County) -> None:
    number = county.resident("甲老人").id
    with transaction() as tx:
        tx.act = "test.together"
        assert [next_number("JH2026-", lambda _prefix: "JH2026-000041") for _ in "ab"] == [
            "JH2026-000042",
            "JH2026-000043",
        ]
        with gathered():
            row = _profile(number, 1)
        assert row.id is not None
    assert next_number("JH2026-", lambda _prefix: None) == "JH2026-000001"
