"""Read the parts of an instrument file: items, levels, domains, form C, level changes, abilities."""

from __future__ import annotations

import re
from typing import Literal

from assessments.errors import InstrumentError
from assessments.model import (
    LEVEL_CODES,
    Band,
    CareGrades,
    Changes,
    Check,
    Clause,
    CountRule,
    CriterionVerdict,
    Domain,
    DomainItem,
    Fact,
    Group,
    Instrument,
    Item,
    Option,
    Subitem,
    Words,
)
from assessments.reading import Table, unique

_KEY = re.compile(r"[a-z][a-z_]*")


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


def read_groups(root: Table) -> tuple[Group, ...]:
    """The headings over the items, if the instrument has any."""
    groups = tuple(Group(g.text("id"), g.words("title"), g.number("max")) for g in root.tables("groups", optional=True))
    unique([group.id for group in groups], "groups")
    return groups


def check_groups(groups: tuple[Group, ...], items: tuple[Item, ...]) -> None:
    """Refuse headings whose items do not add up to what the heading says."""
    for place, group in enumerate(groups):
        top = sum(item.max for item in items if item.group == group.id)
        if top != group.top:
            raise InstrumentError(f"groups[{place}].max", f"the items of {group.id} add up to {top}, not {group.top}")


def read_items(
    root: Table, levels: dict[str, Words], forms: Instrument | None, grades: CareGrades, groups: tuple[Group, ...] = ()
) -> tuple[Item, ...]:
    """The items, with sub-items when the instrument observes them."""
    legal = {item.id: item for item in forms.items} if forms else {}
    headings = tuple(group.id for group in groups)
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
                group=table.text("group", one_of=headings) if headings else "",
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
        low, high = (entry.number("from"), entry.number("to")) if ranged else (level, level)
        if low > high:
            raise InstrumentError(entry.path("from"), f"{low} is more than {high}")
        bands.append(Band(level, low, high, entry.label()))
    check_levels([band.value for band in bands], owner.path("levels"))
    return tuple(bands)


def check_levels(found: list[int], where: str) -> None:
    """Levels count from 0, the best, without a hole."""
    count = max(len(set(found)), 2)
    for place, level in enumerate(found):
        if not 0 <= level < count:
            raise InstrumentError(f"{where}[{place}].level", f"must be one of {', '.join(map(str, range(count)))}")
    if len(set(found)) != count:
        raise InstrumentError(where, "must name two levels at least")


def read_adl(table: Table, items: tuple[Item, ...]) -> tuple[Words, Words, tuple[Band, ...]]:
    """Title, words before the sum and score bands of the items."""
    title, bands = table.words("title"), _bands(table)
    count = len(items)
    said: Words = {"zh": f"{count} 项合计", "en": f"the {count} items add up to"}
    if count == 10:
        said = {"zh": "十项合计", "en": "the ten items add up to"}
    if "sum" in table:
        said = table.words("sum")
    table.close()
    return title, said, bands


def read_domains(root: Table) -> tuple[Domain, ...]:
    """The parts with a level of their own, such as forms B.2 to B.4."""
    domains = []
    for table in root.tables("domains", optional=True):
        method: Literal["sum", "worst"] = "sum" if table.text("method", one_of=("sum", "worst")) == "sum" else "worst"
        better: Literal["low", "high"] = "low"
        if method == "sum" and "better" in table and table.text("better", one_of=("low", "high")) == "high":
            better = "high"
        items = tuple(
            DomainItem(i.text("id"), i.words("title"), i.words("observe"), read_options(i, leveled=method == "worst"))
            for i in table.tables("items")
        )
        key = table.text("key")
        if not _KEY.fullmatch(key) or key in ("adl", "preliminary", "ability"):
            raise InstrumentError(table.path("key"), "must be a word of its own in small letters")
        bands = _bands(table, ranged=method == "sum")
        domains.append(Domain(table.text("id"), key, table.words("title"), method, better, bands, items))
    unique([domain.key for domain in domains], "domains")
    return tuple(domains)


def read_facts(root: Table) -> tuple[Fact, ...]:
    """The risk facts of form A."""
    facts = tuple(
        Fact(f.text("id"), f.text("code"), f.words("title"), read_options(f))
        for f in root.tables("facts", optional=True)
    )
    unique([fact.id for fact in facts], "facts")
    return facts


NO_CHANGE: Words = {"zh": "表 C.3：无等级变更情形", "en": "form C.3: nothing that changes the level"}


def read_changes(table: Table, facts: tuple[Fact, ...], domains: tuple[Domain, ...]) -> Changes:
    """Form C.3."""
    known = {fact.id for fact in facts}
    answers = _option_codes(domains)
    clauses = []
    for entry in table.tables("clauses"):
        kind = entry.text("kind", one_of=("code", "events", "answer", "fact", "stop"))
        name, title = entry.text("id"), entry.words("title")
        if kind == "stop":
            clauses.append(Clause(name, "stop", title, level=entry.number("at")))
        elif kind == "answer":
            answer, equals = entry.text("answer"), entry.number("equals")
            if equals not in answers.get(answer, frozenset()):
                raise InstrumentError(entry.path("answer"), f"{answer} has no option {equals}")
            clauses.append(Clause(name, "answer", title, answer=answer, equals=equals, level=entry.number("level")))
        elif kind == "fact":
            fact, equals = entry.text("fact", one_of=tuple(sorted(known))), entry.number("equals")
            clauses.append(Clause(name, "fact", title, facts=(fact,), equals=equals, level=entry.number("level")))
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
        none=table.words("none") if "none" in table else NO_CHANGE,
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
