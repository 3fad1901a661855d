"""Scheduled jobs: what they are, and how one run happens once however many schedulers there are.

Which jobs exist is said in ``app.features``; ``app.scheduler`` ticks.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.db import db
from app.core.models import JobRun
from app.core.transaction import end_reading, transaction

log = logging.getLogger(__name__)

TAKE_OVER_AFTER = dt.timedelta(minutes=30)
"""A run that has not finished after this long belongs to a dead process and may be taken over."""


@dataclass(frozen=True)
class Job:
    """A job that is safe to run twice. ``run`` gets the local date and returns what it did in words.

    ``period`` of a daily job is the date, of an hourly one date and hour: (job, period) runs once.
    """

    name: str
    run: Callable[[dt.date], str]
    schedule: Literal["daily", "hourly"] = "daily"
    hour: int = 2

    def period(self, now: dt.datetime) -> str | None:
        """The period that is due at ``now`` (local time), or None before the hour of a daily job."""
        if self.schedule == "hourly":
            return now.strftime("%Y-%m-%dT%H")
        return now.date().isoformat() if now.hour >= self.hour else None


def claim(job: str, period: str) -> int | None:
    """Take (job, period) for this process; None when it ran or runs elsewhere. Failed runs are tried again."""
    now = clock.now()
    try:
        with transaction():
            run = JobRun(job=job, period=period, started_at=now)
            db.session.add(run)
            db.session.flush()
            return run.id
    except IntegrityError:
        with transaction():
            run_id = db.session.scalar(select(JobRun.id).where(JobRun.job == job, JobRun.period == period))
            taken = db.session.execute(
                update(JobRun)
                .where(
                    JobRun.id == run_id,
                    or_(JobRun.ok.is_(False), JobRun.finished_at.is_(None)),
                    JobRun.started_at < now - TAKE_OVER_AFTER,
                )
                .values(started_at=now, finished_at=None, ok=None, result=None)
                .execution_options(synchronize_session=False)
            )
            return run_id if taken.rowcount == 1 else None  # type: ignore[attr-defined]  # inferred too narrowly


def run_job(job: Job, period: str, today: dt.date) -> JobRun | None:
    """Run ``job`` for ``period`` unless that was done; the result or the error stays on record."""
    run_id = claim(job.name, period)
    if run_id is None:
        return None
    try:
        result, ok = job.run(today), True
    except Exception as error:  # a failing job must not stop the others; its failure is on record and shown
        log.exception("job %s failed", job.name)
        result, ok = f"{type(error).__name__}: {error}"[:500], False
    with transaction():
        db.session.execute(
            update(JobRun).where(JobRun.id == run_id).values(finished_at=clock.now(), ok=ok, result=result)
        )
    return db.session.get(JobRun, run_id)


def run_due(jobs: Iterable[Job]) -> list[JobRun]:
    """Run everything that is due now."""
    local = clock.now().astimezone(clock.ZONE)
    due = [(job, period) for job in jobs if (period := job.period(local)) is not None]
    finished = select(JobRun.job, JobRun.period).where(JobRun.ok.is_(True), JobRun.period.in_({p for _job, p in due}))
    known = {(name, period) for name, period in db.session.execute(finished)}  # each minute of most days: nothing to do
    end_reading()
    runs = [run_job(job, period, local.date()) for job, period in due if (job.name, period) not in known]
    return [run for run in runs if run is not None]
