"""The scheduler process: ticks every minute; each job runs once per period whatever number of schedulers is up."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask

from app.core.db import db
from app.core.jobs import run_due
from app.features import jobs

log = logging.getLogger(__name__)


def serve(counties: Callable[[], Iterable[Flask]]) -> None:
    """Run until stopped, at each tick the jobs of every application that ``counties`` gives, one after the other."""
    logging.getLogger("apscheduler").setLevel(logging.WARNING)  # two lines a minute that say nothing
    scheduler = BlockingScheduler(timezone="Asia/Shanghai")
    scheduler.add_job(tick, "interval", [counties], minutes=1, max_instances=1, coalesce=True, next_run_time=None)
    scheduler.add_job(tick, "date", args=[counties])
    for job in scheduler.get_jobs():
        job.resume()
    log.info("scheduler started with %d jobs", len(jobs()))
    scheduler.start()


def tick(counties: Callable[[], Iterable[Flask]]) -> None:
    """Run what is due now; a county whose database does not answer keeps no other one waiting."""
    for app in counties():
        with app.app_context():
            try:
                for run in run_due(jobs()):
                    log.info("job %s %s: %s", run.job, run.period, "ok" if run.ok else "failed")
            except Exception as error:  # tried again at the next tick
                log.error("jobs could not be run: %s", type(error).__name__)
            finally:
                db.session.remove()
