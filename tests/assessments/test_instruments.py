"""Instrument files: what forms can show, and that a wrong file is refused at its place."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from hashlib import sha256

import pytest

import assessments
from assessments import InstrumentError, UnknownInstrument
from assessments.loader import FOLDER
from tests.assessments.sheets import sheet


def text_of(key: str) -> str:
    code, _, version = key.partition("@")
    return (FOLDER / code / f"{version}.toml").read_text("utf-8")


def test_what_is_available() -> None:
    assert assessments.available() == ["gbt42195@2022", "ltci@2021", "mzt039@2013", "selfcare30@1"]


def test_an_instrument_is_picked_by_exact_version_and_shared() -> None:
    assert assessments.load("selfcare30", "1") is assessments.load("selfcare30", "1")
    for version in ("2", "01", "1 ", "", "../1", "1/../1"):
        with pytest.raises(UnknownInstrument):
            assessments.load("selfcare30", version)


@pytest.mark.parametrize("key", ["selfcare30@1", "mzt039@2013", "mzt039@2013-raw"])
def test_the_hash_is_that_of_the_files_bytes(key: str) -> None:
    instrument = assessments.load(*key.split("@"))
    assert instrument.sha256 == sha256(text_of(key).encode()).hexdigest()
    assert instrument.key == key


def test_an_instrument_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        assessments.load("selfcare30", "1").status = "official"  # type: ignore[misc]


def test_a_form_finds_all_it_needs() -> None:
    instrument = assessments.load("selfcare30", "1")
    assert len(instrument.items) == 10
    subitems = [sub for item in instrument.items for sub in item.subitems]
    assert len(subitems) == 30
    for sub in subitems:
        assert list(sub.labels) == ["A0", "A1", "A2", "A3", "A4"]
        assert all(words["zh"] and words["en"] for words in (sub.title, sub.observe, *sub.labels.values()))
        assert len(sub.caps) == 5
        assert sub.indicator in instrument.grades.abilities
    advisory = [sub.id for sub in subitems if sub.met is None]
    assert advisory == ["3.1", "3.2", "3.3", "9.1", "10.1", "10.2", "10.3"]
    assert [(len(domain.items), domain.key) for domain in instrument.domains] == [
        (3, "mental"), (4, "sensory"), (5, "social")
    ]  # fmt: skip
    assert [fact.id for fact in instrument.facts] == [
        "dementia", "mental_illness", "falls", "wandering", "choking", "suicide"
    ]  # fmt: skip
    assert len(instrument.fields) == 42
    assert instrument.notes


def test_form_b1_has_thirty_scored_levels() -> None:
    instrument = assessments.load("mzt039", "2013")
    assert sum(len(item.options) for item in instrument.items) == 30
    assert sum(item.max for item in instrument.items) == 100
    assert len(instrument.fields) == 22


def test_wordings_are_bilingual_and_distinct() -> None:
    instrument = assessments.load("mzt039", "2013")
    for domain in instrument.domains:
        for question in domain.items:
            labels = [option.label["zh"] for option in question.options]
            assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(
    ("key", "old", "new", "where"),
    [
        ("selfcare30@1", "max = 10\n", "", "items[0].max"),
        ("selfcare30@1", "max = 10\n", "max = 15\n", "items[0].max"),
        ("selfcare30@1", "max = 10\n", 'max = "10"\n', "items[0].max"),
        ("selfcare30@1", "max = 10\n", "max = true\n", "items[0].max"),
        ("selfcare30@1", "caps = [10, 10, 5, 0, 0]", "caps = [10, 10, 5, 0]", "items[0].subitems[0].caps"),
        ("selfcare30@1", 'indicator = "N1"', 'indicator = "N7"', "items[0].subitems[0].indicator"),
        ("selfcare30@1", 'met = "A1"', 'met = "B1"', "items[0].subitems[0].met"),
        ("selfcare30@1", 'met = "A1"', 'mett = "A1"', "items[0].subitems[0].met"),
        ("selfcare30@1", 'id = "1.2"', 'id = "1.1"', "items"),
        ("selfcare30@1", 'version = "1"', 'version = "1/2"', ""),
        ("selfcare30@1", 'en = "Feeding"', 'en = " "', "items[0].title.en"),
        ("selfcare30@1", "in_force_from = 2020-01-01", 'in_force_from = "soon"', "in_force_from"),
        ("selfcare30@1", 'status = "local"', 'status = "final"', "status"),
        ("selfcare30@1", 'instrument = "mzt039@2013"', 'instrument = "mzt039@2014"', ""),
        ("selfcare30@1", "[levels]", "extra = 1\n[levels]", "observation.extra"),
        ("mzt039@2013", 'kind = "instrument"', 'kind = "form"', "kind"),
        ("mzt039@2013", 'method = "sum"', 'method = "mean"', "domains[0].method"),
        ("mzt039@2013", 'key = "mental"', 'key = "social"', "domains"),
        ("mzt039@2013", "level = 2, from = 45, to = 60", "level = 2, from = 60, to = 45", "adl.levels[2].from"),
        ("mzt039@2013", "level = 2, from = 45, to = 60", "level = 4, from = 45, to = 60", "adl.levels[2].level"),
        ("mzt039@2013", 'raising = "once"', 'raising = "twice"', "changes.raising"),
        ("mzt039@2013", 'facts = ["dementia"', 'facts = ["madness"', "changes.clauses[0].facts"),
        ("mzt039@2013", "equals = 3", "equals = 4", "changes.clauses[2].answer"),
        ("mzt039@2013", "met = [15], not_met = [5, 0]", "met = [12], not_met = [5, 0]", "abilities[2].items[0].met"),
        ("mzt039@2013", 'id = "C-1a"', 'id = "C-0"', "combination.rules"),
        ("mzt039@2013", "{ code = 5, zh", "{ code = 10, zh", "items[0].options"),
    ],
)
def test_a_wrong_file_is_refused_at_its_place(key: str, old: str, new: str, where: str) -> None:
    text = text_of(key)
    assert old in text
    with pytest.raises(InstrumentError) as refusal:
        assessments.parse(text.replace(old, new, 1).encode())
    assert refusal.value.where == where


def test_a_file_built_on_changed_rules_is_refused() -> None:
    pinned = assessments.load("mzt039", "2013").sha256
    with pytest.raises(InstrumentError, match="not the one named here"):
        assessments.parse(text_of("selfcare30@1").replace(pinned, "0" * 64).encode())


@pytest.mark.parametrize("data", [b"\xff", b"kind = ", b"", b"[[items]]", b'kind = "instrument"'])
def test_no_instrument_at_all_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(InstrumentError):
        assessments.parse(data)


@pytest.mark.parametrize(
    ("old", "new", "facts", "level"),
    [
        ('raising = "once"', 'raising = "per_cause"', {"dementia": 1, "falls": 2}, 2),
        ('raising = "once"', 'raising = "once"', {"dementia": 1, "falls": 2}, 1),
        ('counting = "total"', 'counting = "per_kind"', {"falls": 1, "choking": 1}, 0),
        ('counting = "total"', 'counting = "per_kind"', {"falls": 2}, 1),
        ('counting = "total"', 'counting = "total"', {"falls": 1, "choking": 1}, 1),
    ],
)
def test_open_points_of_the_level_changes_are_settings(old: str, new: str, facts: dict[str, int], level: int) -> None:
    draft = assessments.parse(text_of("mzt039@2013").replace(old, new).encode())
    found = assessments.score(sheet("mzt039@2013", facts=facts), draft)
    assert found.ability_level == level
    assert found.sha256 == draft.sha256 != ""


def test_raising_per_cause_stops_at_severe() -> None:
    text = text_of("mzt039@2013").replace('raising = "once"', 'raising = "per_cause"')
    answers = {"B.1.8": 0, "B.1.9": 0, "B.1.10": 0}
    given = sheet("mzt039@2013", answers=answers, facts={"dementia": 1, "falls": 3})
    found = assessments.score(given, assessments.parse(text.encode()))
    assert (found.preliminary_level, found.ability_level) == (2, 3)


def test_a_level_above_the_stop_is_left_alone() -> None:
    text = text_of("mzt039@2013").replace("at = 3\n", "at = 2\n")
    answers = {"B.1.8": 0, "B.1.9": 0, "B.1.10": 0, "B.1.7": 0, "B.1.6": 0}
    given = sheet("mzt039@2013", answers=answers, facts={"dementia": 1})
    found = assessments.score(given, assessments.parse(text.encode()))
    assert (found.preliminary_level, found.ability_level, found.level_changes) == (3, 3, ())
