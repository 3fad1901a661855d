"""Tables of people to take away: exactly what a list shows, numbers masked, with a line that says who took it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import Select

from app.core import clock, identity, tables
from app.core.actor import Actor
from app.core.db import db
from app.core.periods import age_on
from app.core.tables import Written, export
from app.people import labels, queries, rules
from app.people.models import Assessor, Caregiver, Resident, Setting, Sex
from app.people.operations.columns import COLUMNS, EXAMPLE, NEEDED
from app.people.operations.imports import Problem
from app.places.queries import area_names

F = labels.FIELDS


def residents_table(actor: Actor, query: Select[Resident], kind: str, filters: Mapping[str, str]) -> Written:
    """Residents of a list as xlsx or csv. ID numbers and telephones are masked; protected texts are left out."""
    rows = list(db.session.scalars(queries.in_care(query).order_by(Resident.area_code, Resident.id)).unique())
    townships = area_names(r.area_code[:9] for r in rows)
    today = clock.today()
    heads = [F["number"], F["name"], F["sex"], F["born_on"], gettext("Age"), F["id_number"], F["ethnicity"],
             gettext("Township"), F["area_code"], F["setting"], F["institution_id"], F["caregiver_id"],
             F["guardian_name"], F["phone"], F["status"], F["supported_from"], F["ended_on"]]  # fmt: skip
    body = [
        [
            r.number,
            r.name,
            str(labels.SEX_LABELS[r.sex]),
            r.born_on,
            age_on(r.born_on, r.ended_on or today),
            identity.mask_id(r.id_number),
            rules.ETHNICITIES.get(r.ethnicity, r.ethnicity),
            townships.get(r.area_code[:9], ""),
            r.area.name,
            str(labels.SETTING_LABELS[r.setting]),
            r.institution.name if r.institution else "",
            r.caregiver.name if r.caregiver else "",
            r.guardian_name or "",
            identity.mask_phone(r.phone),
            str(labels.STATUS_LABELS[r.status]),
            r.supported_from,
            r.ended_on,
        ]
        for r in rows
    ]
    title = gettext("Residents")
    return export(actor, "residents", title, heads, body, kind, permission="people.export", filters=filters)


def caregivers_table(actor: Actor, query: Select[Caregiver], kind: str, filters: Mapping[str, str]) -> Written:
    """Caregivers of a list as xlsx or csv, numbers masked."""
    rows = list(db.session.scalars(queries.housed(query).order_by(Caregiver.area_code, Caregiver.id)).unique())
    heads = [F["number"], F["name"], F["sex"], F["id_number"], F["phone"], gettext("Where"), F["institution_id"],
             F["tier"], F["tier_valid_to"], F["health_check_on"], F["bank_name"], F["bank_account"]]  # fmt: skip
    body = [
        [
            r.number,
            r.name,
            str(labels.SEX_LABELS[r.sex]),
            identity.mask_id(r.id_number),
            identity.mask_phone(r.phone),
            r.area.name,
            r.institution.name if r.institution else "",
            str(labels.TIER_LABELS[r.tier]) if r.tier else "",
            r.tier_valid_to,
            r.health_check_on,
            r.bank_name or "",
            f"*{r.bank_tail}" if r.bank_tail else "",
        ]
        for r in rows
    ]
    title = gettext("Caregivers")
    return export(actor, "caregivers", title, heads, body, kind, permission="people.export", filters=filters)


def assessors_table(actor: Actor, query: Select[Assessor], kind: str, filters: Mapping[str, str]) -> Written:
    """Assessors of a list as xlsx or csv."""
    rows = list(db.session.scalars(query.order_by(Assessor.id)).unique())
    heads = [F["name"], F["organisation_id"], F["qualification"], F["certificate_number"], F["certificate_valid_to"]]
    body = [
        [
            r.name,
            r.organisation.name,
            str(labels.QUALIFICATIONS.get(r.qualification, r.qualification)),
            r.certificate_number,
            r.certificate_valid_to,
        ]
        for r in rows
    ]
    title = gettext("Assessors")
    return export(actor, "assessors", title, heads, body, kind, permission="assessors.write", filters=filters)


def import_template(actor: Actor, kind: str) -> Written:
    """Headings of the import with one invented person to show how cells are filled."""
    example: dict[str, Any] = {
        "name": EXAMPLE,
        "sex": str(labels.SEX_LABELS[Sex.FEMALE]),
        "born_on": "1946-05-12",
        "id_number": "999999194605120020",
        "ethnicity": "汉族",
        "area_code": _first_village(actor),
        "setting": str(labels.SETTING_LABELS[Setting.HOME]),
        "supported_from": "2025-01-01",
        "living": str(labels.LIVING["1"]),
        "income_sources": str(labels.INCOME_SOURCES["1"]),
        "guardian_name": "王某",
        "guardian_relation": str(labels.RELATION["3"]),
    }
    example["id_number"] = example["id_number"][:17] + identity.id_check_character(example["id_number"][:17])
    heads = [f"{F[name]}*" if name in NEEDED else str(F[name]) for name in COLUMNS]
    return tables.write(kind, gettext("Import of residents"), heads, [[example.get(n, "") for n in COLUMNS]])


def import_report(problems: Sequence[Problem], kind: str) -> Written:
    """Everything wrong with a table of residents, to work through beside it. Nothing of the people is repeated."""
    heads = [gettext("Row"), gettext("Column"), gettext("What is wrong")]
    return tables.write(kind, gettext("Errors of the import"), heads, [[p.row, p.column, p.message] for p in problems])


def _first_village(actor: Actor) -> str:
    from app.places.models import Level
    from app.places.queries import areas_under

    villages = areas_under(actor.area_code, Level.VILLAGE) if actor.area_code else []
    return villages[0].name if villages else ""
