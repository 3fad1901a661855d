"""Forms of the quarter."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import get_locale
from flask_wtf import FlaskForm
from flask_wtf.file import FileAllowed, FileField, FileRequired
from wtforms import DateField, DecimalField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.words import lazy_gettext as _l
from app.settlement.rules.scoring import Records, scorable_by_person


class EmptyForm(FlaskForm):
    """Only the token against forged requests."""


class ReasonForm(FlaskForm):
    """An act that needs its reason."""

    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=1000)])


class PayForm(FlaskForm):
    """The bank's advice."""

    paid_on = DateField(_l("Paid on"), validators=[InputRequired(_l("Give the day."))])
    reference = StringField(
        _l("Number of the bank's advice"),
        validators=[DataRequired(_l("Give the number of the bank's advice.")), Length(max=80)],
    )
    returned = SelectMultipleField(
        _l("Transfers that the bank returned (they stay unpaid)"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class AccountForm(FlaskForm):
    """The account of an institution; what the entries mean is checked by the operation."""

    bank_name = StringField(_l("Bank"), validators=[DataRequired(_l("Please name the bank of the account."))])
    account = StringField(
        _l("Account number"),
        validators=[DataRequired(_l("Please fill this in."))],
        description=_l("8 to 32 digits. What is on record is never shown here: a new number replaces it."),
    )
    again = StringField(
        _l("Account number, typed again"),
        validators=[DataRequired(_l("Please fill this in."))],
        description=_l("An organisation's account has no check digit: typing it twice keeps money from a stranger."),
    )


class BankAnswerForm(FlaskForm):
    """The bank's answer as a file."""

    file = FileField(
        _l("The bank's file"),
        validators=[FileRequired(_l("Choose a file.")), FileAllowed(["csv", "xlsx"], _l("Excel or CSV."))],
        description=_l("Excel or CSV in the county's layout: transfer number and outcome."),
    )
    paid_on = DateField(_l("Paid on"), validators=[InputRequired(_l("Give the day."))])


class ReturnedForm(FlaskForm):
    """A payment that the bank sent back after it was paid."""

    reference = SelectField(_l("Payment"), validators=[InputRequired(_l("Choose one."))])
    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=200)])


class DisputeForm(FlaskForm):
    """An objection in one's own words."""

    reason = TextAreaField(_l("What is wrong?"), validators=[DataRequired(_l("Say what is wrong.")), Length(max=2000)])


class AnswerForm(FlaskForm):
    """The answer to an objection."""

    upheld = RadioField(
        _l("Decision"),
        choices=[
            SelectChoice("yes", _l("The objection is right: the evaluation is scored again")),
            SelectChoice("no", _l("The evaluation stands")),
        ],
        validators=[InputRequired(_l("Choose one."))],
    )
    answer = TextAreaField(
        _l("Reasons"), validators=[DataRequired(_l("Give the reasons of the answer.")), Length(max=2000)]
    )


def language() -> str:
    """Which of a rule's two languages the page shows."""
    return "en" if str(get_locale()).startswith("en") else "zh"


def score_form(card: Mapping[str, Any], records: Records, given: Mapping[str, Any], **data: Any) -> FlaskForm:
    """A form with points and reason for each line that people score on this card, and the veto with its reason."""
    lines = [line for line in card["line"] if scorable_by_person(line, records)]
    fields: dict[str, Any] = {}
    for line in lines:
        maximum = int(line["max"])
        fields[f"points_{line['id']}"] = DecimalField(
            f"{line['id']} {line[language()]}",
            places=2,
            validators=[
                Optional(),
                NumberRange(0, maximum, _l("Points from 0 to %(maximum)s.", maximum=maximum)),
            ],
        )
        fields[f"reason_{line['id']}"] = StringField(
            _l("Reason and what it rests on (needed when points are taken off)"), validators=[Length(max=500)]
        )
    vetoes = [SelectChoice("", _l("No veto")), *[SelectChoice(v["id"], v[language()]) for v in card["veto"]]]
    fields["veto"] = SelectField(_l("Veto"), choices=vetoes, validators=[Optional()])
    fields["veto_reason"] = TextAreaField(_l("Reason of the veto"), validators=[Length(max=1000)])
    for line in lines:
        known = given.get(line["id"])
        if known:
            data.setdefault(f"points_{line['id']}", Decimal(known["points"]) / 100)
            data.setdefault(f"reason_{line['id']}", known.get("reason", ""))
    made: FlaskForm = type("ScoreForm", (FlaskForm,), fields)(data=data)
    return made


def given_points(form: FlaskForm) -> dict[str, dict[str, Any]]:
    """What the form says, as ``score_evaluation`` takes it: hundredths of a point and the reason."""
    found = {}
    for name, field in form._fields.items():
        if name.startswith("points_") and field.data is not None:
            line = name.removeprefix("points_")
            found[line] = {"points": int(field.data * 100), "reason": form[f"reason_{line}"].data or ""}
    return found
