"""Forms of people's records; what the entries mean is checked by the operations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.words import lazy_gettext as _l
from app.people import labels
from app.people.models import AbsenceKind
from app.people.rules import ETHNICITIES
from app.places.forms import CHOOSE, NEEDED, Needed, options

F = labels.FIELDS


class CheckboxesField(SelectMultipleField):
    """Several of a few options, as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Choice(SelectField):
    """One of many; whether it is allowed is for the operation to say."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("validate_choice", False)
        super().__init__(label, **kwargs)


def _day(name: str, *, needed: bool = False, **kwargs: Any) -> DateField:
    return DateField(F[name], validators=[Needed() if needed else Optional()], **kwargs)


class ResidentForm(FlaskForm):
    """A resident's record: form A of MZ/T 039-2013, form of support, guardian."""

    version = HiddenField()
    name = StringField(F["name"], validators=[Needed()])
    id_number = StringField(
        F["id_number"],
        description=_l(
            "18 characters; checked against date of birth and sex, which may stay empty when the number is given. "
            "Invented people begin with 999999."
        ),
    )
    sex = RadioField(F["sex"], choices=options(labels.SEX_LABELS.items()), validators=[Needed()], validate_choice=False)
    born_on = _day("born_on", needed=True)
    ethnicity = Choice(F["ethnicity"], choices=options(ETHNICITIES.items()), default="01", validators=[Needed()])
    area_code = Choice(F["area_code"], validators=[Needed()])
    address = StringField(F["address"])
    phone = StringField(F["phone"])
    setting = RadioField(
        F["setting"], choices=options(labels.SETTING_LABELS.items()), validators=[Needed()], validate_choice=False
    )
    institution_id = Choice(F["institution_id"], description=_l("Needed for care in an institution."))
    supported_from = _day("supported_from", needed=True, description=_l("First day of support by the decision."))
    guardian_name = StringField(F["guardian_name"])
    guardian_relation = Choice(F["guardian_relation"], choices=options(labels.RELATION.items(), CHOOSE))
    guardian_phone = StringField(F["guardian_phone"])
    education = Choice(F["education"], choices=options(labels.EDUCATION.items(), CHOOSE))
    marital = Choice(F["marital"], choices=options(labels.MARITAL.items(), CHOOSE))
    living = Choice(F["living"], choices=options(labels.LIVING.items(), CHOOSE))
    medical_payment = CheckboxesField(F["medical_payment"], choices=options(labels.MEDICAL_PAYMENT.items()))
    income_sources = CheckboxesField(F["income_sources"], choices=options(labels.INCOME_SOURCES.items()))
    religion = StringField(F["religion"], description=_l("Leave empty for none."))
    health_notes = TextAreaField(
        F["health_notes"], description=_l("Chronic illness, allergies, medicines: what whoever cares must know.")
    )


class ReasonForm(FlaskForm):
    """Why somebody does what needs a reason."""

    reason = StringField(_l("Reason"), validators=[DataRequired(NEEDED), Length(max=200)])


class EndForm(FlaskForm):
    """End of support."""

    version = HiddenField()
    how = RadioField(
        _l("What happened"),
        choices=options([("deceased", _l("The person died")), ("ended", _l("Support ends for another reason"))]),
        validators=[DataRequired(NEEDED)],
    )
    ended_on = DateField(
        _l("Last day of support"),
        validators=[InputRequired(NEEDED)],
        description=_l("The day of death, or the last day the person is supported."),
    )
    reason = StringField(
        _l("Reason"),
        validators=[DataRequired(NEEDED), Length(max=200)],
        description=_l("For example: death certificate of 1 March; income above the limit; left by own wish."),
    )


class AbsenceForm(FlaskForm):
    """Days away from the place of care."""

    kind = RadioField(_l("Why away"), choices=options(labels.ABSENCE_LABELS.items()), default=AbsenceKind.HOSPITAL)
    from_on = DateField(F["from_on"], validators=[InputRequired(NEEDED)])
    to_on = DateField(F["to_on"], validators=[Optional()], description=_l("Leave empty while it lasts."))


class CloseAbsenceForm(FlaskForm):
    """The last day of an open absence."""

    to_on = DateField(_l("Last day away"), validators=[InputRequired(NEEDED)])


class CaregiverForm(FlaskForm):
    """A caregiver's record."""

    version = HiddenField()
    name = StringField(F["name"], validators=[Needed()])
    id_number = StringField(F["id_number"], description=_l("18 characters; checked against date of birth and sex."))
    sex = RadioField(F["sex"], choices=options(labels.SEX_LABELS.items()), validators=[Needed()], validate_choice=False)
    born_on = _day("born_on", needed=True)
    phone = StringField(F["phone"])
    area_code = Choice(_l("Village or township"), validators=[Needed()])
    institution_id = Choice(F["institution_id"], description=_l("Only for people employed by an institution."))
    bank_name = StringField(F["bank_name"])
    bank_account = StringField(F["bank_account"], description=_l("16 to 19 digits; the last one is checked."))
    user_id = Choice(F["user_id"], description=_l("Accounts are made by the administrator."))
    active = BooleanField(_l("Works as a caregiver"), default=True)


class AssessorForm(FlaskForm):
    """An assessor's record."""

    name = StringField(F["name"], validators=[Needed()])
    organisation_id = Choice(F["organisation_id"], validators=[Needed()])
    qualification = Choice(
        F["qualification"], choices=options(labels.QUALIFICATIONS.items(), CHOOSE), validators=[Needed()]
    )
    certificate_number = StringField(F["certificate_number"], validators=[Needed()])
    certificate_valid_to = _day("certificate_valid_to", needed=True)
    user_id = Choice(F["user_id"], description=_l("Accounts are made by the administrator."))
    active = BooleanField(_l("Works as an assessor"), default=True)


class ImportForm(FlaskForm):
    """A table of residents."""

    file = FileField(_l("Table"), validators=[FileRequired(_l("Please choose a file."))])


def entered(form: FlaskForm, without: Iterable[str] = ()) -> dict[str, Any]:
    """What was typed, by field."""
    left_out = {"csrf_token", *without}
    return {f.name: f.data for f in form if f.name not in left_out}
