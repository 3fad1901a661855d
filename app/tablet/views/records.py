"""What devices sent: the list for officers, one record with everything said to it, settling what was passed on, couriers."""

from __future__ import annotations

import base64
import io
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import get_locale, gettext
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app.care.labels import ENTRIES, ENTRY_TONES, ITEM_SHORT
from app.core.access import current_actor, requires
from app.core.errors import DomainError, Invalid, NotFound
from app.core.forms import add_errors, pager, text_arg
from app.core.paging import paginate
from app.grading.queries import names_of
from app.tablet import documents
from app.tablet.forms import CourierForm, SettleForm
from app.tablet.labels import (
    CLOCKS,
    CODES,
    KIND_NAMES,
    QUEUES,
    ROLES,
    VERDICT_TONES,
    VERDICTS,
)
from app.tablet.models import SyncRecord
from app.tablet.operations import records as acts
from app.tablet.operations import talking
from app.tablet.queries import records as queries
from app.tablet.queries.days import days_in
from app.tablet.rules import QUEUED, Verdict
from app.tablet.views.sync import bp


def said(words: dict[str, str]) -> str:
    """Words kept in both languages, in the reader's."""
    return words.get("en" if str(get_locale() or "").startswith("en") else "zh", "")


@bp.get("/offline-records")
@requires("records.read")
def records() -> str:
    """Records of the actor's area, those that wait for an officer first to be chosen."""
    actor, queue = current_actor(), request.args.get("queue", "")
    device_id = request.args.get("device", "")
    query = queries.found_ids(
        actor,
        queue=queue,
        device_id=int(device_id) if device_id.isascii() and device_id.isdigit() and len(device_id) < 18 else None,
        q=text_arg("q"),
    )
    page = paginate(query, [SyncRecord.id], request.args.get("cursor"), descending=True)
    return render_template(
        "sync/records.html",
        page=page,
        pager=pager(page),
        receipts=queries.receipts_of(row.id for row in page.items),
        counts=queries.counts(actor),
        **_labels(),
    )


def _labels() -> dict[str, Any]:
    return {
        "queues": QUEUES,
        "verdicts": VERDICTS,
        "tones": VERDICT_TONES,
        "codes": CODES,
        "clocks": CLOCKS,
        "kinds": KIND_NAMES,
        "said": said,
    }


@bp.get("/offline-records/<id:record_id>")
@requires("records.read")
def record(record_id: int) -> str:
    """One record: both times, what was said to it, signatures and photos; settling it."""
    return _page(record_id)


@bp.post("/offline-records/<id:record_id>/settle")
@requires("records.settle")
def settle(record_id: int) -> Response | tuple[str, int]:
    """It counts, or it does not."""
    actor, form = current_actor(), SettleForm()
    queries.record(actor, record_id)
    if form.validate_on_submit():
        try:
            acts.settle_record(
                actor, record_id, count=form.count.data == "yes", reason=form.reason.data or "", residents=_residents()
            )
        except DomainError as error:
            if isinstance(error, NotFound) and error.field is None and not _still(record_id):
                raise
            add_errors(form, error)
        else:
            flash(gettext("Settled. The device is told at its next contact."), "success")
            return redirect(url_for("sync.record", record_id=record_id))
    return _page(record_id, form), 422


def _residents() -> list[int] | None:
    """Whose days of a round are to count; None where the page offered no choice."""
    if "of_round" not in request.form:
        return None
    given = request.form.getlist("resident")
    return [int(one) for one in given if one.isascii() and one.isdigit() and len(one) < 18]


def _still(record_id: int) -> bool:
    try:
        queries.record(current_actor(), record_id)
    except NotFound:
        return False
    return True


def _page(record_id: int, form: SettleForm | None = None) -> str:
    actor = current_actor()
    row, last = queries.record(actor, record_id)
    waits = last is not None and last.verdict is Verdict.ACCEPTED and last.code in QUEUED
    shown = documents.shown(row)
    every = queries.history(row.id)
    left_out = (last.detail or {}).get("left_out", []) if last is not None else []
    return render_template(
        "sync/record.html",
        record=row,
        last=last,
        history=every,
        shown=shown,
        days=days_in(actor, row),
        chosen=_residents(),
        left_out=left_out if isinstance(left_out, list) else [],
        items=ITEM_SHORT,
        entry_words=ENTRIES,
        entry_tones=ENTRY_TONES,
        form=(form or SettleForm(formdata=None)) if waits and actor.may("records.settle") else None,
        names=names_of([entry.said_by for entry in every] + [row.brought_by]),
        roles=ROLES,
        **_labels(),
    )


@bp.get("/offline-records/<id:record_id>/attachment")
@requires("records.read")
def attachment(record_id: int) -> Response:
    """The photo or sound of an attachment; the look is logged."""
    found = documents.attachment(current_actor(), record_id)
    return send_file(io.BytesIO(base64.b64decode(found.data)), mimetype=found.mime)


@bp.route("/courier", methods=["GET", "POST"])
@requires("records.carry")
def courier() -> Response | str | tuple[str, int]:
    """The office takes in what somebody carried: a file, or the codes of one sheet."""
    actor, form, found = current_actor(), CourierForm(), None
    if form.validate_on_submit():
        try:
            device, taken = talking.bring(actor, _given(form))
        except DomainError as error:
            add_errors(form, error)
        else:
            found = talking.summary(taken)
            holder = device.user.name
            return render_template(
                "sync/courier.html", form=CourierForm(formdata=None), found=found, device=device, holder=holder
            )
    failed = bool(form.errors or form.form_errors)
    return render_template("sync/courier.html", form=form, found=None, device=None, holder=""), (422 if failed else 200)


def _given(form: CourierForm) -> str:
    """The text of the courier file, from a file or from codes. Raises ``Invalid``."""
    file = form.file.data
    if isinstance(file, FileStorage) and file.filename:
        try:
            return file.read().decode("utf-8")
        except UnicodeDecodeError:
            raise Invalid(gettext("This is no courier file."), field="file") from None
    lines = (form.codes.data or "").split()
    if not lines:
        raise Invalid(gettext("Choose a file or scan the codes."), field="file")
    return talking.join_codes(lines)
