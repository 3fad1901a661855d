"""Check a sheet before it is scored: every fault is listed with its field, nothing is filled in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from assessments.errors import Problem, SheetError, UnknownInstrument
from assessments.loader import available, load, split_key
from assessments.model import LEVEL_CODES, Instrument, Words

TOP_FIELDS = ("instrument", "answers", "facts", "scope")
_ABSENT: Any = object()


class Question(NamedTuple):
    """What a field must hold: its exact type and its codes."""

    field: str
    path: str
    type: type
    codes: frozenset[int] | frozenset[str]
    title: Words


class Questions(NamedTuple):
    """The questions of an instrument, in the order of the forms."""

    b1: tuple[Question, ...]
    domains: tuple[Question, ...]
    facts: tuple[Question, ...]


class Sheet(NamedTuple):
    """A sheet that passed every check. Answers may be absent only in coma, or outside the scope."""

    answers: Mapping[str, Any]
    facts: Mapping[str, int]
    scope: str
    coma: bool


def named_instrument(sheet: object) -> Instrument:
    """The instrument a sheet names; :class:`SheetError` when the sheet or the name is unusable."""
    if not isinstance(sheet, dict):
        raise SheetError([_problem("", "wrong_type", "评估表须为一个 JSON 对象", "a sheet must be one JSON object")])
    key = sheet.get("instrument")
    if key is None:
        raise SheetError([_problem("instrument", "missing", "缺少评估工具", "the instrument is missing")])
    if not isinstance(key, str):
        en = "the instrument must be text such as selfcare30@1"
        raise SheetError([_problem("instrument", "wrong_type", "评估工具须为文字", en)])
    try:
        instrument = load(*split_key(key))
    except UnknownInstrument:
        known = ", ".join(available())
        raise SheetError(
            [
                _problem(
                    "instrument",
                    "unknown_instrument",
                    f"没有评估工具 {_show(key)}，可用的有 {known}",
                    f"there is no instrument {_show(key)}; there are {known}",
                )
            ]
        ) from None
    if instrument.kind != "instrument":
        raise SheetError(
            [
                _problem(
                    "instrument",
                    "not_scorable",
                    f"{key} 只能用于证明，不能评分",
                    f"{key} is a raw wording: it can be proved, not scored",
                )
            ]
        )
    return instrument


def questions_of(instrument: Instrument) -> Questions:
    """The questions an instrument asks."""
    b1: list[Question] = []
    for item in instrument.items:
        b1 += [Question(sub.id, f"answers.{sub.id}", str, frozenset(LEVEL_CODES), sub.title) for sub in item.subitems]
        if not item.subitems:
            codes = frozenset(option.code for option in item.options)
            b1.append(Question(item.code, f"answers.{item.code}", int, codes, item.title))
    domains = tuple(
        Question(item.id, f"answers.{item.id}", int, frozenset(o.code for o in item.options), item.title)
        for domain in instrument.domains
        for item in domain.items
    )
    facts = tuple(
        Question(fact.id, f"facts.{fact.id}", int, frozenset(o.code for o in fact.options), fact.title)
        for fact in instrument.facts
    )
    return Questions(tuple(b1), domains, facts)


def check_sheet(sheet: Mapping[str, Any], instrument: Instrument, questions: Questions) -> Sheet:
    """Check every field of a sheet; :class:`SheetError` lists all faults.

    A null counts as missing. In coma only the coma answer itself is needed; with scope ``B.1`` the answers of forms
    B.2 to B.4 and the facts may be absent.
    """
    problems = _unknown_fields("", (field for field in sheet if field not in TOP_FIELDS))
    scope = sheet.get("scope", "all")
    if not isinstance(scope, str) or scope not in instrument.scopes:
        zh, en = " 或 ".join(instrument.scopes), " or ".join(instrument.scopes)
        problems.append(
            _problem("scope", "unknown_code", f"范围只能是 {zh}", f"the scope must be {en} (or be left out)")
        )
        scope = "all"
    answers = _mapping(sheet, "answers", "答案", problems)
    facts = _mapping(sheet, "facts", "既往情况", problems)
    coma = instrument.coma
    in_coma = False
    if coma is not None and scope == "all":
        given = answers.get(coma.answer)
        in_coma = type(given) is int and given == coma.equals
    whole = scope == "all" and not in_coma
    found = _check(questions.b1, answers, not in_coma, problems)
    found += _check(questions.domains, answers, whole, problems)
    if found != len(answers):
        known = {question.field for part in questions[:2] for question in part}
        problems += _unknown_fields("answers.", (field for field in answers if field not in known))
    if _check(questions.facts, facts, whole, problems) != len(facts):
        known = {question.field for question in questions.facts}
        problems += _unknown_fields("facts.", (field for field in facts if field not in known))
    if problems:
        raise SheetError(problems)
    return Sheet(answers, facts, scope, in_coma)


_EMPTY: Mapping[str, Any] = {}


def _mapping(sheet: Mapping[str, Any], field: str, zh: str, problems: list[Problem]) -> Mapping[str, Any]:
    value = sheet.get(field)
    if isinstance(value, dict):
        return value
    if value is None:
        return _EMPTY
    problems.append(_problem(field, "wrong_type", f"{zh}须为一个对象", f"{field} must be an object"))
    return _EMPTY


def _check(questions: tuple[Question, ...], given: Mapping[str, Any], required: bool, problems: list[Problem]) -> int:
    """Check the answers to some questions; how many of them stand in ``given``, null ones included."""
    found = 0
    for question in questions:
        field, _, kind, codes, _ = question
        value = given.get(field, _ABSENT)
        if type(value) is kind and value in codes:
            found += 1
            continue
        if value is not _ABSENT:
            found += 1
        if value is _ABSENT or value is None:
            if required:
                problems.append(_missing(question))
        elif type(value) is not kind:
            problems.append(_wrong_type(question, value))
        else:
            problems.append(_unknown_code(question, value))
    return found


def _missing(question: Question) -> Problem:
    zh, en = question.title["zh"], question.title["en"]
    return _problem(question.path, "missing", f"{question.field} {zh} 未填写", f"{question.field} {en} has no answer")


def _wrong_type(question: Question, value: object) -> Problem:
    zh, en = ("文字", "text") if question.type is str else ("整数", "a whole number")
    return _problem(
        question.path,
        "wrong_type",
        f"{question.field} {question.title['zh']} 须为{zh}，不能是 {_show(value)}",
        f"{question.field} {question.title['en']} must be {en}, not {_show(value)}",
    )


def _unknown_code(question: Question, value: object) -> Problem:
    codes = ", ".join(str(code) for code in sorted(question.codes))
    return _problem(
        question.path,
        "unknown_code",
        f"{question.field} {question.title['zh']} 只能是 {codes}，不能是 {_show(value)}",
        f"{question.field} {question.title['en']} must be one of {codes}, not {_show(value)}",
    )


def _unknown_fields(prefix: str, fields: Iterable[object]) -> list[Problem]:
    """Fields nobody asks for, by name: the order of a sheet's fields is not kept by every program that carries it."""
    names = sorted(map(_name, fields))
    return [_problem(prefix + n, "unknown_field", f"没有 {n} 这一项", f"there is no field {n}") for n in names]


def _problem(field: str, code: str, zh: str, en: str) -> Problem:
    return Problem(field, code, zh, en)


def _name(field: object) -> str:
    """A field name from outside, cut to a length that can be shown and safe to print."""
    text = (field if isinstance(field, str) else repr(field)).encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= 60 else f"{text[:60]}…"


def _show(value: object) -> str:
    """A value from outside as JSON, cut to a length that can be shown."""
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list):
        return "[…]"
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int) and value.bit_length() > 64:
        return "…"
    return f'"{_name(value)}"' if isinstance(value, str) else _name(value)
