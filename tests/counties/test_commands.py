"""``flask county``: many counties made, migrated, settled and looked at by a handful of commands that go on where they stopped."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import create_app
from app.config import Settings
from app.core import audit, clock
from app.core.counties import County, CountyList, folder_of
from app.core.db import db
from app.core.periods import Quarter
from app.counties.runs import each, notes_of
from app.counties.serving import Counties
from app.counties.tasks import TASKS, Done
from app.places.models import Area, Level
from app.settlement.models import Settlement, SettlementState
from tests.counties.conftest import HELAN, XINGQING, YONGNING, Site, command

ROOT = Path(__file__).parent.parent.parent
LONG = bool(os.environ.get("LONG_RUNS"))
MANY = 200 if LONG else 2
"""Counties that are made, migrated and settled: few in the suite, the number of the target with ``LONG_RUNS=1``."""


def generated(folder: Path, number: int) -> tuple[Path, Path]:
    """A file of counties and one of their division codes: two townships with a village each."""
    folder.mkdir(parents=True, exist_ok=True)
    counties, areas = ["code,name,host"], ["code,name,parent,level", "99,试验省,,province", "9901,试验市,99,prefecture"]
    for n in range(number):
        code = f"9901{n + 1:02d}" if n < 99 else f"99{2 + n // 99:02d}{n % 99 + 1:02d}"
        if n and n % 99 == 0:
            areas.append(f"{code[:4]},试验市,99,prefecture")
        counties.append(f"{code},,c{code}.localhost")
        areas.append(f"{code},试验{n + 1}县,{code[:4]},county")
        for t in ("100", "101"):
            areas += [f"{code}{t},镇{t},{code},township", f"{code}{t}200,村,{code}{t},village"]
    files = folder / "counties.csv", folder / "areas.csv"
    for file, lines in zip(files, (counties, areas), strict=True):
        file.write_text("\n".join(lines) + "\n", "utf-8")
    return files


def test_counties_from_nothing_to_a_settled_quarter(settings: Settings, tmp_path: Path) -> None:
    counties, areas = generated(tmp_path / "in", MANY)
    made = command(settings, "county", "create", "--from", str(counties), "--areas", str(areas))
    assert made.exit_code == 0, made.output
    assert "试验1县  ok" in made.output
    assert made.output.splitlines()[-1] == f"create: {MANY} counties, 0 failed"
    left = {path.name for path in settings.data_dir.iterdir()}
    assert not left & {"keys.json", "yiheng.sqlite3"}, "nothing of an installation of one county stays"
    assert command(settings, "county", "migrate", "--all").output.count("already") == MANY
    quarter = str(Quarter.of(clock.today()).previous())
    settled = command(settings, "county", "settle", "--all")
    assert settled.exit_code == 0, settled.output
    assert settled.output.count("2 of 2 townships calculated, 0 lines") == MANY
    assert command(settings, "county", "settle", "990101", "--quarter", quarter).output.count("calculated already") == 1
    listed = command(settings, "county", "list")
    assert listed.exit_code == 0, listed.output
    assert listed.output.count(f"{quarter} 2/2") == MANY
    assert "c990101.localhost  试验1县" in listed.output
    again = command(settings, "county", "create", "--from", str(counties), "--areas", str(areas), "--jobs", "1")
    assert again.output.count("  --  ") == MANY, again.output
    checked = command(settings, "check")
    assert checked.output.splitlines()[-1] == f"{MANY} counties, 0 not ready to serve"
    site = Counties(settings)
    for county in site.list.all():
        with site.app(county).app_context():
            assert db.session.scalars(select(Area.code).where(Area.level == Level.COUNTY)).all() == [county.code]
            assert set(db.session.scalars(select(Settlement.state))) == {SettlementState.CALCULATED}
            assert audit.verify()[1] is None
    site.close()


def test_a_failing_county_stops_no_other_and_the_exit_code_says_so(site: Site) -> None:
    settings = site.settings
    with site.app(YONGNING).app_context():
        with db.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        db.engine.dispose()
    for words in (("migrate",), ("settle", "--quarter", "2026-Q1")):
        run = command(settings, "county", *words, "--all")
        assert run.exit_code == 1
        assert "永宁县  FAILED" in run.output
        assert "does not know" in run.output
        assert run.output.count("  --  ") + run.output.count("  ok  ") == 1
    listed = command(settings, "county", "list")
    assert listed.exit_code == 1
    assert "unknown version" in listed.output
    assert "settle: The tables are of version 9999" in listed.output
    assert command(settings, "check").exit_code == 1


def test_a_process_that_dies_is_the_failure_of_its_county(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(_settings: Settings, county: County, _nothing: object) -> Done:
        if county == XINGQING:
            os.kill(os.getpid(), signal.SIGKILL)
        return Done("done", "")

    monkeypatch.setitem(TASKS, "die", die)
    outcomes = {o.county: o.done for o in each(site.settings, "die", [(c, None) for c in site.counties.list.all()], 2)}
    assert outcomes[XINGQING].result == "failed"
    assert "exit code -9" in outcomes[XINGQING].words
    assert outcomes[YONGNING] == Done("done", "")


def test_a_quarter_that_cannot_be_opened_is_refused_and_noted(site: Site) -> None:
    """A later quarter is open already."""
    assert command(site.settings, "county", "settle", XINGQING.code, "--quarter", "2026-Q2").exit_code == 0
    run = command(site.settings, "county", "settle", "--all", "--quarter", "2026-Q1")
    assert run.exit_code == 1
    assert "兴庆区  FAILED" in run.output
    assert "永宁县  ok" in run.output
    noted = notes_of(folder_of(site.settings.data_dir, XINGQING.code))
    assert noted["settle"]["result"] == "failed"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("create",), "by its CODE"),
        (("create", "640104", "--from", __file__), "by its CODE"),
        (("create", "99"), "six digits"),
        (("create", "999999"), "no county 999999"),
        (("create", "640104", "--host", "a b"), "no host name"),
        (("create", "--from", str(ROOT / "requirements.txt")), "columns code,name,host"),
        (("migrate",), "give --all"),
        (("migrate", "640104", "--all"), "give --all"),
        (("migrate", "640104"), "no county 640104"),
        (("settle", "--all", "--quarter", "2026"), "2026-Q1"),
        (("migrate", "--all", "--jobs", "0"), "not in the range"),
    ],
)
def test_what_is_asked_wrongly_is_said_in_words(settings: Settings, arguments: tuple[str, ...], words: str) -> None:
    run = command(settings, "county", *arguments)
    assert run.exit_code != 0
    assert words in run.output
    assert "Traceback" not in run.output
    assert CountyList(settings.data_dir).all() == ()


def test_an_installation_in_use_is_not_turned_into_many(app: Any) -> None:
    settings: Settings = app.extensions["settings"]
    run = app.test_cli_runner().invoke(args=["county", "create", "640104"])
    assert run.exit_code == 1
    assert "one county already" in run.output
    assert not settings.many


def test_commands_of_one_county_ask_which(site: Site) -> None:
    for arguments in (
        ("audit", "verify"),
        ("ledger", "verify"),
        ("backup", "x"),
        ("seed", "--residents", "20"),
        ("db", "upgrade"),
    ):
        run = command(site.settings, *arguments)
        assert run.exit_code == 1, arguments
        assert "COUNTY=" in run.output, arguments
    own = site.settings.for_county(YONGNING)
    app = create_app(own)
    run = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert run.exit_code == 0, run.output
    assert "intact" in run.output
    assert "without COUNTY" in app.test_cli_runner().invoke(args=["county", "list"]).output
    with app.app_context():
        db.engine.dispose()


def test_a_county_on_another_server_says_when_it_is_away(site: Site) -> None:
    settings = site.settings
    CountyList(settings.data_dir).add(replace(HELAN, database_url="postgresql://127.0.0.1:1/none?connect_timeout=1"))
    listed = command(settings, "county", "list")
    assert listed.exit_code == 1
    assert "贺兰县" in listed.output
    assert "does not answer" in listed.output
    run = command(settings, "county", "migrate", "--all")
    assert run.exit_code == 1
    assert "兴庆区  --" in run.output


@pytest.mark.parametrize("with_its_worker", [True, False] if LONG else [True])
def test_killed_in_the_middle_and_started_again_it_completes(
    settings: Settings, tmp_path: Path, with_its_worker: bool
) -> None:
    """The run dies, with the process that is at work on a county or without it: that one goes on for a moment."""
    counties, areas = generated(tmp_path / "in", 2)
    arguments = ("county", "create", "--from", str(counties), "--areas", str(areas), "--jobs", "1")
    run = multiprocessing.get_context("fork").Process(target=command, args=(settings, *arguments))
    run.start()
    assert run.pid is not None
    made = CountyList(settings.data_dir)
    _until(lambda: len(made.all()) == 1)
    _until(lambda: folder_of(settings.data_dir, "990102").exists())
    (worker,) = _children(run.pid)
    os.kill(run.pid, signal.SIGKILL)
    if with_its_worker:
        os.kill(worker, signal.SIGKILL)
    run.join()
    again = command(settings, *arguments)
    assert again.exit_code == 0, again.output
    site = Counties(settings)
    assert [county.code for county in site.list.all()] == ["990101", "990102"]
    for county in site.list.all():
        with site.app(county).app_context():
            assert len(db.session.scalars(select(Area.code).where(Area.code.startswith(county.code))).all()) == 5
            assert audit.verify()[1] is None
    site.close()


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)
