"""A contract signed at a kitchen table without network: taken along, signed by several, handed in in any order, once."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app.contracts import operations, queries
from app.contracts.models import Contract, Means, Slot
from app.contracts.operations import Given
from app.contracts.queries import files
from app.contracts.rules import State
from app.contracts.rules.signing import IdentityCheck, Medium
from app.core import clock
from app.core.db import db
from app.tablet.operations.devices import block_device
from tests.contracts.conftest import Table, table
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


def test_a_blocked_tablet_and_a_resident_who_moved_are_kept_for_an_officer(table: Table, send: Send) -> None:
    row = table.sent()
    tablet = enrolled(table.county, "village_officer_a")
    write(tablet, row, Slot.RESIDENT, "甲老人")
    block_device(table.county.actor("county_officer_a"), device_row(tablet).id, "平板丢失")
    send(tablet, status=403)
    assert (tablet.heard[1]["verdict"], tablet.heard[1]["code"]) == ("accepted", "blocked")
    assert operations.party_of(again(row), Slot.RESIDENT).signed_at is None


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
