"""How many people approve a settlement of how much money (data of the settlement rule)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def approvers(rule: Mapping[str, Any], pay_fen: int) -> int:
    """People who must approve ``pay_fen`` (fen): of the highest ``approval`` step that begins at or below it; at least one."""
    steps = [step for step in rule.get("approval", []) if int(step["from_fen"]) <= pay_fen]
    return max(1, int(max(steps, key=lambda s: int(s["from_fen"]))["approvers"])) if steps else 1


def check_steps(rule: Mapping[str, Any]) -> list[str]:
    """What is wrong with the steps, in words: more money never needs fewer people, and there are one or two."""
    steps = sorted(rule.get("approval", []), key=lambda s: int(s["from_fen"]))
    people = [int(s["approvers"]) for s in steps]
    problems = [] if people == sorted(people) else ["more money needs fewer people"]
    if any(n not in (1, 2) for n in people):
        problems.append("one or two people approve")
    return problems + (
        ["two steps begin at one amount"] if len({int(s["from_fen"]) for s in steps}) < len(steps) else []
    )
