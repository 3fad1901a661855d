"""What may be written without network: each kind of record says how one of its records becomes part of the county.

Features below hand their kinds up through ``app.features``; nothing here knows which there are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import force_locale

from app.core.actor import Actor
from app.tablet.rules import Clock, Code, Envelope, Verdict


@dataclass(frozen=True)
class Outcome:
    """What became of a record. ``reference`` is the county's own number of the thing; ``words`` per language."""

    verdict: Verdict = Verdict.ACCEPTED
    code: Code = Code.OK
    reference: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    routed_to: str | None = None
    result_sha256: str | None = None
    detail: dict[str, Any] | None = None


LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


def both(words: Callable[[], str]) -> dict[str, str]:
    """Words in both languages, as receipts carry them."""
    found = {}
    for name, locale in LOCALES.items():
        with force_locale(locale):
            found[name] = words()
    return found


Handle = Callable[[Actor, Envelope], Outcome]
"""Does what a record says, as its author, inside the transaction that also keeps the receipt. Raises a ``DomainError`` to
refuse. The same record may come again after an interruption: the result must be the same.
"""


@dataclass(frozen=True)
class Came:
    """A record as it came, for who takes many at once. ``resident_id`` is the one its number names."""

    record: Envelope
    record_id: int
    resident_id: int | None
    received_at: dt.datetime
    clock: Clock


Together = Callable[[Actor, Sequence[Came]], Sequence[Outcome | None]]
"""Does what many records of one author say, by a few statements for all of them. None leaves a record as it was, to be acted
upon by itself: whatever is to be refused, and whatever depends on another one of the batch.
"""


@dataclass(frozen=True)
class Kind:
    """A kind of record. ``resident`` is the name in ``content`` under which the resident's number stands, or empty;
    ``part_of`` the name of the key of the record it belongs to.
    """

    name: str
    schemas: frozenset[int]
    handle: Handle
    resident: str = "resident"
    part_of: str = ""
    needs: frozenset[str] = frozenset()
    """Permissions its author had when writing; an officer who settles the record later lends them."""
    together: Together | None = None


def simple(name: str, act: Callable[[Actor, str, Mapping[str, Any]], str], resident: str = "resident") -> Kind:
    """A kind whose act takes the author, the record's own key and its content and returns the county's reference."""

    def handle(actor: Actor, record: Envelope) -> Outcome:
        return Outcome(reference=act(actor, f"{record.key}:{record.version}", record.content))

    return Kind(name, frozenset({1}), handle, resident)


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known; called once for each when the application is built."""
    KINDS[kind.name] = kind
