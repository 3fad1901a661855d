"""What must be true before pages are served or jobs run on this machine; the reasons against it in words.

Commands (``flask …``) work without it: some of them are how a reason is taken away.
"""

from __future__ import annotations

import logging
import os

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from app.auth.queries import demo_accounts_active
from app.config import Settings
from app.core import schema
from app.core.crypto import KeyringError
from app.core.db import db, durability_problems
from app.core.errors import DomainError
from app.core.models import COUNTY_KEY, Setting
from app.core.rotation import check_keys, register_keys

EXIT_CODE = 3
"""A server that may not serve ends with this code; gunicorn stops for it instead of trying again and again."""

log = logging.getLogger(__name__)


class NotReady(RuntimeError):
    """This installation may not serve; ``str`` gives every reason in words, one a line."""


def check(app: Flask, *, alone: bool = True) -> None:
    """Return when ``app`` may serve, and note the keys it serves with. Raises ``NotReady``.

    ``alone``: nobody else uses its connections, and they are closed: a server that forks later must not share them.
    """
    with app.app_context():
        try:
            found = problems()
            if not found:
                register_keys()
        finally:
            db.session.remove()
            if alone:
                db.engine.dispose()
    if found:
        raise NotReady("\n".join(found))


def problems() -> list[str]:
    """Every reason why this installation may not serve; empty when it may."""
    settings: Settings = current_app.extensions["settings"]
    if not os.access(settings.data_dir, os.W_OK | os.X_OK):
        return [f"The data folder {settings.data_dir} cannot be written by this account."]
    try:
        version = schema.problem()
        found = [version] if version else []
        durability = durability_problems()
        if settings.production:
            found += durability
        elif durability:
            log.warning("not for real people's data: %s", "; ".join(durability))
        if version is None:
            found += _county(settings)
            found += _keys()
            if settings.production and (number := demo_accounts_active()):
                found.append(
                    f"{number} demonstration accounts with a published password are active here: production needs a"
                    " database of its own (DATA_DIR, DATABASE_URL)."
                )
    except SQLAlchemyError as error:
        return [f"The database cannot be used: {type(getattr(error, 'orig', error)).__name__}. Is DATABASE_URL right?"]
    return found


def _county(settings: Settings) -> list[str]:
    """A database that another county's rows were brought into must not be shown under this one's name."""
    noted = db.session.get(Setting, COUNTY_KEY)
    if not settings.county or noted is None or noted.value == settings.county:
        return []
    return [f"The tables hold county {noted.value}, and this is county {settings.county}."]


def _keys() -> list[str]:
    try:
        check_keys()
        from app.core.secrets import keyring

        keyring()
    except (DomainError, KeyringError) as error:
        return [str(error)]
    return []
