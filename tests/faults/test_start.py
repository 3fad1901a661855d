"""A server refuses in words to serve what is not safe, and commands say how it is mended."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app import startup
from app.auth.models import User
from app.config import ConfigurationError, Settings
from app.core import audit
from app.core.db import db, durability_problems, writing
from app.core.rotation import register_keys
from app.core.transaction import transaction
from tests.conftest import make_app
from tests.factories import County
from tests.faults.conftest import ROOT, let_go, where

GOOD = "0f3c9a7d51e84b26c7d9e0a1b2f38456789abcde0123456789fedcba98765432"
PRODUCTION = {"YIHENG_ENV": "production", "SECRET_KEY": GOOD, "BASE_URL": "https://care.example"}


def problems(app: Flask) -> str:
    """Everything that ``app`` would refuse to start for."""
    found = "\n".join(startup.problems())
    let_go()
    return found


def production(app: Flask) -> None:
    """Let the running application be a county's own."""
    app.extensions["settings"] = dataclasses.replace(app.extensions["settings"], environment="production")


def behind(*statements: str) -> None:
    """Change the database without the program."""
    let_go()
    token = writing.set(True)
    try:
        with db.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        writing.reset(token)
    let_go()


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("", "production needs SECRET_KEY"),
        ("short", "at least 32 random characters"),
        ("a" * 64, "at least 32 random characters"),
        ("change-me-change-me-change-me-0123456789", "at least 32 random characters"),
        ("yiheng-production-key-0123456789abcdef", "at least 32 random characters"),
    ],
)
def test_a_secret_that_can_be_guessed_is_refused_in_production(secret: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=words):
        Settings.from_env({**PRODUCTION, "SECRET_KEY": secret, "DATA_DIR": str(tmp_path)})


def test_the_development_secret_of_the_folder_is_refused_in_production(tmp_path: Path) -> None:
    own = Settings.from_env({"DATA_DIR": str(tmp_path)}).secret_key
    assert len(own) == 64
    with pytest.raises(ConfigurationError, match="development secret"):
        Settings.from_env({**PRODUCTION, "SECRET_KEY": own, "DATA_DIR": str(tmp_path)})


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("YIHENG_ENV", "prod", "must be development or production"),
        ("BASE_URL", "http://care.example", "BASE_URL"),
        ("FLASK_DEBUG", "1", "FLASK_DEBUG"),
        ("PORT", "eighty", "PORT must be a whole number"),
        ("PASSWORD_PROFILE", "none", "PASSWORD_PROFILE"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(setting: str, value: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=words):
        Settings.from_env({**PRODUCTION, "DATA_DIR": str(tmp_path), setting: value})


def test_production_serves_its_own_address_over_https_with_a_second_factor(tmp_path: Path) -> None:
    found = Settings.from_env({**PRODUCTION, "DATA_DIR": str(tmp_path), "REQUIRE_SECOND_FACTOR": "0"})
    assert found.https
    assert found.require_second_factor
    assert found.trusted_hosts == ("care.example",)


def test_a_sound_installation_serves_and_notes_its_keys(app: Flask, county: County) -> None:
    assert problems(app) == ""
    startup.check(app)
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT key_id FROM key_in_use ORDER BY key_id")).scalars().all() == [0, 1]


@pytest.mark.parametrize(
    ("version", "words"),
    [("9999", "does not know: install the version that made them"), (None, "flask db upgrade")],
)
def test_tables_of_another_version_are_refused(app: Flask, version: str | None, words: str) -> None:
    behind(
        f"UPDATE alembic_version SET version_num = '{version}'" if version else "DELETE FROM alembic_version",
    )
    assert words in problems(app)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert words in answer.get_json()["status"]
    assert app.test_client().get("/healthz").status_code == 200


def test_tables_of_an_older_version_are_refused(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.core import schema

    monkeypatch.setattr(schema, "newest", lambda: "0002")
    assert "0002 is needed; run: flask db upgrade" in problems(app)


def test_a_keyring_that_does_not_fit_the_database_is_refused(app: Flask, county: County, tmp_path: Path) -> None:
    register_keys()
    path = app.extensions["settings"].keyring_path
    own = path.read_bytes()
    other = make_app(tmp_path / "other").extensions["settings"].keyring_path
    shutil.copy(other, path)
    assert "not those this database was written with" in problems(app)
    path.write_text("{}")
    assert "is damaged" in problems(app)
    path.write_bytes(own)
    path.chmod(0o644)
    assert "chmod 600" in problems(app)
    path.chmod(0o600)
    assert problems(app) == ""


def test_without_its_keys_production_does_not_serve_and_makes_none(app: Flask, county: County) -> None:
    register_keys()
    behind("UPDATE user_account SET demo = false")
    settings = app.extensions["settings"]
    settings.keyring_path.unlink()
    again = _production_app(settings)
    with again.app_context():
        assert "is missing" in problems(again)
        assert not settings.keyring_path.exists()
        result = again.test_cli_runner().invoke(args=["keys", "create"])
        assert result.exit_code == 1
        assert "put their file back" in result.output
        let_go()


def test_a_new_production_installation_makes_its_keys_once(app: Flask, server: object) -> None:
    settings = app.extensions["settings"]
    settings.keyring_path.unlink()
    again = _production_app(settings)
    with again.app_context():
        runner = again.test_cli_runner()
        made = runner.invoke(args=["keys", "create"])
        assert made.exit_code == 0, made.output
        assert settings.keyring_path.stat().st_mode & 0o077 == 0
        assert runner.invoke(args=["keys", "create"]).exit_code == 1
        let_go()


def _production_app(settings: Settings) -> Flask:
    from app import create_app

    let_go()
    return create_app(dataclasses.replace(settings, environment="production"))


def test_working_demo_accounts_keep_production_from_starting(app: Flask, county: County) -> None:
    with transaction() as tx:
        tx.act = "test.demo"
        county.user("auditor").demo = True
    assert problems(app) == ""
    production(app)
    assert "1 demonstration accounts" in problems(app)
    with transaction() as tx:
        tx.act = "test.demo"
        county.user("auditor").active = False
    assert "demonstration" not in problems(app)


def test_settings_of_the_database_that_lose_work_are_named(app: Flask) -> None:
    if db.engine.dialect.name == "postgresql":  # the throw-away server of the tests is one that production must refuse
        found = durability_problems()
        assert [p.split(" = ")[0].rsplit(" ", 1)[1] for p in found] == [
            "fsync",
            "full_page_writes",
            "synchronous_commit",
        ]
        production(app)
        assert "acknowledged work would be lost" in problems(app)
        return
    assert durability_problems() == []
    from sqlalchemy import event

    def weaker(raw: object, _record: object) -> None:
        raw.execute("PRAGMA synchronous=NORMAL")  # type: ignore[attr-defined]  # sqlite3.Connection

    let_go()
    event.listen(db.engine, "connect", weaker)
    production(app)
    assert "synchronous = 1, 2 is needed" in problems(app)
    event.remove(db.engine, "connect", weaker)


def test_new_files_are_readable_by_their_owner_only(app: Flask, tmp_path: Path) -> None:
    fresh = make_app(tmp_path / "fresh")
    with fresh.app_context(), db.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        assert {p.name for p in (tmp_path / "fresh").iterdir() if p.stat().st_mode & 0o077} == set()


def test_a_server_without_a_secret_ends_with_words_and_its_own_code(tmp_path: Path) -> None:
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "YIHENG_ENV": "production", "SECRET_KEY": ""}
    command = [sys.executable, "-m", "waitress", "--listen=127.0.0.1:0", "wsgi:app"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180)
    assert done.returncode == startup.EXIT_CODE
    assert "Yiheng does not start." in done.stderr
    assert "production needs SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_without_tables_ends_with_words_and_the_command_that_mends_it(app: Flask) -> None:
    behind("DELETE FROM alembic_version")
    here = where(app)
    environment = {**os.environ, "DATA_DIR": here["folder"], "DATABASE_URL": here["url"], "SECRET_KEY": GOOD}
    command = [sys.executable, "-c", "import wsgi"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180)
    assert done.returncode == startup.EXIT_CODE
    assert "run: flask db upgrade" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_first_administrators_are_made_on_the_machine_with_one_time_passwords(app: Flask, county: County) -> None:
    behind("UPDATE user_account SET active = false WHERE role IN ('system_admin', 'security_admin')")
    runner = app.test_cli_runner()
    line = ["users", "create-admin", "--role", "security_admin", "--username", "Li.Wei", "--name", "李伟"]
    made = runner.invoke(args=line)
    assert made.exit_code == 0, made.output
    password = made.output.strip().rsplit(" ", 1)[1]
    assert len(password) == 18
    user = db.session.query(User).filter_by(username="li.wei").one()
    assert user.active
    assert user.must_change_password
    assert user.initial_password_until is not None
    signed = app.test_client()
    page = signed.get("/sign-in").get_data(as_text=True)
    token = page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    answer = signed.post("/sign-in", data={"username": "li.wei", "password": password, "csrf_token": token})
    assert answer.status_code == 302
    assert "/password" in signed.get("/").headers["Location"]
    db.session.rollback()
    entry = next(row for row in audit.rows() if row["act"].startswith("account.create_administrator"))
    assert entry["actor_name"] == "command line"
    assert password not in entry["changes"]
    another = runner.invoke(args=[*line[:-3], "li.wei2", *line[-2:]])
    assert another.exit_code == 1
    assert runner.invoke(args=[*line[:-3], "li.wei2", *line[-2:], "--reason", "交接"]).exit_code == 0
    assert audit.verify()[1] is None


def test_production_runs_no_compiled_template_that_it_could_write_itself(app: Flask) -> None:
    """Its own folder of made files may be written by the service; the program may not."""
    from app.factory import _compiled_templates

    settings = app.extensions["settings"]
    assert _compiled_templates(settings) is not None
    assert _compiled_templates(dataclasses.replace(settings, environment="production")) is None
