"""Tables on the way in: the encodings of Chinese offices, every delimiter, and in words what cannot be read."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence

import openpyxl
import pytest

from app.core import tables
from app.core.tables import MAX_BYTES, MAX_COLUMNS, Row, UnreadableTable, read, read_rows, unpacking

TEXT = "姓名,村\r\n王芳,东城村\r\n"


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def refusal(name: str, data: bytes, **more: int) -> str:
    with pytest.raises(UnreadableTable) as caught:
        read(name, data, **more)
    assert caught.value.errors.keys() == {"file"}
    return caught.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_csv_in_every_encoding_that_offices_save(encoding: str) -> None:
    data = TEXT.encode(encoding)
    if encoding.startswith("utf-16-"):
        data = "name,village\r\n王芳,东城村\r\n".encode(encoding)
    assert read("表.csv", data)[1] == ["王芳", "东城村"]


def test_an_encoding_nobody_knows_is_named() -> None:
    assert "编码" in refusal("a.csv", b"\xff\x80\x81,\xff\n")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_delimiters_and_line_ends(delimiter: str, newline: str) -> None:
    text = newline.join(delimiter.join(row) for row in (["姓名", "村"], ["王芳", "东城村"]))
    assert read("a.txt", text.encode()) == [["姓名", "村"], ["王芳", "东城村"]]


def test_quoted_cells_keep_commas_and_lines() -> None:
    assert read("a.csv", '甲,乙\n"a,b","c\nd"\n'.encode()) == [["甲", "乙"], ["a,b", "c\nd"]]


def test_a_quote_that_never_closes_is_refused_in_words() -> None:
    assert refusal("a.csv", '甲,乙\n"a,b\n'.encode())


def test_what_an_export_guards_is_read_back_as_it_was() -> None:
    rows = [["=1+1"], ["'=x"], ["-5"], ["＝x"], ["王芳"]]
    written = tables.write("csv", "表", ["甲"], rows)
    assert [r.cells["甲"] for r in read_rows(written.name, written.data).rows] == [r[0] for r in rows]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_our_own_marks_are_skipped_and_rows_keep_their_numbers(kind: str) -> None:
    written = tables.write(kind, "表", ["姓名", "日"], [["王芳", dt.date(2026, 3, 31)]], lines=["某人导出"])
    assert read_rows(written.name, written.data) == tables.Table(
        ("姓名", "日"), (Row(3, {"姓名": "王芳", "日": "2026-03-31"}),)
    )


def test_a_first_cell_that_only_looks_like_a_mark_is_a_row() -> None:
    assert [r.cells["a"] for r in read_rows("a.csv", b"a,b\n# x,y\n").rows] == ["# x"]


def test_values_of_a_workbook_become_the_text_somebody_sees() -> None:
    cells = [
        1,
        1.5,
        0.1,
        20.0,
        True,
        dt.date(2026, 3, 31),
        dt.datetime.fromisoformat("2026-03-31T08:30"),
        dt.time(8, 30),
        " a ",
        None,
    ]
    assert read("a.xlsx", workbook([[str(n) for n in range(10)], cells]))[1] == [
        "1", "1.5", "0.1", "20", "TRUE", "2026-03-31", "2026-03-31 08:30:00", "08:30:00", "a", "",
    ]  # fmt: skip


def test_a_number_that_excel_has_rounded_is_never_taken_for_the_real_one() -> None:
    table = read_rows("a.xlsx", workbook([["ID"], [999999194605120025]]))
    assert not table.rows[0].cells["ID"].isdigit()
    assert "15" in table.rows[0].faults["ID"]


def test_errors_of_formulas_are_faults_of_their_cells() -> None:
    table = read_rows("a.xlsx", workbook([["甲", "乙"], ["#N/A", "x"]]))
    assert table.rows[0].faults.keys() == {"甲"}


def test_blank_rows_between_are_left_out_but_counted() -> None:
    assert [r.number for r in read_rows("a.csv", b"a\n\n1\n\n\n2\n").rows] == [3, 6]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (b"", "文件是空的"),
        (b"\n\n", "表格是空的"),
        (b"a,,b\n1,2,3\n", "B列"),
        (b"a,a\n1,2\n", "“a”"),
        (b"a,b\n1,2,3\n", "第2行"),
        (b"a\x00b\n", "文本"),
    ],
)
def test_headings_are_checked(text: bytes, wrong: str) -> None:
    with pytest.raises(UnreadableTable, match=wrong):
        read_rows("a.csv", text)


def test_headings_are_compared_without_the_blanks_people_type() -> None:
    assert read_rows("a.csv", " 姓 名 ,  村\n王,东\n".encode()).headers == ("姓 名", "村")


def test_hidden_sheets_are_not_read() -> None:
    book = openpyxl.Workbook()
    book.active.append(["hidden"])
    book.create_sheet("shown").append(["shown"])
    book.worksheets[0].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    assert read("a.xlsx", out.getvalue()) == [["shown"]]


def test_too_many_rows_or_columns_or_bytes_are_refused() -> None:
    assert refusal("a.csv", b"a\n" * 12, max_rows=11)
    assert read("a.csv", b"a\n" * 11, max_rows=11)
    assert refusal("a.csv", b"a," * MAX_COLUMNS + b"a\n")
    assert refusal("a.csv", b"a" * (MAX_BYTES + 1))
    assert refusal("a.csv", b",\n" * 50_001), "blank rows are not read without end"


@pytest.mark.parametrize("name", ["a.pdf", "a", "a.xls", "a.xlsm.exe"])
def test_other_files_are_refused_by_name(name: str) -> None:
    assert refusal(name, b"abc")


@pytest.mark.parametrize(
    "data",
    [
        b"\xd0\xcf\x11\xe0" + b"\x00" * 600,
        b"PK\x03\x04broken",
        b"not a workbook",
    ],
)
def test_old_locked_and_broken_workbooks_are_refused(data: bytes) -> None:
    assert refusal("a.xlsx", data)


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    assert refusal("a.xlsx", packed({"a.txt": b"x"}))
    assert refusal("a.csv", packed({"a.txt": b"x"})), "a renamed archive is still looked at as one"


def test_bombs_are_refused_before_a_library_opens_them() -> None:
    big = packed({"xl/worksheets/sheet1.xml": b"0" * (unpacking.MAX_UNPACKED + 1)})
    assert len(big) < 100_000
    with pytest.raises(unpacking.TooLarge):
        unpacking.check_archive(big)
    with pytest.raises(unpacking.TooLarge):
        unpacking.check_archive(packed({f"{n}": b"" for n in range(unpacking.MAX_PARTS + 1)}))
    assert refusal("a.xlsx", big)


def test_a_size_that_lies_is_not_believed() -> None:
    honest = bytearray(packed({"a": b"0" * 1000}))
    central = honest.index(b"PK\x01\x02")
    honest[central + 24 : central + 28] = (10).to_bytes(4, "little")
    with pytest.raises((unpacking.NotAWorkbook, unpacking.TooLarge)):
        unpacking.check_archive(bytes(honest))


def test_a_damaged_part_is_refused() -> None:
    data = bytearray(workbook([["a"], ["b"]]))
    data[60:80] = b"\x00" * 20
    assert refusal("a.xlsx", bytes(data))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_of_a_workbook_are_not_unfolded(encoding: str) -> None:
    source = workbook([["a"], ["b"]])
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'.encode(
            encoding
        )
    )
    parts = {}
    with zipfile.ZipFile(io.BytesIO(source)) as archive:
        for name in archive.namelist():
            parts[name] = bomb if name.startswith("xl/worksheets/sheet") else archive.read(name)
    assert refusal("a.xlsx", packed(parts))


def test_what_is_refused_is_said_in_chinese() -> None:
    assert "文件" in refusal("a.csv", b"")
    with pytest.raises(UnreadableTable, match="表格"):
        read_rows("a.csv", b"\n")
