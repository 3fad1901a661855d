"""Forms of organisations; what the entries mean is checked by the operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, Form, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation

from app.core.words import lazy_gettext as _l
from app.places.labels import KIND_LABELS

NEEDED = _l("Please fill this in.")
CHOOSE = _l("Please choose …")


class Needed:
    """Marks a field as required on screen. That it is empty is said by the operation, together with everything else
    that is wrong: nobody has to send a form twice to learn of the second fault.
    """

    field_flags = {"required": True}  # the name and kind that WTForms reads

    def __call__(self, form: Form, field: Field) -> None:
        """Take away what the library says about an empty entry ("no valid date")."""
        if not field.raw_data or not str(field.raw_data[0]).strip():
            field.errors = []
            raise StopValidation


def options(pairs: Iterable[tuple[Any, Any]], first: object = None) -> list[SelectChoice]:
    """Options of a choice: (value, words). ``first`` are the words of an empty value on top."""
    listed = [SelectChoice(str(value), words) for value, words in pairs]
    return listed if first is None else [SelectChoice("", first), *listed]


def grouped(groups: Mapping[str, Iterable[tuple[str, str]]], first: object = CHOOSE) -> list[SelectChoice]:
    """Options under headings; the heading '' puts its options on top."""
    listed = [SelectChoice("", first)]
    for heading, pairs in groups.items():
        listed += [SelectChoice(value, words, optgroup=heading or None) for value, words in pairs]
    return listed


class OrganisationForm(FlaskForm):
    """An organisation of one of the seven kinds."""

    kind = SelectField(
        _l("Kind"), choices=options(KIND_LABELS.items(), CHOOSE), validators=[Needed()], validate_choice=False
    )
    name = StringField(_l("Full name"), validators=[Needed()])
    area_code = SelectField(_l("Area"), validators=[Needed()], validate_choice=False)
    credit_code = StringField(
        _l("Unified social credit code"), description=_l("18 characters; the last one is checked against the others.")
    )
    contact_name = StringField(_l("Contact person"))
    phone = StringField(_l("Telephone"))
    address = StringField(_l("Address"))
    beds = StringField(_l("Beds"), description=_l("For institutions only."))
    active = BooleanField(_l("In use"), default=True)
