"""Forms of rooms, stays and belongings; what the entries mean is checked by the operations."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, StringField

from app.core.words import lazy_gettext as _l
from app.lodging.labels import KINDS, LEFT_FOR, STATES
from app.lodging.models import LeftFor
from app.lodging.rules import Kept
from app.people.forms import Choice
from app.places.forms import CHOOSE, Needed, options


class RoomForm(FlaskForm):
    """A room and how many beds it has."""

    name = StringField(_l("Name or number of the room"), validators=[Needed()])
    beds = StringField(_l("Beds"), validators=[Needed()])


class StayForm(FlaskForm):
    """A bed from a day on."""

    bed_id = Choice(_l("Bed"), validators=[Needed()])
    from_on = DateField(_l("From"), validators=[Needed()])


class EndStayForm(FlaskForm):
    """The end of a stay."""

    left_on = DateField(
        _l("Day of leaving"), validators=[Needed()], description=_l("On this day the bed can be given to another.")
    )
    left_for = RadioField(
        _l("Where to"),
        choices=options([(one, words) for one, words in LEFT_FOR.items() if one is not LeftFor.TRANSFER]),
        validators=[Needed()],
        validate_choice=False,
    )
    note = StringField(_l("Note"))


class BelongingForm(FlaskForm):
    """Something given into keeping."""

    kind = Choice(_l("Kind"), choices=options(KINDS.items(), CHOOSE), validators=[Needed()])
    what = StringField(
        _l("What it is"),
        validators=[Needed()],
        description=_l("As precisely as somebody else would know it again. No account numbers."),
    )
    quantity = StringField(_l("How many"), validators=[Needed()], default="1")
    value = StringField(_l("Value"), description=_l("Needed for money, otherwise only when known."))
    place = StringField(_l("Where it is kept"))
    paper = StringField(
        _l("Signed paper on keeping"),
        description=_l("Needed for money and bank books: number or day of the signed paper."),
    )
    received_on = DateField(_l("Received on"), validators=[Needed()])
    given_by = StringField(
        _l("Deposited by"), validators=[Needed()], description=_l("The resident, a relative, the village.")
    )
    witness = StringField(_l("Witness"), validators=[Needed()])


class ChangeBelongingForm(FlaskForm):
    """What became of a belonging."""

    state = RadioField(_l("What became of it"), validators=[Needed()], validate_choice=False)
    changed_on = DateField(_l("Day"), validators=[Needed()])
    changed_with = StringField(
        _l("Given to, or told to"),
        validators=[Needed()],
        description=_l("Who received it; for loss or damage, who was told."),
    )
    note = StringField(_l("How it happened"), description=_l("Needed for loss and damage."))

    def offer(self, states: tuple[Kept, ...]) -> None:
        """Only what can become of it."""
        self.state.choices = options([(one, STATES[one]) for one in states])
