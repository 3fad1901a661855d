"""Pages of duties: every party in one list, what a breach opened, observations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import get_locale, gettext
from sqlalchemy import Select
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from app.contracts import documents, queries
from app.contracts.forms import AnswerForm, ObservationForm
from app.contracts.labels import (
    ACT_WORDS,
    BREACH_LABELS,
    BREACH_TONES,
    KEPT_LABELS,
    KEPT_TONES,
    SLOT_LABELS,
    occasion_words,
)
from app.contracts.models import Breach, BreachState, Contract, Slot
from app.contracts.operations import duties as acts
from app.contracts.queries import breaches
from app.contracts.rules.duties import id_of
from app.contracts.views import bp
from app.core import clock
from app.core.access import current_actor, requires
from app.core.actor import Actor
from app.core.errors import DomainError, NotFound
from app.core.forms import add_errors, export_links, pager, print_link, text_arg
from app.core.paging import paginate
from app.core.sending import attachment
from app.core.words import lazy_gettext as _l
from app.people.models import Resident
from app.people.panels import Panel, Shown, resident_panels
from app.places.queries import areas_under

Page = Response | str | tuple[str, int]


@bp.get("/contracts/duties")
@requires("contracts.read")
def duty_list() -> str:
    """Duties kept late or missed by any of the seven, in one list: a township that pays late beside a caregiver who
    records late.
    """
    actor = current_actor()
    page = paginate(_narrowed(actor), [Breach.id], request.args.get("cursor"), descending=True)
    return render_template(
        "contracts/duties.html",
        page=page,
        pager=pager(page),
        parties=breaches.by_party(actor),
        townships=townships_of(actor),
        clause_text=documents.clause_text,
        exports=[*export_links("contracts.duty_export"), print_link("contracts.duty_print")],
        may_answer=actor.may("contracts.answer"),
        **_words(),
    )


def townships_of(actor: Actor) -> list[tuple[str, str]]:
    """Choices of a filter by township; none where there is only one."""
    found = areas_under(actor.area_code, "township") if actor.area_code else []
    return [(area.code, area.name) for area in found] if len(found) > 1 else []


def _words() -> dict[str, Any]:
    return {
        "slots": SLOT_LABELS,
        "kept_words": KEPT_LABELS,
        "kept_tones": KEPT_TONES,
        "breach_words": BREACH_LABELS,
        "breach_tones": BREACH_TONES,
        "act_words": ACT_WORDS,
        "occasion_words": occasion_words,
    }


def _narrowed(actor: Actor) -> Select[Breach]:
    """The list as the address narrows it: the page, its tables and its print are the same rows."""
    party, state, area = (request.args.get(name, "") for name in ("party", "state", "area"))
    return breaches.filtered_breaches(
        actor,
        q=text_arg("q"),
        party=Slot(party) if party in set(Slot) else None,
        state=BreachState(state) if state in set(BreachState) else None,
        area=area if re.fullmatch(r"\d{2,12}", area, re.ASCII) else "",
    )


@bp.get("/contracts/duties.<any(xlsx,csv):kind>")
@requires("contracts.read")
def duty_export(kind: str) -> Response:
    """Exactly what the list shows, as a table."""
    actor = current_actor()
    return attachment(documents.breaches_table(actor, _narrowed(actor), kind, request.args.to_dict(), _language()))


@bp.get("/contracts/duties.pdf")
@requires("contracts.read")
def duty_print() -> Response:
    """Exactly what the list shows, on paper."""
    actor = current_actor()
    data, name = documents.breaches_pdf(actor, _narrowed(actor))
    return send_file(data, mimetype="application/pdf", download_name=name)


@bp.route("/contracts/duties/<id:breach_id>", methods=["GET", "POST"])
@requires("contracts.answer")
def answer_duty(breach_id: int) -> Page:
    """Say what was done about a breach."""
    actor = current_actor()
    row = breaches.breach(actor, breach_id)
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            acts.answer_breach(actor, row.id, answer=form.answer.data)
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The answer is stored."), "success")
            return redirect(url_for("contracts.duty_list"))
    page = render_template(
        "contracts/duty.html", form=form, row=row, contract=row.contract, clause_text=documents.clause_text, **_words()
    )
    return page, (422 if form.errors or form.form_errors else 200)


@bp.route("/contracts/<id:contract_id>/observations/new", methods=["GET", "POST"])
@requires("contracts.observe")
def new_observation(contract_id: int) -> Page:
    """Note what was seen of one clause."""
    row = queries.contract(current_actor(), contract_id)
    if row.in_force_from is None:
        raise NotFound
    return _observed([row], url_for("contracts.contract", contract_id=row.id))


@bp.route("/residents/<id:resident_id>/observations/new", methods=["GET", "POST"])
@requires("contracts.note")
def note_duty(resident_id: int) -> Page:
    """Note what was seen of a duty towards a resident, without reading the contract: volunteers too."""
    rows = breaches.contracts_of(current_actor(), resident_id)
    back = url_for("people.resident", resident_id=resident_id)
    if not rows:
        page = render_template("contracts/observation.html", form=None, contract=None, back=back, reads=False)
        return page, 200
    return _observed(rows, back)


def _observed(rows: Sequence[Contract], back: str) -> Page:
    """The form over the clauses of the newest of some contracts; what is noted stands with the one that covers its day."""
    newest, language = rows[0], _language()
    form = ObservationForm(observed_on=clock.today())
    form.clause.choices = [
        SelectChoice("", gettext("Choose a clause of this contract.")),
        *(SelectChoice(id_of(c), f"{SLOT_LABELS[Slot(c['party'])]} · {c[language]}") for c in newest.body["clauses"]),
    ]
    if form.validate_on_submit():
        row = breaches.covering(rows, form.observed_on.data or clock.today()) or newest
        try:
            acts.observe(
                current_actor(),
                row.id,
                form.clause.data,
                form.observed_on.data,
                kept=form.kept.data == "kept",
                note=form.note.data,
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The observation stands in the ledger of its party."), "success")
            return redirect(back)
    reads = current_actor().may("contracts.read")
    page = render_template("contracts/observation.html", form=form, contract=newest, back=back, reads=reads)
    return page, (422 if form.errors or form.form_errors else 200)


def _language() -> str:
    return "en" if str(get_locale()) == "en" else "zh"


def _of_resident(actor: Actor, resident: Resident) -> Shown | None:
    """The way to note something for who reads no contracts."""
    return None if actor.may("contracts.read") else Shown("contracts/_note.html", {"resident": resident})


resident_panels.register(Panel("duties", _l("Duties of the seven parties"), "contracts.note", _of_resident, order=41))
