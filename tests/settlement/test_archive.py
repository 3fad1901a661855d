"""Replay: closing writes an archive that proves itself without the product, byte for byte, and names what was changed."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.auth.roles import system_actor
from app.core import clock
from app.core.db import db
from app.core.transaction import transaction
from app.settlement import queries, verify_settlement
from app.settlement.verify_settlement import canonical, index, pack, seal_of, sha, unpack, verify
from tests.settlement.conftest import AFTER_Q2, Q1, Q2, TOWNSHIP_A, Quarter, publish_pay_table

FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 3, 31)
Files = dict[str, bytes]
GOLDEN = Path(__file__).parent / "golden"


def closed_quarters(quarter: Quarter) -> None:
    """Two closed quarters: full and part scores, a change of grade, a blocked line, a veto, and a correction in the second."""
    carer = None
    rows = [
        quarter.contract(),
        quarter.contract(grades=[(2, dt.date(2025, 1, 1), dt.date(2026, 1, 31)), (3, dt.date(2026, 2, 1), None)]),
        quarter.contract(first=dt.date(2026, 2, 11), carer=carer),
        quarter.contract(grades=[(1, dt.date(2025, 1, 1), None)]),
        quarter.contract(),
    ]
    for row in rows:
        quarter.records(row, FIRST, LAST, share=0.9)
    quarter.fill()
    for row, points in zip(rows[:4], ({}, {"B1": 200}, {"B1": 0, "B2": 0, "B3": 0}, {}), strict=True):
        quarter.scored(row, **points)
    quarter.to_closed()
    with transaction() as tx:
        tx.act = "test.late"
        rows[1].ended_on = dt.date(2026, 3, 10)
        rows[1].state = type(rows[1].state)("ended")
    with clock.at(AFTER_Q2):
        for row in (rows[0], rows[2]):
            quarter.records(row, dt.date(2026, 4, 1), dt.date(2026, 6, 30))
        quarter.fill(Q2)
        quarter.scored(rows[0], Q2)
        quarter.to_closed(Q2)


def archive(quarter: str) -> bytes:
    found = queries.archive(system_actor(), quarter)
    assert found is not None
    return found.data


@pytest.fixture
def archives(quarter: Quarter) -> tuple[bytes, bytes]:
    closed_quarters(quarter)
    return archive(Q1), archive(Q2)


def alone(data: bytes, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the verifier as a stranger would: one file, an empty folder, an isolated interpreter."""
    script, file = folder / "verify_settlement.py", folder / "quarter.zip"
    script.write_bytes(Path(verify_settlement.__file__).read_bytes())
    file.write_bytes(data)
    command = [sys.executable, "-I", script.name, file.name]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def test_a_closed_quarter_proves_itself_without_the_product(archives: tuple[bytes, bytes], tmp_path: Path) -> None:
    for data in archives:
        done = alone(data, tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        assert "PROVED" in done.stdout
    broken = alone(archives[0].replace(b'"pay_fen":155100', b'"pay_fen":155101', 1), tmp_path)
    assert broken.returncode == 1
    assert "lines.jsonl:1 (line" in broken.stdout
    assert alone(b"", tmp_path).returncode == 1


def test_the_archive_is_the_same_bytes_at_any_time_and_after_new_rules(
    quarter: Quarter, archives: tuple[bytes, bytes]
) -> None:
    from app.settlement.examples import PAY_TABLE_TAOJIANG

    body = PAY_TABLE_TAOJIANG.read_text("utf-8").replace("51700", "60000").replace("version = 1", "version = 2")
    publish_pay_table(body=body.replace("2022-01-01", "2026-02-01"))
    with clock.at(dt.datetime(2030, 1, 1, tzinfo=dt.UTC)):
        assert (archive(Q1), archive(Q2)) == archives
    assert verify(archives[0])[0] == []


def test_archives_of_before_stay_true_and_their_money_is_computed_alike(archives: tuple[bytes, bytes]) -> None:
    """Written before institutions were paid (ADR 42), of the same acts: the verifier proves them as they are, and facts, lines,
    ledger and payments of home care are the same bytes today. (Times of signing and seals are those of their day.)
    """
    for quarter, data in zip((Q1, Q2), archives, strict=True):
        old = (GOLDEN / f"archive-{quarter}.zip").read_bytes()
        assert verify(old)[0] == []
        before, now = unpack(old)[0], unpack(data)[0]
        for kind in ("inputs", "rates", "evaluations", "lines", "ledger", "payments"):
            name = f"settlements/{TOWNSHIP_A}/{kind}.jsonl"
            assert before[name] == now[name], name


def test_the_archive_holds_corrections_and_no_names(archives: tuple[bytes, bytes]) -> None:
    for data in archives:
        assert "老人".encode() not in data
        assert "护理".encode() not in b"".join(b for n, b in unpack(data)[0].items() if n.endswith(".jsonl"))
    files, _starts = unpack(archives[1])
    lines = [json.loads(x) for x in files[f"settlements/{TOWNSHIP_A}/lines.jsonl"].splitlines()]
    assert [(x["kind"], x["for_quarter"]) for x in lines if x["due_fen"] < 0] == [("correction", Q1)]


def test_every_flipped_byte_is_found(archives: tuple[bytes, bytes]) -> None:
    data = archives[0]
    step = max(1, len(data) // 150)
    for at in {*range(0, len(data), step), *range(len(data) - 60, len(data), 7)}:
        changed = bytearray(data)
        changed[at] ^= 1 << at % 8
        found, _words = verify(bytes(changed))
        assert found, f"byte {at}"
        assert ":" in found[0]


def _records(files: Files, kind: str) -> list[dict[str, object]]:
    return [json.loads(x) for x in files[f"settlements/{TOWNSHIP_A}/{kind}.jsonl"].splitlines()]


def _rewritten(files: Files, kind: str, records: list[dict[str, object]]) -> Files:
    return {
        **files,
        f"settlements/{TOWNSHIP_A}/{kind}.jsonl": "".join(f"{canonical(r)}\n" for r in records).encode(),
    }


def _resealed(files: Files) -> bytes:
    """Everything that is a mere hash made right again, as a careful forger would."""
    files = dict(files)
    kinds = _records(files, "settlement")
    kinds[0]["inputs_sha256"] = sha(files[f"settlements/{TOWNSHIP_A}/inputs.jsonl"])
    files = _rewritten(files, "settlement", kinds)
    files["records.txt"] = index(files)
    manifest = json.loads(files["manifest.json"])
    own = {n: b for n, b in files.items() if n.startswith("settlements/")}
    manifest["settlements"][0]["seal"] = seal_of(own)
    manifest["files"] = {
        n: {"bytes": len(b), "sha256": sha(b)} for n, b in files.items() if n not in ("manifest.json", "seal.txt")
    }
    files["manifest.json"] = f"{canonical(manifest)}\n".encode()
    files["seal.txt"] = f"{sha(files['manifest.json'])}\n".encode()
    return pack(files)


EDITS: list[tuple[str, str, Callable[[dict[str, object]], object]]] = [
    ("inputs", "ratio_bp", lambda r: 9999),
    ("inputs", "days", lambda r: ["2026-01-02", "2027-06-30"]),
    ("inputs", "hospital", lambda r: [["2026-01-01", "2026-01-20"]]),
    ("inputs", "grades", lambda r: [["2025-01-01", None, 2]]),
    ("evaluations", "score", lambda r: 9999),
    ("evaluations", "given", lambda r: {}),
    ("evaluations", "scored_by", lambda r: r["confirmed_by"]),
    ("lines", "pay_fen", lambda r: int(str(r["pay_fen"])) + 1),
    ("lines", "months", lambda r: []),
    ("lines", "caregiver", lambda r: 999),
    ("lines", "blocked", lambda r: "no_grade"),
    ("ledger", "fen", lambda r: int(str(r["fen"])) + 1),
    ("ledger", "posting", lambda r: "paid/999"),
    ("payments", "fen", lambda r: int(str(r["fen"])) - 1),
    ("payments", "state", lambda r: "failed"),
    ("payments", "caregiver", lambda r: 999),
    ("rates", "monthly_fen", lambda r: {"full_care": 1}),
    ("settlement", "pay_fen", lambda r: 0),
    ("settlement", "approved_by", lambda r: r["submitted_by"]),
    ("signatures", "actor_id", lambda r: 999),
    ("signatures", "actor_name", lambda r: "someone"),
]


def _edited_record_is_named(files: Files, kind: str, name: str, change: Callable[[dict[str, object]], object]) -> None:
    records = _records(files, kind)
    place = next(i for i, r in enumerate(records) if name in r and r.get("blocked") is None and r.get("veto") is None)
    records[place][name] = change(records[place])
    edited = _rewritten(files, kind, records)
    shown = f"settlements/{TOWNSHIP_A}/{kind}.jsonl:{place + 1} ("
    assert any(f.startswith(shown) for f in verify(pack(edited))[0]), "the record's own hash"
    found, _words = verify(_resealed(edited))
    assert found
    related = {
        "inputs": ("lines", "inputs"),
        "evaluations": ("evaluations", "inputs"),
        "lines": ("lines", "ledger"),
        "payments": ("payments", "ledger", "lines"),
    }
    assert any(any(f"/{k}.jsonl:" in f for k in (*related.get(kind, ()), kind)) for f in found), found


def test_what_is_edited_taken_out_or_added_is_named_even_when_every_hash_is_made_right(
    archives: tuple[bytes, bytes],
) -> None:
    files, _starts = unpack(archives[0])
    for edit in EDITS:
        _edited_record_is_named(files, *edit)
    for kind in ("inputs", "lines", "ledger", "payments", "evaluations", "signatures"):
        records = _records(files, kind)
        for some in (records[:-1], [*records, records[-1]]):
            found, _words = verify(_resealed(_rewritten(files, kind, some)))
            assert found, kind
    for name in files:
        assert verify(pack({n: b for n, b in files.items() if n != name}))[0], name
    assert verify(pack({**files, "more.txt": b"x"}))[0]
    assert _resealed(files) == archives[0], "the forger's tool changes nothing by itself"
    for name in [n for n in files if n.startswith("rules/")]:
        assert any(name in f for f in verify(_resealed({**files, name: files[name] + b"\n"}))[0])


def test_the_database_refuses_to_change_what_was_archived(archives: tuple[bytes, bytes]) -> None:
    for table in ("settlement_archive", "settlement_inputs"):
        with transaction() as tx:
            tx.act = "test.forge"
            with pytest.raises(DBAPIError, match="append-only"):
                db.session.execute(text(f"UPDATE {table} SET body = body"))


def test_the_commands_list_and_write_it(app: Flask, archives: tuple[bytes, bytes], tmp_path: Path) -> None:
    run = app.test_cli_runner()
    listed = run.invoke(args=["settlement", "list", "--state", "closed", "--quarters"])
    assert (listed.exit_code, listed.output.split()) == (0, [Q1, Q2])
    assert TOWNSHIP_A in run.invoke(args=["settlement", "list"]).output
    file = tmp_path / "a.zip"
    assert run.invoke(args=["settlement", "archive", Q1, str(file)]).exit_code == 0
    assert file.read_bytes() == archives[0]
    none = run.invoke(args=["settlement", "archive", "2031-Q1", str(file)])
    assert none.exit_code == 1
    assert run.invoke(args=["settlement", "list", "--state", "nonsense"]).exit_code == 1
