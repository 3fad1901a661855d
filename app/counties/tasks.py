"""What is done to one county: made, migrated, settled. Each may be done again at any time and goes on where it stopped."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from app import factory
from app.auth.roles import system_actor
from app.build import database
from app.config import Settings
from app.core import clock, schema
from app.core.counties import County, CountyList, alone
from app.core.db import Servers, db
from app.core.errors import DomainError, Refused
from app.core.models import COUNTY_KEY, Setting
from app.core.money import format_yuan
from app.core.rotation import check_keys, create_keys, register_keys
from app.core.transaction import end_reading, transaction
from app.places import operations as places
from app.places.models import Area
from app.settlement import operations as settling
from app.settlement.models import Settlement, SettlementState

Result = Literal["done", "same", "failed"]


@dataclass(frozen=True)
class Done:
    """What became of one county, in words for the line of progress; ``same``: there was nothing to do."""

    result: Result
    words: str


def make(settings: Settings, county: County, areas: list[dict[str, str]]) -> Done:
    """Make a county: folder, schema, tables, keys, areas; then put it on the list, from when on it is served.

    What an interrupted making left is used. ``areas`` are the division codes of the county, of what is in it and of
    what it is in. Raises ``Refused`` and ``CountyError`` in words.
    """
    own = settings.for_county(county)
    known = county in CountyList(settings.data_dir).all()
    if not any(str(row.get("code") or "").strip() == county.code for row in areas):
        raise Refused(f"The division codes have no county {county.code}: give a file that has it (--areas).")
    own.data_dir.parent.mkdir(mode=0o700, exist_ok=True)
    own.data_dir.mkdir(mode=0o700, exist_ok=True)
    with alone(own.data_dir / "making"):
        servers = Servers()
        if own.schema:
            servers.make_schema(own.sqlalchemy_url, own.schema)
        app = factory.build(own, servers)
        with _open(app):
            _upgrade(app)
            if not own.keyring_path.exists():
                create_keys()
            check_keys()
            register_keys()
            _note(county)
            if db.session.get(Area, county.code) is None:
                places.load_areas(system_actor("command line"), areas)
            end_reading()
        CountyList(settings.data_dir).add(county)
    words = f"tables {schema.newest()}, {len(areas)} areas, {own.base_url}"
    return Done("same" if known else "done", words)


def migrate(settings: Settings, county: County, _nothing: Any = None) -> Done:
    """Bring the tables of a county up to date, in one transaction; a SQLite file is copied first."""
    app = factory.build(settings.for_county(county))
    with _open(app):
        before = _upgrade(app)
        _note(county)
        end_reading()
    if before == schema.newest():
        return Done("same", f"at {before} already")
    return Done("done", f"{before or 'no tables'} → {schema.newest()}")


def settle(settings: Settings, county: County, quarter: str) -> Done:
    """Calculate every settlement of ``quarter`` that is open, township by township, each in its own transaction.

    What is calculated, submitted or further stays as it is. A township that is refused keeps the others from nothing.
    """
    app = factory.build(settings.for_county(county))
    with _open(app):
        if (problem := schema.problem()) is not None:
            raise Refused(problem)
        actor = system_actor("command line")
        rows = _settlements(quarter)
        if len(rows) < len(_townships()):
            settling.open_quarter(actor, quarter)
            rows = _settlements(quarter)
        refused, done, lines, fen = [], 0, 0, 0
        for settlement_id, area_code, state in rows:
            if state is not SettlementState.OPEN:
                continue
            try:
                row = settling.calculate(actor, settlement_id)
            except DomainError as error:
                refused.append(f"{area_code}: {error}")
                continue
            done, lines, fen = done + 1, lines + row.lines_count, fen + row.pay_fen
        end_reading()
    words = f"{done} of {len(rows)} townships calculated, {lines} lines, {format_yuan(fen)}"
    if refused:
        return Done("failed", f"{words}; refused: {'; '.join(refused)}")
    return Done("done", words) if done else Done("same", f"{len(rows)} townships calculated already")


Task = Callable[[Settings, County, Any], Done]
TASKS: dict[str, Task] = {"create": make, "migrate": migrate, "settle": settle}


@contextmanager
def _open(app: Flask) -> Iterator[None]:
    """Work in a county, and leave its connections closed (of a SQLite file: its journal written back)."""
    with app.app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


def _upgrade(app: Flask) -> str:
    """Upgrade the tables and return their version before. Raises ``Refused`` for tables of an unknown version."""
    with db.engine.connect() as connection:
        before = schema.stored(connection)
    if before == schema.newest():
        return before
    if before and before not in schema.known():
        raise Refused(schema.problem() or "")
    file = database.sqlite_file(app.config["SQLALCHEMY_DATABASE_URI"])
    if before and file is not None:
        database.keep_copy(file, clock.now())
    logging.getLogger("alembic").setLevel(logging.WARNING)
    upgrade(directory=str(schema.FOLDER))
    return before


def _note(county: County) -> None:
    """Write into the county's own tables which county they hold. Raises ``Refused`` when they hold another."""
    noted = db.session.get(Setting, COUNTY_KEY)
    if noted is not None and noted.value != county.code:
        raise Refused(f"The tables hold county {noted.value} already.")
    if noted is None:
        with transaction() as tx:
            tx.act, tx.actor = "county.create", system_actor("command line")
            db.session.add(Setting(key=COUNTY_KEY, value=county.code))


def _settlements(quarter: str) -> list[tuple[int, str, SettlementState]]:
    query = select(Settlement.id, Settlement.area_code, Settlement.state).where(Settlement.quarter == quarter)
    rows = [(row[0], row[1], row[2]) for row in db.session.execute(query.order_by(Settlement.area_code))]
    end_reading()
    return rows


def _townships() -> list[str]:
    from app.settlement.queries import townships

    return [area.code for area in townships(system_actor("command line"))]
