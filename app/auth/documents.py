"""The list of accounts as a file: exactly the lines the page shows, with who took it and when."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import xlsxwriter
from flask_babel import gettext

from app.auth import queries
from app.auth.labels import ROLE_LABELS, STATE_LABELS
from app.auth.models import User
from app.core import clock
from app.core.actor import Actor

MIMETYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def _lines(actor: Actor, users: Sequence[User]) -> list[list[str]]:
    areas = queries.area_names([user.area_code for user in users])
    taken = clock.now().astimezone(clock.ZONE).strftime("%Y-%m-%d %H:%M")
    head = [gettext("Account name"), gettext("Name"), gettext("Role"), gettext("Area"), gettext("State")]
    body = [
        [
            user.username,
            user.name,
            str(ROLE_LABELS[user.role]),
            areas.get(user.area_code or "", ""),
            str(STATE_LABELS[queries.state_of(user)]),
        ]
        for user in users
    ]
    return [[gettext("Accounts, taken by %(name)s on %(when)s", name=actor.name, when=taken)], head, *body]


def _harmless(cell: str) -> str:
    """No cell of a CSV file starts like a formula."""
    return f"'{cell}" if cell[:1] in set("=+-@\t\r") else cell


def accounts_file(actor: Actor, users: Sequence[User], kind: str) -> bytes:
    """The accounts as ``xlsx`` (all cells are text) or ``csv`` (UTF-8 with the mark that Excel looks for)."""
    lines = _lines(actor, users)
    if kind == "csv":
        text = io.StringIO(newline="")
        csv.writer(text).writerows([[_harmless(cell) for cell in line] for line in lines])
        return text.getvalue().encode("utf-8-sig")
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(lines):
            for column, cell in enumerate(line):
                sheet.write_string(number, column, cell)
        sheet.set_column(0, 4, 24)
    return packed.getvalue()
