"""Why not another grade: the smallest changes of a sheet that would move the proposed care grade, exactly.

A change set is smaller when it touches fewer answers; among those, when it moves fewer levels in all. All sets are
weighed item by item (only the outcome of an item matters to the others), so nothing is sampled or estimated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from assessments.items import MET, NOT_MET, UNDETERMINED
from assessments.model import Instrument, Words
from assessments.scoring import Scorer, find_band, scorer, single_grade
from assessments.sheet import check_sheet, named_instrument
from assessments.space import Choice, Outcome, choices, worse

Cost = tuple[int, int]
"""How many answers change, and how many levels they move in all."""


class Change(NamedTuple):
    """One answer that would be different."""

    field: str
    title: Words
    before: str | int
    after: str | int


class ChangeSet(NamedTuple):
    """Answers that, changed together, lead to ``grade``."""

    grade: int
    changes: tuple[Change, ...]

    def as_dict(self) -> dict[str, Any]:
        """The set as a JSON object."""
        changes = [{"field": c.field, "from": c.before, "to": c.after, **c.title} for c in self.changes]
        return {"grade": self.grade, "changes": changes}


class Move(NamedTuple):
    """The nearest way to another grade: ``size`` answers, ``steps`` levels in all, ``ways`` such sets.

    ``sets`` lists them in the order of the form, at most as many as were asked for.
    """

    size: int
    steps: int
    ways: int
    sets: tuple[ChangeSet, ...]

    def as_dict(self) -> dict[str, Any]:
        """The move as a JSON object."""
        return {"size": self.size, "steps": self.steps, "ways": self.ways, "sets": [s.as_dict() for s in self.sets]}


@dataclass(frozen=True)
class Explanation:
    """The proposed grade and the nearest moves to a grade with less care and with more care.

    A move is ``None`` when no change of the answers of form B.1 leads there, and both are when coma left form B.1
    unanswered. ``lines`` say it in words.
    """

    grade: int | None
    less_care: Move | None
    more_care: Move | None
    lines: tuple[Words, ...]

    def as_dict(self) -> dict[str, Any]:
        """The explanation as a JSON-ready object."""
        return {
            "grade": self.grade,
            "less_care": self.less_care.as_dict() if self.less_care else None,
            "more_care": self.more_care.as_dict() if self.more_care else None,
            "lines": [dict(line) for line in self.lines],
        }


class _Option(NamedTuple):
    """One outcome of an item: the least cost of getting there, and every choice at that cost."""

    cost: Cost
    choices: tuple[Choice, ...]


class _Reach(NamedTuple):
    """The least cost of reaching an outcome, in how many ways, and from which outcomes by which option."""

    cost: Cost
    ways: int
    came: list[tuple[Outcome, _Option]]


_Layer = dict[Outcome, _Reach]


def explain(sheet: Mapping[str, Any], *, instrument: Instrument | None = None, limit: int = 20) -> Explanation:
    """The smallest sets of changed answers of form B.1 that would move the proposed grade, at most ``limit`` of each.

    Raises :class:`~assessments.errors.SheetError` like scoring does.
    """
    chosen = scorer(named_instrument(sheet) if instrument is None else instrument)
    checked = check_sheet(sheet, chosen.instrument, chosen.questions)
    grade = chosen.score(sheet).proposed_grade
    if any(checked.answers.get(question.field) is None for question in chosen.questions.b1):
        zh, en = "表 B.1 未评全，不作比较", "form B.1 is not complete: nothing to compare"
        return Explanation(grade, None, None, ({"zh": zh, "en": en},))
    if grade is None:
        zh, en = "没有建议档次，不作比较", "no grade is proposed: nothing to compare"
        return Explanation(grade, None, None, ({"zh": zh, "en": en},))
    search = _Search(chosen, checked.answers, coma=checked.coma)
    less = search.nearest([other for other in chosen.instrument.grades.titles if other < grade], limit)
    more = search.nearest([other for other in chosen.instrument.grades.titles if other > grade], limit)
    return Explanation(grade, less, more, (_line(less, "less", chosen, grade), _line(more, "more", chosen, grade)))


class _Search:
    """All outcomes of form B.1 with the least cost of reaching each from one sheet."""

    def __init__(self, chosen: Scorer, answers: Mapping[str, Any], *, coma: bool) -> None:
        self._chosen = chosen
        self._coma = coma
        self._answers = answers
        self._fields = [
            tuple(sub.id for sub in item.subitems) or (item.code,) for item in chosen.instrument.items
        ]  # fmt: skip
        self._options = [self._item_options(index) for index in range(len(self._fields))]
        start: Outcome = (0, (MET,) * len(chosen.instrument.grades.abilities))
        self._layers: list[_Layer] = [{start: _Reach((0, 0), 1, [])}]
        for options in self._options:
            self._layers.append(_next_layer(self._layers[-1], options))

    def _item_options(self, index: int) -> dict[Outcome, _Option]:
        given = tuple(self._answers[field] for field in self._fields[index])
        every = choices(self._chosen, index)
        if not self._chosen.instrument.grades.score_tiers:
            # Points that lead to no grade need no outcome of their own.
            every = [choice._replace(score=0) for choice in every]
        now = next(choice.ranks for choice in every if choice.given == given)
        options: dict[Outcome, _Option] = {}
        for choice in every:
            moved = [abs(new - old) for new, old in zip(choice.ranks, now, strict=True)]
            cost = (sum(step > 0 for step in moved), sum(moved))
            known = options.get((choice.score, choice.states))
            if known is None or cost < known.cost:
                options[choice.score, choice.states] = _Option(cost, (choice,))
            elif cost == known.cost:
                options[choice.score, choice.states] = _Option(cost, (*known.choices, choice))
        return options

    def _grade(self, outcome: Outcome) -> int | None:
        points, states = outcome
        grades = self._chosen.instrument.grades
        open_as = NOT_MET if self._coma and grades.coma_not_met else UNDETERMINED
        seen = [open_as if state == UNDETERMINED else state for state in states]
        statutory = single_grade(grades, seen.count(NOT_MET), len(seen) - seen.count(MET))
        tier = find_band(grades.score_tiers, points)
        return self._chosen.propose(statutory, tier.value if tier else None)[0]

    def nearest(self, wanted: list[int], limit: int) -> Move | None:
        """The cheapest way to one of the wanted grades."""
        ends: list[tuple[Outcome, int]] = []
        best: Cost | None = None
        for outcome, (cost, _, _) in self._layers[-1].items():
            if best is not None and cost > best:
                continue
            grade = self._grade(outcome)
            if grade not in wanted or grade is None:
                continue
            if best is None or cost < best:
                best, ends = cost, []
            ends.append((outcome, grade))
        if best is None:
            return None
        ways = sum(self._layers[-1][outcome].ways for outcome, _ in ends)
        found = [
            ChangeSet(grade, self._changes(path))
            for outcome, grade in ends
            for _, path in zip(range(limit), self._paths(len(self._options), outcome), strict=False)
        ]
        found.sort(key=lambda one: [self._place(change) for change in one.changes])
        return Move(best[0], best[1], ways, tuple(found[:limit]))

    def _place(self, change: Change) -> tuple[list[int], str]:
        return [int(part) for part in change.field.split(".") if part.isdecimal()], str(change.after)

    def _paths(self, depth: int, outcome: Outcome) -> Iterator[tuple[Choice, ...]]:
        """Every cheapest way to an outcome, as one choice for each item."""
        if depth == 0:
            yield ()
            return
        for before, option in self._layers[depth][outcome].came:
            for path in self._paths(depth - 1, before):
                for choice in option.choices:
                    yield (*path, choice)

    def _changes(self, path: tuple[Choice, ...]) -> tuple[Change, ...]:
        titles = {question.field: question.title for question in self._chosen.questions.b1}
        return tuple(
            Change(field, titles[field], self._answers[field], after)
            for fields, choice in zip(self._fields, path, strict=True)
            for field, after in zip(fields, choice.given, strict=True)
            if self._answers[field] != after
        )


def _add(left: Cost, right: Cost) -> Cost:
    return left[0] + right[0], left[1] + right[1]


def _next_layer(layer: _Layer, options: dict[Outcome, _Option]) -> _Layer:
    further: _Layer = {}
    for before, (cost, ways, _) in layer.items():
        points, states = before
        for (score, own), option in options.items():
            outcome = (points + score, worse(states, own))
            total, more = _add(cost, option.cost), ways * len(option.choices)
            known = further.get(outcome)
            if known is None or total < known.cost:
                further[outcome] = _Reach(total, more, [(before, option)])
            elif total == known.cost:
                known.came.append((before, option))
                further[outcome] = known._replace(ways=known.ways + more)
    return further


def _line(move: Move | None, direction: str, chosen: Scorer, grade: int) -> Words:
    zh_way, en_way = ("照料更少", "less care") if direction == "less" else ("照料更多", "more care")
    titles = chosen.instrument.grades.titles
    if grade == (min(titles) if direction == "less" else max(titles)):
        most = ("最少", "least") if direction == "less" else ("最多", "most")
        return {"zh": f"建议的已是照料{most[0]}的档次", "en": f"the proposed grade is the one with the {most[1]} care"}
    if move is None:
        return {"zh": f"无论哪些小项变化，都得不出{zh_way}的档次", "en": f"no change leads to a grade with {en_way}"}
    first = move.sets[0] if move.sets else None
    if first is None:
        zh, en = (
            f"最少有 {move.size} 项变化，即得出{zh_way}的档次",
            f"{move.size} changes lead to {en_way}",
        )
        return {"zh": zh, "en": en}
    title = titles[first.grade]
    said = [answer_words(chosen.instrument, change) for change in first.changes]
    zh, en = "；".join(words["zh"] for words in said), "; ".join(words["en"] for words in said)
    return {
        "zh": f"如果{zh}，建议档次就变为{title['zh']}（最少改变 {move.size} 项，这样的改法共 {move.ways} 种）",
        "en": f"if {en}, the proposed grade would be {title['en']} (at least {move.size} changed; {move.ways} such ways)",
    }


def answer_words(instrument: Instrument, change: Change) -> Words:
    """One changed answer of form B.1 in the words of the form, without its codes."""
    for item in instrument.items:
        for sub in item.subitems:
            if sub.id == change.field:
                labels = sub.labels
                return _from_to(item.title, sub.title, labels[str(change.before)], labels[str(change.after)])
        if not item.subitems and item.code == change.field:
            options = {option.code: option.label for option in item.options}
            return _from_to(item.title, None, options[int(change.before)], options[int(change.after)])
    raise KeyError(change.field)


def _from_to(item: Words, sub: Words | None, before: Words, after: Words) -> Words:
    zh, en = (item["zh"], item["en"]) if sub is None else (f"{item['zh']}的{sub['zh']}", f"{item['en']}, {sub['en']}")
    return {
        "zh": f"{zh}由“{before['zh']}”变为“{after['zh']}”",
        "en": f"{en} went from “{before['en']}” to “{after['en']}”",
    }
