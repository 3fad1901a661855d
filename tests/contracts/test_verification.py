"""The public page behind the code on a contract: validity, days, fingerprint; no person, and no way to count through."""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise

from flask import current_app
from sqlalchemy import event, text

from app.auth.roles import system_actor
from app.contracts import documents, operations
from app.contracts.models import Contract, Slot
from app.contracts.queries.standing import facts_of
from app.core import clock
from app.core.db import db
from app.core.issuing import fingerprint_of, issue
from app.core.models import IssuedDocument
from app.core.pdf import grouped
from app.core.transaction import transaction
from tests.contracts.conftest import NOON, Table
from tests.contracts.test_sealing import sealed


class TestTheVerificationPage:
    def page(self, row: Contract) -> str:
        """What somebody without an account sees behind the newest code."""
        return code_page(newest(row))

    def test_it_shows_validity_days_and_fingerprint_and_nothing_of_persons(self, table: Table) -> None:
        row, _data = sealed(table)
        shown = self.page(row)
        assert "2026年5月10日" in shown
        assert "2027年5月9日" in shown
        assert grouped(fingerprint_of(facts_of(row))) in shown, "as it stands on the paper"
        leaks = [
            row.number,
            table.resident.name,
            table.resident.number,
            table.caregiver.name,
            row.body["resident"]["village"],
            *(p.party_name for p in row.parties),
            *(p.signer_name or "-" for p in row.parties),
            "¥",
            "517.00",  # not 517 alone: the digits stand in a fingerprint now and then
            "伍佰壹拾柒",
            "全护理",
        ]
        assert [leak for leak in leaks if leak in shown] == []

    def test_it_follows_the_life_of_the_contract(self, table: Table) -> None:
        row = table.sent()
        documents.contract_pdf(table.township, row)
        early = newest(row)
        assert "无效" in code_page(early)
        for slot in Slot:
            row = table.sign(row, slot)
        documents.sealed_pdf(table.township, row)
        assert "无效" in code_page(early)
        assert "七方已签署" in self.page(row)
        with clock.at(NOON.replace(day=20)):
            assert "有效" in self.page(row)
            operations.end_contract(table.township, row.id, clock.today(), reason="死亡")
            assert "已不再有效" in self.page(row)

    def test_a_wrong_code_learns_nothing_from_words_headers_or_the_database(self, table: Table) -> None:
        """The contract's number, its hashes, codes cut, lengthened, turned or wrong in one digit, other people's numbers: the
        same page to the byte, the same headers, the same one statement; the guess is not said again.
        """
        row, _data = sealed(table)
        token = newest(row)
        assert row.seal is not None
        guesses = [row.number, "XY2026-000002", row.body_sha256[:32], row.seal.sha256[:32], "1", "0" * 32, "f" * 32]
        guesses += [token[:-1], f"{token}0", token[::-1], f"x{token[1:]}"]
        guesses += [token[:n] + ("0" if token[n] != "0" else "1") + token[n + 1 :] for n in (0, 15, 31)]
        guesses += [str(document.id) for document in db.session.query(IssuedDocument)]
        browser, answers, statements = current_app.test_client(), set(), set()
        browser.get("/verify/first")  # the token of the language form comes with the first page, whatever it is
        asked: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
        for guess in guesses:
            asked.clear()
            answer = browser.get(f"/verify/{guess}")
            page = answer.get_data(as_text=True).replace(answer.headers["X-Request-Id"], "")
            assert guess not in page or len(guess) < 4, guess
            headers = sorted(
                (k, v) for k, v in answer.headers.items() if k not in {"X-Request-Id", "Date", "Content-Length"}
            )
            answers.add((answer.status_code, page, str(headers)))
            statements.add(tuple(sorted(asked)))
        assert len(answers) == 1, [a[0] for a in answers]
        ((status, page, headers_),) = answers
        assert status == 404
        assert "没有签发过" in page
        assert "noindex" in headers_
        assert len(statements) == 1
        ((one,),) = statements
        assert "issued_document" in one

    def test_codes_cannot_be_counted_through_or_worked_out(self, table: Table) -> None:
        """128 bits of a keyed hash: neighbours have nothing in common, another key gives other codes, one paper has one code."""
        row, _data = sealed(table)
        token, facts = newest(row), facts_of(row)
        assert re.fullmatch(r"[0-9a-f]{32}", token)
        documents.sealed_pdf(table.township, row)
        assert token == newest(row), "the same paper has one code"

        def code(number: str) -> str:
            with transaction() as tx:
                tx.act = "test.codes"
                return issue(system_actor(), kind="contract", number=number, object_id=row.id, facts=facts).token

        codes = [code(f"XY2027-{n:06d}") for n in range(40)]
        assert len({one[:8] for one in codes}) == 40
        bits = [(int(a, 16) ^ int(b, 16)).bit_count() for a, b in pairwise(codes)]
        assert min(bits) > 40, "neighbouring numbers: half of 128 bits differ"
        assert max(bits) < 90
        for known in (row.number, fingerprint_of(facts), f"{row.number}|{fingerprint_of(facts)}"):
            assert hashlib.sha256(known.encode()).hexdigest()[:32] != token
        current_app.config["SECRET_KEY"] = "z" * 40
        other = code("XY2027-000000b")
        current_app.config["SECRET_KEY"] = "y" * 40
        assert code("XY2027-000000c") != other
        assert other not in codes


def newest(row: Contract) -> str:
    """The code of the last print of a contract."""
    return str(
        db.session.scalar(
            text("SELECT token FROM issued_document WHERE number = :n ORDER BY id DESC LIMIT 1").bindparams(
                n=row.number
            )
        )
    )


def code_page(token: str) -> str:
    """The page behind a code, opened by nobody in particular."""
    answer = current_app.test_client().get(f"/verify/{token}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)
