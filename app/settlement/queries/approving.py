"""Who must approve a settlement: how many people by its amount, who has, and who may."""

from __future__ import annotations

from sqlalchemy import select

from app.auth.models import User
from app.auth.roles import PERMISSIONS
from app.core.db import db
from app.core.periods import Quarter
from app.core.rulebook import rule_in_force
from app.settlement.models import Settlement, SettlementApproval
from app.settlement.rules.approving import approvers


def approvers_needed(row: Settlement) -> int:
    """How many people must approve the settlement's amount, by the settlement rule of the quarter."""
    policy = rule_in_force("settlement_rule", Quarter.parse(row.quarter).first)
    return approvers(policy.body, row.pay_fen)


def approvals(row: Settlement) -> list[SettlementApproval]:
    """Approvals of the present submission, in order."""
    query = select(SettlementApproval).where(
        SettlementApproval.settlement_id == row.id, SettlementApproval.submission == row.submission
    )
    return list(db.session.scalars(query.order_by(SettlementApproval.id)))


def possible_approvers(row: Settlement) -> list[str]:
    """Names of the people who may approve it: whose account may, and who neither submitted nor approved it."""
    taken = {row.submitted_by_person, *(a.approved_by_person for a in approvals(row))}
    query = select(User).where(User.role.in_(PERMISSIONS["settlements.approve"]), User.active)
    return sorted({user.name for user in db.session.scalars(query).unique() if user.person_key not in taken})
