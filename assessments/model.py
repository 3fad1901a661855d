"""What an instrument consists of, once read and checked. Everything is immutable and safe to share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Words = Mapping[str, str]
"""Bilingual wording: keys ``zh`` and ``en``."""

LEVEL_CODES = ("A0", "A1", "A2", "A3", "A4")
"""Observed assistance levels of a sub-item, best first."""


@dataclass(frozen=True)
class Note:
    """Where a part of an instrument comes from, for display beside it."""

    section: str
    status: str
    source: str
    text: Words


@dataclass(frozen=True)
class Option:
    """One choice on a form. ``level`` is the least domain level this option allows (method ``worst`` only)."""

    code: int
    label: Words
    level: int | None = None


@dataclass(frozen=True)
class Subitem:
    """One of the thirty observations.

    ``caps`` are points of the item score for A0..A4; ``indicator`` the national ability it feeds; ``met`` the worst
    level (0..4) at which that ability still counts as met, ``None`` when the observation is only advisory.
    """

    id: str
    title: Words
    observe: Words
    labels: Mapping[str, Words]
    caps: tuple[int, ...]
    indicator: str
    met: int | None


@dataclass(frozen=True)
class CountRule:
    """``at_least`` sub-items at level ``from_level`` (0..4) or worse give the item ``score`` points."""

    id: str
    title: Words
    at_least: int
    from_level: int
    score: int


@dataclass(frozen=True)
class Group:
    """A heading over some of the items, with a subtotal of its own (``top`` points at best)."""

    id: str
    title: Words
    top: int


@dataclass(frozen=True)
class Item:
    """One of the items whose scores are added up. ``options`` are its legal scores (points), best first.

    ``subitems`` and ``rules`` are empty when the instrument gives the criteria directly; then the answer to ``code``
    is the score itself. ``group`` is the heading it stands under, empty when there is none.
    """

    id: str
    code: str
    title: Words
    observe: Words
    max: int
    options: tuple[Option, ...]
    subitems: tuple[Subitem, ...] = ()
    rules: tuple[CountRule, ...] = ()
    group: str = ""


@dataclass(frozen=True)
class Band:
    """A closed range of whole values and what it stands for (a level from 0, best, or a care grade 1..3)."""

    value: int
    low: int
    high: int
    title: Words

    def __contains__(self, number: int) -> bool:
        return self.low <= number <= self.high


@dataclass(frozen=True)
class DomainItem:
    """One question of a domain."""

    id: str
    title: Words
    observe: Words
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Domain:
    """A part with a level of its own, such as one of forms B.2 to B.4.

    ``method`` is ``sum`` (bands over the sum) or ``worst`` (worst option level); ``better`` says whether a higher code
    is worse (``low``, as in MZ/T 039) or better (``high``).
    """

    id: str
    key: str
    title: Words
    method: Literal["sum", "worst"]
    better: Literal["low", "high"]
    bands: tuple[Band, ...]
    items: tuple[DomainItem, ...]

    def level_title(self, level: int) -> Words:
        """The name of a level of this domain."""
        return next(band.title for band in self.bands if band.value == level)


@dataclass(frozen=True)
class CountCondition:
    """How many of the domain levels lie in ``values`` must be one of ``counts``."""

    values: frozenset[int]
    counts: frozenset[int]


@dataclass(frozen=True)
class CombinationRule:
    """One rule of form C: it holds when the level of the items and of every domain is accepted and every count fits."""

    id: str
    level: int
    accepts: tuple[frozenset[int], ...]
    where: tuple[CountCondition, ...]
    wording: Words

    def holds(self, mix: tuple[int, ...]) -> bool:
        """Whether the rule holds for levels (items, then each domain)."""
        if not all(level in accepted for level, accepted in zip(mix, self.accepts, strict=True)):
            return False
        return all(sum(level in c.values for level in mix[1:]) in c.counts for c in self.where)


@dataclass(frozen=True)
class Combination:
    """Form C: the level of the items and those of the domains give the preliminary ability level.

    A matrix, or a total that is the level itself, is read into such rules too. ``form`` names the table and ``parts``
    what it combines, ``open`` says that it cannot. ``wording`` is the key of the raw wording these rules settle; the
    proof shows that they never contradict it.
    """

    titles: Mapping[int, Words]
    rules: tuple[CombinationRule, ...]
    form: Words
    parts: Words
    open: Words
    wording: str = ""

    def matching(self, mix: tuple[int, ...]) -> list[CombinationRule]:
        """All rules that hold for a mix of levels."""
        return [rule for rule in self.rules if rule.holds(mix)]


@dataclass(frozen=True)
class Fact:
    """A risk fact of form A with its codes."""

    id: str
    code: str
    title: Words
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Clause:
    """One clause of form C.3; which fields matter depends on ``kind``.

    ``code``: one of ``facts`` has a code of ``at_least``, raises by ``steps``. ``events``: so many of them, raises.
    ``answer``: this answer sets ``level`` and makes all others optional. ``fact``: so does the first of ``facts`` with
    the code ``equals``, but everything else must be answered. ``stop``: this level is raised no further.
    """

    id: str
    kind: Literal["code", "events", "answer", "fact", "stop"]
    title: Words
    facts: tuple[str, ...] = ()
    at_least: int = 0
    steps: int = 0
    answer: str = ""
    equals: int = 0
    level: int = 0


@dataclass(frozen=True)
class Changes:
    """Form C.3: how the preliminary level is changed. ``none`` says that nothing changes it."""

    raising: Literal["once", "per_cause"]
    counting: Literal["total", "per_kind"]
    clauses: tuple[Clause, ...]
    none: Words

    def of_kind(self, kind: str) -> tuple[Clause, ...]:
        """The clauses of one kind, in order."""
        return tuple(clause for clause in self.clauses if clause.kind == kind)


@dataclass(frozen=True)
class Check:
    """A cross-check between an answer and a fact; it warns and changes nothing."""

    id: str
    answer: str
    answer_codes: frozenset[int]
    fact: str
    fact_codes: frozenset[int]
    title: Words


@dataclass(frozen=True)
class CriterionVerdict:
    """What the score of one item says about an ability: met, not met, or (any other score) undetermined."""

    item: str
    met: frozenset[int]
    not_met: frozenset[int]


@dataclass(frozen=True)
class CareGrades:
    """The six abilities, the statutory table, the score tiers and which tier is pre-selected when they differ.

    ``score_tiers`` is empty for an instrument whose total says nothing about the grade; everything is, without key, for
    one that proposes no grade at all.
    """

    key: str
    sha256: str
    titles: Mapping[int, Words]
    categories: Mapping[int, Words]
    abilities: Mapping[str, Words]
    statutory: tuple[Band, ...]
    score_tiers: tuple[Band, ...]
    when_tiers_differ: Literal["statutory", "score"]
    coma_not_met: bool
    notes: tuple[Note, ...]


@dataclass(frozen=True, eq=False)
class Instrument:
    """An assessment instrument, exactly one version of it.

    ``sha256`` is the hash of the file's bytes; the files it builds on are pinned by hash inside it, so it fixes the
    whole set. ``kind`` is ``instrument`` (can score) or ``wording`` (can only be proved).
    """

    code: str
    version: str
    kind: Literal["instrument", "wording"]
    title: Words
    in_force_from: str
    source: str
    status: str
    sha256: str
    notes: tuple[Note, ...]
    observation: Words
    levels: Mapping[str, Words]
    groups: tuple[Group, ...]
    items: tuple[Item, ...]
    adl_title: Words
    adl_sum: Words
    adl_bands: tuple[Band, ...]
    domains: tuple[Domain, ...]
    facts: tuple[Fact, ...]
    combination: Combination
    changes: Changes
    checks: tuple[Check, ...]
    verdicts: Mapping[str, tuple[CriterionVerdict, ...]]
    grades: CareGrades

    @property
    def key(self) -> str:
        """Code and version in one word, such as ``selfcare30@1``."""
        return f"{self.code}@{self.version}"

    @property
    def scopes(self) -> tuple[str, ...]:
        """What a sheet may be asked for: everything, or the items of form B.1 alone where other forms follow."""
        alone = self.domains and self.items and self.items[0].code.startswith("B.1.")
        return ("all", "B.1") if alone else ("all",)

    @property
    def observed(self) -> bool:
        """Whether the items are given by observations (else by their criteria)."""
        return any(item.subitems for item in self.items)

    @cached_property
    def b1_fields(self) -> tuple[str, ...]:
        """Answer names of the items, in the order of the form."""
        if self.observed:
            return tuple(sub.id for item in self.items for sub in item.subitems)
        return tuple(item.code for item in self.items)

    @cached_property
    def domain_fields(self) -> tuple[str, ...]:
        """Answer names of the domains, in the order of the forms."""
        return tuple(item.id for domain in self.domains for item in domain.items)

    @property
    def fields(self) -> tuple[str, ...]:
        """All answer names, in the order of the forms."""
        return self.b1_fields + self.domain_fields

    @cached_property
    def coma(self) -> Clause | None:
        """The clause that sets the level directly from one answer, if the instrument has one."""
        return next(iter(self.changes.of_kind("answer")), None)

    @cached_property
    def level_sets(self) -> tuple[tuple[int, ...], ...]:
        """The levels of the items and of each domain, best first: what form C combines."""
        bands = (self.adl_bands, *(domain.bands for domain in self.domains))
        return tuple(tuple(sorted({band.value for band in own})) for own in bands)
