"""Taking a table away: one way, noted, and the file says who took it."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from sqlalchemy import select

from app.core import clock, tables
from app.core.db import db
from app.core.errors import Forbidden
from app.core.models import AuditEntry

NOON = dt.datetime(2026, 3, 31, 4, 0, tzinfo=dt.UTC)


def taken() -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.act == "table.export")))


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_file_says_who_took_it_and_the_audit_log_says_the_same(county: Any, kind: str) -> None:
    with clock.at(NOON):
        file = tables.export(
            county.actor("township_officer_a"),
            "residents",
            "特困人员",
            ["姓名"],
            iter([["王芳"], ["李芳"]]),
            kind,
            permission="people.export",
            filters={"q": "芳"},
        )
    (entry,) = taken()
    changes = {"table": "residents", "rows": 2, "kind": kind, "filters": {"q": "芳"}}
    assert {name: json.loads(entry.changes)[name] for name in changes} == changes
    assert file.name == f"特困人员-{entry.object_id}.{kind}"
    mark = tables.read(file.name, file.data)[0][0]
    for word in ("township_officer_a", "乡镇经办人员", "2026-03-31 12:00:00 +08:00", entry.object_id):
        assert word in mark
    assert [row.cells["姓名"] for row in tables.read_rows(file.name, file.data).rows] == ["王芳", "李芳"]


def test_numbers_that_somebody_searched_for_do_not_stay_in_the_audit_log(county: Any) -> None:
    actor = county.actor("auditor")
    filters = {"q": "999999194605120021 芳 13800001234", "township": "150422100"}
    tables.export(actor, "residents", "表", ["甲"], [], "csv", permission="people.export", filters=filters)
    (entry,) = taken()
    kept = json.loads(entry.changes)["filters"]
    assert kept == {"q": "**************0021 芳 *******1234", "township": "150422100"}


def test_who_may_not_see_a_list_may_not_take_it(county: Any) -> None:
    with pytest.raises(Forbidden):
        tables.export(county.actor("caregiver_a"), "residents", "表", ["甲"], [], "csv", permission="people.export")
    assert not taken()


def test_two_exports_have_two_numbers(county: Any) -> None:
    for _ in range(2):
        tables.export(county.actor("auditor"), "residents", "表", ["甲"], [], "csv", permission="people.export")
    first, second = (entry.object_id for entry in taken())
    assert first != second
