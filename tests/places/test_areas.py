"""Division codes: loaded once, read from what the actor may see."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.auth.roles import system_actor
from app.core.db import db
from app.core.errors import Invalid, NotFound
from app.core.models import AuditEntry
from app.places import operations, queries
from app.places.models import Area, Level
from tests.factories import COUNTY, TOWNSHIP_A, VILLAGE_A, VILLAGE_B


def _count() -> int:
    return db.session.scalar(select(func.count()).select_from(Area)) or 0


def test_the_shipped_areas_load_and_load_again_without_change(county) -> None:
    assert operations.load_csv(system_actor()) == 1132
    first = _count()
    assert len(queries.areas_under(COUNTY, "township")) >= 12
    assert operations.load_csv(system_actor()) == 1132
    assert _count() == first
    assert db.session.get(Area, VILLAGE_A) is not None


def test_loaded_names_are_found_by_pinyin(county) -> None:
    operations.load_csv(system_actor())
    actor = county.actor("county_officer")
    assert "林东镇" in [a.name for a in queries.found_areas(actor, "ldz")]
    assert "林东镇" in [a.name for a in queries.found_areas(actor, "lindong")]
    assert "150422100" in [a.code for a in queries.found_areas(actor, "150422100")]


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({"code": "1504221", "name": "x", "parent": "150422", "level": "township"}, "9"),
        ({"code": "15042210x", "name": "x", "parent": "150422", "level": "township"}, "9"),
        ({"code": "150422999", "name": "", "parent": "150422", "level": "township"}, "80"),
        ({"code": "150422999", "name": "x", "parent": "150423", "level": "township"}, "6"),
        ({"code": "990422999", "name": "x", "parent": "990422", "level": "township"}, ""),
        ({"code": "150422999", "name": "x", "parent": "150422", "level": "hamlet"}, "province"),
    ],
)
def test_one_bad_row_refuses_all(county, row: dict[str, str], word: str) -> None:
    before = _count()
    good = {"code": "150422998", "name": "好镇", "parent": COUNTY, "level": "township"}
    with pytest.raises(Invalid) as refused:
        operations.load_areas(system_actor(), [good, row])
    assert "3" in refused.value.message
    assert word in refused.value.message
    assert _count() == before


def test_a_code_twice_in_one_file_is_refused(county) -> None:
    row = {"code": "150422998", "name": "好镇", "parent": COUNTY, "level": "township"}
    with pytest.raises(Invalid):
        operations.load_areas(system_actor(), [row, row])


def test_loading_is_audited(county) -> None:
    operations.load_areas(
        system_actor(), [{"code": "150422998", "name": "好镇", "parent": COUNTY, "level": "township"}]
    )
    acts = set(db.session.scalars(select(AuditEntry.act)))
    assert "areas.load" in acts


def test_a_file_that_is_no_text_is_refused_in_words(county, tmp_path) -> None:
    file = tmp_path / "areas.csv"
    file.write_bytes(b"\xff\xfe\x00code")
    with pytest.raises(Invalid):
        operations.load_csv(system_actor(), file)
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(Invalid):
        operations.load_csv(system_actor(), file)


def test_an_actor_sees_the_own_subtree_only(county) -> None:
    actor = county.actor("township_officer_a")
    codes = {a.code for a in db.session.scalars(queries.visible(actor))}
    assert VILLAGE_A in codes
    assert VILLAGE_B not in codes
    with pytest.raises(NotFound):
        queries.area(actor, VILLAGE_B)
    with pytest.raises(NotFound):
        queries.area(actor, COUNTY)


def test_an_account_without_an_area_sees_none(county) -> None:
    assert db.session.scalars(queries.visible(county.actor("system_admin"))).all() == []


def test_names_and_paths(county) -> None:
    assert queries.area_name(TOWNSHIP_A) == "林东镇"
    assert queries.area_name(None) == queries.area_name("000000") == ""
    assert [a.name for a in queries.area_path(VILLAGE_A)] == ["巴林左旗", "林东镇", "东城村"]
    assert [a.code for a in queries.areas_under(TOWNSHIP_A, Level.VILLAGE)] == [VILLAGE_A, VILLAGE_A[:-1] + "1"]


def test_scope_is_by_whole_codes(county) -> None:
    """150422100 is no prefix of 150422101200, and a range of codes says so too."""
    rows = db.session.scalars(select(Area.code).where(queries.within(Area.code, TOWNSHIP_A))).all()
    assert set(rows) == {c for c in db.session.scalars(select(Area.code)) if c.startswith(TOWNSHIP_A)}
