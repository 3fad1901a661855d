"""P10: sheets of tablets through the sync endpoint beside the bare insert of the rows they leave behind."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import insert, select

from app.core.db import db
from app.grading.models import GradeProposal, Sheet
from app.tablet.models import SyncReceipt, SyncRecord
from benchmarks.databases import Store
from benchmarks.measure import Report, median_of_turns, shown
from tests.factories import VILLAGE_A, County, found_county, resident
from tests.tablet.conftest import enrolled, write_sheet
from tests.tablet.device import Tablet

SHEETS, BATCH = 200, 20
"""Sheets of one run, and how many a tablet sends at once."""
LEFT = (Sheet, GradeProposal, SyncRecord, SyncReceipt)
"""What a sheet leaves behind beside the audit log."""


def p10(store: Store, times: int) -> Report:
    """Sheets with all forty-two answers and their whole trace, first sent and sent again, in batches of a tablet."""
    tablet = Tablet()
    store.fill("sync", lambda: _fill(tablet))
    rows: dict[Any, list[dict[str, Any]]] = {}
    turns: dict[str, Callable[[], float]] = {
        "ours": lambda: _with(store, lambda app: _sent(app, tablet, rows)),
        "again": lambda: _with(store, lambda app: _again(app, tablet)),
        "each": lambda: _with(store, lambda _app: _inserted(rows, each=True)),
        "whole": lambda: _with(store, lambda _app: _inserted(rows, each=False)),
    }
    turns["ours"]()  # the rows the bare inserts repeat
    taken = median_of_turns(turns, times)
    report = Report("P10", f"P10 {SHEETS} sheets of a tablet in batches of {BATCH}, {store.kind}")
    rate = SHEETS / taken["ours"]
    for what, name in (("one durable transaction for each sheet", "each"), ("all rows in one transaction", "whole")):
        other = SHEETS / taken[name]
        report.figure(
            f"sheets a second beside bare inserts, {what}",
            shown(rate, "/s"),
            "",
            None,
            shown(other, "/s"),
            f"{rate / other:.3f} ×",
        )
    report.figure("the same batches again (duplicates)", shown(SHEETS / taken["again"], "/s"), "", None)
    report.remarks.append(
        "ours verifies each signature, keeps the text encrypted, scores the sheet anew and compares the whole trace, proposes the grade,"
        " writes the audit log and signs a receipt; every sheet is a transaction of its own, so that one that is refused holds up no other"
    )
    return report


def _fill(tablet: Tablet) -> None:
    from app.core.rotation import register_keys
    from app.core.transaction import transaction

    register_keys()
    found_county()
    with transaction() as tx:
        tx.act = "bench.residents"
        names = [f"老人{n:04d}" for n in range(SHEETS)]
        for name in names:
            resident(name, area_code=VILLAGE_A)
    county = County()
    enrolled(county, tablet=tablet)
    for name in names:
        write_sheet(tablet, county, name, key=str(uuid.uuid5(uuid.NAMESPACE_OID, name)))


def _with(store: Store, work: Callable[[Flask], float]) -> float:
    with store.copy("sync") as app:
        return work(app)


def _send(app: Flask, tablet: Tablet) -> float:
    """Seconds for all batches; every sheet must be accepted."""
    client = app.test_client()
    counters = list(tablet.texts)
    wires = [tablet.wire(counters[at : at + BATCH]) for at in range(0, len(counters), BATCH)]
    started, since = time.perf_counter(), None
    for wire in wires:  # it says what it has heard, as every device does; otherwise all receipts come again each time
        answer = client.post("/tablet/api/records", json={"records": wire, "since": since}, headers=tablet.headers)
        assert answer.status_code == 200
        since = answer.get_json()["latest"]
    taken = time.perf_counter() - started
    db.session.rollback()
    return taken


def _sent(app: Flask, tablet: Tablet, rows: dict[Any, list[dict[str, Any]]]) -> float:
    taken = _send(app, tablet)
    for model in LEFT:
        table = model.__table__
        rows[model] = [dict(row) for row in db.session.execute(select(*table.columns).order_by(table.c.id)).mappings()]
        assert len(rows[model]) == SHEETS, f"{model.__name__}: {len(rows[model])} rows of {SHEETS} sheets"
    db.session.rollback()
    return taken


def _again(app: Flask, tablet: Tablet) -> float:
    _send(app, tablet)
    return _send(app, tablet)


def _inserted(rows: dict[Any, list[dict[str, Any]]], *, each: bool) -> float:
    """Seconds for the bare rows, by themselves or all at once."""
    started = time.perf_counter()
    with db.engine.connect() as connection:
        if each:
            for place in range(SHEETS):
                with connection.begin():
                    for model in LEFT:
                        connection.execute(insert(model.__table__), rows[model][place])  # type: ignore[arg-type]  # a table, which the mapping calls a selectable
        else:
            with connection.begin():
                for model in LEFT:
                    connection.execute(insert(model.__table__), rows[model])  # type: ignore[arg-type]  # a table, which the mapping calls a selectable
    return time.perf_counter() - started
