"""Spot checks: nobody can choose who is drawn, anybody can draw again, and what was seen counts in the score."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from app.care import operations as care
from app.core import clock
from app.core.errors import Forbidden, Refused
from app.settlement import draw_spot_checks, operations, queries
from app.settlement.draw_spot_checks import draw, frame_text, problems, sha
from app.workforce.queries import lessons
from tests.settlement.conftest import Q1, Quarter

IN_Q1 = dt.datetime(2026, 2, 2, 2, tzinfo=dt.UTC)
SignIn = Callable[[str], FlaskClient]


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 3)), max_size=80), st.text("0123456789abcdef", min_size=4)
)
@settings(max_examples=150)
def test_a_tenth_of_every_township_and_institution_is_drawn(where: list[tuple[str, int]], seed: str) -> None:
    frame = [(n, *place) for n, place in enumerate(where, 1)]
    drawn = draw(frame, seed)
    for place in set(where):
        members = {c for c, *p in frame if tuple(p) == place}
        assert len(members & set(drawn)) == -(-len(members) // 10)
    assert draw(list(reversed(frame)), seed) == drawn, "the order of the list does not matter"
    assert len(set(drawn)) == len(drawn)


def test_a_quarters_spot_checks_are_committed_drawn_visited_and_drawn_again(
    app: Flask, quarter: Quarter, sign_in: SignIn, tmp_path: Path
) -> None:
    rows = [quarter.contract() for _ in range(12)]
    with pytest.raises(Refused):
        operations.commit_seed(quarter.officer, Q1)  # the quarter is over
    with pytest.raises(Forbidden):
        operations.commit_seed(quarter.township, Q1)
    with clock.at(IN_Q1):
        with pytest.raises(Refused):
            operations.draw_checks(quarter.officer, Q1)
        browser = sign_in("county_officer_a")
        page = browser.get("/spot-checks").get_data(as_text=True)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token is not None
        data = {"csrf_token": token[1], "quarter": Q1}
        assert browser.post("/spot-checks/commit", data=data, follow_redirects=True).status_code == 200
        row = queries.draw_of(Q1)
        assert row is not None
        text = browser.get("/spot-checks").get_data(as_text=True)
        assert row.commitment in text
        assert row.seed not in text, "the seed stays closed until the draw"
        assert browser.get(f"/spot-checks/draw.json?quarter={Q1}").status_code == 409
        with pytest.raises(Refused):
            operations.commit_seed(quarter.officer, Q1)
        assert "抽中2份" in browser.post("/spot-checks/draw", data=data, follow_redirects=True).get_data(as_text=True)
        with pytest.raises(Refused):
            operations.draw_checks(quarter.officer, Q1)
        row = queries.draw_of(Q1)
        assert row is not None
        assert set(row.drawn) < {r.id for r in rows}
        checks = queries.checks(quarter.township, row)
        assert [c.visit for c in checks] == [None, None]
        care.record_visit(
            quarter.township, checks[0].contract.resident_id, clock.today(), satisfaction=3, neighbour_view=4
        )
        assert sum(c.visit is not None for c in queries.checks(quarter.township, row)) == 1
        drawn = checks[1].contract
        seen = care.record_visit(quarter.township, drawn.resident_id, clock.today(), skin=False)
        found = lessons.proposal(quarter.officer, drawn.caregiver_id or 0, clock.today() + dt.timedelta(days=1)).weak
        whys = [cause for _item, _percent, why in found for cause in why if cause.page == "care.visit"]
        assert [dict(cause.values) for cause in whys] == [{"visit_id": seen.id}], "said once, as the spot check it was"
        assert Q1 in whys[0].why
        assert browser.get("/spot-checks").status_code == 200
    quarter.fill()
    records = quarter.evaluation(checks[0].contract).parts["records"]
    assert (records["satisfaction"], records["neighbour"]) == ([3, 1], [4, 1]), "what was seen counts in the score"
    file, script = tmp_path / "draw.json", tmp_path / "draw_spot_checks.py"
    done = app.test_cli_runner().invoke(args=["settlement", "draw", Q1, "--file", str(file)])
    assert done.exit_code == 0
    script.write_bytes(Path(draw_spot_checks.__file__).read_bytes())
    command = [sys.executable, "-I", script.name, file.name]
    assert subprocess.run(command, cwd=tmp_path, check=False, timeout=60).returncode == 0
    data = json.loads(file.read_text("utf-8"))
    for name, value in (("seed", "0"), ("drawn", data["drawn"][1:]), ("frame", data["frame"][1:]), ("commitment", "0")):
        assert problems({**data, name: value}), name
    file.write_text(json.dumps({**data, "seed": "0"}), "utf-8")
    assert subprocess.run(command, cwd=tmp_path, check=False, timeout=60, capture_output=True).returncode == 1
    assert sha(frame_text(data["frame"])) == data["frame_sha256"]
    assert app.test_cli_runner().invoke(args=["settlement", "draw", "2026-Q2"]).exit_code == 1
