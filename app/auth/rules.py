"""Rules of accounts without web or database: names, passwords, the throttle, one-time codes, where to go after."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import ipaddress
import re
import struct
from base64 import b32decode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

ACCOUNT_FAILURES = 5
ADDRESS_FAILURES = 30
WINDOW = dt.timedelta(minutes=15)
"""Five failures of one account or thirty from one address within this time lock for the same time."""

PASSWORD_AGE = dt.timedelta(days=90)
REMEMBERED_PASSWORDS = 5
INITIAL_PASSWORD_LIFE = dt.timedelta(hours=72)
MAX_PASSWORD = 200
TOTP_PERIOD = 30
TOTP_DIGITS = 6
USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,62})[a-z0-9]")


@dataclass(frozen=True)
class AccountPolicy:
    """What this installation asks of accounts.

    ``profile`` is ``djbh`` (GB/T 22239-2019 8.1.4.1: length, complexity, periodic change) or ``nist``
    (SP 800-63B-4: length and blocklist only).
    """

    profile: str = "djbh"
    require_second_factor: bool = False
    production: bool = False
    absolute_hours: int = 12

    @property
    def min_length(self) -> int:
        """Least characters of a password."""
        return 15 if self.profile == "nist" else 12


class AccountState(StrEnum):
    """What an account may do now."""

    ACTIVE = "active"
    WAITING = "waiting"
    STOPPED = "stopped"


class PasswordProblem(StrEnum):
    """Why a new password is refused."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_FEW_KINDS = "too_few_kinds"
    COMMON = "common"
    CONTEXT = "context"
    USED_BEFORE = "used_before"


def account_state(active: bool, confirmed_at: dt.datetime | None) -> AccountState:
    """State of an account; one that no security administrator has confirmed waits."""
    if active:
        return AccountState.ACTIVE
    return AccountState.STOPPED if confirmed_at else AccountState.WAITING


def clean_username(text: str) -> str:
    """Account names are compared without capitals and outer blanks."""
    return text.strip().lower()


def possible_username(username: str) -> bool:
    """Whether an account of this (cleaned) name can exist: 3–64 of a–z, 0–9, dot, underscore, hyphen."""
    return USERNAME.fullmatch(username) is not None


def locked_until(failures: Iterable[dt.datetime], limit: int, now: dt.datetime) -> dt.datetime | None:
    """When the lock ends that ``limit`` failures within ``WINDOW`` set; None when there is none now."""
    times = sorted(failures)
    until = None
    for first, last in zip(times, times[limit - 1 :], strict=False):
        if last - first <= WINDOW and last + WINDOW > now:
            until = last + WINDOW
    return until


def throttle_address(address: str) -> str:
    """The address that failures are counted by: an IPv6 customer has a whole /64, so that is what counts."""
    try:
        parsed = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def password_problems(
    password: str,
    policy: AccountPolicy,
    *,
    common: frozenset[str],
    context: Iterable[str],
) -> list[PasswordProblem]:
    """Everything that is wrong with a new password. ``common`` are lower-case passwords and stems that are guessed
    first, ``context`` words that must not occur in it (names of places, product, user).
    """
    problems = []
    if len(password) < policy.min_length:
        problems.append(PasswordProblem.TOO_SHORT)
    if len(password) > MAX_PASSWORD:
        problems.append(PasswordProblem.TOO_LONG)
    if policy.profile == "djbh" and _kinds(password) < 3:
        problems.append(PasswordProblem.TOO_FEW_KINDS)
    plain = password.casefold()
    if _guessed_first(plain, common):
        problems.append(PasswordProblem.COMMON)
    if any(word.casefold() in plain for word in context if len(word) >= (2 if not word.isascii() else 4)):
        problems.append(PasswordProblem.CONTEXT)
    return problems


def _kinds(password: str) -> int:
    tests = (str.isupper, str.islower, str.isdigit)
    found = sum(any(test(c) for c in password) for test in tests)
    return found + any(not c.isupper() and not c.islower() and not c.isdigit() for c in password)


def _guessed_first(plain: str, common: frozenset[str]) -> bool:
    stem = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    letters = re.sub(r"[\W\d_]+", "", plain)
    if plain in common or stem in common or letters in common or len(set(plain)) <= 4:
        return True
    half, odd = divmod(len(plain), 2)
    return not odd and plain[:half] == plain[half:]


def password_expired(policy: AccountPolicy, changed_at: dt.datetime, now: dt.datetime) -> bool:
    """Whether periodic change is due (only the ``djbh`` profile asks for it)."""
    return policy.profile == "djbh" and now - changed_at >= PASSWORD_AGE


def totp_code(secret: str, step: int) -> str:
    """The one-time code of a time step (RFC 6238 with SHA-1, 30 s, six digits: what every authenticator can)."""
    digest = hmac.new(b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 0x0F
    value = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
    return str(value % 10**TOTP_DIGITS).zfill(TOTP_DIGITS)


def totp_step(secret: str, code: str, now: dt.datetime, last_step: int | None) -> int | None:
    """The time step ``code`` belongs to (now or one step beside it), or None when it is wrong or was used."""
    current = int(now.timestamp()) // TOTP_PERIOD
    given = code.encode()
    fitting = None
    for step in (current - 1, current, current + 1):
        if hmac.compare_digest(totp_code(secret, step).encode(), given) and (last_step is None or step > last_step):
            fitting = step
    return fitting


_BROWSERS = (
    ("MicroMessenger/", "微信 WeChat"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(agent: str) -> str:
    """What people call the browser that sent this ``User-Agent``: "Chrome · Windows"; empty when unknown."""
    found = [next((name for mark, name in table if mark in agent), "") for table in (_BROWSERS, _SYSTEMS)]
    return " · ".join(part for part in found if part)


def safe_next(target: str | None) -> str | None:
    """``target`` when it is a path on this host, else None: no other host, no scheme, nothing a browser rewrites."""
    if not target or len(target) > 2000 or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or any(not c.isprintable() or c.isspace() for c in target):
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or parts.path.startswith(("/sign-", "/second-factor")):
        return None
    return target


def missing_scope(role_needs: frozenset[str], area_code: str | None, organisation_id: int | None) -> Sequence[str]:
    """Which fields a role still needs so that its row scope is said."""
    given = {"area_code": bool(area_code), "organisation_id": organisation_id is not None}
    return sorted(name for name in role_needs if not given[name])
