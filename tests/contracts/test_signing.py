"""Seven signatures on one fixed text: who may sign, in which way, and what puts it in force."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from app.contracts import operations, queries
from app.contracts.models import Means, Slot
from app.contracts.operations import Given
from app.contracts.rules import Act, State
from app.contracts.rules.signing import Cosigner, CosignerRole, IdentityCheck
from app.core.db import db
from app.core.errors import Forbidden, Invalid, NotFound, Refused
from app.core.transaction import transaction
from tests.contracts.conftest import FIRST, STROKES, TODAY, Table
from tests.settlement.conftest import Quarter

D = dt.date


def witness(name: str) -> Cosigner:
    return Cosigner(CosignerRole.WITNESS, name)


def beside(name: str, strokes: object = STROKES) -> Cosigner:
    return Cosigner(CosignerRole.GUARDIAN, name, strokes)


def by_guardian(name: str) -> Given:
    return Given(name, Means.GUARDIAN, STROKES, identity=IdentityCheck.ID_CARD)


class TestSigning:
    def test_only_the_seventh_signature_puts_it_in_force(self, table: Table) -> None:
        row = table.sent()
        order = [
            Slot.RESIDENT,
            Slot.CAREGIVER,
            Slot.VILLAGE,
            Slot.COUNTY_GOVERNMENT,
            Slot.INSTITUTION,
            Slot.CIVIL_AFFAIRS,
        ]
        for slot in order:
            row = table.sign(row, slot)
            assert row.state is State.SIGNING
            assert row.in_force_from is None
        row = table.sign(row, Slot.TOWNSHIP_GOVERNMENT)
        assert row.state is State.IN_FORCE
        assert row.in_force_from == FIRST
        assert table.resident.caregiver_id == table.caregiver.id
        assert {p.body_sha256 for p in row.parties} == {row.body_sha256}
        acts = [e.act for e in row.events]
        assert acts == [Act.SEND, *[Act.SIGN] * 7, Act.COMPLETE]

    def test_signed_after_its_first_day_it_counts_from_the_seventh_signature(self, table: Table) -> None:
        row = table.sent(D(2026, 5, 1))
        for slot in Slot:
            row = table.sign(row, slot)
        assert row.in_force_from == TODAY

    @pytest.mark.parametrize(
        ("slot", "account"),
        [
            (Slot.COUNTY_GOVERNMENT, "county_officer_a"),
            (Slot.TOWNSHIP_GOVERNMENT, "village_officer_a"),
            (Slot.CIVIL_AFFAIRS, "county_reviewer"),
            (Slot.VILLAGE, "township_officer_a"),
            (Slot.INSTITUTION, "township_officer_a"),
            (Slot.RESIDENT, "caregiver_a"),
            (Slot.CAREGIVER, "institution_manager_a"),
        ],
    )
    def test_nobody_signs_for_another_party(self, table: Table, slot: Slot, account: str) -> None:
        row = table.sent()
        with pytest.raises(Forbidden):
            operations.sign_contract(table.county.actor(account), row.id, slot, Given("甲老人", Means.HAND, STROKES))
        assert all(p.signed_at is None for p in row.parties)

    def test_a_party_signs_once(self, table: Table) -> None:
        row = table.sign(table.sent(), Slot.VILLAGE)
        with pytest.raises(Refused):
            table.sign(row, Slot.VILLAGE)

    def test_a_draft_is_not_signed(self, table: Table) -> None:
        with pytest.raises(Refused):
            table.sign(table.draft(), Slot.VILLAGE)

    @pytest.mark.parametrize(
        ("slot", "given", "field"),
        [
            (Slot.VILLAGE, {"means": Means.FINGERPRINT, "others": (witness("乙"),)}, "means"),
            (Slot.VILLAGE, {"means": Means.HAND}, "strokes"),
            (Slot.VILLAGE, {"signer_name": "  "}, "signer_name"),
            (Slot.CAREGIVER, {"means": Means.SEAL}, "means"),
            (Slot.CAREGIVER, {"signer_name": "别人", "means": Means.HAND, "strokes": STROKES}, "signer_name"),
            (Slot.CAREGIVER, {"signer_name": "护理员1", "means": Means.HAND}, "strokes"),
            (
                Slot.CAREGIVER,
                {"signer_name": "护理员1", "means": Means.HAND, "strokes": [[[2, 0, 0, 0]] * 9]},
                "strokes",
            ),
            (Slot.RESIDENT, {"signer_name": "甲老人", "means": Means.FINGERPRINT}, "witness_name"),
            (
                Slot.RESIDENT,
                {"signer_name": "甲老人", "means": Means.FINGERPRINT, "others": (witness("甲老人"),)},
                "witness_name",
            ),
            (
                Slot.RESIDENT,
                {"signer_name": "甲老人", "means": Means.WITNESSED_MARK, "others": (witness("乙"),)},
                "witness_name",
            ),
            (
                Slot.RESIDENT,
                {"signer_name": "甲老人", "means": Means.HAND, "strokes": STROKES, "identity": None},
                "identity",
            ),
            (
                Slot.RESIDENT,
                {"signer_name": "甲老人", "means": Means.HAND, "strokes": STROKES, "others": (beside("乙", None),)},
                "others",
            ),
            (
                Slot.VILLAGE,
                {"others": (Cosigner(CosignerRole.GUARDIAN, "乙", STROKES),)},
                "others",
            ),
            (Slot.RESIDENT, {"signer_name": "侄子", "means": Means.HAND, "strokes": STROKES}, "signer_name"),
            (Slot.RESIDENT, {"signer_name": "侄子", "means": Means.GUARDIAN, "strokes": STROKES}, "means"),
        ],
    )
    def test_a_wrong_signature_is_refused_at_its_field_and_not_stored(
        self, table: Table, slot: Slot, given: dict[str, Any], field: str
    ) -> None:
        row = table.sent()
        whole = {"signer_name": "经办人", "means": Means.SEAL, "identity": IdentityCheck.KNOWN, **given}
        with pytest.raises(Invalid) as refusal:
            operations.sign_contract(table.actor(slot), row.id, slot, Given(**whole))
        assert field in refusal.value.errors
        db.session.refresh(row)
        assert all(p.signed_at is None for p in row.parties)

    def test_the_registered_guardian_signs_with_handwriting(self, table: Table) -> None:
        with transaction() as tx:
            tx.act = "test.guardian"
            table.resident.guardian_name = "侄子"
        row = table.sent()
        signer = table.actor(Slot.RESIDENT)
        with pytest.raises(Invalid):
            operations.sign_contract(signer, row.id, Slot.RESIDENT, by_guardian("邻居"))
        row = operations.sign_contract(signer, row.id, Slot.RESIDENT, by_guardian("侄子"))
        party = row.parties[6]
        assert party.means is Means.GUARDIAN
        assert party.strokes == str(STROKES)
        assert b"0.1" not in (party.strokes_enc or b""), "handwriting lies encrypted"

    def test_a_grade_that_changed_meanwhile_stops_the_seventh_signature(self, table: Table) -> None:
        row = table.sent()
        for slot in list(Slot)[:6]:
            row = table.sign(row, slot)
        with transaction() as tx:
            tx.act = "test.grade"
            grade = queries.grade_on(table.resident.id, FIRST)
            assert grade is not None
            grade.valid_to = D(2026, 5, 5)
            db.session.flush()
            Quarter(table.county).grade(table.resident, 2, D(2026, 5, 6))
        with pytest.raises(Refused):
            table.sign(row, Slot.RESIDENT)
        db.session.refresh(row)
        assert row.state is State.SIGNING

    def test_one_refusal_makes_it_void_with_the_reason(self, table: Table) -> None:
        row = table.sign(table.sent(), Slot.CIVIL_AFFAIRS)
        with pytest.raises(NotFound):
            operations.refuse_contract(table.county.actor("village_officer_b"), row.id, reason="不同意")
        with pytest.raises(Forbidden):
            operations.refuse_contract(table.actor(Slot.CIVIL_AFFAIRS), row.id, reason="已经签过")
        with pytest.raises(Invalid):
            operations.refuse_contract(table.actor(Slot.CAREGIVER), row.id, reason=" ")
        row = operations.refuse_contract(table.actor(Slot.CAREGIVER), row.id, reason="要外出务工")
        assert row.state is State.VOID
        assert row.events[-1].reason == "要外出务工"
        with pytest.raises(Refused):
            table.sign(row, Slot.VILLAGE)
