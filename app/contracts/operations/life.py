"""A contract's life once it is drawn up: withdrawn, suspended, resumed, ended, run out, put away."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext

from app.contracts import queries, rules
from app.contracts.models import Contract, Suspension
from app.contracts.operations.steps import in_words, step
from app.contracts.rules import Act
from app.contracts.rules.duties import deadline
from app.core import clock
from app.core.actor import Actor
from app.core.errors import Invalid, Refused
from app.core.operation import operation
from app.people.models import ResidentStatus, Setting
from app.people.operations import assign_caregiver


@operation("contract.withdraw", permission="contracts.write")
def withdraw_contract(actor: Actor, contract_id: int, *, reason: str) -> Contract:
    """Take back a draft or a contract that is being signed."""
    row = queries.contract(actor, contract_id, lock=True)
    step(actor, row, Act.WITHDRAW, effective_on=clock.today(), reason=in_words(reason))
    return row


@operation("contract.suspend", permission="contracts.write")
def suspend_contract(actor: Actor, contract_id: int, from_on: dt.date, *, reason: str) -> Contract:
    """Let a contract rest from a day on (hospital, leave); those days are not paid."""
    row = queries.contract(actor, contract_id, lock=True)
    _within(row, from_on, "from_on")
    _not_ahead(from_on, "from_on")
    if any(s.to_on is None or s.to_on >= from_on for s in row.suspensions):
        raise Invalid(gettext("These days are suspended already."), field="from_on")
    step(actor, row, Act.SUSPEND, effective_on=from_on, reason=in_words(reason))
    row.suspensions.append(Suspension(from_on=from_on, reason=in_words(reason)[:200]))
    return row


@operation("contract.resume", permission="contracts.write")
def resume_contract(actor: Actor, contract_id: int, on: dt.date) -> Contract:
    """Resume a suspended contract; ``on`` is the first day of care again."""
    row = queries.contract(actor, contract_id, lock=True)
    _within(row, on, "on")
    _not_ahead(on, "on")
    rest = next((s for s in row.suspensions if s.to_on is None), None)
    if rest is None:
        raise Refused(gettext("This contract is not suspended."))
    if on <= rest.from_on:
        raise Invalid(gettext("The first day of care must be after the suspension began."), field="on")
    rest.to_on = on - dt.timedelta(days=1)
    step(actor, row, Act.RESUME, effective_on=on)
    return row


@operation("contract.end", permission="contracts.write")
def end_contract(
    actor: Actor,
    contract_id: int,
    ended_on: dt.date,
    *,
    reason: str,
    cause: rules.EndCause = rules.EndCause.OTHER,
) -> Contract:
    """End a contract; ``ended_on`` is the last day of care (death: the day of death). When the caregiver failed or left,
    another one must have signed within ten working days; the last settlement follows by itself from the dates.
    """
    row = queries.contract(actor, contract_id, lock=True)
    _within(row, ended_on, "ended_on")
    _not_ahead(ended_on, "ended_on")
    _finish(actor, row, ended_on, in_words(reason), cause)
    if cause in rules.REPLACED:
        row.replace_by = deadline(ended_on, REPLACE_DAYS, "working")
    return row


REPLACE_DAYS = 10
"""Working days for another caregiver (Anhui guide, domain.md 7.2)."""


@operation("contract.archive", permission="system.job")
def archive_contract(actor: Actor, contract_id: int) -> Contract:
    """Put away a contract that ended long ago; nothing of it changes."""
    row = queries.contract(actor, contract_id, lock=True)
    step(actor, row, Act.ARCHIVE, effective_on=clock.today())
    return row


def _finish(
    actor: Actor, row: Contract, ended_on: dt.date, reason: str, cause: rules.EndCause = rules.EndCause.OTHER
) -> None:
    step(actor, row, Act.END, effective_on=ended_on, reason=reason)
    rest = next((s for s in row.suspensions if s.to_on is None), None)
    if rest is not None:
        rest.to_on = max(rest.from_on, ended_on)
    row.ended_on, row.end_reason, row.end_cause = ended_on, reason[:200], cause
    if row.setting is Setting.HOME and row.resident.caregiver_id == row.caregiver_id:
        assign_caregiver(actor, row.resident_id, None)


def _not_ahead(day: dt.date, field: str) -> None:
    if day > clock.today():
        raise Invalid(gettext("The day has not come yet."), field=field)


def _within(row: Contract, day: dt.date, field: str) -> None:
    first = row.in_force_from or row.valid_from
    if not first <= day <= row.valid_to:
        raise Invalid(
            gettext("The day must lie within the contract, %(first)s to %(last)s.", first=first, last=row.valid_to),
            field=field,
        )


@operation("contract.expire", permission="system.job")
def expire_contract(actor: Actor, contract_id: int) -> Contract:
    """End a contract whose last day has passed, or whose resident is no longer supported (then on that day)."""
    row = queries.contract(actor, contract_id, lock=True)
    gone = row.resident.ended_on if row.resident.status is not ResidentStatus.ACTIVE else None
    if gone is not None and gone <= clock.today():
        first = row.in_force_from or row.valid_from
        _finish(actor, row, min(max(gone, first), row.valid_to), gettext("Support of the resident has ended."))
    elif row.valid_to < clock.today():
        _finish(actor, row, row.valid_to, gettext("The term is over."), rules.EndCause.TERM)
    else:
        raise Refused(gettext("This contract has not run out."))
    return row
