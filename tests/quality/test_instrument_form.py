"""The next version of the instrument in plain fields: the same draft as its text, errors beside the field they belong to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from typing import Any

import lxml.html
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core.models import RuleDocument
from app.grading import instruments
from app.quality import queries
from app.quality.queries import regrading
from assessments.revision import values_of
from tests.settlement.conftest import Quarter
from tests.support.forms import forms, same
from tests.support.hostile import Rotation

SignIn = Callable[[str], FlaskClient]
NEW = "/standards/instrument/new"
ENDPOINT = "quality.new_rule"
DAY = "2026-06-01"


class Desk:
    """An officer with the form open, filled as it comes."""

    def __init__(self, app: Flask, sign_in: SignIn, who: str = "county_officer_a") -> None:
        self.app, self.client = app, sign_in(who)
        page = self.client.get(NEW)
        self.shown = self.fields(page)
        tokens = lxml.html.document_fromstring(page.text).xpath("//form//input[@name='csrf_token']/@value")
        self.token = str(tokens[-1])

    def fields(self, response: TestResponse) -> dict[str, str]:
        """What stands in the form of a page."""
        return forms(self.app, response)[ENDPOINT].values()

    def send(self, without: Collection[str] = (), **changes: str) -> TestResponse:
        """Post the form; ``changes`` by place, ``without`` some fields left out."""
        head = {"csrf_token": self.token, "in_force_from": DAY, "source": "局务会纪要 2026-5"}
        data = {name: value for name, value in {**self.shown, **head, **changes}.items() if name not in without}
        return self.client.post(NEW, data=data)


@pytest.fixture
def desk(app: Flask, quarter: Quarter, sign_in: SignIn) -> Desk:
    """3 April 2026, a county officer before the form."""
    return Desk(app, sign_in)


def newest() -> RuleDocument:
    """The last draft stored."""
    return queries.versions("instrument")[0]


def wrong(response: TestResponse) -> dict[str, str]:
    """Id of each field that is marked wrong, with the words beside it."""
    assert response.status_code == 422
    page = lxml.html.document_fromstring(response.text)
    marked = {
        f.get("id"): page.get_element_by_id(f"{f.get('id')}-error") for f in page.xpath("//*[@aria-invalid='true']")
    }
    summary = {a.get("href") for a in page.xpath("//*[@data-error-summary]//a")}
    assert {f"#{name}" for name in marked} <= summary
    for name in marked:
        closed = page.get_element_by_id(name).xpath("ancestor::details[not(@open)]")
        assert not closed, f"{name} is wrong inside a closed part"
    return {name: words.text_content().strip() for name, words in marked.items()}


def test_the_form_states_every_value_and_unchanged_it_is_the_text_that_changes_nothing(desk: Desk) -> None:
    base = instruments.in_force(dt.date(2026, 5, 1))
    values = values_of(base)
    assert {name: desk.shown[name] for name in values} == values
    assert len(values) == 2 * 18 + 3 + 30 * 6 + 69
    assert desk.send().status_code == 302
    row = newest()
    assert regrading.draft(row).differences == []
    own = regrading.next_text(dt.date(2026, 6, 1), 1).splitlines()
    assert [line for line in row.body.splitlines() if line not in own] == ['source = "局务会纪要 2026-5"']


def test_what_was_changed_in_fields_is_what_the_text_would_have_said(desk: Desk) -> None:
    changes = {
        "cut_offs.score.half_care.from": "65", "cut_offs.score.full_care.to": "60", "caps.8.1.A2": "5", "met.8.1": "A2",
        "met.9.1": "A1", "met.1.2": "", "rulings.1003": "2", "level_changes.raising": "per_cause",
        "proposal.when_tiers_differ": "score", "title_zh": "本县自理能力评估", "status": "local",
    }  # fmt: skip
    answer = desk.send(**changes)
    row = newest()
    assert answer.headers["Location"].endswith(f"/standards/versions/{row.id}")
    made = instruments.read(row.body)
    expected = values_of(instruments.in_force(dt.date(2026, 6, 1))) | {k: v for k, v in changes.items() if "." in k}
    assert values_of(made) == expected
    assert (made.title["zh"], made.in_force_from, made.version) == ("本县自理能力评估", DAY, "2")
    page = desk.client.get(f"/standards/versions/{row.id}").text
    for words in ("分数档次：半护理", "65–95", "验证", "每个原因各提高一次", "以这一版的数值起草下一版"):
        assert words in page
    again = desk.fields(desk.client.get(f"{NEW}?start={row.id}"))
    assert {name: again[name] for name in expected} == expected
    opened = lxml.html.document_fromstring(desk.client.get(f"{NEW}?start={row.id}").text).xpath(
        "//details[@open]/summary"
    )
    assert sum("床椅转移" in one.text_content() or "进食" in one.text_content() for one in opened) == 2
    assert desk.client.get(f"{NEW}?start=99999").status_code == 404


WRONG: list[tuple[dict[str, str], dict[str, str]]] = [
    (
        {
            "in_force_from": "2026-06-02", "title_zh": " ", "cut_offs.score.half_care.from": "96",
            "cut_offs.abilities.full_care.to": "7", "cut_offs.adl.2.to": "70", "cut_offs.mental.1.from": "",
            "caps.8.1.A2": "7", "rulings.1003": "4", "met.1.1": "A5",
        },
        {
            "in_force_from": "1日", "title_zh": "名称", "cut_offs.score.half_care.to": "小于",
            "cut_offs.abilities.full_care.to": "0 到 6", "cut_offs.adl.2.from": "重叠", "cut_offs.mental.1.from": "整数",
            "caps.8.1.A2": "", "rulings.1003": "", "met.1.1": "",
        },
    ),
    (
        {"in_force_from": "2026-04-01", "cut_offs.score.half_care.from": "101", "cut_offs.mental.1.from": "一"},
        {"in_force_from": "今后", "cut_offs.score.half_care.from": "0 到 100", "cut_offs.mental.1.from": ""},
    ),
    ({"in_force_from": "", "source": ""}, {"in_force_from": "日期", "source": "文件"}),
]  # fmt: skip
"""What somebody sends, and at which fields which words stand then."""


@pytest.mark.parametrize(("changes", "places"), WRONG)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_stored(
    desk: Desk, changes: dict[str, str], places: dict[str, str]
) -> None:
    answer = desk.send(**changes)
    said = wrong(answer)
    assert said.keys() == places.keys()
    assert {name for name, words in places.items() if words not in said[name]} == set()
    assert not queries.versions("instrument")
    kept = desk.fields(answer)
    typed = {n: v for n, v in changes.items() if v.strip() and not n.startswith(("caps", "rulings", "met"))}
    assert {name: kept[name] for name in typed} == typed


def test_a_field_that_was_not_sent_is_missing_and_not_what_stood_there(desk: Desk) -> None:
    left_out = {"caps.1.1.A0", "met.1.1", "rulings.0003", "cut_offs.score.half_care.to"}
    assert set(wrong(desk.send(without=left_out))) == left_out
    assert not queries.versions("instrument")


def test_a_hole_between_bands_is_found_by_the_proof_on_the_page_of_the_draft(desk: Desk) -> None:
    assert desk.send(**{"cut_offs.score.full_care.to": "35"}).status_code == 302
    assert "不能发布" in desk.client.get(f"/standards/versions/{newest().id}").text


def test_who_may_not_draft_sees_no_form(quarter: Quarter, sign_in: SignIn) -> None:
    assert sign_in("township_officer_a").get(NEW).status_code == 403


def test_hostile_titles_are_refused_in_words_or_kept_exactly(desk: Desk) -> None:
    rotation, kept = Rotation(), 0
    for _round in range(12):
        titles: dict[str, Any] = {name: rotation.next("title") for name in ("title_zh", "title_en", "source")}
        answer = desk.send(**titles)
        if answer.status_code == 302:
            row, kept = newest(), kept + 1
            assert same(row.title_zh, titles["title_zh"])
            assert same(row.title_en, titles["title_en"])
            assert same(row.source, titles["source"])
        else:
            assert answer.status_code == 422
            shown = desk.fields(answer)
            assert all(same(shown[name], value) for name, value in titles.items())
    assert kept > 1
