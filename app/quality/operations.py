"""Controlled rules: drafted, checked, approved by a second person, published with a date, then frozen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from flask_babel import get_locale, gettext
from sqlalchemy import select

from app.auth.models import User
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.models import RuleDocument, RuleState
from app.core.operation import operation
from app.core.policies import Policy, PolicyError, parse
from app.grading import instruments
from app.grading.operations import regrade_everybody
from app.quality import queries
from app.quality.checks import check_body, check_revision
from app.quality.models import RuleEffect, Stage
from app.quality.queries import regrading
from app.quality.rules import pay_table_text, publishable
from assessments.model import Instrument
from assessments.revision import Header, Values


def read(kind: str, text: str) -> Policy:
    """Read a rule's TOML and check that it has what its kind needs. Raises ``Invalid`` naming what is wrong."""
    try:
        policy = parse(text.encode())
    except PolicyError as error:
        raise Invalid(gettext("The rule cannot be read: %(problem)s", problem=error), field="body") from error
    if policy.kind != kind:
        raise Invalid(gettext("The kind in the text must be “%(kind)s”.", kind=kind), field="body")
    problems = check_revision(text) if kind == instruments.KIND else check_body(policy)
    if problems:
        raise Invalid(" ".join(problems), field="body")
    return policy


@operation("rule.draft", permission="standards.draft")
def draft_rule(actor: Actor, kind: str, text: str) -> RuleDocument:
    """Store a draft of the next version of a rule."""
    text = text.replace("\r\n", "\n").strip() + "\n"
    policy = read(kind, text)
    same = select(RuleDocument.id).where(
        RuleDocument.kind == kind, RuleDocument.code == policy.code, RuleDocument.version == policy.version
    )
    if db.session.scalar(same) is not None:
        raise Invalid(
            gettext(
                "Version %(version)s of “%(code)s” exists already; raise the version.",
                version=policy.version,
                code=policy.code,
            ),
            field="body",
        )
    row = RuleDocument(
        kind=kind,
        code=policy.code,
        version=policy.version,
        title_zh=policy.title["zh"],
        title_en=policy.title["en"],
        in_force_from=policy.in_force_from,
        status=policy.status.value,
        source=policy.source,
        body=text,
        sha256=policy.sha256,
        state=RuleState.DRAFT,
        drafted_by=actor.user_id,
        drafted_at=clock.now(),
    )
    db.session.add(row)
    return row


@operation("rule.draft_pay_table", permission="standards.draft")
def draft_pay_table(
    actor: Actor, *, title: str, in_force_from: dt.date, status: str, source: str, figures: dict[str, int]
) -> RuleDocument:
    """Store a draft of the county's next pay table from plain fields; ``figures`` are fen a month by grade key."""
    version = 1 + max((v.version for v in queries.versions("pay_table") if v.code == "county"), default=0)
    return draft_rule(
        actor,
        "pay_table",
        pay_table_text(
            version=version,
            title=title.strip(),
            in_force_from=in_force_from,
            status=status,
            source=source.strip(),
            figures=figures,
        ),
    )


@operation("rule.draft_instrument", permission="standards.draft")
def draft_instrument(
    actor: Actor, *, title: Mapping[str, str], in_force_from: dt.date, status: str, source: str, values: Values
) -> RuleDocument:
    """Store a draft of the instrument's next version from plain fields: every value a county may set, by its place."""
    base = instruments.in_force(in_force_from)
    versions = max((v.version for v in queries.versions(instruments.KIND)), default=0)
    return draft_rule(
        actor,
        instruments.KIND,
        regrading.revision_text(
            Header(
                base.code,
                regrading.next_version(base, versions),
                {name: words.strip() for name, words in title.items()},
                in_force_from.isoformat(),
                status,
                source.strip(),
            ),
            base,
            values,
        ),
    )


@operation("rule.publish", permission="standards.approve")
def publish_rule(actor: Actor, rule_id: int, *, reason: str) -> RuleDocument:
    """Approve and publish a draft; from its date on it is the rule, and it never changes again."""
    row = _draft(rule_id)
    drafter = db.session.scalar(select(User.person_key).where(User.id == row.drafted_by))
    if row.drafted_by == actor.user_id or (drafter is not None and drafter == actor.person_key):
        raise Refused(gettext("Nobody approves a rule of one's own."))
    if len(reason.strip()) < 2:
        raise Invalid(gettext("Give the reason."), field="reason")
    first = not queries.versions(row.kind, published_only=True)
    if not publishable(row.in_force_from, clock.today(), first=first):
        raise Refused(gettext("A rule cannot begin in the past: settled quarters keep the rule they were settled by."))
    if row.kind == instruments.KIND:
        _approve_instrument(row)
    row.state, row.decided_by, row.decided_at = RuleState.PUBLISHED, actor.user_id, clock.now()
    row.decision_reason = reason.strip()[:1000]
    return row


def _approve_instrument(row: RuleDocument) -> None:
    """Refuse a version that is not proved, begins too soon or revises another one than will be in force; keep the
    preview that was approved.
    """
    if row.in_force_from <= clock.today():
        raise Refused(gettext("A version of the instrument begins on a first of a month that is still to come."))
    found = regrading.draft(row)
    if not found.proof.ok:
        raise Refused(gettext("The proof of this version found faults; it cannot be published."))
    expected = instruments.in_force(row.in_force_from)
    if found.base.key != expected.key:
        raise Refused(
            gettext(
                "This draft revises %(base)s, but on its first day %(expected)s would be in force: draft it anew.",
                base=_named(found.base),
                expected=_named(expected),
            )
        )
    _keep(row.id, Stage.APPROVED, regrading.regrade(found.instrument, row.in_force_from))


def _named(instrument: Instrument) -> str:
    return gettext(
        "%(title)s, version %(n)s",
        title=instrument.title["en" if str(get_locale()) == "en" else "zh"],
        n=instrument.version,
    )


def _keep(rule_id: int, stage: Stage, found: regrading.Regrading) -> None:
    db.session.add(
        RuleEffect(
            rule_id=rule_id,
            stage=stage,
            day=found.outcomes.day,
            population=found.outcomes.population,
            moved=found.moved,
            to_judge=found.to_judge,
            month_fen=found.month_fen,
            fingerprint=found.outcomes.fingerprint,
            at=clock.now(),
        )
    )


@operation("rule.carry_out", permission="system.job")
def carry_out(actor: Actor, rule_id: int) -> RuleDocument:
    """Re-grade everybody by a published version of the instrument whose day has come, in the name of its approver."""
    row = queries.rule_document(rule_id, lock=True)
    if row.kind != instruments.KIND or row.state is not RuleState.PUBLISHED or row.in_force_from > clock.today():
        raise Refused(gettext("This version is not in force."))
    approver = db.session.get(User, row.decided_by)
    if approver is None:
        raise Refused(gettext("Nobody approved this version."))
    done = regrade_everybody(
        actor,
        instruments.read(row.body),
        row.in_force_from,
        decided_by=approver.id,
        decided_by_person=approver.person_key,
        reason=f"按《{row.title_zh}》第{row.version}版重新定档",
    )
    _keep(row.id, Stage.CARRIED_OUT, regrading.priced(done))
    return row


@operation("rule.reject", permission="standards.approve")
def reject_rule(actor: Actor, rule_id: int, *, reason: str) -> RuleDocument:
    """Send a draft back with a reason; it stays on record."""
    row = _draft(rule_id)
    if len(reason.strip()) < 2:
        raise Invalid(gettext("Give the reason."), field="reason")
    row.state, row.decided_by, row.decided_at = RuleState.REJECTED, actor.user_id, clock.now()
    row.decision_reason = reason.strip()[:1000]
    return row


def _draft(rule_id: int) -> RuleDocument:
    row = queries.rule_document(rule_id, lock=True)
    if row.state is not RuleState.DRAFT:
        raise Refused(gettext("This draft is decided already."))
    return row
