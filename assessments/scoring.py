"""Score a sheet: the order of the steps. Every number comes from the instrument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from assessments import trace
from assessments.changes import change_level, cross_checks
from assessments.glance import QuickCheck
from assessments.items import NOT_MET, Entry, Verdict, criterion_entry, merged, observed_entry, part_entry
from assessments.model import Band, CareGrades, Domain, Instrument, Item
from assessments.result import LevelChange, Result, Step
from assessments.sheet import Sheet, check_sheet, named_instrument, questions_of


def score(sheet: Mapping[str, Any], instrument: Instrument | None = None) -> Result:
    """Score one sheet (the ``in`` side of the JSON contract) and say why.

    The instrument is the one the sheet names, or the one given (a draft being previewed). Raises
    :class:`~assessments.errors.SheetError` naming every missing, unknown or wrongly typed field.
    """
    chosen = named_instrument(sheet) if instrument is None else instrument
    return scorer(chosen).score(sheet)


@lru_cache(maxsize=16)
def scorer(instrument: Instrument) -> Scorer:
    """The scorer of an instrument, made once."""
    return Scorer(instrument)


def find_band(bands: tuple[Band, ...], number: int) -> Band | None:
    """The band a number lies in."""
    for band in bands:
        if band.low <= number <= band.high:
            return band
    return None


def single_grade(grades: CareGrades, low: int, high: int) -> int | None:
    """The statutory grade that holds for every count of unmet abilities from ``low`` to ``high``, if there is one."""
    found = {band.value for unmet in range(low, high + 1) for band in grades.statutory if unmet in band}
    return found.pop() if len(found) == 1 else None


def worst_level(domain: Domain, codes: tuple[int, ...]) -> tuple[int, list[str]]:
    """The worst level the options of a domain allow, and the items that say so (none at level 0)."""
    levels = [
        next(option.level or 0 for option in item.options if option.code == code)
        for item, code in zip(domain.items, codes, strict=True)
    ]
    level = max(levels)
    return level, [item.id for item, own in zip(domain.items, levels, strict=True) if own == level and level]


def domain_level(domain: Domain, codes: tuple[int, ...]) -> tuple[int | None, list[str]]:
    """The level of a completely answered domain and the items that decide it; ``None`` when no band holds the sum."""
    if domain.method == "worst":
        return worst_level(domain, codes)
    band = find_band(domain.bands, sum(codes))
    return (None if band is None else band.value), []


KEPT = 8192
"""Sentences kept of one kind that many combinations of answers can form; when there are more, all are made anew."""


class _Total(NamedTuple):
    """What a total says: its sentence, its band, and the grade it gives where the score decides."""

    said: Step
    band: Band
    banded: Step
    tier: Band | None
    graded: Step


class Scorer:
    """Scores sheets of one instrument. Sentences are made once for each combination of answers and kept.

    What is kept is bounded: 216 combinations an item, the answer sets of each domain (3,125 at most in MZ/T 039), the
    mixes of form C, and ``KEPT`` of anything else.
    """

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.questions = questions_of(instrument)
        self._quick = QuickCheck(instrument, self.questions)
        self._ids = tuple(item.id for item in instrument.items)
        self._top = sum(item.max for item in instrument.items)
        ends = [0, *accumulate(len(item.subitems) or 1 for item in instrument.items)]
        self._items: tuple[tuple[Item, slice, dict[tuple[Any, ...], Entry]], ...] = tuple(
            (item, slice(start, end), {}) for item, (start, end) in zip(instrument.items, pairwise(ends), strict=True)
        )
        ends = list(accumulate((len(domain.items) for domain in instrument.domains), initial=ends[-1]))
        self._domains: tuple[tuple[Domain, slice, dict[tuple[Any, ...], tuple[int | None, Step]]], ...] = tuple(
            (domain, slice(start, end), {})
            for domain, (start, end) in zip(instrument.domains, pairwise(ends), strict=True)
        )
        self._fields = instrument.fields
        self._facts = tuple(fact.id for fact in instrument.facts)
        self._mixes: dict[tuple[int, ...], tuple[int, Step]] = {}
        self._totals: dict[int, _Total] = {}
        self._changed: dict[tuple[Any, ...], tuple[int, tuple[LevelChange, ...], tuple[Step, ...]]] = {}
        self._header = trace.header(instrument)
        self._feeds = _feeds(instrument)
        self._abilities_known: dict[tuple[Any, ...], tuple[bool | None, Step]] = {}
        self._verdicts: dict[Verdict, Verdict] = {}
        self._counts: dict[tuple[int, int], tuple[int | None, Step]] = {}
        self._proposals: dict[tuple[int | None, bool | None], Step] = {}

    def score(self, raw: Mapping[str, Any]) -> Result:
        """Check and score one sheet."""
        sheet = self._quick.sheet(raw) or check_sheet(raw, self.instrument, self.questions)
        answers, whole = sheet.answers, sheet.scope == "all"
        values = tuple(map(answers.get, self._fields))
        steps: list[Step] = [self._header]
        if not whole:
            steps.append(trace.out_of_scope(len(answers) > len(self.questions.b1) or bool(sheet.facts)))
        entries = [
            known.get(values[place]) or self.entry(index, values[place])
            for index, (_, place, known) in enumerate(self._items)
        ]
        steps += [entry.step for entry in entries if entry.step is not None]
        reasons = [entry.reason for entry in entries]
        scores = [reason.score for reason in reasons]
        points, groups, total = self._added_up(scores, steps)
        levels: dict[str, int | None] = {"adl": total.band.value if total else None}
        preliminary = final = None
        changes: tuple[LevelChange, ...] = ()
        checks: tuple[Step, ...] = ()
        if whole:
            for domain, place, known in self._domains:
                level, said = known.get(values[place]) or self._domain(domain, values[place], known)
                levels[domain.key] = level
                steps.append(said)
            preliminary = self._preliminary(tuple(levels.values()), steps)
            final, changes, said_of_changes = self._change(sheet, preliminary)
            steps += said_of_changes
            checks = cross_checks(self.instrument, sheet)
            steps += checks
        else:
            levels |= dict.fromkeys((domain.key for domain, _, _ in self._domains))
        abilities, unmet, statutory = self._abilities(entries, sheet, steps)
        score_grade = total.tier.value if total and total.tier else None
        proposed, agree = self.propose(statutory, score_grade)
        if self.instrument.grades.titles:
            steps += (total.graded if total else trace.score_grade(None, None), self._proposal(proposed, agree))
        return Result(
            self.instrument.key,
            self.instrument.sha256,
            sheet.scope,
            sheet.coma,
            dict(zip(self._ids, scores, strict=True)),
            dict(zip(self._ids, reasons, strict=True)),
            points,
            groups,
            levels,
            preliminary,
            final,
            changes,
            abilities,
            unmet,
            statutory,
            score_grade,
            proposed,
            agree,
            checks,
            tuple(steps),
        )

    def propose(self, statutory: int | None, score_grade: int | None) -> tuple[int | None, bool | None]:
        """The proposed grade and whether the tiers agree (``None`` when one of them is unknown)."""
        if statutory is None or score_grade is None:
            return (score_grade if statutory is None else statutory), None
        preferred = statutory if self.instrument.grades.when_tiers_differ == "statutory" else score_grade
        return preferred, statutory == score_grade

    def _proposal(self, proposed: int | None, agree: bool | None) -> Step:
        known = self._proposals.get((proposed, agree))
        if known is None:
            grades = self.instrument.grades
            known = trace.proposal(proposed, agree, grades.when_tiers_differ, grades.titles)
            self._proposals[proposed, agree] = known
        return known

    def entry(self, index: int, given: tuple[Any, ...]) -> Entry:
        """Score and verdicts of one item; without score where coma left an answer out."""
        item, _, known = self._items[index]
        entry = known.get(given)
        if entry is None:
            if None in given:  # in coma alone: check_sheet refused it otherwise
                entry = part_entry(self.instrument, item, given)
            elif item.subitems:
                entry = observed_entry(item, given)
            else:
                entry = criterion_entry(self.instrument, item, given[0])
            for name, verdict in entry.about.items():
                entry.about[name] = self._verdicts.setdefault(verdict, verdict)
            known[given] = entry
        return entry

    def _added_up(
        self, scores: list[int | None], steps: list[Step]
    ) -> tuple[int | None, dict[str, int | None], _Total | None]:
        """The total and the subtotals, and what the total says; nothing of it when an item has no score."""
        left_out = [item for item, score in zip(self._ids, scores, strict=True) if score is None]
        if left_out:
            steps.append(trace.items_left_out(left_out))
            return None, dict.fromkeys(group.id for group in self.instrument.groups), None
        whole = [score or 0 for score in scores]
        groups: dict[str, int | None] = {}
        if self.instrument.groups:
            for group in self.instrument.groups:
                own = zip(self.instrument.items, whole, strict=True)
                groups[group.id] = sum(score for item, score in own if item.group == group.id)
            steps.append(trace.subtotals(self.instrument.groups, groups))
        points = sum(whole)
        known = self._totals.get(points)
        if known is None:
            known = self._totals[points] = self._total(points)
        steps += (known.said, known.banded)
        return points, groups, known

    def _total(self, points: int) -> _Total:
        grades = self.instrument.grades
        band, tier = find_band(self.instrument.adl_bands, points), find_band(grades.score_tiers, points)
        if band is None or (tier is None and grades.score_tiers):
            raise ValueError(f"{self.instrument.key}: no level or no grade for {points} points; prove() lists it")
        return _Total(
            trace.total(self.instrument.adl_sum, points, self._top),
            band,
            trace.adl_level(self.instrument.adl_title, points, band),
            tier,
            trace.score_grade(points, tier) if grades.score_tiers else trace.no_score_tiers(),
        )

    def _domain(
        self, domain: Domain, codes: tuple[Any, ...], known: dict[tuple[Any, ...], tuple[int | None, Step]]
    ) -> tuple[int | None, Step]:
        if None in codes:
            level = self._coma_level(domain, codes)
            return level, trace.domain_left_out(domain, level)
        level, deciding = domain_level(domain, codes)
        if level is None:
            raise ValueError(f"{domain.id} has no level for the sum {sum(codes)}; prove() lists it")
        found = known[codes] = (level, trace.domain_level(domain, codes, level, deciding))
        return found

    def _coma_level(self, domain: Domain, codes: tuple[Any, ...]) -> int | None:
        """The level coma alone fixes: a worst-of domain whose coma answer is already at the worst level."""
        if domain.method != "worst":
            return None
        worst = max(band.value for band in domain.bands)
        for item, code in zip(domain.items, codes, strict=True):
            if any(option.code == code and option.level == worst for option in item.options):
                return worst
        return None

    def _preliminary(self, mix: tuple[int | None, ...], steps: list[Step]) -> int | None:
        known = self._mixes.get(mix)  # type: ignore[arg-type]  # a mix with a None in it is simply not there
        if known is None:
            combination = self.instrument.combination
            whole = tuple(level for level in mix if level is not None)
            if len(whole) != len(mix):
                steps.append(trace.preliminary_unknown(combination))
                return None
            rules = combination.matching(whole)
            if len({rule.level for rule in rules}) != 1:
                raise ValueError(f"{self.instrument.key} gives no single level for {mix}; prove() lists it")
            level = rules[0].level
            known = self._mixes[whole] = (level, trace.preliminary(combination, whole, rules[0]))
        steps.append(known[1])
        return known[0]

    def _change(self, sheet: Sheet, preliminary: int | None) -> tuple[int, tuple[LevelChange, ...], tuple[Step, ...]]:
        key = (preliminary, sheet.coma, *map(sheet.facts.get, self._facts))
        known = self._changed.get(key)
        if known is None:
            steps: list[Step] = []
            final, changes = change_level(self.instrument, sheet, preliminary, steps)
            steps.append(trace.ability_level(final, self.instrument.combination.titles[final]))
            if len(self._changed) >= KEPT:
                self._changed.clear()
            known = self._changed[key] = (final, changes, tuple(steps))
        return known

    def _abilities(
        self, entries: list[Entry], sheet: Sheet, steps: list[Step]
    ) -> tuple[dict[str, bool | None], int | None, int | None]:
        grades = self.instrument.grades
        if not grades.abilities:
            return {}, None, None
        abilities: dict[str, bool | None] = {}
        for name, feeds in self._feeds:
            # What counts is what the items say about this ability, not how they came to say it.
            about = [entries[index].about.get(name) for index in feeds]
            key = (name, sheet.coma, *map(id, about))  # equal verdicts are one object, see entry()
            known = self._abilities_known.get(key)
            if known is None:
                if len(self._abilities_known) >= KEPT:
                    self._abilities_known.clear()
                known = self._abilities_known[key] = self._ability(name, about, coma=sheet.coma)
            abilities[name] = known[0]
            steps.append(known[1])
        values = list(abilities.values())
        low = values.count(False)
        high = low + values.count(None)
        found = self._counts.get((low, high))
        if found is None:
            grade = single_grade(grades, low, high)
            if low == high and grade is None:
                raise ValueError(f"{grades.key} has no single grade for {low} abilities not met; prove() lists it")
            step = trace.statutory_open(low, high, grade, grades)
            if low == high and grade is not None:
                step = trace.statutory(low, grade, grades)
            found = self._counts[low, high] = (grade, step)
        steps.append(found[1])
        return abilities, low if low == high else None, found[0]

    def _ability(self, name: str, about: Sequence[Verdict | None], *, coma: bool) -> tuple[bool | None, Step]:
        title = self.instrument.grades.abilities[name]
        said = merged([verdict for verdict in about if verdict is not None])
        if said is None:
            return True, trace.ability(name, title, True, {"zh": "", "en": ""})
        met = False if said.state == NOT_MET else None
        why = {"zh": said.zh, "en": said.en}
        if met is None and coma and self.instrument.grades.coma_not_met:
            met = False
            why = {
                "zh": "昏迷，未能观察确定，按不能自主完成认定",
                "en": "coma, not settled by observation, counted as not met",
            }
        return met, trace.ability(name, title, met, why, said.fields)


def _feeds(instrument: Instrument) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Each ability with the places of the items that decide it."""
    return tuple(
        (
            name,
            tuple(
                index
                for index, item in enumerate(instrument.items)
                if any(sub.indicator == name and sub.met is not None for sub in item.subitems)
                or any(source.item == item.id for source in instrument.verdicts.get(name, ()))
            ),
        )
        for name in instrument.grades.abilities
    )
