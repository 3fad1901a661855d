"""The lists of sheets and proposals as tables to take away."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext
from sqlalchemy import Select

from app.core.actor import Actor
from app.core.db import db
from app.core.tables import Written, export
from app.grading.drafting import instrument_of
from app.grading.labels import GRADES, PROPOSAL_STATES, SHEET_STATES, wording
from app.grading.models import GradeProposal, Sheet


def sheets_table(actor: Actor, query: Select[Sheet], kind: str, filters: Mapping[str, str]) -> Written:
    """Exactly the sheets of the list, newest first, as xlsx or csv."""
    rows = list(db.session.scalars(query.order_by(Sheet.id.desc())).unique())
    heads = [
        gettext("Number"),
        gettext("Resident"),
        gettext("Resident number"),
        gettext("Village"),
        gettext("Day of the assessment"),
        gettext("Points"),
        gettext("By the six abilities"),
        gettext("By the score"),
        gettext("Proposed grade"),
        gettext("Scales"),
        gettext("Ability level"),
        gettext("State"),
    ]
    body = [
        [
            row.number,
            row.resident.name,
            row.resident.number,
            row.resident.area.name,
            row.assessed_on,
            "" if row.total is None else row.total,
            _grade(row.statutory_grade),
            _grade(row.score_grade),
            _grade(row.proposed_grade),
            _agreement(row.tiers_agree),
            "" if row.ability_level is None else wording(instrument_of(row).combination.titles[row.ability_level]),
            str(SHEET_STATES[row.state]),
        ]
        for row in rows
    ]
    title = gettext("Assessment sheets")
    return export(actor, "sheets", title, heads, body, kind, permission="sheets.read", filters=filters)


def proposals_table(actor: Actor, query: Select[GradeProposal], kind: str, filters: Mapping[str, str]) -> Written:
    """Exactly the proposals of the list, newest first, as xlsx or csv."""
    rows = list(db.session.scalars(query.order_by(GradeProposal.id.desc())).unique())
    heads = [
        gettext("Sheet"),
        gettext("Resident"),
        gettext("Resident number"),
        gettext("Village"),
        gettext("Day of the assessment"),
        gettext("By the six abilities"),
        gettext("By the score"),
        gettext("Proposed grade"),
        gettext("Second review"),
        gettext("Decided grade"),
        gettext("Reason of the decision"),
        gettext("State"),
    ]
    body = [
        [
            row.sheet.number,
            row.sheet.resident.name,
            row.sheet.resident.number,
            row.sheet.resident.area.name,
            row.sheet.assessed_on,
            _grade(row.sheet.statutory_grade),
            _grade(row.sheet.score_grade),
            _grade(row.proposed_grade),
            _grade(row.reviewed_grade),
            _grade(row.decided_grade),
            row.decision_reason or "",
            str(PROPOSAL_STATES[row.state]),
        ]
        for row in rows
    ]
    title = gettext("Grade decisions")
    return export(actor, "proposals", title, heads, body, kind, permission="grades.read", filters=filters)


def _agreement(agree: bool | None) -> str:
    """Whether the two scales agree; empty where only one is known."""
    return "" if agree is None else gettext("agree") if agree else gettext("disagree")


def _grade(grade: int | None) -> str:
    return "" if grade is None else str(GRADES[grade])
