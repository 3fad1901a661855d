"""Days of a bed: shared out exactly, by brute force."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from app.lodging.rules import NEXT, Days, Kept, clash, days_of, share

FIRST = dt.date(2026, 1, 1)
DAY = dt.timedelta(days=1)
OFFSETS = st.integers(0, 60)


def stretch(first: int, length: int | None) -> tuple[dt.date, dt.date | None]:
    return FIRST + first * DAY, None if length is None else FIRST + (first + length) * DAY


STRETCHES = st.builds(stretch, OFFSETS, st.none() | st.integers(0, 40))


def days(one: tuple[dt.date, dt.date | None]) -> set[dt.date]:
    """Every day of a stretch, an open one up to a day far away."""
    last = one[1] or FIRST + 200 * DAY
    return {one[0] + n * DAY for n in range((last - one[0]).days)}


@given(STRETCHES, STRETCHES)
def test_stretches_share_a_day_exactly_when_their_days_do(
    a: tuple[dt.date, dt.date | None], b: tuple[dt.date, dt.date | None]
) -> None:
    assert share(a, b) == share(b, a) == bool(days(a) & days(b))
    assert (clash(a, [b]) is not None) == share(a, b)


@given(
    STRETCHES,
    st.lists(st.tuples(st.sampled_from(["hospital", "leave"]), OFFSETS, st.integers(0, 20)), max_size=5),
    OFFSETS,
    OFFSETS,
)
def test_every_day_of_a_bed_is_present_hospital_or_leave(
    stay: tuple[dt.date, dt.date | None], gone: list[tuple[str, int, int]], a: int, b: int
) -> None:
    first, last = FIRST + min(a, b) * DAY, FIRST + max(a, b) * DAY
    away: list[tuple[str, dt.date, dt.date | None]] = []
    at = 0
    for kind, gap, length in sorted(gone, key=lambda one: one[1]):  # absences of a person never share a day
        begin = at + gap
        away.append((kind, FIRST + begin * DAY, FIRST + (begin + length) * DAY))
        at = begin + length + 1
    inside = {day for day in days(stay) if first <= day <= last}
    found = days_of(stay, away, first, last)
    counted = {
        kind: len([d for d in inside if any(k == kind and g <= d <= (t or d) for k, g, t in away)])
        for kind in ("hospital", "leave")
    }
    assert found == Days(len(inside), counted["hospital"], counted["leave"])
    assert found.present >= 0


def test_what_was_given_back_stays_given_back() -> None:
    assert set(NEXT) == set(Kept)
    assert NEXT[Kept.RETURNED] == ()
    assert all(now not in nexts for now, nexts in NEXT.items())
