"""Every possible answer of form B.1, and how many sheets lead where. Used by the proof and the explanation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import product
from typing import Any, NamedTuple

from assessments.items import MET
from assessments.model import LEVEL_CODES, Instrument
from assessments.scoring import Scorer, scorer

Outcome = tuple[int, tuple[int, ...]]
"""Total points, and the state of each ability in the order of the instrument."""


class Choice(NamedTuple):
    """One way to answer an item: answers best first by rank, points, and the state of each ability."""

    given: tuple[Any, ...]
    ranks: tuple[int, ...]
    score: int
    states: tuple[int, ...]


def choices(chosen: Scorer, index: int) -> list[Choice]:
    """All ways to answer one item."""
    item = chosen.instrument.items[index]
    codes: Sequence[Any] = LEVEL_CODES if item.subitems else [option.code for option in item.options]
    found = []
    for ranks in product(range(len(codes)), repeat=len(item.subitems) or 1):
        given = tuple(codes[rank] for rank in ranks)
        entry = chosen.entry(index, given)
        states = {verdict.ability: verdict.state for verdict in entry.verdicts}
        score = entry.reason.score
        if score is None:
            raise ValueError(f"item {item.id} has no score for {given}")
        vector = tuple(states.get(name, MET) for name in chosen.instrument.grades.abilities)
        found.append(Choice(given, ranks, score, vector))
    return found


@cache
def worse(left: tuple[int, ...], right: tuple[int, ...]) -> tuple[int, ...]:
    """The worse state of each ability; there are few, and every walk over outcomes asks for the same ones."""
    return tuple(map(max, left, right))


def outcomes(instrument: Instrument) -> Counter[Outcome]:
    """How many answer sets of form B.1 lead to each outcome, over all of them (item by item, exact)."""
    chosen = scorer(instrument)
    reached: Counter[Outcome] = Counter({(0, (MET,) * len(instrument.grades.abilities)): 1})
    every = [
        Counter((choice.score, choice.states) for choice in choices(chosen, index))
        for index in range(len(instrument.items))
    ]
    # Items that say nothing about an ability first: they multiply the totals only.
    for classes in sorted(every, key=lambda own: len({states for _, states in own})):
        further: Counter[Outcome] = Counter()
        for (points, states), sheets in reached.items():
            for (score, own), ways in classes.items():
                further[points + score, worse(states, own)] += sheets * ways
        reached = further
    return reached
