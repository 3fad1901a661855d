"""The page of a person's wishes, teeth and swallowing."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.care import operations, queries
from app.care.forms import ProfileForm
from app.care.labels import DENTURES, SWALLOW, TEETH, WISHES
from app.care.views import bp
from app.core.access import current_actor, requires
from app.core.errors import DomainError
from app.core.forms import add_errors
from app.grading.queries import names_of
from app.people import queries as people


@bp.route("/residents/<id:resident_id>/wishes", methods=["GET", "POST"])
@requires("profiles.read")
def profile(resident_id: int) -> Response | str | tuple[str, int]:
    """What the person told and what was found; whoever may write stores a new version."""
    actor = current_actor()
    resident = people.resident(actor, resident_id)
    versions = queries.profiles_of(resident.id)
    latest = queries.profile_facts(versions[0].id if versions else None)
    form = ProfileForm(data=_filled(latest))
    if request.method == "POST":
        actor.require("profiles.write")
        if form.validate():
            try:
                operations.record_profile(
                    actor,
                    resident.id,
                    teeth=form.teeth.data or None,
                    denture=form.denture.data or None,
                    swallow=form.swallow.data or None,
                    swallow_on=form.swallow_on.data,
                    residue=form.residue.data,
                    wishes={name: form[name].data or "" for name in WISHES},
                    orders=form.orders.data or "",
                    show_at_bedside=form.show_at_bedside.data,
                )
            except DomainError as error:
                add_errors(form, error)
            else:
                flash(gettext("Stored. The next plan is drawn from it."), "success")
                return redirect(url_for("care.profile", resident_id=resident.id))
    return render_template(
        "care/profile.html",
        resident=resident,
        form=form,
        latest=latest,
        versions=versions,
        names=names_of([row.recorded_by for row in versions]),
        may_write=actor.may("profiles.write"),
        wish_words=WISHES,
        teeth=TEETH,
        dentures=DENTURES,
        swallow=SWALLOW,
    ), (422 if form.errors else 200)


def _filled(latest: queries.ProfileFacts | None) -> dict[str, Any]:
    if latest is None:
        return {}
    row = latest.row
    return {
        **latest.wishes,
        "teeth": row.teeth or "",
        "denture": row.denture or "",
        "swallow": row.swallow or "",
        "swallow_on": row.swallow_on,
        "residue": row.residue,
        "orders": latest.orders or "",
        "show_at_bedside": row.show_at_bedside,
    }
