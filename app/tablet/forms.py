"""Forms of officers: block a device, settle a record, hand a courier's file in."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app.core.words import lazy_gettext as _l


class ReasonForm(FlaskForm):
    """Blocking a device, or taking the block back."""

    reason = TextAreaField(
        _l("Reason"), validators=[InputRequired(_l("Write down the reason.")), Length(min=2, max=2000)]
    )


class SettleForm(FlaskForm):
    """A record that was passed on."""

    count = RadioField(
        _l("What becomes of this record?"),
        choices=[
            SelectChoice("yes", _l("It counts as its author's work")),
            SelectChoice("no", _l("It does not count")),
        ],
        validators=[InputRequired(_l("Choose one."))],
    )
    reason = TextAreaField(
        _l("Reason"), validators=[InputRequired(_l("Write down the reason.")), Length(min=2, max=2000)]
    )


class CourierForm(FlaskForm):
    """A file, or the codes of one sheet as a scanner types them."""

    file = FileField(_l("Courier file"), description=_l("The file ends in .yiheng and holds many records."))
    codes = TextAreaField(
        _l("Or scan the codes of one sheet"),
        description=_l("One code a line, in any order; a code scanned twice does no harm."),
        validators=[Optional(), Length(max=400_000)],
    )
