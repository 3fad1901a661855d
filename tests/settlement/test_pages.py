"""The pages of the quarter, walked the way people walk them; every page is inspected by the client."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

from app.core import clock
from app.core.db import db
from app.core.transaction import transaction
from app.settlement import documents, operations, queries
from app.settlement.models import SettlementState
from app.settlement.verify_settlement import verify
from tests.settlement.conftest import Q1, Quarter

D = dt.date
FIRST, LAST = D(2026, 1, 1), D(2026, 3, 31)
SignIn = Callable[[str], FlaskClient]


def token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "no token on the page"
    return found[1]


def post(browser: FlaskClient, form: str, url: str, **data: str) -> tuple[int, str]:
    """Open the page with the form, send the data with its token, follow the redirect."""
    page = browser.get(form).get_data(as_text=True)
    answer = browser.post(url, data={"csrf_token": token(page), **data}, follow_redirects=True)
    db.session.rollback()  # what the test itself reads next is what was just committed
    return answer.status_code, answer.get_data(as_text=True)


@pytest.fixture
def ready(quarter: Quarter) -> Quarter:
    """One contract of 护理员1 with records, its sheet made, the settlement open."""
    carer = quarter.county.caregiver("护理员1")
    row = quarter.contract(carer=carer, person=quarter.county.resident("甲老人"), grades=[(3, D(2025, 1, 1), None)])
    quarter.records(row, FIRST, LAST)
    with transaction() as tx:
        tx.act = "test.link"
        carer.user_id = quarter.county.user("caregiver_a").id
    quarter.fill()
    quarter.settlement()
    return quarter


def test_a_quarter_from_readiness_to_closed_books(ready: Quarter, sign_in: SignIn) -> None:
    settled = ready.settlement().id
    evaluation = db.session.scalars(queries.evaluations(ready.township)).unique().one().id
    home, score = f"/settlements/{settled}", f"/evaluations/{evaluation}"
    township, officer, payer, reviewer = (
        sign_in(u) for u in ("township_officer_a", "county_officer_a", "county_officer_b", "county_reviewer")
    )
    text = township.get(home).get_data(as_text=True)
    assert f"{score}/score" not in text
    status, text = post(
        township,
        f"{score}/score",
        f"{score}/score",
        points_B1="4.5",
        reason_B1="",
        points_B2="5",
        points_B3="5",
        points_C2="3",
        points_C3="3",
        veto="",
    )
    assert status == 422
    assert 'value="4.5' in text  # what was typed is still there
    status, _ = post(
        township,
        f"{score}/score",
        f"{score}/score",
        points_B1="4.5",
        reason_B1="骶尾部发红",
        points_B2="5",
        points_B3="5",
        points_C2="3",
        points_C3="3",
        veto="",
    )
    assert status == 200
    assert post(officer, score, f"{score}/confirm")[0] == 409, "the caregiver may still object"
    assert post(township, score, f"{score}/agree", note="签收单 3 号")[0] == 409, "who scored does not say so"
    assert post(payer, score, f"{score}/agree", note="签收单 3 号")[0] == 200
    status, text = post(officer, score, f"{score}/confirm")
    assert status == 200
    assert "签收单 3 号" in text
    status, text = post(township, home, f"{home}/calculate")
    assert status == 200
    assert "¥1,551.00" in text
    assert post(township, home, f"{home}/submit")[0] == 200
    status, _ = post(reviewer, f"{home}/reject", f"{home}/reject", reason="请核对")
    assert status == 200
    assert "请核对" in township.get(home).get_data(as_text=True)
    assert post(township, home, f"{home}/submit")[0] == 200
    assert post(reviewer, home, f"{home}/approve")[0] == 200
    status, text = post(payer, f"{home}/pay", f"{home}/pay", paid_on="2026-04-03", reference="")
    assert status == 422
    status, _ = post(payer, f"{home}/pay", f"{home}/pay", paid_on="2026-04-03", reference="YH-1")
    assert status == 200
    assert reviewer.get(f"{home}/archive.zip").status_code == 409, "not closed yet"
    assert post(reviewer, home, f"{home}/close")[0] == 200
    db.session.rollback()
    assert queries.settlement(ready.reviewer, settled).state is SettlementState.CLOSED
    archive = township.get(f"{home}/archive.zip").get_data()
    assert verify(archive)[0] == []
    assert f"{home}/archive.zip" in township.get(home).get_data(as_text=True)
    assert b"def verify(" in township.get("/settlements/verify-settlement.py").get_data()
    assert queries.verify_ledger() == []
    status, text = post(township, "/evaluations", f"{home}/calculate")
    assert status == 409
    for url in (
        "/settlements",
        f"/settlements?quarter={Q1}&state=closed",
        f"{home}/lines",
        f"{home}/lines?q=甲&show=withheld",
        f"{home}/differences",
        "/ledger",
        "/ledger?account=paid&q=hly",
        "/slips",
        "/objections",
        "/evaluations?state=confirmed",
        score,
    ):
        assert reviewer.get(url).status_code == 200, url


def test_a_caregiver_reads_the_slip_and_objects_to_one_line(ready: Quarter, sign_in: SignIn) -> None:
    row = queries.evaluations(ready.township)
    evaluation = db.session.scalars(row).unique().one()
    ready.scored(evaluation.contract, B1=450)
    settled = ready.to_approved()
    line = db.session.scalars(queries.lines(ready.township, settlement_id=settled.id)).unique().one()
    me, other, reviewer = sign_in("caregiver_a"), sign_in("caregiver_b"), sign_in("county_reviewer")
    slip = f"/slips/{settled.id}/{line.caregiver_id}"
    text = me.get(slip).get_data(as_text=True)
    assert "壹仟伍佰伍拾壹元整" in text
    assert "51700" not in text
    assert "¥517.00 × 31/31" in text
    assert me.get("/slips").status_code == 200
    assert other.get(slip).status_code == 404
    objection = f"/settlement-lines/{line.id}/objection"
    assert other.get(objection).status_code == 404
    assert post(me, objection, objection, reason="")[0] == 422
    assert post(me, objection, objection, reason="当天皮肤完好")[0] == 200
    assert me.get("/objections").status_code == 200
    dispute = db.session.scalars(queries.disputes(ready.reviewer)).unique().one().id
    answer = f"/objections/{dispute}/answer"
    assert post(reviewer, answer, answer, upheld="no", answer="")[0] == 422
    assert post(reviewer, answer, answer, upheld="no", answer="走访照片为证")[0] == 200
    assert "走访照片为证" in me.get(f"/objections/{dispute}").get_data(as_text=True)
    assert me.get(f"/evaluations/{evaluation.id}").status_code == 200
    assert me.get("/ledger").status_code == 403


def test_opening_and_filling_from_the_pages(quarter: Quarter, sign_in: SignIn) -> None:
    quarter.contract()
    township = sign_in("township_officer_a")
    status, text = post(township, "/settlements", "/settlements/open", quarter=Q1)
    assert status == 200
    assert "2026-Q1" in text
    assert post(township, "/settlements", "/settlements/open", quarter="2027-Q1")[0] == 200
    assert post(township, "/settlements", "/settlements/open", quarter="x")[0] == 200
    assert post(township, "/evaluations", "/evaluations/fill", quarter=Q1)[0] == 200
    assert len(db.session.scalars(queries.evaluations(quarter.township)).unique().all()) == 1


def test_a_refused_act_says_who_was_faster(ready: Quarter, sign_in: SignIn) -> None:
    settled = ready.settlement()
    operations.calculate(ready.township, settled.id)
    operations.submit(ready.township, settled.id)
    operations.approve(ready.reviewer, settled.id)
    second = sign_in("county_reviewer_b")
    status, text = post(second, "/settlements", f"/settlements/{settled.id}/approve")
    assert status == 409
    assert "county_reviewer" in text


def test_foreign_townships_and_missing_numbers_look_the_same(ready: Quarter, sign_in: SignIn) -> None:
    settled = ready.settlement().id
    evaluation = db.session.scalars(queries.evaluations(ready.township)).unique().one().id
    other = sign_in("township_officer_b")
    for url in (
        f"/settlements/{settled}",
        f"/settlements/{settled}/lines",
        f"/settlements/{settled}/differences",
        f"/settlements/{settled}/statement.pdf",
        f"/settlements/{settled}/lines.xlsx",
        f"/evaluations/{evaluation}",
        f"/evaluations/{evaluation}/score",
        "/settlements/999999",
        "/slips/1/1",
        "/objections/1",
    ):
        assert other.get(url).status_code == 404, url


def test_pdfs_are_the_same_bytes_twice(ready: Quarter, sign_in: SignIn) -> None:
    evaluation = db.session.scalars(queries.evaluations(ready.township)).unique().one()
    ready.scored(evaluation.contract, B1=450, B2=0)
    settled = ready.to_approved()
    browser = sign_in("township_officer_a")
    for url in (
        f"/settlements/{settled.id}/statement.pdf",
        f"/slips/{settled.id}/{evaluation.contract.caregiver_id}.pdf",
    ):
        first = browser.get(url)
        assert first.status_code == 200
        assert first.data.startswith(b"%PDF")
        with clock.at(dt.datetime(2026, 4, 20, tzinfo=dt.UTC)):
            assert sign_in("township_officer_a").get(url).data == first.data


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_tables_export_what_is_shown(ready: Quarter, sign_in: SignIn, kind: str) -> None:
    settled = ready.to_approved()
    browser = sign_in("county_reviewer")
    for url in (f"/settlements/{settled.id}/lines.{kind}?show=blocked", f"/ledger.{kind}", f"/slips.{kind}"):
        assert browser.get(url).status_code == 200, url


def test_a_table_of_money_is_whole_or_refused(ready: Quarter, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    settled = ready.to_approved()
    monkeypatch.setattr("app.settlement.documents.lists.TABLE_LIMIT", 0)
    answer = sign_in("county_reviewer").get(f"/settlements/{settled.id}/lines.csv")
    assert answer.status_code == 409
    assert "请先缩小列表范围再导出" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (131835, "一千三百一十八元三角五分"),
        (155100, "一千五百五十一元"),
        (1005, "十元零五分"),
        (50, "五角"),
        (0, "零元"),
        (1668, "十六元六角八分"),
        (-35023, "负三百五十元二角三分"),
    ],
)
def test_figures_are_read_out_as_they_are_spoken(fen: int, words: str) -> None:
    assert documents.spoken_yuan(fen) == words


def test_the_slips_of_a_township_are_printed_in_one_file(quarter: Quarter, sign_in: SignIn) -> None:
    rows = [quarter.contract(), quarter.contract()]
    for row in rows:
        quarter.records(row, FIRST, LAST)
    quarter.fill()
    for row in rows:
        quarter.scored(row)
    settled = quarter.to_approved()
    browser = sign_in("township_officer_a")
    assert f"/slips/{settled.id}.pdf?part=1" in browser.get(f"/settlements/{settled.id}").get_data(as_text=True)
    made = browser.get(f"/slips/{settled.id}.pdf?part=1")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made.data)).pages)
    assert all(row.caregiver.name in text for row in rows)
    assert made.data == browser.get(f"/slips/{settled.id}.pdf").data, "printed again it is the same file"
    assert browser.get(f"/slips/{settled.id}.pdf?part=2").status_code == 404
    assert sign_in("township_officer_b").get(f"/slips/{settled.id}.pdf").status_code == 404
