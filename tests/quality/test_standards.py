"""Rules as controlled documents: drafted, previewed, approved by another person, frozen; and what the pages show."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.core import rulebook
from app.core.db import db
from app.core.errors import Forbidden, Invalid, Refused
from app.core.models import RuleDocument, RuleState
from app.core.transaction import transaction
from app.quality import operations, queries
from app.quality.queries.previews import preview
from tests.contracts.test_pages import post
from tests.settlement.conftest import Q1, Quarter

SignIn = Callable[[str], FlaskClient]
MAY = dt.date(2026, 5, 1)


def draft(quarter: Quarter, start: dt.date = MAY, **figures: int) -> RuleDocument:
    """A pay table of the county drafted by its officer."""
    return operations.draft_pay_table(
        quarter.officer,
        title="照料护理标准",
        in_force_from=start,
        status="local",
        source="测试文件",
        figures={"half_care": 28500, "full_care": 56900, **figures},
    )


def test_a_draft_is_no_rule_until_a_second_person_publishes_it(quarter: Quarter) -> None:
    row = draft(quarter)
    assert rulebook.rule_in_force("pay_table", MAY).code == "taojiang-2022"
    with pytest.raises(Forbidden):
        operations.publish_rule(quarter.officer, row.id, reason="自己批准")
    with pytest.raises(Invalid):
        operations.publish_rule(quarter.reviewer, row.id, reason=" ")
    row = operations.publish_rule(quarter.reviewer, row.id, reason="经局务会研究同意")
    assert row.state is RuleState.PUBLISHED
    assert rulebook.rule_in_force("pay_table", MAY - dt.timedelta(days=1)).code == "taojiang-2022"
    assert rulebook.rule_in_force("pay_table", MAY).body["monthly_fen"]["full_care"] == 56900
    with pytest.raises(Refused):
        operations.reject_rule(quarter.reviewer, row.id, reason="太晚了")


def test_the_same_person_with_two_accounts_is_one_person(quarter: Quarter) -> None:
    row = draft(quarter)
    with transaction() as tx:
        tx.act = "test.person"
        quarter.county.user("county_reviewer").person_key = quarter.county.user("county_officer_a").person_key
    with pytest.raises(Refused):
        operations.publish_rule(quarter.county.actor("county_reviewer"), row.id, reason="另一个账号")


def test_nothing_begins_in_the_past_and_versions_count_up(quarter: Quarter) -> None:
    late = draft(quarter, dt.date(2026, 4, 1))
    with pytest.raises(Refused):
        operations.publish_rule(quarter.reviewer, late.id, reason="补发")
    assert (late.version, draft(quarter).version) == (1, 2)
    operations.reject_rule(quarter.reviewer, late.id, reason="日期不对")
    assert late.state is RuleState.REJECTED


def test_a_published_rule_is_frozen_in_the_database(quarter: Quarter) -> None:
    row = operations.publish_rule(quarter.reviewer, draft(quarter).id, reason="同意")
    for change in ("body = 'x'", "in_force_from = '2026-01-01'", "state = 'draft'"):
        with pytest.raises(DBAPIError), db.engine.begin() as connection:
            connection.execute(
                text(f"UPDATE rule_document SET {change} WHERE id = :id"), {"id": row.id}
            )  # the changes above
    with pytest.raises(DBAPIError), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM rule_document WHERE id = :id"), {"id": row.id})


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("pay_table", "kind = ", "无法读取规则"),
        ("scorecard", 'kind = "pay_table"', "无法读取规则"),
        ("pay_table", "", "无法读取规则"),
    ],
)
def test_a_broken_text_is_refused_in_words(quarter: Quarter, kind: str, body: str, words: str) -> None:
    before = len(queries.versions(kind))
    with pytest.raises(Invalid) as refusal:
        operations.draft_rule(quarter.officer, kind, body)
    assert refusal.value.field == "body"
    assert words in refusal.value.message or "cannot be read" in refusal.value.message
    assert len(queries.versions(kind)) == before


def test_the_preview_counts_people_and_fen(quarter: Quarter) -> None:
    quarter.contract()
    quarter.contract(grades=[(2, dt.date(2025, 1, 1), None)])
    ended = quarter.contract()
    with transaction() as tx:
        tx.act = "test.end"
        ended.ended_on = dt.date(2026, 4, 1)
        ended.state = type(ended.state)("ended")
    found = preview(draft(quarter))
    assert found.money is not None
    assert found.before is not None
    assert found.before.code == "taojiang-2022"
    assert [(g.grade, g.people, g.change) for g in found.money.grades] == [(2, 1, 2600), (3, 1, 5200)]
    assert found.money.month == 7800


def test_a_scorecard_is_tried_on_the_last_settled_quarter(quarter: Quarter) -> None:
    row = quarter.contract()
    quarter.records(row, dt.date(2026, 1, 1), dt.date(2026, 3, 31))
    quarter.fill()
    quarter.scored(row, B1=0)
    quarter.to_closed()
    body = rulebook.shipped_files("scorecard")[0].read_text("utf-8")
    body = body.replace("version = 1", "version = 2", 1).replace("from = 9000", "from = 9600", 1)
    body = body.replace("in_force_from = 2020-01-01", "in_force_from = 2026-07-01", 1)
    found = preview(operations.draft_rule(quarter.officer, "scorecard", body))
    assert found.bands is not None
    bands, moved, change = found.bands
    assert found.quarter == Q1
    assert moved == 1
    assert change == -7755, "5 % of 1551.00 yuan"
    assert [(b.band, b.before, b.after) for b in bands] == [("excellent", 1, 0), ("good", 0, 1)]


class TestPages:
    def test_a_pay_table_from_plain_fields_to_published(self, quarter: Quarter, sign_in: SignIn) -> None:
        quarter.contract()
        officer = sign_in("county_officer_a")
        form = "/standards/pay_table/new"
        filled = {"title": "照料护理标准", "in_force_from": "2026-05-01", "source": "旗政办发1号", "status": "local"}
        status, page = post(officer, form, form, **filled, half_care="285.123", full_care="-1", self_care="")
        assert status == 422
        assert "请填写金额" in page
        assert 'value="285.123"' in page, "what was typed is kept"
        status, page = post(officer, form, form, **filled, half_care="285", full_care="569.00", self_care="")
        assert status == 200
        assert "影响的人员与金额" in page
        assert "¥52.00" in page
        assert "等待另一人决定" in page
        row = db.session.scalars(select(RuleDocument).where(RuleDocument.code == "county")).one()
        url = f"/standards/versions/{row.id}"
        status, page = post(sign_in("county_reviewer"), url, url, decision="publish", reason="同意")
        assert status == 200
        assert "已发布" in page
        page = sign_in("auditor").get("/standards").get_data(as_text=True)
        assert "外县示例" in page, "until May the example stays in force"

    def test_the_example_is_called_an_example(self, quarter: Quarter, sign_in: SignIn) -> None:
        page = sign_in("county_officer_a").get("/standards/pay_table").get_data(as_text=True)
        assert "桃江县" in page
        assert "示例或建议，非本旗县制定" in page

    @pytest.mark.parametrize(
        "kind", ["pay_table", "scorecard", "care_standard", "contract_template", "settlement_rule"]
    )
    def test_each_kind_opens_and_can_be_drafted_as_text(self, quarter: Quarter, sign_in: SignIn, kind: str) -> None:
        officer = sign_in("county_officer_a")
        assert officer.get(f"/standards/{kind}").status_code == 200
        form = f"/standards/{kind}/new?as=text"
        page = officer.get(form).get_data(as_text=True)
        assert f"kind = &#34;{kind}&#34;" in page or f'kind = "{kind}"' in page
        status, page = post(officer, form, form, body="x")
        assert status == 422
        assert "无法读取规则" in page

    def test_the_audit_log_reads_in_words_and_verifies(self, quarter: Quarter, sign_in: SignIn) -> None:
        draft(quarter)
        browser = sign_in("auditor")
        page = browser.get("/audit-log?act=rule.").get_data(as_text=True)
        assert "规则：起草" in page
        assert "rule.draft" not in page
        found = re.search(r'href="(/audit-log/\d+)"', page)
        assert found is not None
        page = browser.get(found[1]).get_data(as_text=True)
        assert "规则：起草" in page
        assert "上一条的指纹" in page
        assert "审计日志完整" in browser.get("/audit-log/verification").get_data(as_text=True)
        assert browser.get("/audit-log/999999").status_code == 404
        assert browser.get("/audit-log?from=2026-99-99&to=x&act=%25&q=%27").status_code == 200

    def test_a_tampered_entry_is_found_on_the_page(self, quarter: Quarter, sign_in: SignIn) -> None:
        draft(quarter)
        with db.engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.execute(text("DROP TRIGGER audit_entry_no_update"))
            else:
                connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_no_update"))
            connection.execute(text("UPDATE audit_entry SET actor_name = 'x' WHERE seq = 2"))
        page = sign_in("auditor").get("/audit-log/verification").get_data(as_text=True)
        assert "在第 2 条处断裂" in page
