"""Time anchors: what only the county could have said, and not before it said it.

At every contact a device gets an anchor: the county's time, a random number, and a mark that only the county can make. A
record that carries it was written after that time, whatever the device's clock says. Together with the time at which the
record came it lies between two instants of the county's own clock (ADR 34).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets

from app.core import clock
from app.core.secrets import keyring
from app.tablet.rules import instant, written


def _mark(device: str, at: str, nonce: str) -> str:
    key = keyring().derive("time anchors")
    return hmac.new(key, f"{device} {at} {nonce}".encode(), hashlib.sha256).hexdigest()[:32]


def anchor_for(device: str) -> str:
    """An anchor of now for one device."""
    at, nonce = written(clock.now()), secrets.token_hex(8)
    return f"{at} {nonce} {_mark(device, at, nonce)}"


def anchored(device: str, text: object) -> dt.datetime | None:
    """The county's time in an anchor that was given to this device; None for anything else."""
    parts = text.split(" ") if isinstance(text, str) and len(text) < 120 else []
    if len(parts) != 3:
        return None
    at, nonce, mark = parts
    return instant(at) if hmac.compare_digest(mark.encode(), _mark(device, at, nonce).encode()) else None
