"""A FHIR QuestionnaireResponse as the document a sheet is submitted with. What cannot be understood is refused in words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from flask_babel import gettext

from app.api.fhir import CLIENT_KEY, RESIDENT_NUMBER, Resource, key_of_canonical
from app.api.fhir.questionnaires import HEAD, LISTS, questions, system_of
from app.core import clock
from app.core.errors import Invalid
from app.grading import instruments
from assessments.errors import UnknownInstrument
from assessments.model import Instrument

TOP = {
    "resourceType",
    "id",
    "meta",
    "text",
    "language",
    "identifier",
    "questionnaire",
    "status",
    "subject",
    "authored",
    "item",
}
"""What may stand at the top. Anything else could change the meaning, so it is refused, not passed over."""
DEPTH = 5


class Read(NamedTuple):
    """What a response says: the document to store, and whether its author calls it finished."""

    document: dict[str, Any]
    finished: bool


def read(resource: Any) -> Read:
    """Raises ``Invalid`` that names every place that is wrong."""
    if not isinstance(resource, dict) or resource.get("resourceType") != "QuestionnaireResponse":
        words = gettext("This must be a QuestionnaireResponse.")
        raise Invalid(words, errors={"resourceType": words})
    errors = {
        name[:60]: gettext("This entry is not understood here, so nothing of it is taken.")
        for name in resource
        if name not in TOP
    }
    status = resource.get("status")
    if status not in ("completed", "in-progress"):
        errors["status"] = gettext("The status must be completed or in-progress.")
    try:
        instrument = instruments.find(key_of_canonical(resource.get("questionnaire")))
    except UnknownInstrument:
        errors["questionnaire"] = gettext("There is no such instrument.")
        raise _invalid(errors) from None
    head, answers, facts = _answers(resource, instrument, errors)
    document: dict[str, Any] = {
        "client_key": _identified(resource.get("identifier"), CLIENT_KEY),
        "resident": _resident(resource.get("subject")),
        "instrument": instrument.key,
        "answers": answers,
        "facts": facts,
        "assessors": [head.get("head.first_assessor"), head.get("head.second_assessor")],
        "informant": {"name": head.get("head.informant"), "relation": head.get("head.relation")},
        "reason": head.get("head.reason"),
        "assessed_on": _day(resource.get("authored")),
        "notes": head.get("head.notes"),
    }
    if document["client_key"] is None:
        errors["identifier"] = gettext(
            "Give your own key of the sheet as identifier with the system %(system)s.", system=CLIENT_KEY
        )
    if document["resident"] is None:
        errors["subject"] = gettext("Name the resident by number or id.")
    if document["assessed_on"] is None:
        errors["authored"] = gettext("Give a date.")
    if errors:
        raise _invalid(errors)
    return Read(document, status == "completed")


def _invalid(errors: dict[str, str]) -> Invalid:
    return Invalid(gettext("%(count)s entries are missing or wrong.", count=len(errors)), errors=errors)


def _answers(
    resource: Resource, instrument: Instrument, errors: dict[str, str]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Form A, answers and facts by name; what is wrong goes to ``errors`` under its link id."""
    codes: dict[str, dict[str, Any]] = {}
    for item in instrument.items:
        for sub in item.subitems:
            codes[f"answers.{sub.id}"] = {code: code for code in sub.labels}
    whole = {link: [one["code"] for one in own] for link, _, own in questions(instrument)}
    for link, own in whole.items():
        codes.setdefault(link, {code: int(code) for code in own if code.lstrip("-").isdigit()})
    found: dict[str, dict[str, Any]] = {"head": {}, "answers": {}, "facts": {}}
    groups = {f"item.{item.id}" for item in instrument.items} | {f"domain.{one.key}" for one in instrument.domains}
    seen: set[str] = set()
    for link, answer in _flat(resource.get("item", []), errors):
        if link in groups | {"facts", "head"}:
            if answer is not None:
                errors[link] = gettext("This is a heading; it has no answer.")
            continue
        if link not in codes and link not in HEAD:
            errors[link[:60]] = gettext("There is no such entry.")
        elif link in seen:
            errors[link] = gettext("This is given twice.")
        elif answer is not None:
            part, _, name = link.partition(".")
            value = _head_value(link, answer) if link in HEAD else _coded(answer, codes[link], system_of(instrument))
            if value is None:
                errors[link] = gettext("This code is not on the form.")
            else:
                found[part][link if part == "head" else name] = value
        seen.add(link)
    return found["head"], found["answers"], found["facts"]


def _flat(items: Any, errors: dict[str, str], depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every item with its one answer (``None`` without), however deep it stands."""
    if not isinstance(items, list) or depth > DEPTH:
        errors["item"] = gettext("This must be a list of items, each with its linkId.")
        return
    for item in items:
        if (
            not isinstance(item, dict)
            or not isinstance(item.get("linkId"), str)
            or not set(item) <= {"linkId", "text", "answer", "item", "id"}
        ):
            errors["item"] = gettext("This must be a list of items, each with its linkId.")
            continue
        link, answer = item["linkId"], item.get("answer")
        if answer is None or answer == []:
            yield link, None
        elif not isinstance(answer, list) or len(answer) != 1 or not isinstance(answer[0], dict) or len(answer[0]) != 1:
            errors[link[:60]] = gettext("Give one answer.")
        else:
            yield link, answer[0]
        if "item" in item:
            yield from _flat(item["item"], errors, depth + 1)


def _coded(answer: Resource, codes: dict[str, Any], system: str) -> Any:
    coding = answer.get("valueCoding")
    if (
        not isinstance(coding, dict)
        or coding.get("system") not in (None, system)
        or not isinstance(coding.get("code"), str)
    ):
        return None
    return codes.get(coding["code"])


def _head_value(link: str, answer: Resource) -> Any:
    if HEAD[link] == "integer":
        value = answer.get("valueInteger")
        return value if type(value) is int else None
    if HEAD[link] == "choice":
        return _coded(answer, {code: code for code in LISTS[link]}, f"urn:yiheng:{link.partition('.')[2]}")
    text = answer.get("valueString")
    return text if isinstance(text, str) else None


def _identified(identifier: Any, system: str) -> str | None:
    if not isinstance(identifier, dict) or identifier.get("system") != system:
        return None
    value = identifier.get("value")
    return value if isinstance(value, str) else None


def _resident(subject: Any) -> int | str | None:
    if not isinstance(subject, dict):
        return None
    reference = subject.get("reference")
    if isinstance(reference, str) and (match := re.fullmatch(r"Patient/([1-9][0-9]{0,18})", reference)):
        return int(match[1])
    return _identified(subject.get("identifier"), RESIDENT_NUMBER)


def _day(authored: Any) -> str | None:
    """The day of the assessment: a date, or the local day of an instant with its zone."""
    if not isinstance(authored, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d(T.{5,30})?", authored, re.ASCII):
        return None
    try:
        if len(authored) == 10:
            return dt.date.fromisoformat(authored).isoformat()
        moment = dt.datetime.fromisoformat(authored)
    except ValueError:
        return None
    return moment.astimezone(clock.ZONE).date().isoformat() if moment.tzinfo else None
