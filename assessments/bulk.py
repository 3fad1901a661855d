"""Score many sheets at once with numpy; the results are those of the plain scorer, without sentences.

The tables used here are filled by the plain scorer itself, so there is one set of rules. Only complete sheets can be
scored (in coma too): an array has no place for an answer that was not given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

try:
    import numpy as np
    from numpy.typing import NDArray
except ImportError as error:
    raise ImportError("assessments.bulk needs numpy, which is not installed (the plain scorer does not)") from error

from assessments.changes import final_level, raising_clauses
from assessments.items import NOT_MET, UNDETERMINED
from assessments.model import Domain, Instrument
from assessments.scoring import Scorer, find_band, scorer, single_grade, worst_level
from assessments.space import choices

CHUNK = 32_768
"""Rows worked on together, so that the intermediate arrays stay in the processor's cache."""

Small = NDArray[np.int8]


@dataclass(frozen=True)
class BulkResult:
    """One array entry for each sheet; -1 stands where the plain scorer says ``None``.

    ``items`` (n × 10, points), ``abilities`` (n × 6: 1 met, 0 not met), ``tiers_agree`` (1, 0).
    """

    items: NDArray[np.uint8]
    total: NDArray[np.uint8]
    adl_level: Small
    mental_level: Small
    sensory_level: Small
    social_level: Small
    preliminary_level: Small
    ability_level: Small
    abilities: Small
    unmet: Small
    statutory_grade: Small
    score_grade: Small
    proposed_grade: Small
    tiers_agree: Small


def score_arrays(instrument: Instrument, answers: NDArray[Any], facts: NDArray[Any]) -> BulkResult:
    """Score complete sheets of full scope.

    ``answers`` is n × len(instrument.fields) in the order of ``instrument.fields``: 0..4 for A0..A4, else the code or
    score itself. ``facts`` is n × len(instrument.facts). Raises :class:`ValueError` naming the first wrong row and
    field, and :class:`TypeError` for arrays that do not hold whole numbers.
    """
    tables = _tables(instrument)
    sheets = _checked(answers, tables.answer_codes, instrument.fields, "answers")
    risks = _checked(facts, tables.fact_codes, tuple(fact.id for fact in instrument.facts), "facts")
    if len(sheets) != len(risks):
        raise ValueError(f"{len(sheets)} sheets but {len(risks)} rows of facts")
    rows, names = len(sheets), tuple(fact.id for fact in instrument.facts)
    into = _empty(instrument, rows)
    for start in range(0, rows, CHUNK):
        part = slice(start, min(start + CHUNK, rows))
        columns, risk_columns = np.ascontiguousarray(sheets[part].T), np.ascontiguousarray(risks[part].T)
        _refuse_unknown(columns, tables.answer_codes, instrument.fields, start)
        _refuse_unknown(risk_columns, tables.fact_codes, names, start)
        tables.score(columns, risk_columns, part, into)
    return into


def _empty(instrument: Instrument, rows: int) -> BulkResult:
    # Stored field by field, so that each field is written in one run.
    items = np.empty((len(instrument.items), rows), np.uint8).T
    abilities = np.empty((len(instrument.grades.abilities), rows), np.int8).T
    others = [name for name in BulkResult.__dataclass_fields__ if name not in ("items", "total", "abilities")]
    narrow: dict[str, Small] = {name: np.empty(rows, np.int8) for name in others}
    return BulkResult(items=items, total=np.empty(rows, np.uint8), abilities=abilities, **narrow)


def _refuse_unknown(
    columns: NDArray[np.uint8], codes: Sequence[NDArray[np.bool_]], fields: Sequence[str], start: int
) -> None:
    """Refuse codes no option has."""
    for column, valid, field in zip(columns, codes, fields, strict=True):
        # Codes without holes need one comparison; the scores 0, 5, 10, 15 need the table.
        top = int(valid.nonzero()[0][-1])
        if valid[: top + 1].all():
            if column.max(initial=0) <= top:
                continue
        elif valid[column].all():
            continue
        row = int(np.argmax(~valid[column]))
        raise ValueError(f"row {start + row}: {field} cannot be {column[row]}")


def _checked(array: NDArray[Any], codes: Sequence[NDArray[np.bool_]], fields: Sequence[str], name: str) -> NDArray[Any]:
    if array.ndim != 2 or array.shape[1] != len(fields):
        raise ValueError(f"{name} must be n × {len(fields)}, not {' × '.join(map(str, array.shape))}")
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold whole numbers, not {array.dtype}")
    if array.dtype != np.uint8 and array.size:
        wrong = np.argwhere((array < 0) | (array > 255))
        if len(wrong):
            row, column = (int(place) for place in wrong[0])
            raise ValueError(f"row {row}: {fields[column]} cannot be {array[row, column]}")
        return array.astype(np.uint8)
    return array


class _Tables:
    """Everything that depends on the instrument only, filled by the plain scorer."""

    def __init__(self, instrument: Instrument) -> None:
        self._instrument = instrument
        chosen = scorer(instrument)
        self.answer_codes = [_code_table(codes) for codes in _answer_codes(instrument)]
        self.fact_codes = [_code_table([o.code for o in fact.options]) for fact in instrument.facts]
        self._names = tuple(instrument.grades.abilities)
        if sum(item.max for item in instrument.items) > 255 or len(instrument.items) > 15 or len(self._names) > 7:
            raise ValueError(f"{instrument.key} is too large for the packed tables of the bulk scorer")
        self._item_tables = [self._item_table(chosen, index) for index in range(len(instrument.items))]
        self._adl = _number_table(lambda points: find_band(instrument.adl_bands, points), 256)
        self._tier = _number_table(lambda points: find_band(instrument.grades.score_tiers, points), 256)
        self._domains = [_domain_table(domain) for domain in instrument.domains]
        self._preliminary = self._preliminary_table()
        self._raised, self._final = self._change_tables()
        size = len(self._names) + 1
        self._statutory = np.array(
            [
                [single_grade(instrument.grades, low, high) or 0 if low <= high else 0 for high in range(size)]
                for low in range(size)
            ],
            np.int8,
        )
        proposed = [[chosen.propose(s or None, t or None) for t in range(4)] for s in range(4)]
        self._proposed = np.array([[grade or -1 for grade, _ in row] for row in proposed], np.int8)
        self._agree = np.array([[-1 if agree is None else int(agree) for _, agree in row] for row in proposed], np.int8)

    def score(self, columns: NDArray[np.uint8], risks: NDArray[np.uint8], part: slice, into: BulkResult) -> None:
        """Score one chunk of sheets, given field by field, into its part of the result."""
        instrument = self._instrument
        packed = np.zeros(columns.shape[1], np.uint64)
        place = 0
        for number, (item, (scores, bits)) in enumerate(zip(instrument.items, self._item_tables, strict=True)):
            width = len(item.subitems) or 1
            index = _mixed_radix(columns[place : place + width], [5] * width if item.subitems else [256], np.uint8)
            scores.take(index, out=into.items[part, number], mode="clip")
            packed += bits.take(index, mode="clip")
            place += width
        points = (packed & 255).astype(np.uint8)
        adl, tier = self._adl.take(points), self._tier.take(points)
        into.total[part], into.adl_level[part], into.score_grade[part] = points, adl, tier
        mix = adl.astype(np.uint8)
        for domain, (table, sizes) in zip(instrument.domains, self._domains, strict=True):
            level = table.take(_mixed_radix(columns[place : place + len(sizes)], sizes, np.uint16), mode="clip")
            getattr(into, f"{domain.key}_level")[part] = level
            mix = mix * 4 + level.astype(np.uint8)
            place += len(sizes)
        preliminary = self._preliminary.take(mix)
        raised = self._raised.take(_mixed_radix(risks, self._fact_sizes(), np.uint16), mode="clip")
        final = self._final.take(raised * 4 + preliminary.astype(np.uint16))
        coma = instrument.coma
        in_coma = np.zeros(len(packed), np.bool_)
        if coma is not None:
            in_coma = columns[instrument.fields.index(coma.answer)] == coma.equals
            final = np.where(in_coma, np.maximum(preliminary, coma.level), final)
        into.preliminary_level[part], into.ability_level[part] = preliminary, final
        statutory = self._abilities(packed, in_coma, part, into)
        into.statutory_grade[part] = np.where(statutory == 0, -1, statutory)
        into.proposed_grade[part] = self._proposed[statutory, tier]
        into.tiers_agree[part] = self._agree[statutory, tier]

    def _abilities(
        self, packed: NDArray[np.uint64], in_coma: NDArray[np.bool_], part: slice, into: BulkResult
    ) -> Small:
        """Write the abilities and the count of those not met; the statutory grade, 0 where it is undetermined."""
        settle = in_coma if self._instrument.grades.coma_not_met else np.zeros_like(in_coma)
        low, unknown = np.zeros(len(packed), np.int8), np.zeros(len(packed), np.int8)
        for place in range(len(self._names)):
            counts = (packed >> np.uint64(8 * (place + 1))).astype(np.uint8)
            not_met, undetermined = (counts & 15) > 0, counts > 15
            undetermined &= ~not_met
            not_met |= undetermined & settle
            undetermined &= ~settle
            into.abilities[part, place] = 1 - not_met.view(np.int8) - 2 * undetermined.view(np.int8)
            low += not_met.view(np.int8)
            unknown += undetermined.view(np.int8)
        into.unmet[part] = np.where(unknown > 0, -1, low)
        statutory: Small = self._statutory[low, low + unknown]
        return statutory

    def _item_table(self, chosen: Scorer, index: int) -> tuple[NDArray[np.uint8], NDArray[np.uint64]]:
        """For each way to answer an item: its score, and score and ability states packed into one number.

        Byte 0 of the packed number holds points; byte k + 1 counts, for ability k, items that say not met (low four
        bits) and items that leave it undetermined (high four bits). Packed numbers of the items simply add up.
        """
        item = chosen.instrument.items[index]
        size = 5 ** len(item.subitems) if item.subitems else 256
        scores, bits = np.zeros(size, np.uint8), np.zeros(size, np.uint64)
        for choice in choices(chosen, index):
            place = sum(rank * 5**power for power, rank in enumerate(reversed(choice.ranks)))
            if not item.subitems:
                place = choice.score
            number = choice.score
            for ability, state in enumerate(choice.states):
                number += {NOT_MET: 1, UNDETERMINED: 16}.get(state, 0) << (8 * (ability + 1))
            scores[place], bits[place] = choice.score, number
        return scores, bits

    def _preliminary_table(self) -> Small:
        levels = []
        for a, m, s, p in product(range(4), repeat=4):
            found = {rule.level for rule in self._instrument.combination.matching((a, m, s, p))}
            if len(found) != 1:
                raise ValueError(f"{self._instrument.key} gives no single level for {(a, m, s, p)}; prove() lists it")
            levels.append(found.pop())
        return np.array(levels, np.int8)

    def _fact_sizes(self) -> list[int]:
        return [max(option.code for option in fact.options) + 1 for fact in self._instrument.facts]

    def _change_tables(self) -> tuple[NDArray[np.uint16], Small]:
        """Facts -> which set of clauses they raise; that set and a preliminary level -> the level without coma."""
        instrument = self._instrument
        names = [fact.id for fact in instrument.facts]
        clause_of = {clause.id: clause for clause in instrument.changes.clauses}
        sets: dict[tuple[str, ...], int] = {}
        raised = []
        for codes in product(*(range(size) for size in self._fact_sizes())):
            ids = tuple(c.id for c in raising_clauses(instrument, dict(zip(names, codes, strict=True))))
            raised.append(sets.setdefault(ids, len(sets)))
        final = [[final_level(instrument, level, [clause_of[i] for i in ids]) for level in range(4)] for ids in sets]
        return np.array(raised, np.uint16), np.array(final, np.int8).ravel()


@lru_cache(maxsize=8)
def _tables(instrument: Instrument) -> _Tables:
    return _Tables(instrument)


def _answer_codes(instrument: Instrument) -> list[list[int]]:
    codes: list[list[int]] = []
    for item in instrument.items:
        codes += [list(range(5)) for _ in item.subitems] or [[option.code for option in item.options]]
    return codes + [[o.code for o in item.options] for domain in instrument.domains for item in domain.items]


def _code_table(codes: Sequence[int]) -> NDArray[np.bool_]:
    table = np.zeros(256, np.bool_)
    table[list(codes)] = True
    return table


def _number_table(band_of: Callable[[int], Any], size: int) -> Small:
    return np.array([band.value if (band := band_of(number)) else 0 for number in range(size)], np.int8)


def _domain_table(domain: Domain) -> tuple[Small, list[int]]:
    sizes = [max(option.code for option in item.options) + 1 for item in domain.items]
    levels = []
    for codes in product(*(range(size) for size in sizes)):
        if domain.method == "worst":
            levels.append(worst_level(domain, codes)[0])
        else:
            band = find_band(domain.bands, sum(codes))
            if band is None:
                raise ValueError(f"{domain.id} has no level for the sum {sum(codes)}; prove() lists it")
            levels.append(band.value)
    return np.array(levels, np.int8), sizes


def _mixed_radix(columns: NDArray[np.uint8], sizes: Sequence[int], kind: type[np.unsignedinteger[Any]]) -> NDArray[Any]:
    """One index from several codes, the last running fastest."""
    index: NDArray[Any] = columns[0].astype(kind)
    for column, size in zip(columns[1:], sizes[1:], strict=True):
        index *= kind(size)
        index += column
    return index
