"""``flask county create|list|migrate|settle``; and, where there are many counties, their scheduler and check."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from app import startup
from app.config import ConfigurationError, Settings
from app.core import clock, schema
from app.core.counties import County, CountyError, CountyList
from app.core.db import Servers, db
from app.core.errors import DomainError
from app.core.periods import Quarter
from app.counties import runs
from app.counties.serving import Counties
from app.counties.standing import standing
from app.places import operations as places
from app.startup import NotReady

county = AppGroup("county", help="Many counties on one installation.")

FAILED = 1
JOBS = click.option("--jobs", default=2, show_default=True, type=click.IntRange(1, 64), help="Counties at a time.")
ALL = click.option("--all", "every", is_flag=True, help="Every county.")
CODES = click.argument("codes", nargs=-1)


def _in_words(command: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (CountyError, ConfigurationError, DomainError, NotReady) as error:
            raise click.ClickException(str(error)) from error

    return run


def _settings() -> Settings:
    """The settings of the whole installation. Raises ``CountyError`` where one county is chosen."""
    settings: Settings = current_app.extensions["settings"]
    if settings.county:
        raise CountyError("This command is about all counties: run it without COUNTY.")
    return settings


@county.command("create")
@click.argument("code", required=False)
@click.option("--name", default="", help="Name of the county; default: as in the division codes.")
@click.option("--host", default="", help="Host the county answers to; default: CODE before the host of BASE_URL.")
@click.option("--database-url", default="", help="Database server of this county, if not the one of DATABASE_URL.")
@click.option("--areas", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=places.SHIPPED)
@click.option(
    "--from", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Make every county of a CSV file: code,name,host (name and host may be empty).",
)  # fmt: skip
@JOBS
@_in_words
def create(
    code: str | None, name: str, host: str, database_url: str, areas: Path, file: Path | None, jobs: int
) -> None:
    """Make the county CODE (its six-digit division code), or those of a file; making one again completes it.

    The first one turns an installation without tables of its own into one of many counties.
    """
    settings = _settings()
    if (code is None) == (file is None):
        raise click.UsageError("Name one county by its CODE, or give a file with --from.")
    if not settings.many:
        _refuse_used()
    wanted = [{"code": code or "", "name": name, "host": host}] if file is None else _rows(file)
    divisions = places.read_csv(areas)
    names = {str(row.get("code") or "").strip(): str(row.get("name") or "").strip() for row in divisions}
    counties = [
        County(
            row["code"],
            row["name"] or names.get(row["code"], row["code"]),
            row["host"].lower() or settings.host_of(row["code"]),
            database_url,
        )
        for row in wanted
    ]
    CountyList(settings.data_dir).found()
    _drop_unused()
    within: dict[str, list[dict[str, str]]] = {}
    for row in divisions:
        within.setdefault(str(row.get("code") or "").strip()[:6], []).append(row)
    above = {c.code: [r for up in (c.code[:2], c.code[:4]) for r in within.get(up, [])] for c in counties}
    _run(settings, "create", [(c, [*above[c.code], *within.get(c.code, [])]) for c in counties], jobs)


def _rows(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise CountyError(f"{file} is not readable as UTF-8 text with commas") from error
    if not rows or "code" not in rows[0]:
        raise CountyError(f"the first line of {file} must name the columns code,name,host")
    return [{k: str(row.get(k) or "").strip() for k in ("code", "name", "host")} for row in rows]


def _drop_unused() -> None:
    """Take away what this very process made for an installation of one county, which it is not any more: an empty file and a key
    that nothing was written with.
    """
    for path in current_app.extensions.get("made_files", ()):
        for name in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            name.unlink(missing_ok=True)


def _refuse_used() -> None:
    """One county's installation stays one; its own tables would be out of reach behind a list."""
    with db.engine.connect() as connection:
        version = schema.stored(connection)
    db.engine.dispose()
    if version:
        raise CountyError(
            "This installation holds one county already (DATA_DIR, DATABASE_URL). Many counties need a data folder of"
            " their own; a backup of this one can be restored into one of them."
        )


@county.command("list")
@_in_words
def list_() -> None:
    """Each county: code, version of the tables, residents, size, latest settlement (townships calculated), host, name;
    below it what failed. Exit 1 when something did.
    """
    settings, servers, failed = _settings(), Servers(), 0
    for one in CountyList(settings.data_dir).all():
        found = standing(settings, one, servers)
        failed += bool(found.failures)
        size = f"{found.size / 2**20:.1f} MB"
        click.echo(
            f"{one.code}  {found.version:<6}  {found.residents:>7} residents  {size:>9}"
            f"  {found.settlement or 'nothing settled':<15}  {one.host}  {one.name}"
        )
        for words in found.failures:
            click.echo(f"        failed: {words}")
    servers.dispose()
    if failed:
        sys.exit(FAILED)


@county.command("migrate")
@CODES
@ALL
@JOBS
@_in_words
def migrate(codes: tuple[str, ...], every: bool, jobs: int) -> None:
    """Bring the tables of counties up to date; those that are stay as they are. May be interrupted and run again."""
    settings = _settings()
    _run(settings, "migrate", [(one, None) for one in _chosen(settings, codes, every)], jobs)


@county.command("settle")
@CODES
@ALL
@click.option("--quarter", default="", help="For example 2026-Q1; default: the quarter that ended last.")
@JOBS
@_in_words
def settle(codes: tuple[str, ...], every: bool, quarter: str, jobs: int) -> None:
    """Calculate the open settlements of a quarter in every township. May be interrupted and run again."""
    settings = _settings()
    try:
        period = Quarter.parse(quarter) if quarter else Quarter.of(clock.today()).previous()
    except ValueError as error:
        raise click.BadParameter("write the quarter as 2026-Q1", param_hint="--quarter") from error
    _run(settings, "settle", [(one, str(period)) for one in _chosen(settings, codes, every)], jobs)


def _chosen(settings: Settings, codes: Sequence[str], every: bool) -> list[County]:
    if bool(codes) == every:
        raise click.UsageError("Name counties by their codes, or give --all.")
    counties = CountyList(settings.data_dir)
    return list(counties.all()) if every else [counties.get(code) for code in dict.fromkeys(codes)]


def _run(settings: Settings, task: str, work: list[tuple[County, Any]], jobs: int) -> None:
    """Do it, a line for each county as it is done; exit 1 when one failed."""
    failed, width = 0, len(str(len(work)))
    for number, outcome in enumerate(runs.each(settings, task, work, jobs), 1):
        done, one = outcome.done, outcome.county
        failed += done.result == "failed"
        mark = {"done": "ok", "same": "--", "failed": "FAILED"}[done.result]
        line = f"[{number:>{width}}/{len(work)}] {one.code} {one.name}  {mark}  {done.words}  {outcome.seconds:.1f} s"
        click.echo(line, err=done.result == "failed")
    click.echo(f"{task}: {len(work)} counties, {failed} failed")
    if failed:
        sys.exit(FAILED)


@click.command("scheduler")
@with_appcontext
@_in_words
def scheduler() -> None:
    """Run the scheduled jobs of every county until stopped."""
    from app.scheduler import serve

    counties: Counties = current_app.extensions["counties"]
    serve(counties.ready)


@click.command("check")
@with_appcontext
@_in_words
def check() -> None:
    """Say of each county whether it may be served, and every reason against it; exit 1 when there is one."""
    counties: Counties = current_app.extensions["counties"]
    failed = 0
    for one in counties.list.all():
        try:
            counties.app(one)
        except (startup.NotReady, ConfigurationError) as refused:
            failed += 1
            for line in str(refused).splitlines():
                click.echo(f"{one.code} {one.name}: {line}")
    counties.close()
    click.echo(f"{len(counties.list.all())} counties, {failed} not ready to serve")
    if failed:
        sys.exit(FAILED)
