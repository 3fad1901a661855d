"""A contract signed at a kitchen table without network: taken along, signed by several, handed in in any order, once."""

from __future__ import annotations

import base64
import datetime as dt
import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from app.contracts import operations, queries
from app.contracts.models import Contract, Means, Slot
from app.contracts.operations import Given
from app.contracts.queries import files
from app.contracts.rules import State
from app.contracts.rules.signing import IdentityCheck, Medium, TakenBackFor
from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden, Invalid, NotFound, Refused
from app.core.transaction import transaction
from app.tablet.models import SyncRecord
from app.tablet.operations.devices import block_device
from app.tablet.operations.records import settle_record
from tests.contracts.conftest import NOON, STROKES, Table, table
from tests.factories import VILLAGE_B
from tests.tablet.conftest import Send, device_row, enrolled
from tests.tablet.device import Tablet

__all__ = ["table"]  # the fixture: a resident ready for a contract
GLASS = [[[0.1, 0.2, 0.5, 0], [0.4, 0.6, 0.6, 20], [0.8, 0.3, 0.4, 45]]]
"""Handwriting as the glass gives it: x, y, pressure, milliseconds."""


def content(row: Contract, slot: Slot, name: str, **changes: Any) -> dict[str, Any]:
    """What a tablet writes of one signature."""
    return {
        "contract": row.number,
        "resident": row.resident.number,
        "party": slot.value,
        "body_sha256": row.body_sha256,
        "signer_name": name,
        "means": "hand",
        "identity": "id_card",
        "identity_note": "",
        "strokes": GLASS,
        "others": [],
        "picture": None,
        "signed_at": "2026-05-04T03:00:00.000Z",
        **changes,
    }


def write(tablet: Tablet, row: Contract, slot: Slot, name: str, version: int = 1, **changes: Any) -> int:
    """One signature on a tablet."""
    key = f"{row.number}.{slot.value}"
    return tablet.write(
        "contract_signature", key, content(row, slot, name, **changes), now=clock.now(), version=version
    )


def again(row: Contract) -> Contract:
    """As it stands now."""
    db.session.rollback()
    return db.session.get_one(Contract, row.id)


def test_the_bundle_holds_what_is_read_at_the_table_and_nothing_that_identifies(
    table: Table, plain: FlaskClient, app: Flask
) -> None:
    row = table.sent()
    number, sha = row.number, row.body_sha256
    tablet = enrolled(table.county, "village_officer_a")
    answer = plain.post("/tablet/api/contracts", json={}, headers=tablet.headers)
    made = answer.get_json()
    assert answer.status_code == 200, made
    (one,) = made["contracts"]
    assert (one["number"], one["body_sha256"], one["monthly"]) == (number, sha, "¥517.00")
    assert one["monthly_capitals"] == "伍佰壹拾柒元整"
    assert [party["slot"] for party in one["parties"] if party["here"]] == ["P4", "P5", "P6", "P7"]
    assert {c["party"] for c in one["clauses"]} == {slot.value for slot in Slot}
    assert "您的照料护理档次" in one["points"][0]["zh"]
    for secret in ("999999", "id_number", "phone", "address"):
        assert secret not in answer.get_data(as_text=True)
    foreign = enrolled(table.county, "village_officer_b")
    assert plain.post("/tablet/api/contracts", json={}, headers=foreign.headers).get_json()["contracts"] == []
    for who in ("assessor_a",):
        other = enrolled(table.county, who)
        assert plain.post("/tablet/api/contracts", json={}, headers=other.headers).status_code == 403


def test_four_sign_at_the_table_in_any_order_and_repetitions_change_nothing(table: Table, send: Send) -> None:
    row = table.sent()
    tablet = enrolled(table.county, "township_officer_a")
    picture = io.BytesIO()
    Image.new("RGB", (300, 300), "black").save(picture, "PNG")
    witness = [{"role": "witness", "name": "见证人甲", "strokes": None}]
    write(tablet, row, Slot.RESIDENT, "甲老人", means="fingerprint", strokes=None, others=witness,
          picture=base64.b64encode(picture.getvalue()).decode())  # fmt: skip
    write(tablet, row, Slot.CAREGIVER, "护理员1", others=[{"role": "caregiver", "name": "乙", "strokes": GLASS}])
    write(tablet, row, Slot.VILLAGE, "村主任", identity="known", identity_note="多年同村")
    write(tablet, row, Slot.TOWNSHIP_GOVERNMENT, "经办人", means="seal", strokes=None)
    send(tablet, [4, 2], lost=True)
    send(tablet)
    assert {said["verdict"] for said in tablet.heard.values()} == {"accepted"}
    row = again(row)
    signed = {party.slot: party for party in row.parties if party.signed_at}
    assert set(signed) == {Slot.RESIDENT, Slot.CAREGIVER, Slot.VILLAGE, Slot.TOWNSHIP_GOVERNMENT}
    assert {party.medium for party in signed.values()} == {Medium.TABLE}
    assert signed[Slot.CAREGIVER].strokes == str([[[0.1, 0.2, 0, 0.5], [0.4, 0.6, 20, 0.6], [0.8, 0.3, 45, 0.4]]])
    assert signed[Slot.RESIDENT].witnesses == ["见证人甲"]
    assert files.files_of(list(signed.values()))
    assert (signed[Slot.VILLAGE].identity, signed[Slot.VILLAGE].identity_note) == (IdentityCheck.KNOWN, "多年同村")
    assert signed[Slot.VILLAGE].given_at is not None
    for slot in (Slot.COUNTY_GOVERNMENT, Slot.CIVIL_AFFAIRS, Slot.INSTITUTION):
        row = table.sign(row, slot)
    assert row.state is State.IN_FORCE


def test_what_went_on_meanwhile_is_a_conflict_in_words_and_nothing_is_overwritten(table: Table, send: Send) -> None:
    row = table.sent()
    one, two = enrolled(table.county, "township_officer_a"), enrolled(table.county, "village_officer_a")
    write(one, row, Slot.CAREGIVER, "护理员1")
    write(two, row, Slot.CAREGIVER, "护理员1", identity="known")
    write(two, row, Slot.RESIDENT, "甲老人", body_sha256="0" * 64)
    send(one)
    send(two)
    assert [two.heard[n]["verdict"] for n in (1, 2)] == ["conflict", "conflict"]
    assert "护理员1" in two.heard[1]["reason"]["zh"]
    assert "signed meanwhile" in two.heard[1]["reason"]["en"]
    assert "文本" in two.heard[2]["reason"]["zh"]
    row = again(row)
    assert operations.party_of(row, Slot.CAREGIVER).identity is IdentityCheck.ID_CARD, "the first one counts"
    operations.refuse_contract(table.actor(Slot.CIVIL_AFFAIRS), row.id, reason="档次与评估不符")
    write(two, row, Slot.VILLAGE, "村主任")
    send(two)
    assert two.heard[3]["verdict"] == "conflict"
    assert "档次与评估不符" in two.heard[3]["reason"]["zh"]
    assert operations.party_of(again(row), Slot.VILLAGE).signed_at is None


@pytest.mark.parametrize(
    ("slot", "name", "changes", "field"),
    [
        (Slot.RESIDENT, "侄子", {}, "signer_name"),
        (Slot.RESIDENT, "甲老人", {"strokes": None}, "strokes"),
        (Slot.RESIDENT, "甲老人", {"strokes": [[[9, 9, 9, 9]] * 4]}, "strokes"),
        (Slot.RESIDENT, "甲老人", {"identity": None}, "identity"),
        (Slot.RESIDENT, "甲老人", {"identity": "account"}, "identity"),
        (Slot.RESIDENT, "甲老人", {"means": "witnessed_mark", "strokes": None, "others": [{"role": "witness", "name": "乙", "strokes": None}]}, "witness_name"),
        (Slot.RESIDENT, "甲老人", {"others": [{"role": "boss", "name": "乙"}]}, "others"),
        (Slot.RESIDENT, "甲老人", {"others": "x"}, "others"),
        (Slot.RESIDENT, "甲老人", {"picture": "!"}, "picture"),
        (Slot.RESIDENT, "甲老人", {"means": "fingerprint", "others": [{"role": "witness", "name": "乙"}], "picture": "AAAA"}, "picture"),
        (Slot.VILLAGE, "村主任", {"means": "seal", "strokes": None}, "means"),
        (Slot.CIVIL_AFFAIRS, "科长", {}, "party"),
        (Slot.RESIDENT, "甲老人", {"contract": "XY2026-999999"}, "contract"),
        (Slot.RESIDENT, "甲老人", {"party": "P9"}, "party"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_at_its_field_and_corrected_under_the_same_key(
    table: Table, send: Send, slot: Slot, name: str, changes: dict[str, Any], field: str
) -> None:
    row = table.sent()
    tablet = enrolled(table.county, "township_officer_a")
    write(tablet, row, slot, name, **changes)
    send(tablet)
    said = tablet.heard[1]
    assert said["verdict"] == "refused"
    assert field in said["fields"], said
    assert all(set(words) == {"zh", "en"} for words in said["fields"].values())
    row = again(row)
    assert all(party.signed_at is None for party in row.parties)
    write(tablet, row, Slot.CAREGIVER, "护理员1", version=2)
    send(tablet)
    assert tablet.heard[2]["verdict"] == "accepted"


def queued(tablet: Tablet, counter: int) -> SyncRecord:
    """The county's row of one record."""
    db.session.rollback()
    return db.session.scalars(select(SyncRecord).where(SyncRecord.counter == counter)).unique().one()


def test_a_blocked_tablet_is_kept_for_an_officer_who_lets_it_count_as_its_authors(table: Table, send: Send) -> None:
    row = table.sent()
    tablet = enrolled(table.county, "village_officer_a")
    write(tablet, row, Slot.RESIDENT, "甲老人")
    write(tablet, row, Slot.CAREGIVER, "护理员1")
    block_device(table.county.actor("county_officer_a"), device_row(tablet).id, "平板丢失")
    send(tablet, status=403)
    assert {(tablet.heard[n]["verdict"], tablet.heard[n]["code"]) for n in (1, 2)} == {("accepted", "blocked")}
    assert operations.party_of(again(row), Slot.RESIDENT).signed_at is None, "nothing follows by itself"
    officer = table.county.actor("county_officer_a")
    with pytest.raises(Forbidden):
        settle_record(table.county.actor("village_officer_a"), queued(tablet, 1).id, count=True, reason="是我写的")
    with pytest.raises(Invalid):
        settle_record(officer, queued(tablet, 1).id, count=True, reason=" ")
    said = settle_record(officer, queued(tablet, 1).id, count=True, reason="已电话核实")
    assert (said.verdict.value, said.reference) == ("accepted", row.number)
    said = settle_record(officer, queued(tablet, 2).id, count=False, reason="本人说没有签过")
    assert said.verdict.value == "refused"
    party = operations.party_of(again(row), Slot.RESIDENT)
    assert (party.signer_name, party.medium) == ("甲老人", Medium.TABLE)
    assert party.signed_by == table.county.actor("village_officer_a").user_id, "the author's work, not the officer's"
    assert operations.party_of(row, Slot.CAREGIVER).signed_at is None
    with pytest.raises(Refused):
        settle_record(officer, queued(tablet, 1).id, count=True, reason="再来一次")


def test_a_blocked_signature_that_came_too_late_is_a_conflict_when_it_is_settled(table: Table, send: Send) -> None:
    row = table.sent()
    tablet = enrolled(table.county, "village_officer_a")
    write(tablet, row, Slot.VILLAGE, "村主任", means="seal", strokes=None)
    block_device(table.county.actor("county_officer_a"), device_row(tablet).id, "平板丢失")
    send(tablet, status=403)
    operations.sign_contract(table.actor(Slot.VILLAGE), row.id, Slot.VILLAGE, Given("村支书", Means.SEAL))
    said = settle_record(table.county.actor("county_officer_a"), queued(tablet, 1).id, count=True, reason="核实")
    assert said.verdict.value == "conflict"
    assert operations.party_of(again(row), Slot.VILLAGE).signer_name == "村支书"


def test_the_signature_of_a_resident_who_moved_waits_for_the_officer_there_and_binds_nobody_at_the_old_place(
    table: Table, send: Send
) -> None:
    """The contract names the township and village the resident left: nobody there can sign it, the county draws up another."""
    row = table.sent()
    tablet = enrolled(table.county, "township_officer_a")
    write(tablet, row, Slot.RESIDENT, "甲老人")
    with transaction() as tx:
        tx.act = "test.move"
        table.resident.area_code = VILLAGE_B
    answer = send(tablet)
    assert (tablet.heard[1]["verdict"], tablet.heard[1]["code"]) == ("accepted", "routed")
    assert [one["resident"] for one in answer["moved"]] == [table.resident.number]
    assert operations.party_of(again(row), Slot.RESIDENT).signed_at is None
    there, elsewhere = table.county.actor("township_officer_b"), table.county.actor("township_officer_a")
    record = queued(tablet, 1)
    with pytest.raises(NotFound):
        settle_record(elsewhere, record.id, count=True, reason="我来处理")
    with pytest.raises(Invalid, match="没有这份协议"):
        settle_record(there, record.id, count=True, reason="人在这里")
    assert operations.party_of(again(row), Slot.RESIDENT).signed_at is None, "it goes on waiting"
    said = settle_record(there, record.id, count=False, reason="已搬家，须重新订立协议")
    assert said.verdict.value == "refused"
    for slot in list(Slot)[:6]:
        row = table.sign(row, slot)
    with pytest.raises(Refused, match="已经搬家"):
        operations.sign_contract(table.county.actor("village_officer_a"), row.id, Slot.RESIDENT, BY_HAND)
    assert again(row).state is State.SIGNING


BY_HAND = Given("甲老人", Means.HAND, STROKES, identity=IdentityCheck.ID_CARD)


class TestSignedAnew:
    """A signature of the table is replaced: on the tablet that gave it, or after somebody else took it back."""

    def test_on_the_same_tablet_in_any_order_of_arrival(self, table: Table, send: Send) -> None:
        row = table.sent()
        tablet = enrolled(table.county, "village_officer_a")
        write(tablet, row, Slot.RESIDENT, "甲老人")
        send(tablet)
        with clock.at(NOON + dt.timedelta(minutes=5)):
            again_ = {"why": "unclear", "reason": "手抖，看不清"}
            write(tablet, row, Slot.RESIDENT, "甲老人", version=2, identity="known", instead=again_)
            send(tablet)
            send(tablet)
        assert {said["verdict"] for said in tablet.heard.values()} == {"accepted"}
        row = again(row)
        assert operations.party_of(row, Slot.RESIDENT).identity is IdentityCheck.KNOWN
        (kept,) = row.former
        assert (kept.identity, kept.reason, kept.medium) == (IdentityCheck.ID_CARD, "手抖，看不清", Medium.TABLE)

    def test_the_second_that_arrives_first_counts_and_the_first_is_kept_without_effect(
        self, table: Table, send: Send
    ) -> None:
        row = table.sent()
        tablet = enrolled(table.county, "village_officer_a")
        write(tablet, row, Slot.RESIDENT, "甲老人")
        with clock.at(NOON + dt.timedelta(minutes=5)):
            again_ = {"why": "unclear", "reason": "手抖，看不清"}
            write(tablet, row, Slot.RESIDENT, "甲老人", version=2, identity="known", instead=again_)
            send(tablet, [2])
            send(tablet, [1])
        assert (tablet.heard[2]["verdict"], tablet.heard[1]["verdict"]) == ("accepted", "conflict")
        assert operations.party_of(again(row), Slot.RESIDENT).identity is IdentityCheck.KNOWN

    def test_nobody_elses_signature_is_replaced_from_a_tablet(self, table: Table, send: Send) -> None:
        row = table.sent()
        one, two = enrolled(table.county, "township_officer_a"), enrolled(table.county, "village_officer_a")
        write(one, row, Slot.RESIDENT, "甲老人")
        send(one)
        with clock.at(NOON + dt.timedelta(minutes=5)):
            write(two, row, Slot.RESIDENT, "甲老人", identity="known", instead={"why": "other", "reason": "重签"})
            send(two)
        assert two.heard[1]["verdict"] == "conflict"
        row = again(row)
        assert (operations.party_of(row, Slot.RESIDENT).identity, row.former) == (IdentityCheck.ID_CARD, [])
        write(two, row, Slot.CAREGIVER, "护理员1", instead={"why": "no such"})
        send(two)
        assert "instead" in two.heard[2]["fields"]

    def test_what_was_given_before_the_taking_back_does_not_come_back_and_the_bundle_says_why(
        self, table: Table, send: Send, plain: FlaskClient
    ) -> None:
        row = table.sent()
        tablet = enrolled(table.county, "village_officer_a")
        write(tablet, row, Slot.RESIDENT, "甲老人")
        with clock.at(NOON + dt.timedelta(minutes=5)):
            operations.sign_contract(table.actor(Slot.RESIDENT), row.id, Slot.RESIDENT, BY_HAND)
            reason = "由邻居代签"
            operations.take_back_signature(table.township, row.id, Slot.RESIDENT, why=TakenBackFor.OTHER, reason=reason)
            send(tablet)
            assert tablet.heard[1]["verdict"] == "conflict"
            assert reason in tablet.heard[1]["reason"]["zh"]
            assert operations.party_of(again(row), Slot.RESIDENT).signed_at is None
            made = plain.post("/tablet/api/contracts", json={}, headers=tablet.headers).get_json()
            (place,) = [p for p in made["contracts"][0]["parties"] if p["slot"] == "P7"]
            assert (place["signed"], place["here"], place["taken_back"]["reason"]) == (None, True, reason)
        with clock.at(NOON + dt.timedelta(minutes=9)):
            write(tablet, row, Slot.RESIDENT, "甲老人", version=2)
            send(tablet)
        assert tablet.heard[2]["verdict"] == "accepted"
        assert operations.party_of(again(row), Slot.RESIDENT).signed_at is not None


def test_signed_from_an_account_while_the_tablet_was_on_its_way(table: Table, send: Send) -> None:
    """Two people sign at once over two ways: each place is signed once, both are told."""
    row = table.sent()
    tablet = enrolled(table.county, "village_officer_a")
    write(tablet, row, Slot.VILLAGE, "村主任", means="seal", strokes=None)
    operations.sign_contract(table.actor(Slot.VILLAGE), row.id, Slot.VILLAGE, Given("村支书", Means.SEAL))
    send(tablet)
    assert tablet.heard[1]["verdict"] == "conflict"
    found = queries.contract(table.township, row.id)
    assert operations.party_of(found, Slot.VILLAGE).signer_name == "村支书"
