"""Home of each role, the county at a glance, scheduled jobs, the verification page and the health probes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from app.core import charts, clock, schema
from app.core.access import PUBLIC, SIGNED_IN, current_actor, requires
from app.core.actor import Role
from app.core.errors import NotFound
from app.core.jobs import Job, run_job
from app.overview import queries
from app.overview.labels import DOCUMENT_KINDS, GUIDES, JOB_NAMES

bp = Blueprint("overview", __name__, template_folder="templates")


@bp.get("/")
@requires(SIGNED_IN)
def home() -> str:
    """What waits for this person today; on a first day, the way for the role."""
    actor = current_actor()
    return render_template(
        "overview/home.html",
        figures=queries.to_do(actor),
        guide=GUIDES[actor.role] if actor.role else [],
        large=actor.role is Role.CAREGIVER,
        today=clock.today(),
    )


@bp.get("/overview")
@requires("overview.read")
def county() -> str:
    """Grades, care, money and deadlines of the part of the county the actor sees."""
    actor = current_actor()
    grades = queries.grades_by_township(actor, clock.today())
    villages = [r for r in queries.completion_by_village(actor) if r.percent is not None]
    money = queries.money_by_quarter(actor) if actor.may("settlements.read") else []
    return render_template(
        "overview/county.html",
        figures=queries.county_figures(actor),
        grades=grades,
        grade_chart=_grade_chart(grades),
        villages=villages,
        village_chart=charts.bars_svg(
            [r.label for r in villages[:12]],
            [r.percent or 0 for r in villages[:12]],
            title=gettext("Delivered, percent of what was due"),
        )
        if villages
        else None,
        money=money,
        money_chart=charts.bars_svg(
            [q for q, _p, _w in money], [p // 100 for _q, p, _w in money], title=gettext("Paid, yuan")
        )
        if money
        else None,
        deadlines=queries.deadlines(actor),
    )


def _grade_chart(grades: list[tuple[Any, dict[int, int]]]) -> Any:
    if not grades:
        return None
    names = [gettext("No grade yet"), gettext("Self-caring"), gettext("Half care"), gettext("Full care")]
    return charts.stacked_bar_svg(
        [area.name for area, _n in grades],
        {name: [numbers.get(grade, 0) for _a, numbers in grades] for grade, name in enumerate(names)},
        title=gettext("Residents by township and care grade"),
    )


def all_jobs() -> tuple[Job, ...]:
    """The jobs that the factory handed to this application."""
    jobs_: tuple[Job, ...] = current_app.extensions["jobs"]
    return jobs_


@bp.get("/jobs")
@requires("jobs.read")
def jobs() -> str:
    """Scheduled jobs with their last runs."""
    runs = queries.job_runs()
    last = {r.job: r for r in reversed(runs)}
    return render_template("overview/jobs.html", jobs=all_jobs(), runs=runs, last=last, names=JOB_NAMES)


@bp.post("/jobs/<token:name>/run")
@requires("jobs.run")
def run(name: str) -> Response:
    """Run one job now; running twice does no harm."""
    job = next((j for j in all_jobs() if j.name == name), None)
    if job is None:
        raise NotFound
    done = run_job(job, f"manual {clock.now():%Y-%m-%d %H:%M:%S}", clock.today())
    if done is not None and done.ok:
        flash(gettext("Done: %(result)s", result=done.result), "success")
    else:
        flash(gettext("The job failed; the reason stands in the list."), "danger")
    return redirect(url_for("overview.jobs"))


@bp.get("/verify/<token:token>")
@requires(PUBLIC)
def verify(token: str) -> tuple[str, int]:
    """Where the QR code on paper leads: validity, dates and fingerprint, nothing about a person."""
    document = queries.document_by_token(token)
    return render_template("overview/verify.html", document=document, kinds=DOCUMENT_KINDS), (200 if document else 404)


@bp.get("/healthz")
@requires(PUBLIC)
def healthz() -> dict[str, str]:
    """The process is alive."""
    return {"status": "ok"}


@bp.get("/readyz")
@requires(PUBLIC)
def readyz() -> tuple[dict[str, str], int]:
    """The database answers and has the version of the tables that this program needs; 503 says what is missing."""
    try:
        problem = schema.problem()
    except SQLAlchemyError:
        return {"status": "the database does not answer"}, 503
    return ({"status": problem}, 503) if problem else ({"status": "ready"}, 200)
