"""Pages of signing: on the glass, on paper with a scan that a second person compares, and the seals of organisations."""

from __future__ import annotations

import datetime as dt
import io
import json

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from app.contracts import documents, operations, queries, rules
from app.contracts.forms import CheckPaperForm, PaperForm, SealPictureForm, SignerForm, SignForm, TakeBackForm
from app.contracts.labels import (
    AXIS_LABELS,
    COSIGNER_LABELS,
    IDENTITY_LABELS,
    MEANS_LABELS,
    PAPER_LABELS,
    PAPER_TONES,
    SLOT_LABELS,
    TAKEN_BACK_LABELS,
)
from app.contracts.models import Contract, ContractParty, Means, PaperState, Slot
from app.contracts.operations.paper import read_given
from app.contracts.queries import files
from app.contracts.rules import State
from app.contracts.rules.signing import ROLES_FOR_SLOT, SEEN, Cosigner, CosignerRole, IdentityCheck, TakenBackFor
from app.contracts.views import bp
from app.core import clock
from app.core.access import current_actor, requires
from app.core.actor import Actor
from app.core.errors import DomainError, Invalid, NotFound, Refused
from app.core.forms import add_errors
from app.core.pictures import MAX_FILE

Page = Response | str | tuple[str, int]
SLOT = "<any(P1,P2,P3,P4,P5,P6,P7):slot>"
"""One of the seven places of a contract, in an address."""


def _at(contract_id: int, slot: str) -> tuple[Actor, Contract, ContractParty]:
    """Who asks, the contract, and its place. Raises ``NotFound`` for a contract the actor may not see."""
    actor = current_actor()
    row = queries.contract(actor, contract_id)
    return actor, row, operations.party_of(row, Slot(slot))


@bp.route(f"/contracts/<id:contract_id>/sign/{SLOT}", methods=["GET", "POST"])
@requires("contracts.sign")
def sign(contract_id: int, slot: str) -> Page:
    """Sign for one party on the glass."""
    actor, row, party = _at(contract_id, slot)
    if request.method == "GET" and not queries.may_sign(actor, row, party):
        raise NotFound
    form = SignForm(signer_name=_suggested_signer(row, party, actor.name))
    _choices(form, actor, row, party)
    if form.validate_on_submit():
        try:
            signed = operations.sign_contract(actor, row.id, party.slot, _given(form, with_pad=True))
        except DomainError as error:
            add_errors(form, error)
        else:
            return _signed(actor, signed)
    return render_template(
        "contracts/sign.html",
        form=form,
        contract=row,
        party=party,
        slots=SLOT_LABELS,
        axes=AXIS_LABELS,
        own=queries.own_account(actor, row, party),
        before=queries.last_taken_back(row, party.slot),
        seal=files.seal_of(party.organisation_id) if party.organisation_id else None,
    ), (422 if form.errors or form.form_errors else 200)


@bp.route(f"/contracts/<id:contract_id>/take-back/{SLOT}", methods=["GET", "POST"])
@requires("contracts.sign")
def take_back(contract_id: int, slot: str) -> Page:
    """Take back one signature before the contract is in force; who may sign for the party goes on to sign anew."""
    actor, row, party = _at(contract_id, slot)
    hindrance = operations.hindrance(row, party)
    if request.method == "GET" and hindrance is None and not queries.may_take_back(actor, row, party):
        raise NotFound
    form = TakeBackForm()
    form.why.choices = [SelectChoice(one.value, words) for one, words in TAKEN_BACK_LABELS.items()]
    if form.validate_on_submit():
        try:
            operations.take_back_signature(
                actor, row.id, party.slot, why=TakenBackFor(form.why.data), reason=form.reason.data or ""
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The signature was taken back; the other signatures stand. The party signs anew."), "success")
            if queries.may_sign(actor, row, party):
                return redirect(url_for("contracts.sign", contract_id=row.id, slot=slot))
            return redirect(url_for("contracts.contract", contract_id=row.id))
    return render_template(
        "contracts/take_back.html",
        hindrance=hindrance,
        form=form,
        contract=row,
        party=party,
        slots=SLOT_LABELS,
        means=MEANS_LABELS,
        others=[one for one in row.parties if one.signed_at and one is not party],
        beside=[f"{COSIGNER_LABELS[CosignerRole(one['role'])]} {one['name']}" for one in party.cosigners],
    ), (422 if form.errors or form.form_errors else 200)


def _signed(actor: Actor, row: Contract) -> Response:
    if row.state is State.IN_FORCE:
        flash(gettext("All seven have signed: the contract is in force."), "success")
        _seal(actor, row)
    else:
        flash(gettext("The signature is stored."), "success")
    return redirect(url_for("contracts.contract", contract_id=row.id))


def _seal(actor: Actor, row: Contract) -> None:
    """Seal at once; what hinders it hinders no contract, the nightly job tries again."""
    try:
        documents.sealed_pdf(actor, queries.contract(actor, row.id))
    except Refused as error:
        flash(error.message, "warning")


def _choices(form: SignerForm, actor: Actor, row: Contract, party: ContractParty) -> None:
    """What may be chosen for a party: means, identity, capacity of who signs beside."""
    slot = party.slot.value
    fitting = sorted((m for m in Means if m.value in rules.MEANS_FOR_SLOT[slot]), key=lambda m: m is not Means.SEAL)
    form.means.choices = [SelectChoice(m.value, MEANS_LABELS[m]) for m in fitting]
    if request.method == "GET":
        form.means.data = fitting[0].value
        form.others.data = ""
    form.identity.choices = [SelectChoice(one.value, IDENTITY_LABELS[one]) for one in IdentityCheck if one in SEEN]
    beside = sorted(ROLES_FOR_SLOT[slot] - {CosignerRole.WITNESS})
    form.others.choices = [
        SelectChoice("", gettext("Nobody")),
        *(SelectChoice(role.value, COSIGNER_LABELS[role]) for role in beside),
    ]


def _given(form: SignerForm, *, with_pad: bool) -> operations.Given:
    others = [
        Cosigner(CosignerRole.WITNESS, name)
        for name in (form.witness_name.data, form.second_witness_name.data)
        if name and name.strip()
    ]
    if form.others.data or form.other_name.data:
        strokes = _strokes(form.other_strokes.data) if isinstance(form, SignForm) else None
        if form.others.data not in set(CosignerRole):
            raise Invalid(gettext("Say in what capacity this person signs beside."), field="others")
        others.append(Cosigner(CosignerRole(form.others.data), form.other_name.data or "", strokes))
    return operations.Given(
        signer_name=form.signer_name.data or "",
        means=Means(form.means.data),
        strokes=_strokes(form.strokes.data) if with_pad and isinstance(form, SignForm) else None,
        others=tuple(others),
        identity=IdentityCheck(form.identity.data) if form.identity.data in set(IdentityCheck) else None,
        identity_note=form.identity_note.data or "",
        picture=_uploaded(form.picture.data) if isinstance(form, SignForm) else None,
    )


def _suggested_signer(row: Contract, party: ContractParty, own: str) -> str:
    if party.slot is Slot.RESIDENT:
        return row.resident.name
    return row.caregiver.name if party.slot is Slot.CAREGIVER else own


def _strokes(raw: str | None) -> object:
    if not raw or len(raw) > 1_000_000:
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _uploaded(file: object) -> bytes | None:
    """The bytes of an upload, one more than allowed at most; None without a file."""
    if not isinstance(file, FileStorage) or not file.filename:
        return None
    return file.read(MAX_FILE + 1)


@bp.route(f"/contracts/<id:contract_id>/paper/{SLOT}", methods=["GET", "POST"])
@requires("contracts.sign")
def paper(contract_id: int, slot: str) -> Page:
    """File the scan of a paper that a party signed by hand."""
    actor, row, party = _at(contract_id, slot)
    if request.method == "GET" and not queries.may_file(actor, row, party):
        raise NotFound
    form = PaperForm(signed_on=clock.today())
    _choices(form, actor, row, party)
    if form.validate_on_submit():
        try:
            operations.file_paper(
                actor,
                row.id,
                party.slot,
                _given(form, with_pad=False),
                signed_on=form.signed_on.data or dt.date.min,
                scan=_uploaded(form.file.data) or b"",
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The scan is stored. It counts once somebody else has compared it."), "success")
            return redirect(url_for("contracts.contract", contract_id=row.id))
    return render_template(
        "contracts/paper.html",
        form=form,
        contract=row,
        party=party,
        slots=SLOT_LABELS,
        own=queries.own_account(actor, row, party),
    ), (422 if form.errors or form.form_errors else 200)


@bp.route("/contracts/papers/<id:paper_id>", methods=["GET", "POST"])
@requires("contracts.check")
def check_paper(paper_id: int) -> Page:
    """Compare a scan with what was filed; who filed it sees it and leaves the deciding to somebody else."""
    actor = current_actor()
    found = files.paper(actor, paper_id)
    form = CheckPaperForm()
    if form.validate_on_submit():
        try:
            row = operations.check_paper(
                actor, found.id, matches=form.agrees.data == "yes", reason=form.reason.data or ""
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            if form.agrees.data == "yes":
                return _signed(actor, row)
            flash(gettext("Sent back; the party may sign again."), "success")
            return redirect(url_for("contracts.contract", contract_id=row.id))
    may = found.state is PaperState.WAITING and found.filed_by_person != actor.person_key
    return render_template(
        "contracts/check_paper.html",
        form=form if may else None,
        paper=found,
        given=read_given(found),
        contract=found.contract,
        slots=SLOT_LABELS,
        means=MEANS_LABELS,
        identities=IDENTITY_LABELS,
        states=PAPER_LABELS,
        tones=PAPER_TONES,
        beside=gettext("; ").join(f"{COSIGNER_LABELS[one.role]} {one.name}" for one in read_given(found).others),
        names=queries.names_of({found.filed_by, found.checked_by}),
    ), (422 if form.errors or form.form_errors else 200)


@bp.get("/contracts/files/<id:file_id>")
@requires("contracts.read")
def signature_file(file_id: int) -> Response:
    """A seal, a fingerprint or a scan; pictures are shown, a PDF is handed out as a download."""
    row = files.file(current_actor(), file_id)
    ending = {"application/pdf": "pdf", "image/png": "png"}.get(row.mime, "jpg")
    return send_file(
        io.BytesIO(files.file_bytes(row)),
        mimetype=row.mime,
        as_attachment=ending == "pdf",
        download_name=f"{row.kind.value}-{row.sha256[:12]}.{ending}",
    )


@bp.route("/contracts/seal", methods=["GET", "POST"])
@requires("contracts.check")
def seal_picture() -> Page:
    """The picture of the own organisation's official seal."""
    actor = current_actor()
    if actor.organisation_id is None:
        raise NotFound
    form = SealPictureForm()
    if form.validate_on_submit():
        try:
            operations.keep_seal_picture(actor, _uploaded(form.file.data) or b"")
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The seal picture is stored; it is set at your signatures from now on."), "success")
            return redirect(url_for("contracts.seal_picture"))
    seal = files.seal_of(actor.organisation_id)
    names = queries.names_of({seal.uploaded_by}) if seal else {}
    page = render_template("contracts/seal.html", form=form, seal=seal, names=names)
    return page, (422 if form.errors or form.form_errors else 200)
