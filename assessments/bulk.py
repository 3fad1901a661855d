"""Score many sheets at once with numpy; the results are those of the plain scorer, without sentences.

The tables used here are filled by the plain scorer itself, so there is one set of rules. Only complete sheets can be
scored (in coma too): an array has no place for an answer that was not given.

How it is quick: the answers of several items are one number (mixed radix), and one product of matrices makes all these
numbers at once; each is looked up in one table that holds scores and ability states side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any, NamedTuple

try:
    import numpy as np
    from numpy.typing import NDArray
except ImportError as error:
    raise ImportError("assessments.bulk needs numpy, which is not installed (the plain scorer does not)") from error

from assessments.changes import final_level, raising_clauses
from assessments.items import MET, NOT_MET, UNDETERMINED
from assessments.model import Domain, Instrument
from assessments.scoring import Scorer, domain_level, find_band, scorer, single_grade
from assessments.space import choices

CHUNK = 16_384
"""Rows worked on together, so that the intermediate arrays stay in the processor's cache."""
PIECE = 256
"""Rows of one product of matrices."""
BLOCK = 16_384
"""Entries of one table of items at most: as many items share one as fit."""

Small = NDArray[np.int8]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class BulkResult:
    """One array entry for each sheet; -1 stands where the plain scorer says ``None``.

    ``items`` (n × items, points), ``levels`` by key (``adl`` and each domain), ``abilities`` (n × 6: 1 met, 0 not met),
    ``tiers_agree`` (1, 0).
    """

    items: Bytes
    total: NDArray[np.uint16]
    levels: dict[str, Small]
    preliminary_level: Small
    ability_level: Small
    abilities: Small
    unmet: Small
    statutory_grade: Small
    score_grade: Small
    proposed_grade: Small
    tiers_agree: Small

    @property
    def adl_level(self) -> Small:
        """The levels of the totals."""
        return self.levels["adl"]

    @property
    def mental_level(self) -> Small:
        """Levels of form B.2; -1 for an instrument without."""
        return self._level("mental")

    @property
    def sensory_level(self) -> Small:
        """Levels of form B.3; -1 for an instrument without."""
        return self._level("sensory")

    @property
    def social_level(self) -> Small:
        """Levels of form B.4; -1 for an instrument without."""
        return self._level("social")

    def _level(self, key: str) -> Small:
        found = self.levels.get(key)
        return np.full(len(self.total), -1, np.int8) if found is None else found


def score_arrays(instrument: Instrument, answers: NDArray[Any], facts: NDArray[Any]) -> BulkResult:
    """Score complete sheets of full scope.

    ``answers`` is n × len(instrument.fields) in the order of ``instrument.fields``: 0..4 for A0..A4, else the code or
    score itself. ``facts`` is n × len(instrument.facts). Raises :class:`ValueError` naming the first wrong row and
    field, and :class:`TypeError` for arrays that do not hold whole numbers.
    """
    tables = _tables(instrument)
    sheets = _checked(answers, instrument.fields, "answers")
    risks = _checked(facts, tuple(fact.id for fact in instrument.facts), "facts")
    if len(sheets) != len(risks):
        raise ValueError(f"{len(sheets)} sheets but {len(risks)} rows of facts")
    into = tables.empty(len(sheets))
    for start in range(0, len(sheets), CHUNK):
        part = slice(start, min(start + CHUNK, len(sheets)))
        tables.answers.refuse_unknown(sheets[part], start)
        tables.facts.refuse_unknown(risks[part], start)
        tables.score(sheets[part], risks[part], part, into)
    return into


def _checked(array: NDArray[Any], fields: Sequence[str], name: str) -> Bytes:
    if array.ndim != 2 or array.shape[1] != len(fields):
        raise ValueError(f"{name} must be n × {len(fields)}, not {' × '.join(map(str, array.shape))}")
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold whole numbers, not {array.dtype}")
    if array.dtype != np.uint8 and array.size:
        wrong = np.argwhere((array < 0) | (array > 255))
        if len(wrong):
            row, column = (int(place) for place in wrong[0])
            raise ValueError(f"row {row}: {fields[column]} cannot be {array[row, column]}")
    return array.astype(np.uint8, copy=False)


class _Codes:
    """The legal codes of some fields."""

    def __init__(self, fields: Sequence[str], codes: Sequence[Sequence[int]]) -> None:
        self._fields = fields
        self._tops = np.array([max(own) for own in codes], np.uint8)
        self._valid = np.zeros((len(codes), 256), np.bool_)
        for place, own in enumerate(codes):
            self._valid[place, list(own)] = True
        self._holed = [place for place, own in enumerate(codes) if len(set(own)) <= max(own)]

    def refuse_unknown(self, sheets: Bytes, start: int) -> None:
        """Refuse codes no option has."""
        if not len(sheets) or not len(self._fields):
            return
        # Codes without holes need one comparison; the scores 0, 5, 10, 15 need the table.
        wrong = set((sheets.max(axis=0) > self._tops).nonzero()[0].tolist())
        wrong |= {place for place in self._holed if not self._valid[place][sheets[:, place]].all()}
        for place in sorted(wrong):
            row = int(np.argmax(~self._valid[place][sheets[:, place]]))
            raise ValueError(f"row {start + row}: {self._fields[place]} cannot be {sheets[row, place]}")


class _Block(NamedTuple):
    """Several items with one table: their ``scores`` in bytes, points together and ability states by index."""

    items: slice
    scores: NDArray[Any]
    points: NDArray[np.uint16]
    states: NDArray[np.uint16] | None


class _Tables:
    """Everything that depends on the instrument only, filled by the plain scorer."""

    def __init__(self, instrument: Instrument) -> None:
        self._instrument = instrument
        self._names = tuple(instrument.grades.abilities)
        self._top = sum(item.max for item in instrument.items)
        chosen = scorer(instrument)
        codes = list(_answer_codes(instrument))
        fact_codes = [[option.code for option in fact.options] for fact in instrument.facts]
        if len(self._names) > 6 or self._top > 65_535 or max(map(max, codes)) > 255:
            raise ValueError(f"{instrument.key} is too large for the packed tables of the bulk scorer")
        self.answers = _Codes(instrument.fields, codes)
        self.facts = _Codes([fact.id for fact in instrument.facts], fact_codes)
        self._blocks, strides = _blocks(instrument, chosen)
        for domain in instrument.domains:
            strides.append(_strides([max(option.code for option in item.options) + 1 for item in domain.items]))
        self._weights = _weights(strides)
        self._domains = [_domain_table(domain) for domain in instrument.domains]
        sizes = [max(own) + 1 for own in fact_codes]
        self._fact_weights = np.array(_strides(sizes), np.float32)
        self._adl = _number_table(lambda points: find_band(instrument.adl_bands, points), self._top + 1)
        self._tier = _number_table(lambda points: find_band(instrument.grades.score_tiers, points), self._top + 1)
        self._preliminary = self._preliminary_table()
        self._raised, self._final = self._change_tables(sizes)
        self._abilities = self._ability_table()
        proposed = [[chosen.propose(s or None, t or None) for t in range(4)] for s in range(4)]
        self._proposed = np.array([[grade or -1 for grade, _ in row] for row in proposed], np.int8).ravel()
        self._agree = np.array(
            [[-1 if agree is None else int(agree) for _, agree in row] for row in proposed], np.int8
        ).ravel()

    def empty(self, rows: int) -> BulkResult:
        """Room for the results of so many sheets."""
        others = [
            name for name in BulkResult.__dataclass_fields__ if name not in ("items", "total", "levels", "abilities")
        ]
        narrow: dict[str, Small] = {name: np.empty(rows, np.int8) for name in others}
        keys = ("adl", *(domain.key for domain in self._instrument.domains))
        return BulkResult(
            items=np.empty((rows, len(self._instrument.items)), np.uint8),
            total=np.empty(rows, np.uint16),
            levels={key: np.empty(rows, np.int8) for key in keys},
            abilities=np.empty((rows, len(self._names)), np.int8),
            **narrow,
        )

    def score(self, sheets: Bytes, risks: Bytes, part: slice, into: BulkResult) -> None:
        """Score one chunk of sheets into its part of the result."""
        instrument = self._instrument
        numbers = self._numbers(sheets)
        points = np.zeros(len(sheets), np.uint16)
        states = np.zeros(len(sheets), np.uint16)
        for block, index in zip(self._blocks, numbers, strict=False):
            width = block.items.stop - block.items.start
            into.items[part, block.items] = block.scores.take(index).view(np.uint8).reshape(len(sheets), -1)[:, :width]
            points += block.points.take(index)
            if block.states is not None:
                states |= block.states.take(index)
        adl, tier = self._adl.take(points), self._tier.take(points)
        into.total[part], into.levels["adl"][part] = points, adl
        into.score_grade[part] = np.where(tier == 0, np.int8(-1), tier)
        mix = adl.astype(np.intp)
        sets = instrument.level_sets
        for domain, table, own, index in zip(
            instrument.domains, self._domains, sets[1:], numbers[len(self._blocks) :], strict=True
        ):
            level = table.take(index)
            into.levels[domain.key][part] = level
            mix *= len(own)
            mix += level
        preliminary = self._preliminary.take(mix)
        raised = self._raised.take((risks.astype(np.float32) @ self._fact_weights).astype(np.intp))
        final = self._final.take(raised * len(instrument.combination.titles) + preliminary)
        coma = instrument.coma
        if coma is not None:
            in_coma = sheets[:, instrument.fields.index(coma.answer)] == coma.equals
            final = np.where(in_coma, np.maximum(preliminary, np.int8(coma.level)), final)
            if instrument.grades.coma_not_met:
                states |= in_coma.astype(np.uint16) << 12
        into.preliminary_level[part], into.ability_level[part] = preliminary, final
        found = self._abilities.take(states).view(np.int8).reshape(len(sheets), 8)
        into.abilities[part] = found[:, : len(self._names)]
        into.unmet[part] = found[:, 6]
        statutory = found[:, 7]
        into.statutory_grade[part] = np.where(statutory == 0, np.int8(-1), statutory)
        both = statutory.astype(np.intp) * 4 + tier
        into.proposed_grade[part], into.tiers_agree[part] = self._proposed.take(both), self._agree.take(both)

    def _numbers(self, sheets: Bytes) -> NDArray[np.intp]:
        """The answers of each table as one number, a row for each table.

        Multiplied in small pieces: of a large product the linear algebra library would make several threads, which on a
        busy machine wait for each other longer than they work.
        """
        rows, fields = sheets.shape
        padded = np.zeros((-(-rows // PIECE), PIECE, fields), np.float32)
        padded.reshape(-1, fields)[:rows] = sheets
        found = padded @ self._weights.T
        return found.reshape(-1, len(self._weights))[:rows].T.astype(np.intp)

    def _ability_table(self) -> NDArray[np.int64]:
        """For each set of ability states (two bits each, the thirteenth says coma): eight bytes for the result.

        Six abilities (1 met, 0 not met, -1 undetermined), the count of those not met (-1 unknown), the grade (0 none).
        """
        grades = self._instrument.grades
        table = np.full((2**13, 8), -1, np.int8)
        for packed in range(2**13):
            own = [(packed >> (2 * place)) & 3 for place in range(len(self._names))]
            open_as = 0 if packed >> 12 else -1
            seen = [0 if state & NOT_MET else open_as if state & UNDETERMINED else 1 for state in own]
            low, unknown = seen.count(0), seen.count(-1)
            table[packed, : len(seen)] = seen
            table[packed, 6] = -1 if unknown or not seen else low
            table[packed, 7] = (single_grade(grades, low, low + unknown) or 0) if seen else 0
        return table.view(np.int64).ravel()

    def _preliminary_table(self) -> Small:
        levels = []
        for mix in product(*self._instrument.level_sets):
            found = {rule.level for rule in self._instrument.combination.matching(mix)}
            if len(found) != 1:
                raise ValueError(f"{self._instrument.key} gives no single level for {mix}; prove() lists it")
            levels.append(found.pop())
        return np.array(levels, np.int8)

    def _change_tables(self, sizes: Sequence[int]) -> tuple[NDArray[np.intp], Small]:
        """Facts -> which set of clauses they bring; that set and a preliminary level -> the level without coma."""
        instrument = self._instrument
        names = [fact.id for fact in instrument.facts]
        levels = sorted(instrument.combination.titles)
        sets: dict[tuple[int, ...], int] = {}
        raised = []
        for codes in product(*map(range, sizes)):
            given = dict(zip(names, codes, strict=True))
            clauses = raising_clauses(instrument, given)
            finals = [final_level(instrument, level, clauses) for level in levels]
            direct = next((c for c in instrument.changes.of_kind("fact") if given[c.facts[0]] == c.equals), None)
            if direct is not None:
                finals = [max(level, direct.level) for level in levels]
            raised.append(sets.setdefault(tuple(finals), len(sets)))
        return np.array(raised, np.intp), np.array(list(sets), np.int8).ravel()


@lru_cache(maxsize=8)
def _tables(instrument: Instrument) -> _Tables:
    return _Tables(instrument)


def _answer_codes(instrument: Instrument) -> Iterator[list[int]]:
    for item in instrument.items:
        yield from ([list(range(5)) for _ in item.subitems] or [[option.code for option in item.options]])
    for domain in instrument.domains:
        yield from ([option.code for option in item.options] for item in domain.items)


def _strides(sizes: Sequence[int]) -> list[int]:
    """What each code counts in a number of mixed radix, the last running fastest."""
    return [prod(sizes[place + 1 :]) for place in range(len(sizes))]


def _weights(strides: Sequence[Sequence[int]]) -> NDArray[np.float32]:
    """One row for each number, one column for each field. Exact: every number stays below 2 to the 24th."""
    weights = np.zeros((len(strides), sum(map(len, strides))), np.float32)
    start = 0
    for row, own in enumerate(strides):
        weights[row, start : start + len(own)] = own
        start += len(own)
    return weights


def _blocks(instrument: Instrument, chosen: Scorer) -> tuple[list[_Block], list[list[int]]]:
    """The items, in as few tables as hold them, and the weight of each answer in the index of its table."""
    sizes = [[5] * len(item.subitems) or [item.max + 1] for item in instrument.items]
    runs: list[list[int]] = [[]]
    for index, own in enumerate(sizes):
        if runs[-1] and (prod(prod(sizes[i]) for i in runs[-1]) * prod(own) > BLOCK or len(runs[-1]) == 8):
            runs.append([])
        runs[-1].append(index)
    blocks, strides = [], []
    for run in runs:
        shape = [size for index in run for size in sizes[index]]
        strides.append(_strides(shape))
        blocks.append(_block(chosen, run, [prod(sizes[index]) for index in run]))
    return blocks, strides


def _block(chosen: Scorer, run: list[int], sizes: list[int]) -> _Block:
    size = prod(sizes)
    width = next(own for own in (1, 2, 4, 8) if own >= len(run))
    scores = np.zeros((size, width), np.uint8)
    states = np.zeros(size, np.uint16)
    places = np.arange(size)
    for column, (index, stride) in enumerate(zip(run, _strides(sizes), strict=True)):
        own_scores, own_states = np.zeros(sizes[column], np.uint8), np.zeros(sizes[column], np.uint16)
        item = chosen.instrument.items[index]
        for choice in choices(chosen, index):
            place = sum(rank * 5**power for power, rank in enumerate(reversed(choice.ranks)))
            if not item.subitems:
                place = choice.given[0]
            own_scores[place] = choice.score
            own_states[place] = sum(
                state << (2 * ability) for ability, state in enumerate(choice.states) if state != MET
            )
        own = (places // stride) % sizes[column]
        scores[:, column] = own_scores[own]
        states |= own_states[own]
    whole = scores.view(f"u{width}").ravel()
    points = scores.sum(axis=1, dtype=np.uint16)
    return _Block(slice(run[0], run[-1] + 1), whole, points, states if states.any() else None)


def _number_table(band_of: Callable[[int], Any], size: int) -> Small:
    return np.array([band.value if (band := band_of(number)) else 0 for number in range(size)], np.int8)


def _domain_table(domain: Domain) -> Small:
    codes = [{option.code for option in item.options} for item in domain.items]
    levels = []
    for given in product(*(range(max(own) + 1) for own in codes)):
        level = 0
        if all(code in own for code, own in zip(given, codes, strict=True)):
            found, _ = domain_level(domain, given)
            if found is None:
                raise ValueError(f"{domain.id} has no level for the sum {sum(given)}; prove() lists it")
            level = found
        levels.append(level)
    return np.array(levels, np.int8)
