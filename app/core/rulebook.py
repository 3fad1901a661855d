"""Which dated rule is in force: the shipped starting set beside the features, and the county's own published documents.

A county document published for the same date or later wins over a shipped one. Before the first: refuse.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask_babel import gettext
from sqlalchemy import bindparam, select

from app.core.db import db
from app.core.errors import Refused
from app.core.models import RuleDocument, RuleState
from app.core.policies import Policy, load_folder, parse
from app.core.together import remembered

_shipped: dict[str, list[Policy]] = {}
_folders: list[Path] = []
PUBLISHED = (
    select(RuleDocument.body)
    .where(RuleDocument.kind == bindparam("kind"), RuleDocument.state == RuleState.PUBLISHED)
    .order_by(RuleDocument.in_force_from, RuleDocument.version)
)
"""Built once: every settlement, plan and page that computes asks for rules, and building the query took longer than the answer."""


def ship(folder: Path) -> None:
    """Register the shipped rules of a feature; called once at import of the feature's queries."""
    if folder not in _folders:
        _folders.append(folder)
    for policy in load_folder(folder):
        known = _shipped.setdefault(policy.kind, [])
        if all(p.sha256 != policy.sha256 for p in known):
            known.append(policy)


def shipped(kind: str) -> list[Policy]:
    """The starting set of ``kind``."""
    return list(_shipped.get(kind, []))


def shipped_files(kind: str) -> list[Path]:
    """The files of the starting set of ``kind``, newest first."""
    files = [path for folder in _folders for path in folder.glob("*.toml") if parse(path.read_bytes()).kind == kind]
    return sorted(files, key=lambda path: parse(path.read_bytes()).in_force_from, reverse=True)


@lru_cache(maxsize=64)
def _read(body: str) -> Policy:
    return parse(body.encode())


@remembered(reads={"rule_document": "kind"})
def published(kind: str) -> list[Policy]:
    """The county's own rules of ``kind`` that were approved by a second person."""
    return [_read(body) for body in db.session.scalars(PUBLISHED, {"kind": kind})]


def kinds() -> list[str]:
    """Every kind of rule that exists here."""
    stored = db.session.scalars(select(RuleDocument.kind).distinct()).all()
    return sorted({*_shipped, *stored})


def _pick(candidates: Sequence[tuple[dt.date, int, Any, Policy]], on: dt.date) -> Policy | None:
    fitting = [c for c in candidates if c[0] <= on]
    return max(fitting, key=lambda c: (c[0], c[1], int(c[2]) if str(c[2]).isdigit() else 0))[3] if fitting else None


def rules_in_force(kind: str, days: Sequence[dt.date]) -> list[Policy | None]:
    """The rule of ``kind`` in force on each of ``days``, read once; None where there is none: never the nearest."""
    candidates = [(p.in_force_from, 0, p.version, p) for p in shipped(kind)]
    candidates += [(p.in_force_from, 1, p.version, p) for p in published(kind)]
    return [_pick(candidates, day) for day in days]


def rule_in_force(kind: str, on: dt.date) -> Policy:
    """The one rule of ``kind`` in force on ``on``. Raises ``Refused`` when none is: never the nearest."""
    found = rules_in_force(kind, [on])[0]
    if found is None:
        raise Refused(
            gettext(
                "No rule of the kind “%(kind)s” is in force on %(day)s. The county must publish one first.",
                kind=kind,
                day=on,
            )
        )
    return found


def every_rule(kind: str) -> list[Policy]:
    """Every version of ``kind`` that was or will be in force: shipped ones, then the county's own."""
    return [*shipped(kind), *published(kind)]


def rule_by_sha(kind: str, sha256: str) -> Policy:
    """The exact rule a decision was made with. Raises ``Refused`` when it is not here any more."""
    for known in (shipped, published):  # a rule of the starting set is found without asking the database
        for policy in known(kind):
            if policy.sha256 == sha256:
                return policy
    raise Refused(gettext("The rule this was made with is not in this installation."))


def source_of(sha256: str) -> str:
    """The text of the shipped or published rule with this hash. Raises ``Refused`` when it is not here any more."""
    for folder in _folders:
        for path in folder.glob("*.toml"):
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() == sha256:
                return data.decode()
    body = db.session.scalars(
        select(RuleDocument.body).where(RuleDocument.sha256 == sha256, RuleDocument.state == RuleState.PUBLISHED)
    ).first()
    if body is None:
        raise Refused(gettext("The rule this was made with is not in this installation."))
    return body
