"""A backup equals the state it was made of; a cut, flipped or foreign file changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import audit, clock
from app.core.backup import backup, check, nightly, restore
from app.core.db import db
from app.core.errors import Refused
from app.core.rotation import register_keys, rotate
from app.core.transaction import transaction
from app.people.models import Resident
from tests.factories import County, resident
from tests.support.state import dump


def test_restore_brings_back_exactly_what_was_backed_up(county: County, tmp_path: Path) -> None:
    register_keys()
    before = dump()
    summary = backup(tmp_path / "one.backup")
    assert summary["tables"]["resident"] == 4
    resident("später")
    assert dump() != before
    restore(tmp_path / "one.backup")
    assert dump() == before
    assert audit.verify()[1] is None
    assert county.resident().id_number is not None
    resident("danach")  # identities go on where they were
    assert audit.verify()[1] is None


def test_a_damaged_file_is_refused_and_changes_nothing(county: County, tmp_path: Path) -> None:
    path = tmp_path / "one.backup"
    backup(path)
    data = path.read_bytes()
    before = dump()
    for broken in (
        data[:-1024],
        data[:200],
        b"x" * 400,
        data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :],
        data + b"x",
    ):
        path.write_bytes(broken)
        with pytest.raises(Refused):
            restore(path)
        assert dump() == before


def test_another_passphrase_does_not_open_it(county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "one.backup"
    backup(path)
    monkeypatch.setenv("BACKUP_PASSPHRASE", "something else")
    with pytest.raises(Refused):
        check(path)


def test_personal_data_is_not_readable_in_the_file(county: County, tmp_path: Path) -> None:
    path = tmp_path / "one.backup"
    backup(path)
    data = path.read_bytes()
    number = county.resident().id_number or ""
    assert number.encode() not in data
    assert "甲老人".encode() not in data


def test_a_backup_from_before_a_key_rotation_is_still_readable(app: Flask, county: County, tmp_path: Path) -> None:
    register_keys()
    number = county.resident().id_number
    backup(tmp_path / "old.backup")
    list(rotate())
    restore(tmp_path / "old.backup")
    assert county.resident().id_number == number


def test_the_nightly_job_keeps_two_weeks(app: Flask, county: County) -> None:
    folder = app.extensions["settings"].data_dir / "backups"
    folder.mkdir()
    (folder / "yiheng-2020-01-01.backup").write_bytes(b"old")
    nightly(clock.today())
    assert [p.name for p in folder.iterdir()] == [f"yiheng-{clock.today()}.backup"]


def test_rotation_moves_every_field_and_may_be_repeated(app: Flask, county: County) -> None:
    register_keys()
    before = {r.id: r.id_number for r in db.session.scalars(select(Resident)).unique()}
    moved = dict(rotate(batch=2))
    assert moved["resident.id_number"] == 4
    ring = json.loads(app.extensions["settings"].keyring_path.read_text())
    assert len(ring["keys"]) == 2
    db.session.remove()
    assert {r.id: r.id_number for r in db.session.scalars(select(Resident)).unique()} == before
    result = app.test_cli_runner().invoke(args=["keys", "retire", "1"])
    assert result.exit_code == 0, result.output
    db.session.remove()
    assert county.resident().id_number in before.values()


def test_ciphertexts_moved_between_rows_do_not_open(county: County) -> None:
    from app.core.crypto import DecryptionError

    first, second = county.resident("甲老人"), county.resident("乙老人")
    with transaction() as tx:
        tx.act = "test.swap"
        first.id_number_enc = second.id_number_enc
    with pytest.raises(DecryptionError):
        _ = first.id_number


def test_the_command_line_backs_up_and_restores(app: Flask, county: County, tmp_path: Path) -> None:
    runner = app.test_cli_runner()
    made = runner.invoke(args=["backup", str(tmp_path / "x.backup")])
    assert made.exit_code == 0, made.output
    back = runner.invoke(args=["restore", str(tmp_path / "x.backup")])
    assert back.exit_code == 0, back.output
