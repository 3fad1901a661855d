"""The pages of a contract: drawn up, opened, signed on the glass by seven, suspended, ended; and its print."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from app.contracts import documents
from app.contracts.models import Slot
from app.contracts.queries.duties import duties
from app.contracts.rules import State
from app.core import clock
from app.core.db import db
from app.core.models import IssuedDocument
from tests.contracts.conftest import FIRST, NOON, SIGNERS, STROKES, Table

SignIn = Callable[[str], FlaskClient]


def token(page: str) -> str:
    """The form's token against forged requests."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found is not None, page[:400]
    return found[1]


def post(browser: FlaskClient, form: str, url: str, **data: str) -> tuple[int, str]:
    """Fill a form of a page and send it."""
    page = browser.get(form).get_data(as_text=True)
    answer = browser.post(url, data={"csrf_token": token(page), **data}, follow_redirects=True)
    return answer.status_code, answer.get_data(as_text=True)


class TestTheWay:
    def test_from_the_resident_to_seven_signatures_and_the_end(self, table: Table, sign_in: SignIn) -> None:
        township = sign_in("township_officer_a")
        new = f"/residents/{table.resident.id}/contracts/new"
        status, page = post(township, new, new, caregiver_id="999999", valid_from=FIRST.isoformat())
        assert status == 422
        status, page = post(
            township, new, new, caregiver_id=str(table.caregiver.id), valid_from=FIRST.isoformat(), valid_to=""
        )
        assert status == 200
        assert "草稿" in page
        assert "外县示例" in page
        number = re.search(r"XY2026-\d{6}", page)
        assert number is not None
        url = "/contracts/1"
        status, page = post(township, url, f"{url}/send")
        assert status == 200
        assert "签署中" in page
        for slot in Slot:
            browser = sign_in(SIGNERS[slot])
            form = f"{url}/sign/{slot.value}"
            data = {"signer_name": "经办人", "means": "seal", "strokes": "", "witness_name": ""}
            if slot is Slot.CAREGIVER:
                data |= {
                    "signer_name": table.caregiver.name,
                    "means": "hand",
                    "strokes": json.dumps(STROKES),
                    "identity": "known",
                }
            if slot is Slot.RESIDENT:
                data |= {
                    "signer_name": table.resident.name,
                    "means": "fingerprint",
                    "witness_name": "见证人甲",
                    "identity": "known",
                }
            status, page = post(browser, form, form, **data)
            assert status == 200, page
            assert browser.get(form).status_code == 404, "a signed place is not offered again"
        assert "七方均已签署" in page
        assert "已生效" in page
        page = township.get(url).get_data(as_text=True)
        assert "履约情况" in page
        assert "见证人甲" in page
        status, page = post(township, f"{url}/suspend", f"{url}/suspend", on="2026-05-11", reason="住院")
        assert status == 422, "the day has not come yet"
        assert "日期尚未到来" in page or "还没有到" in page or "尚未" in page

    def test_obstacles_stand_in_words_and_input_is_kept(self, table: Table, sign_in: SignIn) -> None:
        township = sign_in("township_officer_a")
        new = f"/residents/{table.resident.id}/contracts/new"
        status, page = post(
            township, new, new, caregiver_id=str(table.caregiver.id), valid_from="2026-05-10", valid_to="2026-05-01"
        )
        assert status == 422
        assert "暂时不能订立协议" in page
        assert 'value="2026-05-01"' in page

    def test_a_wrong_signature_says_so_beside_the_field(self, table: Table, sign_in: SignIn) -> None:
        row = table.sent()
        browser = sign_in("caregiver_a")
        form = f"/contracts/{row.id}/sign/P6"
        status, page = post(browser, form, form, signer_name="别人", means="hand", strokes="[]", witness_name="")
        assert status == 422
        assert "姓名与护理人员不一致" in page
        assert "请在框内签名" in page
        for hostile in ("[[[1e999,0,0,0]]]", "[" * 100_000, '{"a":1}', "null", "[[[" + "9" * 400 + ",0,0,0]]]"):
            status, _page = post(browser, form, form, signer_name="护理员1", means="hand", strokes=hostile)
            assert status == 422

    def test_a_party_reads_its_own_contracts_first(self, table: Table, sign_in: SignIn) -> None:
        row = table.sent()
        page = sign_in("county_reviewer").get("/contracts").get_data(as_text=True)
        assert "有 1 份协议等待您签署" in page
        page = sign_in("county_reviewer").get("/contracts?mine=1").get_data(as_text=True)
        assert row.number in page
        table.sign(row, Slot.COUNTY_GOVERNMENT)
        page = sign_in("county_reviewer").get("/contracts?mine=1").get_data(as_text=True)
        assert row.number not in page

    def test_the_export_holds_what_the_list_shows(self, table: Table, sign_in: SignIn) -> None:
        row = table.in_force()
        browser = sign_in("township_officer_a")
        for query, there in (
            ("", True),
            ("state=draft", False),
            ("within=7", False),
            ("mine=1", False),
            ("q=甲老人", True),
        ):
            data = browser.get(f"/contracts.csv?{query}").get_data(as_text=True)
            assert (row.number in data) is there, query
            shown = browser.get(f"/contracts?{query}").get_data(as_text=True)
            assert (row.number in shown) is there, query
        table_rows = list(
            csv.reader(io.StringIO(browser.get("/contracts.csv").get_data(as_text=True).lstrip("\ufeff")))
        )
        assert any(row.number in cells for cells in table_rows)
        sheet = zipfile.ZipFile(io.BytesIO(browser.get("/contracts.xlsx").get_data()))
        assert not re.search(rb"<f>|<f ", b"".join(sheet.read(n) for n in sheet.namelist() if "sheet" in n)), (
            "no formula"
        )

    def test_the_pdf_is_the_same_twice_and_changes_with_a_signature(self, table: Table, sign_in: SignIn) -> None:
        row = table.sent()
        browser = sign_in("township_officer_a")
        first = browser.get(f"/contracts/{row.id}.pdf").get_data()
        with clock.at(NOON.replace(minute=20)):
            assert browser.get(f"/contracts/{row.id}.pdf").get_data() == first
        table.sign(row, Slot.VILLAGE)
        assert browser.get(f"/contracts/{row.id}.pdf").get_data() != first
        issued = db.session.query(IssuedDocument).filter_by(number=row.number).all()
        assert len(issued) == 2
        assert browser.get(f"/verify/{issued[0].token}").status_code == 200

    def test_a_volunteer_notes_what_was_seen_of_a_duty_and_reads_no_contract(
        self, table: Table, sign_in: SignIn
    ) -> None:
        row, url = table.in_force(), f"/residents/{table.resident.id}/observations/new"
        with clock.at(NOON.replace(day=12)):
            browser = sign_in("volunteer_a")
            assert url in browser.get(f"/residents/{table.resident.id}").get_data(as_text=True)
            wrong = {"clause": "P9.none", "observed_on": "2026-05-12", "kept": "broken", "note": "看见"}
            assert post(browser, url, url, **wrong)[0] == 422
            early = {**wrong, "clause": "P6.conduct", "observed_on": "2026-05-01"}
            status, page = post(browser, url, url, **early)
            assert status == 422
            assert "须在协议期内" in page
            seen = {**early, "observed_on": "2026-05-11", "note": "陪餐时没有护理人员"}
            status, page = post(browser, url, url, **seen)
            assert status == 200
            page = sign_in("county_officer_a").get(f"/contracts/{row.id}").get_data(as_text=True)
            assert "陪餐时没有护理人员" in page
            duty = next(d for d in duties(row, clock.today()) if d.clause["id"] == "P6.conduct")
            assert [(o.party, o.seen) for o in duty.occasions] == [("P6", True)]
            assert browser.get(f"/contracts/{row.id}").status_code == 403
            assert sign_in("village_officer_b").get(url).status_code == 404

    def test_neighbours_get_a_404_everywhere(self, table: Table, sign_in: SignIn) -> None:
        row = table.sent()
        browser = sign_in("township_officer_b")
        for path in ("", ".pdf", "/sign/P2", "/end", "/refuse"):
            assert browser.get(f"/contracts/{row.id}{path}").status_code == 404, path
        assert row.number not in browser.get("/contracts").get_data(as_text=True)
        assert row.number not in browser.get("/contracts.csv").get_data(as_text=True)


def test_the_print_has_every_clause_the_signatures_and_the_annexes(table: Table, app: Flask) -> None:
    row = table.in_force()
    assert row.state is State.IN_FORCE
    with app.test_request_context():
        data, name = documents.contract_pdf(table.township, row)
    assert name == f"{row.number}.pdf"
    assert data.getvalue().startswith(b"%PDF")
    pages = len(re.findall(rb"/Type /Page\b", data.getvalue()))
    assert 4 <= pages <= 7


def test_long_names_do_not_break_the_print(table: Table, app: Flask) -> None:
    row = table.sent()
    row.body = {**row.body, "resident": {**row.body["resident"], "name": "欧阳" * 40, "village": "村" * 200}}
    for party in row.parties:
        party.party_name = "巴林左旗" * 20
    with app.test_request_context(), db.session.no_autoflush:
        data, _name = documents.contract_pdf(table.township, row)
    assert data.getvalue().startswith(b"%PDF")
    db.session.rollback()
