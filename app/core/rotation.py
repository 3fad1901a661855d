"""Moving encrypted fields to a new key, in batches that may be interrupted; and refusing to start with wrong keys."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

from flask import current_app
from sqlalchemy import select

from app.core import audit, clock, crypto, schema
from app.core.db import db
from app.core.errors import Refused
from app.core.models import KeyInUse
from app.core.secrets import Secret, keyring
from app.core.transaction import transaction

INDEX_KEY = 0
"""Number under which the fingerprint of the search key is kept: with another one nobody is found by ID number."""


def _check_value(key_id: int) -> bytes:
    key = keyring().index_key if key_id == INDEX_KEY else keyring().key(key_id)
    return hmac.new(key, b"yiheng key check", hashlib.sha256).digest()


def register_keys() -> None:
    """Note the fingerprints of the keys this database is written with; start-up compares them."""
    known = set(db.session.scalars(select(KeyInUse.key_id)).all())
    missing = [k for k in (INDEX_KEY, *keyring().ids()) if k not in known]
    if not missing:
        return
    with transaction():
        for key_id in missing:
            db.session.add(KeyInUse(key_id=key_id, check_value=_check_value(key_id), added_at=clock.now()))


def check_keys() -> None:
    """Refuse to serve when a key of this database is missing or different. Raises ``Refused``, or ``KeyringError`` when
    the key file cannot be read.
    """
    for row in db.session.scalars(select(KeyInUse).order_by(KeyInUse.key_id)):
        if row.key_id not in (INDEX_KEY, *keyring().ids()):
            raise Refused(f"Encryption key {row.key_id} of this database is missing from {_path()}.")
        if not hmac.compare_digest(bytes(row.check_value), _check_value(row.key_id)):
            raise Refused(f"The keys in {_path()} are not those this database was written with (key {row.key_id}).")


def create_keys() -> int:
    """Make the key file of a new installation and note its fingerprints. Raises ``KeyringError`` when there is a file,
    ``Refused`` before the tables are made, and when this database was written with keys already: those must be brought back instead.
    """
    if (not_ready := schema.problem()) is not None:
        raise Refused(not_ready)
    if db.session.scalar(select(KeyInUse.key_id).limit(1)) is not None:
        raise Refused(
            f"This database was written with encryption keys already: put their file back to {_path()}"
            " (each backup holds it)."
        )
    path = current_app.extensions["settings"].keyring_path
    with crypto.changing(path):
        ring = crypto.Keyring.create(path)
    register_keys()
    return ring.active


def _path() -> str:
    return str(current_app.extensions["settings"].keyring_path)


def rotate(*, batch: int = 500, new_key: bool = True) -> Iterator[tuple[str, int]]:
    """Add a key and re-encrypt every field with it; yields (table.field, rows moved). Safe to repeat after a crash:
    an unfinished rotation is completed before another key is made.
    """
    check_keys()
    path = current_app.extensions["settings"].keyring_path
    with crypto.changing(path):
        unfinished = any(_stale(model, field) for model, _n, field in Secret.registry)
        if new_key and not unfinished:
            crypto.Keyring.load(path).add_key()
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
                    select(model)
                    .where(identifier > last, column.is_not(None))
                    .order_by(identifier)
                    .limit(batch)
                    .with_for_update(of=model)  # what somebody changes meanwhile must not be written over
                    .execution_options(populate_existing=True)
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
    path = current_app.extensions["settings"].keyring_path
    with crypto.changing(path):
        for model, name, field in Secret.registry:
            column = getattr(model, field.column)
            for blob in db.session.scalars(select(column).where(column.is_not(None))):
                if crypto.key_id_of(blob) == key_id:
                    where = f"{model.__tablename__}.{name}"  # type: ignore[attr-defined]  # as above
                    raise Refused(f"{where} still needs key {key_id}; run flask keys rotate first.")
        with transaction() as tx:
            tx.act = "keys.retire"
            row = db.session.get(KeyInUse, key_id)
            if row is not None:
                db.session.delete(row)
            audit.record("keys.retire", "keyring", key_id)
        crypto.Keyring.load(path).retire(key_id)
