"""Building the application: one visible list of steps."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Mapping
from typing import Any

from flask import (
    Blueprint,
    Flask,
    abort,
    flash,
    g,
    has_request_context,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.globals import request_ctx
from flask_babel import get_locale, gettext
from flask_wtf.csrf import CSRFError
from jinja2 import BytecodeCache, FileSystemBytecodeCache, StrictUndefined
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from app import cli, logs
from app.api.answers import refusal, refusal_of
from app.auth import sessions
from app.build import styles
from app.config import Settings, flask_config
from app.core import audit, crypto, money, pieces, shown
from app.core.access import JSON_PREFIXES, declared_permission, init_access
from app.core.db import Servers, db, init_db, storage_status
from app.core.errors import DomainError
from app.core.forms import export_links
from app.core.sealing import SealFile
from app.core.together import init_together
from app.extensions import babel, csrf, migrate
from app.features import MENU, MenuItem, blueprints, jobs, record_kinds
from app.people.queries import links_of
from app.tablet import kinds
from app.tablet.queries import devices

LOCALES = ("zh_Hans_CN", "en")


def build(settings: Settings, servers: Servers | None = None) -> Flask:
    """The application of one county, in the order things depend on each other. ``servers``: ``init_db``."""
    app = Flask("app", instance_path=str(settings.data_dir))
    app.config.from_mapping(flask_config(settings))
    app.extensions["settings"] = settings
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # inferred too narrowly
            app.wsgi_app, settings.trusted_proxies, settings.trusted_proxies, settings.trusted_proxies
        )
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    logs.init_logs(app)
    _keys(app, settings)
    init_db(app, servers)
    migrate.init_app(app, db, directory="migrations")
    audit.init_audit()
    init_together()
    _request_start(app)
    csrf.init_app(app)
    init_access(app)
    babel.init_app(app, locale_selector=_locale)
    app.register_blueprint(Blueprint("made", __name__, static_folder=str(styles.MADE), static_url_path="/made"))
    sessions.links.load = links_of
    for blueprint in blueprints():
        app.register_blueprint(blueprint)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Flask's own provider has it
    csrf.exempt(app.blueprints["api"])  # it asks for the token itself where no bearer token was sent
    for name in ("sync", "tablet"):
        csrf.exempt(app.blueprints[name])  # they ask for the token themselves where no device token was sent
    app.extensions["jobs"] = jobs()
    for kind in record_kinds():
        kinds.register(kind)
    _templates(app, settings)
    _errors(app)
    _headers(app, settings)
    cli.init_cli(app)
    return app


def _keys(app: Flask, settings: Settings) -> None:
    """Name the key file; a fresh development installation gets one, production never guesses (``flask keys create``)."""
    path = settings.keyring_path
    if not path.exists() and not settings.production:
        with contextlib.suppress(FileExistsError, crypto.KeyringError):  # another process of this start was faster
            crypto.Keyring.create(path)
            app.extensions.setdefault("made_files", []).append(path)
    app.extensions["keyring"] = crypto.KeyringFile(path)
    app.extensions["seal"] = SealFile(settings.seal_path, settings.seal_passphrase, make_own=not settings.production)


def _locale() -> str:
    if not has_request_context():
        return LOCALES[0]
    chosen = session.get("locale")
    if chosen is None and _wants_json():
        return "en" if request.accept_languages.best_match(["zh", "en"], "zh") == "en" else LOCALES[0]
    return chosen if chosen in LOCALES else LOCALES[0]


def _request_start(app: Flask) -> None:
    @app.before_request
    def _who() -> None:
        g.request_id = uuid.uuid4().hex[:16]
        g.csp_nonce = uuid.uuid4().hex
        g.actor = None
        if request.endpoint is None or request.endpoint.endswith("static"):
            return
        header = request.headers.get("Authorization", "")
        if request.path.startswith("/tablet/api/") and header.startswith("Device "):
            enrolled = devices.by_token(header.removeprefix("Device ").strip())
            if enrolled is not None:
                g.device, g.actor = enrolled
            return
        if request.path.startswith("/api/") and header.startswith("Bearer "):
            user = sessions.by_api_token(header.removeprefix("Bearer ").strip())
            g.actor = sessions.actor_of(user) if user else None
            g.bearer = user is not None
            g.must_change_password = user is not None and user.must_change_password
            return
        token = session.get("token")
        if not isinstance(token, str):
            return
        found = sessions.find(token, idle_minutes=app.extensions["settings"].idle_minutes)
        if found is None:
            session.pop("token", None)
            return
        g.web_session, user = found
        if g.web_session.needs_second_factor and g.web_session.second_factor_at is None:
            g.half_signed_in = user
            return
        g.actor = sessions.actor_of(user)
        g.must_change_password = user.must_change_password

    @app.teardown_request
    def _let_go_of_files(_error: BaseException | None) -> None:
        request.close()  # what was uploaded and is too large for memory lies in a file until then

    @app.before_request
    def _change_password_first() -> Response | None:
        if g.get("must_change_password") and request.endpoint not in {
            "auth.change_password",
            "auth.sign_out",
            "auth.set_locale",
            None,
        }:
            if request.endpoint and not request.endpoint.endswith("static") and not _wants_json():
                response: Response = redirect(url_for("auth.change_password"))
                return response
            if _wants_json():
                abort(403)
        return None


def _templates(app: Flask, settings: Settings) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.bytecode_cache = _compiled_templates(settings)

    @app.context_processor
    def _context() -> dict[str, Any]:
        return {
            "current_actor": _shown_actor(),
            "menu": _menu(app),
            "locale": str(get_locale() or LOCALES[0]),
            "product_name": "颐衡 Yiheng",
            "request_id": g.get("request_id", ""),
            "demo_county": app.extensions["settings"].environment == "development",
        }

    app.add_template_filter(shown.date, "date")
    app.add_template_filter(shown.instant, "instant")
    app.add_template_filter(shown.quarter, "quarter")
    app.add_template_filter(shown.month, "month")
    app.add_template_filter(shown.listed, "listed")
    app.add_template_global(export_links)
    app.jinja_env.globals["pieces"] = pieces
    app.add_template_filter(money.format_yuan, "yuan")
    app.add_template_filter(money.yuan_capitals, "capitals")


def _compiled_templates(settings: Settings) -> BytecodeCache | None:
    """Where compiled templates are kept between starts: compiling them takes a process seconds. Not in production: there
    the service may write to that folder and not to its program, and what it can write it must not run.
    """
    if settings.production:
        return None
    folder = styles.MADE.parent / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    return FileSystemBytecodeCache(str(folder))


def _shown_actor() -> Any:
    actor = g.get("actor")
    if actor is None:
        return None
    from app.core.labels import ROLE_LABELS
    from app.places.queries import area_name

    return {
        "name": actor.name,
        "role": actor.role,
        "role_label": ROLE_LABELS[actor.role],
        "area_name": area_name(actor.area_code),
        "permissions": actor.permissions,
    }


def _menu(app: Flask) -> list[dict[str, Any]]:
    actor = g.get("actor")
    if actor is None or not has_request_context():
        return []
    here = _section(app, [item for group in MENU for item in group.items if actor.may(item.permission)], request.path)
    groups = []
    for group in MENU:
        items = [
            {
                "label": item.label,
                "url": _address(app, item),
                "icon": item.icon,
                "active": item is here,
                "exact": request.endpoint == item.endpoint,
                "count": None,
            }
            for item in group.items
            if actor.may(item.permission) and item.endpoint in app.view_functions
        ]
        if items:
            groups.append({"label": group.label, "items": items})
    return groups


def _address(app: Flask, item: MenuItem) -> str:
    """Where a menu line leads: worked out once, for every page shows some thirty of them."""
    known: dict[tuple[str, str], str] = app.extensions.setdefault("menu_addresses", {})
    key = request.script_root, item.endpoint
    if key not in known:
        known[key] = url_for(item.endpoint)
    return known[key]


def _section(app: Flask, items: list[MenuItem], path: str) -> MenuItem | None:
    """The menu line a page belongs to: the one whose address is the longest beginning of the page's own."""
    best: tuple[int, MenuItem] | None = None
    for item in items:
        for start in (_address(app, item), *item.also):
            if (path == start or path.startswith((f"{start}/", f"{start}."))) and (
                best is None or len(start) > best[0]
            ):
                best = len(start), item
    return best[1] if best else None


def _wants_json() -> bool:
    return request.path.startswith(JSON_PREFIXES)


def _answer(status: int, message: str, fields: Mapping[str, str] | None = None) -> tuple[Any, ...]:
    """What is said when a request cannot be served: a page in words, or JSON on the API."""
    if _wants_json():
        return refusal(status, message, fields)
    if request_ctx.url_adapter is None:  # asked for under a host that is not ours: a page could not link to anything
        return message, status, {"Content-Type": "text/plain; charset=utf-8"}
    known = {400, 403, 404, 405, 409, 413, 422, 429, 500, 503, 507}
    return render_template(f"errors/{status if status in known else 500}.html", message=message), status


def _errors(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Any:
        status = error.code or 500
        if status == 401 and not _wants_json():
            return redirect(url_for("auth.sign_in"))
        if 300 <= status < 400:
            return error
        return refusal_of(error) if _wants_json() else _answer(status, error.description or "")

    @app.errorhandler(CSRFError)
    def _csrf(error: CSRFError) -> Any:
        return _answer(
            400, gettext("The page was open too long or came from elsewhere. Go back, reload and send again.")
        )

    @app.errorhandler(DomainError)
    def _domain(error: DomainError) -> Any:
        if error.status in {403, 404}:
            return _answer(404, "")
        if _wants_json():
            fields = getattr(error, "errors", None) or ({error.field: error.message} if error.field else None)
            return _answer(error.status, error.message, fields)
        if not _wants_json() and request.method == "POST" and request.referrer and error.status == 409:
            flash(error.message, "danger")
        return _answer(error.status, error.message)

    @app.errorhandler(Exception)
    def _unexpected(error: Exception) -> Any:
        status = storage_status(error)
        if status is not None:
            app.logger.error("store unavailable: %s", type(getattr(error, "orig", error)).__name__)
            g.actor = None  # the page of this answer must not ask the database for a name
            return _answer(
                status,
                gettext(
                    "The store cannot be written just now. Nothing of this request was kept; what you typed is still in the page before."
                ),
            )
        app.logger.error("unexpected error", exc_info=error)
        if app.config["TESTING"]:
            raise error
        return _answer(500, "")


def _headers(app: Flask, settings: Settings) -> None:
    policy = (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )

    @app.after_request
    def _secure(response: Response) -> Response:
        headers = response.headers
        headers["Content-Security-Policy"] = policy
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        sound = (
            "(self)" if request.path.startswith("/tablet/") else "()"
        )  # voice notes are recorded by the tablet app alone
        headers["Permissions-Policy"] = f"geolocation=(), microphone={sound}, payment=()"
        headers["X-Request-Id"] = g.get("request_id", "")
        if settings.https:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        public_file = request.endpoint is not None and request.endpoint.endswith("static")
        if not public_file:
            headers["Cache-Control"] = "no-store"
        return response


__all__ = ["build", "declared_permission"]
