"""Administration of accounts, split between two people: a system administrator makes accounts, a security
administrator gives them their rights (three separate administrators, GB/T 22239-2019 8.1.5).
"""

from __future__ import annotations

import secrets

from flask_babel import gettext
from sqlalchemy import select, update

from app.auth import sessions
from app.auth.models import ApiToken, User
from app.auth.operations.own import refuse_bad_password, store_password
from app.auth.operations.throttle import forget_failures
from app.auth.queries import account_key, person_key_of, scope_exists
from app.auth.roles import SCOPE_NEEDED
from app.auth.rules import (
    INITIAL_PASSWORD_LIFE,
    AccountPolicy,
    clean_username,
    missing_scope,
    possible_username,
)
from app.core import audit, clock
from app.core.actor import Actor, Role
from app.core.db import db
from app.core.errors import Invalid, NotFound, Refused
from app.core.names import search_key
from app.core.operation import operation

_ALPHABETS = ("ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnpqrstuvwxyz", "23456789", "-+=?")


def initial_password() -> str:
    """A random password to hand out: 18 characters without look-alikes (over 100 bits), of all four kinds."""
    while True:
        letters = "".join(secrets.choice("".join(_ALPHABETS)) for _ in range(18))
        if all(any(c in kind for c in letters) for kind in _ALPHABETS):
            return letters


def _account(actor: Actor, user_id: int) -> User:
    user = db.session.scalar(
        select(User).where(User.id == user_id).with_for_update().execution_options(populate_existing=True)
    )
    if user is None:
        raise NotFound
    if user.id == actor.user_id or user.person_key == actor.person_key:
        raise Refused(gettext("Nobody administers an account of their own. Ask another administrator."))
    return user


def _check_identity(username: str, name: str) -> None:
    errors: dict[str, object] = {}
    if not possible_username(username):
        errors["username"] = gettext(
            "3 to 64 characters: letters a–z, digits, dot, hyphen, underscore; a letter or digit first and last."
        )
    elif db.session.scalar(select(User.id).where(User.username == username)) is not None:
        errors["username"] = gettext("There is an account of this name already.")
    if not name:
        errors["name"] = gettext("Say whose account it is.")
    if errors:
        raise Invalid(gettext("Some of it cannot be stored."), errors=errors)


def _check_scope(role: Role, area_code: str | None, organisation_id: int | None) -> None:
    errors: dict[str, object] = {}
    for field in missing_scope(SCOPE_NEEDED[role], area_code, organisation_id):
        errors[field] = (
            gettext("This role needs an organisation.")
            if field == "organisation_id"
            else gettext("This role needs an area.")
        )
    area, organisation = scope_exists(area_code, organisation_id)
    if not area:
        errors["area_code"] = gettext("There is no such area.")
    if not organisation:
        errors["organisation_id"] = gettext("There is no such organisation.")
    if errors:
        raise Invalid(gettext("Some of it cannot be stored."), errors=errors)


def _new_account(
    actor: Actor,
    *,
    username: str,
    name: str,
    role: Role,
    area_code: str | None,
    organisation_id: int | None,
    password: str,
    person_key: str | None,
) -> User:
    _check_identity(username, name)
    _check_scope(role, area_code, organisation_id)
    now = clock.now()
    user = User(
        username=username,
        name=name[:80],
        search=search_key(name[:80]),
        role=role,
        area_code=area_code,
        organisation_id=organisation_id,
        person_key=person_key or f"account:{secrets.token_hex(16)}",
        password_hash="!",  # noqa: S106  # fits nothing; the real one follows, with its entry in the history
        password_changed_at=now,
        created_at=now,
        created_by=actor.user_id,
        active=False,
    )
    db.session.add(user)
    store_password(user, password)
    return user


@operation("account.create", permission="users.write")
def create_user(
    actor: Actor,
    *,
    username: str,
    name: str,
    role: Role,
    area_code: str | None,
    organisation_id: int | None,
    password: str,
    demo: bool = False,
    person_key: str | None = None,
    active: bool = True,
    policy: AccountPolicy | None = None,
) -> User:
    """Make an account in one go, as the command line and the demonstration do.

    ``person_key`` ties accounts of one person together; without it the account stands for a person of its own. An
    account that works at once needs an actor that may also give roles. Raises ``Invalid`` naming the fields.
    """
    username, name = clean_username(username), name.strip()
    if not demo:
        refuse_bad_password(
            password, policy or AccountPolicy(), username=username, name=name, earlier=[], field="password"
        )
    user = _new_account(
        actor,
        username=username,
        name=name,
        role=role,
        area_code=area_code,
        organisation_id=organisation_id,
        password=password,
        person_key=person_key,
    )
    user.demo = demo
    if active:
        actor.require("roles.write")
        user.active, user.role_confirmed_at, user.role_confirmed_by = True, clock.now(), actor.user_id
    db.session.flush()
    return user


@operation("account.create", permission="users.write")
def create_account(
    actor: Actor,
    *,
    username: str,
    name: str,
    id_number: str | None,
    role: Role,
    area_code: str | None = None,
    organisation_id: int | None = None,
) -> tuple[User, str]:
    """Make an account that waits for a security administrator; return it with its one-time password.

    The ID number is not kept, only a keyed hash of it, so that two accounts of one person are known as such. Raises
    ``Invalid`` naming the fields.
    """
    password = initial_password()
    user = _new_account(
        actor,
        username=clean_username(username),
        name=name.strip(),
        role=role,
        area_code=area_code,
        organisation_id=organisation_id,
        password=password,
        person_key=person_key_of(id_number) if id_number else None,
    )
    user.must_change_password = True
    user.initial_password_until = clock.now() + INITIAL_PASSWORD_LIFE
    db.session.flush()
    return user, password


ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)


@operation("account.create_administrator", permission="users.write")
def create_administrator(actor: Actor, *, username: str, name: str, role: Role, reason: str = "") -> tuple[User, str]:
    """Make a working administrator from the command line of the machine, where there is nobody yet to confirm one;
    return the account and its one-time password.

    A ``reason`` is needed when an account of the role works already (its owner is lost). Raises ``Refused`` for other
    roles and for anybody but the installation itself, ``Invalid`` naming the fields.
    """
    if not actor.system or role not in ADMINISTRATORS:
        raise Refused(gettext("Only the first administrators are made like this, on the machine itself."))
    working = select(User.id).where(User.role == role, User.active, User.demo.is_(False)).limit(1)
    if not reason.strip() and db.session.scalar(working) is not None:
        raise Refused(gettext("There is a working account of this role. Say why another one is made."))
    password = initial_password()
    user = _new_account(
        actor,
        username=clean_username(username),
        name=name.strip(),
        role=role,
        area_code=None,
        organisation_id=None,
        password=password,
        person_key=None,
    )
    user.must_change_password = True
    user.initial_password_until = clock.now() + INITIAL_PASSWORD_LIFE
    user.active, user.role_confirmed_at = True, clock.now()
    db.session.flush()
    return user, password


@operation("account.rename", permission="users.write")
def rename_account(actor: Actor, user_id: int, *, name: str) -> User:
    """Correct the name on an account. Raises ``Invalid`` for an empty one."""
    user = _account(actor, user_id)
    name = name.strip()[:80]
    if not name:
        raise Invalid(gettext("Say whose account it is."), field="name")
    if name == user.name:
        audit.record("account.rename", "user_account", user.id)
    user.name, user.search = name, search_key(name)
    return user


@operation("account.confirm", permission="roles.write")
def confirm_account(
    actor: Actor,
    user_id: int,
    *,
    role: Role,
    area_code: str | None,
    organisation_id: int | None,
    reason: str,
) -> User:
    """Give an account its role and scope and let it work; open sessions have the new rights on their next request.

    Refused for an account of one's own and for one the same person made. Raises ``Invalid`` when the role needs an
    area or an organisation that is not said.
    """
    user = _account(actor, user_id)
    if not reason.strip():
        raise Invalid(gettext("Say why."), field="reason")
    if user.created_by is not None and user.created_by == actor.user_id:
        raise Refused(gettext("Who made an account does not also give it its role."))
    _check_scope(role, area_code, organisation_id)
    user.role, user.area_code, user.organisation_id = role, area_code, organisation_id
    waited = not user.active
    user.active, user.role_confirmed_at, user.role_confirmed_by = True, clock.now(), actor.user_id
    if waited and user.initial_password_until is not None:
        user.initial_password_until = clock.now() + INITIAL_PASSWORD_LIFE
    return user


@operation("account.stop", permission="users.stop")
def stop_account(actor: Actor, user_id: int, *, reason: str) -> User:
    """Stop an account: its sessions end and its tokens are revoked at once. A security administrator can let it work
    again. Raises ``Invalid`` without a reason.
    """
    user = _account(actor, user_id)
    if not reason.strip():
        raise Invalid(gettext("Say why."), field="reason")
    if not user.active and user.role_confirmed_at is not None:
        raise Refused(gettext("This account is stopped already."))
    user.active = False
    user.role_confirmed_at = user.role_confirmed_at or clock.now()
    _end_everything(user)
    return user


def _end_everything(user: User) -> None:
    sessions.end_all(user.id)
    db.session.execute(
        update(ApiToken)
        .where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    audit.record("account.end_sessions", "user_account", user.id)


@operation("account.end_sessions", permission="users.stop")
def end_account_sessions(actor: Actor, user_id: int, *, reason: str) -> User:
    """End every session and revoke every token of an account. Raises ``Invalid`` without a reason."""
    user = _account(actor, user_id)
    if not reason.strip():
        raise Invalid(gettext("Say why."), field="reason")
    _end_everything(user)
    return user


@operation("account.unlock", permission="users.stop")
def unlock_account(actor: Actor, user_id: int, *, reason: str) -> User:
    """Take the lock of failed tries off an account. Raises ``Invalid`` without a reason."""
    user = _account(actor, user_id)
    if not reason.strip():
        raise Invalid(gettext("Say why."), field="reason")
    count = forget_failures(account_key("sign-in", user.username)) + forget_failures(account_key("code", str(user.id)))
    audit.record("account.unlock", "user_account", user.id, {"failures": [count, 0]})
    return user


@operation("account.reset_second_factor", permission="roles.write")
def reset_second_factor(actor: Actor, user_id: int, *, reason: str) -> User:
    """Forget the second factor of somebody who lost the device; sessions end, the next sign-in sets up a new one
    where the role needs it. Raises ``Refused`` when there is none.
    """
    user = _account(actor, user_id)
    if not reason.strip():
        raise Invalid(gettext("Say why."), field="reason")
    if user.totp is None:
        raise Refused(gettext("This account has no second factor."))
    user.totp, user.totp_confirmed_at, user.totp_last_step = None, None, None
    _end_everything(user)
    return user


@operation("account.reset_password", permission="users.write")
def reset_password(actor: Actor, user_id: int, *, reason: str) -> tuple[User, str]:
    """Give somebody who forgot the password a one-time password, which is returned; the second factor stays."""
    user = _account(actor, user_id)
    if not reason.strip():
        raise Invalid(gettext("Say why."), field="reason")
    if user.demo:
        raise Refused(gettext("The accounts of the demonstration keep their published password."))
    password = initial_password()
    store_password(user, password)
    user.must_change_password = True
    user.initial_password_until = clock.now() + INITIAL_PASSWORD_LIFE
    forget_failures(account_key("sign-in", user.username))
    _end_everything(user)
    return user, password
