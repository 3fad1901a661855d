"""How each county stands, for ``flask county list``: read from its own tables, without making its application."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings
from app.core import schema
from app.core.counties import County
from app.core.db import Servers, county_engine
from app.core.models import JobRun
from app.counties.runs import notes_of
from app.people.models import Resident
from app.settlement.models import Settlement, SettlementState

SIZE = """
SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind = 'r'
"""


@dataclass(frozen=True)
class Standing:
    """One county: version of its tables, residents, bytes, its latest settlement, and what failed."""

    county: County
    version: str
    residents: int
    size: int
    settlement: str
    failures: tuple[str, ...]


def standing(settings: Settings, county: County, servers: Servers) -> Standing:
    """How a county stands; one whose database does not answer says so among its failures."""
    own = settings.for_county(county)
    failures = [
        f"{task}: {note['words']}" for task, note in notes_of(own.data_dir).items() if note["result"] == "failed"
    ]
    try:
        with _open(county_engine(own, servers)) as connection:
            version = schema.stored(connection)
            if version != schema.newest():
                failures.insert(
                    0, "migration needed" if version in schema.known() or not version else "unknown version"
                )
                return Standing(county, version or "no tables", 0, 0, "", tuple(failures))
            failures += [f"job {job} {period}" for job, period in _failed_jobs(connection)]
            residents = connection.scalar(select(func.count()).select_from(Resident)) or 0
            return Standing(county, version, residents, _size(connection), _latest(connection), tuple(failures))
    except (SQLAlchemyError, OSError) as error:
        name = type(getattr(error, "orig", None) or error).__name__
        return Standing(county, "?", 0, 0, "", (f"the database does not answer: {name}", *failures))


@contextmanager
def _open(engine: Engine) -> Iterator[Connection]:
    file = make_url(str(engine.url)).database if engine.dialect.name == "sqlite" else None
    if file is not None and not Path(file).exists():
        raise FileNotFoundError(file)  # looking must not make one
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        if file is not None:
            engine.dispose()


def _failed_jobs(connection: Connection) -> list[tuple[str, str]]:
    """Jobs whose latest run failed."""
    latest = select(func.max(JobRun.id)).group_by(JobRun.job)
    query = select(JobRun.job, JobRun.period).where(JobRun.id.in_(latest), JobRun.ok.is_(False)).order_by(JobRun.job)
    return [(row[0], row[1]) for row in connection.execute(query)]


def _latest(connection: Connection) -> str:
    """The latest quarter that something is calculated of: how many townships are, of how many."""
    calculated = Settlement.state != SettlementState.OPEN
    quarter = connection.scalar(select(func.max(Settlement.quarter)).where(calculated))
    if quarter is None:
        return ""
    states = connection.scalars(select(Settlement.state).where(Settlement.quarter == quarter)).all()
    return f"{quarter} {sum(1 for s in states if s is not SettlementState.OPEN)}/{len(states)}"


def _size(connection: Connection) -> int:
    if connection.dialect.name == "sqlite":
        pages = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("page_count", "page_size")]
        return int(pages[0] or 0) * int(pages[1] or 0)
    return int(connection.scalar(text(SIZE)) or 0)
