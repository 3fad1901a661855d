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
from app.core.errors import Refused
from app.core.models import COUNTY_KEY, Setting
from app.core.money import format_yuan
from app.core.rotation import check_keys, create_keys, register_keys
from app.core.transaction import end_reading, transaction
from app.places import operations as places
from app.places.models import Area
from app.settlement import operations as settling
from app.settlement import queries
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
    """Calculate a quarter township by township, each in its own transaction, and go on with what was stopped before.

    Where every township is calculated or further on nothing is done. A township that is refused keeps the others from
    nothing, and makes the county one that failed.
    """
    app = factory.build(settings.for_county(county))
    with _open(app):
        if (problem := schema.problem()) is not None:
            raise Refused(problem)
        actor = system_actor("command line")
        if queries.calculation_under_way(actor) != quarter:
            states = _states(quarter)
            if len(states) == len(queries.townships(actor)) and SettlementState.OPEN not in states:
                return Done("same", f"{len(states)} townships calculated already")
            end_reading()
            settling.open_quarter(actor, quarter)
            settling.ask_all(actor, quarter)
        done, refused, lines, fen = 0, [], 0, 0
        for step in settling.calculate_asked(actor, quarter):
            row = queries.settlement(actor, step.settlement_id)
            if step.problem is not None:
                refused.append(f"{row.area_code}: {step.problem}")
            else:
                done, lines, fen = done + 1, lines + row.lines_count, fen + row.pay_fen
            end_reading()
        total = len(_states(quarter))
    words = f"{done} of {total} townships calculated, {lines} lines, {format_yuan(fen)}"
    return Done("failed", f"{words}; refused: {'; '.join(refused)}") if refused else Done("done", words)


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


def _states(quarter: str) -> list[SettlementState]:
    """How the settlements of a quarter stand."""
    return list(db.session.scalars(select(Settlement.state).where(Settlement.quarter == quarter)))
