"""What may stand in a draft: names and codes of the instrument and of form A, checked one by one, nothing guessed."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple

from flask_babel import gettext

from app.core.errors import Invalid
from app.grading import instruments
from app.grading.labels import REASONS, RELATIONS
from app.grading.models import Sheet
from assessments.model import LEVEL_CODES, Instrument
from assessments.scoring import scorer

CLIENT_KEY = re.compile(r"[A-Za-z0-9._:-]{8,64}")
"""What a client may name its own sheet."""
LIMITS = {"informant_name": 80, "notes": 4000}
"""Longest texts, in characters."""


def instrument_of(row: Sheet) -> Instrument:
    """The exact instrument a sheet was written with."""
    return instruments.find(row.instrument)


FACTS_TITLE = {"zh": "风险情况", "en": "Risks"}
"""The group of the risk facts of form A."""
UNSTORABLE = frozenset({"Cc", "Cs"})
"""Control characters and halves of surrogate pairs; everything else comes back as it was typed."""


def codes_of(instrument: Instrument) -> tuple[dict[str, frozenset[Any]], dict[str, frozenset[Any]]]:
    """The codes each answer and each fact may have."""
    answers: dict[str, frozenset[Any]] = {}
    for item in instrument.items:
        for sub in item.subitems:
            answers[sub.id] = frozenset(LEVEL_CODES)
        if not item.subitems:
            answers[item.code] = frozenset(option.code for option in item.options)
    for domain in instrument.domains:
        for asked in domain.items:
            answers[asked.id] = frozenset(option.code for option in asked.options)
    return answers, {fact.id: frozenset(option.code for option in fact.options) for fact in instrument.facts}


def clean(row: Sheet, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The new values of a draft's columns from what was given. Raises ``Invalid`` naming every wrong entry."""
    errors: dict[str, str] = {}
    wanted: dict[str, Any] = {}
    answers, facts = codes_of(instrument_of(row))
    for name, allowed in (("answers", answers), ("facts", facts)):
        if fields.get(name) is not None:
            wanted[name] = _merge(name, getattr(row, name), fields[name], allowed, errors)
    for name in ("first_assessor_id", "second_assessor_id"):
        if name in fields:
            wanted[name] = fields[name] or None
    for name, known in (("reason_code", REASONS), ("informant_relation", RELATIONS)):
        if name in fields:
            wanted[name] = fields[name] or None
            if wanted[name] is not None and wanted[name] not in known:
                errors[name] = gettext("Choose one of the list.")
    if fields.get("assessed_on") is not None:
        wanted["assessed_on"] = fields["assessed_on"]
        if not isinstance(fields["assessed_on"], dt.date):
            errors["assessed_on"] = gettext("Give a date.")
    wanted |= _texts(fields, errors)
    if errors:
        raise Invalid(gettext("%(count)s entries are missing or wrong.", count=len(errors)), errors=errors)
    return wanted


def _texts(fields: Mapping[str, Any], errors: dict[str, str]) -> dict[str, str | None]:
    texts: dict[str, str | None] = {}
    for name, limit in LIMITS.items():
        if name in fields:
            text = str(fields[name] or "").replace("\r\n", "\n").strip()
            texts[name] = text or None
            kept = "\n\t" if name == "notes" else ""
            if any(unicodedata.category(c) in UNSTORABLE and c not in kept for c in text):
                errors[name] = gettext("There are characters in it that cannot be stored.")
            elif len(text) > limit:
                errors[name] = gettext("At most %(limit)s characters.", limit=limit)
    return texts


def _merge(
    name: str, before: Mapping[str, Any], given: Any, allowed: Mapping[str, frozenset[Any]], errors: dict[str, str]
) -> dict[str, Any]:
    merged = dict(before)
    if not isinstance(given, Mapping):
        errors[name] = gettext("This must be an object of names and codes.")
        return merged
    for key, value in given.items():
        path = f"{name}.{str(key)[:60]}"
        if key not in allowed:
            errors[path] = gettext("There is no such entry.")
        elif value is None:
            merged.pop(key, None)
        elif isinstance(value, bool) or not isinstance(value, int | str) or value not in allowed[key]:
            errors[path] = gettext("This code is not on the form.")
        else:
            merged[key] = value
    return merged


def field_order(instrument: Instrument) -> list[str]:
    """Every entry of a sheet (``answers.1.1`` … ``facts.falls``) in the order of the form."""
    answers, facts = codes_of(instrument)
    return [*(f"answers.{name}" for name in answers), *(f"facts.{name}" for name in facts)]


class Asked(NamedTuple):
    """One entry of a sheet in words: the group it stands in, its question, and what each code means."""

    group: str
    group_title: Mapping[str, str]
    title: Mapping[str, str]
    options: Mapping[Any, Mapping[str, str]]


def asked(instrument: Instrument) -> dict[str, Asked]:
    """The words of every entry, by ``answers.<name>`` or ``facts.<name>``."""
    found: dict[str, Asked] = {}
    for item in instrument.items:
        for sub in item.subitems:
            found[f"answers.{sub.id}"] = Asked(item.id, item.title, sub.title, sub.labels)
        if not item.subitems:
            options = {option.code: option.label for option in item.options}
            found[f"answers.{item.code}"] = Asked(item.id, item.title, item.title, options)
    for domain in instrument.domains:
        for question in domain.items:
            options = {option.code: option.label for option in question.options}
            found[f"answers.{question.id}"] = Asked(domain.id, domain.title, question.title, options)
    for fact in instrument.facts:
        options = {option.code: option.label for option in fact.options}
        found[f"facts.{fact.id}"] = Asked("facts", FACTS_TITLE, fact.title, options)
    return found


def group_of(instrument: Instrument, field: str) -> str:
    """The group an entry stands in: one of the ten items, a form B.2–B.4, or the risk facts."""
    known = asked(instrument).get(field)
    return known.group if known is not None else field


class ItemState(NamedTuple):
    """How far one item is: answers given and asked, and its score in points once all are given."""

    answered: int
    asked: int
    score: int | None
    top: int


class Running(NamedTuple):
    """A draft's standing: each item, the total once all ten are complete, the points so far, and the other parts."""

    items: dict[str, ItemState]
    total: int | None
    points: int
    complete: int
    parts: dict[str, tuple[int, int]]
    coma: bool

    @property
    def answered(self) -> tuple[int, int]:
        """Answers given and asked over the whole sheet."""
        done = sum(i.answered for i in self.items.values()) + sum(p[0] for p in self.parts.values())
        return done, sum(i.asked for i in self.items.values()) + sum(p[1] for p in self.parts.values())

    def as_dict(self) -> dict[str, Any]:
        """For the page that shows it while the assessor writes."""
        return {
            "items": {name: state._asdict() for name, state in self.items.items()},
            "total": self.total,
            "points": self.points,
            "complete": self.complete,
            "parts": {name: {"answered": done, "asked": asked} for name, (done, asked) in self.parts.items()},
            "coma": self.coma,
            "answered": self.answered[0],
            "asked": self.answered[1],
        }


def running(row: Sheet) -> Running:
    """Scores of the items whose answers are all there. A missing answer leaves the item and the total without score."""
    instrument = instrument_of(row)
    chosen = scorer(instrument)
    items: dict[str, ItemState] = {}
    for index, item in enumerate(instrument.items):
        names = tuple(sub.id for sub in item.subitems) or (item.code,)
        given = tuple(row.answers.get(name) for name in names)
        known = sum(value is not None for value in given)
        score = chosen.entry(index, given).reason.score if known == len(names) else None
        items[item.id] = ItemState(known, len(names), score, item.max)
    parts = {
        domain.id: (sum(row.answers.get(asked.id) is not None for asked in domain.items), len(domain.items))
        for domain in instrument.domains
    }
    parts["facts"] = (sum(row.facts.get(fact.id) is not None for fact in instrument.facts), len(instrument.facts))
    scores = [state.score for state in items.values() if state.score is not None]
    coma = instrument.coma
    return Running(
        items,
        sum(scores) if len(scores) == len(items) else None,
        sum(scores),
        len(scores),
        parts,
        coma is not None and row.answers.get(coma.answer) == coma.equals,
    )
