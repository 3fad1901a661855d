"""Forms of signing in, of one's own account and of account administration."""

from __future__ import annotations

import unicodedata

from flask_wtf import FlaskForm
from wtforms import IntegerField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from app.auth.rules import MAX_PASSWORD
from app.core import clock
from app.core.actor import Role
from app.core.identity import check_id_number
from app.core.labels import ROLE_LABELS
from app.core.words import lazy_gettext as _l


def _trim(value: str | None) -> str | None:
    return value.strip() if value else value


def _digits(value: str | None) -> str | None:
    """Codes are typed with blanks in the middle and on Chinese keyboards full-width."""
    return "".join(unicodedata.normalize("NFKC", value).split()) if value else value


def _storable(_form: FlaskForm, field: StringField) -> None:
    if field.data and not field.data.isprintable():
        raise ValidationError(_l("There are characters in it that cannot be stored."))


NEEDED = InputRequired(_l("Please fill this in."))


class SignInForm(FlaskForm):
    """Account name and password. Passwords are taken as they are: no trimming, no length rule here."""

    username = StringField(
        _l("Account name"),
        [NEEDED],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(_l("Password"), [NEEDED], render_kw={"autocomplete": "current-password"})


class CodeForm(FlaskForm):
    """Six digits from an authenticator."""

    code = StringField(
        _l("Six-digit code"),
        [NEEDED, Regexp(r"^[0-9]{6}$", message=_l("The code has six digits."))],
        filters=[_digits],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"},
    )


class PasswordAgainForm(FlaskForm):
    """The present password, asked again before acts that could take an account over."""

    current_password = PasswordField(_l("Present password"), [NEEDED], render_kw={"autocomplete": "current-password"})


class ChangePasswordForm(PasswordAgainForm):
    """A new password, typed twice."""

    new_password = PasswordField(
        _l("New password"),
        [NEEDED, Length(max=MAX_PASSWORD, message=_l("The password is too long (at most 200 characters)."))],
        render_kw={"autocomplete": "new-password"},
    )
    new_password_again = PasswordField(_l("New password again"), [NEEDED], render_kw={"autocomplete": "new-password"})

    def validate_new_password_again(self, field: PasswordField) -> None:
        """Both have to be the same."""
        if field.data != self.new_password.data:
            raise ValidationError(_l("The two new passwords differ."))


class DaysField(IntegerField):
    """A number of days. A number longer than any date is no number: the library's range check fails on it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed. Raises ``ValueError``, which the form shows beside the field."""
        if valuelist and len(valuelist[0].strip()) > 6:
            raise ValueError(_l("Please write a whole number of days, at most 365."))
        super().process_formdata(valuelist)


class TokenForm(FlaskForm):
    """What a token is for and how long it works."""

    label = StringField(_l("What is the token for?"), [NEEDED, Length(max=80), _storable], filters=[_trim])
    days = DaysField(_l("Days it works"), [NEEDED, NumberRange(1, 365)], default=90)
    current_password = PasswordField(_l("Present password"), [NEEDED], render_kw={"autocomplete": "current-password"})


def _role_choices() -> list[tuple[str, object]]:
    return [("", _l("Please choose")), *[(role.value, ROLE_LABELS[role]) for role in Role]]


class ScopeFields(FlaskForm):
    """Role, area and organisation of an account."""

    role = SelectField(_l("Role"), [NEEDED], coerce=str)
    area_code = SelectField(
        _l("Area"),
        coerce=str,
        description=_l("The account sees what belongs to this area and everything below it."),
    )
    organisation_id = SelectField(
        _l("Organisation"),
        coerce=str,
        description=_l("Institution managers and care workers see the people of this institution only."),
    )

    def offer(self, areas: list[tuple[str, str]], organisations: list[tuple[int, str]]) -> None:
        """Fill the choices."""
        self.role.choices = _role_choices()
        self.area_code.choices = [("", _l("None")), *areas]
        self.organisation_id.choices = [("", _l("None")), *[(str(number), name) for number, name in organisations]]

    @property
    def chosen_role(self) -> Role:
        """The role."""
        return Role(self.role.data)

    @property
    def chosen_area(self) -> str | None:
        """The division code, or None."""
        return self.area_code.data or None

    @property
    def chosen_organisation(self) -> int | None:
        """The organisation's id, or None."""
        return int(self.organisation_id.data) if self.organisation_id.data else None


class NewAccountForm(ScopeFields):
    """A new account with the role it is asked for."""

    username = StringField(
        _l("Account name"),
        [NEEDED, Length(max=64), _storable],
        filters=[_trim],
        description=_l("3 to 64 characters: letters a–z, digits, dot, hyphen, underscore."),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    name = StringField(
        _l("Name of the person"),
        [NEEDED, Length(max=80), _storable],
        filters=[_trim],
        render_kw={"autocomplete": "off"},
    )
    id_number = StringField(
        _l("ID number"),
        [Optional(), Length(max=18)],
        filters=[_trim],
        description=_l(
            "Not stored. It only lets the system know when two accounts belong to one person, who then cannot both "
            "propose and approve."
        ),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name in ("role", "area_code", "organisation_id"):  # inherited, but last on the page and in its summary
            self._fields[name] = self._fields.pop(name)

    def validate_id_number(self, field: StringField) -> None:
        """Check digit and date have to be right (GB 11643)."""
        if field.data and not check_id_number(field.data, today=clock.today()).ok:
            raise ValidationError(_l("This is not a valid ID number. Please compare it with the card."))


class RenameForm(FlaskForm):
    """Another name of the person."""

    name = StringField(
        _l("Name of the person"),
        [NEEDED, Length(max=80), _storable],
        filters=[_trim],
        render_kw={"autocomplete": "off"},
    )


class ConfirmForm(ScopeFields):
    """Role and scope as a security administrator gives them."""

    reason = TextAreaField(_l("Reason"), [NEEDED, Length(max=500)], filters=[_trim])


class ReasonForm(FlaskForm):
    """Why an administrator does something to somebody's account."""

    reason = StringField(_l("Reason"), [NEEDED, Length(max=500), _storable], filters=[_trim])
