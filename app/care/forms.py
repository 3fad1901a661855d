"""Forms of plans, visits and incidents; the checklist is a table of radio buttons read by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, RadioField, SelectField, StringField, TextAreaField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app.care.labels import (
    DENTURES,
    DRINKS,
    FOODS,
    INCIDENT_KINDS,
    SEVERITIES,
    SIGNED_AS,
    STEPS,
    SWALLOW,
    TEETH,
    WISHES,
)
from app.core.words import lazy_gettext as _l


def _options(labels: Mapping[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(value, words) for value, words in labels.items()]


def _known(labels: Mapping[str, Any]) -> list[SelectChoice]:
    return [SelectChoice("", _l("not known")), *_options(labels)]


POINTS = [SelectChoice("", _l("not asked")), *[SelectChoice(str(n), str(n)) for n in range(6)]]
SEEN = [SelectChoice("", _l("not looked at")), SelectChoice("1", _l("good")), SelectChoice("0", _l("not good"))]


class NewPlanForm(FlaskForm):
    """First day of a new plan."""

    valid_from = DateField(_l("First day of the plan"), validators=[InputRequired(_l("Give a date."))])


class PlanForm(FlaskForm):
    """First day and general notes of a draft; its lines are fields of their own."""

    valid_from = DateField(_l("First day of the plan"), validators=[InputRequired(_l("Give a date."))])
    notes = TextAreaField(_l("Notes for this person"), validators=[Optional(), Length(max=2000)])
    lives_in = RadioField(
        _l("Does the caregiver live with the person?"),
        choices=[SelectChoice("", _l("not known")), SelectChoice("1", _l("yes")), SelectChoice("0", _l("no"))],
        default="",
        validators=[Optional()],
    )
    helper = StringField(_l("Second helper at night (name and relation)"), validators=[Optional(), Length(max=80)])
    institution = StringField(
        _l("Support in an institution was offered: when, by whom, what was answered"),
        validators=[Optional(), Length(max=500)],
    )


class TextureForm(FlaskForm):
    """What a physician, nurse or rehabilitation therapist makes of the suggested texture."""

    food = SelectField(_l("Food"), choices=_options(FOODS), validators=[InputRequired(_l("Choose one."))])
    drink = SelectField(_l("Drinks"), choices=_options(DRINKS), validators=[InputRequired(_l("Choose one."))])
    reason = StringField(
        _l("Reason (needed when harder than suggested or without a test)"), validators=[Optional(), Length(max=500)]
    )


class SignForm(FlaskForm):
    """Who agreed to a plan."""

    name = StringField(_l("Signed by"), validators=[InputRequired(_l("Give the name.")), Length(max=80)])
    signed_as = RadioField(_l("Signed as"), choices=_options(SIGNED_AS), validators=[InputRequired(_l("Choose one."))])
    witness = StringField(_l("Witness (for a mark)"), validators=[Optional(), Length(max=80)])
    signed_on = DateField(_l("Date"), validators=[InputRequired(_l("Give a date."))])


class ProfileForm(FlaskForm):
    """Teeth and swallowing, orders of the doctor, and voluntary wishes; the fields of the wishes are ``WISHES``."""

    swallow = SelectField(_l("Water test (30 mL, seated)"), choices=_known(SWALLOW), validators=[Optional()])
    swallow_on = DateField(_l("Day of the water test"), validators=[Optional()])
    residue = BooleanField(_l("Food stays in the mouth or runs from its corner"))
    teeth = SelectField(_l("Teeth"), choices=_known(TEETH), validators=[Optional()])
    denture = SelectField(_l("Denture"), choices=_known(DENTURES), validators=[Optional()])
    orders = TextAreaField(_l("Orders of the doctor for food and care"), validators=[Optional(), Length(max=1000)])
    show_at_bedside = BooleanField(_l("The person agrees that these wishes are printed on the plan at the bedside"))


for _name, _words in WISHES.items():
    setattr(ProfileForm, _name, StringField(_words, validators=[Optional(), Length(max=200)]))


SAID = [SelectChoice("1", _l("Yes")), SelectChoice("0", _l("No")), SelectChoice("", _l("Does not want to say"))]


class VisitForm(FlaskForm):
    """A visit in a minute: every question may stay unanswered."""

    visited_on = DateField(_l("Date of the visit"), validators=[InputRequired(_l("Give a date."))])
    ate_together = BooleanField(_l("We ate together"))
    talked = BooleanField(_l("We talked for 15 minutes or more"))
    caregiver_present = BooleanField(_l("The caregiver was present"))
    clean = RadioField(_l("Clean person, bed and room"), choices=SEEN, default="", validators=[Optional()])
    skin = RadioField(_l("Skin without sores"), choices=SEEN, default="", validators=[Optional()])
    steady = RadioField(_l("Weight and appetite steady"), choices=SEEN, default="", validators=[Optional()])
    satisfaction = RadioField(
        _l("How content is the resident? (0 to 5)"), choices=POINTS, default="", validators=[Optional()]
    )
    neighbour_view = RadioField(
        _l("What do the neighbours or you think of the care? (0 to 5)"),
        choices=POINTS,
        default="",
        validators=[Optional()],
    )
    problem = BooleanField(_l("I saw a problem"))
    note = TextAreaField(_l("What you saw or heard"), validators=[Optional(), Length(max=2000)])


class VoiceForm(FlaskForm):
    """What the resident says without the caregiver: large, plain, readable aloud."""

    alone = BooleanField(_l("The caregiver is not in the room"))
    food = RadioField(
        _l("Do you get enough to eat, and food you like?"), choices=SAID, default="", validators=[Optional()]
    )
    clean = RadioField(
        _l("Are you, your bed and your room kept clean?"), choices=SAID, default="", validators=[Optional()]
    )
    kind = RadioField(_l("Are you spoken to kindly?"), choices=SAID, default="", validators=[Optional()])
    comes = RadioField(_l("Does somebody come when you need help?"), choices=SAID, default="", validators=[Optional()])
    stay = RadioField(
        _l("Do you want the same person to go on caring for you?"), choices=SAID, default="", validators=[Optional()]
    )
    words = TextAreaField(_l("In the resident's own words"), validators=[Optional(), Length(max=2000)])


class IncidentForm(FlaskForm):
    """Report of an incident."""

    kind = RadioField(
        _l("What happened"),
        choices=[SelectChoice(value, label) for value, label in INCIDENT_KINDS.items()],
        validators=[InputRequired(_l("Choose what happened."))],
    )
    happened_on = DateField(_l("Date"), validators=[InputRequired(_l("Give a date."))])
    time = TimeField(_l("Time, if it is known"), validators=[Optional()])
    severity = RadioField(
        _l("How severe"),
        choices=[SelectChoice(value, label) for value, label in SEVERITIES.items()],
        validators=[InputRequired(_l("Choose how severe it was."))],
    )
    note = TextAreaField(
        _l("Say what happened, what was done, who was told"),
        validators=[InputRequired(_l("Say what happened.")), Length(max=2000)],
    )


class StepForm(FlaskForm):
    """What was done about an incident."""

    step = SelectField(_l("What was done"), choices=_options(STEPS), validators=[InputRequired(_l("Choose one."))])
    text = TextAreaField(
        _l("In words: who, what, when"), validators=[InputRequired(_l("Say what was done.")), Length(max=1000)]
    )
    due_on = DateField(_l("To be looked at again on"), validators=[Optional()])


class JudgeForm(FlaskForm):
    """Whether an incident was avoidable."""

    avoidable = RadioField(
        _l("Was it avoidable?"),
        choices=[SelectChoice("1", _l("Avoidable")), SelectChoice("0", _l("Not avoidable"))],
        validators=[InputRequired(_l("Choose one."))],
    )
    reason = StringField(_l("Reason"), validators=[InputRequired(_l("Give the reason.")), Length(max=500)])


class HandoverForm(FlaskForm):
    """What the leaving shift adds in its own words."""

    note = TextAreaField(_l("What the next shift must know besides"), validators=[Optional(), Length(max=1000)])


class CardMonthForm(FlaskForm):
    """For which month household cards are made."""

    period = SelectField(_l("Month"), validators=[InputRequired(_l("Choose one."))])


class EndCardForm(FlaskForm):
    """A card was lost or copied."""

    reason = StringField(_l("Reason"), validators=[InputRequired(_l("Write down the reason.")), Length(min=2, max=300)])


class PatternForm(FlaskForm):
    """What a pattern in the records was."""

    outcome = RadioField(
        _l("What follows?"),
        choices=[
            SelectChoice("dismissed", _l("Nothing: there was a good reason")),
            SelectChoice("followed", _l("I follow it up: talk, visit, correction of records")),
        ],
        validators=[InputRequired(_l("Choose one."))],
    )
    reason = TextAreaField(
        _l("What you found out"), validators=[InputRequired(_l("Write down the reason.")), Length(min=2, max=1000)]
    )


class EmptyForm(FlaskForm):
    """Only the token that proves the form is ours."""
