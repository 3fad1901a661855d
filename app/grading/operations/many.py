"""Sheets and grades of many residents in one act: each by the rule of a single one, from facts read together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.actor import Actor
from app.core.operation import operation
from app.core.together import gathered, hold
from app.grading import queries
from app.grading.models import CareGrade, GradeProposal, Sheet
from app.grading.operations.proposals import decide_grade, review_proposal
from app.grading.operations.submission import submit_document
from app.grading.queries import appeals, due, pairs
from app.people import queries as people


@operation("sheet.document", permission="sheets.write")
def submit_documents(actor: Actor, documents: Sequence[Mapping[str, Any]]) -> list[Sheet]:
    """``submit_document`` for many, all or none. Raises as it does."""
    residents = [document["resident"] for document in documents if isinstance(document.get("resident"), int)]
    hold(actor, people.visible(actor), residents)
    named = {one for document in documents for one in document.get("assessors") or () if isinstance(one, int)}
    hold(actor, people.visible_assessors(actor), named, lock=False)
    queries.sheet_by_key.ahead(
        document["client_key"] for document in documents if isinstance(document.get("client_key"), str)
    )
    for question in (queries.open_proposal, queries.last_sheet, pairs.unsettled_pair, appeals.waiting_appeal):
        question.ahead(residents)
    due.notes_of.ahead(residents)
    return [submit_document(actor, document) for document in documents]


@dataclass(frozen=True)
class Decision:
    """One grade to be decided (1 to 3), with the reason where one is needed."""

    proposal_id: int
    grade: int
    reason: str | None = None


def _held(actor: Actor, decisions: Sequence[Decision]) -> list[GradeProposal]:
    rows = hold(actor, queries.visible_proposals(actor), [decision.proposal_id for decision in decisions])
    pairs.siblings_of.ahead(row.sheet_id for row in rows.values())
    return list(rows.values())


@operation("grade.review", permission="grades.review")
def review_proposals(actor: Actor, decisions: Sequence[Decision]) -> list[GradeProposal]:
    """``review_proposal`` for many, all or none. Raises as it does."""
    _held(actor, decisions)
    with gathered():
        return [review_proposal(actor, one.proposal_id, one.grade, one.reason or "") for one in decisions]


@operation("grade.decide", permission="grades.decide")
def decide_grades(actor: Actor, decisions: Sequence[Decision]) -> list[CareGrade]:
    """``decide_grade`` for many, all or none. Raises as it does."""
    rows = _held(actor, decisions)
    residents = [row.resident_id for row in rows]
    hold(actor, people.visible(actor), residents)
    queries.periods.ahead(residents)
    appeals.appeal_of_sheet.ahead(row.sheet_id for row in rows)
    return [decide_grade(actor, one.proposal_id, one.grade, one.reason) for one in decisions]
