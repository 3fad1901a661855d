"""The clock can be made to stand, and says China's date."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from app.core import clock

NEW_YEAR = dt.datetime(2026, 12, 31, 16, 0, tzinfo=dt.UTC)


def test_the_clock_is_aware_and_moves() -> None:
    first = clock.now()
    assert first.utcoffset() == dt.timedelta(0)
    assert abs((dt.datetime.now(dt.UTC) - first).total_seconds()) < 5
    assert clock.now() >= first


def test_today_is_the_date_in_china() -> None:
    with clock.at(NEW_YEAR - dt.timedelta(seconds=1)):
        assert clock.today() == dt.date(2026, 12, 31)
    with clock.at(NEW_YEAR):
        assert clock.today() == dt.date(2027, 1, 1)


def test_a_fixed_clock_nests_and_is_undone_even_after_an_error() -> None:
    def fail() -> None:
        with clock.at(dt.datetime(2020, 1, 1, tzinfo=clock.ZONE)):
            assert clock.now() == dt.datetime(2019, 12, 31, 16, tzinfo=dt.UTC)
            raise RuntimeError

    with clock.at(NEW_YEAR):
        with pytest.raises(RuntimeError):
            fail()
        assert clock.now() == NEW_YEAR
    assert clock.now() != NEW_YEAR


def test_other_threads_keep_the_real_clock() -> None:
    seen: list[dt.datetime] = []
    with clock.at(NEW_YEAR):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen[0] != NEW_YEAR


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"), clock.at(dt.datetime(2026, 1, 1)):  # noqa: DTZ001
        pass
