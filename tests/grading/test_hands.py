"""A small county: the pages say who may still act, and that the one who compares two sheets neither reviews nor decides."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.db import db
from app.core.errors import Refused
from app.core.transaction import transaction
from app.grading import operations, queries
from app.grading.queries import hands, pairs
from app.grading.rules import ProposalState
from app.people.models import Resident
from tests.factories import County
from tests.grading.test_pairs import opened, scored


def only(county: County, *usernames: str) -> None:
    """The county's offices hold these accounts and no other."""
    with transaction() as tx:
        tx.act = "test.small"
        for name in ("county_officer_a", "county_officer_b", "county_reviewer", "county_reviewer_b"):
            county.user(name).active = name in usernames


def differing(county: County, **changed: Any) -> Any:
    """Two sheets of a blind pair that do not say the same; the first case leaves tiers that agree."""
    pair = opened(county)
    scored(county, "assessor_a", "a")
    scored(county, "assessor_b", "a", **changed)
    return pair


def page(county: County, sign_in: Any, who: str, path: str) -> str:
    """The text of a page as somebody sees it."""
    return str(sign_in(who).get(path).get_data(as_text=True))


def test_one_officer_and_one_reviewer_are_enough_when_the_reviewer_compares(county: County, sign_in: Any) -> None:
    only(county, "county_officer_a", "county_reviewer")
    pair = differing(county, **{"1.1": "A1"})
    officer, reviewer = county.actor("county_officer_a"), county.actor("county_reviewer")
    assert "就没有足够的人" in page(county, sign_in, "county_officer_a", f"/sheet-pairs/{pair.id}")
    assert not hands.for_pair(pairs.members(pair.id), officer.person_key).enough
    result = operations.adjudicate_pair(reviewer, pair.id, {"answers.1.1": "A0"}, {"1": "当场再看"}, "两份都看过")
    proposal = queries.proposal_of(result.id)
    assert proposal is not None
    assert proposal.state is ProposalState.PROPOSED
    left = hands.for_proposal(proposal)
    assert (left.enough, left.deciders) == (True, (county.user("county_officer_a").name,))
    said = page(county, sign_in, "county_officer_a", f"/grade-proposals/{proposal.id}")
    assert "接下来由谁办" in said
    assert "没有人可以认定" not in said
    operations.decide_grade(officer, proposal.id, proposal.proposed_grade, "同意")


def test_who_compared_is_told_that_somebody_else_must_decide_and_what_to_do(county: County, sign_in: Any) -> None:
    only(county, "county_officer_a", "county_reviewer")
    pair = differing(county, **{"1.1": "A1"})
    officer = county.actor("county_officer_a")
    result = operations.adjudicate_pair(officer, pair.id, {"answers.1.1": "A0"}, {"1": "当场再看"}, "两份都看过")
    proposal = queries.proposal_of(result.id)
    assert proposal is not None
    with pytest.raises(Refused):
        operations.decide_grade(officer, proposal.id, proposal.proposed_grade, "同意")
    said = page(county, sign_in, "county_officer_a", f"/grade-proposals/{proposal.id}")
    assert "没有人可以认定这个档次" in said
    assert "系统管理员" in said
    assert "您参与了这份评估" in said
    only(county, "county_officer_a", "county_officer_b", "county_reviewer")
    left = hands.for_proposal(proposal)
    assert (left.enough, left.deciders) == (True, (county.user("county_officer_b").name,))
    operations.decide_grade(county.actor("county_officer_b"), proposal.id, proposal.proposed_grade, "同意")


def test_two_accounts_of_one_person_count_once(county: County) -> None:
    only(county, "county_officer_a", "county_officer_b", "county_reviewer")
    with transaction() as tx:
        tx.act = "test.same"
        county.user("county_officer_b").person_key = county.user("county_officer_a").person_key
    assert len(hands.able("grades.decide", ())) == 1
    pair = differing(county, **{"1.1": "A1"})
    left = hands.for_pair(pairs.members(pair.id), county.actor("county_officer_a").person_key)
    assert (left.deciders, left.enough) == ((), False)


def test_a_review_needs_two_different_people_after_the_comparison(county: County) -> None:
    only(county, "county_officer_a", "county_officer_b", "county_reviewer")
    pair = differing(county, **{"1.1": "A1"})
    sheets = pairs.members(pair.id)
    assert hands.for_pair(sheets, county.actor("county_officer_a").person_key).enough
    assert not hands.for_pair(sheets, county.actor("county_reviewer").person_key).enough
    resident = db.session.get(Resident, pair.resident_id)
    assert resident is not None
    assert hands.for_pair(sheets, "nobody").apart
