"""The rules of sheets and grades, without application or database."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.periods import DateRange
from app.grading import rules
from app.grading.rules import Act, BadDay, Bar, ProposalState

pytestmark = pytest.mark.pure
D = dt.date
days = st.dates(D(2000, 1, 1), D(2090, 12, 31))


def test_states_and_acts_not_in_the_table_are_refused() -> None:
    for state, act in itertools.product(ProposalState, Act):
        if (state, act) in rules.NEXT:
            assert rules.next_state(state, act) is rules.NEXT[state, act]
        else:
            with pytest.raises(rules.NotAllowed):
                rules.next_state(state, act)


def test_only_known_and_equal_tiers_skip_the_second_review() -> None:
    assert rules.first_state(True) is ProposalState.PROPOSED
    assert rules.first_state(False) is rules.first_state(None) is ProposalState.REVIEW


@pytest.mark.parametrize(
    ("assessed", "months", "due"),
    [
        (D(2026, 1, 15), 6, D(2026, 7, 15)),
        (D(2025, 8, 31), 6, D(2026, 2, 28)),
        (D(2027, 8, 31), 6, D(2028, 2, 29)),
        (D(2026, 3, 31), 6, D(2026, 9, 30)),
        (D(2025, 12, 31), 6, D(2026, 6, 30)),
        (D(2024, 2, 29), 12, D(2025, 2, 28)),
        (D(2026, 1, 15), 12, D(2027, 1, 15)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_a_shorter_month(
    assessed: dt.date, months: int, due: dt.date
) -> None:
    assert rules.due_on(assessed, months) == due


@given(days, days, st.integers(1, 60))
def test_the_latest_day_that_is_due_by_a_limit_is_exact(assessed: dt.date, limit: dt.date, months: int) -> None:
    assert (rules.due_on(assessed, months) <= limit) == (assessed <= rules.last_assessment_due_by(limit, months))


@given(st.lists(days, max_size=12))
def test_grades_decided_one_after_another_never_overlap_and_leave_no_gap(decisions: list[dt.date]) -> None:
    periods: list[DateRange] = []
    for decided in sorted(decisions):
        try:
            placed = rules.place(periods, decided)
        except rules.Overlap:
            assert any(p.from_on > decided for p in periods)
            continue
        if placed.close_index is not None and placed.close_on is not None:
            old = periods[placed.close_index]
            periods[placed.close_index] = DateRange(old.from_on, placed.close_on)
        periods.append(DateRange(placed.valid_from))
        assert placed.valid_from.day == 1
        assert placed.valid_from > decided
    assert not rules.overlapping(periods)
    for before, after in itertools.pairwise(periods):
        assert before.to_on == after.from_on - dt.timedelta(days=1)


@given(st.lists(st.tuples(days, st.integers(0, 900)), max_size=8), days)
def test_a_grade_is_placed_without_overlap_or_refused(spans: list[tuple[dt.date, int]], decided: dt.date) -> None:
    periods: list[DateRange] = []
    for start, length in spans:
        one = DateRange(start, start + dt.timedelta(days=length))
        if not any(one.overlaps(p) for p in periods):
            periods.append(one)
    try:
        placed = rules.place(periods, decided)
    except rules.Overlap:
        return
    assert not rules.overlapping([*periods, DateRange(placed.valid_from)])


def test_a_second_decision_in_one_month_is_refused() -> None:
    with pytest.raises(rules.Overlap):
        rules.place([DateRange(D(2026, 4, 1))], D(2026, 3, 20))


def test_a_reason_is_needed_when_tiers_differ_or_the_grade_is_another() -> None:
    assert not rules.reason_needed(True, 2, 2)
    assert rules.reason_needed(True, 2, 3)
    assert rules.reason_needed(False, 3, 3)
    assert rules.reason_needed(None, 3, 3)


def test_who_assessed_neither_reviews_nor_decides_and_who_reviewed_does_not_decide() -> None:
    sheet = {"p1", "p2"}
    assert rules.barred("p1", Act.REVIEW, sheet, None) is Bar.ASSESSED
    assert rules.barred("p2", Act.DECIDE, sheet, "p3") is Bar.ASSESSED
    assert rules.barred("p3", Act.DECIDE, sheet, "p3") is Bar.REVIEWED
    assert rules.barred("p3", Act.RETURN, sheet, "p3") is None
    assert rules.barred("p4", Act.DECIDE, sheet, "p3") is None


def test_the_day_of_an_assessment() -> None:
    def check(day: dt.date, last: dt.date | None = None) -> BadDay | None:
        return rules.check_day(day, today=D(2026, 8, 31), born_on=D(1940, 1, 1), last_assessed_on=last, months=6)

    assert check(D(2026, 8, 31)) is None
    assert check(D(2026, 9, 1)) is BadDay.FUTURE
    assert check(D(1939, 1, 1)) is BadDay.BEFORE_BIRTH
    assert check(D(2026, 2, 28)) is BadDay.TOO_OLD
    assert check(D(2026, 3, 1), D(2026, 3, 2)) is BadDay.BEFORE_LAST


@pytest.mark.parametrize(
    ("decided", "old", "new", "agree", "waiting", "fits", "begins", "what"),
    [
        (2, 2, 2, True, False, True, False, rules.Regrade.KEPT),
        (3, 2, 3, True, False, True, False, rules.Regrade.KEPT),  # people had decided that already
        (2, 2, 3, True, False, True, False, rules.Regrade.MOVED),
        (2, 2, 3, False, False, True, False, rules.Regrade.REVIEW),  # county rule D1
        (2, 2, 3, None, False, True, False, rules.Regrade.REVIEW),
        (1, 2, 3, True, False, True, False, rules.Regrade.REVIEW),  # decided otherwise by people
        (2, 2, 3, True, False, True, True, rules.Regrade.REVIEW),  # begins on that very day
        (2, 2, 3, True, True, True, False, rules.Regrade.WAITING),
        (2, 2, None, None, False, True, False, rules.Regrade.UNSCORED),
        (2, 2, 3, True, False, False, False, rules.Regrade.OTHER),
    ],
)
def test_a_new_version_moves_a_grade_only_where_nobody_has_to_judge(
    decided: int,
    old: int | None,
    new: int | None,
    agree: bool | None,
    waiting: bool,
    fits: bool,
    begins: bool,
    what: rules.Regrade,
) -> None:
    found = rules.regrade(decided=decided, old=old, new=new, agree=agree, waiting=waiting, fits=fits, begins=begins)
    assert found is what
