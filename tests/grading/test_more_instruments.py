"""A sheet of another instrument: chosen while it is empty, filled, handed in, shown beside the county's own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

import assessments
from app.core.errors import Invalid, Refused
from app.grading import operations
from app.grading.queries import proposal_of
from tests.assessments.sheets import sheet as whole
from tests.factories import County
from tests.grading.sheets import head, submitted

GB = "gbt42195@2022"


def given(county: County, key: str, name: str = "甲老人", **changes: Any) -> Any:
    """A submitted sheet of an instrument, all best but for ``changes``."""
    actor = county.actor("assessor_a")
    row = operations.open_sheet(actor, county.resident(name).id)
    row = operations.choose_instrument(actor, row.id, key)
    body = whole(key, answers=changes)
    operations.save_draft(actor, row.id, answers=body["answers"], facts=body["facts"], **head(county))
    return operations.submit_sheet(actor, row.id)


@pytest.mark.parametrize("key", assessments.available())
def test_a_sheet_of_every_instrument_is_filled_handed_in_shown_and_printed(
    app: Flask, county: County, sign_in: Any, key: str
) -> None:
    client, actor = sign_in("assessor_a"), county.actor("assessor_a")
    app.config["WTF_CSRF_ENABLED"] = False
    row = operations.open_sheet(actor, county.resident().id)
    assert client.post(f"/sheets/{row.id}/instrument", data={"instrument": key}).status_code == 302
    app.config["WTF_CSRF_ENABLED"] = True
    body = whole(key)
    page = client.get(f"/sheets/{row.id}/edit")
    assert page.status_code == 200
    asked = set(re.findall(r'name="(answers\.[^"]+|facts\.[^"]+)"', page.get_data(as_text=True)))
    assert asked == {f"answers.{n}" for n in body["answers"]} | {f"facts.{n}" for n in body["facts"]}
    operations.save_draft(actor, row.id, answers=body["answers"], facts=body["facts"], **head(county))
    assert client.get(f"/sheets/{row.id}/summary").status_code == 200
    done = operations.submit_sheet(actor, row.id)
    assert (done.instrument, done.proposed_grade) == (key, 1)
    assert client.get(f"/sheets/{row.id}").status_code == 200
    assert client.get(f"/sheets/{row.id}/report.pdf").status_code == 200


def test_only_an_empty_draft_changes_its_instrument(county: County) -> None:
    actor = county.actor("assessor_a")
    row = operations.open_sheet(actor, county.resident().id)
    with pytest.raises(Invalid):
        operations.choose_instrument(actor, row.id, "nothing@1")
    operations.save_draft(actor, row.id, answers={"1.1": "A0"})
    with pytest.raises(Refused):
        operations.choose_instrument(actor, row.id, GB)
    assert row.instrument == "selfcare30@1"


def test_the_newest_sheets_of_other_instruments_stand_side_by_side_when_wanted(county: County, sign_in: Any) -> None:
    client = sign_in("assessor_a")
    county_decides(county, submitted(county, "b"))
    second = given(county, GB, **{"B.1.3": 2})
    page = client.get(f"/sheets/{second.id}").get_data(as_text=True)
    assert 'name="with"' in page
    assert "75 分" not in page
    beside = client.get(f"/sheets/{second.id}?with=selfcare30@1").get_data(as_text=True)
    assert "75 分（满分 100）" in beside
    assert "88 分（满分 90）" in beside


def county_decides(county: County, row: Any) -> None:
    """The proposal of a sheet is reviewed and decided, so that the next sheet may come."""
    proposal = proposal_of(row.id)
    assert proposal is not None
    reviewer, officer = county.actor("county_reviewer"), county.actor("county_officer_a")
    operations.review_proposal(reviewer, proposal.id, 3, "复核：五项能力须他人帮助")
    operations.decide_grade(officer, proposal.id, 3, "同意复核意见")
