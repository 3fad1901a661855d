"""What each kind of rule must hold before it can be drafted; each check says what is missing in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask_babel import gettext

import assessments
from app.care.rules import (
    GRADE_KEYS,
    ITEMS,
    NOTHING,
    SWALLOW,
    BadFrequency,
    BadHours,
    hours_of_rule,
    parse_frequency,
)
from app.contracts.models import Slot
from app.contracts.rules.duties import TRIGGERS
from app.core.policies import Policy
from app.grading import instruments
from app.grading.rules.appeals import OTHER
from app.settlement.rules.approving import check_steps
from app.settlement.rules.banking import check_layout
from app.trends.rules import check as check_signs
from app.workforce.rules import check as check_workforce


def _pay_table(body: dict[str, Any]) -> list[str]:
    table = body.get("monthly_fen")
    if not isinstance(table, dict):
        return [gettext("The table [monthly_fen] is missing.")]
    problems = []
    for key in ("half_care", "full_care"):
        if key not in table:
            problems.append(gettext("“%(key)s” is missing in [monthly_fen].", key=key))
    for key, value in table.items():
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10_000_000:
            problems.append(gettext("“%(key)s” must be whole fen from 0 to 10,000,000.", key=key))
    return problems


def _care_standard(body: dict[str, Any]) -> list[str]:
    problems = []
    if "need" in body:
        problems.append(gettext("What one person needs belongs into the rules of the plan for one person."))
    items = {item.get("id"): item for item in body.get("item", []) if isinstance(item, dict)}
    for missing in set(ITEMS) - items.keys():
        problems.append(gettext("Item %(item)s is missing.", item=missing))
    for name, item in items.items():
        for setting in ("home", "institutional"):
            for grade in GRADE_KEYS.values():
                try:
                    parse_frequency(str(item[setting][grade]))
                except (KeyError, TypeError, BadFrequency):
                    problems.append(
                        gettext(
                            "%(item)s: %(setting)s, %(grade)s is no frequency.", item=name, setting=setting, grade=grade
                        )
                    )
    return problems


def _odd_patterns(body: dict[str, Any]) -> list[str]:
    """Every figure a whole number from 1 to 100,000; ``window.days`` at most a year."""
    wanted = {
        "window": ("days",),
        "minute": ("seconds", "days"),
        "at_once": ("services", "days"),
        "two_villages": ("minutes",),
        "same": ("days",),
    }
    problems = []
    for part, names in wanted.items():
        table = body.get(part)
        for name in names:
            value = table.get(name) if isinstance(table, dict) else None
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100_000:
                problems.append(gettext("“%(key)s” must be a whole number of 1 or more.", key=f"{part}.{name}"))
    days = body.get("window", {}).get("days") if isinstance(body.get("window"), dict) else None
    if isinstance(days, int) and days > 366:
        problems.append(gettext("At most a year is looked back on."))
    return problems


def _shift_hours(body: dict[str, Any]) -> list[str]:
    try:
        hours_of_rule(body)
    except BadHours:
        return [
            gettext("An early and a night shift are needed, a late one if you like, each at a full hour of its own.")
        ]
    return []


def _personal_plan(body: dict[str, Any]) -> list[str]:
    problems = []
    for need in body.get("need", []):
        asked = [need[setting] for setting in ("home", "institutional") if setting in need]
        readable = need.get("item") in ITEMS and all(_is_frequency(one) for one in asked)
        if not readable or not ("fact" in need or "observation" in need):
            problems.append(gettext("A need cannot be read: %(need)s.", need=need.get("en", need)))
    if len({risk.get("id") for risk in body.get("risk", [])}) != 9:
        problems.append(gettext("The nine risks are not complete."))
    table = body.get("texture", {})
    rows = {row.get("swallow"): row for row in table.get("row", [])}
    for swallow in SWALLOW:
        levels = [rows.get(swallow, {}).get(chewing) for chewing in ("good", "part", "poor")]
        if any(level not in {*table.get("ladder", []), NOTHING} for level in levels):
            problems.append(gettext("The texture table has no full row for the water test %(n)s.", n=swallow))
    if not isinstance(body.get("night", {}).get("times_a_day"), int):
        problems.append(gettext("How many times a day need a second helper at night is missing."))
    return problems


def _is_frequency(text: Any) -> bool:
    try:
        parse_frequency(str(text))
    except BadFrequency:
        return False
    return True


def _contract_template(body: dict[str, Any]) -> list[str]:
    clauses = [c for c in body.get("clause", []) if isinstance(c, dict)]
    missing = {slot.value for slot in Slot} - {c.get("party") for c in clauses}
    problems = [gettext("Party %(party)s has no clause.", party=party) for party in sorted(missing)]
    paid = {Slot.INSTITUTION.value, Slot.CAREGIVER.value}
    payees = body.get("payee", {})
    if not isinstance(payees, dict) or set(payees) - {"home", "institutional"} or set(payees.values()) - paid:
        problems.append(gettext("[payee] names P5 or P6 for “home” and “institutional”."))
    for clause in clauses:
        if clause.get("trigger") not in TRIGGERS:
            problems.append(gettext("Clause %(clause)s: nothing is known of the trigger.", clause=id_or(clause)))
        if not all(isinstance(clause.get(k), str) and clause[k] for k in ("zh", "en", "evidence", "breach", "basis")):
            problems.append(gettext("Clause %(clause)s: a text is missing.", clause=id_or(clause)))
    return problems


def id_or(clause: dict[str, Any]) -> str:
    """What a message calls a clause."""
    return str(clause.get("id") or f"{clause.get('party')} ({clause.get('trigger')})?")


def _assessment_rule(body: dict[str, Any]) -> list[str]:
    wanted = (
        ("publicity", "days"),
        ("appeal", "decide_workdays"),
        ("change", "workdays"),
        ("accidents", "at_least"),
        ("accidents", "window_days"),
        ("escalation", "workdays"),
    )
    problems = []
    for table, key in wanted:
        part = body.get(table)
        value = part.get(key) if isinstance(part, dict) else None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 366:
            problems.append(
                gettext("The rule must give [%(table)s] %(key)s as a whole number from 1.", table=table, key=key)
            )
    return problems + _reassess_months(body.get("reassess_months"))


def _reassess_months(table: Any) -> list[str]:
    """Every instrument by its code, and ``other`` for all that are not named."""
    if not isinstance(table, dict) or OTHER not in table:
        return [
            gettext("The rule must say in [reassess_months] after how many months “other” instruments assess again.")
        ]
    known = {key.partition("@")[0] for key in assessments.available()} | {OTHER}
    problems = []
    for code, months in table.items():
        if code not in known:
            problems.append(gettext("“%(key)s” in [reassess_months] is the code of no instrument.", key=code))
        if isinstance(months, bool) or not isinstance(months, int) or not 1 <= months <= 60:
            problems.append(gettext("“%(key)s” in [reassess_months] must be whole months from 1 to 60.", key=code))
    return problems


def _figures(check: Callable[[dict[str, Any]], list[str]]) -> Callable[[dict[str, Any]], list[str]]:
    """A check that names fields, in words."""

    def told(body: dict[str, Any]) -> list[str]:
        return [
            gettext("“%(field)s” is missing or no whole number in its range.", field=field) for field in check(body)
        ]

    return told


CHECKS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "pay_table": _pay_table,
    "assessment_rule": _assessment_rule,
    "care_standard": _care_standard,
    "personal_plan": _personal_plan,
    "odd_patterns": _odd_patterns,
    "contract_template": _contract_template,
    "settlement_rule": check_steps,
    "bank_layout": check_layout,
    "shift_hours": _shift_hours,
    "workforce": _figures(check_workforce),
    "unsafe_signs": _figures(check_signs),
}


def check_revision(text: str) -> list[str]:
    """What makes the text of an instrument's version unreadable; whether it is proved is shown on its page."""
    try:
        instrument = instruments.read(text)
        if instrument.key in assessments.available():
            return [gettext("This version is shipped with the product; raise the version.")]
        if dt.date.fromisoformat(instrument.in_force_from).day != 1:
            return [gettext("A version of the instrument begins on the first day of a month.")]
    except assessments.InstrumentError as error:
        return [str(error)]
    return []


def check_body(policy: Policy) -> list[str]:
    """Everything a rule's body lacks; empty when it can be used."""
    check = CHECKS.get(policy.kind)
    return check(policy.body) if check else []
