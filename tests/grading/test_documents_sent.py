"""A whole sheet sent as one JSON document."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from app.core.db import db
from app.core.errors import Invalid, NotFound, Refused
from app.grading import operations
from app.grading.models import GradeProposal, Sheet
from app.grading.rules import SheetState
from tests.grading.sheets import answers, document


def _stored() -> tuple[int, int]:
    return (
        db.session.scalar(select(func.count()).select_from(Sheet)) or 0,
        db.session.scalar(select(func.count()).select_from(GradeProposal)) or 0,
    )


def test_sent_twice_it_is_one_sheet(county: Any) -> None:
    actor = county.actor("assessor_a")
    first = operations.submit_document(actor, document(county))
    assert first.state is SheetState.SUBMITTED
    again = operations.submit_document(actor, document(county))
    assert again.id == first.id
    assert _stored() == (1, 1)


def test_the_resident_may_be_named_by_id_and_the_ten_criteria_may_be_given_directly(county: Any) -> None:
    direct = {f"B.1.{n}": top for n, top in enumerate((10, 5, 5, 10, 10, 10, 10, 15, 15, 10), 1)}
    rest = {name: code for name, code in answers().items() if name.startswith("B.")}
    sent = document(county, resident=county.resident().id, instrument="mzt039@2013", answers={**direct, **rest})
    row = operations.submit_document(county.actor("assessor_a"), sent)
    assert (row.total, row.instrument) == (100, "mzt039@2013")


@pytest.mark.parametrize(
    "change",
    [{"notes": "别的"}, {"answers": {**answers(), "1.1": "A1"}}, {"reason": "3"}, {"instrument": "mzt039@2013"}],
)
def test_the_same_key_with_other_content_is_refused(county: Any, change: dict[str, Any]) -> None:
    actor = county.actor("assessor_a")
    operations.submit_document(actor, document(county))
    with pytest.raises((Refused, Invalid)):
        operations.submit_document(actor, document(county, **change))
    assert _stored() == (1, 1)


def test_the_key_of_another_residents_sheet_is_refused(county: Any) -> None:
    actor = county.actor("assessor_a")
    operations.submit_document(actor, document(county))
    with pytest.raises(Refused):
        operations.submit_document(actor, document(county, resident=county.resident("乙老人").number))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"answers": {}}, "answers.1.1"),
        ({"answers": {"1.1": ["A0"]}}, "answers.1.1"),
        ({"answers": "A0"}, "answers"),
        ({"facts": None}, "facts"),
        ({"client_key": "a b"}, "client_key"),
        ({"client_key": 7}, "client_key"),
        ({"assessors": [1]}, "assessors"),
        ({"assessors": [True, 2]}, "assessors"),
        ({"assessors": [1, 10**25]}, "assessors"),
        ({"informant": {"name": "甲"}}, "informant"),
        ({"reason": 1}, "reason"),
        ({"reason": "7"}, "reason_code"),
        ({"assessed_on": "2026-02-30"}, "assessed_on"),
        ({"assessed_on": "2999-01-01"}, "assessed_on"),
        ({"instrument": "nothing@1"}, "instrument"),
        ({"instrument": "mzt039@2013-raw"}, "instrument"),
        ({"instrument": "../../x@1"}, "instrument"),
        ({"resident": 1.5}, "resident"),
        ({"surprise": 1}, "surprise"),
        ({"notes": "\x00" * 5000 + "x" * 4001}, "notes"),
    ],
)
def test_faults_are_named_and_nothing_is_stored(county: Any, change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        operations.submit_document(county.actor("assessor_a"), document(county, **change))
    assert field in refused.value.errors
    assert _stored() == (0, 0)


@pytest.mark.parametrize("resident", ["R000000", "R'; --", 987654321, "\x00"])
def test_an_unknown_resident_is_not_found(county: Any, resident: Any) -> None:
    with pytest.raises(NotFound):
        operations.submit_document(county.actor("assessor_a"), document(county, resident=resident))


def test_what_is_no_object_is_refused(county: Any) -> None:
    for body in ([], "x", None, 3):
        with pytest.raises(Invalid):
            operations.submit_document(county.actor("assessor_a"), body)  # type: ignore[arg-type]  # on purpose
