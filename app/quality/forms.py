"""Forms of the standards room."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length


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
        choices=[("publish", _l("Publish from its date on")), ("reject", _l("Send back"))],
        validators=[InputRequired(_l("Choose one."))],
    )
    reason = StringField(_l("Reason"), validators=[InputRequired(_l("Give the reason.")), Length(min=2, max=1000)])
