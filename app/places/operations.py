"""Loading areas and keeping organisations."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flask_babel import gettext
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from app.core import audit, identity
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid
from app.core.names import search_key
from app.core.operation import operation
from app.places import queries
from app.places.entries import Entries, words
from app.places.models import Area, Level, Organisation, OrganisationKind

SHIPPED = Path(__file__).parent / "data" / "areas.csv"
"""Division codes shipped with the product (statistical divisions; nine counties)."""
COLUMNS = ("code", "name", "parent", "level")
MAX_AREAS = 100_000

ANYWHERE = frozenset({Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE})
LEVELS_OF_KIND: dict[OrganisationKind, frozenset[Level]] = {
    OrganisationKind.COUNTY_GOVERNMENT: frozenset({Level.COUNTY}),
    OrganisationKind.CIVIL_AFFAIRS: frozenset({Level.COUNTY}),
    OrganisationKind.TOWNSHIP_GOVERNMENT: frozenset({Level.TOWNSHIP}),
    OrganisationKind.VILLAGE_COMMITTEE: frozenset({Level.VILLAGE}),
    OrganisationKind.INSTITUTION: ANYWHERE,
    OrganisationKind.ASSESSMENT_AGENCY: ANYWHERE,
    OrganisationKind.VOLUNTEER_GROUP: ANYWHERE,
}
"""On which level of the area tree an organisation of each kind stands."""


def _row_problem(row: Mapping[str, str], known: set[str]) -> str | None:
    code, name, parent, level = (str(row.get(c) or "").strip() for c in COLUMNS)
    if level not in {x.value for x in Level}:
        return gettext("the level must be province, prefecture, county, township or village")
    if not (code.isascii() and code.isdigit()) or len(code) != queries.LENGTHS[Level(level)]:
        return gettext("the code must have %(n)s digits at this level", n=queries.LENGTHS[Level(level)])
    if not name or len(name) > 80 or not name.isprintable():
        return gettext("the name is missing, longer than 80 characters or holds control characters")
    if level == Level.PROVINCE:
        return gettext("a province has no parent") if parent else None
    shorter = [n for n in queries.LENGTHS.values() if n < len(code)][-1]
    if parent != code[:shorter]:
        return gettext("the parent must be the first %(n)s digits of the code", n=shorter)
    return None if parent in known else gettext("the parent is not in the file nor in the database")


@operation("areas.load", permission="places.write")
def load_areas(actor: Actor, rows: Iterable[Mapping[str, str]]) -> int:
    """Take division codes into the tree and return how many rows were read; a second run changes nothing.

    ``rows`` carry ``code``, ``name``, ``parent``, ``level``. Areas that are missing in ``rows`` stay. Raises
    ``Invalid`` naming the first twenty bad rows; nothing is stored then.
    """
    listed = sorted(enumerate(rows, 2), key=lambda numbered: len(str(numbered[1].get("code") or "")))
    if not listed or len(listed) > MAX_AREAS:
        raise Invalid(gettext("The file holds no areas, or more than %(n)s.", n=f"{MAX_AREAS:,}"))
    present = {a.code: a for a in db.session.scalars(select(Area))}
    known, new, problems, renamed = set(present), [], [], 0
    read: set[str] = set()
    for number, row in listed:
        problem = _row_problem(row, known)
        code, name = str(row.get("code") or "").strip(), str(row.get("name") or "").strip()
        if problem is None and code in read:
            problem = gettext("the code stands in the file twice")
        if problem is not None:
            problems.append(gettext("line %(n)s: %(problem)s", n=number, problem=problem))
            continue
        known.add(code)
        read.add(code)
        if code in present:
            area, key = present[code], search_key(name)
            renamed += (area.name, area.search) != (name, key)
            area.name, area.search, area.in_use = name, key, True
        else:
            new.append({
                "code": code,
                "name": name,
                "search": search_key(name),
                "parent_code": str(row.get("parent") or "").strip() or None,
                "level": Level(str(row["level"]).strip()),
                "in_use": True,
            })  # fmt: skip
    if problems:
        more = gettext(" … and %(n)s more", n=len(problems) - 20) if len(problems) > 20 else ""
        raise Invalid(gettext("No area was loaded. %(problems)s", problems="; ".join(problems[:20]) + more))
    if new:
        db.session.execute(insert(Area), new)
    digest = hashlib.sha256("\n".join(sorted(read)).encode()).hexdigest()
    audit.record(
        "areas.load", "area", "tree", {"read": len(read), "new": len(new), "renamed": renamed, "codes": digest}
    )
    return len(read)


def load_csv(actor: Actor, path: Path = SHIPPED) -> int:
    """Load a UTF-8 file with the columns code, name, parent, level; see ``load_areas``."""
    return load_areas(actor, read_csv(path))


def read_csv(path: Path = SHIPPED) -> list[dict[str, str]]:
    """The rows of a UTF-8 file with the columns code, name, parent, level. Raises ``Invalid`` in words."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if not set(COLUMNS) <= set(reader.fieldnames or ()):
                raise Invalid(gettext("The first line must name the columns code, name, parent, level."))
            return list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise Invalid(gettext("The file is not readable as UTF-8 text with commas.")) from error


def _facts(actor: Actor, given: Mapping[str, Any], own_id: int | None) -> dict[str, Any]:
    entries = Entries(given)
    kind = entries.choice("kind", OrganisationKind, needed=True)
    entries.text("name", 120, needed=True)
    entries.text("contact_name", 80)
    entries.text("address", 200)
    entries.phone("phone")
    entries.number("beds", 0, 10_000)
    entries.flag("active", True)
    area = db.session.scalar(queries.visible(actor).where(Area.code == str(given.get("area_code") or "")))
    if area is None:
        entries.fail("area_code", gettext("Please choose an area."))
    else:
        entries.facts["area_code"] = area.code
        if kind is not None and area.level not in LEVELS_OF_KIND[kind]:
            entries.fail("area_code", gettext("An organisation of this kind stands on another level of the area tree."))
    _credit_code(entries, own_id)
    return entries.done()


def _credit_code(entries: Entries, own_id: int | None) -> None:
    text = str(entries.given.get("credit_code") or "").strip()
    checked = identity.check_credit_code(text)
    entries.facts["credit_code"] = checked.number or None
    if not text:
        return
    if not checked.ok:
        entries.fail("credit_code", words(checked))
    elif db.session.scalar(
        select(Organisation.id).where(Organisation.credit_code == checked.number, Organisation.id != (own_id or 0))
    ):
        entries.fail("credit_code", _taken())


def _taken() -> str:
    return gettext("Another organisation carries this credit code.")


def _store(row: Organisation, facts: Mapping[str, Any]) -> Organisation:
    for name, value in facts.items():
        setattr(row, name, value)
    row.search = search_key(row.name)
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Invalid(_taken(), field="credit_code") from error
    return row


@operation("organisation.create", permission="places.write")
def create_organisation(actor: Actor, /, **fields: Any) -> Organisation:
    """Add an organisation: ``kind``, ``name``, ``area_code``, ``credit_code`` (GB 32100, checked), ``contact_name``,
    ``phone``, ``address``, ``beds``, ``active``. Raises ``Invalid`` naming every wrong field.
    """
    return _store(Organisation(), _facts(actor, fields, None))


@operation("organisation.update", permission="places.write")
def update_organisation(actor: Actor, /, organisation_id: int, **fields: Any) -> Organisation:
    """Change an organisation; fields that are not given stay. Raises ``Invalid`` and ``NotFound``."""
    row = queries.organisation(actor, organisation_id, lock=True)
    names = ("kind", "name", "area_code", "credit_code", "contact_name", "phone", "address", "beds", "active")
    facts = _facts(actor, {**{n: getattr(row, n) for n in names}, **fields}, row.id)
    audit.record("organisation.update", "organisation", row.id)
    return _store(row, facts)
