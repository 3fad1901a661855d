"""P3: what one resident's day of twelve items costs to keep, and how fast days are loaded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from sqlalchemy import text

from app.core.db import db
from benchmarks import county
from benchmarks.databases import Store
from benchmarks.measure import Report, median_of_turns, seconds

DAYS, RESIDENTS = 60, 2000
COLUMNS = "done, excused, recorded_at, day, resident_id, plan_id, recorded_by, caregiver_id, not_done_mask, late_mask"
KEYS = {"resident": "resident", "plan": "care_plan"}
"""Foreign keys of the table by name, and the table each leads to."""
TWELVE = """CREATE TABLE twelve (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, day date NOT NULL, resident_id bigint NOT NULL,
    shift smallint NOT NULL, item varchar(3) NOT NULL, outcome varchar(16) NOT NULL, recorded_by bigint, recorded_at timestamptz NOT
    NULL, UNIQUE (resident_id, day, shift, item))"""


def p3(store: Store, times: int) -> Report:
    """Bytes and rows a second of the product's table, and of a row for each item; on SQLite of the product's table."""
    if store.kind == "sqlite":
        return _sqlite(store, times)
    name = f"county{RESIDENTS}"
    store.fill(name, lambda: county.fill(RESIDENTS))
    sizes: dict[str, float] = {}

    def load(table: str, columns: str, rows: Iterator[tuple[Any, ...]], days: int, keys: tuple[str, ...] = ()) -> float:
        """Seconds for one row; ``keys`` are taken away before and made again, which checks them in one pass, after."""
        with store.copy(name):
            with db.engine.begin() as connection:
                if table == "twelve":
                    connection.execute(text(TWELVE))
            ready = list(rows)
            raw = db.engine.raw_connection()
            try:
                cursor: Any = raw.cursor()

                def work() -> None:
                    for key in keys:
                        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT fk_{table}_{key}_id")
                    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                        for row in ready:
                            copy.write_row(row)
                    for key in keys:
                        cursor.execute(
                            f"ALTER TABLE {table} ADD CONSTRAINT fk_{table}_{key}_id FOREIGN KEY ({key}_id) REFERENCES {KEYS[key]}"
                        )
                    raw.commit()

                taken = seconds(work)
            finally:
                raw.close()
            with db.engine.connect() as reader:
                size = reader.execute(text("SELECT pg_total_relation_size(CAST(:t AS regclass))"), {"t": table})
                sizes[table] = int(size.scalar_one()) / days
        return taken / days

    few = DAYS // 6
    taken = median_of_turns(
        {
            "masks": lambda: load("checklist_day", COLUMNS, _masks(DAYS), DAYS * RESIDENTS),
            "once": lambda: load("checklist_day", COLUMNS, _masks(DAYS), DAYS * RESIDENTS, tuple(KEYS)),
            "twelve": lambda: load("twelve", "day, resident_id, shift, item, outcome, recorded_by, recorded_at", _items(few), few * RESIDENTS),
        },
        times,
    )  # fmt: skip
    report = Report("P3", f"P3 checklists, {DAYS * RESIDENTS:,} resident-days of twelve items, postgresql")
    each = sizes["checklist_day"]
    report.figure(
        "bytes for a resident-day, with indexes", f"{each:.0f}", "≤ 100", each <= 100, f"{sizes['twelve']:.0f} (a row an item)",
        f"{sizes['twelve'] / each:.1f} × smaller",
    )  # fmt: skip
    rate = 1 / taken["masks"]
    report.figure(
        "bulk load by COPY, resident-days/s", f"{rate:,.0f}", "≥ 200,000", rate >= 200_000, f"{1 / taken['twelve']:,.0f} (a row an item)",
        f"{taken['twelve'] / taken['masks']:.1f} × faster",
    )  # fmt: skip
    once = 1 / taken["once"]
    report.figure(
        "the same, keys checked once at the end (a history into an empty county)", f"{once:,.0f}", "≥ 200,000", once >= 200_000,
        f"{rate:,.0f} (row by row)", f"{once / rate:.1f} × faster",
    )  # fmt: skip
    report.remarks.append(
        "row by row the server looks up the resident and the plan of each row, which is most of the time; the driver could "
        "write some 400,000 rows of Python values a second"
    )
    return report


def _sqlite(store: Store, times: int) -> Report:
    """Pages of the table and of its key, by SQLite's own count."""
    name, number = f"county{RESIDENTS}", DAYS * RESIDENTS
    store.fill(name, lambda: county.fill(RESIDENTS))
    sizes: dict[str, float] = {}

    def load() -> float:
        with store.copy(name):
            ready = [(a, b, str(at), str(day), *rest) for a, b, at, day, *rest in _masks(DAYS)]
            raw = db.engine.raw_connection()
            try:
                cursor: Any = raw.cursor()

                def work() -> None:
                    cursor.execute("BEGIN")  # the driver would commit each row by itself
                    cursor.executemany(f"INSERT INTO checklist_day ({COLUMNS}) VALUES ({', '.join('?' * 10)})", ready)
                    raw.commit()

                taken = seconds(work)
                pages = "SELECT name, sum(pgsize) FROM dbstat WHERE name LIKE '%checklist_day%' GROUP BY name"
                sizes.update({table: int(size) / number for table, size in cursor.execute(pages)})
            finally:
                raw.close()
        return taken / number

    rate = 1 / median_of_turns({"days": load}, times)["days"]
    each = sum(sizes.values())
    report = Report("P3", f"P3 checklists, {number:,} resident-days of twelve items, sqlite")
    parts = " + ".join(f"{size:.0f} ({table})" for table, size in sorted(sizes.items()))
    report.figure("bytes for a resident-day, with indexes", f"{each:.0f}", "≤ 100", each <= 100, parts, "")
    report.figure("bulk load, foreign keys checked row by row, resident-days/s", f"{rate:,.0f}", "", True, "", "")
    return report


def _days(days: int) -> Iterator[tuple[dt.date, int]]:
    for day in range(days):
        for person in range(1, RESIDENTS + 1):
            yield dt.date(2026, 1, 1) + dt.timedelta(days=day), person


def _masks(days: int) -> Iterator[tuple[Any, ...]]:
    at = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
    for day, person in _days(days):
        yield 0x213111222113, 0, at, day, person, person, 1, person, 0, 0


def _items(days: int) -> Iterator[tuple[Any, ...]]:
    at = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
    for day, person in _days(days):
        for item in range(12):
            yield day, person, 0, f"S{item + 1:02d}", "done", 1, at
