"""Reading controlled rules and the audit log."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Select, or_, select

from app.auth.models import User
from app.core import clock, rulebook
from app.core.db import db, one_row
from app.core.errors import DomainError
from app.core.models import AuditEntry, RuleDocument, RuleState
from app.core.policies import Policy
from app.grading import instruments
from app.quality.queries.regrading import as_policy


@dataclass(frozen=True)
class Kind:
    """One kind of rule: what is in force today, and its versions."""

    kind: str
    current: Policy | None
    drafts: int


def rule_kinds() -> list[Kind]:
    """Every kind of rule with the version in force today."""
    found = []
    for kind in sorted({*rulebook.kinds(), "pay_table", instruments.KIND}):
        try:
            current: Policy | None = rulebook.rule_in_force(kind, clock.today())
        except DomainError:
            current = None
        if kind == instruments.KIND:
            current = as_policy(instruments.in_force(clock.today()))
        drafts = sum(v.state is RuleState.DRAFT for v in versions(kind))
        found.append(Kind(kind, current, drafts))
    return found


def shipped(kind: str) -> list[Policy]:
    """What holds until the county publishes its own."""
    return [as_policy(instruments.find(instruments.SHIPPED))] if kind == instruments.KIND else rulebook.shipped(kind)


def versions(kind: str, *, published_only: bool = False) -> list[RuleDocument]:
    """The county's own versions of a kind, newest first."""
    query = select(RuleDocument).where(RuleDocument.kind == kind).order_by(RuleDocument.id.desc())
    if published_only:
        query = query.where(RuleDocument.state == RuleState.PUBLISHED)
    return list(db.session.scalars(query))


def rule_document(rule_id: int, *, lock: bool = False) -> RuleDocument:
    """One version. Raises ``NotFound``."""
    query = select(RuleDocument).where(RuleDocument.id == rule_id)
    return one_row(query, lock=lock)


def names_of(ids: set[int | None]) -> dict[int, str]:
    """Names of accounts."""
    return dict(db.session.execute(select(User.id, User.name).where(User.id.in_(ids - {None}))).all())


def audit_entries(
    *, q: str = "", act: str = "", first: dt.date | None = None, last: dt.date | None = None
) -> Select[AuditEntry]:
    """Entries of the audit log by person, object or request, act and local date."""
    query = select(AuditEntry)
    if q:
        query = query.where(
            or_(
                AuditEntry.actor_name.contains(q, autoescape=True),
                AuditEntry.object_type == q,
                AuditEntry.object_id == q,
                AuditEntry.request_id == q,
            )
        )
    if act:
        query = query.where(AuditEntry.act.startswith(act, autoescape=True))
    if first:
        query = query.where(AuditEntry.at >= dt.datetime.combine(first, dt.time(), tzinfo=clock.ZONE))
    if last:
        query = query.where(
            AuditEntry.at < dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), tzinfo=clock.ZONE)
        )
    return query
