"""Seven signatures on one fixed text: who may sign, in which way, what puts it in force, and what the database refuses."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.auth.roles import system_actor
from app.contracts import jobs, operations, queries
from app.contracts.models import Contract, ContractEvent, ContractParty, Means, Slot
from app.contracts.operations import Given
from app.contracts.queries.duties import duties
from app.contracts.rules import Act, State
from app.contracts.rules.duties import Kept
from app.contracts.rules.signing import Cosigner, CosignerRole, IdentityCheck
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, Forbidden, Invalid, NotFound, Refused
from app.core.models import AuditEntry
from app.core.transaction import transaction
from app.people.operations import end_support, record_absence
from tests.contracts.conftest import FIRST, STROKES, TODAY, Table
from tests.factories import County, caregiver, resident
from tests.settlement.conftest import Quarter

D = dt.date


def rows(model: type) -> int:
    """How many rows a table has."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def later(days: int) -> Any:
    """That many days after today, at noon in China."""
    return clock.at(dt.datetime(2026, 5, 4, 4, tzinfo=dt.UTC) + dt.timedelta(days=days))


def witness(name: str) -> Cosigner:
    return Cosigner(CosignerRole.WITNESS, name)


def beside(name: str, strokes: object = STROKES) -> Cosigner:
    return Cosigner(CosignerRole.GUARDIAN, name, strokes)


def by_guardian(name: str) -> Given:
    return Given(name, Means.GUARDIAN, STROKES, identity=IdentityCheck.ID_CARD)


class TestDrafting:
    def test_a_draft_freezes_parties_clauses_and_annexes(self, table: Table) -> None:
        row = table.draft()
        assert row.state is State.DRAFT
        assert (row.valid_from, row.valid_to) == (FIRST, D(2027, 5, 9))
        assert [p["slot"] for p in row.body["parties"]] == [f"P{n}" for n in range(1, 8)]
        assert {c["party"] for c in row.body["clauses"]} == {f"P{n}" for n in range(1, 8)}
        assert row.body["annexes"]["pay_table"]["monthly_fen"] == 51700
        assert "外县示例" in row.body["annexes"]["pay_table"]["title"]["zh"]
        assert "人民币伍佰壹拾柒元整" in row.body["general"][1]["zh"]
        assert "$" not in str(row.body)

    def test_home_care_names_the_supporting_institution_and_its_own_clause(self, table: Table) -> None:
        row = table.draft()
        assert row.institution_id == table.county.organisation("institution_a").id
        clause = next(c for c in row.body["clauses"] if c["id"] == "P5.support")
        assert "P5.house" not in {c["id"] for c in row.body["clauses"]}
        assert "替代照料" in clause["zh"]
        assert "settings" not in clause

    def test_every_obstacle_is_named_and_nothing_is_stored(self, table: Table) -> None:
        before = rows(Contract)
        other = resident("无档次老人")
        with pytest.raises(Invalid) as refusal:
            operations.draft_contract(table.township, other.id, table.caregiver.id, FIRST, FIRST - dt.timedelta(days=1))
        words = refusal.value.errors["obstacles"].splitlines()
        assert len(words) == 3, words
        assert rows(Contract) == before

    def test_training_below_the_grade_is_an_obstacle(self, table: Table) -> None:
        with transaction() as tx:
            tx.act = "test.tier"
            table.caregiver.tier_valid_to = FIRST - dt.timedelta(days=1)
        with pytest.raises(Invalid):
            table.draft()

    def test_two_contracts_never_share_a_day(self, table: Table) -> None:
        table.draft()
        with pytest.raises(Invalid):
            table.draft(D(2027, 5, 9))
        assert table.draft(D(2027, 5, 10)).number.startswith("XY2027-")

    def test_others_residents_and_caregivers_are_not_found(self, table: Table) -> None:
        foreign = table.county.resident("乙老人")
        with pytest.raises(NotFound):
            operations.draft_contract(table.township, foreign.id, table.caregiver.id, FIRST)
        with pytest.raises(NotFound):
            operations.draft_contract(table.township, table.resident.id, table.county.caregiver("护理员2").id, FIRST)


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


class TestLife:
    def test_suspension_and_resumption_leave_the_days_between(self, table: Table) -> None:
        row = table.in_force()
        with later(20):
            with pytest.raises(Invalid):
                operations.suspend_contract(table.township, row.id, D(2026, 5, 25), reason="住院")
            row = operations.suspend_contract(table.township, row.id, D(2026, 5, 20), reason="住院")
            assert row.state is State.SUSPENDED
            with pytest.raises(Invalid):
                operations.resume_contract(table.township, row.id, D(2026, 5, 20))
            row = operations.resume_contract(table.township, row.id, D(2026, 5, 24))
        assert [(s.from_on, s.to_on) for s in row.suspensions] == [(D(2026, 5, 20), D(2026, 5, 23))]
        with later(22), pytest.raises(Invalid):
            operations.suspend_contract(table.township, row.id, D(2026, 5, 23), reason="又住院")

    def test_the_end_closes_a_suspension_and_frees_the_resident(self, table: Table) -> None:
        row = table.in_force()
        with later(20):
            operations.suspend_contract(table.township, row.id, D(2026, 5, 20), reason="住院")
            with pytest.raises(Invalid):
                operations.end_contract(table.township, row.id, D(2026, 5, 9), reason="死亡")
            with pytest.raises(Invalid):
                operations.end_contract(table.township, row.id, D(2026, 5, 25), reason="明天")
            row = operations.end_contract(table.township, row.id, D(2026, 5, 22), reason="特困人员死亡")
        assert row.state is State.ENDED
        assert row.suspensions[0].to_on == D(2026, 5, 22)
        assert table.resident.caregiver_id is None
        with later(21), pytest.raises(Refused):
            operations.resume_contract(table.township, row.id, D(2026, 5, 23))

    def test_the_night_ends_what_ran_out_and_what_lost_its_resident(self, table: Table) -> None:
        row = table.in_force()
        assert jobs.expiring(TODAY).startswith("0 ended")
        with later(10):
            end_support(table.township, table.resident.id, D(2026, 5, 12), True, "死亡")
            assert jobs.expiring(clock.today()).startswith("1 ended")
            assert jobs.expiring(clock.today()).startswith("0 ended")
        db.session.refresh(row)
        assert (row.state, row.ended_on) == (State.ENDED, D(2026, 5, 12))

    def test_a_term_that_is_over_ends_on_its_last_day(self, table: Table) -> None:
        row = table.in_force(FIRST, D(2026, 5, 20))
        with later(16), pytest.raises(Refused):
            operations.expire_contract(system_actor(), row.id)
        with later(17):
            row = operations.expire_contract(system_actor(), row.id)
        assert (row.state, row.ended_on) == (State.ENDED, D(2026, 5, 20))

    def test_every_step_is_in_the_audit_log_with_its_person(self, table: Table) -> None:
        row = table.in_force()
        found = db.session.scalars(
            select(AuditEntry).where(AuditEntry.object_type == "contract", AuditEntry.object_id == str(row.id))
        ).all()
        acts = [e.act for e in found]
        assert acts.count("contract.sign") == 7
        assert {"contract.draft", "contract.send", "contract.complete"} <= set(acts)
        assert len({e.actor_name for e in found if e.act == "contract.sign"}) == 6, (
            "village signs for itself and resident"
        )

    def test_neighbours_see_nothing(self, table: Table) -> None:
        row = table.in_force()
        for account in ("township_officer_b", "village_officer_b", "institution_manager_b", "caregiver_b"):
            with pytest.raises(NotFound):
                queries.contract(table.county.actor(account), row.id)
        for account in ("auditor", "county_officer_a", "caregiver_a", "institution_manager_a"):
            assert queries.contract(table.county.actor(account), row.id).id == row.id

    def test_the_list_of_what_waits_for_me_shrinks_as_i_sign(self, table: Table) -> None:
        row = table.sent()
        actor = table.actor(Slot.CIVIL_AFFAIRS)

        def waiting() -> list[Contract]:
            return list(db.session.scalars(queries.filtered(actor, mine_to_sign=True)).unique())

        assert waiting() == [row]
        table.sign(row, Slot.CIVIL_AFFAIRS)
        assert waiting() == []


class TestDatabase:
    """What a wrong program could try is refused by the database as well."""

    def refused(self, statement: str, **values: Any) -> None:
        with pytest.raises(DBAPIError), db.engine.begin() as connection:
            connection.execute(text(statement), values)

    def test_six_signatures_never_are_in_force(self, table: Table) -> None:
        row = table.sent()
        for slot in list(Slot)[:6]:
            row = table.sign(row, slot)
        self.refused("UPDATE contract SET state = 'in_force', in_force_from = valid_from WHERE id = :id", id=row.id)

    def test_a_contract_begins_as_a_draft(self, table: Table) -> None:
        row = table.draft()
        names = [c.name for c in Contract.__table__.columns if c.name not in {"id", "number", "state"}]
        joined = ", ".join(names)
        self.refused(
            f"INSERT INTO contract (number, state, {joined}) SELECT 'X', 'in_force', {joined} FROM contract WHERE id = :id",  # column names of the model
            id=row.id,
        )

    def test_text_signatures_and_history_never_change(self, table: Table) -> None:
        row = table.in_force()
        self.refused("UPDATE contract SET body_sha256 = 'x' WHERE id = :id", id=row.id)
        self.refused("UPDATE contract SET caregiver_id = caregiver_id + 1 WHERE id = :id", id=row.id)
        self.refused("UPDATE contract_party SET signer_name = 'x' WHERE contract_id = :id", id=row.id)
        self.refused("UPDATE contract_party SET signed_at = NULL WHERE contract_id = :id", id=row.id)
        self.refused("UPDATE contract_event SET reason = 'x' WHERE contract_id = :id", id=row.id)
        self.refused("DELETE FROM contract_event WHERE contract_id = :id", id=row.id)
        self.refused("DELETE FROM contract_party WHERE contract_id = :id", id=row.id)
        self.refused("DELETE FROM contract WHERE id = :id", id=row.id)

    def test_what_is_over_stays_over(self, table: Table) -> None:
        row = table.in_force()
        with later(10):
            operations.end_contract(table.township, row.id, D(2026, 5, 12), reason="更换护理人员")
        self.refused("UPDATE contract SET state = 'in_force' WHERE id = :id", id=row.id)
        self.refused("UPDATE contract SET ended_on = valid_to WHERE id = :id", id=row.id)

    def test_a_signature_needs_an_open_contract(self, table: Table) -> None:
        row = table.draft()
        self.refused(
            "UPDATE contract_party SET signed_at = '2026-05-04 04:00:00', signer_name = 'x', body_sha256 = :sha"
            " WHERE contract_id = :id",
            id=row.id,
            sha=row.body_sha256,
        )

    def test_refused_acts_leave_no_half_rows(self, table: Table) -> None:
        row = table.sent()
        events, signed = rows(ContractEvent), select(func.count()).where(ContractParty.signed_at.is_not(None))
        for act in (
            lambda: table.sign(row, Slot.VILLAGE) and table.sign(row, Slot.VILLAGE),
            lambda: operations.suspend_contract(table.township, row.id, TODAY, reason="不行"),
            lambda: operations.end_contract(table.township, row.id, TODAY, reason="不行"),
        ):
            with pytest.raises(DomainError):
                act()
        assert rows(ContractEvent) == events + 1
        assert db.session.scalar(signed) == 1


def test_duties_come_from_the_records(table: Table, county: County) -> None:
    row = table.in_force()
    assert {(d.party, len(d.occasions)) for d in duties(row, TODAY)} == {(f"P{n}", 0) for n in range(1, 8)}
    with later(70):
        record_absence(table.township, table.resident.id, "hospital", D(2026, 6, 1), D(2026, 6, 10))
    today = D(2026, 7, 20)
    found = {d.trigger: d for d in duties(row, today)}
    assert found["quarter_released"].count(today, Kept.MISSED) == 1, "nothing was released for the second quarter"
    assert found["monthly_township"].count(today, Kept.MISSED) == 1, "June without a visit of the township"
    june = next(o for o in found["daily"].occasions if o.what == "2026-06")
    assert (june.done, june.required) == (0, 20), "ten days in hospital need no record"


def test_a_second_caregiver_follows_the_first_without_a_gap(table: Table) -> None:
    row = table.in_force()
    with later(20):
        operations.end_contract(table.township, row.id, D(2026, 5, 20), reason="更换护理人员")
        second = caregiver("接替护理员")
        new = operations.draft_contract(table.township, table.resident.id, second.id, D(2026, 5, 21))
    assert new.number != row.number
    assert new.valid_from == D(2026, 5, 21)
