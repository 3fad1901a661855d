"""Forms of drafting, signing and changing contracts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
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


class DayForm(FlaskForm):
    """An act on a day."""

    on = DateField(_l("First day of care again"), validators=[InputRequired(_l("Give a date."))])
