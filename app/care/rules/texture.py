"""Food texture from water test and teeth (domain.md 7.4): a suggestion for a qualified person, never an order.

Levels are IDDSI numbers (iddsi.org, CC BY-SA 4.0), cited only; the table is the county's own rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

NOTHING = "none"
"""Nothing by mouth until somebody has assessed it."""

SWALLOW = ("1", "1slow", "2", "3", "4", "5", "tube")
"""Results of the water test: 1 within 5 s, 1slow beyond, 2 … 5; a tube is not tested."""

TEETH = ("whole", "worn", "part_other", "part_one_side", "part_both_sides", "upper", "lower", "all")
DENTURES = ("none", "fixed", "partial", "full")


@dataclass(frozen=True)
class Texture:
    """Suggested food and drink levels with where they come from; ``food`` is None while something is not known yet."""

    food: str | None
    drink: str | None
    referral: str | None
    note: str | None
    sources: tuple[str, ...]

    def stored(self) -> dict[str, Any]:
        """As plain data for the plan."""
        return {**asdict(self), "sources": list(self.sources)}


def suggest(
    personal: Mapping[str, Any],
    *,
    swallow: str | None,
    teeth: str | None,
    denture: str | None,
    residue: bool,
    answers: Mapping[str, Any],
    facts: Mapping[str, Any],
) -> Texture:
    """The suggestion for one person. What is not known is named in ``sources`` (``ask_swallow``, ``ask_teeth``,
    ``ask_denture``) and no level is guessed from it; what forbids food by mouth counts even then.
    """
    table = personal["texture"]
    awake, swallowing = answers.get("B.3.1"), answers.get("1.3")
    forbids = [
        word
        for word, holds in (
            ("not_awake", isinstance(awake, int) and awake >= 1),
            ("cannot_swallow", swallowing == "A4"),
            ("swallow", swallow in ("5", "tube")),
        )
        if holds
    ]
    if forbids:
        return Texture(NOTHING, NOTHING, "urgent", None, tuple(forbids))
    asks = [
        name
        for name, known in (("ask_swallow", swallow), ("ask_teeth", teeth), ("ask_denture", denture))
        if known is None
    ]
    choked = isinstance(facts.get("choking"), int) and facts["choking"] >= 1
    if asks:
        return Texture(None, None, "swallowing" if choked else None, None, tuple(asks))
    row = next(row for row in table["row"] if row["swallow"] == swallow)
    chewing = table["teeth"][teeth]
    chewing = table["denture"][denture].get(chewing, chewing)
    ladder: list[str] = table["ladder"]
    place, sources = ladder.index(row[chewing]), ["swallow", f"teeth_{chewing}"]
    if choked:
        place = min(place + 1, len(ladder) - 1)
        sources.append("choking")
    if residue and place < (most := ladder.index(table["residue_hardest_allowed"])):
        place = most
        sources.append("residue")
    referral = "swallowing" if choked else row.get("referral")
    return Texture(ladder[place], row["drink"], referral, row.get("note"), tuple(sources))


def softer_or_equal(personal: Mapping[str, Any], food: str, than: str) -> bool:
    """Whether a confirmed level is no harder than the suggested one; a harder one needs a written reason."""
    ladder = [*personal["texture"]["ladder"], NOTHING]
    return ladder.index(food) >= ladder.index(than)
