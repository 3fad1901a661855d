"""Kill -9 of the commands that change everything at once: before or after, never between; then done again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, select

from app.core import audit, crypto, schema
from app.core.backup import backup
from app.core.db import db
from app.core.rotation import check_keys, register_keys
from app.people.models import Resident
from tests.conftest import make_app
from tests.factories import County, resident
from tests.faults.conftest import Children, let_go, where
from tests.support.state import dump


@pytest.fixture
def empty(app: Flask, server: Any, tmp_path: Path) -> Any:
    """An installation without tables."""
    name = server.create() if server is not None else ""
    yield make_app(tmp_path / "empty", server.url(name) if server is not None else "")
    if server is not None:
        server.drop(name)


def test_a_migration_is_whole_or_not_there(empty: Flask, children: Children) -> None:
    with empty.app_context():
        whole = 0
        for point in (1, 3, 25, 50, 75, 100, 10_000):
            answer = children.run(empty, "migrate", kill_at=point)
            let_go()
            tables = set(inspect(db.engine).get_table_names()) - {"alembic_version"}
            with db.engine.connect() as connection:
                version = schema.stored(connection)
            let_go()
            assert (version, tables) in (("", set()), (schema.newest(), set(db.metadata.tables)))
            assert answer["killed"] or version == schema.newest(), answer
            whole += bool(version)
        assert whole == 1, "killed six times before its commit, then finished"


def test_a_restore_is_whole_or_not_there(app: Flask, children: Children, county: County, tmp_path: Path) -> None:
    register_keys()
    backup(tmp_path / "one.backup")
    saved = dump()
    resident("später")
    later = dump()
    for point in (1, 40, 90, 140, 170):
        answer = children.run(app, "restore", str(tmp_path / "one.backup"), kill_at=point)
        let_go()
        assert answer["killed"], answer
        assert dump() == later
        let_go()
    done = children.run(app, "restore", str(tmp_path / "one.backup"))
    assert "done" in done, done
    assert dump() == saved
    let_go()


def test_a_rotation_is_resumed_and_every_field_opens(app: Flask, children: Children, county: County) -> None:
    register_keys()
    for number in range(6):
        resident(f"人{number}")
    before = {r.id: r.id_number for r in db.session.scalars(select(Resident)).unique()}
    ring = app.extensions["keyring"]
    killed = 0
    for point in range(2, 40, 3):
        answer = children.run(app, "rotate", 2, kill_at=point)
        let_go()
        killed += answer["killed"]
        assert {r.id: r.id_number for r in db.session.scalars(select(Resident)).unique()} == before
        check_keys()
        let_go()
        if not answer["killed"]:
            break
    assert killed >= 5
    assert "done" in children.run(app, "rotate", 2)
    let_go()
    kept = {crypto.key_id_of(blob) for blob in db.session.scalars(select(Resident.id_number_enc))}
    assert len(kept) == 1, "all rows are on one key"
    assert kept == {ring.current().active}
    assert ring.current().active <= 3, "an interrupted rotation makes no further key"
    assert audit.verify()[1] is None


def test_a_server_goes_on_while_another_process_rotates(app: Flask, children: Children, county: County) -> None:
    """The running process reads the key file again; without that, every moved field would fail until a restart."""
    register_keys()
    number = county.resident().id_number
    let_go()
    assert "done" in children.run(app, "rotate", 500)
    assert county.resident().id_number == number
    assert resident("nachher").id_number
    assert crypto.key_id_of(resident("noch eine").id_number_enc) == 2


def test_two_rotations_at_once_lose_no_key(app: Flask, children: Children, county: County) -> None:
    register_keys()
    before = {r.id: r.id_number for r in db.session.scalars(select(Resident)).unique()}
    let_go()
    answers = children.together(app, *[{"act": "rotate", "args": [1]}] * 2)
    assert any("done" in a for a in answers), answers
    assert all("done" in a or "another command" in a["error"] for a in answers), answers
    assert {r.id: r.id_number for r in db.session.scalars(select(Resident)).unique()} == before


def test_a_seeding_that_was_killed_is_started_over(empty: Flask, children: Children, twin: Callable[[], Flask]) -> None:
    """Ctrl-C in the first minute is what impatient people do; half a county must not pass for a whole one."""
    with empty.app_context():
        assert "error" not in children.run(empty, "migrate")
        assert children.run(empty, "seed", 20, kill_at=90)["killed"]
        let_go()
        runner = empty.test_cli_runner()
        again = runner.invoke(args=["seed", "--residents", "20", "--quarters", "1", "--if-empty"])
        assert again.exit_code == 0, again.output
        assert "interrupted" in again.output
        assert audit.verify()[1] is None
        assert "nothing seeded" in runner.invoke(args=["seed", "--if-empty"]).output
        let_go()
    shutil.rmtree(where(empty)["folder"])
