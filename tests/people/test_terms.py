"""Whoever is looked for is found under the terms of the name, exactly as by reading every name; by both databases alike."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from sqlalchemy import Select, or_, select

from app.core.actor import Actor
from app.core.db import db
from app.core.names import normalise, search_key, terms
from app.core.paging import paginate
from app.core.transaction import transaction
from app.people import queries
from app.people.models import Caregiver, CaregiverTerm, Resident, ResidentTerm
from app.places.models import Area
from app.places.queries import areas_named, in_any, matching
from tests.factories import TOWNSHIP_A, VILLAGE_A, VILLAGE_B, County, caregiver, resident

NAMES = (
    "王国建", "王国", "国建王", "王建国", "单国芳", "翟志刚", "查干巴拉", "阿卜杜·热合曼", "O'Neil", "王", "wang", "Wang Guo",
    "百分%号", "下划_线", "斜/杠", "反\\斜", "竖|线", "é国", "𠮷野家", "国国国", "王王", "欧阳国建", "R国9001", "1234国",
)  # fmt: skip
SOUGHT = (
    "王", "国", "国建", "建国", "王国建", "王国建国", "欧阳国", "查干巴拉", "w", "wa", "wan", "wang", "wangg", "wanggu", "wangguojian",
    "guojian", "g", "gj", "wgj", "%", "_", "/", "\\", "'", "%号", "下划_", "斜/", "|", "竖|", "|w", "||", "é", "é国", "𠮷", "𠮷野", "野家",
    "·热", "o'n", "o'ne", "O'NEIL", "Ｗａｎｇ", "王 国", "国国", "国国国", "国国国国", "1234", "1234国", "r国", "9001", "林", "longchang", "隆昌",
    "x", "zzzz", "不在", "\u200b", "' or 1=1 --",
)  # fmt: skip


@pytest.fixture
def crowd(county: County) -> County:
    rng = random.Random(7)
    with transaction() as tx:
        tx.act = "test.crowd"
        for area in db.session.scalars(select(Area)):
            area.search = search_key(area.name)
        for name in [*NAMES, *("".join(rng.choices("王国建芳", k=3)) for _ in range(20))]:
            where = rng.choice((VILLAGE_A, VILLAGE_B))
            resident(name, area_code=where).search = search_key(name)
            caregiver(name, area_code=where).search = search_key(name)
    return county


def scan(actor: Actor, model: type[Resident | Caregiver], q: str) -> Select[Resident | Caregiver]:
    """The same people by reading every name."""
    rows = queries.visible(actor) if model is Resident else queries.visible_caregivers(actor)
    text = normalise(q)
    ways = [matching(model.search, q), model.number == text.upper(), model.id_tail == text.upper()]
    return rows.where(or_(*ways, in_any(model.area_code, areas_named(q))))


def ids(query: Select[Resident | Caregiver]) -> list[int]:
    return sorted(row.id for row in db.session.scalars(query).unique())


def actors(county: County) -> Iterator[Actor]:
    for who in ("county_officer", "township_officer_a", "village_officer_a", "institution_manager_a", "caregiver_a"):
        yield county.actor(who)


def test_terms_find_who_a_reader_of_every_name_finds(crowd: County) -> None:
    found = 0
    for actor in actors(crowd):
        for q in SOUGHT:
            want = ids(scan(actor, Resident, q))
            assert ids(queries.found(actor, q=q)) == want, q
            assert ids(queries.found_caregivers(actor, q=q)) == ids(scan(actor, Caregiver, q)), q
            within = ids(queries.found(actor, q=q, area_code=TOWNSHIP_A))
            assert within == [i for i in want if db.session.get_one(Resident, i).area_code.startswith(TOWNSHIP_A)], q
            found += len(want)
    assert found > 400


def test_pages_of_a_search_lead_over_everybody_once_in_the_order_of_the_list(crowd: County) -> None:
    actor, order = crowd.actor("county_officer"), [Resident.area_code, Resident.id]
    for q in ("国", "王国", "guo", "g"):
        want = list(db.session.scalars(scan(actor, Resident, q).order_by(*order)).unique())
        for descending in (False, True):
            seen: list[Resident] = []
            cursor, turns = None, 0
            while cursor is not None or not turns:
                page = paginate(queries.found(actor, q=q), order, cursor, descending=descending, size=4)
                seen += page.items
                cursor, turns = page.next_cursor, turns + 1
            assert seen == (want[::-1] if descending else want), q
            assert page.prev_cursor
            before = paginate(queries.found(actor, q=q), order, page.prev_cursor, descending=descending, size=4)
            assert list(before.items) == seen[(turns - 2) * 4 : (turns - 1) * 4]
            assert before.count == len(want)


def test_who_is_renamed_or_moves_is_found_there_and_nowhere_else(crowd: County) -> None:
    rng = random.Random(3)
    people = list(db.session.scalars(select(Resident)).unique()) + list(db.session.scalars(select(Caregiver)).unique())
    for _ in range(4):
        with transaction() as tx:
            tx.act = "test.moved"
            for row in rng.sample(people, 20):
                if rng.random() < 0.6:
                    row.search = search_key(rng.choice(NAMES))
                if rng.random() < 0.6:
                    row.area_code = rng.choice((VILLAGE_A, VILLAGE_B, TOWNSHIP_A))
        db.session.expire_all()
    for model, table, key in (
        (Resident, ResidentTerm, ResidentTerm.resident_id),
        (Caregiver, CaregiverTerm, CaregiverTerm.caregiver_id),
    ):
        stored = {tuple(row) for row in db.session.execute(select(key, table.term, table.area_code))}
        rows = db.session.scalars(select(model)).unique().all()
        assert stored == {(row.id, term, row.area_code) for row in rows for term in terms(row.search)}
