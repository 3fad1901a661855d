"""Proofs: what is shipped is proved, and every kind of fault is found when it is there."""

from __future__ import annotations

from itertools import product

import pytest

import assessments
from assessments import Instrument
from assessments.loader import FOLDER


def draft(key: str, *changes: tuple[str, str]) -> Instrument:
    """A shipped instrument with changes in its text; every change must apply."""
    code, _, version = key.partition("@")
    text = (FOLDER / code / f"{version}.toml").read_text("utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return assessments.parse(text.encode())


@pytest.mark.parametrize("key", assessments.available())
def test_every_shipped_instrument_is_proved(key: str) -> None:
    proof = assessments.prove(assessments.load(*key.split("@")))
    assert proof.ok, proof.as_dict()
    assert proof.counts["domain_mixes"] == proof.counts["mixes_with_one_level"]


@pytest.mark.parametrize("key", ["selfcare30@1", "mzt039@2013"])
def test_the_proofs_of_form_c_try_every_mix_and_every_form(key: str) -> None:
    proof = assessments.prove(assessments.load(*key.split("@")))
    assert proof.counts["domain_mixes"] == proof.counts["mixes_with_one_level"] == 256
    assert proof.counts["score_sheets"] == 46_656
    assert proof.counts["mixes_clear_in_wording"] == proof.counts["mixes_agreeing_with_wording"] == 187
    assert [proof.counts[f"mixes_at_level_{level}"] for level in range(4)] == [2, 118, 34, 102]
    assert [proof.counts[f"sheets_B.{form}"] for form in (2, 3, 4)] == [27, 400, 3125]


def test_the_proofs_cover_every_sheet_of_form_b1() -> None:
    observed = assessments.prove(assessments.load("selfcare30", "1")).counts
    direct = assessments.prove(assessments.load("mzt039", "2013")).counts
    assert observed["item_answers"] == 10 * 125
    assert observed["sheets_B.1"] == 5**30 == observed["sheets_tiers_agree"] + observed["sheets_tiers_differ"]
    assert direct["item_answers"] == 30
    assert direct["sheets_B.1"] == 46_656


def test_the_raw_wording_is_reported_with_its_gaps_and_overlaps() -> None:
    proof = assessments.prove(assessments.load("mzt039", "2013-raw"))
    assert not proof.ok
    assert proof.counts["mixes_with_one_level"] == 187
    assert len(proof.overlaps) == 60
    gaps = {tuple(gap.values["mix"]) for gap in proof.gaps}
    middle = {(2, *rest) for rest in product((1, 2), repeat=3)} - {(2, 2, 2, 2)}
    assert gaps == {(0, 0, 0, 3), (2, 0, 0, 0)} | middle
    kinds = [tuple(overlap.values["levels"]) for overlap in proof.overlaps]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {(1, 2): 30, (2, 3): 30}


def test_the_ruled_form_c_is_the_total_function() -> None:
    def ruled(a: int, m: int, s: int, p: int) -> int:
        if a == 3:
            return 3
        if a == 2:
            return 3 if 3 in {m, s, p} or (m, s, p) == (2, 2, 2) else 2
        if a == 1:
            return 2 if min(m, s, p) >= 2 else 1
        return 0 if (m == 0 and s == 0 and p <= 1) else 1

    combination = assessments.load("mzt039", "2013").combination
    for a, m, s, p in product(range(4), repeat=4):
        assert {rule.level for rule in combination.matching((a, m, s, p))} == {ruled(a, m, s, p)}


def test_the_sensory_level_is_the_total_function() -> None:
    answers = dict.fromkeys(("B.3.1", "B.3.2", "B.3.3", "B.3.4"), 0)
    base = {f"B.1.{n}": max(o.code for o in i.options) for n, i in enumerate(_direct().items, start=1)}
    base |= dict.fromkeys(_direct().domain_fields, 0)
    facts = {fact.id: 0 for fact in _direct().facts}
    for c, v, h, k in product(range(4), range(5), range(5), range(4)):
        if c >= 2 or max(v, h) == 4 or k == 3:
            level = 3
        elif c == 1 or max(v, h) == 3 or k == 2:
            level = 2
        else:
            level = int(max(v, h) == 2 or k == 1)
        given = dict(zip(answers, (c, v, h, k), strict=True))
        sheet = {"instrument": "mzt039@2013", "answers": base | given, "facts": facts}
        assert assessments.score(sheet).sensory_level == level


def _direct() -> Instrument:
    return assessments.load("mzt039", "2013")


BAND = "{ level = 2, from = 45, to = 60,"


def test_a_hole_no_sheet_can_reach_is_named_and_harmless() -> None:
    proof = assessments.prove(draft("mzt039@2013", (BAND, BAND)))
    assert proof.ok
    assert (41, 44) in {(hole.values["from"], hole.values["to"]) for hole in proof.holes if hole.where == "adl"}


def test_a_hole_a_sheet_can_reach_is_a_gap() -> None:
    proof = assessments.prove(draft("mzt039@2013", (BAND, "{ level = 2, from = 46, to = 60,")))
    assert not proof.ok
    assert [(gap.where, gap.values["number"]) for gap in proof.gaps] == [("adl", 45)]


@pytest.mark.parametrize(
    ("key", "old", "new", "kind", "where"),
    [
        ("mzt039@2013", BAND, "{ level = 2, from = 40, to = 60,", "overlaps", "adl"),
        ("mzt039@2013", BAND, "{ level = 2, from = 41, to = 44,", "unreachable", "adl"),
        ("mzt039@2013", "{ level = 1, from = 3, to = 7,", "{ level = 1, from = 4, to = 7,", "gaps", "B.4"),
        ("mzt039@2013", "adl = [3]", "adl = [2]", "gaps", "combination"),
        ("mzt039@2013", "adl = [3]", "adl = [3, 0]", "overlaps", "combination"),
        ("mzt039@2013", 'id = "C-1c"\nlevel = 1', 'id = "C-1c"\nlevel = 2', "overlaps", "combination"),
        ("mzt039@2013", "code = 2, level = 3, zh", "code = 2, level = 1, zh", "non_monotone", "B.3"),
        ("mzt039@2013", 'id = "C-2b"\nlevel = 2', 'id = "C-2b"\nlevel = 0', "non_monotone", "combination"),
        ("mzt039@2013", "at_least = 2\nraise = 1", "at_least = 2\nraise = -1", "non_monotone", "changes"),
        ("mzt039@2013", "met = [15], not_met = [5, 0]", "met = [15, 5], not_met = [0]", "non_monotone", "item.8"),
        ("selfcare30@1", "caps = [10, 10, 5, 0, 0]", "caps = [10, 5, 10, 0, 0]", "non_monotone", "item.1"),
        ("selfcare30@1", "caps = [10, 10, 5, 0, 0]", "caps = [10, 10, 6, 0, 0]", "gaps", "item.1"),
        ("selfcare30@1", "caps = [15, 10, 10, 5, 0]", "caps = [10, 10, 10, 5, 0]", "unreachable", "item.8"),
    ],
)
def test_a_fault_is_found(key: str, old: str, new: str, kind: str, where: str) -> None:
    proof = assessments.prove(draft(key, (old, new)))
    assert not proof.ok
    assert where in {finding.where for finding in getattr(proof, kind)}


def test_bands_in_the_wrong_order_are_found() -> None:
    swapped = draft(
        "mzt039@2013",
        ("{ level = 1, from = 65, to = 95,", "{ level = 1, from = 45, to = 60,"),
        (BAND, "{ level = 2, from = 65, to = 95,"),
    )
    found = {finding.where for finding in assessments.prove(swapped).non_monotone}
    assert found == {"adl", "sheets"}


def test_a_ruling_against_clear_wording_is_a_contradiction() -> None:
    proof = assessments.prove(draft("mzt039@2013", ('id = "C-1d"\nlevel = 1', 'id = "C-1d"\nlevel = 2')))
    assert proof.contradictions
    assert not proof.ok


def test_an_unproved_instrument_does_not_score_silently() -> None:
    broken = draft("mzt039@2013", (BAND, "{ level = 2, from = 50, to = 60,"))
    answers = {f"B.1.{n}": 0 for n in (1, 2, 3, 4, 5, 6)} | {"B.1.7": 5, "B.1.8": 15, "B.1.9": 15, "B.1.10": 10}
    with pytest.raises(ValueError, match="prove"):
        assessments.score({"instrument": "x", "answers": answers, "scope": "B.1"}, broken)


def test_a_proof_is_json() -> None:
    found = assessments.prove(assessments.load("mzt039", "2013-raw")).as_dict()
    assert found["ok"] is False
    assert found["gaps"][0]["mix"] == [0, 0, 0, 3]
