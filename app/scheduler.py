"""The scheduler process: ticks every minute; each job runs once per period whatever number of schedulers is up."""

from __future__ import annotations

import logging

from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask

from app.core.db import db
from app.core.jobs import run_due
from app.features import jobs

log = logging.getLogger(__name__)


def serve(app: Flask) -> None:
    """Run until stopped."""
    logging.getLogger("apscheduler").setLevel(logging.WARNING)  # two lines a minute that say nothing

    def tick() -> None:
        with app.app_context():
            try:
                for run in run_due(jobs()):
                    log.info("job %s %s: %s", run.job, run.period, "ok" if run.ok else "failed")
            finally:
                db.session.remove()

    scheduler = BlockingScheduler(timezone="Asia/Shanghai")
    scheduler.add_job(tick, "interval", minutes=1, max_instances=1, coalesce=True, next_run_time=None)
    scheduler.add_job(tick, "date")
    for job in scheduler.get_jobs():
        job.resume()
    log.info("scheduler started with %d jobs", len(jobs()))
    scheduler.start()
