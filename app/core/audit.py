"""The audit log: what changed, who, when, why; append-only and hash-chained.

ORM changes of tables marked ``__audited__`` are gathered by themselves, per field, before and after. Statements that
bypass the ORM say so with ``record``. Encrypted columns are named, never shown.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from flask import g, has_request_context, request
from sqlalchemy import event, insert, inspect, select, update
from sqlalchemy.orm import Mapper, Session, UOWTransaction

from app.core import clock
from app.core.db import canonical_json, db
from app.core.models import AuditEntry, AuditHead
from app.core.transaction import Entry, Transaction, current, on_finish, snapshot

GENESIS = "0" * 64
HIDDEN = "•"
_HEAD = db.metadata.tables[AuditHead.__tablename__]
LAST = select(_HEAD.c.seq, _HEAD.c.hash).with_for_update()
APPEND = insert(db.metadata.tables[AuditEntry.__tablename__])
MOVE = update(_HEAD)
"""What every act ends with, built once and meant for the tables: the session has written everything before."""


def record(act: str, object_type: str, object_id: object, changes: dict[str, Any] | None = None) -> None:
    """Add an entry to the open transaction, for acts the ORM does not see (bulk statements, looks, prints)."""
    tx = current()
    if tx is None:
        raise RuntimeError("an audit entry needs a transaction")
    tx.entries.append(Entry(act, object_type, str(object_id), changes or {}))


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return HIDDEN
    return value


def _secret(key: str) -> bool:
    return key.endswith(("_enc", "_index", "_hash", "_tail"))


def _key(obj: Any) -> str:
    return "/".join(str(_plain(v)) for v in inspect(obj).identity or ())


def _place(obj: Any) -> tuple[str, tuple[Any, ...]]:
    """Where an object's entry stands among those of one flush; the session's own sets have no order."""
    return type(obj).__tablename__, inspect(obj).mapper.primary_key_from_instance(obj)


def _collect(session: Session, _context: UOWTransaction) -> None:
    tx = session.info.get("tx")
    touched = [o for o in (*session.new, *session.dirty, *session.deleted) if getattr(type(o), "__audited__", False)]
    for obj in sorted(touched, key=_place):
        state = inspect(obj)
        kind = "delete" if obj in session.deleted else ("create" if obj in session.new else "update")
        changes: dict[str, Any] = {}
        for attr in state.mapper.column_attrs:
            if kind == "create":
                before, after = None, _plain(state.dict.get(attr.key))
                if after is None:
                    continue
            elif kind == "update" and attr.key not in state.committed_state:
                continue
            else:
                history = state.attrs[attr.key].history
                if kind == "update" and not history.has_changes():
                    continue
                before = _plain(history.deleted[0]) if history.deleted else None
                after = _plain(history.added[0]) if history.added else _plain(state.dict.get(attr.key))
                if kind == "delete":
                    before, after = after, None
            if _secret(attr.key):
                before, after = (HIDDEN if before else None), (HIDDEN if after else None)
            changes[attr.key] = [before, after]
        if changes and tx is not None:
            key = _key(obj) or "/".join(str(_plain(v)) for v in state.mapper.primary_key_from_instance(obj))
            _note(tx, kind, type(obj).__tablename__, key, changes)


def _note(tx: Transaction, kind: str, table: str, key: str, changes: dict[str, Any]) -> None:
    """Add an entry; several flushes of one act about one row make one entry, first before and last after."""
    entry = tx.latest.get((table, key)) if kind == "update" else None
    if entry is None:
        entry = Entry(kind, table, key, changes)
        tx.entries.append(entry)
        if kind in {"create", "update"}:
            tx.latest[table, key] = entry
        return
    for name, (before, after) in changes.items():
        entry.changes[name] = [entry.changes[name][0] if name in entry.changes else before, after]


def _keep_old_values(mapper: Mapper[Any], _class: type) -> None:
    """Load a value before it is replaced, so that 'before' is never empty for a row that was expired."""
    if getattr(mapper.class_, "__audited__", False):
        for attr in mapper.column_attrs:
            getattr(mapper.class_, attr.key).impl.active_history = True


def _guard(session: Session, _context: UOWTransaction, _instances: object) -> None:
    if session.info.get("tx") is None and (session.new or session.deleted or session.dirty):
        raise RuntimeError("writes happen inside an operation only")


def _digest(prev: str, fields: dict[str, Any]) -> str:
    return hashlib.sha256((prev + canonical_json(fields)).encode()).hexdigest()


def _fields(row: Any) -> dict[str, Any]:
    return {
        "seq": row["seq"],
        "at": row["at"].astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "actor_id": row["actor_id"],
        "actor_name": row["actor_name"],
        "role": row["role"],
        "act": row["act"],
        "object_type": row["object_type"],
        "object_id": row["object_id"],
        "reason": row["reason"],
        "request_id": row["request_id"],
        "address": row["address"],
        "changes": row["changes"],
    }


def _chain(tx: Transaction) -> None:
    """Append the gathered entries; the head row is locked, so the chain has no forks."""
    if not tx.entries:
        return
    (seq, prev), now = db.session.execute(LAST).one(), clock.now()
    actor = tx.actor
    rows = []
    for entry in tx.entries:
        seq += 1
        row: dict[str, Any] = {
            "seq": seq,
            "at": now,
            "actor_id": actor.user_id if actor else None,
            "actor_name": actor.name if actor else "system",
            "role": actor.role.value if actor and actor.role else "system",
            "act": entry.act if "." in entry.act else f"{tx.act or 'system'}:{entry.act}",
            "object_type": entry.object_type,
            "object_id": entry.object_id,
            "reason": tx.reason,
            "request_id": getattr(g, "request_id", "") if has_request_context() else "",
            "address": (request.remote_addr or "") if has_request_context() else "",
            "changes": canonical_json(entry.changes),
            "prev_hash": prev,
        }
        prev = row["hash"] = _digest(prev, _fields(row))
        rows.append(row)
    db.session.execute(APPEND, rows)
    db.session.execute(MOVE, {"seq": seq, "hash": prev})


def entries_of(object_type: str, object_id: object, acts: Iterable[str]) -> list[dict[str, Any]]:
    """Entries of these acts about one object, oldest first, with everything their hash is made from."""
    query = select(AuditEntry.__table__).where(
        AuditEntry.object_type == object_type, AuditEntry.object_id == str(object_id), AuditEntry.act.in_(list(acts))
    )
    found = db.session.execute(query.order_by(AuditEntry.seq)).mappings()
    return [{**_fields(row), "prev_hash": row["prev_hash"], "hash": row["hash"]} for row in found]


@dataclass(frozen=True)
class Finding:
    """Where the chain breaks first: entry number and what is wrong in words."""

    seq: int
    problem: str


def rows(batch: int = 5000) -> Iterator[Any]:
    """All entries in order, streamed; also those that somebody put before the first one."""
    query = select(AuditEntry.__table__).order_by(AuditEntry.seq).limit(batch)
    page = db.session.execute(query).mappings().all()
    while page:
        yield from page
        page = db.session.execute(query.where(AuditEntry.seq > page[-1]["seq"])).mappings().all()


def head() -> tuple[int, str]:
    """Number and hash of the last entry. Noted outside this machine, it proves later that nothing before it was changed."""
    found = db.session.execute(select(AuditHead.seq, AuditHead.hash)).one()
    return found.seq, found.hash


def verify(witnesses: Mapping[str, str] | None = None) -> tuple[int, Finding | None]:
    """Walk the whole chain; return how many entries hold and the first that does not (altered, missing, reordered).

    ``witnesses`` are hashes that were noted elsewhere, each with the words that name the place: who rewrites the chain
    from some entry on, or cuts its end and sets the head back, cannot make them occur again.
    """
    with snapshot():
        missing = dict(witnesses or {})
        count, finding = _walk(missing)
    missing.pop(GENESIS, None)
    if finding is None and missing:
        place = next(iter(missing.values()))
        return count, Finding(count + 1, f"the log was rewritten: the end noted {place} is not in it")
    return count, finding


def _walk(missing: dict[str, str]) -> tuple[int, Finding | None]:
    """Follow the chain and strike the hashes that occur off ``missing``."""
    expected, prev = 1, GENESIS
    for row in rows():
        if row["seq"] < expected:
            return expected - 1, Finding(row["seq"], f"entry {row['seq']} does not belong into the log")
        if row["seq"] != expected:
            return expected - 1, Finding(expected, f"entry {expected} is missing (found {row['seq']} instead)")
        if row["prev_hash"] != prev:
            return expected - 1, Finding(expected, f"entry {expected} does not follow the one before it")
        if _digest(prev, _fields(row)) != row["hash"]:
            return expected - 1, Finding(expected, f"entry {expected} was altered")
        prev, expected = row["hash"], expected + 1
        missing.pop(prev, None)
    seq, hash_ = head()
    if (seq, hash_) != (expected - 1, prev):
        return expected - 1, Finding(min(expected, seq + 1), _end_words(expected - 1, seq))
    return expected - 1, None


def _end_words(last: int, head_seq: int) -> str:
    if last < head_seq:
        return f"the log ends at {last}, but {head_seq} entries were written"
    if last > head_seq:
        return f"entry {head_seq + 1} was not written by the program: its log ends at {head_seq}"
    return f"the head of the log does not fit entry {last}"


def init_audit() -> None:
    """Hook the audit log into every session of the application."""
    if not event.contains(db.session, "after_flush", _collect):
        event.listen(db.session, "after_flush", _collect)
        event.listen(db.session, "before_flush", _guard)
        event.listen(Mapper, "mapper_configured", _keep_old_values)
        for mapper in db.Model.registry.mappers:  # type: ignore[attr-defined]  # inferred too narrowly
            if mapper.configured:
                _keep_old_values(mapper, mapper.class_)
    on_finish(_chain)
