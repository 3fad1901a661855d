"""Signed on paper with a scan, seal pictures, fingerprints, people who sign beside a party; what the sealed file says of it."""

from __future__ import annotations

import datetime as dt
import io
import zlib

import pytest
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.contracts import documents, operations
from app.contracts.models import Contract, Means, PaperSignature, PaperState, Slot
from app.contracts.operations import Given
from app.contracts.queries import files
from app.contracts.rules import State
from app.contracts.rules.signing import NAME_LIMIT, Cosigner, CosignerRole, IdentityCheck, Medium
from app.core import sealing
from app.core.db import db
from app.core.errors import Forbidden, Invalid, NotFound, Refused
from tests.contracts.conftest import STROKES, TODAY, Table
from tests.contracts.test_life import amended, on
from tests.support.state import counts


def png(size: tuple[int, int] = (300, 300), colour: str = "red") -> bytes:
    """A picture such as a seal."""
    out = io.BytesIO()
    Image.new("RGBA", size, colour).save(out, "PNG")
    return out.getvalue()


def jpeg() -> bytes:
    """A scan with what a camera writes into it."""
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x010F] = "SECRET-CAMERA"
    Image.new("RGB", (600, 800), "white").save(out, "JPEG", exif=exif)
    return out.getvalue()


PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\nstartxref\n9\n%%EOF\n"
BY_HAND = Given("院长", Means.HAND, identity=IdentityCheck.KNOWN)


def filed(table: Table, row: Contract, slot: Slot = Slot.INSTITUTION, scan: bytes = PDF, given: Given = BY_HAND):  # type: ignore[no-untyped-def]  # what the operation returns
    return operations.file_paper(table.township, row.id, slot, given, signed_on=TODAY, scan=scan)


def words_of(pdf: bytes) -> str:
    """Everything on the pages, without blanks."""
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


class TestPaper:
    def test_a_scan_counts_once_a_second_person_has_compared_it(self, table: Table) -> None:
        row = table.sent()
        paper = filed(table, row)
        party = operations.party_of(row, Slot.INSTITUTION)
        assert party.signed_at is None, "filing alone signs nothing"
        with pytest.raises(Refused):
            operations.check_paper(table.township, paper.id, matches=True)
        with pytest.raises(Refused):
            filed(table, row)
        checker = table.county.actor("village_officer_a")
        assert [p.id for p in db.session.scalars(files.to_check(checker)).unique()] == [paper.id]
        assert list(db.session.scalars(files.to_check(table.township))) == []
        row = operations.check_paper(checker, paper.id, matches=True)
        party = operations.party_of(row, Slot.INSTITUTION)
        assert (party.signer_name, party.medium, party.scan_id) == ("院长", Medium.PAPER, paper.scan_id)
        assert party.body_sha256 == row.body_sha256
        with pytest.raises(Refused):
            operations.check_paper(checker, paper.id, matches=True)

    def test_sent_back_with_a_reason_the_party_signs_again(self, table: Table) -> None:
        row = table.sent()
        paper = filed(table, row)
        checker = table.county.actor("village_officer_a")
        with pytest.raises(Invalid):
            operations.check_paper(checker, paper.id, matches=False)
        operations.check_paper(checker, paper.id, matches=False, reason="缺最后一页")
        assert db.session.get_one(PaperSignature, paper.id).state is PaperState.REJECTED
        assert table.sign(row, Slot.INSTITUTION).parties[4].medium is Medium.ACCOUNT
        with pytest.raises(Refused):
            filed(table, row)

    def test_who_signed_in_the_meantime_and_a_contract_that_went_on_are_told(self, table: Table) -> None:
        row = table.sent()
        checker = table.county.actor("village_officer_a")
        paper = filed(table, row)
        table.sign(row, Slot.INSTITUTION)
        with pytest.raises(Refused):
            operations.check_paper(checker, paper.id, matches=True)
        other = filed(table, row, Slot.VILLAGE)
        operations.withdraw_contract(table.township, row.id, reason="重新起草")
        with pytest.raises(Refused):
            operations.check_paper(table.county.actor("institution_manager_a"), other.id, matches=True)

    def test_the_seventh_on_paper_puts_it_in_force_and_the_sealed_file_names_the_scan(self, table: Table) -> None:
        row = table.sent()
        paper = filed(table, row, scan=jpeg())
        for slot in Slot:
            if slot is not Slot.INSTITUTION:
                row = table.sign(row, slot)
        row = operations.check_paper(table.county.actor("county_officer_a"), paper.id, matches=True)
        assert row.state is State.IN_FORCE
        kept = files.file_bytes(paper.scan)
        assert b"SECRET-CAMERA" not in kept
        said = words_of(documents.sealed_pdf(table.township, row))
        assert paper.scan.sha256 in said
        assert "纸质签署（附扫描件）" in said

    def test_others_contracts_files_and_papers_are_not_found(self, table: Table) -> None:
        row = table.sent()
        paper = filed(table, row)
        foreign = table.county.actor("township_officer_b")
        for look in (
            lambda: files.paper(foreign, paper.id),
            lambda: files.file(foreign, paper.scan_id),
            lambda: operations.check_paper(foreign, paper.id, matches=True),
            lambda: operations.file_paper(foreign, row.id, Slot.VILLAGE, BY_HAND, signed_on=TODAY, scan=PDF),
        ):
            with pytest.raises(NotFound):
                look()
        with pytest.raises(Forbidden):
            operations.check_paper(table.county.actor("caregiver_a"), paper.id, matches=True)
        with pytest.raises(Forbidden):
            operations.file_paper(
                table.county.actor("caregiver_a"), row.id, Slot.VILLAGE, BY_HAND, signed_on=TODAY, scan=PDF
            )

    @pytest.mark.parametrize(
        "scan",
        [
            b"",
            b"hello",
            PDF[:20],
            PDF.replace(b"<<>>", b"<</JavaScript 2 0 R>>", 1),
            PDF + b"%" * (5 * 1024 * 1024),
            jpeg()[:200],
            b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
        ],
        ids=["empty", "text", "cut", "script", "large", "cut-picture", "broken-picture"],
    )
    def test_a_file_that_is_no_scan_is_refused_at_its_field_and_stores_nothing(self, table: Table, scan: bytes) -> None:
        row = table.sent()
        before = counts()
        with pytest.raises(Invalid) as refusal:
            filed(table, row, scan=scan)
        assert set(refusal.value.errors) == {"file"}
        assert counts() == before

    def test_a_picture_bomb_is_not_unpacked(self, table: Table) -> None:
        """A PNG of some hundred bytes that claims 3.6 billion pixels."""

        def chunk(kind: bytes, data: bytes) -> bytes:
            return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

        head = (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
        bomb = (
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")
        )
        with pytest.raises(Invalid) as refusal:
            filed(table, table.sent(), scan=bomb)
        assert set(refusal.value.errors) == {"file"}

    def test_a_day_ahead_and_a_missing_identity_are_refused(self, table: Table) -> None:
        row = table.sent()
        for given, day, field in (
            (BY_HAND, TODAY + dt.timedelta(days=1), "signed_on"),
            (Given("院长", Means.HAND), TODAY, "identity"),
        ):
            with pytest.raises(Invalid) as refusal:
                operations.file_paper(table.township, row.id, Slot.INSTITUTION, given, signed_on=day, scan=PDF)
            assert set(refusal.value.errors) == {field}

    def test_the_database_keeps_scans_and_papers_as_they_were(self, table: Table) -> None:
        paper = filed(table, table.sent())
        operations.check_paper(table.county.actor("village_officer_a"), paper.id, matches=True)
        for change in (
            "UPDATE contract_file SET sha256 = 'x'",
            "DELETE FROM contract_file",
            "UPDATE contract_paper SET state = 'rejected'",
            "UPDATE contract_paper SET checked_by = filed_by",
            "DELETE FROM contract_paper",
            "UPDATE contract_party SET medium = 'account', scan_id = NULL WHERE scan_id IS NOT NULL",
        ):
            with pytest.raises(DBAPIError):
                db.session.execute(text(change))
            db.session.rollback()


class TestSeals:
    def test_the_picture_of_the_day_of_signing_stays_with_the_signature(self, table: Table) -> None:
        village = table.actor(Slot.VILLAGE)
        first = operations.keep_seal_picture(village, png())
        row = table.sign(table.sent(), Slot.VILLAGE)
        second = operations.keep_seal_picture(village, png(colour="blue"))
        assert row.parties[3].picture_id == first.id
        assert files.seal_of(village.organisation_id or 0).id == second.id  # type: ignore[union-attr]  # just stored
        with pytest.raises(Invalid):
            operations.keep_seal_picture(village, png(colour="blue"))
        assert files.file(table.township, first.id).id == first.id, "who sees the contract sees its seal"
        with pytest.raises(NotFound):
            files.file(table.county.actor("township_officer_b"), first.id)
        with pytest.raises(Forbidden):
            operations.keep_seal_picture(table.county.actor("caregiver_a"), png())

    def test_seals_and_fingerprints_stand_in_the_sealed_file_which_any_changed_byte_breaks(self, table: Table) -> None:
        operations.keep_seal_picture(table.actor(Slot.VILLAGE), png())
        row = table.sent()
        for slot in Slot:
            if slot is not Slot.RESIDENT:
                row = table.sign(row, slot)
        witnesses = (Cosigner(CosignerRole.WITNESS, "见证人甲"),)
        given = Given(
            "甲老人",
            Means.FINGERPRINT,
            others=witnesses,
            identity=IdentityCheck.ID_CARD,
            picture=png((900, 700), "black"),
        )
        row = operations.sign_contract(table.actor(Slot.RESIDENT), row.id, Slot.RESIDENT, given)
        pictures = [file for file in files.files_of(row.parties).values() if file.kind.value != "scan"]
        assert sorted(file.kind.value for file in pictures) == ["fingerprint", "seal"]
        pdf = documents.sealed_pdf(table.township, row)
        said = words_of(pdf)
        assert all(file.sha256 in said for file in pictures)
        images = [image for page in PdfReader(io.BytesIO(pdf)).pages for image in page.images]
        assert len(images) >= 2
        assert max(images[0].image.size) <= 480  # type: ignore[union-attr]  # a picture has a size
        scheme = sealing.SCHEMES[sealing.CURRENT]
        assert scheme.problem(pdf, [row.seal.root]) is None  # type: ignore[union-attr]  # just sealed
        changed = bytearray(pdf)
        changed[len(changed) // 3] ^= 1
        assert scheme.problem(bytes(changed), [row.seal.root]) is not None  # type: ignore[union-attr]  # just sealed


LONG = "阿卜杜热合曼·买买提吐尔逊·艾山江·努尔麦麦提"
LONGEST = "".join(chr(0x4E00 + n) for n in range(NAME_LIMIT))


def test_ten_signers_with_long_names_stand_whole_in_the_downloaded_file(table: Table) -> None:
    """Seven parties, a co-guardian, a second caregiver, a second official, two witnesses: twelve names, none cut."""
    operations.keep_seal_picture(table.actor(Slot.INSTITUTION), png())
    row = table.sent()
    beside = {
        Slot.VILLAGE: (Cosigner(CosignerRole.COLLEAGUE, "娜仁·托娅", STROKES),),
        Slot.CAREGIVER: (Cosigner(CosignerRole.CAREGIVER, LONG, STROKES),),
        Slot.RESIDENT: (
            Cosigner(CosignerRole.WITNESS, "见证人甲"),
            Cosigner(CosignerRole.WITNESS, "巴图・孟和"),
            Cosigner(CosignerRole.GUARDIAN, f"{LONG}二世", STROKES),
        ),
    }
    for slot in Slot:
        others = beside.get(slot, ())
        names = {Slot.CAREGIVER: table.caregiver.name, Slot.RESIDENT: table.resident.name, Slot.INSTITUTION: LONGEST}
        name = names.get(slot, f"{LONG}经办")
        means = {Slot.RESIDENT: Means.WITNESSED_MARK, Slot.INSTITUTION: Means.SEAL}.get(slot, Means.HAND)
        given = Given(
            name, means, STROKES, others=others, identity=IdentityCheck.ID_CARD, identity_note="证号尾号 1234"
        )
        row = operations.sign_contract(table.actor(slot), row.id, slot, given)
    assert row.state is State.IN_FORCE
    assert sum(1 + len(party.cosigners) for party in row.parties) == 12
    said = words_of(documents.sealed_pdf(table.township, row))
    for name in ("娜仁·托娅", LONG, "见证人甲", "巴图", f"{LONG}二世", f"{LONG}经办", "证号尾号1234", LONGEST):
        assert name in said, name
    assert "〓" not in said


def test_an_amendment_carries_scan_and_seal_of_the_signatures_that_stand(table: Table) -> None:
    """Only what binds a party anew is signed anew; the earlier evidence goes along and stands in the new file too."""
    seal = operations.keep_seal_picture(table.actor(Slot.CIVIL_AFFAIRS), png())
    row = table.sent()
    paper = filed(table, row, Slot.VILLAGE)
    for slot in Slot:
        if slot is not Slot.VILLAGE:
            row = table.sign(row, slot)
    row = operations.check_paper(table.county.actor("county_officer_a"), paper.id, matches=True)
    with on(dt.date(2026, 6, 1)):
        new = amended(table, row, dt.date(2026, 6, 10))
        village, bureau = (operations.party_of(new, slot) for slot in (Slot.VILLAGE, Slot.CIVIL_AFFAIRS))
        assert (village.medium, village.scan_id, bureau.picture_id) == (Medium.PAPER, paper.scan_id, seal.id)
        for slot in Slot:
            if operations.party_of(new, slot).signed_at is None:
                new = table.sign(new, slot)
        assert paper.scan.sha256 in words_of(documents.sealed_pdf(table.township, new))
