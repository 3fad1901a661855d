"""Taking a table of residents in: every row is checked, all of them are stored or none."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core import audit, clock, identity, tables
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid
from app.core.names import normalise
from app.core.operation import operation
from app.people import labels
from app.people.models import Caregiver, ImportRun, Resident
from app.people.operations.columns import COLUMNS, EXAMPLE, NEEDED, Reader, headings
from app.people.operations.facts import Lookup, on_record, resident_facts
from app.people.operations.numbers import numbers
from app.people.operations.residents import add_resident
from app.places import queries as places
from app.places.models import Area, Level, Organisation, OrganisationKind

MAX_ROWS = 5_000
SHOWN_PROBLEMS = 200
"""Problems on the page; the file of errors holds more."""
KEPT_PROBLEMS = 10_000


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one cell: row number as the table program shows it, column in words, what is wrong."""

    row: int
    column: str
    message: str


@dataclass
class ImportReport:
    """What came of a table: rows read, everything wrong with them, how many residents were added."""

    file_name: str
    sha256: str = ""
    rows: int = 0
    imported: int = 0
    ignored_columns: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def bad_rows(self) -> int:
        """Rows with at least one problem."""
        return len({p.row for p in self.problems})

    @property
    def bad_rows_by_column(self) -> list[tuple[str, int]]:
        """In how many rows each column is wrong, most first."""
        rows: dict[str, set[int]] = {}
        for problem in self.problems:
            rows.setdefault(problem.column, set()).add(problem.row)
        return sorted(((column, len(found)) for column, found in rows.items()), key=lambda pair: -pair[1])


class ImportRefused(Invalid):
    """At least one row is wrong; nothing was stored. ``report`` names every one."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__(
            gettext(
                "Nothing was imported: %(bad)s of %(all)s rows need another look.", bad=report.bad_rows, all=report.rows
            ),
            field="file",
        )
        self.report = report


class Ahead(Lookup):
    """Areas, institutions and ID numbers asked for once for the whole table."""

    def __init__(self, actor: Actor, id_numbers: Sequence[str]) -> None:
        self.areas = {a.code: a for a in db.session.scalars(places.visible(actor).where(Area.level == Level.VILLAGE))}
        self.townships = places.area_names({code[:9] for code in self.areas})
        self.by_name: dict[str, list[str]] = {}
        for code, area in self.areas.items():
            for name in {area.name, self.townships.get(code[:9], "") + area.name}:
                self.by_name.setdefault(normalise(name), []).append(code)
        self.houses = {o.id: o for o in places.organisations(actor, OrganisationKind.INSTITUTION)}
        self.house_names = {normalise(o.name): o.id for o in self.houses.values()}
        hashed = {Resident.id_number.lookup(n): n for n in id_numbers}
        self.taken: set[str] = set()
        keys = list(hashed)
        for start in range(0, len(keys), 500):
            query = select(Resident.id_number_index).where(Resident.id_number_index.in_(keys[start : start + 500]))
            self.taken |= {hashed[k] for k in db.session.scalars(query) if k is not None}

    def area(self, actor: Actor, code: str) -> Area | None:
        """A visible village."""
        return self.areas.get(code)

    def organisation(self, actor: Actor, organisation_id: int, kind: OrganisationKind) -> Organisation | None:
        """A visible institution."""
        return self.houses.get(organisation_id)

    def id_taken(self, model: type[Resident] | type[Caregiver], number: str, own_id: int | None) -> bool:
        """Whether the county has a record with this ID number."""
        return number in self.taken

    def village(self, text: str) -> str:
        """A village by code, by name, or by township and name; anything else comes back as it is."""
        if text in self.areas:
            return text
        codes = self.by_name.get(normalise(text), [])
        return codes[0] if len(codes) == 1 else text

    def is_ambiguous(self, text: str) -> bool:
        """Whether several villages of the actor's area have this name."""
        return len(self.by_name.get(normalise(text), [])) > 1


def _columns(first: Sequence[str], head_row: int, report: ImportReport) -> dict[int, str]:
    known = headings()
    found: dict[int, str] = {}
    for index, cell in enumerate(first):
        text = normalise(cell).rstrip("*")
        name = known.get(text)
        if name is None:
            if text:
                report.ignored_columns.append(cell[:40])
        elif name in found.values():
            report.problems.append(
                Problem(head_row, str(labels.FIELDS[name]), gettext("This column stands there twice."))
            )
        else:
            found[index] = name
    derived = {"sex", "born_on"} if "id_number" in found.values() else set()
    for name in COLUMNS:
        if name in NEEDED - derived and name not in found.values():
            report.problems.append(Problem(head_row, str(labels.FIELDS[name]), gettext("This column is missing.")))
    return found


def _given(reader: Reader, columns: Mapping[int, str], cells: Sequence[str]) -> dict[str, Any]:
    given = {name: reader.value(name, cells[i] if i < len(cells) else None) for i, name in columns.items()}
    if given.get("id_number"):
        given["id_number"] = identity.normalise(str(given["id_number"]))
    return given


class _Seen:
    """People met earlier in the same table."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.people: dict[tuple[str, object, object], int] = {}

    def clash(self, row: int, given: Mapping[str, Any]) -> tuple[str, int] | None:
        """The column and the row of an earlier entry of the same person."""
        number = given.get("id_number")
        if number:
            earlier = self.ids.setdefault(number, row)
            return ("id_number", earlier) if earlier != row else None
        person = (normalise(str(given.get("name") or "")), str(given.get("born_on")), given.get("area_code"))
        earlier = self.people.setdefault(person, row)
        return ("name", earlier) if earlier != row else None


def examine(actor: Actor, file_name: str, stream: IO[bytes]) -> tuple[ImportReport, list[dict[str, Any]]]:
    """Read and check a table without storing anything: the report, and the checked facts when nothing is wrong.

    Raises ``Invalid`` for a file that is no readable table or is too large.
    """
    actor.require("people.import")
    data = stream.read(tables.MAX_BYTES + 1)
    report = ImportReport(file_name[:200], hashlib.sha256(data).hexdigest())
    listed = tables.read(file_name, data, max_rows=MAX_ROWS + 1)
    numbered = [(n, row) for n, row in enumerate(listed, 1) if any(row) and not tables.is_mark(row)]
    if not numbered:
        raise Invalid(gettext("The table is empty."), field="file")
    (head_row, heads), *numbered = numbered
    columns = _columns(heads, head_row, report)
    reader = Reader()
    report.rows = len(numbered)
    if not numbered:
        report.problems.append(Problem(head_row, "", gettext("The table has headings but no rows.")))
    if report.problems:
        return report, []
    rows = [(n, _given(reader, columns, cells)) for n, cells in numbered]
    ahead = Ahead(actor, [g["id_number"] for _, g in rows if g.get("id_number")])
    seen, facts = _Seen(), []
    for number, given in rows:
        _place(given, ahead)
        try:
            facts.append(resident_facts(actor, given, lookup=ahead))
        except Invalid as wrong:
            for name, message in wrong.errors.items():
                report.problems.append(
                    Problem(number, str(labels.FIELDS[name]), _reworded(name, given, message, ahead))
                )
        if given.get("name") == EXAMPLE:
            words = gettext("This is the example of the template. Delete the row.")
            report.problems.append(Problem(number, str(labels.FIELDS["name"]), words))
        clash = seen.clash(number, given)
        if clash is not None:
            words = gettext("The same person stands in row %(row)s already.", row=clash[1])
            report.problems.append(Problem(number, str(labels.FIELDS[clash[0]]), words))
    return report, [] if report.problems else facts


def _place(given: dict[str, Any], ahead: Ahead) -> None:
    given["area_code"] = ahead.village(str(given.get("area_code") or ""))
    house = str(given.get("institution_id") or "")
    given["institution_id"] = ahead.house_names.get(normalise(house), house) if house else ""


def _reworded(name: str, given: Mapping[str, Any], message: str, ahead: Ahead) -> str:
    if name == "area_code" and ahead.is_ambiguous(str(given["area_code"])):
        return gettext("Several villages have this name. Write township and village, or the 12-digit code.")
    if name == "area_code" and given["area_code"]:
        return gettext("“%(text)s” is no village of your area.", text=str(given["area_code"])[:40])
    if name == "institution_id" and given["institution_id"]:
        return gettext("“%(text)s” is no institution on record.", text=str(given["institution_id"])[:40])
    if name == "id_number" and "e+" in str(given.get("id_number", "")).casefold():
        return gettext("The table program rounded this number. Set the column to “Text” and type the number again.")
    return message


@operation("residents.import", permission="people.import")
def import_residents(actor: Actor, /, file_name: str, stream: IO[bytes]) -> ImportReport:
    """Add every resident of a table (xlsx or csv), all or none.

    Raises ``ImportRefused`` with the report of every wrong row, ``Invalid`` for a file that is no readable table.
    """
    report, facts = examine(actor, file_name, stream)
    if report.problems:
        raise ImportRefused(report)
    free = numbers(Resident, "R")
    for one in facts:
        add_resident(one, next(free))
    run = ImportRun(
        file_name=report.file_name,
        file_sha256=report.sha256,
        imported=len(facts),
        at=clock.now(),
        by=actor.user_id,
        detail={"ignored_columns": report.ignored_columns},
    )
    db.session.add(run)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Invalid(on_record(), field="file") from error
    report.imported = len(facts)
    audit.record("residents.import", "import_run", run.id, {"rows": len(facts), "file_sha256": report.sha256})
    return report
