"""Forms of the standards room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from app.core import clock
from app.core.money import NotMoney, parse_yuan
from app.core.periods import first_of_next_month
from app.core.words import lazy_gettext as _l
from app.grading.labels import wording
from app.quality.labels import CHOICES, SCALES
from assessments.differing import joined, mix_parts
from assessments.model import LEVEL_CODES, Band, Instrument
from assessments.revision import Scale, band_name, mix_name, scales, unclear

STANDING = [
    SelectChoice("local", _l("set by this county")),
    SelectChoice("example", _l("example, for trying only")),
]

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
        _l("Standing"), choices=STANDING, default="local", validators=[InputRequired(_l("Choose one."))]
    )


class InstrumentForm(FlaskForm):
    """The head of the instrument's next version; ``instrument_form`` adds a field for every value a county may set."""

    title_zh = StringField(_l("Title in Chinese"), validators=[DataRequired(_l("Give a title.")), Length(max=200)])
    title_en = StringField(_l("Title in English"), validators=[DataRequired(_l("Give a title.")), Length(max=200)])
    in_force_from = DateField(_l("In force from"), validators=[InputRequired(_l("Give a date."))])
    source = TextAreaField(
        _l("Source"), validators=[DataRequired(_l("Say which document sets these figures.")), Length(max=1000)]
    )
    status = RadioField(
        _l("Standing"), choices=STANDING, default="local", validators=[InputRequired(_l("Choose one."))]
    )
    places: tuple[str, ...] = ()
    bands: tuple[tuple[Scale, tuple[Band, ...]], ...] = ()

    def validate_in_force_from(self, field: DateField) -> None:
        """A first of a month that is still to come."""
        if field.data.day != 1:
            raise ValidationError(gettext("A version of the instrument begins on the first day of a month."))
        if field.data <= clock.today():
            raise ValidationError(gettext("Choose a first of a month that is still to come."))

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Beside each field also the bands against each other. What lies between two bands is left to the proof, which
        knows the values that can occur.
        """
        valid = super().validate(extra_validators)
        for scale, bands in self.bands:
            found = [self._band(scale, band, bands) for band in bands]  # each says what is wrong with itself
            valid = valid and all(found)
        return valid

    def _span(self, scale: Scale, band: Band) -> tuple[IntegerField, IntegerField]:
        place = f"cut_offs.{scale.name}.{band_name(scale.name, band.value)}"
        return self[f"{place}.from"], self[f"{place}.to"]

    def _band(self, scale: Scale, band: Band, bands: Iterable[Band]) -> bool:
        low, high = self._span(scale, band)
        if low.errors or high.errors:
            return False
        if low.data > high.data:
            high.errors = [
                *high.errors,
                gettext("The last value is smaller than the first, %(first)s.", first=low.data),
            ]
            return False
        for other in bands:
            first, last = self._span(scale, other)
            if other.value >= band.value or first.errors or last.errors:
                continue
            if low.data <= last.data and first.data <= high.data:
                words = gettext("The values overlap with those of “%(band)s”.", band=wording(other.title))
                low.errors = [*low.errors, words]
                return False
        return True

    @property
    def values(self) -> dict[str, str]:
        """Every value by its place in the text of a revision."""
        return {place: str(self[place].data) for place in self.places}


def instrument_form(base: Instrument, values: Mapping[str, str]) -> InstrumentForm:
    """A form with a field for every value of a revision of ``base``, filled with ``values`` until somebody posts."""

    class Whole(InstrumentForm):
        """The form of this one instrument."""

    Whole.places = tuple(values)
    Whole.bands = tuple((scale, tuple(sorted(scale.bands, key=lambda b: b.value))) for scale in scales(base))
    for place, field in _fields(base, values).items():
        setattr(Whole, place, field)
    begins = first_of_next_month(clock.today())
    return Whole(title_zh=base.title["zh"], title_en=base.title["en"], in_force_from=begins)


def _fields(base: Instrument, values: Mapping[str, str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for scale in scales(base):
        for band in scale.bands:
            place = f"cut_offs.{scale.name}.{band_name(scale.name, band.value)}"
            what = gettext("%(what)s: %(part)s", what=scale_title(scale), part=wording(band.title))
            for end, label in (
                ("from", gettext("%(what)s, from", what=what)),
                ("to", gettext("%(what)s, to", what=what)),
            ):
                found[f"{place}.{end}"] = _number(label, scale.largest, int(values[f"{place}.{end}"]))
    for place, (question, answers) in CHOICES.items():
        options = [SelectChoice(code, words) for code, words in answers.items()]
        found[place] = RadioField(
            question,
            choices=options,
            default=values[place],
            validators=[InputRequired(_l("Choose one."))],
        )
    for item in base.items:
        legal = [SelectChoice(str(option.code), str(option.code)) for option in item.options]
        for sub in item.subitems:
            title = joined(item.title, sub.title)
            for code in LEVEL_CODES:
                label = wording(joined(title, sub.labels[code]))
                found[f"caps.{sub.id}.{code}"] = _choice(label, legal, values[f"caps.{sub.id}.{code}"])
            levels = [SelectChoice("", gettext("takes no part in the judgement"))]
            levels += [SelectChoice(code, f"{code} {wording(sub.labels[code])}") for code in LEVEL_CODES]
            found[f"met.{sub.id}"] = _choice(
                gettext("%(what)s: still counts as able", what=wording(title)), levels, values[f"met.{sub.id}"]
            )
    titles = [SelectChoice(str(level), wording(words)) for level, words in sorted(base.combination.titles.items())]
    for mix in unclear(base.combination):
        place = f"rulings.{mix_name(mix)}"
        parts = [
            gettext("%(what)s: %(part)s", what=wording(what), part=wording(level))
            for what, level in mix_parts(base, mix)
        ]
        found[place] = _choice(gettext("Mix: %(parts)s", parts=gettext(", ").join(parts)), titles, values[place])
    return found


def scale_title(scale: Scale) -> str:
    """What a set of bands is called on the page."""
    return str(SCALES[scale.name]) if scale.name in SCALES else wording(scale.title)


def _number(label: str, largest: int, value: int) -> IntegerField:
    return IntegerField(
        label,
        default=value,
        validators=[
            InputRequired(_l("Write a whole number.")),
            NumberRange(0, largest, gettext("Write a whole number from 0 to %(largest)s.", largest=largest)),
        ],
    )


def _choice(label: str, choices: list[SelectChoice], value: str) -> SelectField:
    return SelectField(label, choices=choices, default=value, validators=[_given])


def _given(_form: FlaskForm, field: SelectField) -> None:
    """What was not sent is missing: it is not the value that stood there before."""
    if not field.raw_data:
        raise ValidationError(_l("Choose one."))
