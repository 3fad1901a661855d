"""Pages of care plans."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.care import documents, operations, queries, rules
from app.care.forms import EmptyForm, NewPlanForm, PlanForm, SignForm, TextureForm
from app.care.labels import (
    DRINKS,
    FOODS,
    MISSING,
    PLAN_STATES,
    PLAN_TONES,
    REFERRALS,
    RISK_LEVELS,
    RISK_TONES,
    SIGNED_AS,
    TEXTURE_SOURCES,
    WISHES,
    frequency_words,
)
from app.care.models import CarePlan, PlanState
from app.care.views import bp
from app.core import clock
from app.core.access import current_actor, requires
from app.core.actor import Actor
from app.core.errors import DomainError
from app.core.forms import add_errors, pager, text_arg
from app.core.paging import paginate
from app.grading.drafting import instrument_of
from app.grading.labels import GRADE_TONES, GRADES, wording
from app.grading.queries import names_of
from app.people import queries as people
from app.people.labels import QUALIFICATIONS, SETTING_LABELS
from app.people.models import Resident


@bp.get("/care-plans")
@requires("plans.read")
def plans() -> str:
    """Plans the actor may see, newest first; above them whose plan is missing or no longer fits."""
    actor, today = current_actor(), clock.today()
    query = queries.visible_plans(actor)
    if q := text_arg("q"):
        found = people.found(actor, q=q).with_only_columns(Resident.id)
        query = query.where((CarePlan.resident_id.in_(found)) | (CarePlan.number == q.strip().upper()))
    state = request.args.get("state", "")
    if state in set(PlanState):
        query = query.where(CarePlan.state == PlanState(state))
    page = paginate(query, [CarePlan.id], request.args.get("cursor"), descending=True)
    return render_template(
        "care/plans.html",
        page=page,
        pager=pager(page),
        missing=paginate(queries.without_plan(actor, today), [Resident.id], None, size=12),
        outdated=paginate(queries.outdated(actor, today), [Resident.id], None, size=12),
        states=PLAN_STATES,
        tones=PLAN_TONES,
        settings=SETTING_LABELS,
        grades=GRADES,
        grade_tones=GRADE_TONES,
        may_write=actor.may("plans.write"),
    )


@bp.route("/residents/<id:resident_id>/care-plans/new", methods=["GET", "POST"])
@requires("plans.write")
def new_plan(resident_id: int) -> Response | str | tuple[str, int]:
    """Draw up a plan for one resident."""
    actor = current_actor()
    resident = people.resident(actor, resident_id)
    current = queries.plan_on(resident.id, clock.today())
    form = NewPlanForm(valid_from=clock.today() + dt.timedelta(days=1) if current else clock.today())
    if form.validate_on_submit():
        try:
            row = operations.draft_plan(actor, resident.id, valid_from=form.valid_from.data)
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The draft is ready: look at each line, then have it approved."), "success")
            return redirect(url_for("care.plan", plan_id=row.id))
    return render_template("care/new_plan.html", form=form, resident=resident, current=current), (
        422 if form.errors else 200
    )


@bp.route("/care-plans/<id:plan_id>", methods=["GET", "POST"])
@requires("plans.read")
def plan(plan_id: int) -> Response | str | tuple[str, int]:
    """One plan; a draft can be changed here."""
    actor = current_actor()
    row = queries.plan(actor, plan_id)
    form = PlanForm(obj=row, **_night(row))
    errors: dict[str, str] = {}
    lines, risks = row.lines, row.risks
    if request.method == "POST":
        actor.require("plans.write")
        given = _given_lines(row)
        lines = [{**line, **given[line["item"]]} for line in row.lines]
        noted = _given_risks(row)
        risks = [{**risk, "note": noted[risk["id"]]} for risk in row.risks]
        if form.validate():
            try:
                operations.update_plan(
                    actor,
                    row.id,
                    given,
                    valid_from=form.valid_from.data,
                    notes=form.notes.data,
                    night={
                        "lives_in": {"1": True, "0": False}.get(form.lives_in.data),
                        "helper": form.helper.data,
                        "institution": form.institution.data,
                    },
                    risks=noted,
                )
            except DomainError as error:
                errors = getattr(error, "errors", {})
                add_errors(form, error)
            else:
                flash(gettext("The draft was saved."), "success")
                return redirect(url_for("care.plan", plan_id=row.id))
    return _page(row, form=form, lines=lines, risks=risks, errors=errors), (422 if request.method == "POST" else 200)


def _page(
    row: CarePlan,
    *,
    form: PlanForm | None = None,
    lines: list[dict[str, Any]] | None = None,
    risks: list[dict[str, Any]] | None = None,
    errors: dict[str, str] | None = None,
    texture: TextureForm | None = None,
    sign: SignForm | None = None,
) -> str:
    """The page of a plan; a form that was refused comes back with what was typed."""
    actor = current_actor()
    editable = row.state is PlanState.DRAFT and actor.may("plans.write")
    standard, personal = queries.standard_of(row), queries.personal_of(row)
    current = queries.plan_on(row.resident_id, row.valid_from) if row.state is PlanState.DRAFT else None
    return render_template(
        "care/plan.html",
        plan=row,
        current=current,
        changes=rules.differences(current.lines, row.lines) if current else [],
        services_before=rules.services_a_week(current.lines) if current else None,
        missing=[MISSING[word] for word in queries.missing(row)],
        at_night=rules.needs_night_helper(personal.body, row.setting.value, row.lines),
        risk_words={risk["id"]: risk for risk in personal.body["risk"]},
        personal=personal,
        profile=_profile(actor, row),
        wish_words=WISHES,
        foods=FOODS,
        drinks=DRINKS,
        texture_sources=TEXTURE_SOURCES,
        referrals=REFERRALS,
        risk_levels=RISK_LEVELS,
        risk_tones=RISK_TONES,
        qualifications=QUALIFICATIONS,
        signed_as=SIGNED_AS,
        signed_on=dt.date.fromisoformat(row.signed["on"]) if row.signed else None,
        confirmed_at=dt.datetime.fromisoformat(row.confirmed["at"]) if row.confirmed else None,
        may_confirm=row.state is PlanState.DRAFT and actor.may("textures.confirm"),
        may_sign=row.state is not PlanState.DRAFT and not row.signed and actor.may("plans.write"),
        may_profile=actor.may("profiles.read"),
        texture_form=texture
        or TextureForm(formdata=None, food=row.texture.get("food") or "7", drink=row.texture.get("drink") or "0"),
        sign_form=sign or SignForm(formdata=None, signed_on=clock.today(), name=row.resident.name, signed_as="self"),
        sources=_sources(row),
        lines=lines or row.lines,
        risks=risks or row.risks,
        errors=errors or {},
        form=form or PlanForm(formdata=None, obj=row, **_night(row)),
        act=EmptyForm(formdata=None),
        standard=standard,
        texts=rules.texts(standard.body),
        editable=editable,
        may_approve=row.state is PlanState.DRAFT and actor.may("plans.approve"),
        states=PLAN_STATES,
        tones=PLAN_TONES,
        settings=SETTING_LABELS,
        grades=GRADES,
        grade_tones=GRADE_TONES,
        own=row.drafted_by_person == actor.person_key,
        names=names_of([row.drafted_by, row.approved_by]),
        services=rules.services_a_week(row.lines),
        frequency_words=frequency_words,
        plain=rules.plain_zh,
    )


def _night(row: CarePlan) -> dict[str, Any]:
    lives_in = row.night.get("lives_in")
    return {
        "lives_in": "" if lives_in is None else str(int(lives_in)),
        "helper": row.night.get("helper"),
        "institution": row.night.get("institution"),
    }


def _profile(actor: Actor, row: CarePlan) -> queries.ProfileFacts | None:
    """The version of the profile a plan was drawn from, for those who may read it."""
    return queries.profile_facts(row.profile_id) if actor.may("profiles.read") else None


def _sources(row: CarePlan) -> dict[str, str]:
    """Words of the observations and facts that a plan leans on, by their number."""
    instrument = instrument_of(row.grade.proposal.sheet)
    asked = [sub for item in instrument.items for sub in item.subitems]
    found = {one.id: f"{one.id} {wording(one.title)}" for one in asked}
    found |= {one.id: f"{one.id} {wording(one.title)}" for domain in instrument.domains for one in domain.items}
    return found | {fact.id: wording(fact.title) for fact in instrument.facts}


def _given_risks(row: CarePlan) -> dict[str, str]:
    return {risk["id"]: request.form.get(f"risk_{risk['id']}", risk["note"]) for risk in row.risks}


def _given_lines(row: CarePlan) -> dict[str, dict[str, Any]]:
    return {
        line["item"]: {
            "frequency": request.form.get(f"frequency_{line['item']}", line["frequency"]),
            "note": request.form.get(f"note_{line['item']}", line["note"]),
        }
        for line in row.lines
    }


@bp.post("/care-plans/<id:plan_id>/approve")
@requires("plans.approve")
def approve_plan(plan_id: int) -> Response:
    """Put a plan in force."""
    try:
        row = operations.approve_plan(current_actor(), plan_id)
    except DomainError as error:
        if error.status == 404:
            raise
        flash(error.message, "danger")
    else:
        flash(gettext("Plan %(number)s is approved.", number=row.number), "success")
    return redirect(url_for("care.plan", plan_id=plan_id))


@bp.post("/care-plans/<id:plan_id>/texture")
@requires("textures.confirm")
def confirm_texture(plan_id: int) -> Response | tuple[str, int]:
    """Confirm the food texture of a draft."""
    actor, form = current_actor(), TextureForm()
    row = queries.plan(actor, plan_id)
    if form.validate():
        try:
            operations.confirm_texture(
                actor, row.id, food=form.food.data, drink=form.drink.data, reason=form.reason.data or ""
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The texture is confirmed."), "success")
            return redirect(url_for("care.plan", plan_id=row.id))
    return _page(row, texture=form), 422


@bp.post("/care-plans/<id:plan_id>/signature")
@requires("plans.write")
def sign_plan(plan_id: int) -> Response | tuple[str, int]:
    """Put on record who agreed to the plan."""
    actor, form = current_actor(), SignForm()
    row = queries.plan(actor, plan_id)
    if form.validate():
        try:
            operations.sign_plan(
                actor,
                row.id,
                name=form.name.data,
                signed_as=form.signed_as.data,
                signed_on=form.signed_on.data,
                witness=form.witness.data or "",
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The signature is on record."), "success")
            return redirect(url_for("care.plan", plan_id=row.id))
    return _page(row, sign=form), 422


@bp.get("/care-plans/<id:plan_id>/bedside.pdf")
@requires("plans.read")
def plan_bedside_pdf(plan_id: int) -> Response:
    """The plan in large print for the bedside or the kitchen wall."""
    actor = current_actor()
    data, name = documents.bedside_pdf(actor, queries.plan(actor, plan_id))
    return send_file(data, mimetype="application/pdf", download_name=name)


@bp.get("/care-plans/<id:plan_id>.pdf")
@requires("plans.read")
def plan_pdf(plan_id: int) -> Response:
    """The whole plan on paper, for the file."""
    actor = current_actor()
    row = queries.plan(actor, plan_id)
    data, name = documents.plan_pdf(actor, row)
    return send_file(data, mimetype="application/pdf", download_name=name)


def day_arg(name: str = "day") -> dt.date:
    """A date from the address; today when missing or unreadable, never in the future."""
    today = clock.today()
    try:
        return min(dt.date.fromisoformat(request.args.get(name, "")), today)
    except ValueError:
        return today
