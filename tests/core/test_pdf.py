"""Printed documents: the same bytes again, nothing silently blank, nothing lost at a page's end."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from reportlab.graphics.shapes import Drawing

from app.core.pdf import (
    Cell,
    Column,
    PdfDocument,
    Run,
    Signature,
    Style,
    TextBlock,
    fingerprint,
    legible,
    render_all,
)
from app.core.pdf.blocks import SignatureRow
from app.core.pdf.fonts import faces, text_width
from app.core.pdf.qr import _operators
from app.core.pdf.text import CLOSING, OPENING, wrap

DIGEST = fingerprint({"结论": "全护理", "fen": 131835})
URL = "https://care.example.cn/verify/0123456789abcdef0123456789abcdef"


def document(**options: object) -> PdfDocument:
    return PdfDocument("照料护理费发放明细单", "FF-2026Q1-000123", DIGEST, URL, dt.date(2026, 3, 31), "2", **options)  # type: ignore[arg-type]


def pages(data: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


def full() -> PdfDocument:
    made = document(watermark="样本")
    made.heading("一、基本情况").key_values([("姓名", "单田芳"), ("住址", "林东镇" * 60), ("电话", "138****1234")])
    made.paragraph([Run("第五条　", True), Run("乙方不得拒绝服务。")]).paragraph("正文。" * 300, indent=True)
    made.table([Column("项目"), Column("金额（元）", numeric=True)], [[f"第{n}项", f"{n}.00"] for n in range(120)])
    made.note("可以提出异议。", title="提示").ticks([("进食", True), ("如厕", False)])
    stroke = [[0.1, 0.2, 0, 0.5], [0.5, 0.8, 10, 0.5], [0.9, 0.1, 20, 0.5]]
    return made.signatures([Signature("甲方"), Signature("乙方", "王小芳", dt.date(2026, 3, 31), "按手印", [stroke])])


def test_the_same_document_gives_the_same_bytes_and_may_be_rendered_again() -> None:
    made = full()
    data = made.render()
    assert data == made.render() == full().render()
    assert data.startswith(b"%PDF-")
    assert data != document().render()


def test_each_page_says_what_it_is_and_of_how_many() -> None:
    texts = pages(full().render())
    assert len(texts) >= 4
    for number, text in enumerate(texts, 1):
        for words in (
            f"第 {number} 页　共 {len(texts)} 页",
            "FF-2026Q1-000123",
            "版本 2",
            "2026年3月31日",
            "照料护理费发放明细单",
        ):
            assert words in text, (number, words)
        assert f"{DIGEST[:8]} {DIGEST[8:16]}" in text
        assert "样本" in text
    assert DIGEST in re.sub(r"\s", "", texts[-1])
    assert URL in texts[-1]


def test_fonts_are_embedded_and_the_system_song_is_not_used() -> None:
    names = set()
    for page in PdfReader(io.BytesIO(full().render())).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            entry = font.get_object()
            if "Helvetica" in entry["/BaseFont"]:
                continue
            names.add(str(entry["/BaseFont"]))
            assert "/FontFile2" in entry["/FontDescriptor"].get_object()
    # Two names: the writer merges faces that share one, and bold would be gone.
    assert {name.partition("+")[2] for name in names} == {face.face.name.decode() for face in faces()}


def test_a_table_crosses_pages_with_its_header_and_every_row() -> None:
    texts = pages(full().render())
    joined = "".join(texts)
    assert all(f"第{n}项" in joined for n in range(120))
    with_rows = [text for text in texts if re.search(r"第\d+项", text)]
    assert len(with_rows) >= 2
    assert all("金额（元）" in text for text in with_rows)


def test_a_cell_taller_than_a_page_is_cut_between_lines_and_nothing_is_lost() -> None:
    made = document().table([Column("甲"), Column("乙")], [["始", "".join(f"{n:05d}、" for n in range(1200))]])
    joined = re.sub(r"\s", "", "".join(pages(made.render())))
    assert all(f"{n:05d}、" in joined for n in range(1200))


def test_a_character_without_glyph_is_shown_and_listed() -> None:
    made = document().paragraph("𠮷野太郎 ☑").key_values([("名", "a\u202eb\ufe0f\u0000c")])
    text = "".join(pages(made.render()))
    assert "〓野太郎 〓" in text
    assert "U+20BB7" in text
    assert "U+2611" in text
    assert "abc" in text
    assert "U+202E" not in text


def test_texts_are_never_markup() -> None:
    assert "<b>粗</b> & &amp; <img src='x'/>" in "".join(
        pages(document().paragraph("<b>粗</b> & &amp; <img src='x'/>").render())
    )


def test_several_documents_in_one_file_count_their_own_pages() -> None:
    wide = PdfDocument("横版", "B-2", DIGEST, None, dt.date(2026, 4, 1), "1", landscape=True)
    wide.paragraph("一").page_break().paragraph("二")
    data = render_all([document().paragraph("甲"), wide, document()])
    texts = pages(data)
    assert ["共 1 页" in t for t in texts] == [True, False, False, True]
    assert "第 2 页　共 2 页" in texts[2]
    assert "扫码核验" not in texts[1]
    boxes = [page.mediabox for page in PdfReader(io.BytesIO(data)).pages]
    assert [box.width > box.height for box in boxes] == [False, True, True, False]
    with pytest.raises(ValueError, match="nothing"):
        render_all([])


def test_a_heading_does_not_stay_behind_at_the_foot() -> None:
    for lines in range(24, 40):
        made = document()
        for _ in range(lines):
            made.paragraph("行")
        made.heading("标题在此").heading("小标题", 2).add(Drawing(100, 120)).paragraph("其后")
        texts = pages(made.render())
        assert next(n for n, t in enumerate(texts) if "标题在此" in t) == next(
            n for n, t in enumerate(texts) if "其后" in t
        )


def test_the_closing_lines_do_not_stand_on_a_page_of_their_own() -> None:
    """However full the page is, the last section goes along with the fingerprint when it is short."""
    for lines in range(25, 45):
        made = document().heading("正文")
        for _ in range(lines):
            made.paragraph("一行")
        made.heading("附件五", 2).key_values([("正文指纹", "edc17ed8")])
        last = pages(made.render())[-1]
        assert "附件五" in last, f"{lines} lines before it"
        assert "文件指纹" in last


def test_a_short_note_at_the_end_goes_along_with_the_closing_lines() -> None:
    for lines in range(25, 45):
        made = document().heading("正文")
        for _ in range(lines):
            made.paragraph("一行")
        last = pages(made.note("可以提出异议。", title="有异议怎么办").render())[-1]
        assert "有异议怎么办" in last, f"{lines} lines before it"
        assert "文件指纹" in last


@pytest.mark.parametrize("length", [3, 25, 80])
@pytest.mark.parametrize("columns", [2, 3])
def test_a_seal_lies_over_nothing_and_no_name_is_cut(length: int, columns: int) -> None:
    """Label above, seal between label and date, name and note beside it; the row grows instead of cutting."""
    name, note = (
        "".join(chr(0x4E00 + n) for n in range(length)),
        "加盖公章（纸质，见扫描件），原协议签名继续有效，见证人：甲、乙",
    )
    place = Signature("乙方 乡镇（苏木）人民政府的一个很长的名称", name, dt.date(2026, 12, 31), note, picture=b"x")
    row = SignatureRow([place, Signature("甲方")], columns)
    _width, height = row.wrap(494, 0)
    (one, _other), label = row.shown, 12 + 11 * (len(row.shown[0].label) - 1) + 3
    assert one.SEAL_FOOT >= 5 + 8.5, "above the line of the date"
    assert height - label >= one.SEAL_FOOT + SignatureRow.SIDE, "below the label"
    assert ("".join(one.names), "".join(one.hint)) == (name, note)
    assert one.low <= height - label - SignatureRow.GLASS + 5, "handwriting has its place above name and note"
    if len(one.names) > 1:
        assert max(text_width(line, one.size) for line in one.names) <= one.free + 0.01, "beside the seal"


def test_a_row_with_too_few_cells_is_refused() -> None:
    with pytest.raises(ValueError, match="1 cells"):
        document().table([Column("甲"), Column("乙")], [["x"]])
    assert document().table([Column("甲"), Column("乙")], [[Cell("x", span=2)]]).render()


def test_the_fingerprint_is_of_the_content_and_not_of_its_order() -> None:
    assert fingerprint({"a": 1, "b": [1, 2]}) == fingerprint({"b": [1, 2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": "1"})
    assert len(DIGEST) == 64
    with pytest.raises(ValueError, match="JSON"):
        fingerprint(float("nan"))


@settings(deadline=None)
@given(st.text(alphabet="甲乙（）《》，。、；：“”—… \u3000abc12.5%¥", min_size=1, max_size=80), st.floats(40, 200))
def test_lines_fit_keep_all_text_and_obey_the_rules_of_punctuation(text: str, width: float) -> None:
    lines = wrap(text, 10, False, width)
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
    for line in lines:
        assert text_width(line, 10) <= width + 0.1


def test_brackets_stay_with_their_words() -> None:
    text = (
        "依照《特困人员认定办法》（民发〔2021〕43号）第二十一条，向“乙方”支付¥1,318.35元（大写：壹仟元整）；逾期的，按日计算。"
        * 3
    )
    for width in range(60, 400, 3):
        lines = wrap(text, 10, False, width)
        assert not any(line[-1] in OPENING for line in lines), width
        assert not any(line[0] in CLOSING for line in lines), width
        assert all("¥1,318.35" in line or "1,318" not in line for line in lines), width


def test_full_width_blanks_at_the_start_indent() -> None:
    block = TextBlock("　　缩进", Style())
    assert block.wrap(200, 100)[1] == Style().leading
    assert wrap("　　缩进", 10, False, 200) == ["　　缩进"]


def test_the_qr_code_is_square_and_dark_in_three_corners() -> None:
    side, operators = _operators(URL, None)
    runs = {tuple(map(int, run.split()[:3])) for run in operators.split(" re") if run}
    assert {(0, side - 1, 7), (side - 7, side - 1, 7), (0, 0, 7)} <= runs


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=300), st.lists(st.text(max_size=400), min_size=1, max_size=3))
def test_no_text_makes_a_document_fail(text: str, values: list[str]) -> None:
    made = (
        document().heading(text).paragraph(text, indent=True).note(text, title=text).ticks([(v, True) for v in values])
    )
    made.key_values([(v, text) for v in values]).table([Column(v, numeric=True) for v in values], [values])
    made.signatures([Signature(text, text, None, text)])
    assert made.render().startswith(b"%PDF-")
    assert legible(legible(text)) == legible(text)
