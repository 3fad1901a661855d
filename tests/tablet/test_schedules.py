"""Whatever happens between devices and the county: no accepted record missing, none doubled, no refused one hidden.

The suite runs 30 of them, on PostgreSQL 15 without the restore (a county in a file is copied away and back many times a
second); ``LONG_RUNS=1`` runs 10,000 (docs/performance.md has the figure).
"""

from __future__ import annotations

import os
import random
import shutil
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.core.db import db
from app.core.transaction import transaction
from tests.conftest import DATABASE
from tests.factories import TOWNSHIP_A
from tests.tablet import schedules
from tests.tablet.schedules import Killed

LONG = os.environ.get("LONG_RUNS") == "1"
SCHEDULES = 10_000 if LONG else 30 if DATABASE == "sqlite" else 15
EACH = 250
"""Schedules on one database; then a fresh copy, so that copying it for a restore stays cheap."""


def post_to(app: Flask) -> schedules.Post:
    client = app.test_client()

    def post(path: str, body: Any, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        try:
            response = client.post(path, json=body, headers=headers)
        except Killed:
            db.session.rollback()
            raise
        finally:
            db.session.rollback()
        return response.status_code, response.get_json()

    return post


class Files:
    """Backup and restore of a SQLite county by its file, many times a second."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.path = Path(db.engine.url.database or "")
        self.folder = folder

    def _close(self) -> None:
        db.session.remove()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()

    def save(self) -> Path:
        self._close()
        target = self.folder / "saved.sqlite3"
        shutil.copyfile(self.path, target)
        return target

    def restore(self, saved: Path) -> None:
        self._close()
        for path in self.path.parent.glob(self.path.name + "-*"):
            path.unlink()
        shutil.copyfile(saved, self.path)


def narrow(county: Any) -> None:
    """The first assessor works in one township, so that residents can move out of the area."""
    with transaction() as tx:
        tx.act = "test.narrow"
        county.user("assessor_a").area_code = TOWNSHIP_A


@pytest.mark.long
def test_nothing_is_lost_doubled_or_hidden(app: Flask, county: Any, tmp_path: Path) -> None:
    narrow(county)
    files, post = (Files(app, tmp_path) if DATABASE == "sqlite" else None), post_to(app)
    fresh = files.save().rename(tmp_path / "fresh.sqlite3") if files is not None else None
    happened: Counter[str] = Counter()
    began = time.perf_counter()
    for seed in range(SCHEDULES):
        if fresh is not None and files is not None and seed and seed % EACH == 0:
            files.restore(fresh)
        rng = random.Random(seed)
        world = schedules.world(county, post, rng)
        back = (files.save, files.restore) if files is not None else (None, None)
        schedules.run(world, rng.randint(4, 16), *back)
        assert schedules.wrong(world) == [], f"schedule {seed}"
        happened.update(world.seen)
    print(f"{SCHEDULES} schedules in {time.perf_counter() - began:.0f} s: {dict(happened)}")
    every = {"crashed", "restored", "moved", "courier", "arrived late", "blocked"}
    every |= {"settled", "corrected"} if LONG else set()  # rarer: the suite has tests of their own for them
    assert (every if files is not None else {"moved"}) <= set(happened)
