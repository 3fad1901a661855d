"""A real browser, and two counties: an empty one for the way of one resident, a lived-in one for everybody's menu."""

from __future__ import annotations

import datetime as dt
import fcntl
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.journeys.grading import CARER
from tests.journeys.serving import Served, served
from tests.journeys.walking import House
from tests.support.browser import launch_options

FOUNDED, FIRST_DAY = dt.date(2026, 1, 12), dt.date(2026, 3, 9)
LIVED_IN = dt.date(2026, 8, 20)


@pytest.fixture(scope="session")
def browser_type_launch_args(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Chromium as this machine has it."""
    return launch_options(tmp_path_factory.mktemp("chromium"))


def _found() -> None:
    """Areas, organisations and accounts; the county has published its pay table. Nobody is on record yet."""
    from app.core import clock
    from app.core.rotation import register_keys
    from app.core.transaction import transaction
    from app.demo.county import found
    from app.demo.invented import People
    from app.demo.paytable import publish_pay_table
    from app.demo.records import local

    with clock.at(local(FOUNDED, 9)):
        register_keys()
        county = found(People(random.Random(7)), FIRST_DAY, 1)
        with transaction() as tx:
            tx.act = "test.name"
            county.users["caregiver_a"].name = CARER
    publish_pay_table(county, FIRST_DAY)


def _live() -> None:
    """A county with a closed quarter behind it."""
    from app.core import clock
    from app.demo.records import local
    from app.demo.seed import seed

    with clock.at(local(LIVED_IN, 8)):
        for _line in seed(residents=24, quarters=2, seed=5, today=LIVED_IN):
            pass


@pytest.fixture
def new_county(tmp_path: Path) -> Iterator[Served]:
    """Served from 9 March 2026 on."""
    with served(tmp_path / "new", _found, FIRST_DAY) as county:
        yield county


@pytest.fixture(scope="session")
def lived_in_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a lived-in county, made by the first worker that asks and read by all."""
    shared = tmp_path_factory.getbasetemp().parent
    data, done = shared / "lived-in", shared / "lived-in.done"
    with (shared / "lived-in.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(data, ignore_errors=True)  # of a run before, in a folder that was named
            with served(data, _live, LIVED_IN):
                pass
            done.touch()
    return data


@pytest.fixture(scope="module")
def lived_in_county(lived_in_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Served on 20 August 2026: one quarter is closed, one runs."""
    folder = tmp_path_factory.mktemp("county") / "data"
    shutil.copytree(lived_in_data, folder)
    with served(folder, _nobody_else, LIVED_IN) as county:
        yield county


def _nobody_else() -> None:
    """The county is full already."""


def house(browser: Browser, county: Served, prefix: str) -> House:
    """The county as people reach it."""
    from app.demo.accounts import PASSWORD

    return House(browser, county.address, PASSWORD, prefix)
