"""Pages of contracts: the table with seven places, signing on the glass, and a contract's life."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from sqlalchemy import Select
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from app.contracts import documents, operations, queries, rules
from app.contracts.forms import DatedReasonForm, DayForm, DraftForm, EndForm, ReasonForm, RenewForm
from app.contracts.labels import (
    ACT_LABELS,
    ANNEX_LABELS,
    AXIS_LABELS,
    COSIGNER_LABELS,
    END_LABELS,
    HELD_LABEL,
    IDENTITY_LABELS,
    KEPT_LABELS,
    KEPT_TONES,
    MEANS_LABELS,
    MEDIUM_LABELS,
    PAPER_LABELS,
    PAPER_TONES,
    SLOT_LABELS,
    STATE_LABELS,
    STATE_TONES,
    occasion_words,
)
from app.contracts.models import Contract, PaperSignature, Slot
from app.contracts.queries import breaches, caring, duties, files
from app.contracts.rules import Act, State
from app.contracts.rules.duties import id_of
from app.contracts.views import bp
from app.contracts.views.duties import townships_of
from app.core import clock, shown
from app.core.access import current_actor, requires
from app.core.actor import Actor
from app.core.errors import DomainError
from app.core.forms import add_errors, pager, text_arg
from app.core.paging import paginate
from app.core.sending import attachment
from app.core.words import lazy_gettext as _l
from app.grading.labels import GRADES
from app.people import queries as people
from app.people.labels import SETTING_LABELS
from app.people.models import Caregiver, Resident, ResidentStatus
from app.people.panels import Panel, Shown, caregiver_panels, resident_panels
from app.workforce.queries import overrides_of


@bp.get("/contracts")
@requires("contracts.read")
def contracts() -> str:
    """Contracts the actor may see, with what waits for a signature first."""
    actor = current_actor()
    page = paginate(_narrowed(actor), [Contract.id], request.args.get("cursor"), descending=True)
    waiting = paginate(queries.filtered(actor, mine_to_sign=True), [Contract.id], None, size=1)
    kept: dict[str, Any] = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    return render_template(
        "contracts/contracts.html",
        page=page,
        pager=pager(page),
        mine=request.args.get("mine") == "1",
        care=CARE_WORDS.get(request.args.get("care", "")),
        waiting=waiting if actor.may("contracts.sign") else None,
        anew=queries.to_sign_anew(actor) if actor.may("contracts.sign") else [],
        refused=queries.refused(actor, clock.now() - TOLD_FOR) if actor.may("contracts.sign") else [],
        unchecked=paginate(files.to_check(actor), [PaperSignature.id], None, size=10).items,
        slots=SLOT_LABELS,
        states=STATE_LABELS,
        tones=STATE_TONES,
        left=_left(page.items),
        townships=townships_of(actor),
        renew=RenewForm() if actor.may("contracts.write") else None,
        within_choices=[(n, gettext("%(n)s days", n=n)) for n in WITHIN],
        exports=[
            (words, url_for("contracts.contracts_export", kind=kind, **kept))
            for kind, words in (("xlsx", "Excel"), ("csv", "CSV"))
        ],
    )


def _left(rows: Sequence[Contract]) -> dict[int, int]:
    """Days left of the contracts on a page that run out within sixty days."""
    today, live = clock.today(), {State.IN_FORCE, State.SUSPENDED}
    days = {row.id: (row.valid_to - today).days for row in rows if row.state in live}
    return {row: left for row, left in days.items() if 0 <= left <= int(WITHIN[-1])}


CARE_WORDS = {
    "missing": _l("Caregiver stopped, nobody cares in between"),
    "ending": _l("Substitute care ends within three days"),
    "untrained": _l("In force, but the caregiver has no valid training"),
}
"""What the list is narrowed to when it is opened from the first page."""
TOLD_FOR = dt.timedelta(days=30)
"""How long those who had signed are told of a refusal."""
FILTERS = ("q", "state", "area", "within", "mine", "care")
WITHIN = ("7", "30", "60")


def _narrowed(actor: Actor) -> Select[Contract]:
    """The list as the address narrows it: the page and its export are the same rows."""
    state, area = request.args.get("state", ""), request.args.get("area", "")
    within = request.args.get("within", "")
    return queries.filtered(
        actor,
        q=text_arg("q"),
        state=State(state) if state in set(State) else None,
        area=area if re.fullmatch(r"\d{2,12}", area, re.ASCII) else "",
        expiring_by=clock.today() + dt.timedelta(days=int(within)) if within in WITHIN else None,
        mine_to_sign=request.args.get("mine") == "1",
        among=caring.CARE[care](actor, clock.today())
        if (care := request.args.get("care", "")) in caring.CARE
        else None,
    )


@bp.get("/contracts.<any(xlsx,csv):kind>")
@requires("contracts.read")
def contracts_export(kind: str) -> Response:
    """Exactly what the list shows, as a table."""
    actor = current_actor()
    return attachment(documents.contracts_table(actor, _narrowed(actor), kind, request.args.to_dict()))


@bp.route("/residents/<id:resident_id>/contracts/new", methods=["GET", "POST"])
@requires("contracts.write")
def new_contract(resident_id: int) -> Response | str | tuple[str, int]:
    """Draw up a contract; what stands in the way is listed in words."""
    actor = current_actor()
    resident = people.resident(actor, resident_id)
    form = DraftForm(valid_from=clock.today())
    form.caregiver_id.choices = caregivers_for(resident)
    obstacles: list[str] = []
    if form.validate_on_submit():
        try:
            row = operations.draft_contract(
                actor, resident.id, form.caregiver_id.data, form.valid_from.data, form.valid_to.data
            )
        except DomainError as error:
            obstacles = getattr(error, "errors", {}).get("obstacles", "").splitlines()
            if not obstacles:
                add_errors(form, error)
        else:
            flash(gettext("The draft is ready. Read it, then open it for signing."), "success")
            return redirect(url_for("contracts.contract", contract_id=row.id))
    failed = bool(form.errors or obstacles)
    return render_template("contracts/new.html", form=form, resident=resident, obstacles=obstacles), (
        422 if failed else 200
    )


def caregivers_for(resident: Resident) -> list[tuple[int, str]]:
    """Who could care for a resident: the institution's own people, or those of the township."""
    query = people.visible_caregivers(current_actor()).where(Caregiver.active)
    if resident.institution_id is not None:
        query = query.where(Caregiver.institution_id == resident.institution_id)
    else:
        query = query.where(Caregiver.institution_id.is_(None), Caregiver.area_code.startswith(resident.area_code[:9]))
    rows = paginate(query, [Caregiver.id], None, size=500).items
    return [(row.id, f"{row.name} · {row.area.name} · {row.tier or '—'}") for row in rows]


@bp.get("/contracts/<id:contract_id>")
@requires("contracts.read")
def contract(contract_id: int) -> str:
    """One contract: the seven places, text and annexes, history, and what may be done next."""
    actor = current_actor()
    row = queries.contract(actor, contract_id)
    acts = {act.value for state, act in rules.NEXT if state is row.state}
    today = clock.today()
    found = duties.duties(row, today)
    return render_template(
        "contracts/contract.html",
        exceptions=[
            one
            for one in overrides_of(actor, caregiver_id=row.caregiver_id, resident_id=row.resident_id)
            if one.from_on <= row.valid_to and (one.ended_on or one.until_on) >= row.valid_from
        ],
        contract=row,
        today=today,
        untrained=_untrained(row, today),
        duties=found,
        occasions=[(duty, o) for duty in found for o in duty.occasions],
        occasion_words=occasion_words,
        observations=breaches.observations(row.id),
        observers=queries.names_of({seen.observed_by for seen in breaches.observations(row.id)}),
        clause_names={id_of(c): c for c in row.body["clauses"]},
        annexes=ANNEX_LABELS,
        end_causes=END_LABELS,
        may_observe=actor.may("contracts.observe") and row.in_force_from is not None,
        kept_words=KEPT_LABELS,
        kept_tones=KEPT_TONES,
        grades=GRADES,
        history=_history(row),
        stale=row.state in {State.IN_FORCE, State.SUSPENDED} and queries.grade_changed(row, today),
        over=row.state in {State.IN_FORCE, State.SUSPENDED} and row.resident.ended_on is not None,
        suspended=gettext("; ").join(
            gettext("%(first)s to %(last)s", first=shown.date(s.from_on), last=shown.date(s.to_on))
            if s.to_on
            else gettext("since %(first)s", first=shown.date(s.from_on))
            for s in row.suspensions
        ),
        may_print=actor.may("documents.issue"),
        may_read_people=actor.may("people.read"),
        states=STATE_LABELS,
        tones=STATE_TONES,
        slots=SLOT_LABELS,
        axes=AXIS_LABELS,
        means=MEANS_LABELS,
        media=MEDIUM_LABELS,
        held_words=HELD_LABEL,
        settings=SETTING_LABELS,
        identities=IDENTITY_LABELS,
        roles=COSIGNER_LABELS,
        papers={paper.slot: paper for paper in files.papers_of(row.id)},
        paper_words=PAPER_LABELS,
        paper_tones=PAPER_TONES,
        may_check=actor.may("contracts.check"),
        filed_by_me={p.slot for p in files.papers_of(row.id) if p.filed_by_person == actor.person_key},
        fileable={party.slot for party in row.parties if queries.may_file(actor, row, party)},
        may_substitute=actor.may("contracts.write") and operations.needs_substitute(row),
        replaceable={party.slot for party in row.parties if queries.may_take_back(actor, row, party)},
        former={one.slot: one for one in row.former},
        signable={party.slot for party in row.parties if queries.may_sign(actor, row, party)},
        acts=acts if actor.may("contracts.write") else set(),
        may_refuse=any(queries.may_sign(actor, row, p) for p in row.parties),
    )


def _untrained(row: Contract, today: dt.date) -> dt.date | None:
    """The first day on which the caregiver of a contract in force has neither the training nor an exception, when it has come;
    while somebody stands in there is nothing to say.
    """
    if row.state is not State.IN_FORCE or any(s.from_on <= today <= (s.to_on or today) for s in row.substitutes):
        return None
    last = caring.trained_to([row])[row.id]
    first = last + dt.timedelta(days=1) if last else row.in_force_from or row.valid_from
    return first if first <= today else None


def _history(row: Contract) -> list[dict[str, Any]]:
    """What happened to the contract, newest first, by whom."""
    people_names = queries.names_of({row.drafted_by, *(event.by for event in row.events)})
    found = [
        {
            "at": shown.instant(row.drafted_at),
            "who": people_names.get(row.drafted_by or 0),
            "what": ACT_LABELS[Act.DRAFT],
        }
    ]
    for event in row.events:
        words = str(ACT_LABELS[event.act])
        if event.act is Act.SIGN and event.reason:
            words = gettext("%(act)s: %(detail)s", act=words, detail=SLOT_LABELS[Slot(event.reason)])
        why = event.reason if event.act is not Act.SIGN else None
        if event.act is Act.TAKE_BACK:
            slot, _blank, why = (event.reason or "").partition(" ")
            words = gettext("%(act)s: %(detail)s", act=words, detail=SLOT_LABELS[Slot(slot)])
        if event.act in {Act.SUSPEND, Act.RESUME, Act.END, Act.COMPLETE, Act.AMEND}:
            words = gettext(
                "%(act)s, %(detail)s", act=words, detail=gettext("from %(day)s", day=shown.date(event.effective_on))
            )
        found.append(
            {
                "at": shown.instant(event.at),
                "who": people_names.get(event.by or 0),
                "what": words,
                "why": why,
                "tone": HISTORY_TONES.get(event.act, "neutral"),
            }
        )
    return found[::-1]


HISTORY_TONES = {
    Act.AMEND: "info",
    Act.COMPLETE: "good",
    Act.REFUSE: "bad",
    Act.SUSPEND: "warn",
    Act.SIGN: "info",
    Act.TAKE_BACK: "warn",
}


@bp.post("/contracts/<id:contract_id>/send")
@requires("contracts.write")
def send(contract_id: int) -> Response:
    """Open a draft for signing."""
    operations.send_contract(current_actor(), contract_id)
    flash(gettext("The contract is open for the seven signatures."), "success")
    return redirect(url_for("contracts.contract", contract_id=contract_id))


ACTS = {
    "refuse": (ReasonForm, "contracts.sign"),
    "withdraw": (ReasonForm, "contracts.write"),
    "suspend": (DatedReasonForm, "contracts.write"),
    "resume": (DayForm, "contracts.write"),
    "end": (EndForm, "contracts.write"),
}


@bp.route("/contracts/<id:contract_id>/<any(refuse,withdraw,suspend,resume,end):act>", methods=["GET", "POST"])
@requires("contracts.sign")
def change(contract_id: int, act: str) -> Response | str | tuple[str, int]:
    """Refuse, withdraw, suspend, resume or end a contract."""
    actor = current_actor()
    form_class, permission = ACTS[act]
    actor.require(permission)
    row = queries.contract(actor, contract_id)
    form = form_class()
    if act == "end":
        form.cause.choices = [SelectChoice(cause.value, words) for cause, words in END_LABELS.items()]  # type: ignore[attr-defined]  # inferred too narrowly
    if request.method == "GET" and "on" in form:  # type: ignore[operator]  # inferred too narrowly
        form.on.data = clock.today()  # type: ignore[attr-defined]  # inferred too narrowly
    if form.validate_on_submit():  # type: ignore[attr-defined]  # inferred too narrowly
        try:
            _apply(act, row.id, form)  # type: ignore[arg-type]  # inferred too narrowly
        except DomainError as error:
            if error.field in {"from_on", "ended_on"}:
                error.field, error.errors = "on", {"on": error.message}  # type: ignore[attr-defined]  # Invalid carries them
            add_errors(form, error)
        else:
            flash(gettext("Done. The step stands in the contract's history."), "success")
            return redirect(url_for("contracts.contract", contract_id=row.id))
    return render_template("contracts/change.html", form=form, contract=row, act=act), (
        422 if form.errors or form.form_errors else 200  # type: ignore[attr-defined]  # inferred too narrowly
    )


def _apply(act: str, contract_id: int, form: ReasonForm | DayForm) -> None:
    actor = current_actor()
    if act == "refuse":
        operations.refuse_contract(actor, contract_id, reason=form.reason.data)
    elif act == "withdraw":
        operations.withdraw_contract(actor, contract_id, reason=form.reason.data)
    elif act == "suspend":
        operations.suspend_contract(actor, contract_id, form.on.data, reason=form.reason.data)
    elif act == "resume":
        operations.resume_contract(actor, contract_id, form.on.data)
    else:
        operations.end_contract(
            actor, contract_id, form.on.data, reason=form.reason.data, cause=rules.EndCause(form.cause.data)
        )


@bp.get("/contracts/<id:contract_id>.pdf")
@requires("contracts.read")
def contract_pdf(contract_id: int) -> Response:
    """The contract with every clause, annex and signature."""
    actor = current_actor()
    row = queries.contract(actor, contract_id)
    data, name = documents.contract_pdf(actor, row)
    return send_file(data, mimetype="application/pdf", download_name=name)


def _of_resident(actor: Actor, resident: Resident) -> Shown:
    rows = queries.of_resident(actor, resident.id)
    stopped = next((row for row in rows if row.replace_by or row.substitutes), None) if rows else None
    return Shown(
        "contracts/_panel.html",
        {
            "resident": resident,
            "rows": rows,
            "stopped": stopped if stopped and operations.needs_substitute(stopped) else None,
            "states": STATE_LABELS,
            "tones": STATE_TONES,
            "may_write": actor.may("contracts.write") and resident.status is ResidentStatus.ACTIVE,
        },
    )


def _of_caregiver(actor: Actor, caregiver: Caregiver) -> Shown | None:
    rows = queries.of_caregiver(actor, caregiver.id)
    return (
        Shown("contracts/_panel.html", {"rows": rows, "states": STATE_LABELS, "tones": STATE_TONES}) if rows else None
    )


resident_panels.register(Panel("contracts", _l("Contracts"), "contracts.read", _of_resident, order=40))
caregiver_panels.register(Panel("contracts", _l("Contracts"), "contracts.read", _of_caregiver, order=40))
