"""The devices: who holds them, when they were last heard of, what is still on them; blocking a lost one."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core.access import current_actor, requires
from app.core.errors import DomainError
from app.core.forms import add_errors, pager, text_arg
from app.core.paging import paginate
from app.grading.queries import names_of
from app.tablet.forms import ReasonForm
from app.tablet.labels import DEVICE_STATES, DEVICE_TONES
from app.tablet.models import Device
from app.tablet.operations import devices as acts
from app.tablet.queries import devices as queries
from app.tablet.queries import records as stored
from app.tablet.rules import NEXT, DeviceAct, DeviceState
from app.tablet.views.sync import bp

QUIET_DAYS = 7
"""A device with unsent records that was not heard of for so long is marked."""


@bp.get("/devices")
@requires("devices.read")
def devices() -> str:
    """Devices of the county, or one's own."""
    actor, state = current_actor(), request.args.get("state", "")
    query = queries.found_devices(
        actor, q=text_arg("q"), state=DeviceState(state) if state in set(DeviceState) else None
    )
    page = paginate(query, [Device.id], request.args.get("cursor"), descending=True)
    return render_template(
        "sync/devices.html",
        page=page,
        pager=pager(page),
        quiet=queries.quiet_since(QUIET_DAYS),
        states=DEVICE_STATES,
        tones=DEVICE_TONES,
    )


@bp.get("/devices/<id:device_id>")
@requires("devices.read")
def device(device_id: int) -> str:
    """One device: holder, state, counters, its records, and blocking it."""
    return _page(device_id)


@bp.post("/devices/<id:device_id>/block")
@requires("devices.block")
def block(device_id: int) -> Response | tuple[str, int]:
    """Block a lost device; it is told to forget at its next contact."""
    return _do(device_id, DeviceAct.BLOCK, gettext("Blocked. It forgets everything at its next contact."))


@bp.post("/devices/<id:device_id>/unblock")
@requires("devices.unblock")
def unblock(device_id: int) -> Response | tuple[str, int]:
    """Take the block back."""
    return _do(device_id, DeviceAct.UNBLOCK, gettext("The device may be used again."))


def _do(device_id: int, act: DeviceAct, done: str) -> Response | tuple[str, int]:
    actor, form = current_actor(), ReasonForm()
    queries.device(actor, device_id)
    if form.validate_on_submit():
        try:
            if act is DeviceAct.BLOCK:
                acts.block_device(actor, device_id, form.reason.data or "")
            else:
                acts.unblock_device(actor, device_id, form.reason.data or "")
        except DomainError as error:
            if error.status == 404:
                raise
            add_errors(form, error)
        else:
            flash(done, "success")
            return redirect(url_for("sync.device", device_id=device_id))
    return _page(device_id, form), 422


def _page(device_id: int, form: ReasonForm | None = None) -> str:
    actor = current_actor()
    row = queries.device(actor, device_id)
    return render_template(
        "sync/device.html",
        device=row,
        form=form or ReasonForm(formdata=None),
        states=DEVICE_STATES,
        tones=DEVICE_TONES,
        kept=len(stored.counters(row.id)),
        may_block=actor.may("devices.block") and (row.state, DeviceAct.BLOCK) in NEXT,
        may_unblock=actor.may("devices.unblock") and (row.state, DeviceAct.UNBLOCK) in NEXT,
        may_read=actor.may("records.read"),
        names=names_of([row.changed_by]),
    )
