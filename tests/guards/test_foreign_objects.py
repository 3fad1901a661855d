"""Somebody else's object looks exactly like one that does not exist, for every identifier in every address."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.guards.ownership import WALKERS, combinations, split
from tests.guards.routes import Cell, cells
from tests.guards.test_permissions import MATRIX
from tests.support.lively import OBJECTS, Lively
from tests.support.state import changed, tables
from tests.support.walker import Browser

UNSCOPED = {
    "user_id": "accounts: administrators look after all of the county's",
    "seq": "audit entries: auditor and security administrator read the whole log",
    "rule_id": "versions of the county's rules: everybody is bound by all of them",
    "draw_id": "drawn lists of double scoring: published, so that anybody can draw again",
    "name": "scheduled jobs",
    "questionnaire_id": "instruments: everybody who reads sheets may read what was asked",
    "token": "verification pages are public: whoever holds the paper may check it",
}
"""Identifiers that belong to no subtree, organisation or caregiver, with the reason."""

MAY_NOT = {
    "care.plan": "township_officer_a institution_manager_a",
    "care.incident": "county_officer_a",
    "care.checklist": "caregiver_a care_worker_a institution_manager_a",
    "care.profile": "township_officer_a institution_manager_a assessor_a assessor_town_a",
    "contracts.change": "township_officer_a",
}
"""Pages that many roles may open and whose form only some may send (the accounts named): the others get a 404."""


def words(response: TestResponse) -> str:
    """The body without the request's own number."""
    return response.get_data(as_text=True).replace(response.headers["X-Request-Id"], "REQUEST")


def with_objects(app: Flask) -> Iterator[Cell]:
    return (c for c in cells(app) if any(n in OBJECTS for n in c.rule.arguments))


def test_every_identifier_in_an_address_is_covered(app: Flask) -> None:
    kinds = {"IdConverter", "TokenConverter"}
    found = {
        name
        for cell in cells(app)
        for name in cell.rule.arguments
        if type(cell.rule._converters[name]).__name__ in kinds
    }
    assert found == set(OBJECTS) | set(UNSCOPED)


def test_the_lively_county_has_one_of_each_on_both_sides(lively: Flask) -> None:
    county = Lively()
    for parameter in OBJECTS:
        account = "assessor_a" if parameter in {"assessor_id", "device_id"} else "township_officer_a"
        own, foreign = split(account, parameter, county)
        assert own, parameter
        assert foreign, parameter


@pytest.mark.parametrize("account", WALKERS)
def test_foreign_and_missing_objects_are_the_same_404(
    lively: Flask, enter: Callable[..., Browser], account: str
) -> None:
    county, browser = Lively(), enter(account)
    role = county.user(account).role.value
    before, wrong, seen = tables(), [], 0
    for cell in with_objects(lively):
        if role not in MATRIX[cell.endpoint] and MATRIX[cell.endpoint] != ["signed_in"]:
            continue
        missing = browser.send(cell, {})
        if missing.status_code != 404:
            wrong.append(f"{cell.method} {cell.endpoint}, missing: {missing.status_code}")
        for ids in combinations(cell, account, county)[1]:
            response, seen = browser.send(cell, ids), seen + 1
            if response.status_code != 404 or words(response) != words(missing):
                wrong.append(f"{cell.method} {cell.endpoint} {ids}: {response.status_code}, not as missing")
    assert wrong == []
    assert changed(before, tables()) == []
    assert seen > 0


@pytest.mark.parametrize("account", WALKERS)
def test_acts_on_own_objects_are_found(lively: Flask, enter: Callable[..., Browser], account: str) -> None:
    """So that the 404s above do not come from a route that never finds anything; pages: ``test_pages``."""
    county, browser = Lively(), enter(account)
    role, nothing = county.user(account).role.value, set()
    allowed = [c for c in with_objects(lively) if c.method == "POST" and {role, "signed_in"} & set(MATRIX[c.endpoint])]
    for cell, own in [(cell, combinations(cell, account, county)[0]) for cell in allowed]:
        if all(browser.send(cell, ids).status_code == 404 for ids in own):
            nothing.add(cell.endpoint)
    read_only = {name for name, writers in MAY_NOT.items() if account not in writers.split()}
    assert nothing == read_only & {cell.endpoint for cell in allowed}
