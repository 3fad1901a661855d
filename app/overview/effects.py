"""What a decided care grade means for contract and money, told on the page of the decision."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext
from sqlalchemy import select

from app.contracts import queries as contracts
from app.contracts.models import Contract
from app.contracts.rules import State
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Refused
from app.core.money import format_yuan
from app.core.rulebook import rule_in_force
from app.grading.models import CareGrade
from app.grading.panels import Effect, add_effect
from app.people.models import Resident
from app.settlement.rules.settling import GRADE_KEYS, monthly_fen


def contract_effect(actor: Actor, resident: Resident, valid_from: dt.date) -> Effect | None:
    """Whether the contract in force was made for the grade; another grade needs another contract (domain.md 7.2)."""
    live = contracts.visible(actor).where(Contract.resident_id == resident.id, Contract.state == State.IN_FORCE)
    row = db.session.scalars(live.order_by(Contract.valid_from.desc()).limit(1)).unique().one_or_none()
    if row is None:
        return Effect(gettext("Contract"), dict.fromkeys(GRADE_KEYS, gettext("none in force")))
    made_for = db.session.scalar(select(CareGrade.grade).where(CareGrade.id == row.grade_id))
    stays = gettext("%(number)s goes on", number=row.number)
    ends = gettext("%(number)s is replaced by a new one", number=row.number)
    return Effect(gettext("Contract"), {grade: stays if grade == made_for else ends for grade in GRADE_KEYS})


def money_effect(_actor: Actor, resident: Resident, valid_from: dt.date) -> Effect | None:
    """The care standard of each grade in yuan a month from the first day of the new grade."""
    try:
        table = rule_in_force("pay_table", valid_from).body
    except Refused:
        return Effect(gettext("Care money a month"), dict.fromkeys(GRADE_KEYS, gettext("no pay table in force")))
    words = {}
    for grade, key in GRADE_KEYS.items():
        fen = monthly_fen(table, resident.area_code, key)
        words[grade] = gettext("no figure") if fen is None else format_yuan(fen)
    return Effect(gettext("Care money a month"), words)


add_effect(contract_effect)
add_effect(money_effect)
