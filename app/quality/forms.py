"""Forms of the standards room."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from app.core.money import NotMoney, parse_yuan

LARGEST = 10_000_000
"""Fen a month that a pay table may name at most."""


class RuleForm(FlaskForm):
    """A rule as TOML text."""

    body = TextAreaField(
        _l("Text of the rule (TOML)"),
        validators=[InputRequired(_l("Write the rule.")), Length(max=200_000)],
        render_kw={"rows": 30, "spellcheck": "false", "class": "code"},
    )


class DecisionForm(FlaskForm):
    """Publish a draft or send it back."""

    decision = RadioField(
        _l("Decision"),
        choices=[
            SelectChoice("publish", _l("Publish from its date on")),
            SelectChoice("reject", _l("Send back")),
        ],
        validators=[InputRequired(_l("Choose one."))],
    )
    reason = StringField(_l("Reason"), validators=[InputRequired(_l("Give the reason.")), Length(min=2, max=1000)])


class YuanField(StringField):
    """An amount in yuan as people write it; ``fen`` is what it means, None when empty."""

    @property
    def fen(self) -> int | None:
        """Whole fen. Raises ``NotMoney``."""
        return parse_yuan(self.data) if (self.data or "").strip() else None

    def pre_validate(self, _form: object) -> None:
        """Refuse what is no amount, negative, or beyond the largest."""
        try:
            fen = self.fen
        except NotMoney as error:
            raise ValidationError(_l("Write an amount in yuan, such as 517 or 517.50.")) from error
        if fen is not None and not 0 <= fen <= LARGEST:
            raise ValidationError(_l("Write an amount from 0 to 100,000 yuan."))


class PayTableForm(FlaskForm):
    """The county's pay table in plain fields."""

    title = StringField(_l("Title"), validators=[DataRequired(_l("Give a title.")), Length(max=200)])
    in_force_from = DateField(_l("In force from"), validators=[InputRequired(_l("Give a date."))])
    full_care = YuanField(_l("Full care"), validators=[DataRequired(_l("Give the amount."))])
    half_care = YuanField(_l("Half care"), validators=[DataRequired(_l("Give the amount."))])
    self_care = YuanField(_l("Self-caring (empty: nothing is paid)"), validators=[Optional()])
    source = TextAreaField(
        _l("Source"), validators=[DataRequired(_l("Say which document sets these figures.")), Length(max=1000)]
    )
    status = RadioField(
        _l("Standing"),
        choices=[
            SelectChoice("local", _l("set by this county")),
            SelectChoice("example", _l("example, for trying only")),
        ],
        default="local",
        validators=[InputRequired(_l("Choose one."))],
    )
