"""A signature is replaced before the contract is in force: only that one goes, it is kept, those concerned are told, the paper
says so; in any order of acts.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.contracts import documents, operations, queries
from app.contracts.models import SIGNATURE, Contract, ContractParty, FormerSignature, Means, Slot
from app.contracts.operations import Given
from app.contracts.rules import Act, State
from app.contracts.rules.signing import Cosigner, CosignerRole, IdentityCheck, TakenBackFor
from app.core.db import db
from app.core.errors import DomainError, Forbidden, Invalid, NotFound, Refused
from app.core.transaction import transaction
from tests.contracts.conftest import NOON, STROKES, Table
from tests.contracts.test_life import amended, on
from tests.contracts.test_pages import SignIn, post
from tests.contracts.test_paper_and_seals import PDF, filed, words_of
from tests.support.state import counts

WHY = TakenBackFor.WRONG_PERSON
GIVEN = [c.name for c in ContractParty.__table__.columns if c.name != "uid"]


def taken_back(
    table: Table, row: Contract, slot: Slot, who: str = "township_officer_a", reason: str = "签错了人"
) -> Contract:
    return operations.take_back_signature(table.county.actor(who), row.id, slot, why=WHY, reason=reason)


def given(row: Contract) -> dict[Slot, list[Any]]:
    """Everything stored of each place."""
    return {party.slot: [getattr(party, name) for name in GIVEN] for party in row.parties}


class TestOnlyThatOneGoes:
    def test_it_is_kept_as_it_was_the_others_stand_and_the_party_signs_anew(self, table: Table) -> None:
        row = table.sent()
        for slot in list(Slot)[1:]:
            table.sign(row, slot)
        before, old = given(row), operations.party_of(row, Slot.RESIDENT)
        was = (old.signer_name, old.means, old.medium, old.signed_at, old.body_sha256, old.others)
        row = taken_back(table, row, Slot.RESIDENT)
        assert row.state is State.SIGNING
        assert given(row) | {Slot.RESIDENT: None} == before | {Slot.RESIDENT: None}, "six places as they were"
        place = operations.party_of(row, Slot.RESIDENT)
        assert (place.signed_at, place.signer_name, place.others, place.strokes) == (None, None, None, None)
        (kept,) = row.former
        assert (kept.signer_name, kept.means, kept.medium, kept.signed_at, kept.body_sha256, kept.others) == was
        assert (kept.slot, kept.why, kept.reason) == (Slot.RESIDENT, WHY, "签错了人")
        table.sign(row, Slot.COUNTY_GOVERNMENT)
        assert row.state is State.SIGNING, "six signatures are not seven"
        hand = Given(table.resident.name, Means.HAND, STROKES, identity=IdentityCheck.ID_CARD)
        row = operations.sign_contract(table.actor(Slot.RESIDENT), row.id, Slot.RESIDENT, hand)
        assert row.state is State.IN_FORCE
        assert {p.body_sha256 for p in row.parties} == {row.body_sha256}
        assert operations.party_of(row, Slot.RESIDENT).means is Means.HAND
        assert [e.act for e in row.events].count(Act.TAKE_BACK) == 1

    def test_who_signed_beside_goes_with_it_and_a_scan_stays_on_file(self, table: Table) -> None:
        row = table.sent()
        paper = filed(table, row)
        row = operations.check_paper(table.county.actor("village_officer_a"), paper.id, matches=True)
        row = taken_back(table, row, Slot.INSTITUTION, "institution_manager_a", "扫描件模糊")
        assert row.former[0].scan_id == paper.scan_id
        beside = (Cosigner(CosignerRole.COLLEAGUE, "娜仁·托娅", STROKES),)
        by_hand = Given("院长", Means.HAND, STROKES, others=beside)
        operations.sign_contract(table.actor(Slot.INSTITUTION), row.id, Slot.INSTITUTION, by_hand)
        row = taken_back(table, row, Slot.INSTITUTION, "institution_manager_a", "第二经办人不对")
        assert operations.party_of(row, Slot.INSTITUTION).cosigners == []
        assert [[one["name"] for one in kept.cosigners] for kept in row.former] == [[], ["娜仁·托娅"]]
        again = filed(table, row, scan=PDF + b"%2")
        row = operations.check_paper(table.county.actor("village_officer_a"), again.id, matches=True)
        assert operations.party_of(row, Slot.INSTITUTION).scan_id == again.scan_id

    @pytest.mark.parametrize("seed", range(2))
    def test_whatever_the_order_of_acts_the_others_stand_and_nothing_is_lost(self, table: Table, seed: int) -> None:
        """Random signing and taking back: in force exactly when all seven stand; every signature ever given is here, standing
        or kept; a refused act changes nothing.
        """
        chance, row, signed, ever = random.Random(seed), table.sent(), set[Slot](), 0
        for minute in range(40):
            slot, give = chance.choice(list(Slot)), chance.random() < 0.65
            before, state = given(row), row.state
            try:
                row = table.sign(row, slot) if give else taken_back(table, row, slot, reason=f"第{minute}次")
            except DomainError:
                assert (given(row), row.state) == (before, state)
                assert state is not State.SIGNING or (slot in signed) == give
                continue
            ever += give
            signed = signed | {slot} if give else signed - {slot}
            after = given(row)
            assert {s: after[s] for s in Slot if s is not slot} == {s: before[s] for s in Slot if s is not slot}
            assert {p.slot for p in row.parties if p.signed_at} == signed
            assert (row.state is State.IN_FORCE) == (len(signed) == 7)
            assert len(signed) + len(row.former) == ever


class TestWho:
    def test_the_party_itself_who_held_the_device_and_the_township(self, table: Table) -> None:
        may = {
            Slot.CIVIL_AFFAIRS: {"county_officer_a", "township_officer_a"},
            Slot.INSTITUTION: {"institution_manager_a", "township_officer_a"},
            Slot.CAREGIVER: {"caregiver_a", "village_officer_a", "township_officer_a"},
            Slot.RESIDENT: {"village_officer_a", "township_officer_a"},
        }
        everybody = {"county_reviewer", *set().union(*may.values())}
        row = table.sent()
        for slot in may:
            table.sign(row, slot)
        for slot, allowed in may.items():
            party = operations.party_of(row, slot)
            assert {one for one in everybody if queries.may_take_back(table.county.actor(one), row, party)} == allowed
            for account in sorted(everybody - allowed):
                with pytest.raises(Forbidden):
                    taken_back(table, row, slot, account)
        for account, wrong in (
            ("township_officer_b", NotFound),
            ("auditor", Forbidden),
            ("institution_manager_b", NotFound),
        ):
            with pytest.raises(wrong):
                taken_back(table, row, Slot.RESIDENT, account)

    def test_refused_in_words_without_a_signature_without_a_reason_and_once_in_force(self, table: Table) -> None:
        row = table.sent()
        before = counts()
        with pytest.raises(Refused):
            taken_back(table, row, Slot.VILLAGE)
        table.sign(row, Slot.VILLAGE)
        with pytest.raises(Invalid) as refusal:
            taken_back(table, row, Slot.VILLAGE, reason=" ")
        assert set(refusal.value.errors) == {"reason"}
        for slot in Slot:
            if slot is not Slot.VILLAGE:
                row = table.sign(row, slot)
        with pytest.raises(Refused, match="七方均已签署"):
            taken_back(table, row, Slot.VILLAGE)
        assert counts()["contract_former_signature"] == before["contract_former_signature"]

    def test_a_signature_carried_into_an_amendment_stays(self, table: Table) -> None:
        old = table.in_force()
        with on(NOON.date().replace(month=6, day=1)):
            new = amended(table, old, NOON.date().replace(month=6, day=10))
            with pytest.raises(Refused, match="来自原协议"):
                taken_back(table, new, Slot.COUNTY_GOVERNMENT)
            table.sign(new, Slot.INSTITUTION)
            assert taken_back(table, new, Slot.INSTITUTION).former[0].slot is Slot.INSTITUTION


def test_the_party_and_who_took_it_are_told_until_it_is_signed_anew_and_nobody_else(table: Table) -> None:
    row = table.sent()
    for slot in (Slot.VILLAGE, Slot.CAREGIVER, Slot.INSTITUTION, Slot.RESIDENT):
        table.sign(row, slot)
    taken_back(table, row, Slot.CAREGIVER, reason="签名看不清")
    taken_back(table, row, Slot.RESIDENT, reason="签错了人")

    def told(who: str) -> list[str]:
        return sorted(one.reason for one in queries.to_sign_anew(table.county.actor(who)))

    assert told("caregiver_a") == ["签名看不清"]
    assert told("village_officer_a") == ["签名看不清", "签错了人"], "the village holds the device for both"
    assert told("township_officer_a") == [], "it took them back itself"
    assert told("institution_manager_a") == []
    assert told("village_officer_b") == []
    table.sign(row, Slot.CAREGIVER)
    assert told("caregiver_a") == []
    operations.refuse_contract(table.actor(Slot.CIVIL_AFFAIRS), row.id, reason="档次与评估不符")
    assert told("village_officer_a") == []
    since = NOON.replace(hour=0)
    for slot in (Slot.VILLAGE, Slot.CAREGIVER, Slot.INSTITUTION, Slot.RESIDENT):
        assert len(queries.refused(table.actor(slot), since)) == 1, slot


def test_the_downloaded_file_says_what_was_taken_back_and_that_the_others_stand(table: Table) -> None:
    row = table.sent()
    table.sign(row, Slot.RESIDENT)
    row = taken_back(table, row, Slot.RESIDENT, reason="由邻居代签，不是本人")
    data, _name = documents.contract_pdf(table.township, row)
    said = words_of(data.getvalue())
    assert "签名的撤回与重签" in said
    assert "签署人不对：由邻居代签，不是本人" in said
    assert "尚未重新签署" in said
    for slot in Slot:
        row = table.sign(row, slot)
    sealed = words_of(documents.sealed_pdf(table.township, row))
    assert "由邻居代签，不是本人已重新签署" in sealed
    assert "尚未重新签署" not in sealed
    assert "见证人：见证人甲" in sealed


def test_the_database_frees_a_place_only_beside_the_kept_signature(table: Table) -> None:
    row = table.sent()
    operations.sign_contract(table.actor(Slot.VILLAGE), row.id, Slot.VILLAGE, Given("村主任", Means.SEAL))
    table.sign(row, Slot.INSTITUTION)
    row = taken_back(table, row, Slot.INSTITUTION)
    blank = (
        "UPDATE contract_party SET signed_at = NULL, signer_name = NULL, means = NULL, medium = NULL, identity = NULL,"
        " body_sha256 = NULL, picture_id = NULL, scan_id = NULL WHERE slot = 'P4'"
    )
    columns = [c.name for c in FormerSignature.__table__.columns if c.name not in {"id", "uid", "slot"}]
    copy = f"INSERT INTO contract_former_signature (uid, slot, {', '.join(columns)}) SELECT 'x', 'P4', {', '.join(columns)} FROM contract_former_signature"
    for change in (
        blank,
        copy,
        "UPDATE contract_former_signature SET reason = 'x'",
        "UPDATE contract_former_signature SET taken_back_by = NULL",
        "DELETE FROM contract_former_signature",
    ):
        with pytest.raises(DBAPIError), transaction():
            db.session.execute(text(change))
    assert operations.party_of(row, Slot.VILLAGE).signed_at is not None


class TestPages:
    def test_from_the_place_to_the_reason_to_signing_anew(
        self, table: Table, sign_in: Callable[[str], FlaskClient]
    ) -> None:
        row = table.sign(table.sent(), Slot.CAREGIVER)
        browser = sign_in("caregiver_a")
        page = browser.get(f"/contracts/{row.id}").get_data(as_text=True)
        url = f"/contracts/{row.id}/take-back/P6"
        assert url in page
        status, page = post(browser, url, url, why="unclear", reason=" ")
        assert status == 422
        status, page = post(browser, url, url, why="unclear", reason="手抖，字看不清")
        assert status == 200
        assert "其他各方的签名继续有效" in page
        assert "data-signature-form" in page, "straight on to sign anew"
        assert "手抖，字看不清" in page
        assert "该方还没有签署" in browser.get(url).get_data(as_text=True), "nothing is there to take back"
        told = sign_in("village_officer_a").get("/contracts").get_data(as_text=True)
        assert "须重新签署" in told
        assert "手抖，字看不清" in told
        page = sign_in("auditor").get(f"/contracts/{row.id}").get_data(as_text=True)
        assert "签名已撤回" in page
        assert url not in page

    def test_who_has_nothing_to_do_with_it_finds_no_page(self, table: Table, sign_in: SignIn) -> None:
        row = table.sign(table.sent(), Slot.CAREGIVER)
        for account, status in (("township_officer_b", 404), ("county_officer_a", 404), ("auditor", 403)):
            assert sign_in(account).get(f"/contracts/{row.id}/take-back/P6").status_code == status, account


def test_a_new_column_of_a_signature_belongs_to_a_former_one_too() -> None:
    place = {"id", "uid", "contract_id", "slot", "organisation_id", "party_name", "axis", "carried_from_id"}
    ours, former = (
        {column.name.removesuffix("_enc") for column in model.__table__.columns}
        for model in (ContractParty, FormerSignature)
    )
    assert ours - place == set(SIGNATURE)
    assert former - place == {*SIGNATURE, "why", "reason", "taken_back_at", "taken_back_by"}
