"""The tablet and the server are one engine: equal to the last field of the trace, refusals and explanations included.

In the suite a part of the sheets; with ``LONG_RUNS=1`` all 46,656 sheets of form B.1 and 100,000 random ones.
"""

from __future__ import annotations

import copy
import json
import os
import random
from collections.abc import Iterator
from itertools import islice, product
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

import assessments
from assessments.export import digest, exported
from tests.assessments.added import added
from tests.assessments.sheets import codes_of, random_sheets, sheet
from tests.assessments.tablet import differences, opened
from tests.support.browser import launch_options

pytestmark = pytest.mark.journey

ALL = os.environ.get("LONG_RUNS") == "1"
KEYS = tuple(assessments.available())
WRONG = [None, True, False, 1, 4, -1, 1.5, 1e-7, 0.00005, 2**40, "", "A0", "A9", "x" * 70, "\u4e00\U0001f600", [], [1], {}, {"a": 1}, "\ud800"]  # fmt: skip


@pytest.fixture(scope="session")
def browser_type_launch_args(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return launch_options(tmp_path_factory.mktemp("chromium"))


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    found = opened(browser, *(assessments.load(*key.split("@")) for key in KEYS), *(one for one, _ in added()))
    yield found
    found.close()


def criteria() -> Iterator[dict[str, Any]]:
    """All 46,656 sheets of form B.1 of MZ/T 039."""
    codes = list(codes_of(assessments.load("mzt039", "2013")).items())[:10]
    base = sheet("mzt039@2013")
    for scores in product(*(own for _, own in codes)):
        yield base | {"answers": base["answers"] | dict(zip([name for name, _ in codes], scores, strict=True))}


def mixes() -> Iterator[dict[str, Any]]:
    """A sheet for each of the 256 mixes of the four domain levels."""
    adl = [{}, {"B.1.1": 5}, {"B.1.8": 0, "B.1.9": 0, "B.1.7": 0, "B.1.6": 0}, {f"B.1.{n}": 0 for n in range(1, 11)}]
    mental = [{}, {"B.2.1": 1}, {"B.2.1": 2}, {"B.2.1": 2, "B.2.2": 2}]
    sensory = [{}, {"B.3.2": 2}, {"B.3.2": 3}, {"B.3.2": 4}]
    social = [{}, {"B.4.1": 3}, {"B.4.1": 4, "B.4.2": 4}, {f"B.4.{n}": 4 for n in range(1, 6)}]
    for parts in product(adl, mental, sensory, social):
        yield sheet("mzt039@2013", answers={name: code for part in parts for name, code in part.items()})


def damaged(key: str, count: int, seed: int) -> Iterator[Any]:
    """Sheets with something wrong, missing, unknown, in coma, or for form B.1 only."""
    source = random.Random(seed)
    for good in random_sheets(key, count, seed):
        for _ in range(source.randint(1, 4)):
            part = source.choice(["answers", "facts"])
            values = good[part]
            if not isinstance(values, dict):
                continue
            act = source.randrange(9)
            if act == 0 and values:
                del values[source.choice(list(values))]
            elif act == 1 and values:
                values[source.choice(list(values))] = copy.deepcopy(source.choice(WRONG))
            elif act == 2:
                values[source.choice(["z", "77", "B.9", "\U0001f600", "\uffee", "constructor", "__proto__", "x" * 65])] = copy.deepcopy(source.choice(WRONG))  # fmt: skip
            elif act == 3:
                good["scope"] = source.choice(["all", "B.1", "B.2", None, 1])
            elif act == 4:
                good[source.choice(["note", "answers", "facts", "7"])] = copy.deepcopy(source.choice(WRONG))
            elif act == 5:
                good["answers"] = dict(source.sample(sorted(values.items(), key=str), source.randint(0, len(values))))
            elif act == 6 and "B.3.1" in values:
                values["B.3.1"] = 3
            elif act == 7:
                good["facts"] = {}
            elif act == 8:
                good[part] = dict(source.sample(sorted(values.items(), key=str), len(values)))
        yield good


def test_all_sheets_of_form_b1(page: Page) -> None:
    found = criteria() if ALL else islice(criteria(), 0, None, 53)
    assert list(islice(differences(page, found), 1)) == []


def test_the_256_mixes_of_the_domain_levels(page: Page) -> None:
    levels = {tuple(assessments.score(one).as_dict()[f"{key}_level"] for key in ("adl", "mental", "sensory", "social")) for one in mixes()}  # fmt: skip
    assert len(levels) == 256
    assert list(islice(differences(page, mixes()), 1)) == []


@pytest.mark.parametrize("key", KEYS)
def test_random_sheets(page: Page, key: str) -> None:
    assert list(islice(differences(page, random_sheets(key, 100_000 if ALL else 800, seed=3)), 1)) == []


@pytest.mark.parametrize("key", KEYS)
def test_refusals_and_sheets_in_part(page: Page, key: str) -> None:
    found = list(damaged(key, 20_000 if ALL else 500, seed=4))
    assert list(islice(differences(page, found), 1)) == []
    assert list(islice(differences(page, found[:100], instrument=assessments.load(*key.split("@"))), 1)) == []


@pytest.mark.parametrize("key", KEYS)
def test_the_nearest_changes(page: Page, key: str) -> None:
    found = [sheet(key), sheet(key, "worst"), *random_sheets(key, 400 if ALL else 4, seed=5)]
    assert list(islice(differences(page, found, work="explain", batch=20), 1)) == []


def test_an_instrument_that_was_only_added_as_a_file(page: Page) -> None:
    for instrument, sheets in added():
        assert list(differences(page, sheets, instrument=instrument)) == []


def test_sheets_that_are_no_sheets_or_name_no_instrument(browser: Browser) -> None:
    page = opened(browser, *(assessments.load(*key.split("@")) for key in KEYS))
    found: list[Any] = [None, 1, "x", [], {}, {"instrument": None}, {"instrument": 1}, {"instrument": "constructor"}]
    found += [{"instrument": text} for text in ("", "x@1", "x" * 100, 'a"b\\', "\U0001f600@1", "\ud800@1")]
    assert list(differences(page, found)) == []
    page.close()


def test_damaged_data_is_not_opened(page: Page) -> None:
    data = exported(assessments.load("selfcare30", "1"))
    given = {"key": "selfcare30@1", "data": data, "export_sha256": digest({**data, "version": "2"})}
    refused = page.evaluate(
        """async (given) => {
          const { opened } = await import("/static/js/engine/index.js");
          return opened(given).then(() => "", (error) => error.message);
        }""",
        json.loads(json.dumps(given)),
    )
    assert refused == "the data of selfcare30@1 is damaged"
