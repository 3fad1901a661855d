"""Forms of measurements; what the entries mean is checked by the operations."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, StringField

from app.core.words import lazy_gettext as _l
from app.people.forms import Choice
from app.places.forms import Needed, options
from app.trends.labels import SKIN


class MeasurementForm(FlaskForm):
    """Weight and skin of a day."""

    taken_on = DateField(_l("Day"), validators=[Needed()])
    weight = StringField(_l("Weight"), description=_l("Kilograms, such as 52 or 52.5."))
    skin = Choice(
        _l("Skin at the worst place"),
        choices=options(SKIN.items(), _l("not looked at")),
        description=_l("Sacrum, heels, hips, elbows, shoulder blades."),
    )
