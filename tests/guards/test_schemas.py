"""One county is one database, and one place decides which: no statement names a schema (architecture, ADR 37)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROUTING = ROOT / "app" / "core" / "db.py"
"""The only file that may know that schemas exist."""
READ = sorted(
    path for folder in ("app", "migrations", "benchmarks") for path in (ROOT / folder).rglob("*.py") if path != ROUTING
)
ROUTES = re.compile(
    r"search_path|set_config|schema_translate_map|create\s+schema|drop\s+schema|set\s+schema", re.IGNORECASE
)
NAMED = re.compile(
    r"(?<!distinct )\b(?:from|join|into|update|table|references|truncate|trigger|function|index|sequence|execute)\s+"
    r"(?:if\s+(?:not\s+)?exists\s+|only\s+)?\"?([a-z_][a-z_0-9]*)\"?\s*\.\s*\"?[a-z_]",
    re.IGNORECASE,
)
"""A name with a dot where a statement names what it is about."""
CATALOGUES = {"pg_catalog", "information_schema", "new", "old"}
OPTIONS = {"version_table_schema", "include_schemas", "schema_translate_map"}
ARGUMENTS = {*OPTIONS, "schema", "source_schema", "referent_schema"}
CONSTRUCTS = {
    "Table",
    "MetaData",
    "ForeignKey",
    "Sequence",
    "Enum",
    "Index",
    "reflect",
    "get_table_names",
    "has_table",
    "CreateSchema",
}
STATEMENT = re.compile(r"\b(select|insert|update|delete|create|alter|drop|truncate|lock|copy|with)\b", re.IGNORECASE)


def texts(tree: ast.AST) -> list[tuple[int, str]]:
    """Every text in the code that is no documentation, those with values in them too."""
    documentation = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [str(v.value) if isinstance(v, ast.Constant) else "x" for v in node.values]
            found.append((node.lineno, "".join(parts)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            found.append((node.lineno, node.value))
    return found


def named(source: str) -> list[str]:
    """What in a file names a schema, or routes past the routing."""
    tree, wrong = ast.parse(source), []
    for line, text in texts(tree):
        if ROUTES.search(text):
            wrong.append(f"{line}: routes: {text.strip()[:60]}")
        if STATEMENT.search(text):
            found = [name for name in NAMED.findall(text) if name.lower() not in CATALOGUES]
            wrong += [f"{line}: names {name}" for name in found]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            built = ast.unparse(node.func).split(".")[-1] in CONSTRUCTS or ast.unparse(node.func).startswith("op.")
            given = {k.arg for k in node.keywords if not (isinstance(k.value, ast.Constant) and k.value.value is None)}
            wrong += [
                f"{node.lineno}: passes {name}" for name in sorted(given & ARGUMENTS if built else given & OPTIONS)
            ]
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__table_args__":
            wrong += [f"{node.lineno}: passes schema" for _line, text in texts(node) if text == "schema"]
    return wrong


def test_there_is_code_to_read() -> None:
    assert len(READ) > 200


def test_no_statement_names_a_schema() -> None:
    wrong = {str(path.relative_to(ROOT)): found for path in READ if (found := named(path.read_text("utf-8")))}
    assert wrong == {}


def test_the_tables_are_of_no_schema() -> None:
    from app import features
    from app.core.db import db

    features.blueprints()
    assert len(db.metadata.tables) > 50
    assert {table.schema for table in db.metadata.tables.values()} == {None}


def test_waiting_for_a_lock_is_of_one_county() -> None:
    """An advisory lock is of the whole database: without the county in its key one county waits for another."""
    lock = re.compile(r"pg_(try_)?advisory_\w*lock")
    wrong = []
    for path in [*READ, ROUTING]:
        for line, text in texts(ast.parse(path.read_text("utf-8"))):
            if lock.search(text) and "current_schema()" not in text:
                wrong.append(f"{path.relative_to(ROOT)}:{line}")
        wrong += [str(path.relative_to(ROOT))] * len(re.findall(r"func\.pg_(?:try_)?advisory", path.read_text("utf-8")))
    assert wrong == []


@pytest.mark.parametrize(
    "source",
    [
        'x("SELECT * FROM county_640104.resident")',
        'x(f"INSERT INTO {county}.resident VALUES (1)")',
        'x(\'UPDATE "public"."resident" SET name = 1\')',
        'x("SELECT 1 FROM resident JOIN public.area a ON true")',
        'x("DELETE FROM only public . resident")',
        'x("CREATE TRIGGER t BEFORE UPDATE ON y EXECUTE FUNCTION public.refuse()")',
        'x("SET search_path = county_640104")',
        'Table("resident", metadata, schema="county_640104")',
        'op.create_table("x", schema="county_640104")',
        "metadata.reflect(connection, schema=county)",
        '__table_args__ = {"schema": "county_640104"}',
        "engine.execution_options(schema_translate_map={None: county})",
        'options = {"schema_translate_map": {None: county}}',
    ],
)
def test_a_schema_is_found_however_it_is_named(source: str) -> None:
    assert named(source)


@pytest.mark.parametrize(
    "source",
    [
        'x("SELECT r.name FROM resident r JOIN area ON area.code = r.area_code")',
        'x("WHERE NEW.name IS DISTINCT FROM OLD.name UPDATE x")',
        'x("SELECT 1 FROM pg_catalog.pg_class")',
        'op.drop_index("x", schema=None)',
        'say("the records come from instance.example, not from here")',
        '"""SELECT * FROM public.resident"""',
    ],
)
def test_what_names_none_is_left_alone(source: str) -> None:
    assert named(source) == []
