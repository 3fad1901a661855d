"""Personal data encrypted per field: descriptors that models declare and everybody reads like plain attributes."""

from __future__ import annotations

import uuid
from typing import Any, Self, overload

from flask import current_app
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.core import crypto


def keyring() -> crypto.Keyring:
    """The keyring of this installation."""
    file: crypto.KeyringFile = current_app.extensions["keyring"]
    return file.current()


class HasSecrets:
    """Mixin for tables with encrypted fields: ``uid`` binds each ciphertext to its row, so that ciphertexts moved to
    another row no longer open.
    """

    uid: Mapped[str] = mapped_column(String(32), unique=True, default=lambda: uuid.uuid4().hex)


class Secret:
    """``phone = Secret("phone_enc", index="phone_index")``: reads and writes plain text through an encrypted column.

    ``index`` names the column that holds the keyed hash for exact search. ``tail`` names a column that keeps the last
    four characters for masked display and tail search.
    """

    registry: list[tuple[type, str, Secret]] = []

    def __init__(self, column: str, *, index: str | None = None, tail: str | None = None) -> None:
        self.column, self.index, self.tail = column, index, tail
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        """Remember where the field lives, for key rotation."""
        self.name = name
        Secret.registry.append((owner, name, self))

    def _aad(self, row: Any) -> bytes:
        return f"{type(row).__tablename__}.{self.name}.{row.uid}".encode()

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: object, owner: type) -> str | None: ...
    def __get__(self, row: object | None, owner: type) -> Self | str | None:
        """Decrypted text, or None when nothing is stored."""
        if row is None:
            return self
        blob = getattr(row, self.column)
        return None if blob is None else crypto.decrypt(keyring(), blob, self._aad(row))

    def __set__(self, row: Any, value: str | None) -> None:
        """Encrypt and store; equal text is not written again, so the audit log shows real changes only."""
        value = value.strip() if value else None
        if row.uid is None:
            row.uid = uuid.uuid4().hex
        if getattr(row, self.column) is not None and self.__get__(row, type(row)) == value:
            return
        setattr(row, self.column, crypto.encrypt(keyring(), value, self._aad(row)) if value else None)
        if self.index:
            setattr(row, self.index, self.lookup(value) if value else None)
        if self.tail:
            setattr(row, self.tail, value[-4:].upper() if value else None)

    def lookup(self, value: str) -> str:
        """The keyed hash under which ``value`` is found."""
        return crypto.blind_index(keyring(), value, self.index or self.name)

    def reencrypt(self, row: Any) -> bool:
        """Move one value to the newest key; True when something was written."""
        blob = getattr(row, self.column)
        if blob is None or not crypto.needs_rotation(keyring(), blob):
            return False
        plain = crypto.decrypt(keyring(), blob, self._aad(row))
        setattr(row, self.column, crypto.encrypt(keyring(), plain, self._aad(row)))
        return True
