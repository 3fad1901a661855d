"""Signing in, second factor, signing out, language."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import flash, g, redirect, render_template, request, session, url_for
from flask_babel import get_locale, gettext
from flask_babel import refresh as refresh_locale
from werkzeug.wrappers import Response

from app.auth import operations, sessions
from app.auth.errors import TooManyTries
from app.auth.forms import CodeForm, SignInForm
from app.auth.models import User
from app.auth.operations import NextStep
from app.auth.rules import safe_next
from app.auth.views import bp
from app.auth.views.context import address, policy, qr_image, session_token, settings
from app.core.access import PUBLIC, requires
from app.core.errors import DomainError, NotFound

LOCALES = ("zh_Hans_CN", "en")


def start_browser_session(token: str, locale: str | None, onward: str | None) -> None:
    """Begin a fresh cookie: nothing of the session before survives but the language."""
    chosen = locale or session.get("locale")
    session.clear()
    session["token"] = token
    if chosen in LOCALES:
        session["locale"] = chosen
    if onward:
        session["next"] = onward


def go_on() -> Response:
    """To where the person wanted to go, or home."""
    response: Response = redirect(safe_next(session.pop("next", None)) or url_for("overview.home"))
    return response


def _sign_in_page(form: SignInForm, status: int) -> tuple[str, int]:
    return (
        render_template(
            "auth/sign_in.html",
            form=form,
            onward=safe_next(request.values.get("next")),
            development=not settings().production,
        ),
        status,
    )


@bp.route("/sign-in", methods=["GET", "POST"])
@requires(PUBLIC)
def sign_in() -> tuple[str, int] | Response:
    """The way in; somebody who is signed in already is sent on."""
    form = SignInForm()
    if request.method == "GET":
        if g.get("actor") is not None:
            return redirect(safe_next(request.args.get("next")) or url_for("overview.home"))
        return _sign_in_page(form, 200)
    if not form.validate_on_submit():
        return _sign_in_page(form, 422)
    try:
        signed_in = operations.sign_in(
            form.username.data,
            form.password.data,
            address=address(),
            agent=request.headers.get("User-Agent", ""),
            policy=policy(),
        )
    except DomainError as error:
        form.form_errors.append(error.message)
        return _sign_in_page(form, error.status)
    if before := session_token():
        sessions.end(before)
    start_browser_session(signed_in.token, signed_in.locale, safe_next(request.values.get("next")))
    if signed_in.next_step is not NextStep.GO_ON:
        return redirect(url_for("auth.second_factor"))
    return go_on()


def _half_signed_in() -> User:
    user: User | None = g.get("half_signed_in")
    if user is None:
        raise NotFound
    return user


def _code_page(user: User, form: CodeForm, status: int) -> tuple[str, int]:
    new = user.totp_confirmed_at is None
    return render_template("auth/second_factor.html", form=form, secret=user.totp if new else None), status


@bp.route("/second-factor", methods=["GET", "POST"])
@requires(PUBLIC)
def second_factor() -> tuple[str, int] | Response:
    """Ask for the code; the first time, show how to set the second factor up."""
    if g.get("half_signed_in") is None:
        return redirect(url_for("auth.sign_in"))
    user, form = _half_signed_in(), CodeForm()
    if request.method == "GET":
        return _code_page(user, form, 200)
    if not form.validate_on_submit():
        return _code_page(user, form, 422)
    try:
        token = operations.enter_code(user.id, form.code.data, token=session_token(), address=address())
    except TooManyTries as error:
        form.form_errors.append(error.message)
        return _code_page(user, form, error.status)
    except DomainError:
        form.code.errors = [gettext("This code is not right, or it was used already. Wait for the next one.")]
        return _code_page(user, form, 422)
    start_browser_session(token, user.locale, session.get("next"))
    return go_on()


@bp.get("/second-factor/qr.svg")
@requires(PUBLIC)
def second_factor_qr() -> Response:
    """The picture for the authenticator, only while the second factor is being set up at sign-in."""
    user = _half_signed_in()
    if user.totp is None or user.totp_confirmed_at is not None:
        raise NotFound
    return qr_image(user.totp, user.username)


@bp.post("/sign-out")
@requires(PUBLIC)
def sign_out() -> Response:
    """End this session in every copy of its cookie."""
    token, actor = session_token(), g.get("actor")
    if actor is not None:
        operations.sign_out(actor, token)
    elif token:
        sessions.end(token)
    kept = session.get("locale")
    session.clear()
    if kept in LOCALES:
        session["locale"] = kept
    flash(gettext("You are signed out."), "success")
    response: Response = redirect(url_for("auth.sign_in"))
    return response


@bp.post("/locale")
@requires(PUBLIC)
def set_locale() -> Response:
    """Choose the language of this browser and, when signed in, of the account."""
    locale = request.form.get("locale", "")
    if locale in LOCALES:
        session["locale"] = locale
        refresh_locale()
        if g.get("actor") is not None and str(get_locale()) == locale:
            operations.set_locale(g.actor, locale)
    response: Response = redirect(safe_next(request.form.get("next")) or _page_before() or "/")
    return response


def _page_before() -> str | None:
    try:
        before = urlsplit(request.referrer or "")
    except ValueError:
        return None
    if before.netloc != request.host:
        return None
    target = before.path + (f"?{before.query}" if before.query else "")
    return target if before.path in {"/sign-in", "/second-factor"} else safe_next(target)
