"""A caregiver fails: substitute care at once, its clock, its end with the next contract; and who is told that a contract ends."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import current_app
from sqlalchemy import select

from app.contracts import operations, queries
from app.contracts.models import Contract
from app.contracts.queries.duties import duties
from app.contracts.rules import EndCause, State
from app.contracts.rules.duties import Kept
from app.core.db import db
from app.core.errors import Invalid, NotFound, Refused
from app.overview import queries as overview
from tests.contracts.conftest import Table
from tests.contracts.test_life import on
from tests.factories import caregiver

D = dt.date
STOPPED = D(2026, 6, 10)


def stopped(table: Table, cause: EndCause = EndCause.CAREGIVER) -> Contract:
    """The caregiver stops on 10 June."""
    row = table.in_force()
    with on(STOPPED):
        return operations.end_contract(table.township, row.id, STOPPED, reason="外出务工", cause=cause)


def missing(table: Table, who: str = "township_officer_a") -> list[int]:
    query = queries.without_care(table.county.actor(who), STOPPED).with_only_columns(Contract.id)
    return list(db.session.scalars(query))


def test_until_somebody_is_named_it_stands_before_the_township_and_in_the_ledger(table: Table) -> None:
    row = stopped(table)
    assert missing(table) == [row.id]
    assert missing(table, "township_officer_b") == []
    with on(STOPPED), current_app.test_request_context():
        labels = {figure.label for figure in overview.to_do(table.township)}
        assert "护理人员停止服务、尚无替代照料" in labels
    clock_ = {o.what: o for d in duties(row, D(2026, 6, 12)) if d.trigger == "caregiver_failed" for o in d.occasions}
    assert clock_["substitute-2026-06-10"].standing(D(2026, 6, 10)) is Kept.AHEAD
    assert clock_["substitute-2026-06-10"].standing(D(2026, 6, 12)) is Kept.MISSED
    assert clock_["2026-06-10"].standing(D(2026, 6, 12)) is Kept.AHEAD, "another caregiver has ten working days"


@pytest.mark.parametrize(("day", "kept"), [(STOPPED, Kept.KEPT), (STOPPED + dt.timedelta(days=2), Kept.LATE)])
def test_named_the_same_day_is_kept_later_is_late(table: Table, day: dt.date, kept: Kept) -> None:
    row = stopped(table)
    with on(day):
        operations.name_substitute(table.township, row.id, day, name="敬老院护理组")
    assert missing(table) == []
    found = [o for d in duties(row, D(2026, 6, 20)) if d.trigger == "caregiver_failed" for o in d.occasions]
    assert {o.what: o.standing(D(2026, 6, 20)) for o in found}["substitute-2026-06-10"] is kept


def test_it_ends_by_itself_when_the_next_contract_is_in_force(table: Table) -> None:
    row = stopped(table)
    second = caregiver("接替·买买提江")
    with on(STOPPED):
        first = operations.name_substitute(table.township, row.id, STOPPED, name="敬老院护理组")
    with on(D(2026, 6, 12)):
        then = operations.name_substitute(table.township, row.id, D(2026, 6, 13), caregiver_id=second.id)
        assert first.to_on == D(2026, 6, 12)
        old, table.caregiver = table.caregiver, second
        new = table.in_force(D(2026, 6, 16))
        table.caregiver = old
    assert new.state is State.IN_FORCE
    db.session.refresh(then)
    assert then.to_on == D(2026, 6, 15), "up to the day before the next contract begins"
    assert missing(table) == []
    with on(D(2026, 6, 20)), pytest.raises(Refused):
        operations.name_substitute(table.township, row.id, D(2026, 6, 20), name="再一次")
    found = [o for d in duties(row, D(2026, 7, 20)) if d.trigger == "caregiver_failed" for o in d.occasions]
    assert {o.standing(D(2026, 7, 20)) for o in found} == {Kept.KEPT}


def test_what_is_wrong_is_said_at_its_field(table: Table) -> None:
    row = stopped(table)
    with on(STOPPED):
        for given, field in (
            ({"from_on": STOPPED, "name": " "}, "name"),
            ({"from_on": STOPPED, "caregiver_id": table.caregiver.id}, "caregiver_id"),
            ({"from_on": STOPPED + dt.timedelta(days=11), "name": "甲"}, "from_on"),
            ({"from_on": D(2026, 5, 1), "name": "甲"}, "from_on"),
        ):
            day = given.pop("from_on")
            with pytest.raises(Invalid) as refusal:
                operations.name_substitute(table.township, row.id, day, **given)  # type: ignore[arg-type]  # of several kinds
            assert set(refusal.value.errors) == {field}
        operations.name_substitute(table.township, row.id, STOPPED, name="甲")
        with pytest.raises(Invalid):
            operations.name_substitute(table.township, row.id, STOPPED, name="乙")
    with on(STOPPED), pytest.raises(NotFound):
        operations.name_substitute(table.county.actor("township_officer_b"), row.id, STOPPED, name="丙")


def test_a_contract_that_ends_otherwise_needs_nobody(table: Table) -> None:
    row = stopped(table, EndCause.MOVE)
    assert missing(table) == []
    with on(STOPPED), pytest.raises(Refused):
        operations.name_substitute(table.township, row.id, STOPPED, name="甲")


@pytest.mark.parametrize(("left", "tone"), [(60, "info"), (30, "warn"), (7, "bad"), (61, None)])
def test_those_concerned_are_told_60_30_and_7_days_before_the_end(table: Table, left: int, tone: str | None) -> None:
    row = table.in_force()
    day = row.valid_to - dt.timedelta(days=left)
    with on(day):
        for who in ("township_officer_a", "caregiver_a", "village_officer_a"):
            told = [(e.contract.id, e.days, e.tone) for e in overview.ending(table.county.actor(who), day)]
            assert told == ([(row.id, left, tone)] if tone else []), who
        assert overview.ending(table.county.actor("township_officer_b"), day) == []


def test_nobody_is_told_once_the_next_year_is_drawn_up(table: Table) -> None:
    row = table.in_force()
    first = row.valid_to + dt.timedelta(days=1)
    with on(row.valid_to - dt.timedelta(days=20)):
        operations.draft_contract(table.township, row.resident_id, row.caregiver_id, first)
        assert overview.ending(table.township, row.valid_to - dt.timedelta(days=20)) == []
    assert db.session.scalar(select(Contract.id).where(Contract.valid_from == first))
