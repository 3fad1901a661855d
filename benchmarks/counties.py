"""P11: many counties on one installation: made, migrated, settled, two at a time, and what routing costs a request."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.config import Settings
from app.core.counties import County, CountyList
from app.core.db import db
from app.counties import runs
from app.counties.serving import Counties
from app.counties.tasks import TASKS, Done
from app.people.models import Resident
from benchmarks import county as people
from benchmarks.databases import Store
from benchmarks.measure import Report, seconds

RESIDENTS = 50
"""Residents of each county, each with a contract; a county of the article has a hundred times as many."""
TURNS = 300


def generated(number: int) -> list[tuple[County, list[dict[str, str]]]]:
    """Invented counties with two townships each."""
    made = []
    for n in range(number):
        code = f"{990100 + 100 * (n // 99) + n % 99 + 1:06d}"
        above = [("99", "试验省", "", "province"), (code[:4], "试验市", "99", "prefecture")]
        own = [(code, f"试验{n + 1}县", code[:4], "county")]
        own += [(f"{code}{t}", f"镇{t}", code, "township") for t in ("100", "101")]
        rows = [dict(zip(("code", "name", "parent", "level"), row, strict=True)) for row in (*above, *own)]
        made.append((County(code, f"试验{n + 1}县", f"c{code}.localhost"), rows))
    return made


def fill(settings: Settings, county: County, number: int) -> Done:
    """A task for the run over counties: people and contracts of one county."""
    from app import factory

    app = factory.build(settings.for_county(county))
    with app.app_context():
        people.fill(number)
        db.session.remove()
    return Done("done", f"{number} residents")


def p11(store: Store, number: int) -> Report:
    """Counties made, looked at for migration, settled; then one reading transaction with and without routing."""
    folder = store.home / f"many-{store.kind}"
    database = store.server.create() if store.server else ""
    url = store.server.url(database) if store.server else ""
    settings = Settings(
        data_dir=folder, database_url=url, secret_key="k" * 40, testing=True
    )  # counties that live for minutes
    CountyList(folder).found()
    work = generated(number)
    counties = [county for county, _rows in work]
    TASKS.setdefault("fill", fill)
    report = Report("P11", f"P11 {number} counties of {RESIDENTS} residents, two at a time, {store.kind}")
    created = _timed(settings, "create", work)
    _timed(settings, "fill", [(county, RESIDENTS) for county in counties])
    migrated = _timed(settings, "migrate", [(county, None) for county in counties])
    settled = _timed(settings, "settle", [(county, people.QUARTER) for county in counties])
    again = _timed(settings, "settle", [(county, people.QUARTER) for county in counties])
    for what, taken in (
        ("made: tables, triggers, keys, areas", created),
        ("migrated, nothing to do", migrated),
        ("settled: opened, calculated, audited", settled),
        ("settled again, nothing to do", again),
    ):
        report.figure(what, f"{taken:.1f} s", "", None, ratio=f"{taken / number:.2f} s a county")
    _routing(settings, counties, report)
    report.remarks.append(
        f"a process for each county; {number} applications in one process: {_memory(settings, counties)}"
    )
    return report


def _timed(settings: Settings, task: str, work: Sequence[tuple[County, Any]]) -> float:
    start = time.perf_counter()
    failed = [outcome for outcome in runs.each(settings, task, work, 2) if outcome.done.result == "failed"]
    if failed:
        raise RuntimeError(f"{task}: {failed[0].county.code}: {failed[0].done.words}")
    return time.perf_counter() - start


def _routing(settings: Settings, counties: Sequence[County], report: Report) -> None:
    """A short reading transaction in one county, and in ten counties in turn."""
    process = Counties(settings)
    apps = [process.app(county) for county in counties[:10]]

    def read(app: Any) -> None:
        with app.app_context():
            db.session.execute(select(Resident.id, Resident.name).order_by(Resident.id).limit(50)).all()

    for app in apps:
        read(app)

    def turns(among: Sequence[Any]) -> None:
        for n in range(TURNS):
            read(among[n % len(among)])

    one, many = (seconds(lambda among=among: turns(among)) / TURNS for among in (apps[:1], apps))  # type: ignore[misc]  # a lambda with a default has no type
    report.within("a short read, ten counties in turn beside one alone", many, one, 1.5)
    process.close()


def _memory(settings: Settings, counties: Sequence[County]) -> str:
    process = Counties(settings, most=len(counties))
    before, start = _resident(), time.perf_counter()
    for county in counties:
        process.app(county)
    taken, grown = time.perf_counter() - start, _resident() - before
    process.close()
    return f"{grown / len(counties):.1f} MB and {taken / len(counties):.2f} s each"


def _resident() -> float:
    """Megabytes of memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20
