"""Moving encrypted fields to a new key, in batches that may be interrupted; and refusing to start with wrong keys."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

from flask import current_app
from sqlalchemy import inspect as inspect_engine
from sqlalchemy import select

from app.core import audit, clock, crypto
from app.core.db import db
from app.core.errors import Refused
from app.core.models import KeyInUse
from app.core.secrets import Secret, keyring
from app.core.transaction import transaction


def _check_value(key_id: int) -> bytes:
    return hmac.new(keyring().key(key_id), b"yiheng key check", hashlib.sha256).digest()


def register_keys() -> None:
    """Note the fingerprints of the keys this database is written with; start-up compares them."""
    known = set(db.session.scalars(select(KeyInUse.key_id)).all())
    missing = [k for k in keyring().ids() if k not in known]
    if not missing:
        return
    with transaction():
        for key_id in missing:
            db.session.add(KeyInUse(key_id=key_id, check_value=_check_value(key_id), added_at=clock.now()))


def check_keys() -> None:
    """Refuse to serve when a key of this database is missing or different. Raises ``Refused``."""
    if not inspect_engine(db.engine).has_table("key_in_use"):
        return
    for row in db.session.scalars(select(KeyInUse)):
        if row.key_id not in keyring().ids():
            raise Refused(f"Encryption key {row.key_id} of this database is missing from {_path()}.")
        if not hmac.compare_digest(row.check_value, _check_value(row.key_id)):
            raise Refused(f"Encryption key {row.key_id} in {_path()} is not the one this database was written with.")


def _path() -> str:
    return str(current_app.extensions["settings"].keyring_path)


def rotate(*, batch: int = 500, new_key: bool = True) -> Iterator[tuple[str, int]]:
    """Add a key and re-encrypt every field with it; yields (table.field, rows moved). Safe to repeat after a crash:
    an unfinished rotation is completed before another key is made.
    """
    unfinished = any(_stale(model, field) for model, _n, field in Secret.registry)
    if new_key and not unfinished:
        path = current_app.extensions["settings"].keyring_path
        ring = crypto.Keyring.load(path)
        ring.add_key()
        current_app.extensions["keyring"] = crypto.Keyring.load(path)
    register_keys()
    for model, name, field in Secret.registry:
        moved = _move(model, field, batch)
        yield f"{model.__tablename__}.{name}", moved  # type: ignore[attr-defined]  # every registered class is a table


def _stale(model: type, field: Secret) -> bool:
    column = getattr(model, field.column)
    rows = db.session.scalars(select(column).where(column.is_not(None)))
    return any(crypto.needs_rotation(keyring(), blob) for blob in rows)


def _move(model: type, field: Secret, batch: int) -> int:
    identifier, column = model.id, getattr(model, field.column)  # type: ignore[attr-defined]  # every registered class is a table
    last, moved = 0, 0
    while True:
        with transaction() as tx:
            tx.act = "keys.rotate"
            rows = (
                db.session.scalars(  # type: ignore[var-annotated]  # inferred too narrowly
                    select(model).where(identifier > last, column.is_not(None)).order_by(identifier).limit(batch)
                )
                .unique()
                .all()
            )
            if not rows:
                return moved
            changed = sum(field.reencrypt(row) for row in rows)
            moved += changed
            last = rows[-1].id
            if changed:
                audit.record("keys.rotate", model.__tablename__, field.name, {"rows": changed, "upto": last})  # type: ignore[attr-defined]  # as above
        db.session.expunge_all()


def retire(key_id: int) -> None:
    """Remove an old key from the keyring. Raises ``Refused`` while a row still needs it."""
    for model, name, field in Secret.registry:
        column = getattr(model, field.column)
        for blob in db.session.scalars(select(column).where(column.is_not(None))):
            if crypto.key_id_of(blob) == key_id:
                raise Refused(f"{model.__tablename__}.{name} still needs key {key_id}; run flask keys rotate first.")  # type: ignore[attr-defined]  # as above
    with transaction() as tx:
        tx.act = "keys.retire"
        row = db.session.get(KeyInUse, key_id)
        if row is not None:
            db.session.delete(row)
        audit.record("keys.retire", "keyring", key_id)
    path = current_app.extensions["settings"].keyring_path
    ring = crypto.Keyring.load(path)
    ring.retire(key_id)
    current_app.extensions["keyring"] = crypto.Keyring.load(path)
