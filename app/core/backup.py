"""Backup and restore, verified, while the product serves; the same file fits SQLite and PostgreSQL.

A backup is one snapshot of every table as JSON lines, compressed, with the keyring, and encrypted in chunks under a
key derived from ``BACKUP_PASSPHRASE`` (or ``SECRET_KEY``). A cut, flipped or foreign file is refused before anything
is touched; a restore is one transaction.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import gzip
import hashlib
import io
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from alembic.config import Config
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app
from sqlalchemy import Connection, MetaData, Table, func, insert, select, text

from app.core import clock, crypto, schema
from app.core.db import db, writing
from app.core.errors import Refused
from app.core.jobs import Job

MAGIC = b"YIHENG-BACKUP-1\n"
CHUNK = 1 << 20
KEEP_DAYS = 14


class _Sealed(io.RawIOBase):
    """Writes chunks sealed with AES-256-GCM; number and last mark are bound in, so nothing can be cut or moved."""

    def __init__(self, out: IO[bytes], key: bytes) -> None:
        self.out, self.cipher, self.number, self.buffer = out, AESGCM(key), 0, bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.buffer += data
        while len(self.buffer) > CHUNK:
            self._seal(bytes(self.buffer[:CHUNK]), last=False)
            del self.buffer[:CHUNK]
        return len(data)

    def _seal(self, data: bytes, *, last: bool) -> None:
        nonce = secrets.token_bytes(12)
        sealed = nonce + self.cipher.encrypt(nonce, data, b"%d:%d" % (self.number, last))
        self.out.write(len(sealed).to_bytes(4, "big") + bytes([last]) + sealed)
        self.number += 1

    def finish(self) -> None:
        """Write the last chunk; without it a reader refuses the file."""
        self._seal(bytes(self.buffer), last=True)


def _opened(source: IO[bytes], key: bytes) -> Iterator[bytes]:
    cipher, number = AESGCM(key), 0
    while True:
        head = source.read(5)
        if len(head) < 5:
            raise Refused("The backup file is cut short. Nothing was changed; use another backup.")
        size, last = int.from_bytes(head[:4], "big"), head[4]
        if size > CHUNK + 64:
            raise Refused("The backup file is damaged. Nothing was changed; use another backup.")
        sealed = source.read(size)
        try:
            yield cipher.decrypt(sealed[:12], sealed[12:], b"%d:%d" % (number, last))
        except (InvalidTag, ValueError) as error:
            raise Refused(
                "The backup file is damaged, or was made with another passphrase. Nothing was changed."
            ) from error
        number += 1
        if last:
            if source.read(1):
                raise Refused("The backup file has something after its end. Nothing was changed.")
            return


def _key(salt: bytes) -> bytes:
    passphrase = os.environ.get("BACKUP_PASSPHRASE") or str(current_app.config["SECRET_KEY"])
    return hashlib.scrypt(passphrase.encode(), salt=salt, n=1 << 14, r=8, p=5, dklen=32, maxmem=1 << 26)


def _pack(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"b": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, dt.datetime):
        return {"t": value.astimezone(dt.UTC).isoformat()}
    if isinstance(value, dt.date):
        return {"d": value.isoformat()}
    return value.value if hasattr(value, "value") else value


def _unpack(value: Any) -> Any:
    if isinstance(value, dict) and len(value) == 1:
        kind, raw = next(iter(value.items()))
        if kind == "b":
            return base64.b64decode(raw)
        if kind == "t":
            return dt.datetime.fromisoformat(raw)
        if kind == "d":
            return dt.date.fromisoformat(raw)
        if kind == "j":
            return raw
    return value


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    from app.core.db import JsonText

    wrapped = {c.name for c in table.columns if isinstance(c.type, JsonText)}
    query = select(table).order_by(*table.primary_key.columns)
    for row in connection.execution_options(yield_per=2000).execute(query).mappings():
        yield {k: ({"j": v} if k in wrapped and v is not None else _pack(v)) for k, v in row.items() if v is not None}


def backup(target: Path) -> dict[str, Any]:
    """Write a verified backup to ``target`` and return its summary (rows, schema, time)."""
    target.parent.mkdir(parents=True, exist_ok=True)
    salt = secrets.token_bytes(16)
    counts: dict[str, int] = {}
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".backup-", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(MAGIC + salt)
            sealed = _Sealed(file, _key(salt))
            with (
                gzip.GzipFile(fileobj=sealed, mode="wb", compresslevel=6, mtime=0) as packed,
                db.engine.connect() as connection,
            ):
                if connection.dialect.name == "postgresql":
                    connection = connection.execution_options(isolation_level="REPEATABLE READ")
                _write(packed, connection, counts)  # type: ignore[arg-type]  # inferred too narrowly
            sealed.finish()
            file.flush()
            os.fsync(file.fileno())
            temporary.chmod(0o600)
            summary = check(temporary)
            temporary.replace(target)
            _sync_folder(target.parent)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    if summary["rows"] != sum(counts.values()):
        raise Refused("The backup does not hold what was read; it was not kept.")
    return summary


def _sync_folder(folder: Path) -> None:
    """The name of a finished file must survive a power cut as well."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write(packed: IO[bytes], connection: Connection, counts: dict[str, int]) -> None:
    def line(value: Any) -> None:
        packed.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")

    version = schema.stored(connection)  # the snapshot begins here; a key is in the file before a row uses it
    keys = current_app.extensions["settings"].keyring_path.read_text()
    seal = current_app.extensions["seal"].path
    line(
        {
            "made_at": clock.now().isoformat(),
            "revision": version,
            "county": current_app.extensions["settings"].county,
            "keys": json.loads(keys),
            "seal": seal.read_text() if seal.exists() else None,
        }
    )
    for table in db.metadata.sorted_tables:
        line({"table": table.name})
        counts[table.name] = 0
        for row in _rows(connection, table):
            line({"row": row})
            counts[table.name] += 1
    line({"end": counts})


def _lines(source: IO[bytes]) -> Iterator[dict[str, Any]]:
    magic = source.read(len(MAGIC))
    salt = source.read(16)
    if magic != MAGIC or len(salt) != 16:
        raise Refused("This is not a backup of Yiheng. Nothing was changed.")
    key = _key(salt)
    with tempfile.TemporaryFile() as opened:
        for chunk in _opened(source, key):
            opened.write(chunk)
        opened.seek(0)
        with gzip.GzipFile(fileobj=opened, mode="rb") as packed:
            for raw in packed:
                yield json.loads(raw)


def check(path: Path) -> dict[str, Any]:
    """Read a backup to its end and return its summary. Raises ``Refused`` when any byte is wrong."""
    head: dict[str, Any] = {}
    rows, counted, table = 0, {}, ""
    with path.open("rb") as source:
        for line in _lines(source):
            if "made_at" in line:
                head = line
            elif "table" in line:
                table = line["table"]
                counted[table] = 0
            elif "row" in line:
                counted[table] += 1
                rows += 1
            elif line.get("end") != counted:
                raise Refused("The backup file does not hold the rows it names. Nothing was changed.")
            else:
                county = head.get("county", "")
                return {
                    "made_at": head["made_at"],
                    "revision": head["revision"],
                    "county": county,
                    "rows": rows,
                    "tables": counted,
                }
    raise Refused("The backup file has no end. Nothing was changed.")


def _script(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(schema.FOLDER))
    config.attributes["connection"] = connection
    return config


def restore(path: Path) -> dict[str, Any]:
    """Put a backup back in one transaction; everything or nothing. Raises ``Refused`` for damaged or newer files."""
    from alembic import command

    summary = check(path)
    if summary["revision"] not in schema.known():
        raise Refused("The backup was made by a newer version of Yiheng. Install that version first.")
    here = current_app.extensions["settings"].county
    if summary["county"] and here and summary["county"] != here:
        raise Refused(f"The backup is of county {summary['county']}, and this is county {here}. Nothing was changed.")
    db.session.remove()
    token = writing.set(True)
    try:
        with db.engine.connect() as connection, connection.begin():
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            _drop_everything(connection)
            command.upgrade(_script(connection), summary["revision"])
            with triggers_off(connection):
                keys, seal = _insert(connection, path)
            command.upgrade(_script(connection), "head")
    finally:
        writing.reset(token)
    _merge_keys(keys)
    if seal and not current_app.extensions["seal"].path.exists():  # one that is here already is this county's own
        current_app.extensions["seal"].create(seal.encode())
    return summary


def start_over() -> None:
    """Empty the database: every table is made anew in one transaction. For a half-made demonstration only."""
    from alembic import command

    db.session.remove()
    token = writing.set(True)
    try:
        with db.engine.connect() as connection, connection.begin():
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            _drop_everything(connection)
            command.upgrade(_script(connection), "head")
    finally:
        writing.reset(token)


def _drop_everything(connection: Connection) -> None:
    found = MetaData()
    found.reflect(connection)
    if connection.dialect.name == "sqlite":
        for table in reversed(found.sorted_tables):
            connection.exec_driver_sql(f'DROP TABLE "{table.name}"')
        return
    for table in found.tables.values():
        connection.exec_driver_sql(f'DROP TABLE "{table.name}" CASCADE')
    functions = connection.execute(
        text(
            "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE n.nspname = current_schema() AND p.prorettype = 'trigger'::regtype"
        )
    )
    for (name,) in functions.all():
        connection.exec_driver_sql(f'DROP FUNCTION "{name}"() CASCADE')


@contextlib.contextmanager
def triggers_off(connection: Connection) -> Iterator[None]:
    """Rows come back as they stood: a contract in force, a closed quarter. The triggers that guard the way there (a
    contract begins as a draft) sleep meanwhile; nobody else sees the transaction.
    """
    if connection.dialect.name == "sqlite":
        known = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = [tuple(row) for row in connection.execute(known)]
        for name, _sql in triggers:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        yield
        for _name, sql in triggers:
            connection.exec_driver_sql(sql)
        return
    for table in db.metadata.tables:
        connection.exec_driver_sql(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
    yield
    for table in db.metadata.tables:
        connection.exec_driver_sql(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')


def _insert(connection: Connection, path: Path) -> tuple[dict[str, Any], str | None]:
    keys: dict[str, Any] = {}
    seal: str | None = None
    tables = db.metadata.tables
    with path.open("rb") as source:
        table, batch = None, []

        def flush() -> None:
            if table is not None and batch:  # type: ignore[unreachable]  # inferred too narrowly
                names = {k for row in batch for k in row}  # type: ignore[unreachable]  # inferred too narrowly
                connection.execute(insert(table), [{k: row.get(k) for k in names} for row in batch])
                batch.clear()

        for line in _lines(source):
            if "made_at" in line:
                keys, seal = line["keys"], line.get("seal")
            elif "row" in line:
                batch.append({k: _unpack(v) for k, v in line["row"].items()})
                if len(batch) >= 2000:
                    flush()
            else:
                flush()
                table = tables.get(line.get("table", ""))
                if table is not None and table.name == "audit_head":
                    connection.execute(table.delete())
    if connection.dialect.name == "postgresql":
        for table in tables.values():
            column = table.autoincrement_column
            if column is not None:
                highest = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
                sequence = func.pg_get_serial_sequence(table.name, column.name)
                connection.execute(select(func.setval(sequence, highest, False)))
    return keys, seal


def _merge_keys(keys: dict[str, Any]) -> None:
    """Bring the keys the restored rows were written with; keys made since stay."""
    path = current_app.extensions["settings"].keyring_path
    with crypto.changing(path):
        crypto.Keyring.merge(path, keys)


def nightly(today: dt.date) -> str:
    """Write tonight's backup to the data folder and drop those older than two weeks."""
    folder = current_app.extensions["settings"].data_dir / "backups"
    summary = backup(folder / f"yiheng-{today.isoformat()}.backup")
    dropped = 0
    for half in folder.glob(".backup-*"):  # what a killed backup left behind
        if clock.now().timestamp() - half.stat().st_mtime > 24 * 3600:
            half.unlink(missing_ok=True)
    for path in sorted(folder.glob("yiheng-*.backup")):
        try:
            day = dt.date.fromisoformat(path.stem.removeprefix("yiheng-"))
        except ValueError:
            continue
        if (today - day).days > KEEP_DAYS:
            path.unlink()
            dropped += 1
    return f"{summary['rows']} rows, {dropped} old backups removed"


JOBS = (Job("nightly-backup", nightly, hour=3),)
