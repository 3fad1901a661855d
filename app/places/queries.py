"""Reading areas and organisations, each from what the actor may see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true

from app.core.actor import Actor
from app.core.db import db, one_row
from app.core.names import normalise
from app.places.models import Area, Level, Organisation, OrganisationKind

LENGTHS = {Level.PROVINCE: 2, Level.PREFECTURE: 4, Level.COUNTY: 6, Level.TOWNSHIP: 9, Level.VILLAGE: 12}
"""Digits of a division code per level."""
LAST = "9" * 12


def within(column: Any, code: str) -> ColumnElement[bool]:
    """Rows whose division code is ``code`` or below it; a range, not LIKE: an index serves it on both databases."""
    return true() if not code else and_(column >= code, column <= (code + LAST)[:24])


def wide(actor: Actor) -> bool:
    """Whether the actor's area is a county or more, so that nearly every row of a county's database lies in it."""
    return actor.system or (actor.area_code is not None and 0 < len(actor.area_code) <= LENGTHS[Level.COUNTY])


def in_area_of(actor: Actor, column: Any) -> ColumnElement[bool]:
    """Rows in the actor's area, for a list in the order of its numbers. For a wide area no index on the area is to serve it: SQLite
    would read all rows by it and sort them, 11 s for 500,000, where the newest fifty stand at the end of the table. PostgreSQL
    knows from its statistics that nearly all rows are in it, unless the column is hidden from them.
    """
    code = actor.area_code or ""
    hidden = wide(actor) and db.session.get_bind().dialect.name == "sqlite"
    return within(column.concat("") if hidden else column, code) if code else false()


def among(column: Any, visible: Select[Any], key: Any, actor: Actor) -> ColumnElement[bool]:
    """Rows whose ``column`` is the ``key`` of something ``visible``: for a wide area asked row by row, as the list goes from its
    newest end; else from the few that are visible.
    """
    if not wide(actor):
        return column.in_(visible.with_only_columns(key))
    return visible.with_only_columns(key).where(key == column).correlate(column.class_).exists()


def ancestors_of(code: str) -> list[str]:
    """Codes above ``code``, from the province down."""
    return [code[:n] for n in LENGTHS.values() if n < len(code)]


def visible(actor: Actor) -> Select[Area]:
    """Areas of the actor's subtree; the installation itself sees all, an account without an area none."""
    query = select(Area)
    if actor.system:
        return query
    return query.where(within(Area.code, actor.area_code)) if actor.area_code else query.where(false())


def area(actor: Actor, code: str) -> Area:
    """One area the actor may open. Raises ``NotFound``."""
    return one_row(visible(actor).where(Area.code == code))


def area_name(code: str | None) -> str:
    """The name of one area; empty for None or an unknown code."""
    found = db.session.get(Area, code) if code else None
    return found.name if found else ""


def area_names(codes: Iterable[str]) -> dict[str, str]:
    """Names of many areas in one query."""
    wanted = {c for c in codes if c}
    if not wanted:
        return {}
    return {row.code: row.name for row in db.session.execute(select(Area.code, Area.name).where(Area.code.in_(wanted)))}


def area_path(code: str, *, top: Level = Level.COUNTY) -> list[Area]:
    """The area with everything above it down from ``top``."""
    codes = [c for c in [*ancestors_of(code), code] if len(c) >= LENGTHS[top]]
    return list(db.session.scalars(select(Area).where(Area.code.in_(codes)).order_by(func.length(Area.code))))


def areas_under(code: str, level: Level | str) -> list[Area]:
    """Areas of one level at or below ``code`` ('' = everywhere), in the order of their codes."""
    query = select(Area).where(within(Area.code, code), Area.level == Level(level), Area.in_use)
    return list(db.session.scalars(query.order_by(Area.code)))


def children(actor: Actor, code: str) -> list[Area]:
    """The areas directly below one, in the order of their codes."""
    return list(db.session.scalars(visible(actor).where(Area.parent_code == code).order_by(Area.code)))


def tops(actor: Actor) -> list[Area]:
    """Where the actor's tree begins: the own area, or every county for the installation itself."""
    if actor.system:
        return areas_under("", Level.COUNTY)
    found = db.session.get(Area, actor.area_code) if actor.area_code else None
    return [found] if found else []


def matching(column: Any, text: str) -> ColumnElement[bool]:
    """A search column (``name|pinyin|initials``) against what somebody typed: Chinese anywhere in the name, Latin
    letters as the beginning of pinyin, initials or name (anywhere from four letters on).
    """
    plain = normalise(text)
    if not plain.isascii() or len(plain) >= 4:
        return column.contains(plain, autoescape=True)
    return or_(column.contains("|" + plain, autoescape=True), column.startswith(plain, autoescape=True))


def areas_named(text: str) -> list[str]:
    """Codes of townships and villages whose name (or full pinyin) holds ``text``; too short a text names none."""
    plain = normalise(text)
    if len(plain) < (4 if plain.isascii() else 2) or plain.isdigit():
        return []
    query = select(Area.code).where(
        Area.search.contains(plain, autoescape=True), Area.level.in_([Level.TOWNSHIP, Level.VILLAGE])
    )
    return list(db.session.scalars(query.order_by(func.length(Area.code), Area.code).limit(200)))


def in_any(column: Any, codes: list[str]) -> ColumnElement[bool]:
    """Rows at or below any of the townships and villages ``codes``."""
    villages = [c for c in codes if len(c) == LENGTHS[Level.VILLAGE]]
    upper = [within(column, c) for c in codes if len(c) < LENGTHS[Level.VILLAGE]]
    return or_(column.in_(villages), *upper) if villages or upper else false()


def visible_organisations(actor: Actor) -> Select[Organisation]:
    """Organisations of the actor's subtree, those of the levels above it (the county's bureau is everybody's), and the
    actor's own.
    """
    query = select(Organisation)
    if actor.system:
        return query
    if not actor.area_code:
        return query.where(Organisation.id == (actor.organisation_id or 0))
    return query.where(
        or_(
            within(Organisation.area_code, actor.area_code),
            Organisation.area_code.in_(ancestors_of(actor.area_code)),
            Organisation.id == (actor.organisation_id or 0),
        )
    )


def organisations(actor: Actor, kind: OrganisationKind | str | None = None) -> list[Organisation]:
    """Organisations in use that the actor may see, by kind and name."""
    query = visible_organisations(actor).where(Organisation.active)
    if kind is not None:
        query = query.where(Organisation.kind == OrganisationKind(kind))
    return list(db.session.scalars(query.order_by(Organisation.area_code, Organisation.name, Organisation.id)))


def organisation(actor: Actor, organisation_id: int, *, lock: bool = False) -> Organisation:
    """One visible organisation. Raises ``NotFound``."""
    query = visible_organisations(actor).where(Organisation.id == organisation_id)
    return one_row(query, lock=lock)


def found_organisations(
    actor: Actor, *, q: str = "", kind: OrganisationKind | None = None, area_code: str = "", active: bool | None = None
) -> Select[Organisation]:
    """The list of organisations narrowed by name or pinyin, kind, area and use."""
    query = visible_organisations(actor)
    if q:
        query = query.where(or_(matching(Organisation.search, q), Organisation.credit_code == normalise(q).upper()))
    if kind is not None:
        query = query.where(Organisation.kind == kind)
    if area_code:
        query = query.where(within(Organisation.area_code, area_code))
    if active is not None:
        query = query.where(Organisation.active.is_(active))
    return query


def area_choices(actor: Actor, levels: Iterable[Level]) -> dict[str, list[tuple[str, str]]]:
    """Areas to choose from, grouped under their township (or county); empty groups are left out."""
    wanted = set(levels)
    top = actor.area_code or ""
    above = {a.code: a for a in area_path(top)} if top else {}
    rows = db.session.scalars(visible(actor).where(Area.in_use).order_by(Area.code)).all()
    names = {**{code: a.name for code, a in above.items()}, **{a.code: a.name for a in rows}}
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        if row.level in wanted:
            head = row.code[:9] if row.level is Level.VILLAGE else row.code[:6]
            groups.setdefault(names.get(head, head), []).append((row.code, row.name))
    return groups


def organisation_counts(actor: Actor, codes: list[str]) -> dict[str, int]:
    """Organisations in use at or below each of ``codes`` (all of one level), in one query."""
    if not codes:
        return {}
    prefix = func.substr(Organisation.area_code, 1, len(codes[0])).label("code")
    query = (
        visible_organisations(actor)
        .where(Organisation.active, prefix.in_(codes))
        .with_only_columns(prefix, func.count().label("number"))
        .group_by(prefix)
    )
    return {row.code: row.number for row in db.session.execute(query)}


def found_areas(actor: Actor, text: str, limit: int = 50) -> list[Area]:
    """Visible areas by name, pinyin or code."""
    plain = normalise(text)
    query = visible(actor).where(or_(matching(Area.search, text), Area.code.startswith(plain, autoescape=True)))
    return list(db.session.scalars(query.order_by(func.length(Area.code), Area.code).limit(limit)))
