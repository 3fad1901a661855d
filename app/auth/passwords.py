"""Password hashing with Argon2id (t=2, 19 MiB, p=1: about 35 ms here, so that a guessing flood cannot eat the CPU)."""

from __future__ import annotations

import hmac
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_nobody = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Argon2id hash of ``password``."""
    return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether ``password`` fits; takes the same time when there is no account."""
    try:
        _hasher.verify(stored or _nobody, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def outdated(stored: str) -> bool:
    """Whether the hash was made with weaker settings and should be made again at the next sign-in."""
    return _hasher.check_needs_rehash(stored)


@cache
def _words(name: str) -> frozenset[str]:
    lines = (Path(__file__).parent / "data" / name).read_text("utf-8").splitlines()
    return frozenset(line.strip().casefold() for line in lines if line.strip() and not line.startswith("#"))


def common_passwords() -> frozenset[str]:
    """Passwords and stems that are guessed first, lower case."""
    return _words("common_passwords.txt")


def context_words() -> frozenset[str]:
    """Names of product, place and field, which must not occur in a password."""
    return _words("context_words.txt")


DEMO_PASSWORD = "Yiheng-2026-demo"  # noqa: S105  # published on purpose; production refuses it
"""Password of every demonstration account, printed in the README."""


def is_demo_password(password: str) -> bool:
    """Whether somebody uses the published password of the demonstration."""
    return hmac.compare_digest(password.casefold().encode(), DEMO_PASSWORD.casefold().encode())
