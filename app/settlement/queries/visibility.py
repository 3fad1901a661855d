"""Who sees which settlements, lines, slips, evaluations, disputes and ledger entries."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, false, literal_column, or_, select
from sqlalchemy.orm import aliased

from app.contracts import queries as contracts
from app.contracts.models import Contract
from app.core.actor import Actor, Role
from app.core.db import db, one_row
from app.core.together import held
from app.people.models import Caregiver, Resident
from app.places.models import Organisation
from app.places.queries import among, matching, within
from app.settlement.models import (
    Dispute,
    DisputeState,
    Evaluation,
    EvaluationState,
    LedgerEntry,
    Settlement,
    SettlementLine,
    SettlementState,
)

BY_AREA = {Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER, Role.COUNTY_REVIEWER, Role.AUDITOR}
SETTLED = (
    SettlementState.APPROVED,
    SettlementState.PAYING,
    SettlementState.RECONCILED,
    SettlementState.CLOSED,
)
"""States in which a settlement's lines stand in the ledger."""


def _area(actor: Actor) -> ColumnElement[bool]:
    if actor.system:
        return Settlement.id > 0
    if actor.role in BY_AREA and actor.area_code:
        return within(Settlement.area_code, actor.area_code)
    return false()


def visible(actor: Actor) -> Select[Settlement]:
    """Settlements of the townships the actor may see."""
    return select(Settlement).where(_area(actor))


def settlement(actor: Actor, settlement_id: int, *, lock: bool = False) -> Settlement:
    """One visible settlement. Raises ``NotFound``."""
    query = visible(actor).where(Settlement.id == settlement_id)
    return one_row(query, lock=lock)


def current_lines() -> Select[SettlementLine]:
    """Lines of each settlement's latest calculation; earlier calculations stay stored but do not count."""
    return select(SettlementLine).join(
        Settlement, and_(Settlement.id == SettlementLine.settlement_id, Settlement.run == SettlementLine.run)
    )


def visible_lines(actor: Actor) -> Select[SettlementLine]:
    """Lines that count: by township; for a caregiver and for an institution's manager what goes to their own account, once it is
    approved.
    """
    query = current_lines()
    if actor.role is Role.CAREGIVER and actor.caregiver_id:
        own = (SettlementLine.caregiver_id == actor.caregiver_id) & SettlementLine.payee_id.is_(None)
        return query.where(own, Settlement.state.in_(SETTLED))
    if actor.role is Role.INSTITUTION_MANAGER and actor.organisation_id:
        return query.where(SettlementLine.payee_id == actor.organisation_id, Settlement.state.in_(SETTLED))
    return query.where(_area(actor))


def line(actor: Actor, line_id: int) -> SettlementLine:
    """One visible line. Raises ``NotFound``."""
    return one_row(visible_lines(actor).where(SettlementLine.id == line_id))


def lines(
    actor: Actor, *, settlement_id: int | None = None, quarter: str = "", q: str = "", show: str = "", area: str = ""
) -> Select[SettlementLine]:
    """Visible lines narrowed by settlement, quarter, search text (resident, caregiver or institution), area, or by what to show:
    blocked, withheld, corrections, disputed.
    """
    query = visible_lines(actor)
    if settlement_id is not None:
        query = query.where(SettlementLine.settlement_id == settlement_id)
    if quarter:
        query = query.where(Settlement.quarter == quarter)
    if area:
        query = query.where(within(Settlement.area_code, area))
    if q:
        query = query.join(Resident, Resident.id == SettlementLine.resident_id)
        query = query.join(Caregiver, Caregiver.id == SettlementLine.caregiver_id)
        query = query.outerjoin(Organisation, Organisation.id == SettlementLine.payee_id).where(
            or_(
                matching(Resident.search, q),
                matching(Caregiver.search, q),
                matching(Organisation.search, q),
                Resident.id_tail == q.upper(),
            )
        )
    if show == "blocked":
        query = query.where(SettlementLine.blocked.is_not(None))
    elif show == "withheld":
        query = query.where(SettlementLine.withheld_fen != 0)
    elif show == "corrections":
        query = query.where(SettlementLine.kind != "quarter")
    elif show == "disputed":
        query = query.where(_open_dispute())
    return query


def _open_dispute() -> ColumnElement[bool]:
    return (
        select(Dispute.id)
        .where(
            Dispute.contract_id == SettlementLine.contract_id,
            Dispute.quarter == SettlementLine.for_quarter,
            Dispute.state == DisputeState.OPEN,
        )
        .exists()
    )


def contract_ids(actor: Actor) -> Select[int]:
    """Contracts the actor may see, as a subquery."""
    return contracts.visible(actor).with_only_columns(Contract.id)


def visible_evaluations(actor: Actor) -> Select[Evaluation]:
    """Evaluations of the contracts the actor may see, every version."""
    return select(Evaluation).where(among(Evaluation.contract_id, contracts.visible(actor), Contract.id, actor))


def evaluation(actor: Actor, evaluation_id: int, *, lock: bool = False) -> Evaluation:
    """One visible evaluation. Raises ``NotFound``."""
    return held(actor, Evaluation, evaluation_id, visible_evaluations, lock=lock)


def latest() -> ColumnElement[bool]:
    """The condition that an evaluation is the highest version of its contract and quarter."""
    later = aliased(Evaluation)
    return ~(
        select(later.id)
        .where(
            later.contract_id == Evaluation.contract_id,
            later.quarter == Evaluation.quarter,
            later.version > Evaluation.version,
        )
        .exists()
    )


def evaluations(
    actor: Actor, *, quarter: str = "", state: EvaluationState | None = None, q: str = "", area: str = ""
) -> Select[Evaluation]:
    """Latest evaluations narrowed by quarter, state, area and search text."""
    query = visible_evaluations(actor).where(latest())
    if quarter:
        query = query.where(Evaluation.quarter == quarter)
    if state is not None:
        query = query.where(Evaluation.state == state)
        if state is not EvaluationState.CONFIRMED:  # so that the index of those that are still open serves it
            query = query.where(Evaluation.state != literal_column("'confirmed'"))
    if q or area:
        query = query.join(Contract, Contract.id == Evaluation.contract_id)
    if area:
        query = query.where(within(Contract.area_code, area))
    if q:
        query = query.join(Resident, Resident.id == Contract.resident_id)
        query = query.join(Caregiver, Caregiver.id == Contract.caregiver_id).where(
            or_(matching(Resident.search, q), matching(Caregiver.search, q), Contract.number == q.upper())
        )
    return query


def versions(actor: Actor, row: Evaluation) -> list[Evaluation]:
    """Every version of one contract's quarter, newest first."""
    query = visible_evaluations(actor).where(
        Evaluation.contract_id == row.contract_id, Evaluation.quarter == row.quarter
    )
    return list(db.session.scalars(query.order_by(Evaluation.version.desc())).unique())


def visible_disputes(actor: Actor) -> Select[Dispute]:
    """Objections about the contracts the actor may see; for an institution's manager those of its own residents."""
    ids = contract_ids(actor)
    if actor.role is Role.INSTITUTION_MANAGER:
        ids = ids.where(Contract.payee_id == actor.organisation_id)
    return select(Dispute).where(Dispute.contract_id.in_(ids))


def dispute(actor: Actor, dispute_id: int, *, lock: bool = False) -> Dispute:
    """One visible objection. Raises ``NotFound``."""
    query = visible_disputes(actor).where(Dispute.id == dispute_id)
    return one_row(query, lock=lock)


def disputes_of(contract_id: int, quarter: str) -> list[Dispute]:
    """Objections to one contract's quarter, oldest first (the caller has checked that the contract is visible)."""
    query = select(Dispute).where(Dispute.contract_id == contract_id, Dispute.quarter == quarter)
    return list(db.session.scalars(query.order_by(Dispute.id)).unique())


def visible_ledger(actor: Actor) -> Select[LedgerEntry]:
    """Ledger entries of the settlements the actor may see; a caregiver's own."""
    query = select(LedgerEntry).join(Settlement, Settlement.id == LedgerEntry.settlement_id)
    if actor.role is Role.CAREGIVER and actor.caregiver_id:
        return query.where(LedgerEntry.caregiver_id == actor.caregiver_id, LedgerEntry.payee_id.is_(None))
    return query.where(_area(actor))
