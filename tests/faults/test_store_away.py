"""The store is full, away or read-only: 503 or 507 in words, nothing half, and the next request works."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from typing import Any

from flask import Flask
from sqlalchemy import event, text

from app.core import audit
from app.core.db import db, writing
from app.settlement import operations, queries
from tests.conftest import DATABASE, make_app
from tests.faults.conftest import Children, let_go
from tests.faults.test_killed_settlement import assert_sound, settlement_id, totals
from tests.settlement.conftest import AFTER_Q1, Quarter, quarter
from tests.support.http import Browser
from tests.support.state import dump

__all__ = ["quarter", "settlement_id"]

SESSIONS = frozenset({"web_session"})
HOW = {"moment": AFTER_Q1.isoformat()}


def words(page: str) -> str:
    """What a reader sees of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("<main", 1)[-1]))


def _submitted(quarter: Quarter, settlement_id: int) -> tuple[str, dict[str, Any]]:
    operations.calculate(quarter.township, settlement_id)
    operations.submit(quarter.township, settlement_id)
    return f"/settlements/{settlement_id}", totals()


def _run_sql(*statements: str) -> None:
    let_go()
    token = writing.set(True)
    try:
        with db.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    finally:
        writing.reset(token)
    let_go()


FULL = """CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$"""


def test_a_full_disk_is_507_in_words_and_works_again_when_there_is_room(
    app: Flask, children: Children, quarter: Quarter, settlement_id: int
) -> None:
    page = f"/settlements/{settlement_id}"
    officer = Browser(app, "township_officer_a", "")
    how: dict[str, Any] = dict(HOW)
    let_go()
    if db.engine.dialect.name == "sqlite":
        path = app.extensions["settings"].data_dir / "yiheng.sqlite3"
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
            raw.execute("VACUUM")
            how["max_pages"] = raw.execute("PRAGMA page_count").fetchone()[0]
    else:
        _run_sql(FULL, "CREATE TRIGGER full_disk BEFORE INSERT ON audit_entry EXECUTE FUNCTION full_disk()")
    pid, officer.address = children.serve(app, **how)
    for _ in range(40):  # until the half-empty pages of SQLite are full: each calculation leaves an entry in the log
        before, standing = dump(without=SESSIONS), totals()
        status, body = officer.post(f"{page}/calculate", page)
        if status != 302:
            break
    assert status == 507, words(body)
    assert "磁盘" in words(body)
    assert officer.get(page)[0] == 200, "reading goes on"
    assert totals() == standing
    assert dump(without=SESSIONS) == before
    children.stop(pid)
    let_go()
    if db.engine.dialect.name == "postgresql":
        _run_sql("DROP TRIGGER full_disk ON audit_entry", "DROP FUNCTION full_disk()")
    pid, officer.address = children.serve(app, **HOW)
    assert officer.post(f"{page}/calculate", page)[0] == 302
    assert totals()["state"] == "calculated"
    children.stop(pid)
    assert_sound()


def test_a_disk_that_stops_taking_bytes_is_503_or_507_and_nothing_is_half(
    app: Flask, children: Children, quarter: Quarter, settlement_id: int
) -> None:
    """The process may write no file beyond a size: what a quota does, and close to what a failing disk does."""
    page, standing = _submitted(quarter, settlement_id)
    reviewer = Browser(app, "county_reviewer", "")
    before = dump(without=SESSIONS)
    let_go()
    if db.engine.dialect.name != "sqlite":
        with db.engine.connect() as connection:  # the server of PostgreSQL writes, not we: it refuses as a standby does
            name = connection.scalar(text("SELECT current_database()"))
        _run_sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        pid, reviewer.address = children.serve(app, **HOW)
    else:
        pid, reviewer.address = children.serve(app, file_limit=40960, **HOW)
    status, body = reviewer.post(f"{page}/approve", page)
    assert status in (503, 507), words(body)
    assert "没有" in words(body), "says that nothing was stored"
    assert reviewer.get(page)[0] == 200, "reading goes on"
    children.stop(pid)
    if db.engine.dialect.name != "sqlite":
        with db.engine.connect() as connection:
            connection.exec_driver_sql("SET default_transaction_read_only = off")
            connection.commit()
            connection.exec_driver_sql(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
            connection.commit()
    let_go()
    assert totals() == standing
    assert dump(without=SESSIONS) == before
    pid, reviewer.address = children.serve(app, **HOW)
    assert reviewer.post(f"{page}/approve", page)[0] == 302
    children.stop(pid)
    assert_sound()


def test_a_database_that_restarts_in_the_middle_is_503_and_the_next_request_works(
    app: Flask, quarter: Quarter, settlement_id: int, tmp_path: Any, sign_in: Any
) -> None:
    """On PostgreSQL with a server of our own that is stopped as by a power cut inside the open transaction. SQLite has no
    server: there the connection is cut.
    """
    operations.calculate(quarter.township, settlement_id)
    operations.submit(quarter.township, settlement_id)
    if DATABASE == "postgresql":
        _with_restart(app, settlement_id, tmp_path)
        return
    client = sign_in("county_reviewer")
    token = _token(client, settlement_id)
    let_go()
    with AtFirstWrite(lambda raw: raw.close()):
        answer = _approve(client, settlement_id, token)
    assert answer.status_code in (500, 503)
    assert totals()["state"] == "submitted"
    assert _approve(client, settlement_id).status_code == 302
    assert totals()["state"] == "approved"
    assert_sound()


def _token(client: Any, settlement_id: int) -> str:
    page = client.get(f"/settlements/{settlement_id}").get_data(as_text=True)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def _approve(client: Any, settlement_id: int, token: str | None = None) -> Any:
    data = {"csrf_token": token or _token(client, settlement_id)}
    return client.post(f"/settlements/{settlement_id}/approve", data=data)


class AtFirstWrite:
    """Do something to the database right before the first posting is written, once."""

    def __init__(self, harm: Any) -> None:
        self.harm, self.done = harm, False

    def _reach(self, connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not self.done and statement.startswith("INSERT INTO ledger_entry"):
            self.done = True
            self.harm(connection.connection.dbapi_connection)

    def __enter__(self) -> None:
        event.listen(db.engine, "before_cursor_execute", self._reach)

    def __exit__(self, *_error: object) -> None:
        event.remove(db.engine, "before_cursor_execute", self._reach)
        assert self.done


def _with_restart(app: Flask, settlement_id: int, tmp_path: Any) -> None:
    from app.core.backup import backup, restore
    from tests.factories import open_session
    from tests.support.postgres import server

    backup(tmp_path / "one.backup")
    let_go()
    with server(own=True) as own:
        other = make_app(tmp_path / "own", own.url(own.create()))
        with other.app_context():
            restore(tmp_path / "one.backup")
            client = other.test_client()
            open_session(client, "county_reviewer")
            db.session.remove()
            assert own.restart is not None
            token = _token(client, settlement_id)  # reading may write too: when the session was last used
            with AtFirstWrite(lambda _raw: own.restart()):
                answer = _approve(client, settlement_id, token)
            assert answer.status_code == 503
            assert "没有" in words(answer.get_data(as_text=True))
            assert totals()["state"] == "submitted"
            assert _approve(client, settlement_id).status_code == 302
            assert totals()["state"] == "approved"
            assert audit.verify(queries.noted_heads())[1] is None
            assert queries.verify_ledger() == []
            let_go()


def test_a_database_that_is_not_there_is_503_in_words(app: Flask, tmp_path: Any) -> None:
    gone = make_app(tmp_path / "gone", "postgresql://nobody@127.0.0.1:9/none")
    with gone.app_context():
        client = gone.test_client()
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
        page = client.get("/verify/abcdefghijkl")
        assert page.status_code == 503
        assert "没有" in words(page.get_data(as_text=True))
        answer = client.get("/api/v1/residents", headers={"Authorization": "Bearer x"})
        assert answer.status_code == 503
        assert answer.get_json()["error"]["message"]
        db.engine.dispose()
