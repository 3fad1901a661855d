"""An instrument as a FHIR Questionnaire: what is asked, the codes, and who and when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext

from app.api.fhir import BASE, ORDINAL, Resource, canonical, id_of
from app.grading.labels import REASONS, RELATIONS, wording
from assessments.model import Instrument, Option, Words

HEAD = {
    "head.first_assessor": "integer",
    "head.second_assessor": "integer",
    "head.informant": "string",
    "head.relation": "choice",
    "head.reason": "choice",
    "head.notes": "text",
}
"""Form A beside the facts: link id → type. Assessors are named by their ids."""
LISTS = {"head.relation": RELATIONS, "head.reason": REASONS}
"""The codes of the choices of form A (MZ/T 039-2013 A.3.2 and A.1.3)."""


def questionnaire(instrument: Instrument) -> Resource:
    """The Questionnaire of an instrument, in the language of the request."""
    return {
        "resourceType": "Questionnaire",
        "id": id_of(instrument.key),
        "url": canonical(instrument.key).partition("|")[0],
        "version": instrument.version,
        "name": instrument.code.capitalize(),
        "title": wording(instrument.title),
        "status": "active",
        "experimental": instrument.status == "example",
        "subjectType": ["Patient"],
        "date": instrument.in_force_from,
        "copyright": instrument.source,
        "identifier": [{"system": f"{BASE}:instrument-sha256", "value": instrument.sha256}],
        "item": [*_parts(instrument), _head()],
    }


def system_of(instrument: Instrument) -> str:
    """The code system of an instrument's answers."""
    return f"{BASE}:answers:{instrument.code}"


def questions(instrument: Instrument) -> Iterator[tuple[str, Words, list[Resource]]]:
    """Every question with a code: link id, title and the codings it may be answered with."""
    for item in instrument.items:
        for sub in item.subitems:
            labels = [_coding(instrument, code, words) for code, words in sub.labels.items()]
            yield f"answers.{sub.id}", sub.title, labels
        if not item.subitems:
            yield f"answers.{item.code}", item.title, _codings(instrument, item.options, points=True)
    for domain in instrument.domains:
        for asked in domain.items:
            yield f"answers.{asked.id}", asked.title, _codings(instrument, asked.options, points=domain.method == "sum")
    for fact in instrument.facts:
        yield f"facts.{fact.id}", fact.title, _codings(instrument, fact.options)


def _coding(instrument: Instrument, code: object, words: Words) -> Resource:
    return {"system": system_of(instrument), "code": str(code), "display": wording(words)}


def _codings(instrument: Instrument, options: tuple[Option, ...], *, points: bool = False) -> list[Resource]:
    found = []
    for option in options:
        coding = _coding(instrument, option.code, option.label)
        if points:
            coding["extension"] = [{"url": ORDINAL, "valueDecimal": option.code}]
        found.append(coding)
    return found


def _parts(instrument: Instrument) -> Iterator[Resource]:
    required = instrument.coma is None  # in coma the rest need not be answered
    asked = {
        link: {
            "linkId": link,
            "prefix": link.partition(".")[2],
            "text": wording(title),
            "type": "choice",
            "required": required,
            "repeats": False,
            "answerOption": [{"valueCoding": coding} for coding in codings],
        }
        for link, title, codings in questions(instrument)
    }
    for item in instrument.items:
        names = [f"answers.{sub.id}" for sub in item.subitems] or [f"answers.{item.code}"]
        yield _group(f"item.{item.id}", item.title, [asked[name] for name in names])
    for domain in instrument.domains:
        yield _group(f"domain.{domain.key}", domain.title, [asked[f"answers.{one.id}"] for one in domain.items])
    if instrument.facts:
        facts = [asked[f"facts.{fact.id}"] for fact in instrument.facts]
        yield {"linkId": "facts", "text": gettext("Risks"), "type": "group", "item": facts}


def _group(link: str, title: Words, items: list[Resource]) -> Resource:
    return {"linkId": link, "text": wording(title), "type": "group", "item": items}


def _head() -> Resource:
    texts = {
        "head.first_assessor": gettext("First assessor"),
        "head.second_assessor": gettext("Second assessor"),
        "head.informant": gettext("Who informed"),
        "head.relation": gettext("Relation to the resident"),
        "head.reason": gettext("Reason for the assessment"),
        "head.notes": gettext("Notes"),
    }
    items: list[dict[str, Any]] = []
    for link, kind in HEAD.items():
        item: Resource = {"linkId": link, "text": texts[link], "type": kind, "required": link != "head.notes"}
        if link in LISTS:
            item["answerOption"] = [{"valueCoding": head_coding(link, code)} for code in LISTS[link]]
        items.append(item)
    return {"linkId": "head", "text": gettext("Who and when"), "type": "group", "item": items}


def head_coding(link: str, code: str) -> Resource:
    """A choice of form A as a coding."""
    return {"system": f"{BASE}:{link.partition('.')[2]}", "code": code, "display": str(LISTS[link][code])}
