"""Drawing up a contract: who the seven are, what stands in the way, and the frozen text with its annexes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from string import Template
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app.care.models import CarePlan
from app.care.queries import plan_on
from app.contracts import queries
from app.contracts.labels import AXES
from app.contracts.models import Slot
from app.contracts.rules import overlap, pay, tier_missing
from app.core import money
from app.core.db import db
from app.core.errors import DomainError
from app.core.policies import Policy
from app.core.rulebook import rule_in_force
from app.core.together import remembered
from app.grading.models import CareGrade
from app.grading.queries import grade_on
from app.people.models import Caregiver, Resident, ResidentStatus, Setting
from app.places.models import Area, Organisation, OrganisationKind
from app.workforce.models import TierOverride
from app.workforce.queries import override_on

GRADE_WORDS = {1: ("全自理", "self-caring"), 2: ("半护理", "half care"), 3: ("全护理", "full care")}
NAMED = {
    Slot.COUNTY_GOVERNMENT: "county",
    Slot.TOWNSHIP_GOVERNMENT: "township",
    Slot.CIVIL_AFFAIRS: "bureau",
    Slot.VILLAGE: "village",
    Slot.INSTITUTION: "institution",
}
"""The names under which a template speaks of the organisations."""
SETTING_WORDS = {Setting.HOME: ("分散供养", "home care"), Setting.INSTITUTIONAL: ("集中供养", "institutional care")}


@dataclass
class Draft:
    """Everything a contract is made of, and the reasons why it cannot be made yet."""

    resident: Resident
    caregiver: Caregiver
    valid_from: dt.date
    valid_to: dt.date
    parties: dict[Slot, Organisation | None]
    grade: CareGrade | None
    plan: CarePlan | None
    rules: dict[str, Policy]
    obstacles: list[str]
    exception: TierOverride | None = None
    """The named exception that stands in for the training."""


@remembered(reads={"organisation": ""})
def organisation_of(kind: OrganisationKind, area_code: str) -> Organisation | None:
    """The active organisation of a kind in exactly this area; the first when there are several."""
    return db.session.scalars(
        select(Organisation)
        .where(Organisation.kind == kind, Organisation.area_code == area_code, Organisation.active)
        .order_by(Organisation.id)
    ).first()


def supporting_institution(resident: Resident) -> Organisation | None:
    """Where the person lives, or the institution designated to support home care: the township's own, else the
    county's first.
    """
    if resident.institution is not None:
        return resident.institution
    near = organisation_of(OrganisationKind.INSTITUTION, resident.area_code[:9])
    return (
        near
        or db.session.scalars(
            select(Organisation)
            .where(Organisation.kind == OrganisationKind.INSTITUTION, Organisation.active)
            .order_by(Organisation.area_code, Organisation.id)
        ).first()
    )


def gather(
    resident: Resident, caregiver: Caregiver, valid_from: dt.date, valid_to: dt.date, *, but: Collection[int] = ()
) -> Draft:
    """Collect parties, grade, plan and rules, and name every obstacle in words. ``but`` are contracts that may share days: the
    one itself, and the one it amends.
    """
    area = resident.area_code
    parties: dict[Slot, Organisation | None] = {
        Slot.COUNTY_GOVERNMENT: organisation_of(OrganisationKind.COUNTY_GOVERNMENT, area[:6]),
        Slot.TOWNSHIP_GOVERNMENT: organisation_of(OrganisationKind.TOWNSHIP_GOVERNMENT, area[:9]),
        Slot.CIVIL_AFFAIRS: organisation_of(OrganisationKind.CIVIL_AFFAIRS, area[:6]),
        Slot.VILLAGE: organisation_of(OrganisationKind.VILLAGE_COMMITTEE, area),
        Slot.INSTITUTION: supporting_institution(resident),
    }
    obstacles = [_missing_party(slot) for slot, organisation in parties.items() if organisation is None]
    grade, plan = grade_on(resident.id, valid_from), plan_on(resident.id, valid_from)
    if resident.status is not ResidentStatus.ACTIVE:
        obstacles.append(gettext("Support of this resident has ended."))
    if grade is None:
        obstacles.append(gettext("No care grade is in force on the first day. The county must decide one first."))
    if plan is None:
        obstacles.append(gettext("No approved care plan covers the first day."))
    elif grade is not None and plan.grade_id != grade.id:
        obstacles.append(gettext("The care plan belongs to an earlier care grade. Draw up a new plan first."))
    if not caregiver.active:
        obstacles.append(gettext("The caregiver is not active."))
    exception = None
    if grade is not None and tier_missing(
        caregiver.tier and caregiver.tier.value, caregiver.tier_valid_to, grade.grade, valid_from
    ):
        exception = override_on(caregiver.id, resident.id, grade.grade, valid_from)
        if exception is None:
            obstacles.append(
                gettext(
                    "The caregiver has no valid training for this care grade. It is passed in a session under Training; the "
                    "county may allow a named exception until a day on the caregiver's page."
                )
            )
    if valid_to < valid_from:
        obstacles.append(gettext("The last day is before the first day."))
    other = queries.overlapping(resident.id, valid_from, max(valid_from, valid_to), but=but)
    if other is not None:
        obstacles.append(
            gettext("Contract %(number)s of this resident covers some of these days.", number=other.number)
        )
    rules: dict[str, Policy] = {}
    for kind in ("contract_template", "scorecard", "pay_table", "care_standard"):
        try:
            rules[kind] = rule_in_force(kind, valid_from)
        except DomainError as error:
            obstacles.append(error.message)
    obstacles += _too_many(caregiver, grade, rules.get("contract_template"), valid_from, but)
    return Draft(resident, caregiver, valid_from, valid_to, parties, grade, plan, rules, obstacles, exception)


def _too_many(
    caregiver: Caregiver, grade: CareGrade | None, template: Policy | None, on: dt.date, but: Collection[int]
) -> list[str]:
    """The caregiver's people, each counted as the template's ratio says, may not make more than one caregiver."""
    ratio = template.body.get("ratio") if template else None
    if not ratio or grade is None:
        return []
    load = Fraction(1, int(ratio[pay.GRADE_KEYS[grade.grade]]))
    others = queries.grades_cared_for(caregiver.id, on, but=but)
    load += sum(Fraction(1, int(ratio[pay.GRADE_KEYS[other]])) for other in others)
    if load <= 1:
        return []
    return [
        gettext(
            "The caregiver looks after %(count)s people already; with this one it would be more than the ratio allows.",
            count=len(others),
        )
    ]


def _missing_party(slot: Slot) -> str:
    from app.contracts.labels import SLOT_LABELS

    return gettext("No organisation is registered for the party “%(party)s”.", party=SLOT_LABELS[slot])


def monthly_fen(pay_table: Policy, area_code: str, grade: int) -> int:
    """Care money of one month for a grade in an area, in fen, as a settlement pays it; a grade without an entry is paid
    nothing (全自理).
    """
    return pay.monthly_fen(pay_table.body, area_code, pay.GRADE_KEYS[grade]) or 0


def _day_zh(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _variables(draft: Draft, amount: int) -> dict[str, dict[str, str]]:
    assert draft.grade is not None  # noqa: S101  # gather() named it as an obstacle
    grade_zh, grade_en = GRADE_WORDS[draft.grade.grade]
    setting_zh, setting_en = SETTING_WORDS[draft.resident.setting]
    common = {
        **{NAMED[slot]: organisation.name for slot, organisation in draft.parties.items() if organisation is not None},
        "resident": draft.resident.name,
        "caregiver": draft.caregiver.name,
        "monthly": money.format_yuan(amount),
        "monthly_capitals": money.yuan_capitals(amount),
    }
    return {
        "zh": {
            **common,
            "grade": grade_zh,
            "setting": setting_zh,
            "valid_from": _day_zh(draft.valid_from),
            "valid_to": _day_zh(draft.valid_to),
        },
        "en": {
            **common,
            "grade": grade_en,
            "setting": setting_en,
            "valid_from": draft.valid_from.isoformat(),
            "valid_to": draft.valid_to.isoformat(),
        },
    }


def body(draft: Draft, number: str) -> dict[str, Any]:
    """The whole contract as data: parties, clauses and annexes, with every variable filled. Call it only for a draft
    without obstacles.
    """
    assert draft.grade is not None  # noqa: S101  # gather() named what is missing as an obstacle
    assert draft.plan is not None  # noqa: S101  # gather() named what is missing as an obstacle
    template, pay_table = draft.rules["contract_template"], draft.rules["pay_table"]
    amount = monthly_fen(pay_table, draft.resident.area_code, draft.grade.grade)
    variables = _variables(draft, amount)

    def fill(text: dict[str, str]) -> dict[str, str]:
        return {language: Template(text[language]).substitute(variables[language]) for language in ("zh", "en")}

    setting, grade = draft.resident.setting.value, draft.grade.grade

    def fitting(part: str) -> list[dict[str, Any]]:
        """The texts of a part of the template that are meant for this setting and grade, filled in."""
        return [
            {k: v for k, v in text.items() if k not in {"settings", "grades"}} | fill(text)
            for text in template.body.get(part, [])
            if setting in text.get("settings", [setting]) and grade in text.get("grades", [grade])
        ]

    clauses = [{**clause, "number": n} for n, clause in enumerate(fitting("clause"), 1)]
    sheet = draft.grade.proposal.sheet
    return {
        "number": number,
        "caregiver": draft.caregiver.number,
        "title": {"zh": template.title["zh"], "en": template.title["en"]},
        "preamble": fill(template.body["preamble"]),
        "points": fitting("point"),
        "general": fitting("general"),
        "closing": fill(template.body["closing"]),
        "parties": [{"slot": slot.value, "axis": AXES[slot], "name": _party_name(draft, slot)} for slot in Slot],
        "clauses": clauses,
        "valid_from": draft.valid_from.isoformat(),
        "valid_to": draft.valid_to.isoformat(),
        "resident": {"number": draft.resident.number, "name": draft.resident.name, "village": _village(draft.resident)},
        **({"payee": payee} if (payee := template.body.get("payee", {}).get(setting)) else {}),
        "binds": {annex["id"]: annex["binds"] for annex in fitting("annex")},
        "annexes": {
            "assessment": {
                "sheet": sheet.number,
                "assessed_on": sheet.assessed_on.isoformat(),
                "instrument": sheet.instrument,
                "sha256": sheet.instrument_sha256,
                "total": sheet.total,
            },
            "grade": {"grade": grade, "valid_from": draft.grade.valid_from.isoformat()},
            "plan": {"number": draft.plan.number, "lines": draft.plan.lines},
            "care_standard": _named(draft.rules["care_standard"]),
            "scorecard": {**_named(draft.rules["scorecard"]), "bands": draft.rules["scorecard"].body.get("band", [])},
            "pay_table": {
                **_named(pay_table),
                "monthly_fen": amount,
                "source": pay_table.source,
                "status": str(pay_table.status),
            },
            "template": _named(template),
        },
    }


def _named(policy: Policy) -> dict[str, Any]:
    return {"code": policy.code, "version": str(policy.version), "title": policy.title, "sha256": policy.sha256}


def _party_name(draft: Draft, slot: Slot) -> str:
    if slot is Slot.CAREGIVER:
        return draft.caregiver.name
    if slot is Slot.RESIDENT:
        return draft.resident.name
    organisation = draft.parties[slot]
    assert organisation is not None  # noqa: S101  # gather() named it as an obstacle
    return organisation.name


def _village(resident: Resident) -> str:
    return _place(resident.area_code)


@remembered(reads={"area": ""})
def _place(code: str) -> str:
    """Township and village in words."""
    names, area = [], db.session.get(Area, code)
    while area is not None and len(area.code) > 6:
        names.append(area.name)
        area = db.session.get(Area, area.parent_code) if area.parent_code else None
    return "".join(reversed(names))


__all__ = ["Draft", "body", "gather", "monthly_fen", "overlap"]
