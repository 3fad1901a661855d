"""Keyset pages: every row once, both ways, and damaged cursors are refused."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.errors import Invalid
from app.core.paging import paginate
from app.core.transaction import transaction
from app.people.models import Resident
from tests.factories import VILLAGE_A, VILLAGE_B, County, resident


def test_walking_forth_and_back_meets_every_row_once(county: County) -> None:
    with transaction():
        for n in range(23):
            resident(f"N{n}", area_code=VILLAGE_A if n % 3 else VILLAGE_B)
    query, order = select(Resident), [Resident.area_code, Resident.id]
    seen, cursor, pages = [], None, []
    while True:
        page = paginate(query, order, cursor, size=5)
        pages.append([r.id for r in page.items])
        seen += pages[-1]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert len(seen) == len(set(seen)) == 27 == page.count
    back = []
    while page.prev_cursor is not None:
        page = paginate(query, order, page.prev_cursor, size=5)
        back.append([r.id for r in page.items])
    assert back == pages[-2::-1]


def test_descending_order(county: County) -> None:
    ids = [r.id for r in paginate(select(Resident), [Resident.id], None, descending=True, size=3).items]
    assert ids == sorted(ids, reverse=True)


@pytest.mark.parametrize(
    "cursor", ["x", "%%%", "bnVsbA", "W10", "W2ZhbHNlLCAi5L2g5aW9Il0", "W3RydWUsIDFlOTk5XQ", "A" * 400]
)
def test_a_damaged_cursor_is_refused_in_words(app: Flask, cursor: str) -> None:
    with pytest.raises(Invalid):
        paginate(select(Resident), [Resident.id], cursor)
