"""What an amendment changes, and who must sign again. Pure.

A signature stands as long as nothing that binds its party changed: its own clauses, its name, and the annexes that the
template says bind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.contracts.rules.duties import id_of

EVERY_PARTY = ("P1", "P2", "P3", "P4", "P5", "P6", "P7")


@dataclass(frozen=True)
class Change:
    """Clauses and annexes that differ, by their names; ``signers`` are the parties that must sign again."""

    clauses: tuple[str, ...]
    annexes: tuple[str, ...]
    signers: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.clauses or self.annexes)


def _annex(body: Mapping[str, Any], name: str) -> Any:
    """What counts of an annex: the decision, not where it is written down."""
    annexes = body["annexes"]
    if name == "grade":
        return annexes["grade"]["grade"]
    if name == "plan":
        return annexes["plan"]["lines"]
    if name == "pay_table":
        return annexes["pay_table"]["monthly_fen"], annexes["pay_table"]["sha256"]
    if name == "caregiver":
        return body.get("caregiver") or party_name(body, "P6")
    return annexes[name]["sha256"]


def party_name(body: Mapping[str, Any], slot: str) -> str:
    """The name of a party in a contract's text."""
    return next(str(party["name"]) for party in body["parties"] if party["slot"] == slot)


def _payee(body: Mapping[str, Any]) -> str:
    """Who gets the care money; the caregiver where a text does not say it in data."""
    return str(body.get("payee", "P6"))


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Change:
    """Everything that differs between two texts of one contract. Where the template says nothing of whom annexes bind, all
    seven sign again.
    """
    before = {id_of(c): (c["zh"], c.get("due_days"), c.get("due_hours"), c["breach"]) for c in old["clauses"]}
    after = {id_of(c): (c["zh"], c.get("due_days"), c.get("due_hours"), c["breach"]) for c in new["clauses"]}
    clauses = tuple(
        name for name in [*after, *(n for n in before if n not in after)] if before.get(name) != after.get(name)
    )
    names = ("grade", "plan", "care_standard", "scorecard", "pay_table", "caregiver")
    annexes = tuple(name for name in names if _annex(old, name) != _annex(new, name))
    binds = new.get("binds", {})
    signers = {name.split(".")[0] for name in clauses}
    for name in annexes:
        signers |= set(binds.get(name, EVERY_PARTY))
    if _payee(old) != _payee(new):  # who pays, who was paid and who is paid now
        signers |= {"P2", "P5", "P6"}
    signers |= {slot for slot in EVERY_PARTY if party_name(old, slot) != party_name(new, slot)}
    return Change(clauses, annexes, tuple(sorted(signers)))
