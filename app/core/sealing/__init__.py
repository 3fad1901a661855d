"""Sealing of finished documents, so that whoever holds the file can prove that no byte of it changed.

One scheme is built in: PAdES with RSA and SHA-256 (``pades``). Another one, SM2 with SM3 of GM/T 0031 for example, is a
class with the same three methods and a line in ``SCHEMES``; each sealed document remembers the scheme it was sealed
with (ADR 26).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from flask import current_app

from app.core.sealing.authority import SealError, SealFile, SealKey, sha256
from app.core.sealing.pades import Pades


class Scheme(Protocol):
    """How a file is sealed and how a seal is checked."""

    name: str

    def seal(self, key: SealKey, pdf: bytes, *, at: dt.datetime, reason: str) -> bytes:
        """The sealed file: ``pdf`` with a signature over every byte of it."""
        ...

    def problem(self, data: bytes, roots: Sequence[str]) -> str | None:
        """Why ``data`` must not be relied on, None when its seal is good and leads to one of ``roots`` (PEM)."""
        ...

    def sealed_by(self, data: bytes) -> str:
        """The name in the certificate of the seal; empty when there is none that can be read."""
        ...


SCHEMES: dict[str, Scheme] = {scheme.name: scheme for scheme in (Pades(),)}
"""Every way a document may have been sealed, by the name that is stored beside it."""

CURRENT = Pades.name


def scheme(name: str) -> Scheme:
    """A scheme by the name stored with a document. Raises ``SealError`` for one this program does not know."""
    try:
        return SCHEMES[name]
    except KeyError:
        raise SealError(f"this program does not know the way of sealing {name!r}") from None


def seal_key() -> SealKey:
    """The key and certificate documents are sealed with here. Raises ``SealError`` in words."""
    file: SealFile = current_app.extensions["seal"]
    return file.current()


__all__ = ["CURRENT", "SCHEMES", "Scheme", "SealError", "SealFile", "SealKey", "scheme", "seal_key", "sha256"]
