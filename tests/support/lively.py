"""The small county with some life in it: one object of every kind, in both sister townships, made by real operations.

Each person belongs to one place, so that a test can say whose an object is:

``a`` village A, cared for by caregiver_a · ``n`` the same village, another caregiver · ``west`` another village of
township A · ``ia`` institution A · ``b`` village B (township B) · ``ib`` institution B.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import Select, select

from app.auth.models import ApiToken, User
from app.auth.sessions import actor_of
from app.care.models import CarePlan, Incident, OddPattern, PresenceCard, Visit
from app.contracts.models import Breach, Contract, ContractFile, PaperSignature
from app.core import clock
from app.core.actor import Actor, Role
from app.core.db import db
from app.core.models import IssuedDocument
from app.core.periods import Quarter
from app.grading.models import CareGrade, GradeAppeal, GradeProposal, Sheet, SheetPair, SheetState
from app.lodging.models import Bed, Belonging, Room, Stay
from app.people.models import Absence, Assessor, Caregiver, Resident
from app.places.models import Area, Organisation, OrganisationKind
from app.settlement.models import Dispute, Evaluation, Settlement, SettlementLine
from app.tablet.models import Device, SyncRecord
from app.trends.models import Measurement
from app.workforce.models import Credential, TierOverride, TrainingSession
from tests import factories
from tests.factories import TOWNSHIP_A, TOWNSHIP_B, VILLAGE_A, VILLAGE_A2, VILLAGE_B

NOW = dt.datetime(2026, 2, 20, 10, 0, tzinfo=clock.ZONE)
"""Guards look at the county at this moment: the last quarter is closed, the present one half over."""
PAST, PRESENT = Quarter(2025, 4), Quarter(2026, 1)
R = Role
MORE_USERS: dict[str, tuple[Role, str | None, str | None]] = {
    "care_worker_b": (R.CARE_WORKER, TOWNSHIP_B, "institution_b"),
    "volunteer_b": (R.VOLUNTEER, VILLAGE_B, "volunteers"),
    "village_officer_west": (R.VILLAGE_OFFICER, VILLAGE_A2, None),
    "assessor_town_a": (R.ASSESSOR, TOWNSHIP_A, "agency"),
    "assessor_other": (R.ASSESSOR, TOWNSHIP_B, "other_agency"),
}
PERSONS: dict[str, tuple[tuple[str, str], ...]] = {
    "a": (("甲老人", "护理员1"), ("甲新人", "护理员1")),
    "n": (("邻老人", "邻家护"),),
    "west": (("西老人", "西村护"),),
    "ia": (("丙老人", "丙院护"), ("丙新人", "")),
    "b": (("乙老人", "护理员2"), ("乙新人", "护理员2")),
    "ib": (("丁老人", "丁院护"), ("丁新人", "")),
}
"""Residents of each place with who cares for them; the …新人 are not graded yet."""
PLACE_OF = {name: place for place, rows in PERSONS.items() for row in rows for name in row if name}
PLACE_OF |= {"邻初学": "n", "丁初学": "ib"}
VILLAGE_OF = {
    "a": VILLAGE_A, "n": VILLAGE_A, "west": VILLAGE_A2, "ia": VILLAGE_A, "b": VILLAGE_B, "ib": VILLAGE_B,
}  # fmt: skip
TOWNSHIP_OF = {p: TOWNSHIP_B if p in {"b", "ib"} else TOWNSHIP_A for p in PERSONS}
GUARDIANS = {place: f"{name}监护" for place, name in zip(PERSONS, "甲邻西丙乙丁", strict=True)}


def at_present() -> Any:
    """The clock of the lively county."""
    return clock.at(NOW)


class Lively(factories.County):
    """Handles on the lively county: which objects of a kind belong to whom."""

    def actor(self, username: str) -> Actor:
        """The acting value of an account."""
        return actor_of(self.user(username))

    def of(self, parameter: str) -> dict[str, list[Any]]:
        """Identifiers for one URL parameter, by place."""
        found: dict[str, list[Any]] = {}
        for key, place in db.session.execute(OBJECTS[parameter]()).all():
            found.setdefault(PLACE_OF.get(place, place), []).append(key)
        return found

    def printed(self) -> str:
        """The token of a printed document."""
        return db.session.scalars(select(IssuedDocument.token).order_by(IssuedDocument.id).limit(1)).one()

    def drafts_of(self, username: str) -> list[int]:
        """Sheets an assessor is still writing."""
        query = select(Sheet.id).where(Sheet.state == SheetState.DRAFT, Sheet.created_by == self.user(username).id)
        return list(db.session.scalars(query))


def _by_resident(model: Any) -> Select[Any]:
    return select(model.id, Resident.name).join(Resident, Resident.id == model.resident_id).order_by(model.id)


def _by_contract(model: Any) -> Select[Any]:
    return (
        select(model.id, Resident.name)
        .join(Contract, Contract.id == model.contract_id)
        .join(Resident, Resident.id == Contract.resident_id)
        .order_by(model.id)
    )


OBJECTS: dict[str, Callable[[], Select[Any]]] = {
    "resident_id": lambda: select(Resident.id, Resident.name).order_by(Resident.id),
    "caregiver_id": lambda: select(Caregiver.id, Caregiver.name).order_by(Caregiver.id),
    **{
        name: partial(_by_resident, model)
        for name, model in {
            "sheet_id": Sheet,
            "proposal_id": GradeProposal,
            "grade_id": CareGrade,
            "appeal_id": GradeAppeal,
            "plan_id": CarePlan,
            "visit_id": Visit,
            "incident_id": Incident,
            "absence_id": Absence,
            "contract_id": Contract,
            "line_id": SettlementLine,
            "pair_id": SheetPair,
            "record_id": SyncRecord,
            "card_id": PresenceCard,
            "pattern_id": OddPattern,
            "stay_id": Stay,
            "measurement_id": Measurement,
            "belonging_id": Belonging,
            "override_id": TierOverride,
        }.items()
    },
    "evaluation_id": partial(_by_contract, Evaluation),
    "breach_id": partial(_by_contract, Breach),
    "paper_id": partial(_by_contract, PaperSignature),
    "file_id": partial(_by_contract, ContractFile),
    "dispute_id": partial(_by_contract, Dispute),
    "settlement_id": lambda: select(Settlement.id, Settlement.area_code).order_by(Settlement.id),
    "organisation_id": lambda: select(Organisation.id, Organisation.area_code).order_by(Organisation.id),
    "institution_id": lambda: select(Organisation.id, Organisation.area_code).where(
        Organisation.kind == OrganisationKind.INSTITUTION
    ),
    "bed_id": lambda: (
        select(Bed.id, Organisation.area_code)
        .select_from(Bed)
        .join(Room, Room.id == Bed.room_id)
        .join(Organisation, Organisation.id == Room.institution_id)
        .order_by(Bed.id)
    ),
    "session_id": lambda: select(TrainingSession.id, TrainingSession.area_code).order_by(TrainingSession.id),
    "credential_id": lambda: (
        select(Credential.id, Caregiver.name)
        .select_from(Credential)
        .join(Caregiver, Caregiver.id == Credential.caregiver_id)
        .order_by(Credential.id)
    ),
    "code": lambda: select(Area.code, Area.code).order_by(Area.code),
    "assessor_id": lambda: select(Assessor.id, Organisation.name).join(Assessor.organisation).order_by(Assessor.id),
    "device_id": lambda: select(Device.id, User.username).join(User, User.id == Device.user_id).order_by(Device.id),
    "token_id": lambda: select(ApiToken.id, User.username).join(User, User.id == ApiToken.user_id),
}
"""URL parameter → (identifier, what says whose it is: a resident's or caregiver's name, an area, an agency, a user)."""
