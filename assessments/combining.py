"""Read how the levels of the parts become one level: rules, a matrix, or a total that is the level itself.

All three are read into the same rules, so the scorer, the proof and the scorer for arrays know one shape only.
"""

from __future__ import annotations

from itertools import product

from assessments.errors import InstrumentError
from assessments.forms import check_levels
from assessments.model import Combination, CombinationRule, CountCondition, Domain, Words
from assessments.reading import Table, unique

MZT039 = ("mental", "sensory", "social")
"""The domains of MZ/T 039-2013 beside daily living; its form C has words of its own."""


def read_combination(
    table: Table, keys: tuple[str, ...], level_sets: tuple[tuple[int, ...], ...], titles: tuple[Words, ...] = ()
) -> Combination:
    """Form C over the levels of the items and of the domains ``keys``; ``titles`` are those of the parts, items first."""
    method = table.text("method", one_of=("rules", "matrix", "total")) if "method" in table else "rules"
    named = {entry.number("level"): entry.words("title") for entry in table.tables("levels")}
    check_levels(list(named), table.path("levels"))
    if method == "rules":
        rules = _rules(table, keys, level_sets, named)
    elif method == "matrix":
        rules = _matrix(table, level_sets, named, titles)
    else:
        rules = _total(table, level_sets, named)
    unique([rule.id for rule in rules], table.path("rules"))
    wording = table.text("wording") if "wording" in table else ""
    form, parts, unknown = _words(keys, titles)
    table.close()
    return Combination(named, tuple(rules), form, parts, unknown, wording)


def titles_of(adl_title: Words, domains: tuple[Domain, ...]) -> tuple[Words, ...]:
    """The titles of what form C combines."""
    return (adl_title, *(domain.title for domain in domains))


def _words(keys: tuple[str, ...], titles: tuple[Words, ...]) -> tuple[Words, Words, Words]:
    if keys == MZT039:
        return (
            {"zh": "表 C 组合", "en": "form C"},
            {"zh": "日常生活/精神/感知/社会", "en": "daily living/mental/sensory/social"},
            {
                "zh": "四项等级未评全，不得出初步等级",
                "en": "not all four domain levels were assessed: no preliminary level",
            },
        )
    return (
        {"zh": "等级组合" if keys else "等级", "en": "levels combined" if keys else "level"},
        {"zh": "/".join(title["zh"] for title in titles), "en": "/".join(title["en"].lower() for title in titles)},
        {"zh": "各项等级未评全，不得出初步等级", "en": "not all levels were assessed: no preliminary level"},
    )


def _rules(
    table: Table, keys: tuple[str, ...], level_sets: tuple[tuple[int, ...], ...], named: dict[int, Words]
) -> list[CombinationRule]:
    rules = []
    for rule in table.tables("rules"):
        level = rule.number("level")
        _known(level, named, rule.path("level"))
        accepts = tuple(
            frozenset(rule.numbers(key) if key in rule else own)
            for key, own in zip(("adl", *keys), level_sets, strict=True)
        )
        where = tuple(
            CountCondition(frozenset(c.numbers("in")), frozenset(c.numbers("count")))
            for c in rule.tables("where", optional=True)
        )
        rules.append(CombinationRule(rule.text("id"), level, accepts, where, rule.words("wording")))
    return rules


def _matrix(
    table: Table, level_sets: tuple[tuple[int, ...], ...], named: dict[int, Words], titles: tuple[Words, ...]
) -> list[CombinationRule]:
    """``cells[r][c]``: the level for items at level ``r`` and the worst domain at level ``c``."""
    rows, others = level_sets[0], level_sets[1:]
    if not others:
        raise InstrumentError(table.path("method"), "a matrix needs a domain beside the items")
    columns = sorted({level for own in others for level in own})
    cells = table.rows("cells")
    if len(cells) != len(rows) or any(len(row) != len(columns) for row in cells):
        raise InstrumentError(table.path("cells"), f"must be {len(rows)} rows of {len(columns)} levels")
    zh, en = "、".join(title["zh"] for title in titles[1:]), " and ".join(title["en"].lower() for title in titles[1:])
    worst_zh, worst_en = (f"{zh}中较重的", f"the worse of {en}") if len(others) > 1 else (zh, en)
    some = frozenset(range(1, len(others) + 1))
    rules = []
    for row, column in product(rows, columns):
        level = cells[row][column]
        _known(level, named, f"{table.path('cells')}[{row}][{column}]")
        rules.append(
            CombinationRule(
                f"M-{row}-{column}",
                level,
                (frozenset({row}), *(frozenset(own) for own in others)),
                (
                    CountCondition(frozenset({column}), some),
                    CountCondition(frozenset(own for own in columns if own > column), frozenset({0})),
                ),
                {
                    "zh": f"{titles[0]['zh']}为 {row} 级，{worst_zh}为 {column} 级",
                    "en": f"{titles[0]['en'].lower()} at level {row}, {worst_en} at level {column}",
                },
            )
        )
    return rules


def _total(table: Table, level_sets: tuple[tuple[int, ...], ...], named: dict[int, Words]) -> list[CombinationRule]:
    if len(level_sets) != 1 or set(level_sets[0]) != set(named):
        raise InstrumentError(
            table.path("method"), "a total gives the level when there is no domain and the levels agree"
        )
    said = {"zh": "总分的等级就是能力等级", "en": "the level of the total is the ability level"}
    return [CombinationRule(f"T-{level}", level, (frozenset({level}),), (), said) for level in sorted(named)]


def _known(level: int, named: dict[int, Words], where: str) -> None:
    if level not in named:
        raise InstrumentError(where, f"must be one of {', '.join(map(str, sorted(named)))}")
