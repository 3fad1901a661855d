"""A contract's life as a table, dates, and handwriting."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contracts import rules
from app.contracts.rules import Act, NotAllowed, State

ALLOWED = {
    ("draft", "send"): "signing",
    ("draft", "withdraw"): "void",
    ("signing", "sign"): "signing",
    ("signing", "take_back"): "signing",
    ("signing", "complete"): "in_force",
    ("signing", "refuse"): "void",
    ("signing", "withdraw"): "void",
    ("in_force", "suspend"): "suspended",
    ("in_force", "end"): "ended",
    ("in_force", "amend"): "amended",
    ("suspended", "resume"): "in_force",
    ("suspended", "end"): "ended",
    ("ended", "archive"): "archived",
    ("amended", "archive"): "archived",
}
"""Written down a second time, so that a change of the table is a decision (domain.md 7.2)."""


@pytest.mark.parametrize(("state", "act"), list(itertools.product(State, Act)))
def test_every_act_in_every_state_leads_where_the_table_says_or_is_refused(state: State, act: Act) -> None:
    target = ALLOWED.get((state.value, act.value))
    if target is None:
        with pytest.raises(NotAllowed):
            rules.next_state(state, act)
    else:
        assert rules.next_state(state, act) is State(target)


def test_what_is_over_stays_over_and_nothing_skips_the_signatures() -> None:
    after = {act for state, act in rules.NEXT if state in {State.ENDED, State.VOID}}
    assert after <= {Act.ARCHIVE}, "what is over is only put away"
    into_force = [(state, act) for (state, act), target in rules.NEXT.items() if target is State.IN_FORCE]
    assert sorted(into_force) == [(State.SIGNING, Act.COMPLETE), (State.SUSPENDED, Act.RESUME)]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-01-01", "2026-12-31"),
        ("2026-05-10", "2027-05-09"),
        ("2028-02-29", "2029-02-28"),
        ("2027-03-01", "2028-02-29"),
    ],
)
def test_a_contract_runs_a_year_to_the_day_before(first: str, last: str) -> None:
    assert rules.default_end(dt.date.fromisoformat(first)) == dt.date.fromisoformat(last)


DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))


@given(DAYS, DAYS, DAYS, DAYS)
def test_overlap_means_sharing_a_day(a: dt.date, b: dt.date, c: dt.date, d: dt.date) -> None:
    one, two = sorted((a, b)), sorted((c, d))

    def days(span: list[dt.date]) -> set[int]:
        return set(range(span[0].toordinal(), span[1].toordinal() + 1))

    assert rules.overlap(*one, *two) == bool(days(one) & days(two)) == rules.overlap(*two, *one)


@given(DAYS, DAYS, st.lists(st.tuples(DAYS, st.none() | DAYS), max_size=4))
def test_suspended_days_are_not_covered(a: dt.date, b: dt.date, spans: list[tuple[dt.date, dt.date | None]]) -> None:
    first, last = sorted((a, b))
    spans = [(s, e) for s, e in spans if e is None or e >= s]
    covered = rules.covered_days(first, last, spans)
    for n in range((last - first).days + 1):
        day = first + dt.timedelta(days=n)
        rests = any(start <= day and (end is None or day <= end) for start, end in spans)
        assert (day in covered) is not rests


@pytest.mark.parametrize(
    ("tier", "until", "grade", "missing"),
    [
        ("T3", "2026-12-31", 3, False),
        ("T2", "2026-12-31", 3, True),
        ("T2", "2026-12-31", 2, False),
        ("T1", "2026-12-31", 1, False),
        (None, "2026-12-31", 1, True),
        ("T3", None, 1, True),
        ("T3", "2026-05-09", 3, True),
        ("T3", "2026-05-10", 3, False),
    ],
)
def test_training_must_fit_the_grade_on_the_first_day(
    tier: str | None, until: str | None, grade: int, missing: bool
) -> None:
    valid_to = dt.date.fromisoformat(until) if until else None
    assert rules.tier_missing(tier, valid_to, grade, dt.date(2026, 5, 10)) is missing


GOOD: list[Any] = [[[0.1, 0.2, 0, 0.5], [0.2, 0.3, 16, 0.5]], [[0.5, 0.5, 80, 1]]]


def test_handwriting_is_kept_as_it_was_written() -> None:
    assert rules.read_strokes(GOOD) == [[(0.1, 0.2, 0.0, 0.5), (0.2, 0.3, 16.0, 0.5)], [(0.5, 0.5, 80.0, 1.0)]]


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "",
        [],
        [[]],
        {},
        [[[0.1, 0.2, 0, 0.5]]],
        [[[0.1, 0.2, 0]] * 5],
        [[["0.1", 0.2, 0, 0.5]] * 5],
        [[[True, 0.2, 0, 0.5]] * 5],
        [[[math.nan, 0.2, 0, 0.5]] * 5],
        [[[math.inf, 0.2, 0, 0.5]] * 5],
        [[[1.1, 0.2, 0, 0.5]] * 5],
        [[[0.1, -0.2, 0, 0.5]] * 5],
        [[[0.1, 0.2, -1, 0.5]] * 5],
        [[[0.1, 0.2, 0, 2]] * 5],
        [[[10**400, 0.2, 0, 0.5]] * 5],
        [[[0.1, 0.2, 0, 0.5]] * (rules.MAX_POINTS + 1)],
        ["stroke"],
        [[7, 7, 7]],
    ],
)
def test_no_handwriting_is_refused_not_stored(bad: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # each has its own word; none may pass
        rules.read_strokes(bad)
