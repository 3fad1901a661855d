"""Form C.3: change the preliminary ability level, and name every change. Also the cross-checks."""

from __future__ import annotations

from collections.abc import Mapping

from assessments.model import Clause, Instrument, Words
from assessments.result import LevelChange, Step
from assessments.sheet import Sheet


def clause_holds(instrument: Instrument, clause: Clause, facts: Mapping[str, int]) -> bool:
    """Whether a raising clause holds for the facts."""
    codes = [facts[fact] for fact in clause.facts]
    if clause.kind == "events" and instrument.changes.counting == "total":
        return sum(codes) >= clause.at_least
    return max(codes) >= clause.at_least


def raising_clauses(instrument: Instrument, facts: Mapping[str, int]) -> list[Clause]:
    """The raising clauses that hold, in order."""
    found = [clause for clause in instrument.changes.clauses if clause.kind in ("code", "events")]
    return [clause for clause in found if clause_holds(instrument, clause, facts)]


def final_level(instrument: Instrument, preliminary: int, raising: list[Clause]) -> int:
    """The level after the raising clauses, without coma."""
    stop = stop_level(instrument)
    if preliminary >= stop or not raising:
        return preliminary
    steps = [clause.steps for clause in raising]
    return min(stop, preliminary + (max(steps) if instrument.changes.raising == "once" else sum(steps)))


def stop_level(instrument: Instrument) -> int:
    """The level that is raised no further."""
    stops = [clause.level for clause in instrument.changes.of_kind("stop")]
    return min([*stops, max(instrument.combination.titles)])


def change_level(
    instrument: Instrument, sheet: Sheet, preliminary: int | None, steps: list[Step]
) -> tuple[int, tuple[LevelChange, ...]]:
    """The final ability level and the changes that led to it; the sentences are added to ``steps``.

    Coma comes first: it sets the level directly. A preliminary level can be absent in coma only.
    """
    coma = instrument.coma
    if sheet.coma and coma is not None:
        return _set(coma, preliminary, steps)
    if preliminary is None:
        raise ValueError("a preliminary level is absent although the sheet is complete")
    direct = next((c for c in instrument.changes.of_kind("fact") if sheet.facts[c.facts[0]] == c.equals), None)
    if direct is not None:
        return _set(direct, preliminary, steps)
    raising = raising_clauses(instrument, sheet.facts)
    final = final_level(instrument, preliminary, raising)
    if final != preliminary:
        return _changed(tuple(raising), preliminary, final, steps)
    if raising:
        stops = instrument.changes.of_kind("stop")
        title = stops[0].title if stops else _AT_THE_TOP
        steps.append(_unchanged(tuple(c.id for c in (*raising, *stops[:1])), title, preliminary))
    elif instrument.changes.clauses:
        none = instrument.changes.none
        steps.append(Step("level_change", none["zh"], none["en"], {"clauses": [], "from": None, "to": None}))
    return final, ()


_AT_THE_TOP: Words = {"zh": "已是最重等级", "en": "already the most severe level"}


def _set(clause: Clause, preliminary: int | None, steps: list[Step]) -> tuple[int, tuple[LevelChange, ...]]:
    """A clause that sets the level directly; a level that is as severe already stays."""
    if preliminary is not None and preliminary >= clause.level:
        steps.append(_unchanged((clause.id,), clause.title, preliminary))
        return preliminary, ()
    return _changed((clause,), preliminary, clause.level, steps)


def _changed(
    clauses: tuple[Clause, ...], before: int | None, after: int, steps: list[Step]
) -> tuple[int, tuple[LevelChange, ...]]:
    ids = tuple(clause.id for clause in clauses)
    zh_why = "；".join(f"{clause.id} {clause.title['zh']}" for clause in clauses)
    en_why = "; ".join(f"{clause.id} {clause.title['en']}" for clause in clauses)
    zh_from, en_from = ("未评", "not assessed") if before is None else (str(before), str(before))
    change = LevelChange(ids, before, after, f"{zh_why}：{zh_from} → {after}", f"{en_why}: {en_from} → {after}")
    steps.append(
        Step("level_change", change.zh, change.en, {"clauses": list(ids), "from": before, "to": after})
    )  # fmt: skip
    return after, (change,)


def _unchanged(ids: tuple[str, ...], title: Words, level: int) -> Step:
    names = "、".join(ids)
    return Step(
        "level_change",
        f"{names}：{title['zh']}，等级仍为 {level}",
        f"{', '.join(ids)}: {title['en']}; the level stays {level}",
        {"clauses": list(ids), "from": level, "to": level},
    )


def cross_checks(instrument: Instrument, sheet: Sheet) -> tuple[Step, ...]:
    """Warnings where an answer and a fact contradict each other; they change nothing."""
    return tuple(
        Step(
            f"check.{check.id}",
            check.title["zh"],
            check.title["en"],
            {"answer": check.answer, "fact": check.fact},
        )
        for check in instrument.checks
        if sheet.answers.get(check.answer) in check.answer_codes and sheet.facts.get(check.fact) in check.fact_codes
    )
