"""A resident of the small county with a grade, an approved plan and a published pay table: ready for a contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import func, select

from app.care.models import CarePlan, PlanState
from app.contracts import operations
from app.contracts.models import Contract, Means, Slot
from app.contracts.operations import Given
from app.contracts.rules.signing import Cosigner, CosignerRole, IdentityCheck
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.sealing.authority import make
from app.core.transaction import transaction
from app.people.models import Caregiver, Resident
from tests.factories import County
from tests.settlement.conftest import LINES, Quarter, publish_pay_table

TODAY = dt.date(2026, 5, 4)
NOON = dt.datetime(2026, 5, 4, 4, tzinfo=dt.UTC)
FIRST = dt.date(2026, 5, 10)
STROKES = [[[0.1, 0.2, 0, 0.5], [0.4, 0.6, 20, 0.6], [0.8, 0.3, 45, 0.4]]]
SIGNERS = {
    Slot.COUNTY_GOVERNMENT: "county_reviewer",
    Slot.TOWNSHIP_GOVERNMENT: "township_officer_a",
    Slot.CIVIL_AFFAIRS: "county_officer_a",
    Slot.VILLAGE: "village_officer_a",
    Slot.INSTITUTION: "institution_manager_a",
    Slot.CAREGIVER: "caregiver_a",
    Slot.RESIDENT: "village_officer_a",
}


def rows(model: type) -> int:
    """How many rows a table has."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def later(days: int) -> Any:
    """That many days after today, at noon in China."""
    return clock.at(dt.datetime(2026, 5, 4, 4, tzinfo=dt.UTC) + dt.timedelta(days=days))


class Table:
    """The seven around one table."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.township = county.actor("township_officer_a")
        self.resident: Resident = county.resident()
        self.caregiver: Caregiver = county.caregiver()

    def ready(self, grade: int = 3) -> None:
        """Give the resident a grade and an approved plan from the first of the month on."""
        with transaction() as tx:
            tx.act = "test.ready"
            row = Quarter(self.county).grade(self.resident, grade, dt.date(2026, 5, 1))
            db.session.add(
                CarePlan(
                    number="JH2026-000001",
                    resident_id=self.resident.id,
                    grade_id=row.id,
                    setting=self.resident.setting,
                    state=PlanState.APPROVED,
                    standard_code="twelve-standards",
                    standard_sha256="0" * 64,
                    lines=LINES,
                    valid_from=dt.date(2026, 5, 1),
                    drafted_by_person="planner",
                    drafted_at=clock.now(),
                )
            )

    def actor(self, slot: Slot) -> Actor:
        """Who signs for a party."""
        return self.county.actor(SIGNERS[slot])

    def draft(self, first: dt.date = FIRST, last: dt.date | None = None) -> Contract:
        """A draft with the resident's own caregiver."""
        return operations.draft_contract(self.township, self.resident.id, self.caregiver.id, first, last)

    def sent(self, first: dt.date = FIRST, last: dt.date | None = None) -> Contract:
        """Open for signing."""
        return operations.send_contract(self.township, self.draft(first, last).id)

    def sign(self, row: Contract, slot: Slot) -> Contract:
        """One correct signature: seals for offices, handwriting for the caregiver, a witnessed print for the resident."""
        if slot is Slot.CAREGIVER:
            given = Given(self.caregiver.name, Means.HAND, STROKES, identity=IdentityCheck.KNOWN)
        elif slot is Slot.RESIDENT:
            beside = (Cosigner(CosignerRole.WITNESS, "见证人甲"),)
            given = Given(self.resident.name, Means.FINGERPRINT, others=beside, identity=IdentityCheck.KNOWN)
        else:
            given = Given("经办人", Means.SEAL)
        other = slot is Slot.CAREGIVER and row.caregiver_id != self.county.caregiver().id
        actor = self.county.actor("village_officer_a") if other else self.actor(slot)
        return operations.sign_contract(actor, row.id, slot, given)

    def in_force(self, first: dt.date = FIRST, last: dt.date | None = None) -> Contract:
        """Signed by all seven."""
        row = self.sent(first, last)
        for slot in Slot:
            row = self.sign(row, slot)
        return row


@cache
def seal() -> bytes:
    """One seal for all tests: to find its two keys takes longer than a test."""
    return make("测试")


@pytest.fixture
def table(county: County) -> Iterator[Table]:
    """4 May 2026; everything a contract needs is in force."""
    with clock.at(NOON):
        publish_pay_table()
        current_app.extensions["seal"].create(seal())
        found = Table(county)
        found.ready()
        yield found
