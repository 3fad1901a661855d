"""The steps of a contract in force: suspended, resumed, ended, run out; who sees it, what stands in the log, what duties say."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from app.auth.roles import system_actor
from app.contracts import jobs, operations, queries
from app.contracts.models import Contract, Slot
from app.contracts.queries.duties import duties
from app.contracts.rules import State
from app.contracts.rules.duties import Kept
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, NotFound, Refused
from app.core.models import AuditEntry
from app.people.operations import end_support, record_absence
from tests.contracts.conftest import FIRST, TODAY, Table, later
from tests.factories import County, caregiver

D = dt.date


class TestLife:
    def test_suspension_and_resumption_leave_the_days_between(self, table: Table) -> None:
        row = table.in_force()
        with later(20):
            with pytest.raises(Invalid):
                operations.suspend_contract(table.township, row.id, D(2026, 5, 25), reason="住院")
            row = operations.suspend_contract(table.township, row.id, D(2026, 5, 20), reason="住院")
            assert row.state is State.SUSPENDED
            with pytest.raises(Invalid):
                operations.resume_contract(table.township, row.id, D(2026, 5, 20))
            row = operations.resume_contract(table.township, row.id, D(2026, 5, 24))
        assert [(s.from_on, s.to_on) for s in row.suspensions] == [(D(2026, 5, 20), D(2026, 5, 23))]
        with later(22), pytest.raises(Invalid):
            operations.suspend_contract(table.township, row.id, D(2026, 5, 23), reason="又住院")

    def test_the_end_closes_a_suspension_and_frees_the_resident(self, table: Table) -> None:
        row = table.in_force()
        with later(20):
            operations.suspend_contract(table.township, row.id, D(2026, 5, 20), reason="住院")
            with pytest.raises(Invalid):
                operations.end_contract(table.township, row.id, D(2026, 5, 9), reason="死亡")
            with pytest.raises(Invalid):
                operations.end_contract(table.township, row.id, D(2026, 5, 25), reason="明天")
            row = operations.end_contract(table.township, row.id, D(2026, 5, 22), reason="特困人员死亡")
        assert row.state is State.ENDED
        assert row.suspensions[0].to_on == D(2026, 5, 22)
        assert table.resident.caregiver_id is None
        with later(21), pytest.raises(Refused):
            operations.resume_contract(table.township, row.id, D(2026, 5, 23))

    def test_the_night_ends_what_ran_out_and_what_lost_its_resident(self, table: Table) -> None:
        row = table.in_force()
        assert jobs.expiring(TODAY).startswith("0 ended")
        with later(10):
            end_support(table.township, table.resident.id, D(2026, 5, 12), True, "死亡")
            assert jobs.expiring(clock.today()).startswith("1 ended")
            assert jobs.expiring(clock.today()).startswith("0 ended")
        db.session.refresh(row)
        assert (row.state, row.ended_on) == (State.ENDED, D(2026, 5, 12))

    def test_a_term_that_is_over_ends_on_its_last_day(self, table: Table) -> None:
        row = table.in_force(FIRST, D(2026, 5, 20))
        with later(16), pytest.raises(Refused):
            operations.expire_contract(system_actor(), row.id)
        with later(17):
            row = operations.expire_contract(system_actor(), row.id)
        assert (row.state, row.ended_on) == (State.ENDED, D(2026, 5, 20))

    def test_every_step_is_in_the_audit_log_with_its_person(self, table: Table) -> None:
        row = table.in_force()
        found = db.session.scalars(
            select(AuditEntry).where(AuditEntry.object_type == "contract", AuditEntry.object_id == str(row.id))
        ).all()
        acts = [e.act for e in found]
        assert acts.count("contract.sign") == 7
        assert {"contract.draft", "contract.send", "contract.complete"} <= set(acts)
        assert len({e.actor_name for e in found if e.act == "contract.sign"}) == 6, (
            "village signs for itself and resident"
        )

    def test_neighbours_see_nothing(self, table: Table) -> None:
        row = table.in_force()
        for account in ("township_officer_b", "village_officer_b", "institution_manager_b", "caregiver_b"):
            with pytest.raises(NotFound):
                queries.contract(table.county.actor(account), row.id)
        for account in ("auditor", "county_officer_a", "caregiver_a", "institution_manager_a"):
            assert queries.contract(table.county.actor(account), row.id).id == row.id

    def test_the_list_of_what_waits_for_me_shrinks_as_i_sign(self, table: Table) -> None:
        row = table.sent()
        actor = table.actor(Slot.CIVIL_AFFAIRS)

        def waiting() -> list[Contract]:
            return list(db.session.scalars(queries.filtered(actor, mine_to_sign=True)).unique())

        assert waiting() == [row]
        table.sign(row, Slot.CIVIL_AFFAIRS)
        assert waiting() == []


def test_duties_come_from_the_records(table: Table, county: County) -> None:
    row = table.in_force()
    assert {(d.party, len(d.occasions)) for d in duties(row, TODAY)} == {(f"P{n}", 0) for n in range(1, 8)}
    with later(70):
        record_absence(table.township, table.resident.id, "hospital", D(2026, 6, 1), D(2026, 6, 10))
    today = D(2026, 7, 20)
    found = {d.trigger: d for d in duties(row, today)}
    assert found["quarter_released"].count(today, Kept.MISSED) == 1, "nothing was released for the second quarter"
    assert found["monthly_township"].count(today, Kept.MISSED) == 1, "June without a visit of the township"
    june = next(o for o in found["daily"].occasions if o.what == "2026-06")
    assert (june.done, june.required) == (0, 20), "ten days in hospital need no record"


def test_a_second_caregiver_follows_the_first_without_a_gap(table: Table) -> None:
    row = table.in_force()
    with later(20):
        operations.end_contract(table.township, row.id, D(2026, 5, 20), reason="更换护理人员")
        second = caregiver("接替护理员")
        new = operations.draft_contract(table.township, table.resident.id, second.id, D(2026, 5, 21))
    assert new.number != row.number
    assert new.valid_from == D(2026, 5, 21)
