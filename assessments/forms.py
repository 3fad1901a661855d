"""Read the parts of an instrument file: items, levels, domains, form C, level changes, abilities."""

from __future__ import annotations

from typing import Literal

from assessments.errors import InstrumentError
from assessments.model import (
    LEVEL_CODES,
    Band,
    CareGrades,
    Changes,
    Check,
    Clause,
    Combination,
    CombinationRule,
    CountCondition,
    CountRule,
    CriterionVerdict,
    Domain,
    DomainItem,
    Fact,
    Instrument,
    Item,
    Option,
    Subitem,
    Words,
)
from assessments.reading import Table, unique

DOMAIN_KEYS = ("mental", "sensory", "social")
LEVELS = (0, 1, 2, 3)


def read_levels(table: Table) -> dict[str, Words]:
    """The generic assistance levels A0..A4."""
    levels = {code: table.words(code) for code in LEVEL_CODES}
    table.close()
    return levels


def read_options(owner: Table, *, leveled: bool = False) -> tuple[Option, ...]:
    """The choices of a question; ``leveled`` when each names the least domain level it allows."""
    options = tuple(
        Option(o.number("code"), o.label(), o.number("level") if leveled else None) for o in owner.tables("options")
    )
    unique([option.code for option in options], owner.path("options"))
    return options


def read_items(root: Table, levels: dict[str, Words], forms: Instrument | None, grades: CareGrades) -> tuple[Item, ...]:
    """The ten items, with sub-items when the instrument observes thirty of them."""
    legal = {item.id: item for item in forms.items} if forms else {}
    items = []
    for table in root.tables("items"):
        number, top = table.text("id"), table.number("max")
        if forms is not None and number not in legal:
            raise InstrumentError(table.path("id"), f"{forms.key} has no item {number}")
        options = legal[number].options if forms else read_options(table)
        if max(option.code for option in options) != top:
            raise InstrumentError(table.path("max"), f"the best score of item {number} is not {top}")
        items.append(
            Item(
                id=number,
                code=table.text("code"),
                title=table.words("title"),
                observe=legal[number].observe if forms else table.words("observe"),
                max=top,
                options=options,
                subitems=_subitems(table, levels, grades) if forms else (),
                rules=_count_rules(table),
            )
        )
    unique([item.id for item in items], "items")
    return tuple(items)


def _subitems(item: Table, levels: dict[str, Words], grades: CareGrades) -> tuple[Subitem, ...]:
    found = []
    for table in item.tables("subitems"):
        caps = table.numbers("caps")
        if len(caps) != len(LEVEL_CODES):
            raise InstrumentError(table.path("caps"), "must hold five numbers, for A0 to A4")
        indicator = table.text("indicator", one_of=tuple(grades.abilities))
        met = None if table.flag("advisory") else LEVEL_CODES.index(table.text("met", one_of=LEVEL_CODES))
        labels = dict(levels)
        if "labels" in table:
            own = table.table("labels")
            labels |= {code: own.words(code) for code in LEVEL_CODES if code in own}
            own.close()
        found.append(
            Subitem(table.text("id"), table.words("title"), table.words("observe"), labels, caps, indicator, met)
        )
    return tuple(found)


def _count_rules(item: Table) -> tuple[CountRule, ...]:
    return tuple(
        CountRule(
            id=rule.text("id"),
            title=rule.words("title"),
            at_least=rule.number("at_least"),
            from_level=LEVEL_CODES.index(rule.text("from_level", one_of=LEVEL_CODES)),
            score=rule.number("score"),
        )
        for rule in item.tables("rules", optional=True)
    )


def _bands(owner: Table, *, ranged: bool = True) -> tuple[Band, ...]:
    bands = []
    for entry in owner.tables("levels"):
        level = entry.number("level")
        if level not in LEVELS:
            raise InstrumentError(entry.path("level"), "must be 0, 1, 2 or 3")
        low, high = (entry.number("from"), entry.number("to")) if ranged else (level, level)
        if low > high:
            raise InstrumentError(entry.path("from"), f"{low} is more than {high}")
        bands.append(Band(level, low, high, entry.label()))
    if {band.value for band in bands} != set(LEVELS):
        raise InstrumentError(owner.path("levels"), "must name the levels 0, 1, 2 and 3")
    return tuple(bands)


def read_adl(table: Table) -> tuple[Words, tuple[Band, ...]]:
    """Title and score bands of daily living."""
    title, bands = table.words("title"), _bands(table)
    table.close()
    return title, bands


def read_domains(root: Table) -> tuple[Domain, ...]:
    """Forms B.2 to B.4."""
    domains = []
    for table in root.tables("domains"):
        method: Literal["sum", "worst"] = "sum" if table.text("method", one_of=("sum", "worst")) == "sum" else "worst"
        items = tuple(
            DomainItem(i.text("id"), i.words("title"), i.words("observe"), read_options(i, leveled=method == "worst"))
            for i in table.tables("items")
        )
        domains.append(
            Domain(
                id=table.text("id"),
                key=table.text("key", one_of=DOMAIN_KEYS),
                title=table.words("title"),
                method=method,
                bands=_bands(table, ranged=method == "sum"),
                items=items,
            )
        )
    if tuple(domain.key for domain in domains) != DOMAIN_KEYS:
        raise InstrumentError("domains", f"must be {', '.join(DOMAIN_KEYS)} in this order")
    return tuple(domains)


def read_facts(root: Table) -> tuple[Fact, ...]:
    """The risk facts of form A."""
    facts = tuple(Fact(f.text("id"), f.text("code"), f.words("title"), read_options(f)) for f in root.tables("facts"))
    unique([fact.id for fact in facts], "facts")
    return facts


def read_combination(table: Table) -> Combination:
    """Form C."""
    titles = {entry.number("level"): entry.words("title") for entry in table.tables("levels")}
    if set(titles) != set(LEVELS):
        raise InstrumentError(table.path("levels"), "must name the levels 0, 1, 2 and 3")
    rules = []
    for rule in table.tables("rules"):
        level = rule.number("level")
        if level not in LEVELS:
            raise InstrumentError(rule.path("level"), "must be 0, 1, 2 or 3")
        adl, mental, sensory, social = (
            frozenset(rule.numbers(key)) if key in rule else frozenset(LEVELS) for key in ("adl", *DOMAIN_KEYS)
        )
        where = tuple(
            CountCondition(frozenset(c.numbers("in")), frozenset(c.numbers("count")))
            for c in rule.tables("where", optional=True)
        )
        rules.append(
            CombinationRule(rule.text("id"), level, (adl, mental, sensory, social), where, rule.words("wording"))
        )
    unique([rule.id for rule in rules], table.path("rules"))
    wording = table.text("wording") if "wording" in table else ""
    table.close()
    return Combination(titles, tuple(rules), wording)


def read_changes(table: Table, facts: tuple[Fact, ...], domains: tuple[Domain, ...]) -> Changes:
    """Form C.3."""
    known = {fact.id for fact in facts}
    answers = _option_codes(domains)
    clauses = []
    for entry in table.tables("clauses"):
        kind = entry.text("kind", one_of=("code", "events", "answer", "stop"))
        name, title = entry.text("id"), entry.words("title")
        if kind == "stop":
            clauses.append(Clause(name, "stop", title, level=entry.number("at")))
        elif kind == "answer":
            answer, equals = entry.text("answer"), entry.number("equals")
            if equals not in answers.get(answer, frozenset()):
                raise InstrumentError(entry.path("answer"), f"{answer} has no option {equals}")
            clauses.append(Clause(name, "answer", title, answer=answer, equals=equals, level=entry.number("level")))
        else:
            named = entry.texts("facts")
            for fact in named:
                if fact not in known:
                    raise InstrumentError(entry.path("facts"), f"{fact} is not a fact of this instrument")
            clauses.append(
                Clause(
                    name,
                    "code" if kind == "code" else "events",
                    title,
                    facts=named,
                    at_least=entry.number("at_least"),
                    steps=entry.number("raise"),
                )
            )
    changes = Changes(
        raising="once" if table.text("raising", one_of=("once", "per_cause")) == "once" else "per_cause",
        counting="total" if table.text("counting", one_of=("total", "per_kind")) == "total" else "per_kind",
        clauses=tuple(clauses),
    )
    table.close()
    return changes


def read_checks(root: Table, facts: tuple[Fact, ...], domains: tuple[Domain, ...]) -> tuple[Check, ...]:
    """Cross-checks between answers and facts."""
    known, answers = {fact.id for fact in facts}, set(_option_codes(domains))
    return tuple(
        Check(
            id=entry.text("id"),
            answer=entry.text("answer", one_of=tuple(sorted(answers))),
            answer_codes=frozenset(entry.numbers("answer_codes")),
            fact=entry.text("fact", one_of=tuple(sorted(known))),
            fact_codes=frozenset(entry.numbers("fact_codes")),
            title=entry.words("title"),
        )
        for entry in root.tables("checks", optional=True)
    )


def read_verdicts(root: Table, items: tuple[Item, ...], grades: CareGrades) -> dict[str, tuple[CriterionVerdict, ...]]:
    """What the ten criteria alone say about each ability."""
    scores = {item.id: frozenset(option.code for option in item.options) for item in items}
    verdicts = {}
    for ability in root.tables("abilities"):
        found = []
        for entry in ability.tables("items"):
            item = entry.text("item", one_of=tuple(scores))
            met, not_met = (frozenset(entry.numbers(key)) for key in ("met", "not_met"))
            if met & not_met or not met | not_met <= scores[item]:
                raise InstrumentError(entry.path("met"), f"met and not_met must be different scores of item {item}")
            found.append(CriterionVerdict(item, met, not_met))
        verdicts[ability.text("id", one_of=tuple(grades.abilities))] = tuple(found)
    if set(verdicts) != set(grades.abilities):
        raise InstrumentError("abilities", "must name every ability once")
    return verdicts


def _option_codes(domains: tuple[Domain, ...]) -> dict[str, frozenset[int]]:
    return {item.id: frozenset(o.code for o in item.options) for domain in domains for item in domain.items}
