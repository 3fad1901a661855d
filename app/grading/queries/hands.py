"""Who is left to act on an assessment when duties are separated by person: adjudicating, reviewing, deciding."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from app.auth.models import User
from app.auth.roles import PERMISSIONS
from app.core.db import db
from app.grading import queries
from app.grading.models import GradeProposal, Sheet
from app.grading.queries import appeals
from app.grading.rules import ProposalState


@dataclass(frozen=True)
class Hands:
    """Names of those who may do what is still to be done. ``enough`` says whether a decision can come of it: with a
    second review two different people are needed. ``apart`` are those who may compare and decide what differs.
    """

    reviewers: tuple[str, ...]
    deciders: tuple[str, ...]
    enough: bool
    apart: tuple[str, ...] = ()


def able(permission: str, without: Collection[str]) -> dict[str, str]:
    """People with an active account (so confirmed) that has a permission, by person; those in ``without`` left out."""
    query = select(User.person_key, User.name).where(User.active, User.role.in_(PERMISSIONS[permission]))
    rows = db.session.execute(query.order_by(User.id))
    found: dict[str, str] = {}
    for person, name in rows:
        if person not in without:
            found.setdefault(person, name)
    return found


def for_proposal(row: GradeProposal) -> Hands:
    """Who may review and decide an open proposal."""
    worked = queries.people_of(row.sheet)
    if row.state is ProposalState.REVIEW:
        return _left(worked, review=True)
    barred = {row.reviewed_by_person}
    if (appeal := appeals.appeal_of_sheet(row.sheet_id)) is not None:  # who decided the first time does not again
        barred.add(appeal.grade.proposal.decided_by_person)
    return _left(worked | {key for key in barred if key}, review=False)


def for_pair(sheets: Collection[Sheet], person: str) -> Hands:
    """Who may decide what differs between some sheets, and who would be left for the grade if ``person`` did. A second
    review is reckoned with: whether the tiers agree is known only afterwards.
    """
    worked = {key for sheet in sheets for key in queries.people_of(sheet)}
    left = _left(worked | {person}, review=True)
    return Hands(left.reviewers, left.deciders, left.enough, tuple(able("pairs.adjudicate", worked).values()))


def _left(without: Collection[str], *, review: bool) -> Hands:
    deciders = able("grades.decide", without)
    reviewers = able("grades.review", without) if review else {}
    enough = any(r != d for r in reviewers for d in deciders) if review else bool(deciders)
    return Hands(tuple(reviewers.values()), tuple(deciders.values()), enough)
