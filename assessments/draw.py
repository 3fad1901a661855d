"""Draw a share of a list so that anyone can draw it again: by a seed whose hash was published before the list closed.

The order is that of SHA-256 over seed and entry, so it depends on nothing but the two, and no entry's chance on another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def commitment(seed: str) -> str:
    """What is published before the list closes: the SHA-256 of the seed."""
    return hashlib.sha256(seed.encode()).hexdigest()


def fingerprint(entries: Iterable[str]) -> str:
    """The SHA-256 of a list, whatever order it is given in; it freezes the list."""
    return hashlib.sha256("\n".join(sorted(entries)).encode()).hexdigest()


def draw(entries: Iterable[str], seed: str, percent: int = 10) -> list[str]:
    """At least ``percent`` of the entries, rounded up. Raises ``ValueError`` for a repeated entry or a wrong share."""
    known = list(entries)
    if len(set(known)) != len(known):
        raise ValueError("an entry stands in the list twice")
    if not 1 <= percent <= 100:
        raise ValueError("the share is a whole percentage from 1 to 100")
    count = -(-len(known) * percent // 100)
    return sorted(sorted(known, key=lambda entry: hashlib.sha256(f"{seed}\n{entry}".encode()).hexdigest())[:count])
