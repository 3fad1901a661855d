"""The printed comparison of a pair: everything both said, how well they agree, what was decided and why; sealed till then."""

from __future__ import annotations

import io
from typing import Any

from pypdf import PdfReader

from app.core.db import db
from app.core.models import IssuedDocument
from app.grading import operations
from app.grading.documents.pairs import pair_pdf
from app.overview.labels import DOCUMENT_KINDS
from tests.factories import County
from tests.grading.test_pairs import opened, scored


def text(data: bytes) -> str:
    """Everything on the pages, without the breaks of lines."""
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())


def test_nothing_is_printed_before_both_are_in(county: County, sign_in: Any) -> None:
    pair = opened(county)
    scored(county, "assessor_a", "a")
    for who in ("county_officer_a", "assessor_a", "auditor"):
        assert sign_in(who).get(f"/sheet-pairs/{pair.id}/comparison.pdf").status_code == 404
    assert not db.session.query(IssuedDocument).filter_by(kind="pair").count()


def test_both_sheets_differences_agreement_and_reasons_stand_on_it(county: County, sign_in: Any) -> None:
    pair = opened(county)
    first = scored(county, "assessor_a", "a")
    second = scored(county, "assessor_b", "a", **{"1.1": "A2", "9.2": "A1"})
    officer = county.actor("county_officer_a")
    before = text(pair_pdf(officer, pair)[0])
    for words in (
        first.number,
        second.number,
        "双人独立评估对照表",
        "其中46项相同，2项不同",
        "尚未裁定",
        "≠进食：取食入口",
    ):
        assert words in before, words
    chosen = {"answers.1.1": "A2", "answers.9.2": "A0"}
    operations.adjudicate_pair(
        officer, pair.id, chosen, {"1": "当场再看一次进食", "9": "独立走了五十米"}, "两名评估员都在场"
    )
    data, name = pair_pdf(officer, pair)
    after = text(data)
    for words in (
        "当场再看一次进食",
        "独立走了五十米",
        "两名评估员都在场",
        "裁定结果",
        "不参与随后的复核和档次决定",
        "Kappa",
    ):
        assert words in after, words
    assert "尚未裁定" not in after
    assert name == f"{first.number}-B.pdf"
    assert pair_pdf(officer, pair)[0] == data, "the same document again, byte for byte"
    assert db.session.query(IssuedDocument).filter_by(kind="pair").count() == 2
    answer = sign_in("auditor").get(f"/sheet-pairs/{pair.id}/comparison.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert f"/sheet-pairs/{pair.id}/comparison.pdf" in sign_in("auditor").get(f"/sheet-pairs/{pair.id}").get_data(
        as_text=True
    )
    assert "pair" in DOCUMENT_KINDS


def test_equal_sheets_say_so(county: County) -> None:
    pair = opened(county)
    scored(county, "assessor_a", "a")
    scored(county, "assessor_b", "a")
    printed = text(pair_pdf(county.actor("county_officer_a"), pair)[0])
    assert "每一项答案和风险情况都相同" in printed
    assert "其中48项相同，0项不同" in printed
