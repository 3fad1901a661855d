"""A share of a list, drawn so that anyone can draw it again."""

from __future__ import annotations

import math
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from assessments.draw import commitment, draw, fingerprint

LIST = [f"R{number:05d}" for number in range(237)]


def test_a_draw_depends_on_seed_and_list_alone() -> None:
    first = draw(LIST, "seed")
    assert first == draw(list(reversed(LIST)), "seed") == sorted(first)
    assert len(first) == math.ceil(len(LIST) / 10)
    assert first != draw(LIST, "another seed")
    assert set(draw(LIST, "seed", 20)) > set(first)
    assert fingerprint(LIST) == fingerprint(reversed(LIST)) != fingerprint(LIST[1:])
    for size in (1, 9, 10, 11):
        assert len(draw(LIST[:size], "s")) == math.ceil(size / 10)
    for wrong in (0, 101):
        with pytest.raises(ValueError, match="share"):
            draw(LIST, "seed", wrong)
    with pytest.raises(ValueError, match="twice"):
        draw(["a", "a"], "seed")


def test_every_entry_has_the_same_chance() -> None:
    times = Counter(entry for number in range(1_000) for entry in draw(LIST[:50], f"seed {number}"))
    assert len(times) == 50
    # 100 of 1,000 expected, standard deviation 9.5: six of them leave room for the luck of 50 entries
    assert all(43 < count < 157 for count in times.values())


def test_anyone_draws_again_with_one_command(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("\n".join(LIST) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "assessments", "draw", str(file), "--seed", "abc"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()
    assert found[:3] == [f"seed sha256 {commitment('abc')}", f"list sha256 {fingerprint(LIST)}", "24 of 237"]
    assert found[3:] == draw(LIST, "abc")
