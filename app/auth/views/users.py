"""Administration of accounts."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.auth import operations, queries
from app.auth.documents import accounts_table
from app.auth.forms import ConfirmForm, NewAccountForm, ReasonForm, RenameForm, ScopeFields
from app.auth.labels import STATE_LABELS
from app.auth.models import User
from app.auth.rules import AccountState
from app.auth.views import bp
from app.auth.views.context import settings
from app.core.access import current_actor, requires
from app.core.actor import Actor, Role
from app.core.errors import DomainError
from app.core.forms import add_errors, pager, text_arg
from app.core.labels import ROLE_LABELS
from app.core.paging import paginate
from app.core.sending import attachment

E = TypeVar("E", bound=StrEnum)


def _choice(kind: type[E], name: str) -> E | None:
    given = request.args.get(name, "")
    return kind(given) if given in {member.value for member in kind} else None


def _filters() -> queries.Filters:
    return queries.Filters(text_arg("q"), _choice(Role, "role"), _choice(AccountState, "state"))


def _shown() -> dict[str, str]:
    return {name: request.args[name] for name in ("q", "role", "state") if request.args.get(name)}


@bp.get("/accounts")
@requires("users.read")
def users() -> str:
    """Every account of the county: searched, filtered, page by page."""
    actor, filters = current_actor(), _filters()
    page = paginate(queries.accounts(actor, filters), [User.username], request.args.get("cursor"))
    return render_template(
        "auth/users.html",
        users=page.items,
        states={user.id: queries.state_of(user) for user in page.items},
        areas=queries.area_names([user.area_code for user in page.items]),
        filters=filters,
        pager=pager(page),
        role_labels=ROLE_LABELS,
        state_labels=STATE_LABELS,
        may=actor.may,
        shown=_shown(),
    )


@bp.get("/accounts/export.<any(xlsx, csv):kind>")
@requires("users.read")
def export_users(kind: str) -> Response:
    """Exactly what the list shows, as a file."""
    actor = current_actor()
    return attachment(accounts_table(actor, queries.accounts(actor, _filters()), kind, _shown()))


def _new_page(form: NewAccountForm, status: int) -> tuple[str, int]:
    return render_template("auth/new_account.html", form=form), status


def _offer(form: ScopeFields) -> None:
    form.offer(queries.area_choices(), queries.organisation_choices())


@bp.route("/accounts/new", methods=["GET", "POST"])
@requires("users.write")
def new_account() -> tuple[str, int]:
    """Make an account. The answer shows its one-time password once, so there is no redirect that would carry it."""
    form = NewAccountForm()
    _offer(form)
    if request.method == "GET":
        return _new_page(form, 200)
    if not form.validate_on_submit():
        return _new_page(form, 422)
    try:
        user, password = operations.create_account(
            current_actor(),
            username=form.username.data,
            name=form.name.data,
            id_number=form.id_number.data or None,
            role=form.chosen_role,
            area_code=form.chosen_area,
            organisation_id=form.chosen_organisation,
        )
    except DomainError as error:
        add_errors(form, error)
        return _new_page(form, error.status)
    return _handed_out(user, password, new=True), 201


def _handed_out(user: User, password: str, *, new: bool) -> str:
    return render_template("auth/handed_out.html", user=user, password=password, new=new)


def _page(
    user_id: int,
    *,
    reason: ReasonForm | None = None,
    rename: RenameForm | None = None,
    status: int = 200,
) -> tuple[str, int]:
    actor = current_actor()
    user = queries.user(actor, user_id)
    idle = settings().idle_minutes
    page = render_template(
        "auth/user.html",
        user=user,
        own=user.id == actor.user_id,
        state=queries.state_of(user),
        state_label=STATE_LABELS[queries.state_of(user)],
        role_label=ROLE_LABELS[user.role],
        area=queries.area_name(user.area_code),
        organisation=queries.organisation_name(user.organisation_id),
        sessions=len(queries.live_sessions(user.id, idle_minutes=idle)),
        tokens=len(queries.live_tokens(user.id)),
        locked=queries.account_locked_until(queries.account_key("sign-in", user.username))
        or queries.account_locked_until(queries.account_key("code", str(user.id))),
        confirmed_by=queries.name_of(user.role_confirmed_by),
        created_by=queries.name_of(user.created_by),
        reason=reason or ReasonForm(formdata=None),
        rename=rename or RenameForm(formdata=None, obj=user),
        may=actor.may,
    )
    return page, status


@bp.get("/accounts/<id:user_id>")
@requires("users.read")
def user(user_id: int) -> tuple[str, int]:
    """One account: what it may do, its state, and what the administrator can do with it."""
    return _page(user_id)


@bp.post("/accounts/<id:user_id>/name")
@requires("users.write")
def rename(user_id: int) -> tuple[str, int] | Response:
    """Correct the name."""
    form = RenameForm()
    if not form.validate_on_submit():
        return _page(user_id, rename=form, status=422)
    try:
        operations.rename_account(current_actor(), user_id, name=form.name.data)
    except DomainError as error:
        if error.status in {403, 404}:
            raise
        add_errors(form, error)
        return _page(user_id, rename=form, status=error.status)
    flash(gettext("The name is changed."), "success")
    return redirect(url_for("auth.user", user_id=user_id))


@bp.route("/accounts/<id:user_id>/role", methods=["GET", "POST"])
@requires("roles.write")
def confirm(user_id: int) -> tuple[str, int] | Response:
    """Give an account its role and scope, and let it work."""
    actor = current_actor()
    user = queries.user(actor, user_id)
    form = ConfirmForm(
        role=user.role.value, area_code=user.area_code or "", organisation_id=str(user.organisation_id or "")
    )
    _offer(form)

    def page(status: int) -> tuple[str, int]:
        state = queries.state_of(user)
        return render_template("auth/confirm.html", form=form, user=user, state=state), status

    if request.method == "GET":
        return page(200)
    if not form.validate_on_submit():
        return page(422)
    try:
        operations.confirm_account(
            actor,
            user_id,
            role=form.chosen_role,
            area_code=form.chosen_area,
            organisation_id=form.chosen_organisation,
            reason=form.reason.data,
        )
    except DomainError as error:
        add_errors(form, error)
        return page(error.status)
    flash(
        gettext("The account works with this role and area; open sessions have them from the next page on."), "success"
    )
    return redirect(url_for("auth.user", user_id=user_id))


def _with_reason(user_id: int, act: Callable[..., object], done: str) -> tuple[str, int] | Response:
    """The common course of acts that need nothing but a reason."""
    form = ReasonForm()
    queries.user(current_actor(), user_id)
    if not form.validate_on_submit():
        return _page(user_id, reason=form, status=422)
    try:
        act(current_actor(), user_id, reason=form.reason.data)
    except DomainError as error:
        if error.status in {403, 404}:
            raise
        add_errors(form, error)
        return _page(user_id, reason=form, status=error.status)
    flash(done, "success")
    return redirect(url_for("auth.user", user_id=user_id))


@bp.post("/accounts/<id:user_id>/stop")
@requires("users.stop")
def stop(user_id: int) -> tuple[str, int] | Response:
    """Stop an account at once."""
    return _with_reason(
        user_id, operations.stop_account, gettext("The account is stopped; its sessions and tokens have ended.")
    )


@bp.post("/accounts/<id:user_id>/end-sessions")
@requires("users.stop")
def end_sessions(user_id: int) -> tuple[str, int] | Response:
    """End every session and token of an account."""
    return _with_reason(
        user_id, operations.end_account_sessions, gettext("All sessions and tokens of the account have ended.")
    )


@bp.post("/accounts/<id:user_id>/unlock")
@requires("users.stop")
def unlock(user_id: int) -> tuple[str, int] | Response:
    """Take the lock of failed tries off."""
    return _with_reason(user_id, operations.unlock_account, gettext("The account is unlocked."))


@bp.post("/accounts/<id:user_id>/reset-second-factor")
@requires("roles.write")
def reset_second_factor(user_id: int) -> tuple[str, int] | Response:
    """Forget a lost second factor."""
    return _with_reason(
        user_id, operations.reset_second_factor, gettext("The second factor is reset; all sessions have ended.")
    )


@bp.post("/accounts/<id:user_id>/reset-password")
@requires("users.write")
def reset_password(user_id: int) -> tuple[str, int] | Response:
    """Hand out a one-time password; the answer shows it once."""
    form = ReasonForm()
    actor: Actor = current_actor()
    queries.user(actor, user_id)
    if not form.validate_on_submit():
        return _page(user_id, reason=form, status=422)
    try:
        user, password = operations.reset_password(actor, user_id, reason=form.reason.data)
    except DomainError as error:
        if error.status in {403, 404}:
            raise
        add_errors(form, error)
        return _page(user_id, reason=form, status=error.status)
    return _handed_out(user, password, new=False), 200
