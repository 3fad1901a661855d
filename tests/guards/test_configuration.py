"""``docs/configuration.md`` names exactly the settings that the code reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "configuration.md").read_text("utf-8")
READERS = [ROOT / "dev.py", *(ROOT / "app").rglob("*.py"), ROOT / "tests" / "conftest.py"]
READERS += [*(ROOT / "tests" / "support").glob("*.py"), *(ROOT / "migrations").glob("*.py")]
USUAL = {"HOME", "XDG_CACHE_HOME", "UV_CACHE_DIR", "PATH"}
"""Settings of every program, named in one sentence of the page and not in its tables."""
ENVIRONMENT = {"env", "environ", "os.environ", "environment"}


def settings_read(source: str) -> Iterator[str]:
    """Names of environment settings that Python code asks for: ``os.environ.get("X")``, ``env["X"]``, ``_whole_number("X")``."""
    for node in ast.walk(ast.parse(source)):
        name: ast.expr | None = None
        if isinstance(node, ast.Call) and node.args:
            owner = ast.unparse(node.func)
            if owner in {"_whole_number", "os.getenv"} or owner in {
                f"{e}.{g}" for e in ENVIRONMENT for g in ("get", "pop")
            }:
                name = node.args[0]
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) in ENVIRONMENT:
            name = node.slice if isinstance(node.ctx, ast.Load) else None
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            yield name.value


def documented(page: str) -> list[str]:
    """First column of every row of the tables."""
    return re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE)


def test_the_page_names_exactly_what_the_code_reads() -> None:
    read = {name for path in READERS for name in settings_read(path.read_text("utf-8"))}
    rows = documented(PAGE)
    assert len(rows) == len(set(rows))
    assert read - USUAL == set(rows)


def test_settings_are_found_however_they_are_read() -> None:
    source = 'a = os.environ.get("A_A")\nb = env["B"]\nc = _whole_number("C", 1, env)\nenv["D"] = 1\nother["E"]\n'
    assert list(settings_read(source)) == ["A_A", "B", "C"]
    assert documented("| `A_A` | x |\n| b |\n`C`") == ["A_A"]
