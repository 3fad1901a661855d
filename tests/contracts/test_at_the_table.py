"""Around the table: a refusal reaches everybody who had signed, the same link twice, long names and names with a dot."""

from __future__ import annotations

import io
import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from app.contracts import documents, operations, queries
from app.contracts.documents.words import PARTY_WORDS
from app.contracts.models import Means, Slot
from app.contracts.operations import Given
from app.contracts.rules import State
from app.contracts.rules.signing import IdentityCheck
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, Invalid
from app.core.transaction import transaction
from tests.contracts.conftest import NOON, STROKES, Table
from tests.contracts.test_pages import SignIn, token
from tests.contracts.test_paper_and_seals import words_of

LONG = "阿卜杜热合曼·买买提吐尔逊·艾山江·努尔麦麦提"


def rename(table: Table, resident: str, caregiver: str) -> None:
    """Other people sit at the table."""
    with transaction() as tx:
        tx.act = "test.rename"
        table.resident.name, table.caregiver.name = resident, caregiver


def test_a_refusal_is_told_to_all_who_signed_before_and_to_nobody_else(table: Table) -> None:
    row = table.sent()
    before = (Slot.VILLAGE, Slot.INSTITUTION, Slot.CAREGIVER)
    for slot in before:
        table.sign(row, slot)
    operations.refuse_contract(table.actor(Slot.CIVIL_AFFAIRS), row.id, reason="档次与评估不符")
    since = NOON.replace(hour=0)
    for slot in before:
        ((told, _who, why),) = queries.refused(table.actor(slot), since)
        assert (told.id, why) == (row.id, "档次与评估不符")
    assert queries.refused(table.actor(Slot.COUNTY_GOVERNMENT), since) == []
    assert queries.refused(table.county.actor("village_officer_b"), since) == []


def downloaded(browser: FlaskClient, number: int) -> str:
    """Everything on the pages of the file as somebody gets it, without blanks."""
    answer = browser.get(f"/contracts/{number}.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    return words_of(answer.get_data())


def test_the_same_link_twice_stores_one_signature_and_the_file_names_the_first(table: Table, sign_in: SignIn) -> None:
    row = table.sent()
    browser, url = sign_in("village_officer_a"), f"/contracts/{row.id}/sign/P4"
    form = token(browser.get(url).get_data(as_text=True))
    first, second = ({"csrf_token": form, "signer_name": name, "means": "seal"} for name in ("村支书甲", "村主任乙"))
    assert browser.post(url, data=first).status_code == 302
    again = browser.post(url, data=second)
    assert again.status_code == 422
    assert "已经签" in again.get_data(as_text=True)
    assert browser.post(url, data=first).status_code == 422, "the same answer sent again"
    said = downloaded(browser, row.id)
    assert said.count("村支书甲") == 2, "at the place and in the table of evidence"
    assert "村主任乙" not in said


def test_a_missing_middle_party_stands_as_missing_in_the_file_until_it_signs(table: Table, sign_in: SignIn) -> None:
    row, browser = table.sent(), sign_in("township_officer_a")
    for slot in Slot:
        if slot is not Slot.VILLAGE:
            row = table.sign(row, slot)
    assert row.state is State.SIGNING
    said = downloaded(browser, row.id)
    assert said.count("尚未签署") == 1
    assert "丁方村（社区）尚未签署" in said
    assert "供签署" in said, "the mark across a file that is not in force"
    assert "七方签署完毕后生效" in said
    table.sign(row, Slot.VILLAGE)
    said = downloaded(browser, row.id)
    assert "尚未签署" not in said
    assert "生效日2026年5月10日" in said
    order = [said.rindex(f"{PARTY_WORDS[slot]}".replace(" ", "")) for slot in Slot]
    assert order == sorted(order), "the seven stand in their order, whoever signed last"


def test_long_names_and_every_kind_of_middle_dot_are_taken_and_printed_whole(table: Table) -> None:
    rename(table, LONG, "娜仁·托娅")
    row = table.sent()
    for slot in Slot:
        if slot in {Slot.RESIDENT, Slot.CAREGIVER}:
            continue
        table.sign(row, slot)
    for slot, typed, means in (
        (Slot.RESIDENT, LONG.replace("·", "•"), Means.HAND),
        (Slot.CAREGIVER, " 娜仁・托娅 ", Means.HAND),
    ):
        given = Given(typed, means, STROKES, identity=IdentityCheck.ID_CARD)
        row = operations.sign_contract(table.county.actor("village_officer_a"), row.id, slot, given)
    assert row.state is State.IN_FORCE
    assert {p.signer_name for p in row.parties if p.slot in {Slot.RESIDENT, Slot.CAREGIVER}} == {LONG, "娜仁·托娅"}
    printed = "".join(
        page.extract_text() for page in PdfReader(io.BytesIO(documents.sealed_pdf(table.township, row))).pages
    )
    plain = "".join(printed.split())
    assert plain.count(LONG) >= 3
    assert "娜仁·托娅" in plain
    assert "〓" not in plain
    for party in row.parties:
        assert "".join(party.party_name.split()) in plain


def test_a_name_that_is_another_one_is_refused_at_its_field(table: Table) -> None:
    row = table.sent()
    with pytest.raises(Invalid) as refusal:
        operations.sign_contract(
            table.county.actor("village_officer_a"),
            row.id,
            Slot.RESIDENT,
            Given("乙老人", Means.HAND, STROKES, identity=IdentityCheck.ID_CARD),
        )
    assert set(refusal.value.errors) == {"signer_name"}


def test_two_people_at_once_both_sign_and_the_same_place_is_signed_once(
    table: Table, app: Flask, sign_in: SignIn
) -> None:
    """Threads with connections of their own; what one of them is refused is said, nothing is lost."""
    row = table.sent()
    number = row.id
    slots = [Slot.VILLAGE, Slot.VILLAGE, Slot.CIVIL_AFFAIRS, Slot.COUNTY_GOVERNMENT]
    actors = [table.actor(slot) for slot in slots]
    db.session.remove()
    outcome: list[str] = []
    gate = threading.Barrier(len(slots))

    def sign(place: int) -> None:
        with app.app_context(), clock.at(NOON):
            gate.wait()
            try:
                operations.sign_contract(actors[place], number, slots[place], Given(f"经办人{place}", Means.SEAL))
                outcome.append("signed")
            except DomainError:
                outcome.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=sign, args=(place,)) for place in range(len(slots))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome) == ["refused", "signed", "signed", "signed"]
    row = queries.contract(table.township, number)
    assert {p.slot for p in row.parties if p.signed_at} == set(slots)
    said = downloaded(sign_in("township_officer_a"), number)
    assert said.count("尚未签署") == 4
    assert [said.count(f"经办人{place}") for place in (2, 3)] == [2, 2], "at the place and in the table of evidence"
    assert sorted(said.count(f"经办人{place}") for place in (0, 1)) == [0, 2]
