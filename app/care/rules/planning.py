"""A plan for one person: what grade, setting, observations and facts ask for, the nine risks, what is still missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.care.rules.frequencies import parse_frequency

GRADE_KEYS = {1: "self", 2: "half", 3: "full"}
LEVELS = ("A0", "A1", "A2", "A3", "A4")


def plan_lines(
    standard: Mapping[str, Any],
    personal: Mapping[str, Any],
    grade: int,
    setting: str,
    answers: Mapping[str, Any],
    facts: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """The twelve lines of a plan: the standard's minimum for grade × setting, raised where an observation or a fact
    needs more. Every note says where it comes from and, when it raises the frequency, to what.
    """
    needs = [need for need in personal["need"] if _applies(need, answers, facts)]
    return [_line(item, item[setting][GRADE_KEYS[grade]], grade, setting, needs) for item in standard["item"]]


def _line(
    item: Mapping[str, Any], minimum: str, grade: int, setting: str, needs: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    suggested, notes = minimum, []
    for need in needs:
        if need["item"] != item["id"]:
            continue
        note = {"from": need.get("observation") or need["fact"], "zh": need["zh"], "en": need["en"]}
        asked = need.get(setting)
        if asked and parse_frequency(asked).per_day() > parse_frequency(suggested).per_day():
            suggested = note["frequency"] = asked
        notes.append(note)
    return {
        "item": item["id"],
        "frequency": suggested,
        "suggested": suggested,
        "minimum": minimum,
        "tier": item.get("tier", {}).get(GRADE_KEYS[grade]),
        "notes": notes,
        "note": "",
    }


def _applies(need: Mapping[str, Any], answers: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    if "fact" in need:
        return _at_least(facts.get(need["fact"]), need["at_least"])
    return _at_least(answers.get(need["observation"]), need.get("from", need.get("at_least")))


def _at_least(value: Any, threshold: Any) -> bool:
    """Whether an answer is this bad or worse; an answer that is missing is never taken for one."""
    if value in LEVELS and threshold in LEVELS:
        return LEVELS.index(value) >= LEVELS.index(threshold)
    return all(isinstance(one, int) and not isinstance(one, bool) for one in (value, threshold)) and value >= threshold


def risk_lines(
    personal: Mapping[str, Any], answers: Mapping[str, Any], facts: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The nine risks with the signs found: ``high`` with two signs or when it already happened, ``watch`` with one.

    A risk whose signs nobody looked at (no answer on the sheet) is ``unknown``, not low.
    """
    return [_risk(risk, answers, facts) for risk in personal["risk"]]


def _risk(risk: Mapping[str, Any], answers: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    found, asked, happened = [], 0, False
    for sign in risk["signs"]:
        name, threshold = sign.split(":")
        value = facts.get(name) if name[0].islower() else answers.get(name)
        asked += value is not None
        if _at_least(value, threshold if threshold in LEVELS else int(threshold)):
            found.append(name)
            happened = happened or name in EVENTS
    level = "high" if happened or len(found) > 1 else "watch" if found else "low" if asked else "unknown"
    return {"id": risk["id"], "level": level, "from": found, "note": ""}


EVENTS = frozenset({"falls", "choking", "wandering", "suicide"})
"""Facts of form A that are events of the last thirty days: once is enough for a high risk."""


def needs_night_helper(personal: Mapping[str, Any], setting: str, lines: Iterable[Mapping[str, Any]]) -> bool:
    """Whether care at home is asked so often (q2h, q2hD) that one caregiver living elsewhere cannot give it."""
    if setting != "home":
        return False
    asked = [parse_frequency(line["frequency"]) for line in lines]
    return any(one.period == "d" and one.times >= personal["night"]["times_a_day"] for one in asked)


def missing(
    personal: Mapping[str, Any],
    setting: str,
    lines: Iterable[Mapping[str, Any]],
    night: Mapping[str, Any],
    texture: Mapping[str, Any],
    confirmed: Mapping[str, Any] | None,
) -> list[str]:
    """What a plan lacks before it can be in force: ``night`` (nobody named, nothing noted), ``texture`` (a suggestion
    that no qualified person has confirmed).
    """
    found = []
    if needs_night_helper(personal, setting, lines) and not (
        night.get("lives_in") is True or night.get("helper") or night.get("institution")
    ):
        found.append("night")
    if texture.get("food") and not confirmed:
        found.append("texture")
    return found


def differences(
    before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]
) -> list[tuple[str, str, str, str]]:
    """Items whose frequency differs between two plans: (item, before, after, ``more`` or ``less``)."""
    old = {line["item"]: line["frequency"] for line in before}
    found = []
    for line in after:
        was, now = old.get(line["item"], "-"), line["frequency"]
        if was != now:
            rank = [(parse_frequency(f).per_day(), parse_frequency(f).as_needed) for f in (was, now)]
            found.append((line["item"], was, now, "more" if rank[1] > rank[0] else "less"))
    return found
