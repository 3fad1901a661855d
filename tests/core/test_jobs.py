"""A job runs once per period, failures are tried again, and a dead run is taken over."""

from __future__ import annotations

import datetime as dt

from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.jobs import TAKE_OVER_AFTER, Job, claim, run_due, run_job
from app.core.models import JobRun

MORNING = dt.datetime(2026, 3, 2, 22, 30, tzinfo=dt.UTC)  # 06:30 on 3 March in China


def test_a_daily_job_runs_once_a_day_from_its_hour_on(app: Flask) -> None:
    seen: list[dt.date] = []

    def note(day: dt.date) -> str:
        seen.append(day)
        return "ok"

    job = Job("test", note, hour=6)
    with clock.at(MORNING - dt.timedelta(hours=1)):
        assert run_due([job]) == []
    with clock.at(MORNING):
        assert len(run_due([job])) == 1
        assert run_due([job]) == []
    assert seen == [dt.date(2026, 3, 3)]


def test_a_failure_is_on_record_and_tried_again_later(app: Flask) -> None:
    answers = iter([ValueError("weg"), "ok"])

    def flaky(_day: dt.date) -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    job = Job("flaky", flaky)
    with clock.at(MORNING):
        run = run_job(job, "p", dt.date(2026, 3, 3))
    assert run is not None
    assert run.ok is False
    with clock.at(MORNING + TAKE_OVER_AFTER + dt.timedelta(minutes=1)):
        run_job(job, "p", dt.date(2026, 3, 3))
    db.session.expire_all()
    assert [r.ok for r in db.session.scalars(select(JobRun))] == [True]


def test_two_schedulers_share_one_run(app: Flask) -> None:
    with clock.at(MORNING):
        assert claim("job", "p") is not None
        assert claim("job", "p") is None
    with clock.at(MORNING + TAKE_OVER_AFTER + dt.timedelta(seconds=1)):
        assert claim("job", "p") is not None
        assert claim("job", "p") is None
