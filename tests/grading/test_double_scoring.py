"""Double scoring: the seed before the list, the list frozen, the draw repeatable; agreement of the pairs that come of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden, Invalid, Refused
from app.grading import operations
from app.grading.queries import agreement
from assessments.draw import commitment, draw, fingerprint
from tests.factories import County, resident
from tests.grading.test_pairs import opened, scored

SignIn = Callable[[str], FlaskClient]
MAY = dt.datetime(2026, 5, 4, 2, tzinfo=dt.UTC)


def test_the_seed_comes_before_the_list_and_both_are_frozen(county: County) -> None:
    officer = county.actor("county_officer_a")
    with clock.at(MAY):
        with pytest.raises(Forbidden):
            operations.commit_draw(county.actor("assessor_a"), "2026-05")
        with pytest.raises(Invalid):
            operations.commit_draw(officer, "2026-13")
        with pytest.raises(Refused):
            operations.commit_draw(officer, "2026-04")
        row = operations.commit_draw(officer, "2026-05")
        assert row.seed_sha256 == commitment(row.seed)
        with pytest.raises(Refused):
            operations.commit_draw(officer, "2026-05")
        for number in range(20):
            resident(f"新人{number}")
        operations.close_draw(officer, row.id)
        assert row.entries is not None
        assert row.drawn is not None
        assert len(row.entries) == 24
        assert len(row.drawn) == 3
        assert (row.entries_sha256, row.drawn) == (fingerprint(row.entries), draw(row.entries, row.seed))
        with pytest.raises(Refused):
            operations.close_draw(officer, row.id)
    for change in ("seed = 'x'", "drawn = '[]'", "entries = '[]'"):
        with pytest.raises(DBAPIError), db.engine.begin() as connection:
            connection.execute(text(f"UPDATE double_draw SET {change} WHERE id = {row.id}"))


def test_the_pages_hide_the_seed_until_the_list_is_closed(county: County, sign_in: SignIn) -> None:
    with clock.at(MAY):
        officer = sign_in("county_officer_a")
        assert "定下2026年5月的种子" in officer.get("/double-scoring").text
        row = operations.commit_draw(county.actor("county_officer_a"), "2026-05")
        page = officer.get(f"/double-scoring/{row.id}").text
        assert row.seed_sha256 in page
        assert row.seed not in page
        assert officer.get(f"/double-scoring/{row.id}/list.txt").status_code == 404
        operations.close_draw(county.actor("county_officer_a"), row.id)
        page = officer.get(f"/double-scoring/{row.id}").text
        assert row.seed in page
        assert "python -m assessments draw 2026-05.txt" in page
        entries = officer.get(f"/double-scoring/{row.id}/list.txt").text.split()
        assert draw(entries, row.seed) == row.drawn


def test_agreement_is_counted_from_settled_blind_pairs_only(county: County, sign_in: SignIn) -> None:
    opened(county)
    scored(county, "assessor_a", "a")
    assert agreement.agreement().pairs == 0  # while the other sheet is open nothing of the first is told
    scored(county, "assessor_b", "a", **{"1.1": "A2"})
    found = agreement.agreement()
    assert (found.pairs, found.whole.n, found.whole.same) == (1, 30, 29)
    assert found.whole.value is not None
    assert 0.3 < found.whole.value < 0.7
    assert [row.name for row in found.assessors] == ["评估员1", "评估员2"]
    assert [(row.name, row.kappa.same) for row in found.items if row.kappa.same != row.kappa.n] == [("进食", 2)]
    assert [row.name for row in found.couples] == ["评估员1、评估员2"]
    assert len(found.months) == 1
    page = sign_in("auditor").get("/agreement").text
    for words in ("按两人组合", "97 %", "无法计算"):
        assert words in page
