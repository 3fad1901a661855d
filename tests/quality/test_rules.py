"""What a draft would change: people and fen, bands, frequencies; and the text a plain form makes."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.policies import parse
from app.quality.checks import check_body
from app.quality.rules import Person, band_effect, frequency_effects, money_effect, pay_table_text, publishable
from app.settlement.rules.settling import GRADE_KEYS, monthly_fen

OLD = {"monthly_fen": {"half_care": 25900, "full_care": 51700}}
NEW = {"monthly_fen": {"half_care": 28500, "full_care": 56900}}
A, B = "150422100200", "150422101200"


def figure(table: dict, area: str, grade: int) -> int | None:  # type: ignore[type-arg]  # plain TOML
    """The settlement's own reading."""
    return monthly_fen(table, area, GRADE_KEYS[grade])


def people(*grades: int | None, area: str = A) -> list[Person]:
    """One person per grade."""
    return [Person(n, area, "home", grade) for n, grade in enumerate(grades)]


def test_a_raise_counts_each_person_once_by_grade_and_township() -> None:
    effect = money_effect([*people(1, 2, 2, 3), *people(3, None, area=B)], OLD, NEW, figure)
    assert [(g.grade, g.people, g.before, g.after, g.change) for g in effect.grades] == [
        (1, 1, None, None, 0),
        (2, 2, 25900, 28500, 5200),
        (3, 2, 51700, 56900, 10400),
    ]
    assert effect.townships == (("150422100", 4, 10400), ("150422101", 1, 5200))
    assert (effect.month, effect.year) == (15600, 187200)
    assert (effect.people, effect.ungraded, effect.blocked) == (6, 1, 0)


def test_the_first_table_of_a_county_is_compared_with_nothing() -> None:
    effect = money_effect(people(3), None, NEW, figure)
    assert (effect.grades[0].before, effect.grades[0].change) == (None, 56900)


def test_a_missing_figure_of_a_paid_grade_is_named() -> None:
    effect = money_effect(people(2, 3, 1), OLD, {"monthly_fen": {"half_care": 1}}, figure)
    assert effect.blocked == 1


def test_figures_that_differ_by_township_are_not_shown_as_one() -> None:
    table = {**NEW, "area": [{"code": "150422101", "monthly_fen": {"full_care": 60000}}]}
    effect = money_effect([*people(3), *people(3, area=B)], OLD, table, figure)
    assert effect.grades[0].after is None
    assert effect.grades[0].change == 5200 + 8300


@given(st.lists(st.tuples(st.sampled_from([A, B]), st.sampled_from([1, 2, 3, None])), max_size=30), st.randoms())
def test_parts_sum_to_the_whole_in_any_order(rows: list[tuple[str, int | None]], shuffle: random.Random) -> None:
    persons = [Person(n, area, "home", grade) for n, (area, grade) in enumerate(rows)]
    effect = money_effect(persons, OLD, NEW, figure)
    assert sum(g.change for g in effect.grades) == sum(fen for _c, _n, fen in effect.townships) == effect.month
    assert sum(g.people for g in effect.grades) + effect.ungraded == effect.people == len(rows)
    shuffle.shuffle(persons)
    assert money_effect(persons, OLD, NEW, figure) == effect


def test_new_bands_are_tried_on_the_cards_of_the_last_quarter() -> None:
    def old(score: int) -> tuple[str, int]:
        return ("excellent", 10000) if score >= 9000 else ("good", 9500)

    def new(score: int) -> tuple[str, int]:
        return ("excellent", 10000) if score >= 9500 else ("good", 9000)

    bands, moved, change = band_effect([(9600, 155100, 155100), (9100, 155100, 155100), (8000, 77700, 73815)], old, new)
    assert [(b.band, b.before, b.after) for b in bands] == [("excellent", 2, 1), ("good", 1, 2)]
    assert moved == 2
    assert change == (139590 - 155100) + (69930 - 73815)


def test_only_frequencies_that_change_are_listed_with_their_people() -> None:
    old = {"item": [{"id": "S01", "home": {"half": "1/d"}, "institutional": {"half": "3/d"}}]}
    new = {"item": [{"id": "S01", "home": {"half": "2/d"}, "institutional": {"half": "3/d"}}]}
    found = frequency_effects(people(2, 2, 3), old, new, {2: "half"})
    assert [(f.item, f.setting, f.before, f.after, f.people) for f in found] == [("S01", "home", "1/d", "2/d", 2)]


@pytest.mark.parametrize("title", ["照料护理标准（2027年）", 'A "quoted" \\ title\n', "日\u2028本"])
def test_the_plain_form_makes_a_rule_that_can_be_read(title: str) -> None:
    text = pay_table_text(
        version=3,
        title=title,
        in_force_from=dt.date(2027, 1, 1),
        status="local",
        source='旗政办发〔2026〕1号"',
        figures={"half_care": 28500, "full_care": 56900},
    )
    policy = parse(text.encode())
    assert policy.title["zh"] == title
    assert (policy.kind, policy.code, policy.version) == ("pay_table", "county", 3)
    assert policy.body["monthly_fen"] == {"half_care": 28500, "full_care": 56900}
    assert check_body(policy) == []


@pytest.mark.parametrize(
    ("start", "first", "allowed"), [(0, False, True), (1, False, True), (-1, False, False), (-1, True, True)]
)
def test_only_the_first_rule_of_a_kind_begins_in_the_past(start: int, first: bool, allowed: bool) -> None:
    today = dt.date(2026, 5, 4)
    assert publishable(today + dt.timedelta(days=start), today, first=first) is allowed
