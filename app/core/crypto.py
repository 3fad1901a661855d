"""Field encryption: AES-256-GCM with rotating keys, keyed hashes for exact search. No Flask, no database.

A stored value is: key id (2 bytes) · nonce (12) · ciphertext and tag (16). The additional data binds it to its field
and row: bytes moved elsewhere do not open.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12
LAST_KEY = 65535


class KeyringError(RuntimeError):
    """The key file is missing, damaged or not the one needed; ``str`` says so in words."""


class DecryptionError(RuntimeError):
    """A stored value does not open: wrong row, wrong key or altered bytes. Never answered with text."""


@dataclass
class Keyring:
    """Keys by number; the highest encrypts, all decrypt.

    ``index_key`` makes the search hashes; it does not rotate with the others, or every hash would have to be rewritten.
    The file is JSON, readable by its owner only. Keep a copy away from the database: without it no personal data opens.
    """

    path: Path
    keys: dict[int, bytes] = field(repr=False)
    index_key: bytes = field(repr=False)

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a keyring file with one key, readable by its owner only. Refuses to replace an existing one."""
        ring = cls(path, {1: secrets.token_bytes(32)}, secrets.token_bytes(32))
        ring._save(replace=False)
        return ring

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a keyring. Raises ``KeyringError`` when it is missing, damaged or open to other users."""
        try:
            if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise KeyringError(f"the key file {path} is open to other users; run: chmod 600 {path}")
            data = json.loads(path.read_text())
        except FileNotFoundError:
            raise KeyringError(f"the key file {path} is missing; restore it, or no personal data can be read") from None
        except (OSError, ValueError) as error:
            raise KeyringError(f"the key file {path} cannot be read: {type(error).__name__}") from error
        return cls(path, *_parse(path, data))

    @classmethod
    def merge(cls, path: Path, data: dict[str, Any]) -> Self:
        """Bring the keys of a backup into the file at ``path``, which stays or becomes usable for the restored data.

        Keys of the same installation are joined. Another installation's keys take the place of ours, which are kept
        beside them as ``<name>.replaced-1`` and so on; nothing is ever deleted.
        """
        keys, index_key = _parse(path, data)
        if path.exists():
            mine = cls.load(path)
            if mine.index_key == index_key and all(mine.keys.get(k, v) == v for k, v in keys.items()):
                keys = {**mine.keys, **keys}
            else:
                path.replace(_free_name(path))
        ring = cls(path, keys, index_key)
        ring._save()
        return ring

    def _save(self, *, replace: bool = True) -> None:
        data = {
            "keys": {str(k): base64.b64encode(v).decode() for k, v in sorted(self.keys.items())},
            "index": base64.b64encode(self.index_key).decode(),
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_name(f"{self.path.name}.new-{secrets.token_hex(4)}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w") as file:
                json.dump(data, file)
                file.flush()
                os.fsync(file.fileno())
            if replace:
                temporary.replace(self.path)
            else:  # two processes that start at once must not each make keys and use them
                os.link(temporary, self.path)
        except FileExistsError:
            raise KeyringError(f"{self.path} exists already") from None
        finally:
            temporary.unlink(missing_ok=True)
        if os.name == "posix":  # the name must survive a power cut as well, before a row is written with the new key
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    @property
    def active(self) -> int:
        """Number of the key that encrypts."""
        return max(self.keys)

    def ids(self) -> list[int]:
        """Numbers of all keys."""
        return sorted(self.keys)

    def key(self, key_id: int) -> bytes:
        """One key. Raises ``DecryptionError`` when it is not here."""
        try:
            return self.keys[key_id]
        except KeyError:
            raise DecryptionError(f"encryption key {key_id} is not in the keyring") from None

    def derive(self, purpose: str) -> bytes:
        """32 bytes that only this installation can make (HKDF-SHA-256 of the index key, which never rotates and travels
        with every backup): the same for one purpose, unrelated between purposes.
        """
        return HKDF(SHA256(), 32, salt=None, info=f"yiheng {purpose}".encode()).derive(self.index_key)

    def add_key(self) -> int:
        """Add a new active key, save, and return its number."""
        number = self.active + 1
        if number > LAST_KEY:
            raise KeyringError(f"there is no key number after {LAST_KEY}")
        self.keys[number] = secrets.token_bytes(32)
        self._save()
        return number

    def retire(self, key_id: int) -> None:
        """Remove an old key and save. The active one cannot go; the caller makes sure that no row needs it."""
        if key_id == self.active:
            raise KeyringError("the active key cannot be removed")
        if key_id not in self.keys:
            raise KeyringError(f"there is no key {key_id} in the keyring")
        del self.keys[key_id]
        self._save()


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """Keep the key file at ``path`` to this process while it is changed: two that each add key 2 would lose one of them.

    Raises ``KeyringError`` while another process is at it. The lock goes with the process, however it ends.
    """
    if os.name != "posix":
        yield
        return
    import fcntl

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise KeyringError(f"another command is changing the key file {path}; wait until it is done") from None
        yield


class KeyringFile:
    """The keyring of a running process: read at its first use, and again when another process changed the file.

    Without that, a server would fail at every field that ``flask keys rotate`` has moved to a key it does not know.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: tuple[int, int, int] | None = None
        self._ring: Keyring | None = None

    def current(self) -> Keyring:
        """The keys as they are now. Raises ``KeyringError`` when they were never readable."""
        try:
            found = self.path.stat()
            stamp = (found.st_mtime_ns, found.st_ino, found.st_size)
        except FileNotFoundError:
            if self._ring is not None:
                return self._ring  # who runs already goes on with what it has
            stamp = None
        if self._ring is None or stamp != self._stamp:
            self._ring, self._stamp = Keyring.load(self.path), stamp
        return self._ring


def _free_name(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.replaced-{number}")).exists():
        number += 1
    return aside


def _parse(path: Path, data: Any) -> tuple[dict[int, bytes], bytes]:
    try:
        keys = {int(k): base64.b64decode(v, validate=True) for k, v in data["keys"].items()}
        index_key = base64.b64decode(data["index"], validate=True)
        if not keys or any(len(k) != 32 for k in [*keys.values(), index_key]) or min(keys) < 1 or max(keys) > LAST_KEY:
            raise ValueError
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise KeyringError(f"the key file {path} is damaged") from error
    return keys, index_key


def encrypt(ring: Keyring, text: str, aad: bytes) -> bytes:
    """Encrypt with the active key; equal text gives different bytes."""
    nonce = secrets.token_bytes(NONCE)
    sealed = AESGCM(ring.key(ring.active)).encrypt(nonce, text.encode(), aad)
    return ring.active.to_bytes(2, "big") + nonce + sealed


def decrypt(ring: Keyring, blob: bytes, aad: bytes) -> str:
    """Open a stored value. Raises ``DecryptionError`` for another row, another key or one changed bit; never text."""
    blob = bytes(blob)
    if len(blob) < 2 + NONCE + 16:
        raise DecryptionError("the stored value is too short")
    try:
        opened = AESGCM(ring.key(key_id_of(blob))).decrypt(blob[2 : 2 + NONCE], blob[2 + NONCE :], aad)
    except InvalidTag as error:
        raise DecryptionError("the stored value was altered or belongs to another row") from error
    return opened.decode()


def key_id_of(blob: bytes) -> int:
    """Number of the key a value was encrypted with."""
    return int.from_bytes(bytes(blob)[:2], "big")


def needs_rotation(ring: Keyring, blob: bytes) -> bool:
    """Whether a value was encrypted with an older key."""
    return key_id_of(blob) != ring.active


def blind_index(ring: Keyring, value: str, purpose: str) -> str:
    """Keyed hash (HMAC-SHA256, 64 hexadecimal digits) for exact search.

    It is the same for differently typed forms of one value (width, case, blanks) and differs between purposes, so that
    equal values of two fields do not show as equal.
    """
    normal = "".join(unicodedata.normalize("NFKC", value).split()).upper()
    return hmac.new(ring.index_key, f"{purpose}|{normal}".encode(), hashlib.sha256).hexdigest()
