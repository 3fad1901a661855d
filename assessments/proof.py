"""Prove that an instrument gives every possible sheet exactly one score, level and grade, or list where it does not.

Items do not influence each other's scores, so all 125 answers of each item are tried one by one and the results are
combined exactly; where the whole space is small (the sheets of legal item scores, forms B.2 to B.4, the 256 mixes of
form C) every member is tried as well. Nothing is assumed about the rules: the instrument's own data is evaluated.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise, product
from math import prod
from typing import Any, NamedTuple

from assessments.changes import final_level, raising_clauses
from assessments.items import MET, NOT_MET
from assessments.loader import load, split_key
from assessments.model import Band, Combination, Domain, Instrument, Item
from assessments.scoring import domain_level, find_band, scorer, single_grade
from assessments.space import Choice, choices, outcomes

Mix = tuple[int, ...]
ONE_BY_ONE = 1_000_000
"""So many sheets of item scores are tried one by one; of more, the totals are combined exactly."""


class Finding(NamedTuple):
    """One thing the proof found: where, in words, and the values behind it."""

    where: str
    zh: str
    en: str
    values: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """The finding as one flat JSON object."""
        return {"where": self.where, "zh": self.zh, "en": self.en, **self.values}


@dataclass
class Proof:
    """What was shown about an instrument.

    ``gaps``: no score or level; ``overlaps``: more than one; ``unreachable``: a score, level or grade no sheet gets;
    ``non_monotone``: a worse answer with a better result; ``contradictions``: a ruled mix that differs from clear
    wording. Any of these makes ``ok`` false. ``holes`` are values no band covers and no sheet reaches: harmless.
    ``counts`` says how much was tried and how the sheets spread.
    """

    instrument: str
    sha256: str
    gaps: list[Finding] = field(default_factory=list)
    overlaps: list[Finding] = field(default_factory=list)
    unreachable: list[Finding] = field(default_factory=list)
    non_monotone: list[Finding] = field(default_factory=list)
    contradictions: list[Finding] = field(default_factory=list)
    holes: list[Finding] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the instrument may be published."""
        return not (self.gaps or self.overlaps or self.unreachable or self.non_monotone or self.contradictions)

    def as_dict(self) -> dict[str, Any]:
        """The proof as a JSON-ready object."""
        lists = ("gaps", "overlaps", "unreachable", "non_monotone", "contradictions", "holes")
        found = {name: [finding.as_dict() for finding in getattr(self, name)] for name in lists}
        return {
            "instrument": self.instrument,
            "sha256": self.sha256,
            "ok": self.ok,
            "counts": dict(self.counts),
            **found,
        }


def prove(instrument: Instrument) -> Proof:
    """Examine an instrument completely; an instrument version may only be published when the proof is ``ok``."""
    proof = Proof(instrument.key, instrument.sha256)
    level_sets = instrument.level_sets if instrument.kind == "instrument" else (tuple(range(4)),) * 4
    _prove_combination(instrument.combination, tuple(product(*level_sets)), proof)
    if instrument.kind == "wording":
        return proof
    _prove_items(instrument, proof)
    for domain in instrument.domains:
        _prove_domain(domain, proof)
    if not proof.gaps and not proof.overlaps:
        _prove_changes(instrument, proof)
    _prove_outcomes(instrument, proof)
    _prove_sheets(instrument, proof)
    return proof


def _shown(mix: Mix) -> str:
    return "/".join(map(str, mix))


def _prove_combination(combination: Combination, mixes: tuple[Mix, ...], proof: Proof) -> None:
    levels: dict[Mix, int] = {}
    for mix in mixes:
        rules = combination.matching(mix)
        found = sorted({rule.level for rule in rules})
        if len(found) == 1:
            levels[mix] = found[0]
            continue
        values = {"mix": list(mix), "levels": found, "rules": [rule.id for rule in rules]}
        if not found:
            zh, en = f"组合 {_shown(mix)} 没有规则", f"no rule holds for the mix {_shown(mix)}"
            proof.gaps.append(Finding("combination", zh, en, values))
        else:
            names = ", ".join(map(str, found))
            zh, en = f"组合 {_shown(mix)} 同时得 {names} 级", f"the mix {_shown(mix)} gets the levels {names}"
            proof.overlaps.append(Finding("combination", zh, en, values))
    proof.counts["domain_mixes"] = len(mixes)
    proof.counts["mixes_with_one_level"] = len(levels)
    proof.counts["mixes_with_no_level"] = sum(f.where == "combination" for f in proof.gaps)
    proof.counts["mixes_with_several_levels"] = sum(f.where == "combination" for f in proof.overlaps)
    for level, number in sorted(Counter(levels.values()).items()):
        proof.counts[f"mixes_at_level_{level}"] = number
    _reachable("combination", set(combination.titles), set(levels.values()), proof)
    for mix, level in levels.items():
        for place in range(len(mix)):
            better = tuple(own - (place == index) for index, own in enumerate(mix))
            if levels.get(better, 0) > level:
                _not_monotone("combination", _shown(mix), "/".join(map(str, better)), proof)
    if combination.wording:
        _compare_wording(combination, mixes, levels, proof)


def _compare_wording(combination: Combination, mixes: tuple[Mix, ...], levels: dict[Mix, int], proof: Proof) -> None:
    written = load(*split_key(combination.wording)).combination
    agreeing = clear = 0
    for mix in mixes:
        found = {rule.level for rule in written.matching(mix)}
        if len(found) != 1:
            continue
        clear += 1
        if levels.get(mix) in found:
            agreeing += 1
        else:
            zh = f"组合 {_shown(mix)} 与原文不一致"
            en = f"the mix {_shown(mix)} differs from the clear wording of {combination.wording}"
            values = {"mix": list(mix), "level": levels.get(mix), "wording": found.pop()}
            proof.contradictions.append(Finding("combination", zh, en, values))
    proof.counts["mixes_clear_in_wording"] = clear
    proof.counts["mixes_agreeing_with_wording"] = agreeing


def _prove_items(instrument: Instrument, proof: Proof) -> None:
    chosen = scorer(instrument)
    tried = 0
    for index, item in enumerate(instrument.items):
        found = choices(chosen, index)
        tried += len(found)
        legal = {option.code for option in item.options}
        where = f"item.{item.id}"
        for choice in found:
            if choice.score not in legal:
                zh = f"{item.id} {item.title['zh']}：{choice.given} 得 {choice.score} 分，不是合法分值"
                en = f"{item.title['en']}: {choice.given} scores {choice.score}, which is not a legal score"
                proof.gaps.append(Finding(where, zh, en, {"answers": list(choice.given), "score": choice.score}))
        _reachable(where, legal, {choice.score for choice in found}, proof)
        _item_monotone(item, found, proof)
    proof.counts["item_answers"] = tried


def _item_monotone(item: Item, found: list[Choice], proof: Proof) -> None:
    by_rank = {choice.ranks: choice for choice in found}
    for choice in found:
        for place, rank in enumerate(choice.ranks):
            worse = by_rank.get((*choice.ranks[:place], rank + 1, *choice.ranks[place + 1 :]))
            if worse is None:
                continue
            improved = any(new < old for new, old in zip(worse.states, choice.states, strict=True))
            if worse.score > choice.score or improved:
                _not_monotone(f"item.{item.id}", str(worse.given), str(choice.given), proof)


def _prove_domain(domain: Domain, proof: Proof) -> None:
    best_first = domain.better == "low"
    codes = [sorted((option.code for option in item.options), reverse=not best_first) for item in domain.items]
    levels: dict[tuple[int, ...], int] = {}
    sums: set[int] = set()
    for ranks in product(*(range(len(own)) for own in codes)):
        answers = tuple(own[rank] for own, rank in zip(codes, ranks, strict=True))
        sums.add(sum(answers))
        level, _ = domain_level(domain, answers)
        if level is not None:
            levels[ranks] = level
    if domain.method == "sum":
        _prove_bands(domain.id, domain.bands, sums, proof, worse_up=best_first)
    else:
        _reachable(domain.id, {band.value for band in domain.bands}, set(levels.values()), proof)
    proof.counts[f"sheets_{domain.id}"] = len(levels)
    for ranks, level in levels.items():
        for place in range(len(ranks)):
            better = (*ranks[:place], ranks[place] - 1, *ranks[place + 1 :])
            if levels.get(better, 0) > level:
                _not_monotone(domain.id, _said(codes, ranks), _said(codes, better), proof)


def _said(codes: list[list[int]], ranks: tuple[int, ...]) -> str:
    return str(tuple(own[rank] for own, rank in zip(codes, ranks, strict=True)))


def _prove_bands(where: str, bands: tuple[Band, ...], reached: set[int], proof: Proof, *, worse_up: bool) -> None:
    """Exactly one band for each number a sheet reaches, every band used, values in the right order."""
    found: dict[int, int] = {}
    for number in sorted(reached):
        values = {band.value for band in bands if number in band}
        if len(values) == 1:
            found[number] = values.pop()
        elif values:
            zh, en = f"{where}：{number} 落在多个分档", f"{where}: {number} lies in more than one band"
            proof.overlaps.append(Finding(where, zh, en, {"number": number, "levels": sorted(values)}))
        else:
            zh, en = f"{where}：{number} 不在任何分档", f"{where}: {number} lies in no band"
            proof.gaps.append(Finding(where, zh, en, {"number": number, "levels": []}))
    _reachable(where, {band.value for band in bands}, set(found.values()), proof)
    ordered = [found[number] for number in sorted(found, reverse=not worse_up)]
    for better, worse in pairwise(ordered):
        if worse < better:
            _not_monotone(where, str(worse), str(better), proof)
    if reached:
        empty = [n for n in range(min(reached), max(reached) + 1) if not any(n in band for band in bands)]
        for low, high in _runs([n for n in empty if n not in reached]):
            zh = f"{where}：{low}–{high} 无分档，但没有评估表能得到"
            en = f"{where}: {low}–{high} lies in no band, and no sheet reaches it"
            proof.holes.append(Finding(where, zh, en, {"from": low, "to": high}))


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _prove_changes(instrument: Instrument, proof: Proof) -> None:
    names = [fact.id for fact in instrument.facts]
    codes = [[option.code for option in fact.options] for fact in instrument.facts]
    raised: dict[tuple[int, ...], tuple[str, ...]] = {}
    for facts in product(*codes):
        raised[facts] = tuple(c.id for c in raising_clauses(instrument, dict(zip(names, facts, strict=True))))
    proof.counts["fact_sheets"] = len(raised)
    for facts, clauses in raised.items():
        for place in range(len(facts)):
            better = (*facts[:place], facts[place] - 1, *facts[place + 1 :])
            if not set(raised.get(better, ())) <= set(clauses):
                _not_monotone("changes", str(facts), str(better), proof)
    clause_of = {clause.id: clause for clause in instrument.changes.clauses}
    levels = sorted(instrument.combination.titles)
    reached: set[int] = set()
    for ids in set(raised.values()):
        finals = [final_level(instrument, level, [clause_of[i] for i in ids]) for level in levels]
        reached |= set(finals)
        if finals != sorted(finals) or any(new < old for new, old in zip(finals, levels, strict=True)):
            _not_monotone("changes", str(ids), str(finals), proof)
        for final in set(finals) - set(levels):
            zh, en = f"等级变更得出不存在的 {final} 级", f"the changes lead to level {final}, which does not exist"
            proof.gaps.append(Finding("changes", zh, en, {"clauses": list(ids), "level": final}))
    for clause in (*instrument.changes.of_kind("answer"), *instrument.changes.of_kind("fact")):
        reached.add(clause.level)
        if clause.level < max(levels):
            _not_monotone("changes", clause.id, str(clause.level), proof)
    _reachable("ability_level", set(levels), reached, proof)


def _prove_outcomes(instrument: Instrument, proof: Proof) -> None:
    """All sheets at once: totals, abilities, both tiers and the proposal."""
    grades, chosen = instrument.grades, scorer(instrument)
    reached = outcomes(instrument)
    totals = {points for points, _ in reached}
    _prove_bands("adl", instrument.adl_bands, totals, proof, worse_up=False)
    proof.counts["sheets_B.1" if "B.1" in instrument.scopes else "sheets_items"] = sum(reached.values())
    if not grades.titles:
        return
    if grades.score_tiers:
        _prove_bands("score_tiers", grades.score_tiers, totals, proof, worse_up=False)
    counts = set(range(len(grades.abilities) + 1))
    _prove_bands("statutory", grades.statutory, counts, proof, worse_up=True)
    for place, name in enumerate(grades.abilities):
        _reachable(f"ability.{name}", {MET, NOT_MET}, {states[place] for _, states in reached}, proof)
    spread: Counter[str] = Counter()
    proposed: set[int] = set()
    for (points, states), sheets in reached.items():
        statutory = single_grade(grades, states.count(NOT_MET), len(states) - states.count(MET))
        tier = find_band(grades.score_tiers, points)
        grade, agree = chosen.propose(statutory, tier.value if tier else None)
        proposed |= {grade} if grade else set()
        spread["agree" if agree else "undetermined" if agree is None else "differ"] += sheets
    for name, sheets in sorted(spread.items()):
        proof.counts[f"sheets_tiers_{name}"] = sheets
    _reachable("proposed_grade", set(grades.titles), proposed, proof)


def _prove_sheets(instrument: Instrument, proof: Proof) -> None:
    """Every sheet of legal item scores: one total, one level, never a better level for a worse sheet.

    One by one where there are few enough. The level hangs on the total alone, so for more of them it is enough that the
    totals are counted exactly and that the bands of the totals are in order (which was shown before).
    """
    scores = [sorted((option.code for option in item.options), reverse=True) for item in instrument.items]
    # Outside the bands there is no level; those totals are listed as gaps already.
    bands = {points: find_band(instrument.adl_bands, points) for points in range(sum(map(max, scores)) + 1)}
    spread: Counter[int] = Counter()
    if prod(map(len, scores)) > ONE_BY_ONE:
        totals = Counter({0: 1})
        for own in scores:
            further: Counter[int] = Counter()
            for points, sheets in totals.items():
                for score in own:
                    further[points + score] += sheets
            totals = further
        for points, sheets in totals.items():
            spread[-1 if (band := bands[points]) is None else band.value] += sheets
    else:
        levels = [-1 if (band := bands[sum(sheet)]) is None else band.value for sheet in product(*scores)]
        spread = Counter(levels)
        _sheets_monotone(levels, [len(own) for own in scores], proof)
    proof.counts["score_sheets"] = spread.total()
    for level, sheets in sorted(spread.items()):
        proof.counts[f"score_sheets_at_level_{level}"] = sheets


def _sheets_monotone(levels: list[int], sizes: list[int], proof: Proof) -> None:
    """``levels`` of all sheets, best scores first and the last item running fastest."""
    broken, stride = 0, 1
    for size in reversed(sizes):
        for place, level in enumerate(levels):
            if (place // stride) % size and -1 < level < levels[place - stride]:
                broken += 1
        stride *= size
    if broken:
        _not_monotone("sheets", str(broken), "B.1", proof)


def _reachable(where: str, wanted: set[int], reached: set[int], proof: Proof) -> None:
    for number in sorted(wanted - reached):
        zh, en = f"{where}：没有评估表能得到 {number}", f"{where}: no sheet gets {number}"
        proof.unreachable.append(Finding(where, zh, en, {"number": number}))


def _not_monotone(where: str, worse: str, better: str, proof: Proof) -> None:
    zh = f"{where}：{worse} 比 {better} 差，结果却更好"
    en = f"{where}: {worse} is worse than {better} but has a better result"
    proof.non_monotone.append(Finding(where, zh, en, {"worse": worse, "better": better}))
