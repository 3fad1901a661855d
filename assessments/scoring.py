"""Score a sheet: the order of the steps. Every number comes from the instrument."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from assessments import trace
from assessments.changes import change_level, cross_checks
from assessments.items import NOT_MET, Entry, criterion_entry, merged, observed_entry, part_entry
from assessments.model import Band, CareGrades, Domain, Instrument, Item
from assessments.result import ItemReason, Result, Step
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


class Scorer:
    """Scores sheets of one instrument. Sentences are made once for each combination of answers and kept.

    What is kept is bounded: 125 combinations an item, 3,572 answer sets of forms B.2 to B.4, 256 level mixes.
    """

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.questions = questions_of(instrument)
        self._top = sum(item.max for item in instrument.items)
        self._items: tuple[tuple[Item, tuple[str, ...], dict[tuple[Any, ...], Entry]], ...] = tuple(
            (item, tuple(sub.id for sub in item.subitems) or (item.code,), {}) for item in instrument.items
        )
        self._domains: tuple[tuple[Domain, tuple[str, ...], dict[tuple[int, ...], tuple[int, Step]]], ...] = tuple(
            (domain, tuple(item.id for item in domain.items), {}) for domain in instrument.domains
        )
        self._mixes: dict[tuple[int, int, int, int], tuple[int, Step]] = {}
        self._totals: dict[int, tuple[Step, Band, Step, Band, Step]] = {}
        self._finals = {
            level: trace.ability_level(level, title) for level, title in instrument.combination.titles.items()
        }
        self._header = trace.header(instrument)
        self._feeds = _feeds(instrument)
        self._ability_steps: dict[tuple[str, Entry, bool], tuple[bool | None, Step]] = {}
        self._met_steps = {
            name: trace.ability(name, title, True, {"zh": "", "en": ""})
            for name, title in instrument.grades.abilities.items()
        }
        self._counts: dict[tuple[int, int], tuple[int | None, Step]] = {}

    def score(self, raw: Mapping[str, Any]) -> Result:
        """Check and score one sheet."""
        sheet = check_sheet(raw, self.instrument, self.questions)
        answers = sheet.answers
        steps: list[Step] = [self._header]
        if sheet.scope != "all":
            steps.append(trace.out_of_scope(len(answers) > len(self.questions.b1) or bool(sheet.facts)))
        entries = self._entries(sheet)
        scores: dict[str, int | None] = {}
        reasons: dict[str, ItemReason] = {}
        points: int | None = 0
        for (item, _, _), entry in zip(self._items, entries, strict=True):
            scores[item.id] = entry.reason.score
            reasons[item.id] = entry.reason
            if entry.step is not None:
                steps.append(entry.step)
            points = None if points is None or entry.reason.score is None else points + entry.reason.score
        if points is None:
            steps.append(trace.items_left_out([item for item, value in scores.items() if value is None]))
        adl, tier = self._total(points, steps)
        mental = sensory = social = preliminary = final = None
        changes: tuple[Any, ...] = ()
        checks: tuple[Step, ...] = ()
        if sheet.scope == "all":
            mental, sensory, social = (self._domain(index, sheet, steps) for index in range(3))
            preliminary = self._preliminary(adl, mental, sensory, social, steps)
            final, changes = change_level(self.instrument, sheet, preliminary, steps)
            steps.append(self._finals[final])
            checks = cross_checks(self.instrument, sheet)
            steps.extend(checks)
        abilities, unmet, statutory = self._abilities(entries, sheet, steps)
        steps.append(self._totals[points][4] if points is not None else trace.score_grade(None, None))
        score_grade = tier.value if tier else None
        proposed, agree = self.propose(statutory, score_grade)
        grades = self.instrument.grades
        steps.append(trace.proposal(proposed, agree, grades.when_tiers_differ, grades.titles))
        return Result(
            self.instrument.key,
            self.instrument.sha256,
            sheet.scope,
            sheet.coma,
            scores,
            reasons,
            points,
            adl,
            mental,
            sensory,
            social,
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

    def entry(self, index: int, given: tuple[Any, ...]) -> Entry:
        """Score and verdicts of one item for complete answers."""
        item, _, known = self._items[index]
        entry = known.get(given)
        if entry is None:
            entry = observed_entry(item, given) if item.subitems else criterion_entry(self.instrument, item, given[0])
            known[given] = entry
        return entry

    def _entries(self, sheet: Sheet) -> list[Entry]:
        answers = sheet.answers
        entries = []
        for index, (item, fields, known) in enumerate(self._items):
            given = tuple([answers.get(field) for field in fields])
            entry = known.get(given)
            if entry is None:
                # In coma alone an answer may be absent here; check_sheet refused it otherwise.
                entry = self.entry(index, given) if None not in given else part_entry(self.instrument, item, given)
            entries.append(entry)
        return entries

    def _total(self, points: int | None, steps: list[Step]) -> tuple[int | None, Band | None]:
        if points is None:
            return None, None
        known = self._totals.get(points)
        if known is None:
            level = find_band(self.instrument.adl_bands, points)
            tier = find_band(self.instrument.grades.score_tiers, points)
            if level is None or tier is None:
                raise ValueError(f"{self.instrument.key}: no level or no grade for {points} points; prove() lists it")
            known = self._totals[points] = (
                trace.total(points, self._top),
                level,
                trace.adl_level(self.instrument.adl_title, points, level),
                tier,
                trace.score_grade(points, tier),
            )
        steps += (known[0], known[2])
        return known[1].value, known[3]

    def _domain(self, index: int, sheet: Sheet, steps: list[Step]) -> int | None:
        domain, fields, known = self._domains[index]
        codes: tuple[Any, ...] = tuple([sheet.answers.get(field) for field in fields])
        if None in codes:
            level = self._coma_level(domain, sheet)
            steps.append(trace.domain_left_out(domain, level))
            return level
        found = known.get(codes)
        if found is None:
            found = known[codes] = self._complete_domain(domain, codes)
        steps.append(found[1])
        return found[0]

    def _complete_domain(self, domain: Domain, codes: tuple[int, ...]) -> tuple[int, Step]:
        deciding: list[str] = []
        if domain.method == "worst":
            level, deciding = worst_level(domain, codes)
        else:
            band = find_band(domain.bands, sum(codes))
            if band is None:
                raise ValueError(f"{domain.id} has no level for the sum {sum(codes)}; prove() lists it")
            level = band.value
        return level, trace.domain_level(domain, codes, level, deciding)

    def _coma_level(self, domain: Domain, sheet: Sheet) -> int | None:
        """The level coma alone fixes: a worst-of domain whose coma answer is already at the worst level."""
        if domain.method != "worst":
            return None
        worst = max(band.value for band in domain.bands)
        for item in domain.items:
            code = sheet.answers.get(item.id)
            if any(option.code == code and option.level == worst for option in item.options):
                return worst
        return None

    def _preliminary(
        self, adl: int | None, mental: int | None, sensory: int | None, social: int | None, steps: list[Step]
    ) -> int | None:
        if adl is None or mental is None or sensory is None or social is None:
            steps.append(trace.preliminary_unknown())
            return None
        mix = (adl, mental, sensory, social)
        known = self._mixes.get(mix)
        if known is None:
            rules = self.instrument.combination.matching(mix)
            if len({rule.level for rule in rules}) != 1:
                raise ValueError(f"{self.instrument.key} gives no single level for {mix}; prove() lists it")
            rule = rules[0]
            title = self.instrument.combination.titles[rule.level]
            known = self._mixes[mix] = (rule.level, trace.preliminary(mix, rule, title))
        steps.append(known[1])
        return known[0]

    def _abilities(
        self, entries: list[Entry], sheet: Sheet, steps: list[Step]
    ) -> tuple[dict[str, bool | None], int | None, int | None]:
        abilities: dict[str, bool | None] = {}
        for name, feeds in self._feeds.items():
            first = entries[feeds[0]]
            if len(feeds) == 1 and first.step is not None:
                known = self._ability_steps.get((name, first, sheet.coma))
                if known is None:
                    known = self._ability_steps[name, first, sheet.coma] = self._ability(name, [first], coma=sheet.coma)
                abilities[name], step = known
            else:
                abilities[name], step = self._ability(name, [entries[index] for index in feeds], coma=sheet.coma)
            steps.append(step)
        grades = self.instrument.grades
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

    def _ability(self, name: str, entries: list[Entry], *, coma: bool) -> tuple[bool | None, Step]:
        said = merged([verdict for entry in entries for verdict in entry.verdicts if verdict.ability == name])
        if said is None:
            return True, self._met_steps[name]
        met = False if said.state == NOT_MET else None
        why = {"zh": said.zh, "en": said.en}
        if met is None and coma and self.instrument.grades.coma_not_met:
            met, why = (
                False,
                {
                    "zh": "昏迷，未能观察确定，按不能自主完成认定",
                    "en": "coma, not settled by observation, counted as not met",
                },
            )
        return met, trace.ability(name, self.instrument.grades.abilities[name], met, why, said.fields)


def _feeds(instrument: Instrument) -> dict[str, tuple[int, ...]]:
    """For each ability, the places of the items that decide it."""
    return {
        name: tuple(
            index
            for index, item in enumerate(instrument.items)
            if any(sub.indicator == name and sub.met is not None for sub in item.subitems)
            or any(source.item == item.id for source in instrument.verdicts.get(name, ()))
        )
        for name in instrument.grades.abilities
    }
