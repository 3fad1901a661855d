"""Forms of drafting, signing and changing contracts."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app.core.words import lazy_gettext as _l


class DraftForm(FlaskForm):
    """Who cares for the resident, and for how long."""

    caregiver_id = SelectField(_l("Caregiver"), coerce=int, validators=[InputRequired(_l("Choose a caregiver."))])
    valid_from = DateField(_l("First day"), validators=[InputRequired(_l("Give a date."))])
    valid_to = DateField(_l("Last day (empty: one year)"), validators=[Optional()])


NAME = Length(max=80)


class SignerForm(FlaskForm):
    """Who signs, in which way, how it was made sure who that is, and who signs beside."""

    signer_name = StringField(
        _l("Name of the person who signs"),
        validators=[InputRequired(_l("Give the name of the person who signs.")), NAME],
    )
    means = RadioField(_l("How is it signed?"), validators=[InputRequired(_l("Choose one."))])
    identity = RadioField(_l("How did you make sure who signs?"), validators=[Optional()], validate_choice=False)
    identity_note = StringField(_l("Note on that, if needed"), validators=[Optional(), Length(max=120)])
    witness_name = StringField(_l("Name of the witness (for a fingerprint or a mark)"), validators=[Optional(), NAME])
    second_witness_name = StringField(_l("Name of a second witness (for a mark)"), validators=[Optional(), NAME])
    others = RadioField(
        _l("Does somebody else sign beside this party?"), validators=[Optional()], validate_choice=False
    )
    other_name = StringField(_l("Name of who signs beside"), validators=[Optional(), NAME])


class SignForm(SignerForm):
    """One signature on the glass, with the handwriting."""

    picture = FileField(_l("Picture of the fingerprint (JPEG or PNG)"))
    strokes = HiddenField(_l("Signature"))
    other_strokes = HiddenField(_l("Signature of who signs beside"))


class PaperForm(SignerForm):
    """A paper that was signed by hand: what stands on it, and its scan."""

    signed_on = DateField(_l("Date on the paper"), validators=[InputRequired(_l("Give a date."))])
    file = FileField(
        _l("Scan of the signed paper"),
        description=_l("PDF, JPEG or PNG, at most 5 MB. All pages that carry signatures, with the fingerprint line."),
        validators=[FileRequired(_l("Choose a file."))],
    )


class CheckPaperForm(FlaskForm):
    """What the second person found."""

    agrees = RadioField(
        _l("Does the scan show this contract, signed by the person named?"),
        choices=[SelectChoice("yes", _l("Yes, it matches")), SelectChoice("no", _l("No, send it back"))],
        validators=[InputRequired(_l("Choose one."))],
    )
    reason = TextAreaField(_l("If not: why"), validators=[Optional(), Length(max=200)])


class SealPictureForm(FlaskForm):
    """The picture of an official seal."""

    file = FileField(
        _l("Picture of the official seal"),
        description=_l("PNG with a transparent ground is best; JPEG is taken too. At most 5 MB."),
        validators=[FileRequired(_l("Choose a file."))],
    )


class SubstituteForm(FlaskForm):
    """Who cares in between, and from which day."""

    from_on = DateField(_l("From which day"), validators=[InputRequired(_l("Give a date."))])
    to_on = DateField(
        _l("Last day as planned"),
        description=_l("It ends earlier by itself when the next contract is in force."),
        validators=[Optional()],
    )
    caregiver_id = SelectField(_l("A caregiver on record"), coerce=int, validators=[Optional()])
    name = StringField(
        _l("Or somebody else, by name (the institution, a neighbour)"), validators=[Optional(), Length(max=120)]
    )


class ReasonForm(FlaskForm):
    """An act that needs nothing but a reason."""

    reason = TextAreaField(_l("Reason"), validators=[InputRequired(_l("Give the reason.")), Length(min=2, max=500)])


class TakeBackForm(FlaskForm):
    """Why a signature is taken back, and in words."""

    why = RadioField(_l("What is wrong with the signature?"), validators=[InputRequired(_l("Choose one."))])
    reason = TextAreaField(
        _l("In words, for the party that has to sign anew"),
        validators=[InputRequired(_l("Give the reason.")), Length(min=2, max=200)],
    )


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
