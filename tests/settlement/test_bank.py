"""The bank file: one transfer for each caregiver, what cannot be sent, what came back; and one vocabulary on paper."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale, gettext
from openpyxl import load_workbook
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden, Refused
from app.core.models import AuditEntry
from app.core.transaction import transaction
from app.settlement import operations
from app.settlement.documents.words import BLOCKED_ZH, STATE_ZH
from app.settlement.labels import SETTLEMENT_STATES
from app.settlement.models import Settlement, SettlementState
from app.settlement.rules.settling import Blocked
from tests.factories import caregiver
from tests.settlement.conftest import AFTER_Q2, Q2, Quarter

SignIn = Callable[[str], FlaskClient]
FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 3, 31)


@pytest.fixture
def approved(quarter: Quarter) -> Settlement:
    """Three contracts of two caregivers, approved; a third caregiver has no bank account."""
    carer, poor = caregiver("两份护理"), caregiver("无账户护理")
    with transaction() as tx:
        tx.act = "test.account"
        poor.bank_account = None
    for row in (quarter.contract(carer=carer), quarter.contract(carer=carer), quarter.contract(carer=poor)):
        quarter.records(row, FIRST, LAST)
        quarter.fill()
        quarter.scored(row)
    return quarter.to_approved()


def test_each_caregiver_gets_one_transfer_of_all_lines(quarter: Quarter, approved: Settlement) -> None:
    found = operations.bank_file(quarter.payer, approved.id)
    assert [(x.caregiver.name, x.fen, x.lines) for x in found.to_send] == [("两份护理", 2 * 155100, 2)]
    assert [x.caregiver.name for x in found.no_account] == ["无账户护理"]
    assert found.to_recover == []
    assert found.fen == 310200
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.act == "settlement.bank_file").order_by(AuditEntry.seq.desc())
    ).first()
    assert entry is not None
    assert json.loads(entry.changes)["fen"] == 310200


def test_only_who_pays_takes_the_file_and_only_once_it_is_approved(quarter: Quarter, approved: Settlement) -> None:
    for actor in (quarter.township, quarter.reviewer, quarter.county.actor("auditor")):
        with pytest.raises(Forbidden):
            operations.bank_file(actor, approved.id)
    with pytest.raises(Refused):  # the officer confirmed every evaluation: another person pays
        operations.bank_file(quarter.officer, approved.id)
    operations.pay(quarter.payer, approved.id, clock.today(), "BANK-1")
    with pytest.raises(Refused):
        operations.bank_file(quarter.payer, approved.id)


def test_what_the_bank_returned_stays_payable(quarter: Quarter, approved: Settlement) -> None:
    sent = operations.bank_file(quarter.payer, approved.id).to_send[0]
    result = operations.pay(quarter.payer, approved.id, clock.today(), "BANK-1", returned={sent.caregiver.id})
    assert (result.lines, len(result.held), result.complete) == (1, 2, False)
    db.session.refresh(approved)
    assert approved.state is SettlementState.APPROVED
    result = operations.pay(quarter.payer, approved.id, clock.today(), "BANK-2")
    assert (result.lines, result.fen, result.complete) == (2, 310200, True)


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
        transfers = operations.transfers_of(operations.may_pay(quarter.payer, settlement)[0])
        assert transfers.to_send == []
        assert [(x.fen, x.lines) for x in transfers.to_recover] == [(155100 - 16677, 1)]
        with pytest.raises(Refused):
            operations.bank_file(quarter.payer, settlement.id)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_file_holds_accounts_as_text_and_amounts_as_numbers(
    quarter: Quarter, approved: Settlement, sign_in: SignIn, kind: str
) -> None:
    browser = sign_in("county_officer_b")
    page = browser.get(f"/settlements/{approved.id}/pay").get_data(as_text=True)
    assert "共1笔，合计¥3,102.00。" in page
    assert "没有登记银行账号" in page
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    answer = browser.post(f"/settlements/{approved.id}/bank.{kind}", data={"csrf_token": token[1]})
    assert answer.status_code == 200
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    else:
        sheet = load_workbook(io.BytesIO(answer.get_data())).active
        rows = [[c.value for c in r] for r in sheet.iter_rows()]
        assert all(c.data_type != "f" for r in sheet.iter_rows() for c in r)
    row = next(r for r in rows if "两份护理" in [str(c) for c in r])
    assert "6222021234567894" in [str(c).lstrip("'\t") for c in row]
    assert "3102.00" in row if kind == "csv" else 3102 in row
    assert "2026年第1季度护理补贴" in row
    assert browser.get(f"/settlements/{approved.id}/bank.{kind}").status_code == 405


def test_paper_and_pages_use_one_vocabulary(app: Flask) -> None:
    with app.test_request_context(), force_locale("zh_Hans_CN"):
        assert {state: str(words) for state, words in SETTLEMENT_STATES.items()} == STATE_ZH
        assert str(gettext("Amount due")) == "应发"
        assert str(gettext("Amount to pay")) == "实发"
        assert str(gettext("Withheld")) == "扣发"
    assert set(BLOCKED_ZH) == set(Blocked)
    assert all("暂缓发放" in words for words in BLOCKED_ZH.values())
