"""What scoring a sheet gives back, and its JSON form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


class Step:
    """One step of the trace: a stable id, a sentence in Chinese and in English, and the values behind it."""

    __slots__ = ("_json", "en", "step", "values", "zh")

    def __init__(self, step: str, zh: str, en: str, values: Mapping[str, Any]) -> None:
        self.step = step
        self.zh = zh
        self.en = en
        self.values = values
        # Steps are shared by many results, so the flat form is made once.
        self._json = {"step": step, "zh": zh, "en": en, **values}

    def as_dict(self) -> dict[str, Any]:
        """The step as one flat JSON object; lists inside are shared and must not be changed."""
        return self._json.copy()


class ItemReason(NamedTuple):
    """Why an item has its score: the answers that held it down (none at full score) and the extra rule, if any."""

    score: int | None
    max: int
    deciding: tuple[str, ...]
    rule: str | None

    def as_dict(self) -> dict[str, Any]:
        """The reason as a JSON object."""
        return {"score": self.score, "max": self.max, "deciding": list(self.deciding), "rule": self.rule}


class LevelChange(NamedTuple):
    """One change of the ability level under form C.3; ``before`` is ``None`` when coma left it unassessed."""

    clauses: tuple[str, ...]
    before: int | None
    after: int
    zh: str
    en: str

    def as_dict(self) -> dict[str, Any]:
        """The change as a JSON object."""
        return {
            "clauses": list(self.clauses), "from": self.before, "to": self.after, "zh": self.zh, "en": self.en
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one sheet. ``None`` means not assessed or not determined, never zero.

    Scores are points, levels count from 0 (intact; to 3 or more, severe), ``levels`` holds that of the items (``adl``) and
    of each domain by key, ``groups`` the subtotals of headings, grades 1 self-care, 2 partial care, 3 full care. ``abilities``
    maps N1..N6 to met (true), not met (false) or undetermined (``None``); ``unmet`` counts those not met.
    ``instrument`` and ``sha256`` name exactly the rules that were used.
    """

    instrument: str
    sha256: str
    scope: str
    coma: bool
    items: Mapping[str, int | None]
    reasons: Mapping[str, ItemReason]
    total: int | None
    groups: Mapping[str, int | None]
    levels: Mapping[str, int | None]
    preliminary_level: int | None
    ability_level: int | None
    level_changes: tuple[LevelChange, ...]
    abilities: Mapping[str, bool | None]
    unmet: int | None
    statutory_grade: int | None
    score_grade: int | None
    proposed_grade: int | None
    tiers_agree: bool | None
    checks: tuple[Step, ...]
    trace: tuple[Step, ...]

    @property
    def adl_level(self) -> int | None:
        """The level of the total of the items."""
        return self.levels["adl"]

    @property
    def mental_level(self) -> int | None:
        """Level of form B.2; ``None`` for an instrument without."""
        return self.levels.get("mental")

    @property
    def sensory_level(self) -> int | None:
        """Level of form B.3; ``None`` for an instrument without."""
        return self.levels.get("sensory")

    @property
    def social_level(self) -> int | None:
        """Level of form B.4; ``None`` for an instrument without."""
        return self.levels.get("social")

    def as_dict(self) -> dict[str, Any]:
        """The result as a fresh JSON-ready object; fields may be added in later versions, none is taken away."""
        return {
            "items": dict(self.items),
            "total": self.total,
            "adl_level": self.adl_level,
            "mental_level": self.mental_level,
            "sensory_level": self.sensory_level,
            "social_level": self.social_level,
            "preliminary_level": self.preliminary_level,
            "ability_level": self.ability_level,
            "level_changes": [change.as_dict() for change in self.level_changes],
            "abilities": dict(self.abilities),
            "unmet": self.unmet,
            "statutory_grade": self.statutory_grade,
            "score_grade": self.score_grade,
            "proposed_grade": self.proposed_grade,
            "tiers_agree": self.tiers_agree,
            "trace": [step.as_dict() for step in self.trace],
            "instrument": self.instrument,
            "sha256": self.sha256,
            "scope": self.scope,
            "coma": self.coma,
            "reasons": {item: reason.as_dict() for item, reason in self.reasons.items()},
            "checks": [step.as_dict() for step in self.checks],
            "groups": dict(self.groups),
            "levels": dict(self.levels),
        }
