"""Each instrument has its own months to the next regular assessment; they are the county's dated rule."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.rulebook import shipped_files
from app.grading import operations
from app.grading.documents import sheet_facts
from app.grading.jobs import JOBS
from app.grading.models import ReassessmentDue
from app.grading.operations.proposals import decide_grade, review_proposal
from app.grading.queries import due, proposal_of
from app.grading.queries.appeals import deadlines
from app.quality.operations import draft_rule, publish_rule
from tests.factories import County
from tests.grading.sheets import noon, submitted
from tests.grading.test_more_instruments import GB, given

D = dt.date
OPEN = next(job.run for job in JOBS if job.name == "reassessments-due")


def graded(county: County, row: Any) -> Any:
    """A sheet with a reviewed and decided grade, so that the next may come."""
    proposal = proposal_of(row.id)
    if proposal.state == "review":
        review_proposal(county.actor("county_reviewer"), proposal.id, 1, "两名评估员复核")
    decide_grade(county.actor("county_officer_a"), proposal.id, 1, "同意")
    return row


def names(county: County, on: dt.date, cause: str = "regular") -> set[str]:
    """Who stands on the due list for a cause on a day."""
    query = due.due_list(county.actor("assessor_a"), cause=cause, on=on)
    return {resident.name for resident in db.session.scalars(query).unique()}


def two(county: County) -> None:
    """甲 assessed with GB/T 42195, 乙 with the thirty observations, both on 15 January 2026."""
    with clock.at(noon(D(2026, 1, 15))):
        graded(county, given(county, GB, "甲老人"))
        graded(county, submitted(county, name="乙老人"))


def test_the_interval_is_that_of_the_last_sheets_instrument(county: County) -> None:
    two(county)
    assert names(county, D(2026, 6, 14)) == set()
    assert names(county, D(2026, 7, 16)) == {"乙老人"}
    assert names(county, D(2026, 12, 15)) == {"乙老人"}
    assert names(county, D(2026, 12, 16)) == {"甲老人", "乙老人"}
    officer = county.actor("county_officer_a")
    assert due.overdue(officer, D(2026, 7, 16)) == [D(2026, 7, 15)]
    assert sorted(due.overdue(officer, D(2027, 1, 16))) == [D(2026, 7, 15), D(2027, 1, 15)]
    people = [county.resident("甲老人"), county.resident("乙老人")]
    with clock.at(noon(D(2026, 7, 10))):
        rows = due.due_rows(county.actor("assessor_a"), people)
    assert [(row.causes, row.next_on) for row in rows] == [((), D(2027, 1, 15)), (("regular",), D(2026, 7, 15))]


def test_another_instrument_next_time_brings_its_own_rhythm(county: County) -> None:
    two(county)
    with clock.at(noon(D(2026, 7, 1))):
        graded(county, given(county, GB, "乙老人"))
        assert names(county, D(2026, 12, 30)) == {"甲老人"}
        assert names(county, D(2027, 6, 1)) == {"甲老人", "乙老人"}


def test_the_nightly_job_opens_each_in_its_own_time(county: County) -> None:
    two(county)

    def notes() -> list[dt.date]:
        return [row.due_on for row in db.session.query(ReassessmentDue).order_by(ReassessmentDue.due_on)]

    with clock.at(noon(D(2026, 6, 20))):
        assert OPEN(D(2026, 6, 20)).startswith("1 ")
        assert notes() == [D(2026, 7, 15)]
    with clock.at(noon(D(2026, 12, 20))):
        assert OPEN(D(2026, 12, 20)).startswith("1 ")
        assert OPEN(D(2026, 12, 20)).startswith("0 ")
        assert notes() == [D(2026, 7, 15), D(2027, 1, 15)]


def test_the_county_sets_other_months_from_a_day_on_and_every_due_date_follows(county: County) -> None:
    two(county)
    text = shipped_files("assessment_rule")[0].read_text()
    changed = (
        text.replace("version = 1", "version = 2")
        .replace("in_force_from = 2020-01-01", "in_force_from = 2026-09-01")
        .replace("gbt42195 = 12", "gbt42195 = 9")
    )
    with clock.at(noon(D(2026, 2, 1))):
        row = draft_rule(county.actor("county_officer_a"), "assessment_rule", changed)
        publish_rule(county.actor("county_reviewer"), row.id, reason="局务会同意")
    assert deadlines(D(2026, 8, 31)).months_of(GB) == 12
    assert deadlines(D(2026, 9, 1)).months_of(GB) == 9
    assert deadlines(D(2026, 9, 1)).months_of("nobody-named@1") == 6
    assert "甲老人" not in names(county, D(2026, 8, 31))
    assert "甲老人" not in names(county, D(2026, 9, 14))
    assert "甲老人" in names(county, D(2026, 9, 15))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("gbt42195 = 12", "gbt42195 = 0", "1 至 60"),
        ("gbt42195 = 12", 'gbt42195 = "12"', "1 至 60"),
        ("gbt42195 = 12", "gbt42159 = 12", "代码"),
        ("\nother = 6", "\n# other = 6", "other"),
    ],
)
def test_months_that_say_nothing_are_refused_in_words(county: County, old: str, new: str, words: str) -> None:
    text = shipped_files("assessment_rule")[0].read_text().replace("version = 1", "version = 2")
    assert text.count(old) == 1
    with pytest.raises(Invalid) as caught:
        draft_rule(county.actor("county_officer_a"), "assessment_rule", text.replace(old, new))
    assert words in caught.value.message


def test_documents_and_pages_name_the_day(county: County, sign_in: Any) -> None:
    with clock.at(noon(D(2026, 1, 15))):
        row = graded(county, given(county, GB, "甲老人"))
        facts = sheet_facts(row, county.resident("甲老人"), None)
        assert facts["next_on"] == "2027-01-15"
        page = sign_in("county_officer_a").get(f"/residents/{row.resident_id}/grades")
        assert "2027年1月15日" in page.get_data(as_text=True)


def test_a_sheet_may_be_as_old_as_its_instrument_allows(county: County) -> None:
    with clock.at(noon(D(2026, 8, 1))):
        actor = county.actor("assessor_a")
        rule = deadlines(clock.today())
        assert rule.next_due(GB, D(2026, 1, 15)) > clock.today() > rule.next_due("selfcare30@1", D(2026, 1, 15))
        with pytest.raises(Invalid) as caught:
            submitted(county, name="乙老人", assessed_on=D(2026, 1, 15))
        assert set(caught.value.errors or {}) == {"assessed_on"}
        row = operations.open_sheet(actor, county.resident("甲老人").id)
        assert row.state == "draft"
