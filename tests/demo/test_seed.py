"""The demonstration county: the same every time, believable, and made of invented people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select, text

from app.auth.models import User
from app.care.queries import plans as plan_queries
from app.contracts import queries as contract_queries
from app.contracts.models import Contract
from app.contracts.rules import State
from app.core import audit, together
from app.core.actor import Role
from app.core.backup import backup, restore
from app.core.db import db
from app.demo import seed as seeding
from app.demo.accounts import ACCOUNTS
from app.grading import queries as grading_queries
from app.people import queries as people_queries
from app.people.models import Caregiver, Resident
from app.settlement.models import Settlement, SettlementState
from app.settlement.queries import verify_ledger, visibility
from tests.conftest import make_app

TODAY = dt.date(2026, 5, 20)
SECRET = ("_enc", "_index", "uid", "hash", "check_value", "audit_head", "changes")
"""Ends of the names of columns that hold random nonces, keys and what is derived from them."""


def _seeded(folder: Path, server: Any, residents: int = 24) -> Iterator[Flask]:
    name = server.create() if server is not None else ""
    app = make_app(folder, server.url(name) if server is not None else "")
    with app.app_context():
        upgrade(directory="migrations")
        list(seeding.seed(residents=residents, quarters=2, seed=7, today=TODAY))
        db.session.remove()
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    if server is not None:
        server.drop(name)


@pytest.fixture(scope="module")
def demo(server: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A small demonstration county: one closed quarter, one open."""
    yield from _seeded(tmp_path_factory.mktemp("demo"), server)


def _rows() -> dict[str, list[tuple[Any, ...]]]:
    out = {}
    for table in db.metadata.sorted_tables:
        columns = [c for c in table.columns if not c.name.endswith(SECRET)]
        out[table.name] = sorted(map(tuple, db.session.execute(select(*columns))), key=repr)
    return out


@pytest.mark.long
def test_the_same_seed_makes_the_same_county(demo: Flask, server: object, tmp_path: Path) -> None:
    first = _rows()
    for _app in _seeded(tmp_path / "again", server):
        second = _rows()
    assert {name: len(rows) for name, rows in first.items()} == {name: len(rows) for name, rows in second.items()}
    del first["contract_seal"]  # each installation seals with a key of its own
    del first["settlement_archive"]  # it names the head of the audit log, which hashes what these keys encrypted
    assert [name for name in first if first[name] != second[name]] == []


@pytest.mark.long
def test_among_many_every_answer_is_what_an_act_alone_would_read(
    server: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each question that was asked ahead is asked again alone, and each row that is held is looked up again."""
    checked = dict.fromkeys(("answers", "rows"), 0)
    plain, look_up = together.Asked.__call__, together.one_row

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        found = plain(self, *args, **kwargs)
        alone = self.one(*args, **kwargs)
        assert (list(found) == list(alone)) if isinstance(alone, list | tuple) else (found == alone), self.__name__
        checked["answers"] += 1
        return found

    def get(actor: Any, kind: Any, row_id: int, seen: Any, *, lock: bool) -> Any:
        row = held(actor, kind, row_id, seen, lock=lock)
        assert look_up(seen(actor).where(kind.id == row_id)) is row
        checked["rows"] += 1
        return row

    held = together.held
    monkeypatch.setattr(together.Asked, "__call__", call)
    for module in (people_queries, grading_queries, plan_queries, contract_queries, visibility):
        monkeypatch.setattr(module, "held", get)
    for _app in _seeded(tmp_path, server, residents=20):
        assert checked["answers"] > 2000
        assert checked["rows"] > 400


def test_every_role_has_an_account_and_neighbours_have_their_own(demo: Flask) -> None:
    names = dict(db.session.execute(select(User.username, User.role).where(User.demo, User.active)).all())
    assert {name: role for name, role, _organisation in ACCOUNTS}.items() <= names.items()
    assert {role for _name, role, _organisation in ACCOUNTS} == set(Role)
    for pair in ("township_officer", "institution_manager", "county_officer", "caregiver"):
        assert {f"{pair}_a", f"{pair}_b"} <= names.keys()


def test_the_first_quarter_is_closed_and_the_second_open(demo: Flask) -> None:
    states = set(db.session.execute(select(Settlement.quarter, Settlement.state)).all())
    assert states == {("2026-Q1", SettlementState.CLOSED), ("2026-Q2", SettlementState.OPEN)}
    paid = db.session.scalar(select(func.sum(Settlement.pay_fen)).where(Settlement.quarter == "2026-Q1"))
    assert paid is not None
    assert paid > 0
    assert verify_ledger() == []
    assert audit.verify()[1] is None


def test_contracts_in_force_have_seven_signatures(demo: Flask) -> None:
    rows = db.session.scalars(select(Contract).where(Contract.state == State.IN_FORCE)).unique().all()
    assert rows
    assert {len([p for p in row.parties if p.signed_at is not None]) for row in rows} == {7}


def test_people_are_invented(demo: Flask) -> None:
    """No division has the code 999999."""
    for model in (Resident, Caregiver):
        numbers = [row.id_number for row in db.session.scalars(select(model)).unique()]
        assert numbers
        assert {str(number)[:6] for number in numbers if number} == {"999999"}


def test_nothing_is_seeded_into_a_county_with_people(demo: Flask) -> None:
    before = _rows()
    result = demo.test_cli_runner().invoke(args=["seed", "--residents", "20"])
    assert result.exit_code == 1
    assert "already holds people" in result.output
    assert demo.test_cli_runner().invoke(args=["seed", "--if-empty"]).exit_code == 0
    assert _rows() == before


def _triggers() -> set[str]:
    names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if db.engine.dialect.name == "postgresql":
        names = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
    return {name for (name,) in db.session.execute(text(names))}


def test_a_county_with_contracts_in_force_and_closed_quarters_comes_back(demo: Flask, tmp_path: Path) -> None:
    before, guarding = _rows(), _triggers()
    backup(tmp_path / "county.backup")
    restore(tmp_path / "county.backup")
    assert _rows() == before
    assert _triggers() == guarding != set()
    assert audit.verify()[1] is None
    assert verify_ledger() == []
