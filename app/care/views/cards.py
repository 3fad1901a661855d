"""Pages of the household cards: a month's cards made and printed, one looked at and ended."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.care import documents, operations, queries
from app.care.forms import CardMonthForm, EndCardForm
from app.care.models import PresenceCard
from app.care.rules import Presence
from app.care.views import bp
from app.core import clock
from app.core.access import current_actor, requires
from app.core.errors import DomainError, NotFound
from app.core.forms import add_errors, pager, text_arg
from app.core.paging import paginate
from app.grading.queries import names_of
from app.people import queries as people
from app.people.models import Resident


def _months() -> list[str]:
    today = clock.today()
    return [today.strftime("%Y-%m"), (today.replace(day=1) + dt.timedelta(days=32)).strftime("%Y-%m")]


def month_words(period: str) -> str:
    """A month as people say it."""
    return gettext("%(month)s/%(year)s", year=int(period[:4]), month=int(period[5:]))


def _period() -> str:
    given = request.args.get("period", "")
    return given if given in _months() else _months()[0]


@bp.route("/household-cards", methods=["GET", "POST"])
@requires("cards.print")
def cards() -> Response | str | tuple[str, int]:
    """Cards of this month or the next; making what is missing."""
    actor, form = current_actor(), CardMonthForm()
    form.period.choices = [(month, month_words(month)) for month in _months()]
    if request.method == "POST":
        if form.validate():
            try:
                made = operations.make_cards(actor, form.period.data)
            except DomainError as error:
                add_errors(form, error)
            else:
                flash(gettext("%(count)s cards were made. Print them now.", count=made), "success")
                return redirect(url_for("care.cards", period=form.period.data))
    elif not form.errors:
        form.period.data = _period()
    period = _period()
    query = queries.visible_cards(actor).where(PresenceCard.period == period)
    if q := text_arg("q"):
        query = query.where(PresenceCard.resident_id.in_(people.found(actor, q=q).with_only_columns(Resident.id)))
    page = paginate(query, [PresenceCard.id], request.args.get("cursor"))
    return render_template(
        "care/cards.html",
        form=form,
        period=period,
        months=[(month, month_words(month)) for month in _months()],
        page=page,
        pager=pager(page),
    ), (422 if form.errors else 200)


@bp.get("/household-cards/cards.pdf")
@requires("cards.print")
def cards_pdf() -> Response:
    """The cards of a month that hold, four on a page."""
    actor, period = current_actor(), _period()
    rows = queries.cards_to_print(actor, period)
    if not rows:
        raise NotFound
    data, name = documents.cards_pdf(actor, period, rows)
    return send_file(data, mimetype="application/pdf", download_name=name)


@bp.route("/household-cards/<id:card_id>", methods=["GET", "POST"])
@requires("cards.print")
def card(card_id: int) -> Response | str | tuple[str, int]:
    """One card: how often it was seen in its month, and ending it."""
    actor, form = current_actor(), EndCardForm()
    row = queries.card(actor, card_id)
    if request.method == "POST" and form.validate():
        try:
            operations.end_card(actor, row.id, form.reason.data or "")
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The card has ended. Make and print a new one."), "success")
            return redirect(url_for("care.card", card_id=row.id))
    first = dt.date(int(row.period[:4]), int(row.period[5:]), 1)
    last = (first + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
    context: dict[str, Any] = {
        "card": row,
        "form": form,
        "month": month_words(row.period),
        "seen": queries.presence_counts(row.resident_id, first, last),
        "kinds": Presence,
        "names": names_of([row.printed_by, row.ended_by]),
    }
    return render_template("care/card.html", **context), (422 if form.errors else 200)
