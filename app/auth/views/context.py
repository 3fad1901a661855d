"""What views of this feature take from request and settings and hand down as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno
from flask import Response, current_app, request, session

from app.auth.rules import AccountPolicy

if TYPE_CHECKING:
    from app.config import Settings


def settings() -> Settings:
    """The settings of this installation."""
    found: Settings = current_app.extensions["settings"]
    return found


def policy() -> AccountPolicy:
    """What this installation asks of accounts."""
    here = settings()
    return AccountPolicy(
        profile=here.password_profile,
        require_second_factor=here.require_second_factor,
        production=here.production,
        absolute_hours=here.absolute_hours,
    )


def address() -> str:
    """Where the request comes from."""
    return request.remote_addr or ""


def session_token() -> str:
    """The token of this browser's session; empty for none."""
    token = session.get("token")
    return token if isinstance(token, str) else ""


def qr_image(secret: str, username: str) -> Response:
    """The picture an authenticator reads: a page of its own, since the content policy allows no data: addresses."""
    import io

    import pyotp

    uri = pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name="颐衡 Yiheng")
    picture = io.BytesIO()
    segno.make(uri, error="m").save(picture, kind="svg", scale=6, border=4, light="#fff", dark="#000")
    return Response(picture.getvalue(), mimetype="image/svg+xml")
