"""Somebody else's object looks exactly like one that does not exist, for every identifier in every address."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import COUNTY, TOWNSHIP_A, TOWNSHIP_B, VILLAGE_A, VILLAGE_A2, VILLAGE_B
from tests.guards.routes import Cell, cells, path
from tests.guards.test_permissions import MATRIX
from tests.support.dump import changed, dump
from tests.support.lively import OBJECTS, PERSONS, Lively

UNSCOPED = {
    "user_id": "accounts: administrators look after all of the county's",
    "seq": "audit entries: auditor and security administrator read the whole log",
    "rule_id": "versions of the county's rules: everybody is bound by all of them",
    "name": "scheduled jobs",
    "token": "verification pages are public: whoever holds the paper may check it",
}
"""Identifiers that belong to no subtree, organisation or caregiver, with the reason."""

EVERYWHERE = frozenset(PERSONS)
RESIDENTS: dict[str, frozenset[str]] = {
    "township_officer_a": frozenset({"a", "n", "west", "ia"}),
    "assessor_town_a": frozenset({"a", "n", "west", "ia"}),
    "village_officer_a": frozenset({"a", "n", "ia"}),
    "volunteer_a": frozenset({"a", "n", "ia"}),
    "institution_manager_a": frozenset({"ia"}),
    "care_worker_a": frozenset({"ia"}),
    "caregiver_a": frozenset({"a"}),
    "assessor_a": EVERYWHERE,
    "county_officer_a": EVERYWHERE,
    "county_reviewer": EVERYWHERE,
    "auditor": EVERYWHERE,
    "system_admin": frozenset(),
    "security_admin": frozenset(),
}
"""Account → places whose residents it may see. Written down here, not asked from the code."""
UNDER_CONTRACT = RESIDENTS | {"institution_manager_a": frozenset({"a", "n", "west"})}
"""An institution is a party to the contracts of its township's homes, not of the people who live in it."""
AREAS: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("township_officer_a", "assessor_town_a", "institution_manager_a", "care_worker_a"),
        frozenset({TOWNSHIP_A, VILLAGE_A, VILLAGE_A2}),
    ),
    **dict.fromkeys(("village_officer_a", "volunteer_a", "caregiver_a"), frozenset({VILLAGE_A})),
    **dict.fromkeys(
        ("assessor_a", "county_officer_a", "county_reviewer", "auditor"),
        frozenset({COUNTY, TOWNSHIP_A, TOWNSHIP_B, VILLAGE_A, VILLAGE_A2, VILLAGE_B}),
    ),
    **dict.fromkeys(("system_admin", "security_admin"), frozenset[str]()),
}
ABOVE = frozenset({"15", "1504", COUNTY, TOWNSHIP_A})
"""Areas above the village: their offices are everybody's, so they are neither foreign nor surely one's own."""
OWN_AGENCY = "示例医疗评估所"

NOTHING_OF_ONES_OWN: set[str] = set()
"""``METHOD endpoint account``: allowed by role, but the account has no such object in this county."""


def split(account: str, parameter: str, lively: Lively) -> tuple[list[Any], list[Any]]:
    """Identifiers of a kind that are the account's own, and foreign ones."""
    by_owner = lively.of(parameter)
    if parameter == "token_id":
        mine = frozenset({account})
        unclear: frozenset[str] = frozenset()
    elif parameter in {"settlement_id", "organisation_id", "code"}:
        mine, unclear = AREAS[account], ABOVE - AREAS[account]
    elif parameter == "assessor_id":
        agencies = frozenset(by_owner)
        mine = frozenset({OWN_AGENCY}) if account.startswith("assessor") else agencies if AREAS[account] else frozenset()
        unclear = frozenset()
    else:
        table = UNDER_CONTRACT if parameter in {"contract_id", "evaluation_id", "dispute_id", "line_id"} else RESIDENTS
        mine, unclear = table[account], frozenset()
    own = [i for owner, ids in by_owner.items() if owner in mine for i in ids]
    foreign = [i for owner, ids in by_owner.items() if owner not in mine | unclear for i in ids]
    if parameter == "sheet_id" and account.startswith("assessor"):
        drafts = lively.drafts_of("assessor_other")
        own, foreign = [i for i in own if i not in drafts], sorted({*foreign, *drafts})
    return own, foreign


def combinations(cell: Cell, account: str, lively: Lively) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Ways to fill a route with own identifiers only, and with at least one foreign identifier."""
    names = [n for n in cell.rule.arguments if n in OBJECTS]
    parts = {name: split(account, name, lively) for name in names}
    own = [dict(zip(names, ids, strict=True)) for ids in itertools.product(*(parts[n][0] for n in names))]
    foreign = []
    for ids in itertools.product(*([*parts[n][0][:2], *parts[n][1]] for n in names)):
        filled = dict(zip(names, ids, strict=True))
        if any(i in parts[n][1] for n, i in filled.items()):
            foreign.append(filled)
    return own, foreign


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
        account = "assessor_a" if parameter == "assessor_id" else "township_officer_a"
        own, foreign = split(account, parameter, county)
        assert own, parameter
        assert foreign, parameter


@pytest.mark.parametrize("account", list(RESIDENTS))
def test_foreign_and_missing_objects_are_the_same_404(
    lively: Flask, enter: Callable[..., FlaskClient], account: str
) -> None:
    lively.config["WTF_CSRF_ENABLED"] = False
    county, browser = Lively(), enter(account)
    browser.inspecting = False  # type: ignore[attr-defined]  # forms have no token in this walk
    role = county.user(account).role.value
    routes = [c for c in with_objects(lively) if role in MATRIX[c.endpoint] or MATRIX[c.endpoint] == ["signed_in"]]
    ways = [(cell, *combinations(cell, account, county)) for cell in routes]
    before, wrong = dump(), []
    for cell, _own, foreign in ways:
        missing = browser.open(path(lively, cell), method=cell.method)
        if missing.status_code != 404:
            wrong.append(f"{cell.method} {cell.endpoint}, missing: {missing.status_code}")
        for ids in foreign:
            response = browser.open(path(lively, cell, ids), method=cell.method)
            if response.status_code != 404 or words(response) != words(missing):
                wrong.append(f"{cell.method} {cell.endpoint} {ids}: {response.status_code}, not as missing")
    assert wrong == []
    assert changed(before, dump()) == []
    nothing = {
        f"{cell.method} {cell.endpoint} {account}"
        for cell, own, _foreign in sorted(ways, key=lambda way: way[0].method)
        if all(browser.open(path(lively, cell, ids), method=cell.method).status_code == 404 for ids in own)
    }
    assert nothing == {line for line in NOTHING_OF_ONES_OWN if line.split()[2] == account}
