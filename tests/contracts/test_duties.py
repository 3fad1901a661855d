"""Duties of the seven parties: occasions from dates, kept, late, missed or not due yet."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from app.contracts.rules.duties import (
    TRIGGERS,
    Evidence,
    Kept,
    Noted,
    Occasion,
    Quarterly,
    Span,
    deadline,
    ledger,
)

D = dt.date
YEAR = Span(D(2026, 1, 1), D(2026, 12, 31), D(2027, 2, 1))


def found(trigger: str, evidence: Evidence, span: Span = YEAR, **clause: Any) -> list[tuple[str, str]]:
    """Occasion and standing of one clause, oldest first."""
    whole = {"id": "X", "party": "P2", "trigger": trigger, "calendar": "calendar", **clause}
    return [(o.what, o.standing(span.today).value) for o in TRIGGERS[trigger](whole, span, evidence)]


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
    assert Occasion("P1", "P1.release", "2026-Q1", due, done).standing(today) is standing


@pytest.mark.parametrize(
    ("done", "late", "today", "standing"),
    [
        (30, 0, D(2026, 5, 1), Kept.KEPT),
        (29, 1, D(2026, 5, 1), Kept.LATE),
        (29, 0, D(2026, 5, 1), Kept.MISSED),
        (12, 0, D(2026, 4, 20), Kept.AHEAD),
    ],
)
def test_days_are_kept_when_every_one_was_recorded_in_time(
    done: int, late: int, today: dt.date, standing: Kept
) -> None:
    occasion = Occasion("P6", "P6.record", "2026-04", D(2026, 4, 30), done=done, required=30, late=late)
    assert occasion.standing(today) is standing


def test_deadlines_count_working_days_or_calendar_days_as_the_clause_says() -> None:
    # 30 April 2026 is a Thursday; 1-5 May are holidays, 9 May is worked (announced calendar)
    assert deadline(D(2026, 4, 30), 3, "working") > D(2026, 5, 5)
    # ten calendar days after 30 September: the holiday week moves the end to the first working day
    assert deadline(D(2026, 6, 30), 10, "calendar") == D(2026, 7, 10)


def test_each_station_of_a_quarter_is_judged_from_the_one_before() -> None:
    evidence = Evidence(
        quarters={
            "2026-Q1": Quarterly(D(2026, 4, 7), D(2026, 4, 10), D(2026, 4, 10), D(2026, 4, 17)),
            "2026-Q2": Quarterly(D(2026, 7, 8), D(2026, 7, 20), None, None),
            "2026-Q3": Quarterly(D(2026, 10, 8), D(2026, 10, 9), D(2026, 10, 10), None, payable=False),
        }
    )
    assert found("quarter_scored", evidence, due_days=7) == [
        ("2026-Q1", "kept"),
        ("2026-Q2", "late"),
        ("2026-Q3", "kept"),  # 7 October is a holiday: the 8th is in time
        ("2026-Q4", "missed"),
    ]
    assert found("quarter_confirmed", evidence, due_days=5, calendar="working") == [
        ("2026-Q1", "kept"),
        ("2026-Q2", "late"),
        ("2026-Q3", "kept"),
    ]
    assert found("quarter_released", evidence, due_days=10)[1] == ("2026-Q2", "missed")
    assert found("quarter_paid", evidence, due_days=5, calendar="working") == [("2026-Q1", "kept")], (
        "who was not given the money is not late with it, and nothing to pay is not owed"
    )


def test_a_quarter_counts_once_it_is_over_and_had_a_day_of_care() -> None:
    short = Span(D(2026, 2, 10), D(2026, 5, 3), D(2026, 7, 20))
    assert [what for what, _ in found("quarter_scored", Evidence(), short, due_days=7)] == ["2026-Q1", "2026-Q2"]
    away = Evidence(away={D(2026, 4, 1) + dt.timedelta(days=n) for n in range(33)})
    assert [what for what, _ in found("quarter_scored", away, short, due_days=7)] == ["2026-Q1"]
    early = Span(D(2026, 2, 10), D(2026, 5, 3), D(2026, 3, 31))
    assert found("quarter_scored", Evidence(), early, due_days=7) == []


def test_a_month_needs_one_visit_and_only_whole_months_count() -> None:
    evidence = Evidence(township_visits=[D(2026, 2, 27), D(2026, 2, 3), D(2026, 4, 1)], village_visits=[D(2026, 3, 2)])
    span = Span(D(2026, 1, 15), D(2026, 4, 30), D(2026, 5, 1))
    assert found("monthly_township", evidence, span) == [
        ("2026-02", "kept"),
        ("2026-03", "missed"),
        ("2026-04", "kept"),
    ]
    assert found("monthly_village", evidence, span) == [
        ("2026-02", "missed"),
        ("2026-03", "kept"),
        ("2026-04", "missed"),
    ]


def test_days_away_are_not_required_and_months_add_up() -> None:
    span = Span(D(2026, 1, 30), D(2026, 2, 3), D(2026, 2, 4))
    evidence = Evidence(recorded={D(2026, 1, 30): True, D(2026, 2, 1): False}, away={D(2026, 2, 2)})
    clause = {"id": "P6.record", "party": "P6", "trigger": "daily"}
    (duty,) = ledger([clause], span, evidence)
    assert [(o.what, o.done, o.late, o.required, o.due_on) for o in duty.occasions] == [
        ("2026-02", 0, 1, 2, D(2026, 2, 3)),
        ("2026-01", 1, 0, 2, D(2026, 1, 31)),
    ]


def test_reports_answers_and_replacements_are_judged_from_the_day_they_became_due() -> None:
    evidence = Evidence(
        changes=[(D(2026, 3, 2), D(2026, 3, 16)), (D(2026, 5, 11), None), (D(2025, 12, 31), None)],
        incidents=[(D(2026, 3, 2), D(2026, 3, 3)), (D(2026, 3, 2), D(2026, 3, 5))],
    )
    assert found("change_reported", evidence, due_days=10, calendar="working") == [
        ("2026-03-02", "kept"),
        ("2026-05-11", "missed"),
    ]
    assert found("incident", evidence, due_hours=24) == [("2026-03-02", "kept"), ("2026-03-02", "late")]
    (duty,) = ledger([{"id": "P5.incident", "party": "P5", "trigger": "incident", "due_hours": 24}], YEAR, evidence)
    assert [o.what for o in duty.occasions] == ["2026-03-02#2", "2026-03-02"], "two of one day keep apart"


def test_training_conduct_and_the_yearly_look() -> None:
    assert found("training", Evidence(training_to=D(2026, 9, 30))) == [("2026-09-30", "missed")]
    assert found("training", Evidence(training_to=D(2026, 12, 31))) == []
    quarters = {
        "2026-Q1": Quarterly(confirmed_on=D(2026, 4, 9)),
        "2026-Q2": Quarterly(confirmed_on=D(2026, 7, 9), veto=True),
    }
    assert found("conduct", Evidence(quarters=quarters)) == [("2026-Q1", "kept"), ("2026-Q2", "missed")]
    assert found("yearly", Evidence(sheets=[D(2026, 8, 1)])) == [("2026-12-31", "kept")]
    assert found("yearly", Evidence()) == [("2026-12-31", "missed")]
    assert found("yearly", Evidence(), Span(D(2026, 1, 1), D(2026, 12, 30), D(2027, 2, 1))) == []


def test_the_ledger_follows_the_clauses_and_judges_promises_only_by_what_somebody_saw() -> None:
    clauses = [
        {"id": "P7.cooperate", "party": "P7", "trigger": "promise"},
        {"party": "P4", "trigger": "change_seen"},
    ]
    seen = [Noted("P7.cooperate", D(2026, 4, 1), False, "seen-1"), Noted("P7.cooperate", D(2026, 4, 2), True, "seen-2")]
    first, second = ledger(clauses, YEAR, Evidence(noted=seen))
    assert [(o.what, o.standing(YEAR.today), o.seen) for o in first.occasions] == [
        ("seen-2", Kept.KEPT, True),
        ("seen-1", Kept.MISSED, True),
    ]
    assert first.count(YEAR.today, Kept.MISSED) == 1
    assert second.occasions == ()
