"""Home of each role, the county at a glance, scheduled jobs, the verification page and the health probes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from app.care import queries as care
from app.core import charts, clock, schema
from app.core.access import PUBLIC, SIGNED_IN, current_actor, requires
from app.core.actor import Actor, Role
from app.core.errors import NotFound
from app.core.issuing import standing_of
from app.core.jobs import Job, run_job
from app.core.paging import paginate
from app.grading.labels import CAUSES, GRADES
from app.grading.queries import due as due_queries
from app.overview import effects, queries  # noqa: F401  # the effects register themselves
from app.overview.labels import DOCUMENT_KINDS, GUIDES, JOB_NAMES
from app.people.models import Resident

ROWS = 8
"""How many lines of a list stand on the home page."""
WORST = 12
"""How many bars the chart of delivered care has; the table has them all."""

TOLD_OF_ENDS = (Role.TOWNSHIP_OFFICER, Role.VILLAGE_OFFICER, Role.INSTITUTION_MANAGER, Role.CAREGIVER)
"""Whom the end of a contract concerns: they are told 60, 30 and 7 days before on their home page."""

bp = Blueprint("overview", __name__, template_folder="templates")


@bp.get("/")
@requires(SIGNED_IN)
def home() -> str:
    """What waits for this person today, the part of the work the role looks at first, and the way for the role."""
    actor = current_actor()
    today = clock.today()
    due = (
        paginate(due_queries.due_list(actor), [Resident.area_code, Resident.id], None, size=ROWS)
        if _is(actor, Role.ASSESSOR)
        else None
    )
    return render_template(
        "overview/home.html",
        figures=queries.to_do(actor),
        guide=GUIDES[actor.role] if actor.role else [],
        large=_is(actor, Role.CAREGIVER),
        today=today,
        due=due_queries.due_rows(actor, due.items) if due else [],
        causes=CAUSES,
        day=queries.day_so_far(actor) if actor.may("checklist.record") else None,
        so_far=queries.so_far(actor) if _is(actor, Role.CAREGIVER) else None,
        missing=queries.missing(actor) if _is(actor, Role.TOWNSHIP_OFFICER) else [],
        whom=care.to_visit(actor, today, limit=ROWS) if _is(actor, Role.VILLAGE_OFFICER, Role.VOLUNTEER) else [],
        ending=queries.ending(actor, today) if _is(actor, *TOLD_OF_ENDS) else [],
        deadlines=queries.deadlines(actor) if actor.may("overview.read") else [],
    )


def _is(actor: Actor, *roles: Role) -> bool:
    return actor.role in roles


@bp.get("/overview")
@requires("overview.read")
def county() -> str:
    """Grades, care, money and deadlines of the part of the county the actor sees; each chart has its table."""
    actor = current_actor()
    grades = queries.grades_by_area(actor, clock.today())
    group, delivered = queries.completion(actor)
    money = queries.money_by_quarter(actor) if actor.may("settlements.read") else []
    townships = queries.money_by_township(actor, money[-1].key) if money else []
    first, last = queries.last_month()
    return render_template(
        "overview/county.html",
        figures=queries.county_figures(actor),
        deadlines=queries.deadlines(actor),
        grades=grades,
        grade_names=GRADES,
        grade_chart=_grade_chart(grades),
        group=group,
        delivered=delivered,
        span={"from": first.isoformat(), "to": last.isoformat()},
        delivered_chart=charts.bars_svg(
            [row.label for row in delivered[:WORST]],
            [row.percent or 0 for row in delivered[:WORST]],
            title=gettext("Delivered, percent of what was due"),
            maximum=100,
            unit="%",
        )
        if delivered
        else None,
        worst=WORST,
        money=money,
        money_chart=_money_chart(money, gettext("Care money by quarter, yuan")),
        townships=townships if len(townships) > 1 else [],
        township_chart=_money_chart(townships, gettext("Care money by township, yuan")),
    )


def _money_chart(rows: list[queries.Money], title: str) -> Any:
    """Paid and withheld in whole yuan."""
    if not rows:
        return None
    return charts.stacked_bar_svg(
        [row.label for row in rows],
        {
            gettext("Paid"): [row.paid // 100 for row in rows],
            gettext("Withheld"): [row.withheld // 100 for row in rows],
        },
        title=title,
    )


def _grade_chart(grades: list[tuple[Any, dict[int, int]]]) -> Any:
    if not grades:
        return None
    names = {**{grade: str(name) for grade, name in GRADES.items()}, 0: gettext("No grade yet")}
    return charts.stacked_bar_svg(
        [area.name for area, _n in grades],
        {name: [numbers.get(grade, 0) for _a, numbers in grades] for grade, name in names.items()},
        title=gettext("Residents by care grade"),
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
    return render_template(
        "overview/jobs.html", jobs=all_jobs(), runs=runs, names=JOB_NAMES, last={r.job: r for r in reversed(runs)}
    )


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
def verify(token: str) -> tuple[str, int, dict[str, str]]:
    """Where the QR code on paper leads: validity, dates and fingerprint, nothing about a person; no search engine keeps it."""
    document = queries.document_by_token(token)
    standing = standing_of(document) if document else None
    page = render_template("overview/verify.html", document=document, kinds=DOCUMENT_KINDS, standing=standing)
    return page, (200 if document else 404), {"X-Robots-Tag": "noindex, nofollow, noarchive"}


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
