"""Acts on many at once: what each of them looks up is read together, and every act still goes the way of a single one.

An act for one person asks a dozen small questions (is a proposal open? which plan covers the day?), each a statement. Who
does the same for five hundred people in one transaction asks each question once for all of them (``ahead``); the single
acts then find their answers there. An answer is forgotten as soon as this transaction writes to a table it was read from,
for the person it is about; rows that are locked and read stay as they are until this transaction writes them. So an act
among many decides from the same facts as an act alone (ADR 41).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Generic, ParamSpec, TypeVar

from sqlalchemy import Select, event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from app.core.actor import Actor
from app.core.db import db, one_row
from app.core.transaction import Transaction, current

P = ParamSpec("P")
V = TypeVar("V")
Row = TypeVar("Row")

PIECE = 500
"""So many keys stand in one statement at most; so many people are one piece of a long work."""
_MISSING = object()


class Asked(Generic[P, V]):
    """A question that can be asked for one key, or ahead for many. Made by ``asked``."""

    def __init__(
        self,
        one: Callable[P, V],
        many: Callable[[Sequence[Any]], Mapping[Any, Any]] | None,
        reads: Mapping[str, str],
        none: Any,
    ) -> None:
        self.one, self.many, self.reads, self.none = one, many, reads, none
        self.__doc__, self.__name__ = one.__doc__, one.__name__
        for table in reads:
            _questions.setdefault(table, []).append(self)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> V:
        """The answer: read ahead when nothing was written since, else from the database."""
        tx = current()
        if tx is None or kwargs.keys() - {"lock"}:
            return self.one(*args, **kwargs)
        key = args[0] if len(args) == 1 else args
        if self in tx.answers:
            self._settle(_owner(key))
            found = tx.answers.get(self, {}).get(_owner(key), {}).get(key, _MISSING)
            if found is not _MISSING:
                return found
        answer = self.one(*args, **kwargs)
        if self.many is None:
            tx.answers.setdefault(self, {}).setdefault(_owner(key), {})[key] = answer
        return answer

    def _settle(self, owner: Any = _MISSING) -> None:
        """Write what waits to be written, as a query would, when it may make an answer (about ``owner``) void."""
        session = db.session()
        for obj in (*session.new, *session.dirty, *session.deleted):
            column = self.reads.get(type(obj).__tablename__)
            if column is not None and (owner is _MISSING or not column or getattr(obj, column) == owner):
                session.flush()
                return

    def ahead(self, keys: Iterable[Any]) -> None:
        """Ask for many keys at once; they are kept for this transaction. A key is what the single question is given, or
        a tuple of it. Raises ``RuntimeError`` outside a transaction.
        """
        tx = current()
        if tx is None or self.many is None:
            raise RuntimeError("questions about many are asked ahead inside a transaction only")
        self._settle()
        kept = tx.answers.setdefault(self, {})
        wanted = [key for key in dict.fromkeys(keys) if key not in kept.get(_owner(key), {})]
        for start in range(0, len(wanted), PIECE):
            piece = wanted[start : start + PIECE]
            found = self.many(piece)
            for key in piece:
                kept.setdefault(_owner(key), {})[key] = found.get(key, self.none)

    def forget(self, tx: Transaction, owner: Any = _MISSING) -> None:
        """Drop the answers about one owner, or all."""
        if owner is _MISSING:
            tx.answers.pop(self, None)
        elif self in tx.answers:
            tx.answers[self].pop(owner, None)


_questions: dict[str, list[Asked[Any, Any]]] = {}
"""By table the questions that read it."""


def _owner(key: Any) -> Any:
    return key[0] if isinstance(key, tuple) else key


def remembered(*, reads: Mapping[str, str]) -> Callable[[Callable[P, V]], Asked[P, V]]:
    """Ask a question about what hardly ever changes once in a transaction: rules in force, offices, seals."""

    def wrap(one: Callable[P, V]) -> Asked[P, V]:
        return Asked(one, None, reads, None)

    return wrap


def asked(
    many: Callable[[Sequence[Any]], Mapping[Any, Any]], *, reads: Mapping[str, str], none: Any = None
) -> Callable[[Callable[P, V]], Asked[P, V]]:
    """Let a question be asked ahead. ``many`` answers a list of keys; who is missing in it has the answer ``none``.

    ``reads`` names every table the answer is read from, with the column that holds the owner: the key, or the first part
    of a key of several parts. A table without such a column is named with ``""``: any write to it makes all answers void.
    """

    def wrap(one: Callable[P, V]) -> Asked[P, V]:
        return Asked(one, many, reads, none)

    return wrap


def held(actor: Actor, kind: type[Row], row_id: int, seen: Callable[[Actor], Select[Row]], *, lock: bool) -> Row:
    """``one_row`` of the row ``row_id`` among those ``seen`` by the actor. One that this transaction has locked for the same
    actor and not written since is taken from there. Raises ``NotFound``.
    """
    tx = current()
    row = tx.held.get(kind, {}).get(row_id, {}).get(actor) if tx is not None else None
    if row is not None:
        return row
    number = kind.id  # type: ignore[attr-defined]  # every kind that is looked up by its number has one
    row = one_row(seen(actor).where(number == row_id), lock=lock)
    if lock and tx is not None:
        tx.held.setdefault(kind, {}).setdefault(row_id, {})[actor] = row
    return row


def hold(actor: Actor, query: Select[Row], ids: Iterable[int], *, lock: bool = True) -> dict[int, Row]:
    """Lock and read many rows of ``query`` (what the actor may see) at once, in the order of their numbers; ``held`` finds
    them. Without ``lock`` for rows nobody changes meanwhile in a way that matters, such as the persons named on a sheet.
    Who may not be seen is missing in the answer.
    """
    tx = current()
    if tx is None:
        raise RuntimeError("rows are held inside a transaction only")
    kind = query.column_descriptions[0]["entity"]
    wanted, found = sorted(set(ids)), dict[int, Row]()
    for start in range(0, len(wanted), PIECE):
        piece = query.where(kind.id.in_(wanted[start : start + PIECE])).order_by(kind.id)
        if lock:
            piece = piece.with_for_update(of=kind)
        for row in db.session.scalars(piece.execution_options(populate_existing=True)).unique():
            number = row.id  # type: ignore[attr-defined]  # every kind that is held has one
            found[number] = row
            tx.held.setdefault(kind, {}).setdefault(number, {})[actor] = row
    return found


@contextmanager
def gathered() -> Iterator[None]:
    """In the block the rows of single acts are written together, when a question needs them or at the end of the block: a
    single act does not know the number of a new row then.
    """
    tx = current()
    if tx is None:
        raise RuntimeError("rows are gathered inside a transaction only")
    before, tx.gathering = tx.gathering, True
    try:
        yield
        db.session.flush()
    finally:
        tx.gathering = before


def locked(kind: type[Row], row_id: int) -> Row | None:
    """A row this transaction has locked already, whoever may see it."""
    tx = current()
    known = tx.held.get(kind, {}).get(row_id) if tx is not None else None
    return next(iter(known.values())) if known else None


def next_number(prefix: str, last: Callable[[str], str | None]) -> str:
    """The next number of a series: ``prefix`` and six digits. ``last`` finds the highest one so far; an act that makes many
    asks for it once. The unique constraint is the last word.
    """
    tx = current()
    known = tx.numbers.get(prefix) if tx is not None else None
    if known is None:
        found = last(prefix)
        known = int(found.removeprefix(prefix)) if found else 0
    if tx is not None:
        tx.numbers[prefix] = known + 1
    return f"{prefix}{known + 1:06d}"


def _written(session: Session, _context: UOWTransaction) -> None:
    """Forget what was read from rows that are written now."""
    tx: Transaction | None = session.info.get("tx")
    if tx is None or not (tx.answers or tx.held):
        return
    for obj in (*session.new, *session.dirty, *session.deleted):
        if type(obj) in tx.held:
            tx.held[type(obj)].pop(obj.id, None)
        for question in _questions.get(type(obj).__tablename__, ()):
            column = question.reads[type(obj).__tablename__]
            question.forget(tx, *([getattr(obj, column)] if column else []))


def _executed(state: ORMExecuteState) -> None:
    """Forget what was read from a table that a statement past the objects writes. With the option ``about`` (the owner)
    it is about one only.
    """
    tx: Transaction | None = state.session.info.get("tx")
    if tx is None or state.is_select or not (tx.answers or tx.held):
        return
    table = getattr(getattr(state.statement, "table", None), "name", None)
    about = state.execution_options.get("about")
    for name, questions in _questions.items():
        if table is None or name == table:
            for question in questions:
                question.forget(tx, *([about] if about is not None else []))
    for kind in list(tx.held):
        if table is None or kind.__tablename__ == table:
            del tx.held[kind]


def _rolled_back(session: Session, _previous: Any) -> None:
    """A part of the act was taken back, with its locks."""
    tx: Transaction | None = session.info.get("tx")
    if tx is not None:
        tx.answers.clear()
        tx.held.clear()
        tx.numbers.clear()


def init_together() -> None:
    """Hook the forgetting into every session of the application."""
    if not event.contains(db.session, "after_flush", _written):
        event.listen(db.session, "after_flush", _written)
        event.listen(db.session, "do_orm_execute", _executed)
        event.listen(db.session, "after_soft_rollback", _rolled_back)
