"""Whose an object is: written down here by hand, not asked from the code under test."""

from __future__ import annotations

import itertools
from typing import Any

from tests.conftest import DATABASE
from tests.factories import COUNTY, TOWNSHIP_A, TOWNSHIP_B, VILLAGE_A, VILLAGE_A2, VILLAGE_B
from tests.guards.routes import Cell
from tests.support.lively import OBJECTS, PERSONS, Lively

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
WALKERS = (
    tuple(RESIDENTS)
    if DATABASE == "sqlite"
    else ("township_officer_a", "institution_manager_a", "caregiver_a", "auditor")
)
"""Who walks over every route. What a role may do is decided before a statement is sent, so on the second database one
account of each kind of scope is enough; every page is opened there once more by the walk in English.
"""
UNDER_CONTRACT = RESIDENTS | {"institution_manager_a": frozenset({"a", "n", "west", "ia"})}
"""An institution is a party to the contracts of its residents and, as supporting one, of its township's homes; it is paid for its
residents only, so lines and objections are theirs.
"""
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


def split(account: str, parameter: str, lively: Lively) -> tuple[list[Any], list[Any]]:
    """Identifiers of a kind that are the account's own, and the newest of every foreign owner."""
    by_owner = lively.of(parameter)
    if parameter == "token_id":
        mine = frozenset({account})
        unclear: frozenset[str] = frozenset()
    elif parameter == "device_id":
        mine, unclear = frozenset({account}) if account.startswith("assessor") else frozenset(by_owner), frozenset()
    elif parameter in {"settlement_id", "organisation_id", "institution_id", "bed_id", "session_id", "code"}:
        mine, unclear = AREAS[account], ABOVE - AREAS[account]
        if (parameter, account) == ("settlement_id", "caregiver_a"):
            mine, unclear = frozenset({TOWNSHIP_A}), frozenset()  # the quarter in which the own slip stands
    elif parameter == "assessor_id":
        agencies = frozenset(by_owner)
        mine = (
            frozenset({OWN_AGENCY}) if account.startswith("assessor") else agencies if AREAS[account] else frozenset()
        )
        unclear = frozenset()
    else:
        table = (
            UNDER_CONTRACT
            if parameter in {"contract_id", "evaluation_id", "breach_id", "paper_id", "file_id"}
            else RESIDENTS
        )
        mine, unclear = table[account], frozenset()
    own = [i for owner, ids in by_owner.items() if owner in mine for i in ids]
    foreign = [ids[-1] for owner, ids in by_owner.items() if owner not in mine | unclear]
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
