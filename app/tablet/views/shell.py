"""The installable shell: page, service worker, manifest, words. Public, because it says nothing about anybody."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, g, render_template
from flask_babel import get_locale
from flask_wtf.csrf import generate_csrf

from app.core.access import PUBLIC, requires
from app.tablet import shell as parts
from app.tablet.views import bp
from app.tablet.words import both


@bp.get("/")
@requires(PUBLIC)
def shell() -> str:
    """The page that becomes the app."""
    return render_template("tablet/shell.html")


@bp.get("/sw.js")
@requires(PUBLIC)
def worker() -> Response:
    """The service worker with the list of files it keeps; another version means another file, which browsers notice."""
    version, files = parts.listed()
    code = render_template("tablet/sw.js", version=version, files=files)
    return Response(code, mimetype="text/javascript")


@bp.get("/manifest.webmanifest")
@requires(PUBLIC)
def manifest() -> Response:
    """Name, colours and picture for the home screen."""
    return Response(json.dumps(parts.manifest(), ensure_ascii=False), mimetype="application/manifest+json")


@bp.get("/words.json")
@requires(PUBLIC)
def words() -> dict[str, dict[str, str]]:
    """Every text of the app in both languages: it changes language without network."""
    return both()


@bp.get("/api/session")
@requires(PUBLIC)
def session() -> dict[str, Any]:
    """Whether somebody is signed in here who may assess, record care or take signatures, and the token of the next request."""
    actor = g.get("actor")
    if actor is None:
        return {"signed_in": False, "may_assess": False, "may_care": False, "may_sign": False}
    return {
        "signed_in": True,
        "may_assess": actor.may("sheets.write") and actor.assessor_id is not None,
        "may_care": actor.may("checklist.record"),
        "may_sign": actor.may("contracts.take"),
        "name": actor.name,
        "language": "en" if str(get_locale() or "").startswith("en") else "zh",
        "csrf": generate_csrf(),
    }
