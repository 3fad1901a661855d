"""A contract goes on: amended, renewed, replaced, archived; whatever happens, one resident never has two on one day."""

from __future__ import annotations

import copy
import datetime as dt
import io
import itertools
import os
import random

import pytest
from pypdf import PdfReader
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.auth.roles import system_actor
from app.care.rules import texts
from app.contracts import jobs, operations, queries
from app.contracts.documents import differences, sealed_pdf
from app.contracts.documents.words import article
from app.contracts.models import Contract, Slot
from app.contracts.operations import renewing
from app.contracts.queries.duties import duties
from app.contracts.rules import EndCause, State
from app.contracts.rules.amending import compare
from app.contracts.rules.duties import Kept
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, Invalid, Refused
from app.core.rulebook import rule_by_sha
from app.core.transaction import transaction
from tests.contracts.conftest import FIRST, NOON, Table
from tests.factories import caregiver

D = dt.date


def on(day: dt.date):  # type: ignore[no-untyped-def]  # a context manager
    """Noon of a day."""
    return clock.at(NOON + (day - D(2026, 5, 4)))


def amended(table: Table, old: Contract, day: dt.date) -> Contract:
    """An amendment to another caregiver, open for signing."""
    second = caregiver("接替·买买提江")
    row = renewing.draft_amendment(table.township, old.id, day, caregiver_id=second.id, reason="原护理人员外出务工")
    table.caregiver = second
    return operations.send_contract(table.township, row.id)


def _words(paper: bytes) -> str:
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages).split())


class TestAmending:
    def test_it_names_what_changed_and_only_those_bound_by_it_sign_again(self, table: Table) -> None:
        old = table.in_force()
        with on(D(2026, 6, 1)):
            row = amended(table, old, D(2026, 6, 10))
            assert row.body["amendment"]["of"] == old.number
            assert row.body["amendment"]["annexes"] == ["caregiver"]
            assert row.body["amendment"]["signers"] == ["P2", "P5", "P6", "P7"]
            standing = {p.slot.value for p in row.parties if p.carried_from_id is not None}
            assert standing == {"P1", "P3", "P4"}
            assert {p.body_sha256 for p in row.parties if p.slot.value in standing} == {old.body_sha256}
            for slot in (Slot.TOWNSHIP_GOVERNMENT, Slot.INSTITUTION, Slot.RESIDENT):
                table.sign(row, slot)
                assert queries.contract(table.township, old.id).state is State.IN_FORCE, "until all have signed"
            row = table.sign(row, Slot.CAREGIVER)
        old = queries.contract(table.township, old.id)
        assert (row.state, row.in_force_from) == (State.IN_FORCE, D(2026, 6, 10))
        assert (old.state, old.ended_on) == (State.AMENDED, D(2026, 6, 9))
        assert row.resident.caregiver_id == table.caregiver.id
        with on(D(2026, 6, 10)):
            paper = _words(sealed_pdf(table.township, row))
        first = next(party["name"] for party in old.body["parties"] if party["slot"] == "P6")
        assert f"本次变更原协议{old.number}" in paper
        assert f"护理人员{first}接替·买买提江" in paper
        assert "变更原因原护理人员外出务工" in paper
        assert "重新签署乙方乡镇（苏木）人民政府、戊方供养机构、己方护理人员、庚方特困人员" in paper
        assert paper.count("原协议签名继续有效") == 3
        with on(D(2026, 6, 1)):
            assert "本次变更" not in _words(sealed_pdf(table.township, old))

    def test_the_paper_tells_each_change_before_and_after(self, table: Table) -> None:
        old = table.draft().body
        new = copy.deepcopy(old)
        new["annexes"]["grade"]["grade"] = 3
        new["annexes"]["pay_table"]["monthly_fen"] = 51_700
        old["annexes"]["pay_table"]["monthly_fen"] = 25_900
        old["annexes"]["grade"]["grade"] = 2
        new["annexes"]["scorecard"].update(version=2, sha256="f" * 64)
        names = texts(rule_by_sha("care_standard", old["annexes"]["care_standard"]["sha256"]).body)
        (line,) = new["annexes"]["plan"]["lines"]
        added = {**line, "item": "S02", "frequency": "2/d"}
        new["annexes"]["plan"]["lines"] = [{**line, "frequency": "6/w"}, added]
        new["clauses"][0] = {**new["clauses"][0], "zh": "改了的一条。"}
        gone = new["clauses"].pop()
        new["parties"][3]["name"] = "新村村民委员会"
        change = compare(old, new)
        new["amendment"] = {"clauses": list(change.clauses), "annexes": list(change.annexes)}
        rows = {what: (was, becomes) for what, was, becomes in differences(old, new)}
        assert rows["照料护理档次"] == ("半护理", "全护理")
        assert [text.split("（")[0] for text in rows["照料护理补贴标准"]] == ["每月¥259.00", "每月¥517.00"]
        assert rows["考核评分表"][1].endswith("第2版（文本指纹 ffffffffffff）")
        assert rows["丁方 村（社区）"][1] == "新村村民委员会"
        was, becomes = rows[names[line["item"]]["zh"]]
        assert was.startswith("每日1次")
        assert becomes.startswith("每周6次")
        assert rows[names["S02"]["zh"]] == ("不在计划内", "每日2次\n按标准，无另外需要")
        assert rows["第一条"][1] == "改了的一条。"
        assert rows[article(gone["number"])] == (gone["zh"], "删除")
        assert len(rows) == 8

    def test_nothing_changed_or_the_wrong_day_is_refused_in_words(self, table: Table) -> None:
        old = table.in_force()
        with on(D(2026, 6, 1)):
            for day in (D(2026, 6, 10), D(2026, 5, 31), D(2027, 6, 1)):
                with pytest.raises(Invalid):
                    renewing.draft_amendment(table.township, old.id, day, reason="试试")
            operations.suspend_contract(table.township, old.id, D(2026, 6, 1), reason="住院")
            with pytest.raises(Refused):
                renewing.draft_amendment(table.township, old.id, D(2026, 6, 10), reason="试试")

    def test_a_refused_amendment_leaves_the_contract_as_it_is(self, table: Table) -> None:
        old = table.in_force()
        with on(D(2026, 6, 1)):
            row = amended(table, old, D(2026, 6, 10))
            operations.refuse_contract(table.actor(Slot.RESIDENT), row.id, reason="不同意换人")
        assert queries.contract(table.township, row.id).state is State.VOID
        assert queries.contract(table.township, old.id).state is State.IN_FORCE

    def test_the_database_lets_no_carried_signature_into_a_contract_that_amends_nothing(self, table: Table) -> None:
        row = table.sent()
        party = row.parties[0].id
        for slot in list(Slot)[1:]:
            table.sign(row, slot)
        with pytest.raises(DBAPIError), transaction():
            db.session.execute(
                text(
                    "UPDATE contract_party SET carried_from_id = :p, signed_at = '2026-05-04', signer_name = 'x',"
                    " body_sha256 = :sha WHERE id = :p"
                ),
                {"p": party, "sha": "f" * 64},
            )

    def test_every_party_signs_again_where_nothing_says_whom_an_annex_binds(self, table: Table) -> None:
        body = table.draft().body
        other = {**body, "binds": {}, "caregiver": "C-other"}
        assert compare(body, other).signers == tuple(f"P{n}" for n in range(1, 8))
        assert not compare(body, body)
        clauses = [{**c, "due_days": 3} if c["id"] == "P4.report" else c for c in body["clauses"]]
        clauses = [{**c, "zh": c["zh"] + "另。"} if c["id"] == "P3.confirm" else c for c in clauses]
        assert compare(body, {**body, "clauses": clauses}).signers == ("P3",)


class TestGoingOn:
    def test_renewal_draws_up_the_next_year_once_and_says_what_hinders(self, table: Table) -> None:
        row = table.in_force()
        with on(D(2027, 4, 1)):
            (found,) = renewing.renew_contracts(table.township, 60)
            assert found.drafted is not None
            new = queries.by_number(table.township, found.drafted)
            assert (new.valid_from, new.valid_to) == (D(2027, 5, 10), D(2028, 5, 9))
            assert renewing.renew_contracts(table.township, 60) == []
            operations.withdraw_contract(table.township, new.id, reason="重新拟订")
            with transaction() as tx:
                tx.act = "test.tier"
                table.caregiver.tier_valid_to = D(2027, 4, 30)
            (found,) = renewing.renew_contracts(table.township, 60)
            assert found.drafted is None
            assert found.why
            assert "培训" in found.why
        assert row.valid_to == D(2027, 5, 9)

    def test_a_caregiver_who_fails_is_replaced_within_ten_working_days_or_the_township_is_late(
        self, table: Table
    ) -> None:
        row = table.in_force()
        with on(D(2026, 6, 1)):
            operations.end_contract(table.township, row.id, D(2026, 6, 1), reason="考核不合格", cause=EndCause.BREACH)
        row = queries.contract(table.township, row.id)
        assert row.replace_by == D(2026, 6, 15)
        duty = next(d for d in duties(row, D(2026, 6, 16)) if d.clause["id"] == "P2.replace")
        assert {o.what: o.standing(D(2026, 6, 16)) for o in duty.occasions} == {
            "2026-06-01": Kept.MISSED,
            "substitute-2026-06-01": Kept.MISSED,
        }, "neither another caregiver in ten working days nor somebody in between the same day"
        with on(D(2026, 6, 18)):
            table.caregiver = caregiver("接替护理员")
            new = table.sent(D(2026, 6, 18))
            for slot in Slot:
                table.sign(new, slot)
        duty = next(d for d in duties(row, D(2026, 6, 19)) if d.clause["id"] == "P2.replace")
        assert [o.standing(D(2026, 6, 19)) for o in duty.occasions] == [Kept.LATE, Kept.LATE]

    def test_what_ended_a_year_ago_is_archived_and_frozen(self, table: Table) -> None:
        row = table.in_force()
        with on(D(2026, 6, 1)):
            operations.end_contract(table.township, row.id, D(2026, 6, 1), reason="迁出", cause=EndCause.MOVE)
            data = sealed_pdf(table.township, row)
        with on(D(2027, 6, 1)):
            assert jobs.archiving(D(2027, 6, 1)) == "0 contracts archived"
        with on(D(2027, 6, 2)):
            assert jobs.archiving(D(2027, 6, 2)) == "1 contracts archived"
        row = queries.contract(table.township, row.id)
        assert row.state is State.ARCHIVED
        assert sealed_pdf(table.township, row) == data
        for change in ("state = 'ended'", "ended_on = '2026-06-02'"):
            with pytest.raises(DBAPIError), transaction():
                db.session.execute(text(f"UPDATE contract SET {change}"))

    def test_a_draft_is_checked_again_before_it_is_sent(self, table: Table) -> None:
        row = table.draft()
        with transaction() as tx:
            tx.act = "test.tier"
            table.caregiver.tier_valid_to = FIRST - dt.timedelta(days=1)
        with pytest.raises(Invalid) as refusal:
            operations.send_contract(table.township, row.id)
        assert "培训" in refusal.value.errors["obstacles"]
        assert queries.contract(table.township, row.id).state is State.DRAFT

    def test_a_caregiver_has_no_more_people_than_the_ratio_allows(self, table: Table) -> None:
        from tests.factories import resident

        for n in range(3):
            table.resident = resident(f"老人{n}")
            table_ready(table, n)
            if n < 3:
                table.draft()
        table.resident = resident("第四位")
        table_ready(table, 9)
        with pytest.raises(Invalid) as refusal:
            table.draft()
        assert "比例" in refusal.value.errors["obstacles"]


def table_ready(table: Table, n: int) -> None:
    """Grade and plan of another resident."""
    from app.care.models import CarePlan
    from tests.settlement.conftest import Quarter

    with transaction() as tx:
        tx.act = "test.ready"
        grade = Quarter(table.county).grade(table.resident, 3, D(2026, 5, 1))
        first = db.session.scalars(select(CarePlan).order_by(CarePlan.id)).first()
        assert first is not None
        fields = {c.key: getattr(first, c.key) for c in CarePlan.__table__.columns if c.key != "id"}
        db.session.add(
            CarePlan(**{**fields, "number": f"JH2026-9{n:05d}", "resident_id": table.resident.id, "grade_id": grade.id})
        )


@pytest.mark.parametrize("seed", range(40 if os.environ.get("LONG_RUNS") == "1" else 2))
def test_no_sequence_of_acts_gives_one_resident_two_contracts_on_a_day(table: Table, seed: int) -> None:
    """Random acts on random contracts, each allowed or refused; days go on. Covered days never overlap, each state was
    reached along the table, and no contract covers a day before all seven signed.
    """
    chance = random.Random(seed)
    carers = [table.caregiver, caregiver("甲"), caregiver("乙")]
    day = D(2026, 5, 4)
    done = 0
    for _ in range(45):
        day += dt.timedelta(days=chance.randint(0, 6))
        with on(day):
            rows = list(db.session.scalars(select(Contract).order_by(Contract.id.desc()).limit(3)).unique())
            try:
                act_at_random(table, chance, day, rows, carers)
                done += 1
            except DomainError:
                pass
            never_two(list(db.session.scalars(select(Contract)).unique()))
    assert done >= 15


EVERY_ACT = ["draft", "send", "sign", "amend", "suspend", "resume", "end", "withdraw", "expire"]
FITTING = {
    State.DRAFT: ["send", "send", "withdraw"],
    State.SIGNING: ["sign", "sign", "withdraw"],
    State.IN_FORCE: ["amend", "amend", "suspend", "end", "draft", "expire"],
    State.SUSPENDED: ["resume", "end"],
}


def act_at_random(table: Table, chance: random.Random, day: dt.date, rows: list[Contract], carers: list) -> None:  # type: ignore[type-arg]  # caregivers
    """One act of the township, or the signatures of all who have not signed."""
    ahead = day + dt.timedelta(days=chance.randint(-3, 12))
    row = chance.choice(rows) if rows else None
    fitting = FITTING.get(row.state, ["draft"]) if row is not None else ["draft"]
    act = chance.choice(fitting if chance.random() < 0.8 else EVERY_ACT)
    table.caregiver = chance.choice(carers)
    if act == "draft" or row is None:
        table.draft(ahead, ahead + dt.timedelta(days=chance.randint(5, 60)))
        return
    if act == "send":
        operations.send_contract(table.township, row.id)
    elif act == "sign":
        table.caregiver = row.caregiver
        for party in row.parties:
            if party.signed_at is None:
                table.sign(row, party.slot)
    elif act == "amend":
        renewing.draft_amendment(table.township, row.id, ahead, caregiver_id=table.caregiver.id, reason="变更")
    elif act == "suspend":
        operations.suspend_contract(table.township, row.id, day, reason="住院")
    elif act == "resume":
        operations.resume_contract(table.township, row.id, day)
    elif act == "end":
        operations.end_contract(table.township, row.id, day, reason="终止", cause=chance.choice(list(EndCause)))
    elif act == "withdraw":
        operations.withdraw_contract(table.township, row.id, reason="撤回")
    else:
        operations.expire_contract(system_actor(), row.id)


def never_two(rows: list[Contract]) -> None:
    """The days that contracts in force cover, or covered, are apart."""
    covered = sorted((r.in_force_from, r.ended_on or r.valid_to, r.number) for r in rows if r.in_force_from is not None)
    for (_, last, number), (first, _, other) in itertools.pairwise(covered):
        assert last < first, (number, other)
    for row in rows:
        assert (row.in_force_from is None) == (row.state in {State.DRAFT, State.SIGNING, State.VOID})
        if row.in_force_from is not None:
            assert all(p.signed_at is not None for p in row.parties)
