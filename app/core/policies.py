"""Dated rules as TOML: read, checked, and picked by the date in force.

Before the first one: refuse, never the nearest. Two that begin on one day: an error, never a guess.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any


class Status(StrEnum):
    """Where a rule comes from: a national text, the county itself, or an example from elsewhere."""

    OFFICIAL = "official"
    LOCAL = "local"
    EXAMPLE = "example"


class PolicyError(ValueError):
    """A rule file is wrong; the words name the field."""


class NoRuleInForce(LookupError):
    """No rule of this kind is in force on that day."""


@dataclass(frozen=True)
class Policy:
    """One version of one dated rule. ``sha256`` is of the file's bytes and stands on every result."""

    kind: str
    code: str
    version: int
    title: dict[str, str]
    in_force_from: dt.date
    status: Status
    source: str
    body: dict[str, Any]
    sha256: str


HEADER = {"kind", "code", "version", "title", "in_force_from", "status", "source"}


def parse(data: bytes) -> Policy:
    """Read a rule from TOML bytes. Raises ``PolicyError`` naming what is missing or wrong."""
    try:
        table = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyError(f"not readable as TOML: {error}") from error
    missing = sorted(HEADER - table.keys())
    if missing:
        raise PolicyError(f"missing: {', '.join(missing)}")
    for name in ("kind", "code", "source"):
        if not isinstance(table[name], str) or not table[name].strip():
            raise PolicyError(f"{name} must be text")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,63}", table["code"]) or not re.fullmatch(
        r"[a-z][a-z0-9_]{0,31}", table["kind"]
    ):
        raise PolicyError(
            "kind and code are lower-case letters, digits, _ - . (kind up to 32, code up to 64 characters)"
        )
    title = table["title"]
    if not isinstance(title, dict) or any(
        not isinstance(title.get(k), str) or not title[k].strip() for k in ("zh", "en")
    ):
        raise PolicyError("title needs zh and en")
    version = table["version"]
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise PolicyError("version must be a whole number from 1")
    start = table["in_force_from"]
    if isinstance(start, dt.datetime) or not isinstance(start, dt.date):
        raise PolicyError("in_force_from must be a date (YYYY-MM-DD without quotes)")
    try:
        status = Status(table["status"])
    except ValueError:
        raise PolicyError("status must be official, local or example") from None
    return Policy(
        kind=table["kind"],
        code=table["code"],
        version=version,
        title={"zh": title["zh"], "en": title["en"]},
        in_force_from=start,
        status=status,
        source=table["source"],
        body={k: v for k, v in table.items() if k not in HEADER},
        sha256=hashlib.sha256(data).hexdigest(),
    )


def load_folder(folder: Path) -> list[Policy]:
    """Every rule file of a folder, by file name.

    Raises ``PolicyError`` naming the file that is wrong, that repeats a version, or that begins on the same day as
    another version of the same code.
    """
    policies: list[Policy] = []
    versions: dict[tuple[str, str, int], str] = {}
    starts: dict[tuple[str, str, dt.date], str] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            policy = parse(path.read_bytes())
        except PolicyError as error:
            raise PolicyError(f"{path.name}: {error}") from error
        if (first := versions.setdefault((policy.kind, policy.code, policy.version), path.name)) != path.name:
            raise PolicyError(f"{path.name}: {policy.code} version {policy.version} is in {first} already")
        if (first := starts.setdefault((policy.kind, policy.code, policy.in_force_from), path.name)) != path.name:
            raise PolicyError(f"{path.name}: begins on {policy.in_force_from} like {first}")
        policies.append(policy)
    return policies


def in_force(policies: Iterable[Policy], on: dt.date) -> Policy:
    """The one rule in force on ``on``, of versions of one rule.

    Raises ``NoRuleInForce`` before the first, ``PolicyError`` when two begin on the same day or are of different kinds.
    """
    known = list(policies)
    if len({policy.kind for policy in known}) > 1:
        raise PolicyError("rules of different kinds: " + ", ".join(sorted({policy.kind for policy in known})))
    fitting = [policy for policy in known if policy.in_force_from <= on]
    if not fitting:
        raise NoRuleInForce(f"no rule in force on {on}")
    start = max(policy.in_force_from for policy in fitting)
    latest = [policy for policy in fitting if policy.in_force_from == start]
    if len(latest) > 1:
        raise PolicyError(f"two rules begin on {start}: " + ", ".join(f"{p.code} version {p.version}" for p in latest))
    return latest[0]
