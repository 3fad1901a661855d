"""Golden cases, properties and tables of the pure rules."""

from __future__ import annotations

import datetime as dt
import random
import tomllib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.periods import Month, Quarter
from app.settlement import verify_settlement
from app.settlement.rules import comparing, posting, scoring
from app.settlement.rules.settling import (
    Facts,
    Line,
    Rates,
    Rule,
    Settler,
    amounts,
    corrections,
    counted_days,
    monthly_fen,
    months_from_json,
    settle,
)

pytestmark = pytest.mark.pure
HERE = Path(__file__).parent
FEATURE = HERE.parent.parent / "app" / "settlement"


def load(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


CARD = load(FEATURE / "policies" / "scorecard-2020.toml")
RULE = Rule.from_body(load(FEATURE / "policies" / "settlement-rule-2020.toml"))
TABLE = load(FEATURE / "examples" / "pay_table_taojiang.toml")
MONTHS = load(HERE / "golden" / "months.toml")["case"]
CORRECTIONS = load(HERE / "golden" / "corrections.toml")["case"]
SCORES = load(HERE / "golden" / "scores.toml")["case"]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def spans(values: list[list[str]]) -> tuple[tuple[dt.date, dt.date | None], ...]:
    return tuple((day(a), day(b) if b else None) for a, b in values)


def facts_of(case: dict[str, Any]) -> Facts:
    grades = case.get("grades", [[3, "2025-01-01", ""]])
    ratio = case.get("ratio_bp", 10000)
    return Facts(
        contract_id=1,
        caregiver_id=1,
        resident_id=1,
        area_code=case.get("area_code", "150422101200"),
        first=day(case.get("first", "2025-07-01")),
        last=day(case.get("last", "2027-06-30")),
        suspensions=spans(case.get("suspensions", [])),
        hospital=spans(case.get("hospital", [])),
        leave=spans(case.get("leave", [])),
        grades=tuple((day(a), day(b) if b else None, g) for g, a, b in grades),
        ratio_bp=None if ratio < 0 else ratio,
    )


def rates_of(case: dict[str, Any]) -> list[Rates]:
    table: dict[str, Any] | None = {"monthly_fen": case.get("monthly", TABLE["monthly_fen"])}
    if "areas" in case:
        table = {**(table or {}), "area": [{"code": c, "monthly_fen": {"full_care": f}} for c, f in case["areas"]]}
    if not case.get("pay_table", True):
        table = None
    return [Rates(m, table) for m in Quarter.parse(case.get("quarter", "2026-Q1")).months]


@pytest.mark.parametrize("case", MONTHS, ids=[c["name"] for c in MONTHS])
def test_golden_settlement(case: dict[str, Any]) -> None:
    result = settle(facts_of(case), rates_of(case), RULE)
    assert (result.due_fen, result.pay_fen, result.blocked) == (case["due_fen"], case["pay_fen"], case.get("blocked"))
    assert result.withheld_fen == result.due_fen - result.pay_fen


@pytest.mark.parametrize("case", MONTHS, ids=[c["name"] for c in MONTHS])
def test_the_verifier_is_a_second_witness_of_every_golden_case(case: dict[str, Any]) -> None:
    facts, rates = facts_of(case), rates_of(case)
    rule = load(FEATURE / "policies" / "settlement-rule-2020.toml")
    tables = [dict(r.pay_table) if r.pay_table is not None else None for r in rates]
    found = verify_settlement.settled(facts.as_json(), case.get("quarter", "2026-Q1"), rule, tables)
    result = settle(facts, rates, RULE)
    assert (found["due_fen"], found["pay_fen"], found["blocked"]) == (
        case["due_fen"],
        case["pay_fen"],
        case.get("blocked"),
    )
    assert found["months"] == [m.as_json() for m in result.months]


@pytest.mark.parametrize("case", CORRECTIONS, ids=[c["name"] for c in CORRECTIONS])
def test_golden_correction(case: dict[str, Any]) -> None:
    before = settle(facts_of(case.get("before", {})), rates_of({}), RULE)
    posted = case.get("posted", [[before.due_fen, before.pay_fen]])
    after = settle(facts_of(case["after"]), rates_of({}), RULE)
    due = [] if after.blocked else [("due", after.due_fen), ("pay", after.pay_fen)]
    stands = [] if after.blocked else [(k, fen) for pair in posted for k, fen in zip(("due", "pay"), pair, strict=True)]
    found = corrections(
        [Line(1, "2026-Q1", k, fen) for k, fen in due], [Line(1, "2026-Q1", k, fen) for k, fen in stands]
    )
    want = {k: case[f"{k}_fen"] for k in ("due", "pay") if case[f"{k}_fen"]}
    assert {x.kind: x.amount for x in found} == want


def test_there_are_golden_cases_enough_and_each_says_its_arithmetic() -> None:
    every = [*MONTHS, *SCORES, *CORRECTIONS]
    assert len(MONTHS) >= 60
    assert all(c["in_words"] for c in every)
    assert len({c["name"] for c in every}) == len(every)


@pytest.mark.parametrize("case", SCORES, ids=[c["name"] for c in SCORES])
def test_golden_score(case: dict[str, Any]) -> None:
    pair = {k: tuple(case.get(k, [5, 1])) for k in ("satisfaction", "neighbour")}
    records = scoring.Records(
        items={k: (v[0], v[1]) for k, v in case.get("items", {"S01": [90, 90]}).items()},
        recorded=case.get("recorded", 10),
        late=case.get("late", 0),
        avoidable=case.get("avoidable", 0),
        unjudged=case.get("unjudged", 0),
        satisfaction=(pair["satisfaction"][0], pair["satisfaction"][1]),
        neighbour=(pair["neighbour"][0], pair["neighbour"][1]),
    )
    points = {} if case.get("given_nothing") else {"B1": 500, "B2": 500, "B3": 500, "C2": 300, "C3": 300}
    result = scoring.score(CARD, records, {**points, **case.get("given", {})}, veto=case.get("veto"))
    assert list(result.missing) == case.get("missing", [])
    assert (result.total, result.band, result.ratio_bp) == (case.get("score"), case.get("band"), case.get("ratio_bp"))
    assert scoring.Records.from_json(records.as_json()) == records


def test_the_shipped_scorecard_is_sound_and_broken_ones_are_named() -> None:
    assert scoring.check_card(CARD) == []
    assert scoring.check_card({**CARD, "band": CARD["band"][:-1]}) == ["no band begins at 0"]
    bad = {**CARD, "line": [{**line, "max": 4} if line["id"] == "B1" else line for line in CARD["line"]]}
    assert scoring.check_card(bad) == ["lines of part B sum to 19, not 20"]
    strange = [{**line, "source": "hearsay"} if line["id"] == "B1" else line for line in CARD["line"]]
    assert "hearsay" in scoring.check_card({**CARD, "line": strange})[0]


def test_points_outside_the_line_and_unknown_names_are_refused() -> None:
    for given_points in ({"B1": 501}, {"B1": -1}, {"Z9": 1}):
        with pytest.raises(ValueError, match=r"range|unknown"):
            scoring.score(CARD, scoring.Records(), given_points)
    with pytest.raises(ValueError, match="veto"):
        scoring.score(CARD, scoring.Records(), {}, veto="bad weather")


def test_people_cannot_overrule_what_the_records_say() -> None:
    records = scoring.Records(items={"S01": (45, 90)}, recorded=10)
    result = scoring.score(CARD, records, {"A": 6000})
    assert result.lines[0].points == 30
    assert result.lines[0].by == "records"


DAY = st.dates(dt.date(2025, 12, 1), dt.date(2026, 4, 30))
SPAN = st.tuples(DAY, DAY).map(lambda p: (min(p), max(p)))
FACTS = st.builds(
    Facts,
    contract_id=st.just(1),
    caregiver_id=st.just(1),
    resident_id=st.just(1),
    area_code=st.just("150422"),
    first=st.dates(dt.date(2025, 11, 1), dt.date(2026, 4, 1)),
    last=st.dates(dt.date(2026, 1, 1), dt.date(2026, 6, 1)),
    suspensions=st.lists(SPAN, max_size=3),
    hospital=st.lists(SPAN, max_size=3),
    leave=st.lists(SPAN, max_size=2),
    grades=st.just([(dt.date(2020, 1, 1), dt.date(2026, 1, 31), 2), (dt.date(2026, 2, 1), None, 3)]),
    ratio_bp=st.integers(0, 10000),
)
RATES = [Rates(m, TABLE) for m in Quarter(2026, 1).months]


@settings(max_examples=200, deadline=None)
@given(FACTS, st.randoms())
def test_pay_lies_between_nothing_and_due_and_order_does_not_matter(facts: Facts, shuffle: random.Random) -> None:
    result = settle(facts, RATES, RULE)
    assert 0 <= result.pay_fen <= result.due_fen <= 25900 + 51700 * 2
    mixed = {name: list(getattr(facts, name)) for name in ("suspensions", "hospital", "leave", "grades")}
    for values in mixed.values():
        shuffle.shuffle(values)
    assert settle(replace(facts, **mixed), RATES, RULE) == result
    assert replace(facts, **mixed).as_json() == facts.as_json()


AREAS = st.sampled_from(["150422", "150422100", "150422100200"])
BY_AREA = {"monthly_fen": TABLE["monthly_fen"], "area": [{"code": "150422100", "monthly_fen": {"full_care": 60000}}]}
CHANGE = st.dates(dt.date(2025, 12, 1), dt.date(2026, 4, 30))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(FACTS, AREAS, CHANGE, st.none() | st.just(8500)), min_size=2, max_size=6),
    st.sampled_from([TABLE, BY_AREA, None]),
)
def test_contracts_settled_together_get_what_each_would_get_alone(
    drawn: list[Any], table: dict[str, Any] | None
) -> None:
    rates = [Rates(m, table) for m in Quarter(2026, 1).months]
    together = Settler(rates, RULE)
    for facts, area, change, ratio in [*drawn, *drawn]:
        grades = ((dt.date(2020, 1, 1), change, 2), (change + dt.timedelta(days=1), None, 3))
        alone = replace(facts, area_code=area, grades=grades, ratio_bp=ratio)
        assert together(alone) == settle(alone, rates, RULE)


@settings(max_examples=200, deadline=None)
@given(FACTS, st.dates(dt.date(2026, 1, 1), dt.date(2026, 3, 30)))
def test_two_caregivers_together_are_owed_exactly_what_one_would_be(facts: Facts, last: dt.date) -> None:
    whole = settle(facts, RATES, RULE)
    first = settle(replace(facts, last=min(facts.last, last)), RATES, RULE)
    second = settle(replace(facts, first=max(facts.first, last + dt.timedelta(days=1))), RATES, RULE)
    exact = [sum((m.due for m in r.months), Fraction(0)) for r in (whole, first, second)]
    assert exact[0] == exact[1] + exact[2]


@settings(max_examples=100, deadline=None)
@given(FACTS)
def test_days_counted_one_by_one_give_the_same(facts: Facts) -> None:
    def away(spans_: Any, free: int, when: dt.date) -> bool:
        covered = {a + dt.timedelta(days=n) for a, b in spans_ for n in range((b - a).days + 1)}
        start = when
        while start - dt.timedelta(days=1) in covered:
            start -= dt.timedelta(days=1)
        return when in covered and (when - start).days >= free

    for month in Quarter(2026, 1).months:
        expected = sum(
            1
            for when in month.range
            if facts.first <= when <= facts.last
            and not any(a <= when <= b for a, b in facts.suspensions if b)
            and not away(facts.hospital, 7, when)
            and not away(facts.leave, 7, when)
        )
        assert counted_days(facts, month, RULE) == expected


@given(
    st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["due", "pay"]), st.integers(-50, 50)), max_size=12),
    st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["due", "pay"]), st.integers(-50, 50)), max_size=12),
)
def test_after_the_corrections_the_ledger_says_what_is_due(due: list[Any], posted: list[Any]) -> None:
    want = [Line(c, "2026-Q1", k, a) for c, k, a in due]
    have = [Line(c, "2026-Q1", k, a) for c, k, a in posted]
    fixed = corrections(want, have)
    assert corrections(want, [*have, *fixed]) == []
    assert sum(x.amount for x in want) == sum(x.amount for x in have) + sum(x.amount for x in fixed)


def test_stored_months_prove_the_line_again() -> None:
    result = settle(facts_of({"last": "2026-03-10", "ratio_bp": 8500}), rates_of({}), RULE)
    again = amounts(months_from_json([m.as_json() for m in result.months]), 8500)
    assert (again.due_fen, again.pay_fen) == (result.due_fen, result.pay_fen)


def test_an_area_without_the_grades_figure_falls_back_to_the_county() -> None:
    table = {"monthly_fen": {"full_care": 1}, "area": [{"code": "150422100", "monthly_fen": {"half_care": 2}}]}
    assert monthly_fen(table, "150422100200", "full_care") == 1
    assert monthly_fen(table, "150422100200", "half_care") == 2
    assert monthly_fen(table, "150422101200", "half_care") is None


def test_a_settlement_rule_with_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        Rule.from_body({"hospital_free_days": -1, "leave_free_days": 0})
    with pytest.raises(ValueError, match="leave_free_days"):
        Rule.from_body({"hospital_free_days": 1})


class TestLedger:
    def entries(self) -> list[posting.Entry]:
        key = posting.approval_key(1, 7, "quarter", "2026-Q1")
        return [
            *posting.approval(key, due_fen=155100, pay_fen=131835, withheld_fen=23265),
            *posting.payment(posting.payment_key(9, 1), 131835),
        ]

    def line(self, *, paid: bool = True, pay: int = 131835) -> posting.PostedLine:
        moves = (posting.Move(1),) if paid else ()
        return posting.PostedLine(9, 1, 7, "quarter", "2026-Q1", 155100, pay, 155100 - pay, paid, moves)

    def test_a_sound_book_has_no_finding(self) -> None:
        assert posting.prove([self.line()], self.entries()) == []
        assert sum(e.amount_fen for e in self.entries()) == 0

    def test_every_kind_of_damage_is_named(self) -> None:
        good = self.entries()
        assert posting.prove([self.line()], good[:3])  # not paid
        assert posting.prove([self.line(paid=False)], good[:3]) == []
        assert posting.prove([self.line(pay=1)], good)  # line changed
        assert posting.prove([], good)  # posting without a line
        assert posting.prove([self.line()], [*good, good[-1]])  # a side twice
        broken = [*good[:-1], posting.Entry(good[-1].posting, "paid", 131834)]
        assert any("sum to" in f.problem for f in posting.prove([self.line()], broken))

    def test_a_returned_payment_is_taken_back_and_paid_again_once(self) -> None:
        line = replace(self.line(), moves=(posting.Move(1, returned=True), posting.Move(2)))
        book = [e for sides in posting.postings_of(line).values() for e in sides]
        assert posting.prove([line], book) == []
        assert sum(e.amount_fen for e in book if e.account == "paid") == 131835
        twice = replace(line, moves=(posting.Move(1), posting.Move(2)))
        assert any("paid 2 times" in f.problem for f in posting.prove([twice], book))
        never = replace(line, moves=(posting.Move(1, returned=True),))
        assert any("never paid" in f.problem for f in posting.prove([never], book))

    def test_due_must_be_pay_plus_withheld(self) -> None:
        with pytest.raises(ValueError, match="withheld"):
            posting.approval("x", due_fen=3, pay_fen=1, withheld_fen=1)


def shape(case: dict[str, Any]) -> comparing.Shape:
    result = settle(facts_of(case), rates_of(case), RULE)
    return comparing.Shape(result.months, case.get("ratio_bp", 10000), result.pay_fen, result.blocked)


@pytest.mark.parametrize(
    ("before", "after", "causes"),
    [
        ({}, {"quarter": "2026-Q2"}, []),
        ({}, {"quarter": "2026-Q2", "ratio_bp": 8500}, ["score"]),
        ({}, {"quarter": "2026-Q2", "last": "2026-06-10"}, ["days"]),
        ({"grades": [[2, "2025-01-01", ""]]}, {"quarter": "2026-Q2"}, ["grade"]),
        ({}, {"quarter": "2026-Q2", "monthly": {"full_care": 52000}}, ["standard"]),
        ({}, {"quarter": "2026-Q2", "ratio_bp": -1}, ["blocked"]),
        (
            {"grades": [[2, "2025-01-01", ""]], "ratio_bp": 9500},
            {"quarter": "2026-Q2", "last": "2026-06-11", "ratio_bp": 7000},
            ["days", "grade", "score"],
        ),
    ],
)
def test_differences_are_explained_and_sum_exactly(before: Any, after: Any, causes: list[str]) -> None:
    old, new = shape(before), shape(after)
    steps = comparing.explain(old, new)
    assert sum(s.fen for s in steps) == new.pay_fen - old.pay_fen
    assert [s.cause for s in steps if s.cause != "rounding"] == causes


def test_new_and_gone_contracts_explain_themselves() -> None:
    line = shape({})
    assert [(s.cause, s.fen) for s in comparing.explain(None, line)] == [("new", 155100)]
    assert [(s.cause, s.fen) for s in comparing.explain(line, None)] == [("gone", -155100)]
    assert comparing.explain(None, None) == []


def test_required_services_are_due_under_contract_less_what_was_not_needed() -> None:
    """Three meals on two covered days are six, less the one that was not needed."""
    assert scoring.required_services([(0b101000, 1)], 0b011111, 1) == 0
    assert scoring.required_services([(0b1111, 1)], 0b0111, 1) == 2
    assert scoring.required_services([(0b11, 3), (0b100, 2)], 0b0111, 1) == 7
    assert Month(2026, 2).days == 28
