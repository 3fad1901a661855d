"""Forms of drafting, signing and changing contracts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional


class DraftForm(FlaskForm):
    """Who cares for the resident, and for how long."""

    caregiver_id = SelectField(_l("Caregiver"), coerce=int, validators=[InputRequired(_l("Choose a caregiver."))])
    valid_from = DateField(_l("First day"), validators=[InputRequired(_l("Give a date."))])
    valid_to = DateField(_l("Last day (empty: one year)"), validators=[Optional()])


class SignForm(FlaskForm):
    """One signature: who, how, and the handwriting."""

    signer_name = StringField(
        _l("Name of the person who signs"),
        validators=[InputRequired(_l("Give the name of the person who signs.")), Length(max=80)],
    )
    means = RadioField(_l("How is it signed?"), validators=[InputRequired(_l("Choose one."))])
    witness_name = StringField(
        _l("Name of the witness (for a fingerprint or a mark)"), validators=[Optional(), Length(max=80)]
    )
    strokes = HiddenField(_l("Signature"))


class ReasonForm(FlaskForm):
    """An act that needs nothing but a reason."""

    reason = TextAreaField(_l("Reason"), validators=[InputRequired(_l("Give the reason.")), Length(min=2, max=500)])


class DatedReasonForm(ReasonForm):
    """An act from a day on, with a reason."""

    on = DateField(_l("Day"), validators=[InputRequired(_l("Give a date."))])


class EndForm(DatedReasonForm):
    """The last day of care, why, and in words."""

    cause = RadioField(_l("Why does it end?"), validators=[InputRequired(_l("Choose one."))])


class AmendForm(DatedReasonForm):
    """From which day, with whom, and why."""

    caregiver_id = SelectField(_l("Caregiver"), coerce=int, validators=[InputRequired(_l("Choose a caregiver."))])


class RenewForm(FlaskForm):
    """Nothing to type: a button."""


class AnswerForm(FlaskForm):
    """What was done about a breach."""

    answer = TextAreaField(_l("What was done"), validators=[InputRequired(_l("Say what was done.")), Length(max=500)])


class ObservationForm(FlaskForm):
    """What somebody saw of one clause."""

    clause = SelectField(_l("Clause"), validators=[InputRequired(_l("Choose a clause of this contract."))])
    observed_on = DateField(_l("Seen on"), validators=[InputRequired(_l("Give a date."))])
    kept = RadioField(
        _l("What was seen?"),
        choices=[SelectChoice("kept", _l("The duty was kept")), SelectChoice("broken", _l("The duty was broken"))],
        validators=[InputRequired(_l("Choose one."))],
    )
    note = TextAreaField(_l("In words"), validators=[InputRequired(_l("Say in words what was seen.")), Length(max=500)])


class DayForm(FlaskForm):
    """An act on a day."""

    on = DateField(_l("First day of care again"), validators=[InputRequired(_l("Give a date."))])
