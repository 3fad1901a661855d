"""Duties of the seven parties: occasions from dates, kept, late, missed or not due yet."""

from __future__ import annotations

import datetime as dt

import pytest

from app.contracts.rules.duties import Kept, Occasion, days_recorded, deadline, ledger, months, quarters

D = dt.date


@pytest.mark.parametrize(
    ("due", "done", "today", "standing"),
    [
        (D(2026, 4, 10), D(2026, 4, 10), D(2026, 5, 1), Kept.KEPT),
        (D(2026, 4, 10), D(2026, 4, 11), D(2026, 5, 1), Kept.LATE),
        (D(2026, 4, 10), None, D(2026, 4, 11), Kept.MISSED),
        (D(2026, 4, 10), None, D(2026, 4, 10), Kept.AHEAD),
    ],
)
def test_an_occasion_is_kept_on_its_due_day_and_missed_the_day_after(
    due: dt.date, done: dt.date | None, today: dt.date, standing: Kept
) -> None:
    assert Occasion("P1", "quarter_closed", "2026-Q1", due, done).standing(today) is standing


@pytest.mark.parametrize(
    ("done", "today", "standing"),
    [(30, D(2026, 5, 1), Kept.KEPT), (29, D(2026, 5, 1), Kept.MISSED), (12, D(2026, 4, 20), Kept.AHEAD)],
)
def test_days_are_kept_when_every_one_was_recorded_in_time(done: int, today: dt.date, standing: Kept) -> None:
    occasion = Occasion("P6", "daily", "2026-04", D(2026, 4, 30), done=done, required=30)
    assert occasion.standing(today) is standing


def test_deadlines_count_working_days_or_calendar_days_as_the_clause_says() -> None:
    # 30 April 2026 is a Thursday; 1-5 May are holidays, 9 May is worked (announced calendar)
    assert deadline(D(2026, 4, 30), 3, "working") > D(2026, 5, 5)
    # ten calendar days after 30 September: the holiday week moves the end to the first working day
    assert deadline(D(2026, 6, 30), 10, "calendar") == D(2026, 7, 10)


def test_a_quarter_is_due_once_it_ended_within_the_contract() -> None:
    found = quarters("P1", D(2026, 2, 10), D(2026, 8, 1), 10, "calendar", {"2026-Q1": D(2026, 4, 9)})
    assert [(o.what, o.done_on) for o in found] == [("2026-Q1", D(2026, 4, 9)), ("2026-Q2", None)]
    assert found[0].standing(D(2026, 8, 2)) is Kept.KEPT
    assert found[1].standing(D(2026, 8, 2)) is Kept.MISSED
    assert quarters("P1", D(2026, 2, 10), D(2026, 3, 30), 10, "calendar", {}) == []


def test_a_month_needs_one_visit_and_only_whole_months_count() -> None:
    visited = [D(2026, 2, 27), D(2026, 2, 3), D(2026, 4, 1)]
    found = months("P2", D(2026, 1, 15), D(2026, 4, 30), visited)
    assert [(o.what, o.due_on, o.done_on) for o in found] == [
        ("2026-02", D(2026, 2, 28), D(2026, 2, 3)),
        ("2026-03", D(2026, 3, 31), None),
        ("2026-04", D(2026, 4, 30), D(2026, 4, 1)),
    ]


def test_days_away_are_not_required_and_months_add_up() -> None:
    first, last = D(2026, 1, 30), D(2026, 2, 3)
    found = days_recorded("P6", first, last, [D(2026, 1, 30), D(2026, 2, 1)], {D(2026, 2, 2)})
    assert [(o.what, o.done, o.required, o.due_on) for o in found] == [
        ("2026-01", 1, 2, D(2026, 1, 31)),
        ("2026-02", 1, 2, D(2026, 2, 3)),
    ]


def test_the_ledger_follows_the_clauses_and_judges_nothing_without_an_occasion() -> None:
    clauses = [{"party": "P1", "trigger": "quarter_closed"}, {"party": "P4", "trigger": "change_seen"}]
    old, new = (
        Occasion("P1", "quarter_closed", q, d, d) for q, d in (("2025-Q4", D(2026, 1, 9)), ("2026-Q1", D(2026, 4, 9)))
    )
    found = ledger(clauses, [old, new, Occasion("P9", "daily", "x", D(2026, 1, 1))])
    assert [d.party for d in found] == ["P1", "P4"]
    assert found[0].occasions == (new, old)
    assert found[0].count(D(2026, 5, 1), Kept.KEPT) == 2
    assert found[1].occasions == ()
