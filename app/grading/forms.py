"""Forms beside the thirty observations: who and when, review, decision, return, report."""

from __future__ import annotations

from collections.abc import Iterable

from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app.core.words import lazy_gettext as _l
from app.grading.labels import APPEAL_BY, GRADES, REASONS, RELATIONS, REPORTED_CAUSES

CHOOSE = _l("Please choose")


def _choices(pairs: Iterable[tuple[object, object]]) -> list[SelectChoice]:
    """Options of a list from value and label."""
    return [SelectChoice(value, label) for value, label in pairs]


def _number(value: object) -> int | None:
    """A row number from a select; the empty choice is None. Raises ``ValueError`` for what is no row number."""
    text = "" if value is None else str(value)
    if len(text) > 18:
        raise ValueError(text[:20])
    return int(text) if text else None


class HeadForm(FlaskForm):
    """Who assessed, who informed, why and when (MZ/T 039-2013 form A). All may be empty while it is a draft; the
    operation checks the choices, because a device may send only what changed.
    """

    first_assessor_id = SelectField(_l("First assessor"), coerce=_number, validate_choice=False)
    second_assessor_id = SelectField(_l("Second assessor"), coerce=_number, validate_choice=False)
    assessed_on = DateField(_l("Day of the assessment"), validators=[Optional()])
    reason_code = SelectField(_l("Reason for the assessment"), validate_choice=False)
    informant_name = StringField(_l("Who informed you?"), validators=[Optional(), Length(max=80)])
    informant_relation = SelectField(_l("Relation to the resident"), validate_choice=False)
    notes = TextAreaField(
        _l("Notes"),
        description=_l("Evidence, time taken, anything the next assessor should know."),
        validators=[Optional(), Length(max=4000)],
    )
    version = HiddenField()

    def offer(self, assessors: list[tuple[int, str]]) -> None:
        """Fill the lists."""
        for field in (self.first_assessor_id, self.second_assessor_id):
            field.choices = [SelectChoice("", CHOOSE), *_choices(assessors)]
        self.reason_code.choices = [SelectChoice("", CHOOSE), *_choices(REASONS.items())]
        self.informant_relation.choices = [SelectChoice("", CHOOSE), *_choices(RELATIONS.items())]


def _grade_field() -> RadioField:
    return RadioField(
        _l("Care grade"),
        coerce=int,
        choices=_choices(GRADES.items()),
        validators=[InputRequired(_l("Choose one of the three grades."))],
    )


class ReviewForm(FlaskForm):
    """The second review of tiers that do not agree."""

    grade = _grade_field()
    reason = TextAreaField(
        _l("Reason of the review"),
        description=_l("What the two scales say, what was looked at again with both assessors, and why this grade."),
        validators=[InputRequired(_l("Write down the reason.")), Length(min=2, max=2000)],
    )


class DecisionForm(FlaskForm):
    """The decision; whether the reason must be written is a rule of the operation."""

    grade = _grade_field()
    reason = TextAreaField(_l("Reason of the decision"), validators=[Optional(), Length(max=2000)])


class ReturnForm(FlaskForm):
    """Sending a sheet back."""

    reason = TextAreaField(
        _l("What must be assessed again?"),
        id="return-reason",
        validators=[InputRequired(_l("Write down the reason.")), Length(min=2, max=2000)],
    )


class PairForm(FlaskForm):
    """Two assessors who score one resident independently."""

    first_assessor_id = SelectField(_l("First assessor"), coerce=_number, validators=[InputRequired(_l("Choose one."))])
    second_assessor_id = SelectField(
        _l("Second assessor"), coerce=_number, validators=[InputRequired(_l("Choose one."))]
    )
    reason = TextAreaField(
        _l("Why are two scoring independently?"),
        validators=[InputRequired(_l("Write down the reason.")), Length(min=2, max=2000)],
    )

    def offer(self, assessors: list[tuple[int, str]]) -> None:
        """Fill the lists."""
        for field in (self.first_assessor_id, self.second_assessor_id):
            field.choices = [SelectChoice("", CHOOSE), *_choices(assessors)]


class AdjudicationForm(FlaskForm):
    """What differs between sheets; the entries themselves are added for each pair."""

    reason = TextAreaField(
        _l("Reason of the adjudication"),
        id="adjudication-reason",
        description=_l("What was looked at again, with whom, and why the result is right."),
        validators=[InputRequired(_l("Write down the reason.")), Length(min=2, max=2000)],
    )


def adjudication_form(
    choices: Iterable[tuple[str, str, list[tuple[str, str]]]], reasons: Iterable[tuple[str, str]]
) -> AdjudicationForm:
    """The form of one pair: ``choices`` are name, question and the answers given, ``reasons`` name and item."""
    fields: dict[str, object] = {}
    for name, label, options in choices:
        fields[name] = RadioField(
            label, choices=_choices(options), validators=[InputRequired(_l("Choose one of the versions."))]
        )
    for name, label in reasons:
        fields[name] = StringField(
            _l("Why, in “%(item)s”?", item=label),
            validators=[InputRequired(_l("Write down the reason.")), Length(min=2, max=2000)],
        )
    return type("AdjudicationFormOfPair", (AdjudicationForm,), fields)()


class ReportForm(FlaskForm):
    """A change that the assessors should look at."""

    cause = RadioField(
        _l("What happened?"), choices=_choices(REPORTED_CAUSES.items()), validators=[InputRequired(_l("Choose one."))]
    )
    note = TextAreaField(
        _l("What was seen?"), validators=[InputRequired(_l("Write down what changed.")), Length(min=2, max=2000)]
    )


class AppealForm(FlaskForm):
    """An objection to a care grade, entered for whoever objects."""

    by = RadioField(
        _l("Who objects?"), choices=_choices(APPEAL_BY.items()), validators=[InputRequired(_l("Choose one."))]
    )
    by_name = StringField(_l("Name"), validators=[InputRequired(_l("Name who objects.")), Length(max=80)])
    reason = TextAreaField(
        _l("What is wrong with the grade?"),
        validators=[InputRequired(_l("Write down what is wrong with the grade.")), Length(min=2, max=2000)],
    )


class WithdrawForm(FlaskForm):
    """Taking an appeal back."""

    reason = TextAreaField(
        _l("Why is the appeal withdrawn?"),
        validators=[InputRequired(_l("Write down the reason.")), Length(min=2, max=2000)],
    )


class InstrumentForm(FlaskForm):
    """Which instrument a fresh draft is written with."""

    instrument = SelectField(_l("Instrument"), validators=[InputRequired()])

    def offer(self, known: list[tuple[str, str]]) -> None:
        """The instruments to choose from: key and title."""
        self.instrument.choices = [SelectChoice(key, title) for key, title in known]


class EmptyForm(FlaskForm):
    """Only the token that proves the form is ours."""
