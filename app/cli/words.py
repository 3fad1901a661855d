"""What a command of the installation says when a rule refuses."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from app.core.crypto import KeyringError
from app.core.db import storage_status
from app.core.errors import DomainError
from app.core.sealing import SealError
from app.startup import NotReady


def in_words(command: Callable[..., Any]) -> Callable[..., Any]:
    """Say what a rule refused in one line and exit 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (DomainError, KeyringError, SealError, NotReady) as error:
            for line in [str(error), *getattr(error, "errors", {}).values()]:
                click.echo(line, err=True)
            sys.exit(1)
        except (SQLAlchemyError, OSError) as error:
            if storage_status(error) is None and not isinstance(error, PermissionError):
                raise
            click.echo(f"The store cannot be used: {getattr(error, 'orig', error)}. Nothing was changed.", err=True)
            sys.exit(1)

    return run
