"""Tables on the way out: nothing becomes a formula, no digit is lost, every cell keeps its kind."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from app.core import clock, tables
from app.core.tables import Column
from app.core.tables.writing import harmless, unguarded

HOSTILE = [
    "=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠x", "'=1", " =1", "　=1",
    '=HYPERLINK("http://x","y")', "=cmd|'/c calc'!A0",
]  # fmt: skip


def sheet(written: tables.Written) -> Any:
    return openpyxl.load_workbook(io.BytesIO(written.data)).worksheets[0]


def lines(written: tables.Written) -> list[list[str]]:
    return list(csv.reader(io.StringIO(written.data.decode("utf-8-sig"), newline="")))


def xlsx(columns: Sequence[str | Column], rows: Sequence[Sequence[object]], **more: Any) -> Any:
    return sheet(tables.write("xlsx", "表", columns, rows, **more))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_a_formula(text: str) -> None:
    cell = xlsx(["甲"], [[text]])["A2"]
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    written = lines(tables.write("csv", "表", ["甲"], [[text]]))[1][0]
    assert written == f"'{text}"
    assert unguarded(written) == text


@pytest.mark.parametrize("heading", HOSTILE[:4])
def test_headings_and_marks_are_no_formulas_either(heading: str) -> None:
    page = xlsx([heading], [], lines=[heading])
    assert [page["A1"].data_type, page["A2"].data_type] == ["s", "s"]
    assert lines(tables.write("csv", "表", [heading], [], lines=[heading])) == [
        [f"# {heading}"],
        [f"'{heading}"],
        [f"# {heading}"],
    ]


@pytest.mark.parametrize("text", ["-5", "+3.5", "-1,234.50", "12%", "王芳", "a=b", "", "5"])
def test_plain_numbers_and_words_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text
    assert unguarded(text) == text


@pytest.mark.parametrize("text", ["999999194605120025", "6222021234567894", "001", "1E5", "2026-03-31"])
def test_digits_that_are_text_stay_text(text: str) -> None:
    cell = xlsx(["甲"], [[text]])["A2"]
    assert (cell.data_type, cell.value) == ("s", text)


def test_large_whole_numbers_are_written_as_text_because_excel_keeps_fifteen_digits() -> None:
    page = xlsx(["甲"], [[10**15 - 1], [10**15], [-(10**15)], [2**63]])
    assert [(c.data_type, c.value) for c in page["A"][1:]] == [
        ("n", 10**15 - 1),
        ("s", "1000000000000000"),
        ("s", "-1000000000000000"),
        ("s", "9223372036854775808"),
    ]


def test_each_kind_of_value_keeps_its_kind() -> None:
    with clock.at(dt.datetime(2026, 3, 31, 18, 0, tzinfo=dt.UTC)):
        instant = clock.now()
    row = [dt.date(2026, 3, 31), instant, True, None, Decimal("0.5"), 7, "字"]
    page = xlsx([str(n) for n in range(7)], [row])
    cells = page[2]
    assert cells[0].value == dt.datetime.fromisoformat("2026-03-31")
    assert cells[0].number_format == "yyyy-mm-dd"
    assert cells[1].value == dt.datetime.fromisoformat("2026-04-01T02:00"), "instants stand in the county's own time"
    assert [c.value for c in cells[2:]] == [True, None, 0.5, 7, "字"]
    assert lines(tables.write("csv", "表", [str(n) for n in range(7)], [row]))[1] == [
        "2026-03-31",
        "2026-04-01 02:00:00",
        "TRUE",
        "",
        "0.50",
        "7",
        "字",
    ]


def test_money_is_yuan_from_fen_to_the_last_fen() -> None:
    columns = [Column("金额", money=True)]
    amounts = [[131835], [0], [-1], [5], [9_999_999_999_99]]
    page = xlsx(columns, amounts)
    assert [c.value for c in page["A"][1:]] == [1318.35, 0, -0.01, 0.05, 9_999_999_999.99]
    assert {c.number_format for c in page["A"][1:]} == {"#,##0.00"}
    written = [line[0] for line in lines(tables.write("csv", "表", columns, amounts))[1:]]
    assert written == ["1318.35", "0.00", "-0.01", "0.05", "9999999999.99"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity")])
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_what_is_no_number_is_refused(value: object, kind: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        tables.write(kind, "表", ["甲"], [[value]])


def test_dates_before_excels_first_day_are_text() -> None:
    assert xlsx(["甲"], [[dt.date(1899, 12, 31)]])["A2"].value == "1899-12-31"


def test_half_a_character_does_not_break_the_file() -> None:
    assert lines(tables.write("csv", "表", ["甲"], [["a\ud800b"]]))[1] == ["a�b"]
    assert xlsx(["甲"], [["a\ud800b"]])["A2"].value == "a�b"


def test_a_cell_too_long_for_excel_is_cut_visibly() -> None:
    value = xlsx(["甲"], [["字" * 40_000]])["A2"].value
    assert len(value) == 32_767
    assert value.endswith("…")


def test_marks_stand_above_and_below_and_the_heading_stays_in_sight() -> None:
    page = xlsx(["甲"], [["a"], ["b"]], lines=["某人导出"])
    assert [c.value for c in page["A"]] == ["# 某人导出", "甲", "a", "b", None, "# 某人导出"]
    assert page.freeze_panes == "A3"
    assert page.print_title_rows == "$2:$2"


def test_sheet_names_are_made_fit_and_never_come_twice() -> None:
    out = io.BytesIO()
    names = ["a/b[c]:*?", "A b c", "", "长" * 40, "长" * 40]
    tables.write_xlsx(out, [tables.Sheet(name, ["甲"], []) for name in names])
    found = openpyxl.load_workbook(out).sheetnames
    assert len({n.casefold() for n in found}) == 5
    assert max(map(len, found)) <= 31


def test_file_names_hold_nothing_that_a_disk_refuses() -> None:
    assert tables.write("csv", "表", ["甲"], [], name='a/b\\c:"x" \n.').name == "a-b-c-x.csv"
    assert tables.write("csv", "...", ["甲"], []).name == "table.csv"
    assert tables.write("xlsx", "特困人员", ["甲"], []).name == "特困人员.xlsx"


def test_other_kinds_are_refused() -> None:
    with pytest.raises(ValueError, match="pdf"):
        tables.write("pdf", "表", ["甲"], [])
