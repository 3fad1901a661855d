"""Business acts: allowed, atomic, audited."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from app.core.actor import Actor
from app.core.transaction import transaction

P = ParamSpec("P")
R = TypeVar("R")

PERMISSIONS_USED: dict[str, str] = {}
"""act → permission, filled at import; a guard compares it with the table of roles."""


def operation(
    act: str, *, permission: str
) -> Callable[[Callable[Concatenate[Actor, P], R]], Callable[Concatenate[Actor, P], R]]:
    """Make a function one business act: permission check, one transaction, at least one audit entry.

    The function's first argument is the actor. When it takes a ``reason``, that reason stands in the audit log.
    Nested operations join the outer transaction. Raises ``Forbidden`` when the role does not carry ``permission``.
    """
    PERMISSIONS_USED[act] = permission

    def wrap(fn: Callable[Concatenate[Actor, P], R]) -> Callable[Concatenate[Actor, P], R]:
        signature = inspect.signature(fn)

        @wraps(fn)
        def run(actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
            actor.require(permission)
            with transaction() as tx:
                if tx.actor is None:
                    tx.actor, tx.act = actor, act
                if "reason" in signature.parameters and tx.reason is None:
                    given = signature.bind(actor, *args, **kwargs).arguments.get("reason")
                    tx.reason = str(given) if given else None
                already = len(tx.entries)
                result = fn(actor, *args, **kwargs)
                if not tx.gathering or len(tx.entries) == already:
                    from app.core.db import db

                    db.session.flush()
                if len(tx.entries) == already:
                    raise RuntimeError(f"{act} left no audit entry")
            return result

        return run

    return wrap
