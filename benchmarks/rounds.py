"""P3: days of care through the sync endpoint, as a ward's tablet sends them after days without network."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import func, select, update

from app.auth.models import User
from app.auth.sessions import actor_of
from app.care.models import CarePlan, ChecklistDay
from app.care.rules import ITEMS, parse_frequency, times_due
from app.core import clock
from app.core.actor import Role
from app.core.backup import triggers_off
from app.core.db import db
from app.core.transaction import transaction
from app.people.models import Resident, ResidentStatus, Setting
from app.tablet import signing
from app.tablet.operations.devices import enrol_device
from app.tablet.rules import MAX_RECORDS
from benchmarks import county
from benchmarks.databases import Store
from benchmarks.measure import Report, median_of_turns, shown
from tests.tablet.device import Tablet, jwk

RESIDENTS, DAYS, WARD = 500, 12, 30
OFTEN = ("3/d", "1/d", "1/d", "2/d", "1/w", "1/d", "q2hD", "1/m", "1/d", "1/w", "1/d", "prn")
"""How often the twelve items of every plan are due."""


def p3_sync(store: Store, times: int, batch: int = 3000) -> Report:
    """A house of residents with twelve items each, some days of it, in batches; then the same batches again."""
    store.fill("rounds", _fill)
    turns: dict[str, Callable[[], float]] = {
        "days": lambda: _with(store, lambda app: _send(app, batch)),
        "rounds": lambda: _with(store, lambda app: _send(app, batch, rounds=True)),
        "again": lambda: _with(store, lambda app: _send(app, batch, again=True)),
    }
    taken = median_of_turns(turns, times)
    report = Report(
        "P3", f"P3 {RESIDENTS * DAYS:,} resident-days through the sync endpoint, batches of {batch}, {store.kind}"
    )
    for what, name in (
        ("a record for each ward's round of thirty", "rounds"),
        ("a record for each resident's day", "days"),
    ):
        rate = 1 / taken[name]
        report.figure(f"{what}, resident-days/s", shown(rate, "/s"), "≥ 10,000", rate >= 10_000)
    report.figure("the same batches again (duplicates), resident-days/s", shown(1 / taken["again"], "/s"), "", None)
    return report


def _fill() -> None:
    from app.core.rotation import register_keys

    register_keys()
    county.fill(RESIDENTS)
    lines: list[dict[str, Any]] = [
        {"item": item, "frequency": often, "notes": [], "note": None} for item, often in zip(ITEMS, OFTEN, strict=True)
    ]
    with transaction(), triggers_off(db.session.connection()):  # a plan that somebody had approved like that
        db.session.execute(update(CarePlan).values(lines=lines))
        db.session.execute(
            update(Resident).values(
                institution_id=1,
                caregiver_id=None,
                setting=Setting.INSTITUTIONAL,
                status=ResidentStatus.ACTIVE,
                ended_on=None,
            )
        )
        db.session.add(
            User(id=100, username="worker", name="worker", role=Role.CARE_WORKER, organisation_id=1, person_key="person:worker",
                 password_hash="-", password_changed_at=county.THEN, created_at=county.THEN)  # noqa: S106  # nobody signs in by it
        )  # fmt: skip


def _with(store: Store, work: Callable[[Flask], float]) -> float:
    with store.copy("rounds") as app:
        return work(app)


def _tablet() -> Tablet:
    worker = db.session.scalars(select(User).where(User.username == "worker")).one()
    tablet = Tablet()
    _row, tablet.token = enrol_device(actor_of(worker), tablet.uid, "病房", jwk(tablet.key.public_key()))
    tablet.keys = [signing.receipt_key().public()]
    return tablet


def _entries(day: dt.date) -> dict[str, Any]:
    due = {item: times_due(parse_frequency(often), day) for item, often in zip(ITEMS, OFTEN, strict=True)}
    return {item: {"outcome": "done", "times": 1, "reason": None, "note": None} for item in ITEMS if due[item]}


def _numbers() -> list[str]:
    found = list(db.session.scalars(select(Resident.number).order_by(Resident.id)))
    db.session.rollback()
    return found


def _days() -> list[dt.date]:
    return [clock.today() - dt.timedelta(days=back) for back in range(DAYS)]


def _written(tablet: Tablet) -> list[int]:
    """A record for each resident's day."""
    found, numbers = [], _numbers()
    for day in _days():
        for number in numbers:
            content: dict[str, Any] = {
                "resident": number, "day": day.isoformat(), "entries": _entries(day), "correction": None, "card": None,
                "photos": [], "anchor": None, "started_at": tablet.clock(clock.now()), "finished_at": tablet.clock(clock.now()),
            }  # fmt: skip
            found.append(tablet.write("care_day", str(uuid.uuid4()), content, now=clock.now()))
    return found


def _rounds(tablet: Tablet) -> list[int]:
    """The same days as rounds of a ward, one record each."""
    found, numbers = [], _numbers()
    for day in _days():
        for start in range(0, len(numbers), WARD):
            done = dict.fromkeys(_entries(day), 1)
            days = dict.fromkeys(numbers[start : start + WARD], done)
            content: dict[str, Any] = {"day": day.isoformat(), "days": days, "anchor": None}
            found.append(tablet.write("care_round", str(uuid.uuid4()), content, now=clock.now()))
    return found


def _send(app: Flask, batch: int, *, again: bool = False, rounds: bool = False) -> float:
    """Seconds for one resident-day. A device hears each answer before it sends the next batch, as ours does."""
    tablet = _tablet()
    counters = _rounds(tablet) if rounds else _written(tablet)
    batch = max(1, batch // WARD) if rounds else min(batch, MAX_RECORDS)
    client = app.test_client()
    wires = [tablet.wire(counters[at : at + batch]) for at in range(0, len(counters), batch)]
    taken = 0.0
    for turn in range(2 if again else 1):
        taken, since = 0.0, None
        for wire in wires:
            started = time.perf_counter()
            answer = client.post("/tablet/api/records", json={"records": wire, "since": since}, headers=tablet.headers)
            taken += time.perf_counter() - started
            body = answer.get_json()
            assert answer.status_code == 200, body
            since = body["latest"]
            verdict = '"verdict":"duplicate"' if turn else '"verdict":"accepted"'
            assert all(verdict in one["text"] for one in body["receipts"]), body["receipts"][0]
    db.session.rollback()
    days = RESIDENTS * DAYS
    assert db.session.scalar(select(func.count()).select_from(ChecklistDay)) == days
    return taken / days
