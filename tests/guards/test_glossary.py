"""One word for one thing: code, English texts and Chinese texts keep to ``docs/glossary.toml``."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.build.translations import load

ROOT = Path(__file__).parents[2]
TERMS: list[dict[str, Any]] = tomllib.loads((ROOT / "docs" / "glossary.toml").read_text("utf-8"))["term"]
CODE = [*(ROOT / "app").rglob("*.py"), *(ROOT / "assessments").rglob("*.py"), *(ROOT / "migrations").rglob("*.py")]
TEXTS = {english: chinese for (_context, english), chinese in load().items()}
SHORT = 3
"""An English text of so many words and no variables is a label: its Chinese carries the term."""
ids = [term["code"] for term in TERMS]


def words_of(name: str) -> list[str]:
    """``CareGrade`` and ``care_grade`` as words."""
    return [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def names(source: str) -> Iterator[str]:
    """Every name a Python file defines: functions, classes, arguments, variables, attributes."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr


def called(words: list[str], forbidden: str) -> bool:
    """Whether the forbidden words stand in a name one after the other, also in the plural."""
    wanted = forbidden.split("_")
    ends = {wanted[-1], f"{wanted[-1]}s", f"{wanted[-1]}es"}
    for at in range(len(words) - len(wanted) + 1):
        part = words[at : at + len(wanted)]
        if part[:-1] == wanted[:-1] and part[-1] in ends:
            return True
    return False


def says(text: str, phrase: str) -> bool:
    """Whether an English text uses a phrase, also in the plural; names of variables are not its words."""
    plain = re.sub(r"%\(\w+\)s", "", text)
    plural = f"{phrase[:-1]}(?:y|ies)" if phrase.endswith("y") else f"{phrase}(?:s|es)?"
    return re.search(rf"\b{plural}\b", plain, re.IGNORECASE) is not None


@pytest.fixture(scope="module")
def defined() -> set[str]:
    """Every name of the code. Read when a test asks: collecting the tests is everybody's time."""
    return {name for path in CODE for name in [*names(path.read_text("utf-8")), path.stem]}


@pytest.mark.parametrize("term", TERMS, ids=ids)
def test_code_uses_no_other_name(term: dict[str, Any], defined: set[str]) -> None:
    spared = {name.lower() for name in term.get("except", [])}
    wrong = [n for n in defined for f in term["not"] if called(words_of(n), f) and "_".join(words_of(n)) not in spared]
    assert sorted(wrong) == []


@pytest.mark.parametrize("term", TERMS, ids=ids)
def test_english_texts_use_no_other_word(term: dict[str, Any]) -> None:
    spared = set(term.get("texts", []))
    wrong = [text for text in TEXTS for f in term["not"] if says(text, f.replace("_", " ")) and text not in spared]
    assert wrong == []


@pytest.mark.parametrize("term", TERMS, ids=ids)
def test_chinese_texts_use_the_term(term: dict[str, Any]) -> None:
    wrong = []
    for english, chinese in TEXTS.items():
        if english in term.get("texts", []) or not any(says(english, word) for word in term["en"]):
            continue
        label = "%(" not in english and len(english.split()) <= SHORT
        if label and not any(word in chinese for word in term["zh"]):
            wrong.append(f"{english!r}: {chinese!r} without {term['zh'][0]}")
        wrong += [f"{english!r}: {chinese!r} says {word}" for word in term.get("zh_not", []) if word in chinese]
    assert wrong == []


def test_every_term_is_whole_and_used(defined: set[str]) -> None:
    assert len(ids) == len(set(ids)) >= 40
    for term in TERMS:
        assert term.keys() <= {"code", "en", "zh", "not", "zh_not", "except", "texts", "means"}
        assert term["zh"], term["code"]
        assert term["not"], term["code"]
        assert term["means"], term["code"]
        known = any(called(words_of(name), term["code"]) for name in defined)
        assert known or term["code"] in {"subitem", "reassessment"}, f"nothing in the code is called {term['code']}"


def test_exceptions_are_still_needed(defined: set[str]) -> None:
    spelled = {"_".join(words_of(name)) for name in defined}
    for term in TERMS:
        assert set(term.get("except", [])) <= spelled, term["code"]
        assert set(term.get("texts", [])) <= TEXTS.keys(), term["code"]


def test_wrong_words_are_found() -> None:
    assert called(words_of("PatientList"), "patient")
    assert called(words_of("care_levels"), "care_level")
    assert not called(words_of("outpatient_care"), "patient")
    assert not called(words_of("level_of_care"), "care_level")
    assert says("Open the parties", "party")
    assert not says("%(township)s", "township")
