"""Rules of the house that import-linter cannot say: R2, R4–R8 of the architecture, by reading the code."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
APP = sorted((ROOT / "app").rglob("*.py"))
PURE_CORE = ("money", "periods", "policies", "workdays", "identity")


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Imports and calls of a file; each file is read once for all rules."""
    kinds = (ast.Import, ast.ImportFrom, ast.Call)
    return tuple(node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, kinds))


def imported(path: Path) -> set[str]:
    """Every module a file names in an import."""
    names: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@cache
def calls(path: Path) -> set[str]:
    """Attribute calls as ``owner.name``."""
    found = set()
    for node in nodes(path):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found.add(f"{ast.unparse(node.func.value)}.{node.func.attr}")
    return found


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _part(path: Path, name: str) -> bool:
    return name in (path.stem, path.parent.name)


def test_there_is_code_to_read() -> None:
    assert len(APP) > 60


def test_r2_rules_know_no_framework() -> None:
    banned = ("flask", "sqlalchemy", "wtforms", "app.extensions", "app.core.db")
    wrong = []
    for path in APP:
        if _part(path, "rules") or (path.parent.name == "core" and path.stem in PURE_CORE):
            names = imported(path)
            wrong += [f"{relative(path)}: {n}" for n in names if n.split(".")[0] in banned or n in banned]
            wrong += [f"{relative(path)}: {n}" for n in names if n.endswith((".models", ".operations", ".queries"))]
    assert wrong == []


def test_r2_importing_rules_loads_no_flask() -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in APP
        if path.stem == "rules" or (path.parent.name == "core" and path.stem in PURE_CORE)
    ]
    code = "import sys\n" + "\n".join(f"import {m}" for m in modules) + "\nprint('flask' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_r4_operations_and_queries_know_no_http() -> None:
    wrong = []
    for path in APP:
        if any(_part(path, name) for name in ("operations", "queries", "models", "rules")) and "auth" not in path.parts:
            names = imported(path)
            for banned in ("flask.request", "flask.session", "flask.g", "app.core.access.current_actor"):
                if banned in names:
                    wrong.append(f"{relative(path)}: {banned}")
    assert wrong == []


def test_r5_views_and_forms_never_touch_the_session() -> None:
    wrong = [
        relative(path)
        for path in APP
        if (_part(path, "views") or _part(path, "forms")) and any(c.startswith("db.session") for c in calls(path))
    ]
    assert wrong == []


def test_r6_commit_and_rollback_stand_in_one_place() -> None:
    wrong = [
        f"{relative(path)}: {call}"
        for path in APP
        if relative(path) != "app/core/transaction.py"
        for call in calls(path)
        if call.endswith((".commit", ".rollback"))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        ("reportlab", ("documents", "pdf", "charts", "fonts")),
        ("apscheduler", ("scheduler",)),
    ],
)
def test_r7_libraries_stay_in_their_room(library: str, allowed: tuple[str, ...]) -> None:
    wrong = [
        relative(path)
        for path in APP
        if any(n.split(".")[0] == library for n in imported(path)) and not any(_part(path, a) for a in allowed)
    ]
    assert wrong == []


def test_r7_only_the_clock_reads_the_clock() -> None:
    readers = (".now", ".today", ".utcnow", "time.time")
    wrong = [
        f"{relative(path)}: {call}"
        for path in APP
        if relative(path) != "app/core/clock.py" and "build" not in path.parts
        for call in calls(path)
        if call.endswith(readers) and not call.startswith(("clock.", "func."))
    ]
    assert wrong == []


def test_r8_migrations_import_no_application_code() -> None:
    versions = sorted((ROOT / "migrations" / "versions").glob("*.py"))
    assert versions
    assert [relative(p) for p in versions if any(n.split(".")[0] in {"app", "assessments"} for n in imported(p))] == []


def test_assessments_use_the_standard_library_only() -> None:
    wrong = []
    for path in sorted((ROOT / "assessments").rglob("*.py")):
        for name in imported(path):
            top = name.split(".")[0]
            fine = top in sys.stdlib_module_names or top == "assessments" or (top == "numpy" and path.stem == "bulk")
            if not fine and top:
                wrong.append(f"{relative(path)}: {name}")
    assert wrong == []
