"""Import of residents: every encoding of an office, every wrong cell named, all rows or none."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock, tables
from app.core.db import db
from app.core.errors import Forbidden, Invalid
from app.core.models import AuditEntry
from app.people import documents, operations
from app.people.labels import FIELDS
from app.people.models import ImportRun, Resident, Sex
from app.people.operations.columns import COLUMNS, headings
from app.people.operations.imports import ImportRefused
from tests.factories import VILLAGE_A, VILLAGE_B, id_number

HEADS = ["姓名", "性别", "出生日期", "身份证号", "民族", "村（社区）", "供养形式", "供养开始日期"]
BORN = dt.date(1946, 5, 12)
SERIAL = 4000


def person(number: int, **cells: str) -> list[str]:
    row = {
        "姓名": f"导入老人{number}",
        "性别": "女",
        "出生日期": "1946-05-12",
        "身份证号": id_number(BORN, Sex.FEMALE, SERIAL + number),
        "民族": "蒙古族",
        "村（社区）": "东城村",
        "供养形式": "分散供养",
        "供养开始日期": "2025年1月1日",
    }
    return [{**row, **cells}[head] for head in HEADS]


def csv(rows: Sequence[Sequence[str]], encoding: str = "utf-8-sig") -> io.BytesIO:
    return io.BytesIO("\r\n".join(",".join(row) for row in [HEADS, *rows]).encode(encoding))


def xlsx(rows: Sequence[Sequence[object]]) -> io.BytesIO:
    book = openpyxl.Workbook()
    for row in [HEADS, *rows]:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Resident)) or 0


def problems(county: Any, stream: io.BytesIO, name: str = "a.csv") -> list[tuple[int, str, str]]:
    before = count()
    with pytest.raises(ImportRefused) as refused:
        operations.import_residents(county.actor("township_officer_a"), name, stream)
    assert count() == before
    assert not db.session.scalar(select(func.count()).select_from(ImportRun))
    return [(p.row, p.column, p.message) for p in refused.value.report.problems]


def test_the_headings_of_these_tests_are_those_of_the_template(app: Flask) -> None:
    assert set(headings().values()) == set(COLUMNS)
    assert set(HEADS) <= {str(FIELDS[name]) for name in COLUMNS}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_csv_of_any_office_comes_in_whole(county: Any, encoding: str) -> None:
    before = count()
    report = operations.import_residents(
        county.actor("township_officer_a"), "名册.csv", csv([person(1), person(2)], encoding)
    )
    assert (report.rows, report.imported, count()) == (2, 2, before + 2)
    row = db.session.scalars(select(Resident).where(Resident.name == "导入老人1")).unique().one()
    assert row.id_number == id_number(BORN, Sex.FEMALE, SERIAL + 1)
    assert (row.area_code, row.ethnicity, row.supported_from) == (VILLAGE_A, "02", dt.date(2025, 1, 1))
    run = db.session.scalars(select(ImportRun)).one()
    assert (run.imported, run.file_name) == (2, "名册.csv")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.object_type == "import_run")).all()
    assert entry


def test_a_workbook_with_real_dates_comes_in(county: Any) -> None:
    row: list[object] = list(person(1))
    row[2], row[7] = BORN, dt.date(2025, 1, 1)
    assert operations.import_residents(county.actor("township_officer_a"), "a.xlsx", xlsx([row])).imported == 1


def test_every_wrong_cell_is_named_by_row_and_column_and_nothing_is_stored(county: Any) -> None:
    rows = [
        person(1),
        person(2, 姓名="", 性别="两性", 出生日期="1946-02-30"),
        person(3, 身份证号=id_number(BORN, Sex.FEMALE, SERIAL + 3)[:-1] + "?"),
        person(4, **{"村（社区）": "隆昌村"}),
        person(5, 供养形式="集中供养"),
        person(6, 身份证号=id_number(BORN, Sex.FEMALE, SERIAL + 1)),
    ]
    found = problems(county, csv(rows))
    assert {(row, column) for row, column, _ in found} >= {
        (3, "姓名"),
        (3, "性别"),
        (3, "出生日期"),
        (4, "身份证号"),
        (5, "村（社区）"),
        (6, "供养机构"),
        (7, "身份证号"),
    }
    assert not [row for row, _, _ in found if row == 2]
    assert "2" in next(words for row, _, words in found if row == 7), "the earlier row of the same person is named"


def test_a_number_that_excel_rounded_is_named_as_such(county: Any) -> None:
    row: list[object] = list(person(1))
    row[3] = int(id_number(BORN, Sex.FEMALE, 8)[:17] + "0")
    (found,) = [p for p in problems(county, xlsx([row]), "a.xlsx") if p[1] == "身份证号"]
    assert "文本" in found[2]


def test_a_person_on_record_is_refused(county: Any) -> None:
    operations.import_residents(county.actor("township_officer_a"), "a.csv", csv([person(1)]))
    with pytest.raises(ImportRefused):
        operations.import_residents(county.actor("township_officer_a"), "a.csv", csv([person(2), person(1)]))
    assert not db.session.scalar(select(Resident.id).where(Resident.name == "导入老人2"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("姓名,姓名\r\n甲,乙\r\n", "两次"),
        ("姓名,性别\r\n甲,女\r\n", "缺"),
        (",".join(HEADS) + "\r\n", "没有"),
    ],
)
def test_headings_are_checked_before_rows(county: Any, text: str, words: str) -> None:
    assert any(words in message for _, _, message in problems(county, io.BytesIO(text.encode())))


def test_columns_nobody_knows_are_named_and_left_out(county: Any) -> None:
    text = "\r\n".join([",".join([*HEADS, "备注"]), ",".join([*person(1), "x"])])
    report = operations.import_residents(county.actor("township_officer_a"), "a.csv", io.BytesIO(text.encode()))
    assert report.ignored_columns == ["备注"]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_template_is_read_and_its_example_is_not_taken_in(county: Any, kind: str) -> None:
    actor = county.actor("township_officer_a")
    file = documents.import_template(actor, kind)
    before = count()
    report, facts = operations.examine(actor, file.name, io.BytesIO(file.data))
    assert [(p.row, p.column) for p in report.problems] == [(2, "姓名")]
    assert not facts
    assert count() == before


def test_a_check_stores_nothing(county: Any) -> None:
    before = count()
    report, facts = operations.examine(county.actor("township_officer_a"), "a.csv", csv([person(1)]))
    assert (report.problems, len(facts), count()) == ([], 1, before)


@pytest.mark.parametrize("who", ["caregiver_a", "auditor", "system_admin", "assessor_a"])
def test_who_may_not_import_does_not_even_check(county: Any, who: str) -> None:
    with pytest.raises(Forbidden):
        operations.examine(county.actor(who), "a.csv", csv([person(1)]))


def test_files_that_are_no_table_are_refused_in_words(county: Any) -> None:
    for name, data in (("a.pdf", b"%PDF"), ("a.xlsx", b"PK\x03\x04x"), ("a.csv", b""), ("a.csv", b"\x00\x00")):
        with pytest.raises(Invalid) as refused:
            operations.import_residents(county.actor("township_officer_a"), name, io.BytesIO(data))
        assert re.search("[\u4e00-\u9fff]|file|table", refused.value.message)


def upload(client: Any, stream: io.BytesIO, **more: str) -> Any:
    page = client.get("/residents/import").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    return client.post(
        "/residents/import",
        data={"csrf_token": token[1], "file": (stream, "名册.csv"), **more},
        content_type="multipart/form-data",
    )


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


def test_the_page_says_at_once_how_much_is_wrong_and_hands_out_the_errors_as_a_file(county: Any, sign_in: Any) -> None:
    client = sign_in("township_officer_a")
    answer = upload(client, csv([person(1), person(2, 民族="火星族", 性别=""), person(3, 民族="x")]))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "3行中有2行" in page
    assert "民族 2" in page
    data = {"csrf_token": hidden(page, "csrf_token"), "report": hidden(page, "report")}
    for kind in ("xlsx", "csv"):
        file = client.post(f"/residents/import/errors.{kind}", data=data)
        listed = tables.read_rows(f"a.{kind}", file.data)
        assert [row.cells["行"] for row in listed.rows] == ["3", "4"]
    assert client.post("/residents/import/errors.csv", data={**data, "report": data["report"] + "x"}).status_code == 422
    other = sign_in("county_officer_a")
    token = hidden(other.get("/residents/import").get_data(as_text=True), "csrf_token")
    assert other.post("/residents/import/errors.csv", data={**data, "csrf_token": token}).status_code == 404
    with clock.at(clock.now() + dt.timedelta(minutes=5)):
        assert client.post("/residents/import/errors.csv", data=data).status_code == 200


def test_a_right_table_is_imported_from_the_page_and_listed(county: Any, sign_in: Any) -> None:
    client = sign_in("township_officer_a")
    checked = upload(client, csv([person(1)]), step="check")
    assert checked.status_code == 200
    assert count() == 4
    assert upload(client, csv([person(1)])).headers["Location"] == "/residents?sort=newest"
    assert "导入老人1" in client.get("/residents?sort=newest").get_data(as_text=True)
    assert "名册.csv" in client.get("/residents/import").get_data(as_text=True)
    foreign = upload(client, csv([person(9, **{"村（社区）": VILLAGE_B})]))
    assert foreign.status_code == 422
