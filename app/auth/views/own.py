"""One's own account: sessions, password, second factor, tokens."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.auth import operations, queries
from app.auth.forms import ChangePasswordForm, CodeForm, PasswordAgainForm, TokenForm
from app.auth.models import User
from app.auth.operations.signing import second_factor_needed
from app.auth.rules import browser_name
from app.auth.views import bp
from app.auth.views.context import address, policy, qr_image, session_token, settings
from app.core.access import SIGNED_IN, current_actor, requires
from app.core.errors import DomainError, NotFound
from app.core.forms import add_errors
from app.core.labels import ROLE_LABELS


def _own() -> User:
    actor = current_actor()
    if actor.user_id is None:
        raise NotFound
    return queries.user(actor, actor.user_id)


def _own_session_id() -> int | None:
    here = g.get("web_session")
    return here.id if here is not None else None


def _account_page(form: PasswordAgainForm, status: int) -> tuple[str, int]:
    user = _own()
    page = render_template(
        "auth/account.html",
        form=form,
        user=user,
        role_label=ROLE_LABELS[user.role],
        area=queries.area_name(user.area_code),
        organisation=queries.organisation_name(user.organisation_id),
        sessions=queries.live_sessions(user.id, idle_minutes=settings().idle_minutes),
        this_session=_own_session_id(),
        browser_name=browser_name,
        tokens=len(queries.live_tokens(user.id)),
        idle_minutes=settings().idle_minutes,
        absolute_hours=settings().absolute_hours,
    )
    return page, status


@bp.get("/account")
@requires(SIGNED_IN)
def account() -> tuple[str, int]:
    """Who one is here, where one is signed in, and the ways to change that."""
    return _account_page(PasswordAgainForm(), 200)


@bp.post("/account/end-sessions")
@requires(SIGNED_IN)
def end_other_sessions() -> tuple[str, int] | Response:
    """End every other session of the own account."""
    form = PasswordAgainForm()
    if not form.validate_on_submit():
        return _account_page(form, 422)
    try:
        operations.end_other_sessions(
            current_actor(), form.current_password.data, token=session_token(), address=address()
        )
    except DomainError as error:
        add_errors(form, error)
        return _account_page(form, error.status)
    flash(gettext("All other sessions have ended."), "success")
    return redirect(url_for("auth.account"))


def _password_page(form: ChangePasswordForm, status: int) -> tuple[str, int]:
    user = _own()
    page = render_template(
        "auth/change_password.html",
        form=form,
        user=user,
        forced=user.must_change_password,
        policy=policy(),
    )
    return page, status


@bp.route("/account/password", methods=["GET", "POST"])
@requires(SIGNED_IN)
def change_password() -> tuple[str, int] | Response:
    """Set a new password; other sessions end, this one gets a new token."""
    form = ChangePasswordForm()
    if request.method == "GET":
        return _password_page(form, 200)
    if not form.validate_on_submit():
        return _password_page(form, 422)
    try:
        session["token"] = operations.change_password(
            current_actor(),
            form.current_password.data,
            form.new_password.data,
            policy=policy(),
            token=session_token(),
            address=address(),
        )
    except DomainError as error:
        add_errors(form, error)
        return _password_page(form, error.status)
    flash(gettext("The password is changed. All other sessions have ended."), "success")
    return redirect(url_for("auth.account"))


def _factor_page(
    *, code: CodeForm | None = None, again: PasswordAgainForm | None = None, status: int = 200
) -> tuple[str, int]:
    user = _own()
    page = render_template(
        "auth/own_second_factor.html",
        code=code or CodeForm(formdata=None),
        again=again or PasswordAgainForm(formdata=None),
        user=user,
        secret=user.totp if user.totp_confirmed_at is None else None,
        needed=second_factor_needed(user, policy()),
    )
    return page, status


@bp.get("/account/second-factor")
@requires(SIGNED_IN)
def own_second_factor() -> tuple[str, int]:
    """State of the second factor, and how to set one up."""
    return _factor_page()


@bp.post("/account/second-factor")
@requires(SIGNED_IN)
def start_second_factor() -> tuple[str, int] | Response:
    """Make a secret for the authenticator."""
    form = PasswordAgainForm()
    if not form.validate_on_submit():
        return _factor_page(again=form, status=422)
    try:
        operations.start_second_factor(current_actor(), form.current_password.data, address=address())
    except DomainError as error:
        add_errors(form, error)
        return _factor_page(again=form, status=error.status)
    return redirect(url_for("auth.own_second_factor"))


@bp.post("/account/second-factor/confirm")
@requires(SIGNED_IN)
def confirm_second_factor() -> tuple[str, int] | Response:
    """Put the second factor into force with a first code."""
    form = CodeForm()
    if not form.validate_on_submit():
        return _factor_page(code=form, status=422)
    try:
        session["token"] = operations.confirm_second_factor(
            current_actor(), form.code.data, token=session_token(), address=address()
        )
    except DomainError as error:
        add_errors(form, error)
        return _factor_page(code=form, status=error.status)
    flash(gettext("The second factor is set up. From now on signing in asks for a code."), "success")
    return redirect(url_for("auth.account"))


@bp.get("/account/second-factor/qr.svg")
@requires(SIGNED_IN)
def own_second_factor_qr() -> Response:
    """The picture for the authenticator, only until the second factor is confirmed."""
    user = _own()
    if user.totp is None or user.totp_confirmed_at is not None:
        raise NotFound
    return qr_image(user.totp, user.username)


def _tokens_page(form: TokenForm, status: int, shown: str | None = None) -> tuple[str, int]:
    user = _own()
    page = render_template("auth/tokens.html", form=form, tokens=queries.live_tokens(user.id), shown=shown)
    return page, status


@bp.get("/account/tokens")
@requires("account.self")
def tokens() -> tuple[str, int]:
    """Own tokens for the JSON API."""
    return _tokens_page(TokenForm(), 200)


@bp.post("/account/tokens")
@requires("account.self")
def create_token() -> tuple[str, int]:
    """Make a token; the answer shows it once, so there is no redirect that would have to carry it."""
    form = TokenForm()
    if not form.validate_on_submit():
        return _tokens_page(form, 422)
    try:
        token = operations.create_token(
            current_actor(), form.label.data, form.days.data, form.current_password.data, address=address()
        )
    except DomainError as error:
        add_errors(form, error)
        return _tokens_page(form, error.status)
    return _tokens_page(TokenForm(formdata=None), 201, shown=token)


@bp.post("/account/tokens/<id:token_id>/revoke")
@requires("account.self")
def revoke_token(token_id: int) -> Response:
    """Take a token back."""
    operations.revoke_token(current_actor(), token_id)
    flash(gettext("The token no longer works."), "success")
    response: Response = redirect(url_for("auth.tokens"))
    return response
