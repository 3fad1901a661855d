"""P7: slips on paper beside a bare canvas with the same texts in the same places; Excel beside the bare writer."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import xlsxwriter
from pypdf import PdfReader
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import select

from app.core import clock, tables
from app.core.db import db
from app.core.pdf.fonts import REGULAR
from app.settlement import queries
from app.settlement.documents.slips import slips_pdf
from app.settlement.models import SettlementLine
from benchmarks import county
from benchmarks.databases import Store
from benchmarks.measure import Report, in_turns
from benchmarks.settling import settle_all

SLIPS, ROWS = 60, 10_000


def p7(store: Store, times: int) -> Report:
    """Slips of one township in one file, and a table of 10,000 rows."""
    store.fill("county500", lambda: county.fill(500))
    with store.copy("county500") as app, clock.at(county.SETTLED_AT), app.test_request_context("/"):
        settle_all()
        actor = county.officer("county_officer")
        lines = db.session.scalars(select(SettlementLine).order_by(SettlementLine.id).limit(SLIPS)).unique().all()
        wanted = [line.caregiver_id for line in lines]

        def ours() -> bytes:
            return slips_pdf(actor, queries.slips_of(actor, lines[0].settlement_id, wanted), "slips.pdf")[0].getvalue()

        pages = [_texts(page) for page in PdfReader(io.BytesIO(ours())).pages]
        taken = in_turns({"ours": ours, "bare": lambda: _bare(pages)}, times)
    report = Report("P7", f"P7 {len(pages)} pages of slips in one file; a table of {ROWS:,} rows")
    report.rate("slips, pages a second", len(pages) / taken["ours"], len(pages) / taken["bare"], 0.5, unit="/s")
    heads = ["编号", "姓名", "出生日期", "乡镇(苏木)", "应发(元)", "实发(元)", "天数", "备注"]
    rows = [
        [f"R{n:07d}", "王国建", dt.date(1945, 1, 1), "林东镇", 155_100, 131_835, 90, "住院扣发"] for n in range(ROWS)
    ]
    columns = [tables.Column(head, money=head.endswith("(元)")) for head in heads]
    excel = in_turns(
        {"ours": lambda: tables.write("xlsx", "表", columns, rows), "bare": lambda: _sheet(heads, rows)}, times
    )
    report.rate("Excel, rows a second", ROWS / excel["ours"], ROWS / excel["bare"], 0.8, unit="/s")
    report.remarks.append(
        "the bare canvas places ready strings: no layout, no wrapping, no tables, no page numbers, no QR code, no record of the print"
    )
    return report


def _texts(page: Any) -> list[tuple[float, float, float, str]]:
    found: list[tuple[float, float, float, str]] = []

    def visit(text: str, _cm: Any, matrix: Any, _font: Any, size: float) -> None:
        if text.strip():
            found.append((float(matrix[4]), float(matrix[5]), float(size), text.strip("\n")))

    page.extract_text(visitor_text=visit)
    return found


def _bare(pages: list[list[tuple[float, float, float, str]]]) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, A4, pageCompression=1, invariant=1)
    for texts in pages:
        for x, y, size, text in texts:
            canvas.setFont(REGULAR, size or 10)
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _sheet(heads: list[str], rows: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        page, date, money = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "#,##0.00"})  # fmt: skip
        page.write_row(0, 0, heads)
        for at, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                if isinstance(value, dt.date):
                    page.write_datetime(at, place, value, date)
                elif place in {4, 5}:
                    page.write_number(at, place, value / 100, money)
                else:
                    page.write(at, place, value)
    return out.getvalue()
