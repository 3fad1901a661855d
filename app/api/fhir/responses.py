"""A sheet as a FHIR QuestionnaireResponse, its scores as Observations, and the resident as a Patient (masked as on pages)."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from app.api.fhir import BASE, CLIENT_KEY, RESIDENT_NUMBER, Resource, canonical
from app.api.fhir.questionnaires import head_coding, questions
from app.core.identity import mask_id
from app.grading.drafting import instrument_of
from app.grading.labels import GRADES, wording
from app.grading.models import Sheet
from app.grading.rules import SheetState
from app.people.models import Resident, ResidentStatus
from assessments.model import Instrument, Words

GENDERS = {"1": "male", "2": "female"}
"""GB/T 2261.1 to administrative-gender; everything else is unknown."""
POINTS = {"unit": "{score}", "system": "http://unitsofmeasure.org", "code": "{score}"}


def response(row: Sheet) -> Resource:
    """The QuestionnaireResponse of a sheet: in progress while it is a draft, completed once it was handed in."""
    instrument = instrument_of(row)
    codings = {link: own for link, _, own in questions(instrument)}
    titles = {link: title for link, title, _ in questions(instrument)}
    draft = row.state is SheetState.DRAFT

    def answered(link: str, code: object) -> Resource:
        coding = next(one for one in codings[link] if one["code"] == str(code))
        plain = {name: value for name, value in coding.items() if name != "extension"}
        return {"linkId": link, "text": wording(titles[link]), "answer": [{"valueCoding": plain}]}

    groups: list[tuple[str, Words, list[str]]] = []
    for item in instrument.items:
        groups.append((f"item.{item.id}", item.title, [sub.id for sub in item.subitems] or [item.code]))
    groups += [(f"domain.{one.key}", one.title, [asked.id for asked in one.items]) for one in instrument.domains]
    items = []
    for link, title, names in groups:
        own = [answered(f"answers.{name}", row.answers[name]) for name in names if row.answers.get(name) is not None]
        if own:
            items.append({"linkId": link, "text": wording(title), "item": own})
    facts = [answered(f"facts.{one.id}", row.facts[one.id]) for one in instrument.facts if one.id in row.facts]
    if facts:
        items.append({"linkId": "facts", "item": facts})
    if head := _head(row):
        items.append({"linkId": "head", "item": head})
    return {
        "resourceType": "QuestionnaireResponse",
        "id": str(row.id),
        "identifier": {"system": CLIENT_KEY, "value": row.client_key},
        "questionnaire": canonical(row.instrument),
        "status": "in-progress" if draft else "completed",
        "subject": _subject(row.resident),
        "authored": row.assessed_on.isoformat(),
        **({"item": items} if items else {}),
    }


def _head(row: Sheet) -> list[Resource]:
    values: dict[str, tuple[str, Any]] = {
        "head.first_assessor": ("valueInteger", row.first_assessor_id),
        "head.second_assessor": ("valueInteger", row.second_assessor_id),
        "head.informant": ("valueString", row.informant_name),
        "head.relation": ("valueCoding", row.informant_relation),
        "head.reason": ("valueCoding", row.reason_code),
        "head.notes": ("valueString", row.notes),
    }
    return [
        {"linkId": link, "answer": [{kind: head_coding(link, value) if kind == "valueCoding" else value}]}
        for link, (kind, value) in values.items()
        if value is not None
    ]


def _subject(resident: Resident) -> Resource:
    number = {"system": RESIDENT_NUMBER, "value": resident.number}
    return {"reference": f"Patient/{resident.id}", "identifier": number}


def resident_resource(resident: Resident, *, told: bool) -> Resource:
    """A resident as the API shows one: the ID number masked, and with the day of birth only to those who see it."""
    found: Resource = {
        "resourceType": "Patient",
        "id": str(resident.id),
        "identifier": [{"system": RESIDENT_NUMBER, "value": resident.number}],
        "active": resident.status is ResidentStatus.ACTIVE,
        "name": [{"use": "official", "text": resident.name}],
        "gender": GENDERS.get(resident.sex, "unknown"),
    }
    if told:
        found["birthDate"] = resident.born_on.isoformat()
        if masked := mask_id(resident.id_number):
            found["identifier"].append(
                {"use": "official", "value": masked, "type": {"text": gettext("ID number, masked")}}
            )
    return found


def observations(row: Sheet) -> list[Resource]:
    """The results of a submitted sheet: the total with its items, each level, the abilities, the proposed grade."""
    if row.state is not SheetState.SUBMITTED or row.result is None:
        return []
    instrument, result = instrument_of(row), row.result
    found = [_total(row, instrument, result)]
    parts = [("adl", instrument.adl_title, instrument.adl_bands)]
    parts += [(domain.key, domain.title, domain.bands) for domain in instrument.domains]
    for key, title, bands in parts:
        level = result["levels"][key] if "levels" in result else result.get(f"{key}_level")
        words = next((band.title for band in bands if band.value == level), None)
        found.append(_level(row, f"{key}-level", wording(title), level, wording(words) if words else ""))
    final = result["ability_level"]
    words = instrument.combination.titles.get(final)
    found.append(_level(row, "ability-level", gettext("Ability level"), final, wording(words) if words else ""))
    if result["abilities"]:
        found.append(_abilities(row, instrument, result))
    grade = result["proposed_grade"]
    said = str(GRADES[grade]) if grade else ""
    found.append(_level(row, "proposed-grade", gettext("Proposed care grade"), grade, said))
    return found


def _observation(row: Sheet, name: str, text: str) -> Resource:
    return {
        "resourceType": "Observation",
        "id": f"{row.id}-{name}",
        "status": "final",
        "category": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "survey"}]}
        ],
        "code": {"coding": [{"system": f"{BASE}:results", "code": name}], "text": text},
        "subject": _subject(row.resident),
        "effectiveDateTime": row.assessed_on.isoformat(),
        "issued": row.submitted_at.isoformat(timespec="seconds") if row.submitted_at else None,
        "derivedFrom": [{"reference": f"QuestionnaireResponse/{row.id}"}],
        "method": {"text": row.instrument},
    }


NOT_THERE = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"}]}
"""Why a result is not there: it was not assessed or cannot be determined, never zero."""


def _total(row: Sheet, instrument: Instrument, result: dict[str, Any]) -> Resource:
    found = _observation(row, "total", gettext("Points"))
    total = result["total"]
    found |= {"dataAbsentReason": NOT_THERE} if total is None else {"valueQuantity": {"value": total, **POINTS}}
    found["component"] = [
        {
            "code": {
                "coding": [{"system": f"{BASE}:items:{instrument.code}", "code": item.id}],
                "text": wording(item.title),
            },
            **(
                {"dataAbsentReason": NOT_THERE}
                if result["items"][item.id] is None
                else {"valueQuantity": {"value": result["items"][item.id], **POINTS}}
            ),
        }
        for item in instrument.items
    ]
    return found


def _level(row: Sheet, name: str, text: str, level: int | None, said: str) -> Resource:
    found = _observation(row, name, text)
    if level is None:
        return found | {"dataAbsentReason": NOT_THERE}
    coding = {"system": f"{BASE}:results:{name}", "code": str(level), "display": said}
    return found | {"valueCodeableConcept": {"coding": [coding], "text": said}}


def _abilities(row: Sheet, instrument: Instrument, result: dict[str, Any]) -> Resource:
    found = _observation(row, "abilities", gettext("Six abilities"))
    found["component"] = [
        {
            "code": {
                "coding": [{"system": f"{BASE}:abilities", "code": name}],
                "text": wording(instrument.grades.abilities[name]),
            },
            **({"dataAbsentReason": NOT_THERE} if met is None else {"valueBoolean": met}),
        }
        for name, met in result["abilities"].items()
    ]
    return found
