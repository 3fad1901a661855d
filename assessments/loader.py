"""Find, read and check instrument files. A file that is wrong is refused with the place named."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypedDict

from assessments.combining import MZT039, read_combination, titles_of
from assessments.errors import InstrumentError, UnknownInstrument
from assessments.forms import (
    NO_CHANGE,
    check_groups,
    read_adl,
    read_changes,
    read_checks,
    read_domains,
    read_facts,
    read_groups,
    read_items,
    read_levels,
    read_verdicts,
)
from assessments.model import Band, CareGrades, Changes, Combination, Domain, Instrument, Note, Words
from assessments.reading import STATUSES, Table, read_notes, unique

FOLDER = Path(__file__).parent / "instruments"
_CODE = re.compile(r"[a-z][a-z0-9]*")
_VERSION = re.compile(r"[0-9a-z]+(?:[.-][0-9a-z]+)*")
_NOTHING: Words = {"zh": "", "en": ""}
_NO_CHANGES = Changes("once", "total", (), NO_CHANGE)
_NO_GRADES = CareGrades("", "", {}, {}, {}, (), (), "statutory", False, ())


def split_key(key: str) -> tuple[str, str]:
    """Split ``selfcare30@1`` into code and version; :class:`UnknownInstrument` when it is not of that form."""
    code, at, version = key.partition("@")
    if not at or not _CODE.fullmatch(code) or not _VERSION.fullmatch(version) or len(key) > 80:
        raise UnknownInstrument("", f"{key[:80]!r} is not of the form code@version")
    return code, version


def keys(*kinds: str) -> list[str]:
    """Keys of the shipped files of these kinds (``instrument``, ``wording``, ``grades``), sorted."""
    return [key for key, kind in _shipped() if kind in kinds]


@lru_cache(maxsize=1)
def _shipped() -> tuple[tuple[str, str], ...]:
    paths = sorted(FOLDER.glob("*/*.toml"))
    return tuple((f"{p.parent.name}@{p.stem}", tomllib.loads(p.read_text("utf-8"))["kind"]) for p in paths)


def available() -> list[str]:
    """Keys of all instruments a sheet may name, such as ``selfcare30@1``."""
    return keys("instrument")


@lru_cache(maxsize=64)
def load(code: str, version: str) -> Instrument:
    """Read one shipped instrument, by exact code and version; the answer is shared and must not be changed.

    Raises :class:`UnknownInstrument` when there is none, :class:`InstrumentError` when its file is wrong.
    """
    instrument = parse(_bytes(f"{code}@{version}"))
    if (instrument.code, instrument.version) != (code, version):
        raise InstrumentError("code", f"the file of {code}@{version} says it is {instrument.key}")
    return instrument


def parse(data: bytes) -> Instrument:
    """Read an instrument from the bytes of a TOML file (a draft before it is published, for example)."""
    root, digest = _table(data)
    kind = root.text("kind", one_of=("instrument", "wording", "grades"))
    if kind == "grades":
        raise InstrumentError("kind", "this file holds care grades, not an instrument")
    if kind == "wording":
        return _wording(root, digest)
    return _instrument(root, digest)


@lru_cache(maxsize=16)
def load_grades(code: str, version: str) -> CareGrades:
    """Read one shipped file of abilities and care grades."""
    return parse_grades(_bytes(f"{code}@{version}"))


def parse_grades(data: bytes) -> CareGrades:
    """Read abilities and care grades from the bytes of a TOML file."""
    root, digest = _table(data)
    root.text("kind", one_of=("grades",))
    key = f"{root.text('code')}@{root.text('version')}"
    root.text("source")
    root.words("title")
    root.date("in_force_from")
    root.text("status", one_of=STATUSES)
    notes = read_notes(root)
    titles: dict[int, Words] = {}
    categories: dict[int, Words] = {}
    for grade in root.tables("grades"):
        number = grade.number("code")
        titles[number], categories[number] = grade.words("title"), grade.words("category")
    if sorted(titles) != [1, 2, 3]:
        raise InstrumentError("grades", "there must be exactly the grades 1, 2 and 3")
    abilities = {ability.text("id"): ability.words("title") for ability in root.tables("abilities")}
    proposal, coma = root.table("proposal"), root.table("coma")
    wanted = proposal.text("when_tiers_differ", one_of=("statutory", "score"))
    preferred: Literal["statutory", "score"] = "score" if wanted == "score" else "statutory"
    grades = CareGrades(
        key=key,
        sha256=digest,
        titles=titles,
        categories=categories,
        abilities=abilities,
        statutory=_grade_bands(root, "statutory", titles),
        score_tiers=_grade_bands(root, "score_tiers", titles),
        when_tiers_differ=preferred,
        coma_not_met=coma.text("unobserved_abilities", one_of=("not_met", "unknown")) == "not_met",
        notes=notes,
    )
    for table in (proposal, coma, root):
        table.close()
    return grades


def _grade_bands(root: Table, key: str, titles: dict[int, Words]) -> tuple[Band, ...]:
    bands = []
    for entry in root.tables(key):
        grade = entry.number("grade")
        if grade not in titles:
            raise InstrumentError(entry.path("grade"), f"{grade} is not a care grade")
        bands.append(Band(grade, entry.number("from"), entry.number("to"), titles[grade]))
    return tuple(bands)


def _bytes(key: str) -> bytes:
    code, version = split_key(key)
    try:
        return (FOLDER / code / f"{version}.toml").read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise UnknownInstrument("", f"there is no instrument {key}") from None


def _table(data: bytes) -> tuple[Table, str]:
    try:
        parsed = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InstrumentError("", f"not readable as TOML: {error}") from None
    return Table(parsed, ""), hashlib.sha256(data).hexdigest()


def _pinned(uses: Table, name: str) -> tuple[str, str, str]:
    """Code and version of a file this one builds on; refuse when its bytes are not those named here."""
    entry = uses.table(name)
    key, wanted = entry.text("instrument"), entry.text("sha256")
    entry.close()
    found = hashlib.sha256(_bytes(key)).hexdigest()
    if found != wanted:
        raise InstrumentError(entry.path("sha256"), f"{key} has the hash {found}, not the one named here")
    return *split_key(key), found


def _wording(root: Table, digest: str) -> Instrument:
    header = _header(root)
    combination = read_combination(root.table("combination"), MZT039, (tuple(range(4)),) * 4)
    root.close()
    return Instrument(
        **header,
        kind="wording",
        sha256=digest,
        observation=_NOTHING,
        levels={},
        groups=(),
        items=(),
        adl_title=_NOTHING,
        adl_sum=_NOTHING,
        adl_bands=(),
        domains=(),
        facts=(),
        combination=combination,
        changes=_NO_CHANGES,
        checks=(),
        verdicts={},
        grades=_NO_GRADES,
    )


def _instrument(root: Table, digest: str) -> Instrument:
    header = _header(root)
    grades, forms = _used(root)
    observation = root.words("observation") if "observation" in root else _NOTHING
    levels = read_levels(root.table("levels")) if "levels" in root else {}
    groups = read_groups(root)
    items = read_items(root, levels, forms, grades, groups)
    check_groups(groups, items)
    if forms is None:
        adl_title, adl_sum, adl_bands = read_adl(root.table("total" if "total" in root else "adl"), items)
        domains = read_domains(root)
        facts = read_facts(root)
        combination = _combination(root, adl_title, adl_bands, domains)
        changes = read_changes(root.table("changes"), facts, domains) if "changes" in root else _NO_CHANGES
        checks = read_checks(root, facts, domains)
    else:
        adl_title, adl_sum, adl_bands = forms.adl_title, forms.adl_sum, forms.adl_bands
        domains, facts = forms.domains, forms.facts
        combination, changes, checks = forms.combination, forms.changes, forms.checks
    told = not any(item.subitems for item in items) and bool(grades.abilities)
    verdicts = read_verdicts(root, items, grades) if told else {}
    root.close()
    instrument = Instrument(
        **header,
        kind="instrument",
        sha256=digest,
        observation=observation,
        levels=levels,
        groups=groups,
        items=items,
        adl_title=adl_title,
        adl_sum=adl_sum,
        adl_bands=adl_bands,
        domains=domains,
        facts=facts,
        combination=combination,
        changes=changes,
        checks=checks,
        verdicts=verdicts,
        grades=grades,
    )
    unique(list(instrument.fields), "items")
    return instrument


def _used(root: Table) -> tuple[CareGrades, Instrument | None]:
    """The grades and the forms an instrument builds on; no grades when it proposes none."""
    if "uses" not in root:
        return _NO_GRADES, None
    uses = root.table("uses")
    grades, forms = _NO_GRADES, None
    if "grades" in uses:
        grades = load_grades(*_pinned(uses, "grades")[:2])
        if uses.flag("without_score_tiers"):
            grades = replace(grades, score_tiers=())
    if "forms" in uses:
        forms = load(*_pinned(uses, "forms")[:2])
    uses.close()
    return grades, forms


def _combination(root: Table, adl_title: Words, bands: tuple[Band, ...], domains: tuple[Domain, ...]) -> Combination:
    level_sets = tuple(
        tuple(sorted({band.value for band in own})) for own in (bands, *(domain.bands for domain in domains))
    )
    keys = tuple(domain.key for domain in domains)
    return read_combination(root.table("combination"), keys, level_sets, titles_of(adl_title, domains))


class _Header(TypedDict):
    code: str
    version: str
    title: Words
    in_force_from: str
    source: str
    status: str
    notes: tuple[Note, ...]


def _header(root: Table) -> _Header:
    code, version = split_key(f"{root.text('code')}@{root.text('version')}")
    return {
        "code": code,
        "version": version,
        "title": root.words("title"),
        "in_force_from": root.date("in_force_from"),
        "source": root.text("source"),
        "status": root.text("status", one_of=STATUSES),
        "notes": read_notes(root),
    }
