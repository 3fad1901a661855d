"""The page on which a shift hands over to the next."""

from __future__ import annotations

import datetime as dt

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.care import documents, operations, queries, rules
from app.care.forms import HandoverForm
from app.care.labels import ENTRIES, ENTRY_TONES, INCIDENT_KINDS, ITEM_SHORT, REASONS, SHIFTS
from app.care.views import bp
from app.core import clock
from app.core.access import current_actor, requires
from app.core.errors import DomainError, NotFound
from app.core.forms import add_errors
from app.core.shown import instant, time_of_day
from app.grading.queries import names_of
from app.people.labels import ABSENCE_LABELS

SHIFT = '<day:day>/<any("early","late","night"):shift>'
"""A shift by the day it begins and its word."""


@bp.route(f"/handovers/{SHIFT}", methods=["GET", "POST"])
@requires("handovers.sign")
def handover(day: dt.date, shift: str) -> Response | str | tuple[str, int]:
    """What a shift leaves behind: sign it when leaving."""
    actor = current_actor()
    now = queries.shift_of(actor, day, shift) if queries.handover(actor, day, shift) is None else None
    if now is not None and now.begins > clock.now():
        raise NotFound
    shown = queries.handover_shown(actor, day, shift)
    form = HandoverForm()
    if request.method == "POST" and form.validate():
        try:
            operations.give_handover(actor, day, shift, form.note.data or "")
        except DomainError as error:
            if error.status == 404:
                raise
            add_errors(form, error)
        else:
            flash(gettext("Signed. The next shift signs that it was read."), "success")
            return redirect(url_for("care.handover", day=day, shift=shift))
    row = shown.row
    return render_template(
        "care/handover.html",
        day=day,
        days={one.isoformat(): one for one in (day, day + dt.timedelta(days=1))},
        shift=shift,
        shifts=SHIFTS,
        words=_kept_words(shown.facts["shift"]),
        before=queries.shift_before(actor, now) if now is not None else None,
        shown=shown,
        form=form,
        may_give=now is not None and queries.may_hand_over(now),
        may_receive=row is not None and row.received_at is None and row.given_by_person != actor.person_key,
        names=names_of([row.given_by, row.received_by] if row else []),
        short=ITEM_SHORT,
        entry_words=ENTRIES,
        entry_tones=ENTRY_TONES,
        reasons=REASONS,
        away=ABSENCE_LABELS,
        kinds=INCIDENT_KINDS,
        recent=queries.handovers(actor, clock.today() - dt.timedelta(days=7)),
    ), (422 if request.method == "POST" else 200)


def words_of(shift: rules.Shift) -> str:
    """Which shift it is, from when to when."""
    return _words(shift.id, shift.begins, shift.ends)


def _kept_words(shift: dict[str, str]) -> str:
    """The same of a shift as a handover keeps it."""
    return _words(shift["id"], *(dt.datetime.fromisoformat(shift[name]) for name in ("begins", "ends")))


def _words(shift: str, begins: dt.datetime, ends: dt.datetime) -> str:
    until = time_of_day(ends) if ends.date() == begins.date() else instant(ends)
    return gettext("%(shift)s from %(begins)s to %(ends)s", shift=SHIFTS[shift], begins=instant(begins), ends=until)


@bp.post(f"/handovers/{SHIFT}/receive")
@requires("handovers.sign")
def receive_handover(day: dt.date, shift: str) -> Response:
    """Sign as the next shift."""
    try:
        operations.receive_handover(current_actor(), day, shift)
    except DomainError as error:
        if error.status == 404:
            raise
        flash(error.message, "danger")
    else:
        flash(gettext("The handover is received."), "success")
    return redirect(url_for("care.handover", day=day, shift=shift))


@bp.get(f"/handovers/{SHIFT}/summary.pdf")
@requires("handovers.sign")
def handover_pdf(day: dt.date, shift: str) -> Response:
    """The handover on paper."""
    actor = current_actor()
    shown = queries.handover_shown(actor, day, shift)
    data, name = documents.handover_pdf(actor, day, shift, shown)
    return send_file(data, mimetype="application/pdf", download_name=name)
