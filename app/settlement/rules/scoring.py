"""The quarterly scorecard: facts and people's points in, score, band and ratio out (domain.md 5.2).

Exact fractions until the end; the total is rounded once, half up, to hundredths of a point. What nobody recorded or scored
is listed as missing and never counts as zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from app.core.money import round_half_up


@dataclass(frozen=True)
class Records:
    """What the records of one contract's quarter say.

    ``items`` maps S01 … S12 to (verified, required) services on the days under contract. ``recorded`` and ``late`` count
    entries. ``avoidable`` and ``unjudged`` count incidents. ``satisfaction`` and ``neighbour`` are (sum of points, visits).
    ``observed`` maps skin, clean and steady to (times yes, times no).
    """

    items: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    recorded: int = 0
    late: int = 0
    avoidable: int = 0
    unjudged: int = 0
    satisfaction: tuple[int, int] = (0, 0)
    neighbour: tuple[int, int] = (0, 0)
    observed: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    visits: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain form for storing beside the score."""
        return {
            "items": {k: list(v) for k, v in sorted(self.items.items())},
            "recorded": self.recorded,
            "late": self.late,
            "avoidable": self.avoidable,
            "unjudged": self.unjudged,
            "satisfaction": list(self.satisfaction),
            "neighbour": list(self.neighbour),
            "observed": {k: list(v) for k, v in sorted(self.observed.items())},
            "visits": self.visits,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Records:
        """Read the stored form back."""
        pair = {k: tuple(data.get(k, (0, 0))) for k in ("satisfaction", "neighbour")}
        return cls(
            items={k: (v[0], v[1]) for k, v in data.get("items", {}).items()},
            recorded=data.get("recorded", 0),
            late=data.get("late", 0),
            avoidable=data.get("avoidable", 0),
            unjudged=data.get("unjudged", 0),
            satisfaction=(pair["satisfaction"][0], pair["satisfaction"][1]),
            neighbour=(pair["neighbour"][0], pair["neighbour"][1]),
            observed={k: (v[0], v[1]) for k, v in data.get("observed", {}).items()},
            visits=data.get("visits", 0),
        )


@dataclass(frozen=True)
class LineScore:
    """One line of the scorecard: exact points, or None when missing; ``by`` says records or person."""

    id: str
    part: str
    maximum: int
    points: Fraction | None
    by: str


@dataclass(frozen=True)
class Score:
    """A scored card. ``total`` is in hundredths of a point; empty while anything is ``missing``."""

    lines: tuple[LineScore, ...]
    missing: tuple[str, ...]
    total: int | None
    band: str | None
    ratio_bp: int | None

    def part(self, part: str) -> Fraction | None:
        """Exact points of one part, or None while one of its lines is missing."""
        own = [line.points for line in self.lines if line.part == part]
        known = [p for p in own if p is not None]
        return sum(known, Fraction(0)) if len(known) == len(own) else None


def delivered(items: Mapping[str, tuple[int, int]], maximum: int, each: int) -> Fraction | None:
    """Part A: ``each`` × min(1, verified / required) per item; items without a required service are taken out and the
    rest is rescaled to ``maximum``. None when nothing at all was required.
    """
    required = {k: v for k, v in items.items() if v[1] > 0}
    if not required:
        return None
    points = sum((each * min(Fraction(1), Fraction(done, due)) for done, due in required.values()), Fraction(0))
    return points * maximum / (each * len(required))


def _mean(points: tuple[int, int], maximum: int) -> Fraction | None:
    total, count = points
    return min(Fraction(maximum), Fraction(total, count)) if count else None


def from_records(line: Mapping[str, Any], records: Records) -> Fraction | None:
    """Points of a line that records decide; None when they say nothing. Raises ``ValueError`` for an unknown source."""
    maximum, source = int(line["max"]), line["source"]
    if source == "person":
        return None
    if source == "delivered":
        return delivered(records.items, maximum, int(line["points_per_item"]))
    if source == "no_events":
        return None if records.unjudged else Fraction(0 if records.avoidable else maximum)
    if source == "timely":
        if records.recorded:
            return maximum * Fraction(records.recorded - records.late, records.recorded)
        return Fraction(0) if any(due for _done, due in records.items.values()) else None
    if source == "satisfaction":
        return _mean(records.satisfaction, maximum)
    if source == "neighbour_view":
        return _mean(records.neighbour, maximum)
    raise ValueError(f"unknown source {source!r} of line {line['id']}")


def scorable_by_person(line: Mapping[str, Any], records: Records) -> bool:
    """Whether people give the points of a line: always for their own lines; for lines of records only when the records
    say nothing (no visit with the question answered, nothing required). Incidents must be judged instead.
    """
    if line["source"] == "person":
        return True
    return line["source"] != "no_events" and from_records(line, records) is None


def band_of(card: Mapping[str, Any], total: int) -> tuple[str, int]:
    """(band, ratio in hundredths of a percent) of a total in hundredths. Raises ``ValueError`` when no band fits."""
    fitting = [b for b in card["band"] if b["from"] <= total]
    if not fitting:
        raise ValueError(f"no band for {total}")
    best = max(fitting, key=lambda b: int(b["from"]))
    return str(best["id"]), int(best["ratio_bp"])


def score(card: Mapping[str, Any], records: Records, given: Mapping[str, int], *, veto: str | None = None) -> Score:
    """Score a card. ``given`` maps line ids to people's points in hundredths. A veto makes the total 0.

    Raises ``ValueError`` for an unknown veto, an unknown line, or points outside the line's range.
    """
    known = {line["id"]: line for line in card["line"]}
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"unknown line {name}")
        if not 0 <= value <= int(known[name]["max"]) * 100:
            raise ValueError(f"points of {name} out of range")
    if veto is not None and veto not in {v["id"] for v in card["veto"]}:
        raise ValueError(f"unknown veto {veto}")
    lines = []
    for line in card["line"]:
        points, by = from_records(line, records), "records"
        if points is None and line["id"] in given and scorable_by_person(line, records):
            points, by = Fraction(given[line["id"]], 100), "person"
        lines.append(LineScore(line["id"], line["part"], int(line["max"]), points, by))
    if veto is not None:
        band, ratio = band_of(card, 0)
        return Score(tuple(lines), (), 0, band, ratio)
    missing = tuple(line.id for line in lines if line.points is None)
    if missing:
        return Score(tuple(lines), missing, None, None, None)
    total = round_half_up(sum((line.points or Fraction(0) for line in lines), Fraction(0)) * 100)
    band, ratio = band_of(card, total)
    return Score(tuple(lines), (), total, band, ratio)


def check_card(card: Mapping[str, Any]) -> list[str]:
    """What is wrong with a scorecard, in words; empty when it can be used (sums, bands without gaps, known sources)."""
    problems: list[str] = []
    parts = {p["id"]: int(p["max"]) for p in card.get("part", [])}
    for part, maximum in parts.items():
        total = sum(int(line["max"]) for line in card.get("line", []) if line["part"] == part)
        if total != maximum:
            problems.append(f"lines of part {part} sum to {total}, not {maximum}")
    if sum(parts.values()) != 100:
        problems.append(f"parts sum to {sum(parts.values())}, not 100")
    problems += _check_bands(card.get("band", []))
    try:
        for line in card.get("line", []):
            from_records(line, Records())
    except (KeyError, ValueError) as error:
        problems.append(str(error))
    return problems


def _check_bands(bands: Sequence[Mapping[str, Any]]) -> list[str]:
    ordered = sorted(bands, key=lambda b: int(b["from"]))
    problems = []
    if not ordered or ordered[0]["from"] != 0:
        problems.append("no band begins at 0")
    if len({b["from"] for b in ordered}) != len(ordered):
        problems.append("two bands begin at the same score")
    ratios = [int(b["ratio_bp"]) for b in ordered]
    if any(not 0 <= r <= 10000 for r in ratios) or ratios != sorted(ratios):
        problems.append("ratios must lie between 0 and 1 and not fall with a higher score")
    return problems


def required_services(due: Iterable[tuple[int, int]], covered: int, excused: int) -> int:
    """Required services of one item: what was due on the days under contract, less what was not needed.

    ``due`` are pairs (days the item is due while a plan is valid, times on each of them), days as bit masks over the quarter
    with bit 0 for its first day, like ``covered``. ``excused`` counts single services on the days under contract.
    """
    asked = sum((days & covered).bit_count() * times for days, times in due)
    return max(0, asked - excused)
