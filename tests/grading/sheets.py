"""Short ways to sheets: whole answers, the four cases of disagreeing tiers, a submitted sheet."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.core import clock
from app.core.actor import Actor
from app.grading import operations
from app.grading.models import GradeProposal, Sheet
from app.grading.queries import proposal_of

SUBITEMS = [f"{item}.{sub}" for item in range(1, 11) for sub in range(1, 4)]
DOMAINS = ["B.2.1", "B.2.2", "B.2.3", "B.3.1", "B.3.2", "B.3.3", "B.3.4", "B.4.1", "B.4.2", "B.4.3", "B.4.4", "B.4.5"]
FACTS = ["dementia", "mental_illness", "falls", "wandering", "choking", "suicide"]

CASES: dict[str, dict[str, str]] = {
    "whole": {},
    "a": {"2.2": "A2"},
    "b": {"4.1": "A2", "2.2": "A2", "7.1": "A2", "8.2": "A2", "9.2": "A2"},
    "c": {"3.1": "A2", "10.1": "A4"},
    "d": {name: "A4" for name in SUBITEMS if name.split(".")[0] not in {"1", "5", "6"}},
}
"""The cases of the county's rule D1: a 95 points/1 unmet, b 75/5, c 85/0, d 30/5."""


def answers(case: str = "whole") -> dict[str, Any]:
    """All 42 answers of a case."""
    return {**dict.fromkeys(SUBITEMS, "A0"), **dict.fromkeys(DOMAINS, 0), **CASES[case]}


def facts() -> dict[str, int]:
    """Nothing happened."""
    return dict.fromkeys(FACTS, 0)


def head(county: Any) -> dict[str, Any]:
    """The two assessors, the informant, the reason, today."""
    return {
        "first_assessor_id": county.assessor(1).id,
        "second_assessor_id": county.assessor(2).id,
        "informant_name": "邻居甲",
        "informant_relation": "5",
        "reason_code": "1",
        "assessed_on": clock.today(),
    }


def submitted(county: Any, case: str = "whole", name: str = "甲老人", who: str = "assessor_a", **fields: Any) -> Sheet:
    """A submitted sheet of a resident."""
    actor: Actor = county.actor(who)
    row = operations.open_sheet(actor, county.resident(name).id)
    operations.save_draft(actor, row.id, answers=answers(case), facts=facts(), **{**head(county), **fields})
    return operations.submit_sheet(actor, row.id)


def proposed(county: Any, case: str = "whole", name: str = "甲老人", **fields: Any) -> GradeProposal:
    """The proposal of a submitted sheet."""
    found = proposal_of(submitted(county, case, name, **fields).id)
    assert found is not None
    return found


def document(county: Any, key: str = "device-1:0001", **changes: Any) -> dict[str, Any]:
    """A sheet as one JSON document."""
    return {
        "client_key": key,
        "resident": county.resident().number,
        "instrument": "selfcare30@1",
        "answers": answers(),
        "facts": facts(),
        "assessors": [county.assessor(1).id, county.assessor(2).id],
        "informant": {"name": "邻居甲", "relation": "5"},
        "reason": "1",
        "assessed_on": clock.today().isoformat(),
        "notes": "在家中评估",
        **changes,
    }


def noon(day: dt.date) -> dt.datetime:
    """Twelve o'clock in China."""
    return dt.datetime.combine(day, dt.time(12), tzinfo=clock.ZONE)
