"""One business act is one transaction: the only place that commits or rolls back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from app.core.actor import Actor
from app.core.db import db, writing


@dataclass
class Entry:
    """One thing that happened to one object, still to be chained into the audit log."""

    act: str
    object_type: str
    object_id: str
    changes: dict[str, Any]


@dataclass
class Transaction:
    """What one outermost act gathers until it commits."""

    actor: Actor | None = None
    act: str = ""
    reason: str | None = None
    entries: list[Entry] = field(default_factory=list)
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    before_commit: list[Callable[[Transaction], None]] = field(default_factory=list)
    latest: dict[tuple[str, str], Entry] = field(default_factory=dict)
    """By row its newest entry that says how the row was made or changed."""
    answers: dict[Any, dict[Any, dict[Any, Any]]] = field(default_factory=dict)
    """What was asked ahead (``together``): by question, by whom it is about, by key."""
    held: dict[type[Any], dict[Any, dict[Actor, Any]]] = field(default_factory=dict)
    """Rows this act has locked: by kind and number, with who may see them."""
    gathering: bool = False
    """Whether acts within this act leave their rows to be written together at its end."""
    numbers: dict[str, int] = field(default_factory=dict)
    """The last number this act gave in a series."""


_finishers: list[Callable[[Transaction], None]] = []


def on_finish(finisher: Callable[[Transaction], None]) -> None:
    """Register what must run inside every outermost transaction just before it commits (the audit chain)."""
    if finisher not in _finishers:
        _finishers.append(finisher)


def current() -> Transaction | None:
    """The open transaction, or None."""
    return db.session.info.get("tx")


@contextmanager
def transaction() -> Iterator[Transaction]:
    """Open a writing transaction, or join the one already open. The outermost commits; effects run after it."""
    session = db.session()
    if (outer := session.info.get("tx")) is not None:
        yield outer
        return
    if session.in_transaction():
        if session.expire_on_commit:
            session.rollback()  # a reading snapshot from before: the act must see and lock the present
        else:
            session.commit()  # nobody else writes: what was read stays true
    tx = session.info["tx"] = Transaction()
    token = writing.set(True)
    try:
        try:
            yield tx
            session.flush()
            for finisher in _finishers:
                finisher(tx)
            session.commit()
        except BaseException:
            session.rollback()
            raise
    finally:
        writing.reset(token)
        session.info.pop("tx", None)
    for effect in tx.after_commit:
        effect()


class _TakenBack(Exception):
    """Ends a trial."""


@contextmanager
def trial() -> Iterator[None]:
    """Carry an act out for real, with every check of the database, and take all of it back at the end of the block."""
    if current() is not None:
        raise RuntimeError("a trial takes back everything, so it cannot be a part of an act")
    with suppress(_TakenBack), transaction():
        yield
        raise _TakenBack


@contextmanager
def snapshot() -> Iterator[None]:
    """Read one consistent state in the block while others write: whole-table proofs must not see half of an act that
    is committed in between. SQLite always reads like that; PostgreSQL does when asked.
    """
    if current() is not None:
        yield  # inside an act the locks of the act hold
        return
    session = db.session()
    session.rollback()
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        yield
    finally:
        session.rollback()


def end_reading() -> None:
    """Close a reading snapshot so that the next query sees what has been committed since."""
    if current() is None:
        db.session.rollback()
