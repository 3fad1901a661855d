"""Impossible identifiers and hostile search words in every address: never a 5xx, nothing stored."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask

from tests.guards.routes import cells, fill
from tests.guards.test_pages import ISSUED
from tests.support.hostile import Rotation, strings
from tests.support.state import AUDIT, TRACES, changed, counts, tables
from tests.support.walker import Browser

APP = Path(__file__).parent.parent.parent / "app"
IMPOSSIBLE = ("0", "-1", "1" * 25, "９２", "0x1", "1.0", "%00", "1e3", "²", "9223372036854775808", "00001")
"""No row number: zero, negative, 25 digits, full-width digits, other spellings, one more than the largest."""
PARAMETERS = frozenset(
    "account act active area as bed born_on by cause certificate_valid_to cursor day device field from item judged "
    "kind limit mine month next on part patient period care start problem q quarter queue resident_id settlement_id show sort standing "
    "state status supported_from tiers to until who within".split()
)
"""Every name that the product reads from the query of an address. A new one fails the test below until it stands here."""
READERS = {"args.get", "text_arg", "_day", "_whole", "whole", "_choice", "_digits", "day_arg", "choice_arg", "area_arg"}


def read_names() -> set[str]:
    """Names in calls that read the query of an address."""
    found = set()
    for path in APP.rglob("*.py"):
        if "views" not in path.parts and path.stem not in {"views", "forms", "filters", "paging", "shared"}:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = ast.unparse(node.func)
                if isinstance(node.args[0].value, str) and any(name == r or name.endswith(f".{r}") for r in READERS):
                    found.add(node.args[0].value)
    return found


def test_every_name_read_from_an_address_is_listed() -> None:
    assert read_names() == PARAMETERS


@pytest.mark.long
@pytest.mark.parametrize("account", [None, "county_officer_a", "system_admin"])
def test_impossible_identifiers_are_no_address(
    lively: Flask, enter: Callable[..., Browser], account: str | None
) -> None:
    browser, adapter = enter(account), lively.url_map.bind("localhost")
    before, wrong, tried = counts(), [], 0
    for cell in cells(lively):
        names = [n for n in cell.rule.arguments if type(cell.rule._converters[n]).__name__ == "IdConverter"]
        for name in names:
            address = adapter.build(cell.endpoint, {**fill(cell.rule), name: 7777777}, method=cell.method)
            for value in IMPOSSIBLE:
                tried += 1
                status = browser.open(address.replace("7777777", quote(value, safe="%")), cell.method).status_code
                if status != 404:
                    wrong.append(f"{cell.method} {cell.endpoint} {name}={value}: {status}")
    assert not wrong, "\n".join(wrong)
    assert counts() == before
    assert tried > 700


@pytest.mark.long
@pytest.mark.parametrize("account", ["county_officer_a", "caregiver_a", "system_admin"])
def test_hostile_words_in_every_search_and_filter(lively: Flask, enter: Callable[..., Browser], account: str) -> None:
    """Every list and export: each string stands once in the search word, and in turn in every other parameter."""
    browser, rotation, wrong = enter(account), Rotation(), []
    browser.client.inspecting = False  # type: ignore[attr-defined]  # our client; a page repeats placeholders searched for
    lists = [c for c in cells(lively) if c.method == "GET" and not re.search(r"<(id|token|day)", c.rule.rule)]
    lists = [c for c in lists if "any(" not in c.rule.rule or "csv" in c.rule.rule]
    adapter = lively.url_map.bind("localhost")
    before = tables(without=TRACES | AUDIT | ISSUED)
    open_to = [
        address
        for cell in lists
        if browser.open(address := adapter.build(cell.endpoint, fill(cell.rule), method="GET")).status_code == 200
    ]
    rest = sorted(PARAMETERS - {"q", "next"})
    for number in range(-(-len(strings()) // len(open_to)) if account == "county_officer_a" else 1):
        for address in open_to:
            words = [[("q", rotation.next("q"))], [("cursor", rotation.next("cursor"))]]
            filters = [(name, rotation.next(name)) for name in rest if name != "cursor"]
            for query in (*words, filters) if number == 0 else words[:1]:
                asked = "&".join(f"{name}={quote(value.encode('utf-8', 'surrogatepass'))}" for name, value in query)
                response = browser.open(f"{address}?{asked}")
                if response.status_code >= 500 or response.status_code in {401, 403, 405}:
                    wrong.append(f"{address}?{asked[:200]}: {response.status_code}")
    assert not wrong, "\n".join(wrong)
    assert changed(before, tables(without=TRACES | AUDIT | ISSUED)) == []
