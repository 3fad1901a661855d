"""Before tables change, a copy of the SQLite file is kept."""

import datetime
import sqlite3
import stat

import pytest

from app.build import database

NOW = datetime.datetime(2026, 3, 31, 16, 5, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:////srv/county/a.db", "/srv/county/a.db"),
        ("sqlite:////srv/%E5%8E%BF/a.db?timeout=5", "/srv/县/a.db"),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("postgresql://county@host/yiheng", None),
    ],
)
def test_the_file_is_read_from_the_address(url, path):
    found = database.sqlite_file(url)
    assert (str(found) if found else None) == path


def test_without_an_address_the_file_is_in_the_data_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert database.sqlite_file("") == tmp_path / "yiheng.sqlite3"


def test_the_newest_revision_is_the_one_nothing_builds_on(tmp_path):
    (tmp_path / "0001_a.py").write_text("revision = '0001'\ndown_revision = None\n")
    (tmp_path / "0002_b.py").write_text("revision: str = '0002'\ndown_revision: str | None = '0001'\n")
    assert database.newest_revisions(tmp_path) == {"0002"}
    (tmp_path / "0003_c.py").write_text("revision = '0003'\ndown_revision = '0001'\n")
    assert database.newest_revisions(tmp_path) == {"0002", "0003"}


def _database(path, revision):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
    connection.execute("INSERT INTO alembic_version VALUES (?)", [revision])
    connection.commit()
    return connection


def test_the_copy_is_whole_while_the_database_is_open_and_readable_by_its_owner_only(tmp_path):
    file = tmp_path / "yiheng.sqlite3"
    connection = _database(file, "0001")
    copy = database.keep_copy(file, NOW)
    connection.close()
    assert copy == tmp_path / "backups" / "before-migration-from-0001-20260331T160500Z.sqlite3"
    assert database.stored_revisions(copy) == {"0001"}
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_no_file_and_an_empty_file_have_no_revision(tmp_path):
    assert database.stored_revisions(tmp_path / "none") == set()
    (tmp_path / "empty").touch()
    assert database.stored_revisions(tmp_path / "empty") == set()
