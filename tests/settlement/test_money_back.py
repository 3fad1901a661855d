"""Money that comes back: paid too much, sent back by the bank after closing; taken in again and paid again, once."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from app.auth.roles import system_actor
from app.core import clock
from app.core.db import db
from app.core.errors import Refused
from app.core.transaction import transaction
from app.settlement import operations, queries
from app.settlement.models import Account, LedgerEntry, LineKind, Settlement, SettlementLine
from app.settlement.verify_settlement import verify
from tests.settlement.conftest import AFTER_Q2, Q2, Quarter
from tests.settlement.test_bank import FIRST, LAST, SignIn, token_of


def test_what_was_paid_too_much_is_netted_and_the_rest_recovered(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.records(row, FIRST, LAST)
    quarter.fill()
    quarter.scored(row)
    quarter.to_closed()
    with transaction() as tx:
        tx.act = "test.end"
        row.ended_on = dt.date(2026, 1, 10)
        row.state = type(row.state)("ended")
    with clock.at(AFTER_Q2):
        settlement = quarter.to_approved(Q2)
        sums = operations.sums_of(operations.may_pay(quarter.payer, settlement)[0])
        assert [(x.fen, len(x.lines), x.method.value) for x in sums] == [(16677 - 155100, 1, "recover")]
        with pytest.raises(Refused):
            operations.order(quarter.payer, settlement.id)
        operations.pay(quarter.payer, settlement.id, clock.today(), "退款单 1")
        operations.close(quarter.reviewer, settlement.id)
    recovered = db.session.scalars(select(LedgerEntry).where(LedgerEntry.account == Account.RECOVERED)).one()
    assert recovered.amount_fen == 16677 - 155100
    assert queries.verify_ledger() == []
    found = queries.archive(system_actor(), Q2)
    assert found is not None
    assert verify(found.data)[0] == []


def test_what_the_bank_returns_after_closing_is_paid_again_with_the_next_quarter(
    quarter: Quarter, approved: Settlement
) -> None:
    operations.pay(quarter.payer, approved.id, clock.today(), "BANK-1")
    operations.close(quarter.reviewer, approved.id)
    before = queries.archive(system_actor(), approved.quarter)
    sent = next(p for p in queries.payments(approved.id) if p.fen == 310200)
    with pytest.raises(Refused):  # no later settlement is open that could pay it
        operations.bank_returned(quarter.payer, approved.id, sent.reference, "账户已销户")
    with clock.at(AFTER_Q2):
        later = quarter.settlement(Q2)
        operations.calculate(quarter.township, later.id)
        operations.bank_returned(quarter.payer, approved.id, sent.reference, "账户已销户")
        with pytest.raises(Refused):  # noted once
            operations.bank_returned(quarter.payer, approved.id, sent.reference, "账户已销户")
        with pytest.raises(Refused):  # the calculation from before does not know it
            operations.submit(quarter.township, later.id)
        later = quarter.to_approved(Q2)
        lines = queries.lines(quarter.reviewer, settlement_id=later.id, show="corrections")
        again = db.session.scalars(lines.order_by(SettlementLine.id)).unique().all()
        assert [(x.kind, x.for_quarter, x.pay_fen) for x in again] == [(LineKind.RETURNED, "2026-Q1", 155100)] * 2
        assert queries.verify_ledger() == []
        paid = operations.pay(quarter.payer, later.id, clock.today(), "BANK-2")
        assert (paid.fen, paid.complete) == (310200, True)
        operations.close(quarter.reviewer, later.id)
        assert queries.verify_ledger() == [], "the closed quarter is as it was archived, the later one adds up"
        found = [queries.archive(system_actor(), name) for name in (approved.quarter, Q2)]
        assert found[0] is not None
        assert found[0] == before, "the closed quarter gives the same bytes"
        assert [verify(x.data)[0] for x in found if x is not None] == [[], []]
        for account, fen in ((Account.PAID, 3 * 155100), (Account.PROGRAMME, -3 * 155100)):
            posted = select(func.sum(LedgerEntry.amount_fen)).where(LedgerEntry.account == account)
            assert db.session.scalar(posted) == fen, "what came back and went out again counts once"
        third = dt.datetime(2026, 10, 3, tzinfo=dt.UTC)
    with clock.at(third):
        last = operations.calculate(quarter.township, quarter.settlement("2026-Q3").id)
        kinds = set(db.session.scalars(select(SettlementLine.kind).where(SettlementLine.settlement_id == last.id)))
        assert LineKind.CORRECTION not in kinds, "being paid again is no correction"


def test_the_page_of_a_closed_quarter_takes_a_return_and_shows_where_it_went(
    quarter: Quarter, approved: Settlement, sign_in: SignIn
) -> None:
    operations.pay(quarter.payer, approved.id, clock.today(), "BANK-1")
    operations.close(quarter.reviewer, approved.id)
    sent = next(p for p in queries.payments(approved.id) if p.fen == 310200)
    with clock.at(AFTER_Q2):
        later = quarter.settlement(Q2)
        browser = sign_in("county_officer_b")
        url = f"/settlements/{approved.id}/returned"
        data = {"csrf_token": token_of(browser, url), "reference": sent.reference, "reason": "账户已销户"}
        assert browser.post(url, data=data).status_code == 302
        page = browser.get(f"/settlements/{approved.id}/pay").get_data(as_text=True)
        assert "账户已销户" in page
        assert f"/settlements/{later.id}" in page
        quarter.to_approved(Q2)
        slip = browser.get(f"/slips/{later.id}/{sent.caregiver_id}")
        assert slip.status_code == 200
