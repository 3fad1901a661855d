"""Entry point for WSGI servers (``waitress-serve wsgi:app``, ``gunicorn wsgi:app``) and for the ``flask`` command.

A server is refused in words, with exit code 3, when something is missing that it needs (``app.startup``); a server of
many counties begins, and each county is looked at when somebody asks for it.
"""

import sys

import click

from app import create_app
from app.config import ConfigurationError
from app.counties import check
from app.startup import EXIT_CODE, NotReady

try:
    app = create_app()
    if click.get_current_context(silent=True) is None:  # not under `flask …`: commands are how things are mended
        check(app)
except (ConfigurationError, NotReady) as refused:
    sys.stderr.write(f"Yiheng does not start.\n{refused}\n")
    raise SystemExit(EXIT_CODE) from None
