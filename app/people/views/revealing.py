"""The page that shows one protected value in full, once, after a reason was given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template

from app.core.errors import DomainError
from app.core.forms import add_errors
from app.people.forms import ReasonForm


def reveal_page(show: Callable[[str], str], **words: Any) -> tuple[str, int]:
    """Ask for a reason, then ``show(reason)``: an operation that writes the look to the audit log and returns the value.

    ``words`` say whose and what: name, label, section, section_url, back.
    """
    form, shown = ReasonForm(), None
    if form.validate_on_submit():
        try:
            shown = show(form.reason.data or "")
        except DomainError as error:
            add_errors(form, error)
    return render_template("people/reveal.html", form=form, shown=shown, **words), 422 if form.errors else 200
