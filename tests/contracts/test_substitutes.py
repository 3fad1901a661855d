"""A caregiver fails: substitute care at once, its clock, its end with the next contract; and who is told that a contract ends."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import current_app
from sqlalchemy import select

from app.contracts import jobs, operations
from app.contracts.models import Breach, Contract
from app.contracts.queries import caring
from app.contracts.queries.duties import duties
from app.contracts.rules import EndCause, State
from app.contracts.rules.duties import Kept
from app.core.db import db
from app.core.errors import Invalid, NotFound, Refused
from app.core.transaction import transaction
from app.overview import queries as overview
from app.people.models import Tier
from app.workforce.operations import end_override, grant_override
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
    query = caring.without_care(table.county.actor(who), STOPPED).with_only_columns(Contract.id)
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


def test_planned_care_that_ends_without_a_contract_stands_before_the_township_again(table: Table) -> None:
    row = stopped(table)

    def ending(day: dt.date) -> list[int]:
        return list(db.session.scalars(caring.care_ending(table.township, day).with_only_columns(Contract.id)))

    with on(STOPPED):
        operations.name_substitute(table.township, row.id, STOPPED, to_on=D(2026, 6, 20), name="敬老院护理组")
    assert [ending(D(2026, 6, day)) for day in (16, 17, 20, 21)] == [[], [row.id], [row.id], []]
    with on(D(2026, 6, 21)):
        unnamed = caring.without_care(table.township, D(2026, 6, 21)).with_only_columns(Contract.id)
        assert list(db.session.scalars(unnamed)) == [row.id], "the plan is over and nobody follows"
        then = operations.name_substitute(table.township, row.id, D(2026, 6, 21), to_on=D(2026, 7, 31), name="邻居")
        second = caregiver("接替·买买提江")
        old, table.caregiver = table.caregiver, second
        table.in_force(D(2026, 6, 25))
        table.caregiver = old
    db.session.refresh(then)
    assert then.to_on == D(2026, 6, 24), "the contract that follows ends it before its plan"
    assert [s.to_on for s in row.substitutes] == [D(2026, 6, 20), D(2026, 6, 24)]


def test_while_the_contract_is_in_force_its_caregiver_comes_back(table: Table) -> None:
    row = table.in_force()
    with on(STOPPED):
        for given, field in (
            ({"name": "甲"}, "to_on"),
            ({"name": "甲", "to_on": STOPPED - dt.timedelta(days=1)}, "to_on"),
            ({"caregiver_id": table.caregiver.id}, "caregiver_id"),
            ({"caregiver_id": caregiver("新手", tier_valid_to=D(2026, 6, 1)).id, "to_on": STOPPED}, "caregiver_id"),
        ):
            with pytest.raises(Invalid) as refusal:
                operations.name_substitute(table.township, row.id, STOPPED, **given)  # type: ignore[arg-type]  # of several kinds
            assert set(refusal.value.errors) == {field}
        made = operations.name_substitute(table.township, row.id, STOPPED, to_on=D(2026, 6, 30), name="敬老院护理组")
    with on(D(2026, 6, 15)):
        operations.name_substitute(table.township, row.id, D(2026, 6, 16), caregiver_id=table.caregiver.id)
    assert made.to_on == D(2026, 6, 15)
    assert row.state is State.IN_FORCE


def untrained(table: Table, day: dt.date, who: str = "township_officer_a") -> list[int]:
    query = caring.untrained(table.county.actor(who), day).with_only_columns(Contract.id)
    return list(db.session.scalars(query))


def training(row: Contract, day: dt.date) -> list[tuple[str, Kept]]:
    """What the ledger says of the caregiver's training."""
    return [(o.what, o.standing(day)) for d in duties(row, day) if d.trigger == "training" for o in d.occasions]


def test_nobody_without_the_training_goes_on_silently_when_an_exception_ends(table: Table) -> None:
    """An exception stands in for the training and is no breach; with its end the contract stands before the township, the
    ledger opens what the clause says, and who stands in takes it off the list, not out of the ledger.
    """
    officer = table.county.actor("county_officer_a")
    with transaction() as tx:
        tx.act = "test.untrained"
        table.caregiver.tier = None
    with on(D(2026, 5, 4)):
        for first, last in ((D(2026, 5, 4), D(2026, 6, 14)), (D(2026, 6, 15), D(2026, 6, 30))):
            grant_override(
                officer,
                table.caregiver.id,
                resident_id=table.resident.id,
                from_on=first,
                until_on=last,
                reason="暂无合格人员",
            )
        row = table.in_force()
    assert untrained(table, D(2026, 6, 30)) == []
    assert training(row, D(2026, 6, 30)) == []
    day = D(2026, 7, 2)
    assert untrained(table, day) == [row.id]
    assert untrained(table, day, "township_officer_b") == []
    assert training(row, day) == [("2026-06-30", Kept.MISSED)]
    with on(day), current_app.test_request_context():
        labels = {figure.label for figure in overview.to_do(table.township)}
        assert "已生效，但护理人员没有有效培训" in labels
        assert jobs.duties(day).startswith("1 contracts")
        (breach,) = [b for b in db.session.scalars(select(Breach)).unique() if b.clause == "P6.training"]
        assert (breach.act, breach.standing) == ("train", Kept.MISSED)
        operations.name_substitute(table.township, row.id, day, to_on=D(2026, 7, 10), name="敬老院护理组")
    assert untrained(table, D(2026, 7, 10)) == []
    assert untrained(table, D(2026, 7, 11)) == [row.id]


def test_an_exception_taken_back_ends_on_the_day_before_and_a_lower_tier_is_no_training(table: Table) -> None:
    row = table.in_force()
    with transaction() as tx:
        tx.act = "test.untrained"
        table.caregiver.tier, table.caregiver.tier_valid_to = Tier.T2, D(2030, 1, 1)
    day = D(2026, 6, 1)
    assert untrained(table, day) == [row.id], "full care needs T3"
    assert training(row, day) == [("2026-05-09", Kept.MISSED)]
    officer = table.county.actor("county_officer_a")
    with on(D(2026, 5, 10)):
        one = grant_override(
            officer,
            table.caregiver.id,
            resident_id=table.resident.id,
            from_on=D(2026, 5, 10),
            until_on=D(2026, 7, 1),
            reason="暂无合格人员",
        )
    assert (untrained(table, day), training(row, day)) == ([], [])
    with on(D(2026, 5, 20)):
        end_override(officer, one.id, "另有安排")
    assert untrained(table, day) == [row.id]
    assert training(row, day) == [("2026-05-19", Kept.MISSED)]


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
