"""A township's quarter on a real database."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden, Invalid, NotFound, Refused
from app.core.models import AuditEntry
from app.settlement import operations, queries
from app.settlement.models import Account, LedgerEntry, LineKind, SettlementLine, SettlementState
from tests.settlement.conftest import AFTER_Q2, Q1, Q2, TOWNSHIP_A, Quarter

D = dt.date
FIRST, LAST = D(2026, 1, 1), D(2026, 3, 31)


def rows(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def lines_of(quarter: Quarter, settlement_id: int) -> list[SettlementLine]:
    return list(db.session.scalars(queries.lines(quarter.township, settlement_id=settlement_id)).unique())


def test_the_whole_way_pays_the_published_figures(quarter: Quarter) -> None:
    full = quarter.contract()
    changed = quarter.contract(grades=[(2, D(2025, 1, 1), D(2026, 1, 31)), (3, D(2026, 2, 1), None)])
    for row in (full, changed):
        quarter.records(row, FIRST, LAST)
    assert quarter.fill() == (2, 0)
    assert quarter.scored(full, B1=0, B2=0, B3=0).score == 8500  # 100 − 15 = 85.00 → good, 0.95
    assert quarter.scored(changed).score == 10000
    settled = quarter.to_closed()
    by_contract = {x.contract_id: x for x in lines_of(quarter, settled.id)}
    assert by_contract[full.id].pay_fen == 147345  # 1551.00 × 0.95 = 1473.45
    assert by_contract[full.id].withheld_fen == 7755
    assert by_contract[changed.id].pay_fen == 129300  # 259 + 517 + 517
    assert (settled.due_fen, settled.pay_fen, settled.withheld_fen) == (284400, 276645, 7755)
    assert queries.verify_ledger() == []
    totals = queries.ledger_totals(queries.visible_ledger(quarter.reviewer))
    assert totals == {
        Account.PROGRAMME: -284400,
        Account.PAYABLE: 0,
        Account.PAID: 276645,
        Account.WITHHELD: 7755,
        Account.RECOVERED: 0,
    }


def test_calculating_twice_adds_nothing(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.records(row, FIRST, LAST)
    quarter.fill()
    quarter.scored(row)
    settled = quarter.settlement()
    first = operations.calculate(quarter.township, settled.id)
    run, sha256, count = first.run, first.inputs_sha256, rows(SettlementLine)
    again = operations.calculate(quarter.township, settled.id)
    assert (again.run, again.inputs_sha256, rows(SettlementLine)) == (run, sha256, count)
    assert quarter.fill() == (0, 0)
    assert len(operations.open_quarter(quarter.township, Q1)) == 1


def test_without_a_confirmed_score_a_line_is_blocked_never_paid_in_full(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.fill()
    settled = operations.calculate(quarter.township, quarter.settlement().id)
    (line,) = lines_of(quarter, settled.id)
    assert (line.contract_id, line.blocked, line.pay_fen, line.due_fen) == (row.id, "no_score", 0, 0)
    assert settled.blocked_count == 1


def test_without_a_pay_table_everything_is_blocked_and_nothing_can_be_submitted(county: object) -> None:
    with clock.at(dt.datetime(2026, 4, 3, tzinfo=dt.UTC)):
        quarter = Quarter(county)  # type: ignore[arg-type]  # the fixture's county
        quarter.contract()
        settled = operations.calculate(quarter.township, quarter.settlement().id)
        assert [x.blocked for x in lines_of(quarter, settled.id)] == ["no_pay_table"]
        with pytest.raises(Refused):
            operations.submit(quarter.township, settled.id)


def test_a_quarter_is_not_submitted_before_it_is_over(quarter: Quarter) -> None:
    quarter.contract()
    with clock.at(dt.datetime(2026, 3, 31, 15, 59, tzinfo=dt.UTC)):
        settled = operations.calculate(quarter.township, quarter.settlement().id)
        with pytest.raises(Refused):
            operations.submit(quarter.township, settled.id)
    with clock.at(dt.datetime(2026, 3, 31, 16, 0, tzinfo=dt.UTC)):
        assert operations.submit(quarter.township, settled.id).state is SettlementState.SUBMITTED


def test_facts_that_changed_since_the_calculation_must_be_calculated_again(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.records(row, FIRST, LAST)
    quarter.fill()
    settled = operations.calculate(quarter.township, quarter.settlement().id)
    quarter.scored(row)
    with pytest.raises(Refused):
        operations.submit(quarter.township, settled.id)
    operations.calculate(quarter.township, settled.id)
    assert operations.submit(quarter.township, settled.id).run == 2
    assert len(lines_of(quarter, settled.id)) == 1  # the first run does not count any more


def test_nobody_approves_what_he_or_she_submitted(quarter: Quarter) -> None:
    quarter.contract()
    settled = operations.calculate(quarter.township, quarter.settlement().id)
    operations.submit(quarter.township, settled.id)
    from dataclasses import replace

    same = replace(quarter.reviewer, person_key=quarter.township.person_key)
    with pytest.raises(Refused):
        operations.approve(same, settled.id)
    with pytest.raises(Forbidden):
        operations.approve(quarter.township, settled.id)
    assert operations.approve(quarter.reviewer, settled.id).state is SettlementState.APPROVED


def test_a_rejection_returns_everything_intact_with_its_reason(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.records(row, FIRST, LAST)
    quarter.fill()
    quarter.scored(row)
    settled = operations.calculate(quarter.township, quarter.settlement().id)
    before = (settled.run, settled.pay_fen, settled.inputs_sha256, rows(SettlementLine))
    operations.submit(quarter.township, settled.id)
    with pytest.raises(Invalid):
        operations.reject(quarter.reviewer, settled.id, " ")
    back = operations.reject(quarter.reviewer, settled.id, "核对第三行")
    assert back.state is SettlementState.CALCULATED
    assert back.rejection_reason == "核对第三行"
    assert (back.run, back.pay_fen, back.inputs_sha256, rows(SettlementLine)) == before
    assert rows(LedgerEntry) == 0
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "settlement.reject")).one()
    assert entry.reason == "核对第三行"


def test_steps_out_of_order_are_refused_and_store_nothing(quarter: Quarter) -> None:
    quarter.contract()
    settled = quarter.settlement()
    audits = rows(AuditEntry)
    for act in (
        lambda: operations.submit(quarter.township, settled.id),
        lambda: operations.approve(quarter.reviewer, settled.id),
        lambda: operations.reject(quarter.reviewer, settled.id, "理由"),
        lambda: operations.pay(quarter.payer, settled.id, clock.today(), "B-1"),
        lambda: operations.close(quarter.reviewer, settled.id),
    ):
        with pytest.raises(Refused):
            act()
    assert rows(AuditEntry) == audits
    assert rows(LedgerEntry) == 0


def test_the_payer_is_neither_who_decided_nor_who_scored(quarter: Quarter) -> None:
    from dataclasses import replace

    mine, other = quarter.contract(by="a"), quarter.contract(by="b")
    for row in (mine, other):
        quarter.records(row, FIRST, LAST)
    quarter.fill()
    quarter.scored(mine)
    quarter.scored(other)
    settled = quarter.to_approved()
    decider = replace(quarter.payer, person_key="decider:a")
    first = operations.pay(decider, settled.id, clock.today(), "B-1")
    assert (first.lines, first.fen, len(first.held), first.complete) == (1, 155100, 1, False)
    assert first.held[0][0].contract_id == mine.id
    with pytest.raises(Refused):
        operations.pay(quarter.officer, settled.id, clock.today(), "B-2")  # confirmed the evaluations
    with pytest.raises(Refused):
        operations.pay(replace(quarter.payer, person_key="scorer:a"), settled.id, clock.today(), "B-2")
    second = operations.pay(quarter.payer, settled.id, clock.today(), "B-2")
    assert (second.lines, second.complete) == (1, True)
    assert queries.settlement(quarter.reviewer, settled.id).state is SettlementState.RECONCILED
    assert queries.verify_ledger() == []


def test_payment_needs_a_day_after_the_approval_and_a_reference(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.records(row, FIRST, LAST)
    quarter.fill()
    quarter.scored(row)
    settled = quarter.to_approved()
    with pytest.raises(Invalid) as error:
        operations.pay(quarter.payer, settled.id, D(2026, 4, 4), " ")
    assert set(error.value.errors) == {"paid_on", "reference"}
    with pytest.raises(Invalid):
        operations.pay(quarter.payer, settled.id, D(2026, 4, 2), "B-1")


def test_a_closed_quarter_never_changes_and_late_facts_become_corrections(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.records(row, FIRST, LAST)
    quarter.fill()
    quarter.scored(row)
    settled = quarter.to_closed()
    with pytest.raises(Refused):
        operations.calculate(quarter.township, settled.id)
    with pytest.raises(Refused):
        operations.pay(quarter.payer, settled.id, clock.today(), "B-9")
    from app.core.transaction import transaction

    with transaction() as tx:  # the death of 10 March is reported late
        tx.act = "test.death"
        person = row.resident
        person.ended_on, person.status = D(2026, 3, 10), "deceased"
    with clock.at(AFTER_Q2):
        quarter.fill(Q2)
        later = quarter.to_closed(Q2)
        (line,) = lines_of(quarter, later.id)
        # March: 517 × 10/31 = 166.77419…; due 517 + 517 + 166.774… = 1200.77; posted 1551.00
        assert (line.kind, line.for_quarter) == (LineKind.CORRECTION, Q1)
        assert (line.due_fen, line.pay_fen) == (120077 - 155100, 120077 - 155100)
        assert queries.verify_ledger() == []
    with clock.at(dt.datetime(2026, 10, 3, tzinfo=dt.UTC)):
        again = operations.calculate(quarter.township, quarter.settlement("2026-Q3").id)
        assert [x.kind for x in lines_of(quarter, again.id) if x.kind is not LineKind.QUARTER] == []


def test_what_was_blocked_is_made_good_in_the_next_quarter(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.records(row, FIRST, LAST)
    quarter.fill()
    settled = quarter.to_closed()
    assert settled.pay_fen == 0
    quarter.scored(row)
    with clock.at(AFTER_Q2):
        quarter.records(row, D(2026, 4, 1), D(2026, 6, 30))
        quarter.fill(Q2)
        quarter.scored(row, Q2)
        later = quarter.to_closed(Q2)
        kinds = {x.kind: x.pay_fen for x in lines_of(quarter, later.id)}
    assert kinds == {LineKind.QUARTER: 155100, LineKind.CORRECTION: 155100}
    assert queries.verify_ledger() == []


def test_corrections_wait_for_the_earliest_settlement_that_is_not_posted(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.fill()
    quarter.to_closed()
    quarter.records(row, FIRST, LAST)
    quarter.scored(row)
    with clock.at(dt.datetime(2026, 10, 3, tzinfo=dt.UTC)):
        second = operations.calculate(quarter.township, quarter.settlement(Q2).id)
        third = operations.calculate(quarter.township, quarter.settlement("2026-Q3").id)
        assert [x.kind for x in lines_of(quarter, second.id)].count(LineKind.CORRECTION) == 1
        assert [x.kind for x in lines_of(quarter, third.id)].count(LineKind.CORRECTION) == 0


def test_other_townships_see_nothing(quarter: Quarter) -> None:
    settled = quarter.settlement()
    other = quarter.county.actor("township_officer_b")
    with pytest.raises(NotFound):
        operations.calculate(other, settled.id)
    with pytest.raises(NotFound):
        operations.fill_evaluations(other, Q1, TOWNSHIP_A)
    for user in ("caregiver_a", "village_officer_a", "system_admin", "volunteer_a"):
        actor = quarter.county.actor(user)
        assert db.session.scalars(queries.visible(actor)).all() == []
        assert db.session.scalars(queries.visible_ledger(actor)).all() == []


def test_the_opening_job_is_safe_to_run_twice(quarter: Quarter) -> None:
    from app.settlement.jobs import open_quarters

    quarter.contract()
    with clock.at(dt.datetime(2026, 3, 2, tzinfo=dt.UTC)):
        assert "2 settlements opened" in open_quarters(D(2026, 3, 2))
        assert "0 settlements opened" in open_quarters(D(2026, 3, 2))
    with clock.at(dt.datetime(2026, 4, 1, tzinfo=dt.UTC)):
        assert "1 evaluation sheets made" in open_quarters(D(2026, 4, 1))
        assert "0 evaluation sheets made" in open_quarters(D(2026, 4, 1))
