"""Forms of training, certificates and exceptions; what the entries mean is checked by the operations."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, StringField
from wtforms.validators import Optional

from app.care.rules import Hours
from app.core.words import lazy_gettext as _l
from app.people.forms import Choice
from app.people.labels import TIER_LABELS
from app.places.forms import CHOOSE, Needed, options
from app.workforce.labels import CREDENTIAL_KINDS

CLOCK = [(str(hour), f"{hour:02d}:00") for hour in range(24)]


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


def _hour(text: str) -> int:
    return int(text) if len(text) < 3 and text.isascii() and text.isdigit() else -1


class HoursForm(FlaskForm):
    """When the shifts of a house begin from a day on."""

    follows = RadioField(
        _l("Which hours"),
        choices=options([("own", _l("Hours of this house")), ("county", _l("The county's hours"))]),
        default="own",
        validate_choice=False,
    )
    early = Choice(_l("Early shift begins"), choices=options(CLOCK, CHOOSE))
    late = Choice(
        _l("Late shift begins"),
        choices=options(CLOCK, _l("There is no late shift")),
        description=_l("Each shift lasts until the next one begins, the night shift until the next morning."),
    )
    night = Choice(_l("Night shift begins"), choices=options(CLOCK, CHOOSE))
    in_force_from = DateField(
        _l("From which day on"),
        validators=[Needed()],
        description=_l("Tomorrow at the earliest. What was recorded before keeps the hours it had."),
    )
    reason = StringField(_l("Reason"), validators=[Needed()])

    def begins(self) -> list[tuple[int, str]]:
        """The hours given; none where the county's are to hold. What is no hour stays for the operation to refuse."""
        if self.follows.data == "county":
            return []
        given = [(self.early.data, "early"), (self.late.data, "late"), (self.night.data, "night")]
        return [(_hour(hour), shift) for hour, shift in given if hour]

    def start_from(self, hours: Hours) -> None:
        """Fill in the hours that hold now."""
        for hour, shift in hours.begins:
            getattr(self, shift).data = str(hour)
