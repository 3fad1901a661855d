"""A draft freezes what it is made of, or names everything that stands in its way."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from app.contracts import drafting, operations, queries
from app.contracts.models import Contract
from app.contracts.rules import State
from app.contracts.rules.amending import compare
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotFound
from app.core.transaction import transaction
from app.people.models import Setting
from app.places.models import Organisation
from tests.contracts.conftest import FIRST, Table, rows
from tests.factories import VILLAGE_A2, resident
from tests.settlement.conftest import Quarter, publish_pay_table

D = dt.date


def institutional(table: Table) -> Organisation:
    """The resident moves into the township's institution."""
    house = table.county.organisation("institution_a")
    with transaction() as tx:
        tx.act = "test.moved_in"
        table.resident.setting, table.resident.institution_id = Setting.INSTITUTIONAL, house.id
    return house


def clause_of(row: Contract, name: str) -> dict[str, str]:
    """One clause of a contract's text."""
    return next(c for c in row.body["clauses"] if c["id"] == name)


class TestDrafting:
    def test_a_draft_freezes_parties_clauses_and_annexes(self, table: Table) -> None:
        row = table.draft()
        assert row.state is State.DRAFT
        assert (row.valid_from, row.valid_to) == (FIRST, D(2027, 5, 9))
        assert [p["slot"] for p in row.body["parties"]] == [f"P{n}" for n in range(1, 8)]
        assert {c["party"] for c in row.body["clauses"]} == {f"P{n}" for n in range(1, 8)}
        assert row.body["annexes"]["pay_table"]["monthly_fen"] == 51700
        assert "外县示例" in row.body["annexes"]["pay_table"]["title"]["zh"]
        assert "人民币伍佰壹拾柒元整" in row.body["general"][1]["zh"]
        assert "$" not in str(row.body)

    def test_home_care_names_the_supporting_institution_and_its_own_clause(self, table: Table) -> None:
        row = table.draft()
        assert row.institution_id == table.county.organisation("institution_a").id
        clause = next(c for c in row.body["clauses"] if c["id"] == "P5.support")
        assert "P5.house" not in {c["id"] for c in row.body["clauses"]}
        assert "替代照料" in clause["zh"]
        assert "settings" not in clause

    def test_the_payee_follows_from_the_form_of_support_in_both_languages(self, table: Table) -> None:
        """ADR 42: at home the caregiver, in an institution the institution; a text says it, data say it, a trigger keeps it."""
        home = table.draft()
        assert (home.payee_id, home.body["payee"]) == (None, "P6")
        assert "转入护理人员账户" in clause_of(home, "P2.pay")["zh"]
        inside = institutional(table)
        row = table.draft(D(2027, 6, 1))
        assert (row.payee_id, row.body["payee"]) == (inside.id, "P5")
        pay, wages = clause_of(row, "P2.pay"), clause_of(row, "P5.wages")
        assert "转入供养机构账户" in pay["zh"]
        assert "institution's account" in pay["en"]
        assert "不得因补贴扣发而克扣" in wages["zh"]
        assert "pays them in full" in wages["en"]
        assert any(inside.name in point["zh"] and inside.name in point["en"] for point in row.body["points"])
        assert row.body["binds"]["pay_table"] == ["P1", "P2", "P5", "P6"]
        assert len({c["id"] for c in row.body["clauses"]}) == len(row.body["clauses"])
        assert {"P2", "P5", "P6"} <= set(compare(home.body, row.body).signers), "who pays, who was paid, who is paid"
        same = {**row.body, "payee": "P6"}
        assert compare(row.body, same).signers == ("P2", "P5", "P6")
        sent = operations.send_contract(table.township, row.id)
        with pytest.raises(DBAPIError, match="fixed once"), transaction():
            db.session.execute(update(Contract).where(Contract.id == sent.id).values(payee_id=None))

    def test_an_older_text_pays_whom_it_names(self, table: Table) -> None:
        """Under the second version, which a county may have kept as its own, an institutional contract pays the caregiver."""
        institutional(table)
        text = (Path(drafting.__file__).parent / "policies" / "contract-template-2021.toml").read_text("utf-8")
        publish_pay_table(body=text.replace("in_force_from = 2021-07-01", "in_force_from = 2026-05-01"))
        found = table.draft()
        assert found.body["annexes"]["template"]["version"] == "2"
        assert (found.payee_id, found.body.get("payee")) == (None, None)
        assert "转入护理人员账户" in clause_of(found, "P2.pay")["zh"]

    def test_every_obstacle_is_named_and_nothing_is_stored(self, table: Table) -> None:
        before = rows(Contract)
        other = resident("无档次老人")
        with pytest.raises(Invalid) as refusal:
            operations.draft_contract(table.township, other.id, table.caregiver.id, FIRST, FIRST - dt.timedelta(days=1))
        words = refusal.value.errors["obstacles"].splitlines()
        assert len(words) == 3, words
        assert rows(Contract) == before

    def test_training_below_the_grade_is_an_obstacle(self, table: Table) -> None:
        with transaction() as tx:
            tx.act = "test.tier"
            table.caregiver.tier_valid_to = FIRST - dt.timedelta(days=1)
        with pytest.raises(Invalid):
            table.draft()

    def test_two_contracts_never_share_a_day(self, table: Table) -> None:
        table.draft()
        with pytest.raises(Invalid):
            table.draft(D(2027, 5, 9))
        assert table.draft(D(2027, 5, 10)).number.startswith("XY2027-")

    def test_others_residents_and_caregivers_are_not_found(self, table: Table) -> None:
        foreign = table.county.resident("乙老人")
        with pytest.raises(NotFound):
            operations.draft_contract(table.township, foreign.id, table.caregiver.id, FIRST)
        with pytest.raises(NotFound):
            operations.draft_contract(table.township, table.resident.id, table.county.caregiver("护理员2").id, FIRST)


def _untrained(table: Table) -> None:
    table.caregiver.tier_valid_to = FIRST - dt.timedelta(days=1)


def _gone(table: Table) -> None:
    table.caregiver.active = False


def _moved(table: Table) -> None:
    table.resident.area_code = VILLAGE_A2


def _other_house(table: Table) -> None:
    """The township's house closes; another one is designated."""
    old = table.county.organisation("institution_a")
    old.active = False
    db.session.add(Organisation(kind=old.kind, name="新敬老院", search="新敬老院", area_code=old.area_code, beds=10))


def _regraded(table: Table) -> None:
    grade = queries.grade_on(table.resident.id, FIRST)
    assert grade is not None
    grade.valid_to = FIRST - dt.timedelta(days=1)
    db.session.flush()
    Quarter(table.county).grade(table.resident, 2, FIRST)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_untrained, "培训"),
        (_gone, "不在岗"),
        (_moved, "没有登记机构|有变化"),
        (_other_house, "签约方有变化"),
        (_regraded, "以前的照料护理档次|有变化"),
    ],
)
def test_everything_is_checked_again_before_sending_and_said_in_words(
    table: Table, change: Callable[[Table], None], words: str
) -> None:
    row = table.draft()
    with transaction() as tx:
        tx.act = "test.change"
        change(table)
    with pytest.raises(DomainError) as refusal:
        operations.send_contract(table.township, row.id)
    said = " ".join([refusal.value.message, *getattr(refusal.value, "errors", {}).values()])
    assert re.search(words, said), said
    assert queries.contract(table.township, row.id).state is State.DRAFT
