"""Who is paid (ADR 42): institutions for their residents, caregivers at home; both in one settlement, to the fen."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import random
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from lxml import etree
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from app.auth.roles import system_actor
from app.auth.sessions import actor_of
from app.contracts.models import Contract
from app.core import clock
from app.core.backup import triggers_off
from app.core.db import db
from app.core.errors import Forbidden, Invalid, NotFound, Refused
from app.core.models import AuditEntry
from app.core.transaction import transaction
from app.people.models import Caregiver
from app.places.models import Organisation
from app.settlement import documents, operations, queries
from app.settlement.models import (
    Account,
    LedgerEntry,
    LineKind,
    Payment,
    PaymentState,
    SettlementLine,
    SettlementState,
)
from app.settlement.verify_settlement import unpack, verify
from tests.factories import caregiver
from tests.settlement.conftest import AFTER_Q2, Q1, Q2, Quarter
from tests.settlement.test_archive import _records, _resealed, _rewritten
from tests.settlement.test_bank import token_of

SignIn = Callable[[str], FlaskClient]
FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 3, 31)
NUMBER = "81050101040012345"
FULL = 155100
"""Three months of full care at ratio 1, in fen."""


def house(quarter: Quarter) -> Organisation:
    return quarter.county.organisation("institution_a")


def with_account(quarter: Quarter) -> Organisation:
    return operations.set_account(
        quarter.township, house(quarter).id, "示例农村商业银行", NUMBER, f" {NUMBER[:8]} {NUMBER[8:]}"
    )


def mixed(quarter: Quarter, *, inside: int = 2) -> list[SettlementLine]:
    """One contract at home, and some of the institution that share one of its workers; scored and approved."""
    worker = caregiver("院内护理", institution_id=house(quarter).id)
    rows = [quarter.contract(), *(quarter.contract(carer=worker, payee_id=house(quarter).id) for _n in range(inside))]
    for row in rows:
        quarter.records(row, FIRST, LAST)
    quarter.fill()
    for row in rows:
        quarter.scored(row)
    settlement = quarter.to_approved()
    query = select(SettlementLine).where(SettlementLine.settlement_id == settlement.id)
    return list(db.session.scalars(query.order_by(SettlementLine.id)).unique())


def test_home_pays_the_caregiver_and_an_institution_is_paid_for_all_its_residents(quarter: Quarter) -> None:
    with_account(quarter)
    home, *inside = mixed(quarter)
    order = operations.order(quarter.payer, home.settlement_id)
    found = queries.payments(home.settlement_id)
    assert [(p.payee.name, p.fen) for p in found] == [(home.caregiver.name, FULL), (house(quarter).name, 2 * FULL)]
    assert (order.count, order.fen) == (2, 3 * FULL)
    row = home.settlement
    rows = list(csv.DictReader(io.StringIO(documents.bank_file(row, order, "csv").data.decode("utf-8-sig"))))
    assert [(r["收款人"], r["账号"].strip("\t'"), r["金额（元）"], r["收款人编号"][0]) for r in rows] == [
        (home.caregiver.name, home.caregiver.bank_account, "1551.00", "C"),
        (house(quarter).name, NUMBER, "3102.00", "J"),
    ]
    xml = etree.fromstring(documents.bank_file(row, order, "xml").data)
    names = [x.text for x in xml.iter("{*}Nm") if x.getparent().tag.endswith("Cdtr")]
    assert names == [home.caregiver.name, house(quarter).name]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "settlement.bank_file")).one()
    assert json.loads(entry.changes)["accounts"] == [p.payee.number for p in found], "whose accounts were taken"
    operations.pay(quarter.payer, row.id, clock.today(), "BANK-1")
    operations.close(quarter.reviewer, row.id)
    assert queries.verify_ledger() == []
    with transaction() as tx, triggers_off(db.session.connection()):
        tx.act = "test.bent"
        theirs = Payment.payee_id == house(quarter).id
        db.session.execute(update(Payment).where(theirs).values(payee_id=None, caregiver_id=inside[0].caregiver_id))
    db.session.expire_all()
    assert f"line {inside[0].id} is for another payee" in [finding.problem for finding in queries.verify_ledger()]
    with transaction() as tx, triggers_off(db.session.connection()):
        tx.act = "test.mended"
        theirs = Payment.caregiver_id == inside[0].caregiver_id
        db.session.execute(update(Payment).where(theirs).values(payee_id=house(quarter).id, caregiver_id=None))
    db.session.expire_all()
    booked = db.session.execute(
        select(LedgerEntry.payee_id, func.sum(LedgerEntry.amount_fen))
        .where(LedgerEntry.account == Account.PAID)
        .group_by(LedgerEntry.payee_id)
    ).all()
    assert dict(booked) == {None: FULL, house(quarter).id: 2 * FULL}
    archive = queries.archive(system_actor(), Q1)
    assert archive is not None
    assert verify(archive.data)[0] == []
    files = unpack(archive.data)[0]
    assert NUMBER.encode() not in archive.data
    payments = _records(files, "payments")
    assert [p.get("payee") for p in payments] == [None, house(quarter).id]
    for kind, change in (("payments", {"payee": 9}), ("lines", {"payee": 9}), ("inputs", {"payee": 9})):
        records = _records(files, kind)
        records[-1] |= change
        forged = _rewritten(files, kind, records)
        assert verify(_resealed(forged))[0], f"another payee in {kind} was not found"
    assert inside[0].payee.number == f"J{house(quarter).id:06d}"


def test_an_institution_without_an_account_blocks_its_own_lines_in_words(quarter: Quarter) -> None:
    home, *inside = mixed(quarter)
    settlement = home.settlement
    assert {p.code: p.count for p in queries.readiness(settlement)}["no_account"] == 1
    mine, held = operations.may_pay(quarter.payer, settlement)
    assert [line.id for line in mine] == [home.id]
    assert {(line.id, words) for line, words in held} == {(x.id, "林东镇养老院尚未登记账户。") for x in inside}
    result = operations.pay(quarter.payer, settlement.id, clock.today(), "BANK-1")
    assert (result.lines, result.complete) == (1, False)
    assert queries.settlement(quarter.payer, settlement.id).state is SettlementState.PAYING
    with pytest.raises(Refused):
        operations.close(quarter.reviewer, settlement.id)
    with_account(quarter)
    assert {p.code: p.count for p in queries.readiness(settlement)}["no_account"] == 0
    result = operations.pay(quarter.payer, settlement.id, clock.today(), "BANK-2")
    assert (result.lines, result.fen, result.complete) == (2, 2 * FULL, True)
    assert queries.verify_ledger() == []


def test_the_account_is_recorded_by_others_than_those_who_pay_typed_twice_and_shown_for_a_reason(
    quarter: Quarter, sign_in: SignIn
) -> None:
    row = house(quarter)
    for actor in (quarter.payer, quarter.county.actor("institution_manager_a")):
        with pytest.raises(Forbidden):
            operations.set_account(actor, row.id, "银行", NUMBER, NUMBER)
    with pytest.raises(NotFound):
        operations.set_account(quarter.county.actor("township_officer_b"), row.id, "银行", NUMBER, NUMBER)
    with pytest.raises(NotFound):
        operations.set_account(quarter.township, quarter.county.organisation("bureau").id, "银行", NUMBER, NUMBER)
    for bank, one, two, field in (
        ("", NUMBER, NUMBER, "bank_name"),
        ("银行", "12", "12", "account"),
        ("银行", NUMBER, NUMBER + "6", "again"),
    ):
        with pytest.raises(Invalid) as refused:
            operations.set_account(quarter.township, row.id, bank, one, two)
        assert list(refused.value.errors) == [field]
    with_account(quarter)
    stored = db.session.execute(select(Organisation.bank_account_enc).where(Organisation.id == row.id)).scalar_one()
    assert NUMBER.encode() not in stored
    page = sign_in("institution_manager_a").get(f"/organisations/{row.id}").get_data(as_text=True)
    assert "*************2345" in page
    assert NUMBER not in page
    assert "尾号" not in sign_in("village_officer_a").get(f"/organisations/{row.id}").get_data(as_text=True)
    with pytest.raises(NotFound):
        operations.reveal_account(quarter.county.actor("institution_manager_b"), row.id, "核对账户")
    with pytest.raises(Invalid):
        operations.reveal_account(quarter.payer, row.id, "")
    assert operations.reveal_account(quarter.payer, row.id, "核对账户") == NUMBER
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "institution.reveal")).one()
    assert NUMBER not in entry.changes
    browser = sign_in("township_officer_a")
    where = f"/institutions/{row.id}/account"
    typed = {"csrf_token": token_of(browser, where), "bank_name": "示例银行", "account": NUMBER + "1", "again": NUMBER}
    answer = browser.post(where, data=typed)
    assert answer.status_code == 422
    assert "两次输入的账号不一致" in answer.get_data(as_text=True)
    assert browser.post(where, data={**typed, "again": NUMBER + "1"}).status_code == 302
    assert db.session.get(Organisation, row.id, populate_existing=True).bank_tail == "3451"  # type: ignore[union-attr]  # it is there


def test_each_sees_what_is_paid_to_oneself(quarter: Quarter, sign_in: SignIn) -> None:
    """The institution its house; its worker the score, no slip and no account; a home caregiver the own slip."""
    with_account(quarter)
    home, *inside = mixed(quarter)
    with transaction() as tx:
        tx.act = "test.accounts"
        own = db.session.get(Caregiver, inside[0].caregiver_id)
        stranger = quarter.county.user("caregiver_b")
        assert own is not None
        taken = db.session.scalars(select(Caregiver).where(Caregiver.user_id == stranger.id)).one()
        taken.user_id = None
        db.session.flush()
        own.user_id = stranger.id
    where = f"/slips/{home.settlement_id}/institutions/{house(quarter).id}"
    manager, worker = sign_in("institution_manager_a"), sign_in("caregiver_b")
    page = manager.get(where).get_data(as_text=True)
    assert "¥3,102.00" in page
    assert all(line.resident.name in page for line in inside)
    assert home.resident.name not in page
    assert manager.get(f"{where}.pdf").data[:5] == b"%PDF-"
    assert f"/slips/{home.settlement_id}/institutions/" in manager.get("/slips").get_data(as_text=True)
    for client in (worker, sign_in("institution_manager_b")):
        assert client.get(where).status_code in (403, 404)
        assert "¥" not in client.get("/slips").get_data(as_text=True).partition("<main")[2]
    assert worker.get(f"/slips/{home.settlement_id}/{inside[0].caregiver_id}").status_code == 404
    actor = actor_of(stranger)
    assert db.session.scalars(queries.visible_ledger(actor)).all() == []
    assert db.session.scalars(queries.evaluations(actor)).unique().all(), "the score is the worker's own"
    # the house objects to one line: only that one waits
    found = operations.raise_dispute(quarter.county.actor("institution_manager_a"), "天数不对", line_id=inside[0].id)
    with pytest.raises(Forbidden):
        operations.raise_dispute(
            quarter.county.actor("institution_manager_a"), "分数不对", evaluation_id=inside[1].rules["evaluation"]
        )
    assert manager.get(f"/objections/{found.id}").status_code == 200
    held = operations.may_pay(quarter.payer, home.settlement)[1]
    assert [line.id for line, _why in held] == [inside[0].id]


def test_money_for_an_institution_comes_back_is_corrected_and_paid_again(quarter: Quarter) -> None:
    """Returned, returned after closing, and a late fact: each goes to the institution that the contract names."""
    with_account(quarter)
    home, first, second = mixed(quarter)
    settlement = home.settlement
    operations.order(quarter.payer, settlement.id)
    sent = next(p for p in queries.payments(settlement.id) if p.payee.is_institution)
    operations.pay(quarter.payer, settlement.id, clock.today(), "BANK-1", returned={sent.payee.key})
    assert [line.payee_id for line in operations.may_pay(quarter.payer, settlement)[0]] == [house(quarter).id] * 2
    operations.pay(quarter.payer, settlement.id, clock.today(), "BANK-2")
    again = next(p for p in queries.payments(settlement.id) if p.payee.is_institution and p.state is PaymentState.PAID)
    operations.close(quarter.reviewer, settlement.id)
    stranger = update(Payment).where(Payment.id == again.id).values(payee_id=house(quarter).id + 1)
    with pytest.raises(DBAPIError, match="whom it is for"), transaction():
        db.session.execute(stranger)
    with transaction() as tx:
        tx.act = "test.late"
        row = contract_of(first)
        row.ended_on, row.state = dt.date(2026, 3, 10), type(row.state)("ended")
    with clock.at(AFTER_Q2):
        quarter.records(contract_of(second), dt.date(2026, 4, 1), dt.date(2026, 6, 30))
        quarter.fill(Q2)
        quarter.scored(contract_of(second), Q2)
        quarter.settlement(Q2)
        operations.bank_returned(quarter.payer, settlement.id, again.reference, "账户已销户")
        closed = quarter.to_closed(Q2)
        lines = (
            db.session.scalars(select(SettlementLine).where(SettlementLine.settlement_id == closed.id)).unique().all()
        )
        of = [(x.kind, x.for_quarter, x.payee_id) for x in lines if x.pay_fen]
        assert sorted(of, key=str) == sorted(
            [
                (LineKind.QUARTER, Q2, house(quarter).id),
                (LineKind.CORRECTION, Q1, house(quarter).id),
                (LineKind.RETURNED, Q1, house(quarter).id),
                (LineKind.RETURNED, Q1, house(quarter).id),
            ],
            key=str,
        )
        paid = [p for p in queries.payments(closed.id) if p.payee.is_institution]
        assert [p.fen for p in paid] == [sum(x.pay_fen for x in lines)]
    assert queries.verify_ledger() == []
    for quarter_name in (Q1, Q2):
        archive = queries.archive(system_actor(), quarter_name)
        assert archive is not None
        assert verify(archive.data)[0] == []


def contract_of(line: SettlementLine) -> Contract:
    """The contract of a line, to change it."""
    found = db.session.get(Contract, line.contract_id)
    assert found is not None
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_whoever_is_paid_in_whatever_order_the_books_agree(quarter: Quarter, seed: int) -> None:
    """Contracts at home and in an institution by chance, payments that fail by chance, accounts that come late: lines = statement =
    ledger = payments for each payee, and nobody is paid for another.
    """
    rng = random.Random(seed)
    inside = house(quarter)
    carers = [caregiver(f"护理{n}") for n in range(4)]
    rows = []
    for _n in range(9):
        payee = rng.choice((None, inside.id))
        rows.append(quarter.contract(carer=rng.choice(carers), payee_id=payee))
    for row in rows:
        quarter.records(row, FIRST, LAST, share=rng.choice((1.0, 0.9, 0.8)))
    quarter.fill()
    for row in rows[: 9 - seed]:
        quarter.scored(row, B1=rng.choice((500, 300, 0)))
    settlement = quarter.to_approved()
    for turn in range(6):
        if turn == 2:
            with_account(quarter)
        now = queries.settlement(quarter.payer, settlement.id)
        if now.state is SettlementState.RECONCILED:
            break
        if any(
            x.payee.has_account and x.fen > 0 for x in operations.sums_of(operations.may_pay(quarter.payer, now)[0])
        ):
            operations.order(quarter.payer, now.id)
        keys = [p.payee.key for p in queries.payments(now.id) if p.state is PaymentState.SENT]
        if keys:
            failed = {key for key in keys if turn < 4 and rng.random() < 0.5}
            operations.pay(quarter.payer, now.id, clock.today(), f"BANK-{turn}", returned=failed)
    now = queries.settlement(quarter.payer, settlement.id)
    assert now.state is SettlementState.RECONCILED
    assert queries.verify_ledger() == []
    lines = db.session.scalars(select(SettlementLine).where(SettlementLine.settlement_id == now.id)).unique().all()
    due: dict[int, int] = {}
    for line in lines:
        if line.pay_fen:
            due[line.payee.key] = due.get(line.payee.key, 0) + line.pay_fen
    paid: dict[int, int] = {}
    for payment in queries.payments(now.id):
        if payment.state is PaymentState.PAID:
            paid[payment.payee.key] = paid.get(payment.payee.key, 0) + payment.fen
    assert paid == due
    assert sum(due.values()) == now.pay_fen
    slips = queries.slips_of(quarter.township, now.id, queries.payees_of(quarter.township, now.id))
    assert {s.payee.key: s.pay_fen for s in slips if s.pay_fen} == due
