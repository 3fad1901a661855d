"""Forms of training, certificates and exceptions; what the entries mean is checked by the operations."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, StringField
from wtforms.validators import Optional

from app.core.words import lazy_gettext as _l
from app.people.forms import Choice
from app.people.labels import TIER_LABELS
from app.places.forms import CHOOSE, Needed, options
from app.workforce.labels import CREDENTIAL_KINDS


class SessionForm(FlaskForm):
    """A session of a course."""

    course = Choice(_l("Course"), validators=[Needed()])
    held_on = DateField(
        _l("Held on"), validators=[Needed()], description=_l("The last day, on which the test is taken.")
    )
    parts = StringField(_l("Parts"), validators=[Needed()], description=_l("Half-days; attendance is counted in them."))
    place = StringField(_l("Place"), validators=[Needed()])
    teacher = StringField(_l("Teacher"), validators=[Needed()])


class CredentialForm(FlaskForm):
    """A certificate or health check from elsewhere."""

    kind = Choice(_l("What"), choices=options(CREDENTIAL_KINDS.items(), CHOOSE), validators=[Needed()])
    tier = Choice(
        _l("Training passed"),
        choices=options(TIER_LABELS.items(), CHOOSE),
        description=_l("For tiered training only; entered by the township or the county."),
    )
    fit = RadioField(
        _l("Result of the health check"),
        choices=options([("1", _l("Fit to care")), ("0", _l("Not fit to care"))]),
        validators=[Optional()],
        validate_choice=False,
        description=_l("For health checks only. Illnesses are not written down here."),
    )
    number = StringField(_l("Number of the certificate"), description=_l("May stay empty for a health check."))
    issuer = StringField(_l("Issued by"), validators=[Needed()])
    issued_on = DateField(_l("Day of the certificate or check"), validators=[Needed()])
    valid_to = DateField(
        _l("Valid to"),
        validators=[Optional()],
        description=_l("Leave empty for the usual time: two years for training, one year for a health check."),
    )


class OverrideForm(FlaskForm):
    """An exception from the training a grade asks for."""

    resident_id = Choice(_l("For which resident"), validators=[Needed()])
    from_on = DateField(_l("First day"), validators=[Needed()])
    until_on = DateField(_l("Last day"), validators=[Needed()])
    reason = StringField(
        _l("Reason"),
        validators=[Needed()],
        description=_l("Why nobody with the training can care, and by when the training follows."),
    )
