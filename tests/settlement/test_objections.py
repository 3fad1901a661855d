"""What the slip says of an objection: while it waits, and what came of it; the same sentences on paper, screen and read aloud."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from flask_babel import force_locale
from pypdf import PdfReader
from sqlalchemy import select

from app.contracts.models import Contract
from app.contracts.rules.duties import deadline
from app.core import clock, rulebook
from app.core.actor import Actor
from app.core.db import db
from app.people.models import Caregiver
from app.settlement import documents, operations, queries
from app.settlement.models import Settlement, SettlementLine
from app.settlement.queries.objections import Came, objections_to
from app.settlement.queries.slips import Slip
from tests.settlement.conftest import AFTER_Q2, Q2, Quarter

CLAUSES = [c for c in rulebook.shipped("contract_template")[-1].body["clause"] if c["trigger"] == "objection"]
FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 3, 31)


class Case:
    """One caregiver with two residents, the first scored at 80 points (ratio 0.95), the quarter approved."""

    def __init__(self, quarter: Quarter) -> None:
        self.quarter = quarter
        carer = db.session.scalars(
            select(Caregiver).where(Caregiver.user_id == quarter.county.user("caregiver_a").id)
        ).one()
        self.first = quarter.contract(carer=carer, body={"clauses": CLAUSES})
        self.second = quarter.contract(carer=carer, body={"clauses": CLAUSES})
        for row in (self.first, self.second):
            quarter.records(row, FIRST, LAST)
        quarter.fill()
        quarter.scored(self.first, B1=0, B2=0, B3=0, D1=0)
        quarter.scored(self.second)
        self.me: Actor = replace(quarter.county.actor("caregiver_a"), caregiver_id=carer.id)
        self.settled: Settlement = quarter.to_approved()

    def line(self, row: Contract) -> SettlementLine:
        """The quarter's own line of a contract."""
        query = queries.visible_lines(self.me).where(SettlementLine.contract_id == row.id)
        return db.session.scalars(query.order_by(SettlementLine.id)).unique().first()  # type: ignore[return-value]  # it is there

    def slip(self) -> Slip:
        """The caregiver's own slip of the quarter."""
        return queries.slip(self.me, self.settled.id, self.me.caregiver_id or 0)

    def said(self) -> tuple[str, str]:
        """The slip on paper and as it is read aloud, without blanks."""
        issuer = self.quarter.officer
        data = documents.slip_pdf(issuer, queries.slip(issuer, self.settled.id, self.me.caregiver_id or 0))[0]
        paper = "".join(page.extract_text() for page in PdfReader(io.BytesIO(data.getvalue())).pages)
        with force_locale("zh_Hans_CN"):
            return "".join(paper.split()), "".join(documents.spoken(self.slip(), "zh"))

    def pay(self) -> object:
        """By the bank, what may be paid."""
        return operations.pay(self.quarter.payer, self.settled.id, clock.today(), "B-1")


@pytest.fixture
def case(quarter: Quarter) -> Case:
    return Case(quarter)


def test_an_open_objection_is_named_with_what_waits_and_what_was_paid(
    case: Case, sign_in: Callable[[str], FlaskClient]
) -> None:
    line = case.line(case.first)
    before = case.said()[0]
    assert "异议，答复" not in before
    raised = operations.raise_dispute(case.me, "那几天皮肤完好", line_id=line.id)
    case.pay()
    slip = case.slip()
    assert (slip.held_fen, slip.paid_fen, slip.rest_paid, slip.paid) == (147345, 155100, True, False)
    due = deadline(dt.date(2026, 4, 3), 15, "working")
    assert queries.due_on(raised) == due
    day = f"{due.year}年{due.month}月{due.day}日"
    paper, aloud = case.said()
    for said in (paper, aloud, sign_in("caregiver_a").get(f"/slips/{case.settled.id}/{case.me.caregiver_id}").text):
        assert "本条自2026年4月3日起有异议。" in said
        assert f"由民政局在{day}前书面答复，评分和确认的人不参加决定。" in said
        assert "其余各条共" in said
        assert "已经发放" in said
    assert "答复以前，本条¥1,473.45暂缓发放。" in paper
    assert "其中¥1,473.45有异议，答复以前暂缓发放。其余¥1,551.00已经发放。" in paper
    assert "部分已发放" in paper
    assert "那几天皮肤完好" in paper
    assert "那几天皮肤完好" not in aloud
    with force_locale("en"):
        english = " ".join(documents.spoken(slip, "en"))
    assert "This line is disputed since 3 Apr 2026." in english
    assert "The other lines, ¥1,551.00, were paid." in english


def test_a_dismissed_objection_says_by_whom_and_that_the_line_is_paid_as_it_was(case: Case) -> None:
    line = case.line(case.first)
    raised = operations.raise_dispute(case.me, "不同意", line_id=line.id)
    case.pay()
    operations.answer_dispute(case.quarter.reviewer, raised.id, upheld=False, answer="走访照片为证")
    paper, aloud = case.said()
    for said in (paper, aloud):
        assert "答复：不成立。本条金额不变，随下一次发放支付。" in said
    assert "答复理由：走访照片为证" in paper
    case.pay()
    assert "答复：不成立。本条金额不变。" in case.said()[0]
    assert case.slip().paid


def test_an_upheld_objection_says_what_came_of_it_up_to_the_correction(case: Case) -> None:
    line = case.line(case.first)

    def came() -> tuple[Came, int, str | None]:
        db.session.expire_all()
        (found,) = objections_to([case.line(case.first)])[line.id]
        return found.came, found.fen, found.quarter

    raised = operations.raise_dispute(case.me, "皮肤完好", line_id=line.id)
    assert came()[0] is Came.WAITING
    operations.answer_dispute(case.quarter.reviewer, raised.id, upheld=True, answer="走访记录支持")
    assert came()[0] is Came.SCORING
    assert "本季度正在重新评分" in case.said()[0]
    case.pay()
    operations.close(case.quarter.reviewer, case.settled.id)
    case.quarter.scored(case.first, B1=500)
    assert came()[0] is Came.COMING
    with clock.at(AFTER_Q2):
        for row in (case.first, case.second):
            case.quarter.records(row, dt.date(2026, 4, 1), dt.date(2026, 6, 30))
        case.quarter.fill(Q2)
        for row in (case.first, case.second):
            case.quarter.scored(row, Q2)
        case.quarter.to_approved(Q2)
        assert came() == (Came.CORRECTED, 7755, Q2)
        paper, aloud = case.said()
        assert "答复：成立。重新评定为100.00分，差额¥77.55在2026年第2季度补发。" in paper
        assert "差额七十七元五角五分在2026年第2季度补发" in aloud
        corrected = db.session.scalars(
            select(SettlementLine).where(SettlementLine.contract_id == case.first.id, SettlementLine.for_quarter != Q2)
        ).unique()
        kinds = {x.id: objections_to([x])[x.id][0].came for x in corrected}
        assert set(kinds.values()) == {Came.CORRECTED, Came.COUNTED}, "the correction itself counts the new score"


def test_a_line_of_another_quarter_or_contract_shows_nothing(case: Case) -> None:
    operations.raise_dispute(case.me, "不同意", line_id=case.line(case.first).id)
    assert objections_to([case.line(case.second)]) == {}
