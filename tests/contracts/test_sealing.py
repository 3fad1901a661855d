"""The sealed file: good for our own check, for pyHanko and for a check made by hand; no changed byte passes; the same bytes
for ever, on the page, on the command line and after a restore.
"""

from __future__ import annotations

import hashlib
import io
import random
from pathlib import Path

import pytest
from asn1crypto import cms
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from flask import current_app
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.contracts import documents, jobs, operations, queries
from app.contracts.models import Contract
from app.contracts.queries.seals import check_file, trusted_roots
from app.core import clock, sealing
from app.core.backup import backup, restore
from app.core.crypto import decrypt
from app.core.db import db
from app.core.errors import Refused
from app.core.sealing.authority import SealError, SealFile, make, parse
from app.core.secrets import keyring
from app.core.transaction import transaction
from tests.contracts.conftest import NOON, TODAY, Table, seal


def sealed(table: Table) -> tuple[Contract, bytes]:
    """A contract signed by seven and its file."""
    row = table.in_force()
    return row, documents.sealed_pdf(table.township, row)


def by_hand(data: bytes) -> None:
    """The signature checked without the library that made it: the digest of the named ranges stands in the signed
    attributes, and the certificate's key signed those. ``AssertionError`` when not.
    """
    at = data.rindex(b"/ByteRange [") + len(b"/ByteRange [")
    a, b, c, d = (int(n) for n in data[at : data.index(b"]", at)].split())
    assert (a, c + d) == (0, len(data)), "the ranges do not reach from the first byte to the last"
    content = cms.ContentInfo.load(bytes.fromhex(data[b + 1 : c - 1].decode()))["content"]
    (info,) = content["signer_infos"]
    attributes = {a["type"].native: a["values"] for a in info["signed_attrs"]}
    assert attributes["message_digest"][0].native == hashlib.sha256(data[a : a + b] + data[c : c + d]).digest()
    own = x509.load_der_x509_certificate(content["certificates"][0].dump())
    key = own.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(info["signature"].native, info["signed_attrs"].untag().dump(), padding.PKCS1v15(), hashes.SHA256())
    (root,) = x509.load_pem_x509_certificates(trusted_roots()[0].encode())
    own.verify_directly_issued_by(root)


class TestTheSeal:
    def test_two_programs_and_a_check_by_hand_find_it_good(self, table: Table) -> None:
        row, data = sealed(table)
        assert check_file(data) == (row.number, None)
        (signature,) = PdfFileReader(io.BytesIO(data)).embedded_signatures
        (root,) = x509.load_pem_x509_certificates(trusted_roots()[0].encode())
        trusted = asn1.Certificate.load(root.public_bytes(serialization.Encoding.DER))
        status = validate_pdf_signature(signature, ValidationContext(trust_roots=[trusted], allow_fetching=False))
        assert status.bottom_line
        assert status.coverage is not None
        assert status.coverage.name == "ENTIRE_FILE"
        assert signature.self_reported_timestamp == NOON
        by_hand(data)

    def test_no_changed_byte_passes(self, table: Table) -> None:
        """Bytes all over the file, most of them in the seal's own part; the bits are ones that keep a
        hexadecimal digit a digit or turn its case.
        """
        _row, data = sealed(table)
        start = data.rindex(b"<3082")
        chance = random.Random(5)
        places = {chance.randrange(len(data)) for _ in range(40)} | {
            0,
            len(data) - 1,
            *range(start, start + 60, 2),
            *range(start, len(data), 61),
        }
        good = []
        for place in sorted(places):
            mask = 0x20 if data[place] in b"ABCDEF" else 0x01
            changed = bytearray(data)
            changed[place] ^= mask
            if sealing.scheme(sealing.CURRENT).problem(bytes(changed), trusted_roots()) is None:
                good.append((place, mask))
        assert good == []

    def test_cut_lengthened_and_foreign_files_are_refused_in_words(self, table: Table) -> None:
        row, data = sealed(table)
        for wrong in (data[:-1], data + b"\n", data[: len(data) // 2], b"", b"%PDF-1.4 nothing", make("另一")):
            number, problem = check_file(wrong)
            assert number is None
            assert problem
        other = parse(make("别处"))
        foreign = sealing.SCHEMES[sealing.CURRENT].seal(other, data[: data.index(b"%%EOF") + 6], at=NOON, reason="x")
        assert check_file(foreign) == (None, "the seal is not that of this county")
        assert row.seal is not None

    def test_a_signature_covers_the_text_and_a_file_is_sealed_once(self, table: Table) -> None:
        row, data = sealed(table)
        assert {p.body_sha256 for p in row.parties} == {row.body_sha256}
        with clock.at(NOON.replace(hour=9)):
            assert documents.sealed_pdf(table.township, row) == data
            assert operations.seal_contract(table.township, row.id, b"another print").sha256 == sealing.sha256(data)
        with clock.at(NOON.replace(day=20)):
            operations.end_contract(table.township, row.id, clock.today(), reason="迁出")
        assert documents.sealed_pdf(table.township, queries.contract(table.township, row.id)) == data

    def test_what_is_not_in_force_is_not_sealed(self, table: Table) -> None:
        row = table.sent()
        with pytest.raises(Refused):
            documents.sealed_pdf(table.township, row)
        with pytest.raises(Refused):
            operations.seal_contract(table.township, row.id, b"%PDF")

    def test_the_stored_file_is_encrypted_and_frozen(self, table: Table) -> None:
        row, data = sealed(table)
        assert row.seal is not None
        aad = f"contract_seal.pdf.{row.seal.uid}".encode()
        assert decrypt(keyring(), row.seal.pdf_enc, aad).startswith("JVBERi0")
        assert b"%PDF" not in row.seal.pdf_enc
        for change in ("UPDATE contract_seal SET sha256 = 'x'", "DELETE FROM contract_seal"):
            with pytest.raises(DBAPIError), transaction():
                db.session.execute(text(change))
        with transaction() as tx:
            tx.act = "test.swap"
            row.seal.pdf = "QUJD"
        with pytest.raises(RuntimeError, match="not the one that was stored"):
            documents.sealed_pdf(table.township, row)
        assert data

    def test_the_nightly_job_seals_what_was_signed_without(self, table: Table) -> None:
        row = table.in_force()
        assert queries.unsealed() == [row.id]
        assert jobs.sealing(TODAY) == "1 contracts sealed"
        assert queries.unsealed() == []

    def test_a_missing_seal_hinders_no_contract(self, table: Table) -> None:
        file: SealFile = current_app.extensions["seal"]
        file.path.unlink()
        current_app.extensions["seal"] = SealFile(file.path, "", make_own=False)
        row = table.in_force()
        assert row.in_force_from is not None
        with pytest.raises(Refused, match="create-seal"):
            documents.sealed_pdf(table.township, row)

    def test_after_a_restore_on_a_new_machine_the_bytes_are_the_same_and_still_verify(
        self, table: Table, tmp_path: Path
    ) -> None:
        row, data = sealed(table)
        number = row.number
        backup(tmp_path / "b")
        current_app.extensions["seal"].path.unlink()
        restore(tmp_path / "b")
        again = documents.sealed_pdf(table.township, queries.by_number(table.township, number))
        assert again == data
        assert check_file(again) == (number, None)
        assert current_app.extensions["seal"].path.read_bytes() == seal()


class TestTheSealFile:
    def test_a_file_open_to_others_damaged_or_not_one_chain_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "seal.pem"
        path.write_bytes(seal())
        path.chmod(0o644)
        with pytest.raises(SealError, match="chmod 600"):
            SealFile(path, "", make_own=False).current()
        other = make("另一")
        mixed = seal().split(b"-----BEGIN CERT")[0] + b"-----BEGIN CERT" + other.split(b"-----BEGIN CERT", 1)[1]
        for wrong in (b"", seal()[:500], mixed, seal().split(b"-----BEGIN CERT")[0]):
            with pytest.raises(SealError):
                parse(wrong)
        assert parse(seal()).name == "测试 电子签章"

    def test_an_encrypted_key_needs_its_passphrase(self) -> None:
        key = parse(seal())
        pem = serialization.Encoding.PEM
        closed = key.private.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"open sesame")
        )
        closed += b"".join(c.public_bytes(pem) for c in (key.certificate, *key.chain))
        assert parse(closed, "open sesame").fingerprint == key.fingerprint
        with pytest.raises(SealError, match="SEAL_PASSPHRASE"):
            parse(closed)


class TestTheCommandLine:
    def run(self, *args: str) -> tuple[int, str]:
        """Exit code and everything printed."""
        found = current_app.test_cli_runner().invoke(args=["contract", *args])
        return found.exit_code, found.output

    def test_numbers_one_a_line_and_the_file_byte_for_byte(self, table: Table, tmp_path: Path) -> None:
        row = table.in_force()
        assert self.run("list", "--state", "in_force", "--numbers") == (0, f"{row.number}\n")
        assert self.run("list", "--state", "draft", "--numbers") == (0, "")
        _code, words = self.run("list")
        assert row.number in words
        assert table.resident.name not in words
        first, second = tmp_path / "1.pdf", tmp_path / "2.pdf"
        assert self.run("export", row.number, str(first))[0] == 0
        with clock.at(NOON.replace(hour=8)):
            assert self.run("export", row.number, str(second))[0] == 0
        assert first.read_bytes() == second.read_bytes()
        assert self.run("verify", str(first)) == (0, f"{first}: contract {row.number}, sealed here and unchanged\n")
        first.write_bytes(first.read_bytes() + b" ")
        code, words = self.run("verify", str(first))
        assert (code, number_in(words, row)) == (1, False)

    def test_unknown_numbers_states_and_unfinished_contracts_in_words(self, table: Table, tmp_path: Path) -> None:
        row, target = table.sent(), tmp_path / "x.pdf"
        code, words = self.run("export", "XY2026-999999", str(target))
        assert (code, words) == (1, "There is no contract XY2026-999999 here.\n")
        code, words = self.run("export", row.number, str(target))
        assert code == 1
        assert row.number in words
        assert not target.exists()
        assert self.run("list", "--state", "signed")[0] == 2
        code, words = self.run("create-seal")
        assert code == 1
        assert "exists already" in words


def number_in(words: str, row: Contract) -> bool:
    """Whether a contract is named."""
    return row.number in words
