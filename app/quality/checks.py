"""What each kind of rule must hold before it can be drafted; each check says what is missing in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext

from app.care.rules import GRADE_KEYS, ITEMS, BadFrequency, parse_frequency
from app.contracts.models import Slot
from app.core.policies import Policy


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


def _contract_template(body: dict[str, Any]) -> list[str]:
    clauses = [c for c in body.get("clause", []) if isinstance(c, dict)]
    missing = {slot.value for slot in Slot} - {c.get("party") for c in clauses}
    return [gettext("Party %(party)s has no clause.", party=party) for party in sorted(missing)]


CHECKS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "pay_table": _pay_table,
    "care_standard": _care_standard,
    "contract_template": _contract_template,
}


def check_body(policy: Policy) -> list[str]:
    """Everything a rule's body lacks; empty when it can be used."""
    check = CHECKS.get(policy.kind)
    return check(policy.body) if check else []
