"""One old man's way through the house: taken on record in March, paid for and closed in July, by nine people."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from tests.journeys import binding, grading, quarter
from tests.journeys.conftest import house
from tests.journeys.serving import Served
from tests.journeys.walking import House

pytestmark = pytest.mark.journey

FULL_CARE_FEN = 51_700
"""A month of full care by the example pay table (domain.md 5, example B)."""


@pytest.mark.long
def test_a_new_resident_becomes_a_paid_and_closed_quarter(browser: Browser, new_county: Served) -> None:
    """Every station by hand in the browser; at the end the ledger and the slip say what domain.md 5.1 says."""
    people = house(browser, new_county, "way")
    on = new_county.calendar.move_to
    grading.take_on_record(people)
    on(dt.date(2026, 3, 10))
    grading.assess(people)
    on(dt.date(2026, 3, 12))
    grading.review_and_decide(people)
    on(dt.date(2026, 3, 16))
    binding.plan_care(people)
    on(dt.date(2026, 3, 18))
    binding.draw_up_contract(people)
    binding.sign_by_seven(people)
    quarter.live(people, new_county)
    on(dt.date(2026, 7, 3))
    quarter.evaluate(people)
    on(dt.date(2026, 7, 6))
    quarter.settle(people)
    on(dt.date(2026, 7, 8))
    quarter.pay_and_close(people)
    expected = due(FULL_CARE_FEN, months=3, ratio=Fraction(85, 100))
    assert expected == 131_835, "the vector of domain.md 5.1"
    quarter.read_the_slip(people, "¥1,318.35", "壹仟叁佰壹拾捌元叁角伍分")
    check_the_books(people, new_county, expected, withheld=3 * FULL_CARE_FEN - expected)
    assert len(set(people.signed_in)) >= 7
    assert len(people.signed_in) >= 20


def due(monthly_fen: int, *, months: int, ratio: Fraction) -> int:
    """domain.md 5.1 for whole months: the sum first, one rounding at the end, half up."""
    return int(monthly_fen * months * ratio + Fraction(1, 2))


def check_the_books(people: House, county: Served, expected: int, *, withheld: int) -> None:
    """The auditor sees the figures in the ledger; in the database every account holds them to the fen."""
    from app.core import audit
    from app.core.db import db
    from app.settlement.models import Account, LedgerEntry, Settlement, SettlementState

    with people.signing_in("auditor") as auditor:
        auditor.open("/ledger")
        auditor.sees("¥1,318.35", "¥232.65")
        auditor.station("32-ledger")
    with county.inside():
        row = db.session.scalars(select(Settlement).where(Settlement.quarter == "2026-Q2")).unique().one()
        assert row.state is SettlementState.CLOSED
        assert (row.due_fen, row.pay_fen, row.withheld_fen) == (expected + withheld, expected, withheld)
        balance: dict[Account, int] = {}
        for entry in db.session.scalars(select(LedgerEntry)):
            balance[entry.account] = balance.get(entry.account, 0) + entry.amount_fen
        assert balance == {
            Account.PROGRAMME: -(expected + withheld),
            Account.PAYABLE: 0,
            Account.PAID: expected,
            Account.WITHHELD: withheld,
        }
        entries, finding = audit.verify()
        assert finding is None
        assert entries > 100, "every step left its entries"
        db.session.remove()
