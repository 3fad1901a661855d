"""Care frequencies and checklists as arithmetic: what is due on which day, what may be changed, what is late."""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

ITEMS = tuple(f"S{n:02d}" for n in range(1, 13))
"""The twelve care items in the order of their bits: S01 is bit 0."""

GRADE_KEYS = {1: "self", 2: "half", 3: "full"}
LEVELS = ("A0", "A1", "A2", "A3", "A4")
LATE_AFTER = dt.timedelta(hours=24)
MAX_BACKDATING = dt.timedelta(days=92)

_FREQUENCY = re.compile(r"([1-9][0-9]?)/([dwmqy])")


class BadFrequency(ValueError):
    """The text is no frequency of the grammar in domain.md 7.3."""


class Outcome(StrEnum):
    """What became of an item that day."""

    DONE = "done"
    NOT_DONE = "not_done"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True)
class Frequency:
    """``times`` per ``period`` (d, w, m, q, y), or as needed, or not required."""

    text: str
    times: int
    period: str

    @property
    def as_needed(self) -> bool:
        """prn: never due, each time recorded."""
        return self.period == "prn"

    @property
    def required(self) -> bool:
        """Whether some day is due at all."""
        return self.times > 0

    def per_day(self) -> Fraction:
        """Average times a day, for comparing two frequencies (a year counts 365 days)."""
        days = {"d": 1, "w": 7, "m": Fraction(365, 12), "q": Fraction(365, 4), "y": 365}
        return Fraction(self.times) / days[self.period] if self.required else Fraction(0)  # type: ignore[operator]  # inferred too narrowly


def parse_frequency(text: str) -> Frequency:
    """Read ``3/d``, ``q2h`` (12 a day), ``q2hD`` (8 a day), ``prn`` or ``-``. Raises ``BadFrequency``."""
    fixed = {"q2h": (12, "d"), "q2hD": (8, "d"), "prn": (0, "prn"), "-": (0, "-")}
    if text in fixed:
        times, period = fixed[text]
        return Frequency(text, times, period)
    match = _FREQUENCY.fullmatch(text)
    if match is None:
        raise BadFrequency(text)
    times, period = int(match[1]), match[2]
    if times > {"d": 24, "w": 7, "m": 28, "q": 90, "y": 99}[period]:
        raise BadFrequency(text)
    return Frequency(text, times, period)


def _spread(times: int, length: int) -> set[int]:
    """``times`` positions spread evenly over ``length`` days, counted from 0."""
    return {i * length // times for i in range(times)}


def due_on(frequency: Frequency, day: dt.date) -> bool:
    """Whether an item of this frequency is due on ``day``. In every whole week, month, quarter or year exactly
    ``times`` days are due (for n/d and q2h every day).
    """
    if not frequency.required:
        return False
    if frequency.period == "d":
        return True
    if frequency.period == "w":
        return day.weekday() in _spread(frequency.times, 7)
    if frequency.period == "m":
        return day.day - 1 in _spread(frequency.times, calendar.monthrange(day.year, day.month)[1])
    first_month = (day.month - 1) // 3 * 3 + 1 if frequency.period == "q" else 1
    months = 3 if frequency.period == "q" else 12
    length = sum(calendar.monthrange(day.year, first_month + n)[1] for n in range(months))
    return (day - dt.date(day.year, first_month, 1)).days in _spread(frequency.times, length)


@functools.lru_cache(maxsize=4096)
def due_days(frequency: str, first: dt.date, last: dt.date) -> int:
    """On how many of the days ``first`` … ``last`` an item of this frequency is due (0 for an empty range)."""
    parsed = parse_frequency(frequency)
    if not parsed.required or last < first:
        return 0
    length = (last - first).days + 1
    if parsed.period == "d":
        return length
    return sum(due_on(parsed, first + dt.timedelta(days=n)) for n in range(length))


def services_a_week(lines: Iterable[Mapping[str, Any]]) -> int:
    """How many single services a plan asks in a week, rounded up; as-needed items are not counted."""
    return math.ceil(sum((parse_frequency(line["frequency"]).per_day() * 7 for line in lines), Fraction(0)))


def bit(item: str) -> int:
    """Mask of one item. Raises ``KeyError`` for anything but S01 … S12."""
    try:
        return 1 << ITEMS.index(item)
    except ValueError:
        raise KeyError(item) from None


def items_of(mask: int) -> list[str]:
    """Items whose bit is set."""
    return [item for n, item in enumerate(ITEMS) if mask >> n & 1]


def due_mask(lines: Iterable[Mapping[str, Any]], day: dt.date) -> int:
    """Mask of the items that a plan's lines make due on ``day``."""
    mask = 0
    for line in lines:
        if due_on(parse_frequency(line["frequency"]), day):
            mask |= bit(line["item"])
    return mask


def recordable_mask(lines: Iterable[Mapping[str, Any]], day: dt.date) -> int:
    """Items that may be recorded on ``day``: everything the plan names, as-needed items too."""
    mask = 0
    for line in lines:
        frequency = parse_frequency(line["frequency"])
        if frequency.as_needed or frequency.required:
            mask |= bit(line["item"])
    return mask


def below_minimum(frequency: str, minimum: str) -> bool:
    """Whether a plan's frequency asks less than the standard's minimum."""
    wanted, least = parse_frequency(frequency), parse_frequency(minimum)
    if least.as_needed:
        return not (wanted.as_needed or wanted.required)
    return wanted.per_day() < least.per_day()


def plan_lines(
    standard: Mapping[str, Any], grade: int, setting: str, answers: Mapping[str, Any], facts: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The twelve lines of a plan from standard × grade × setting, with notes from the thirty observations and the
    risk facts. Each note says where it comes from.
    """
    lines = []
    for item in standard["item"]:
        minimum = item[setting][GRADE_KEYS[grade]]
        notes = [
            need for need in standard.get("need", []) if need["item"] == item["id"] and _applies(need, answers, facts)
        ]
        lines.append(
            {
                "item": item["id"],
                "frequency": minimum,
                "minimum": minimum,
                "notes": [{"from": n.get("observation") or n["fact"], "zh": n["zh"], "en": n["en"]} for n in notes],
                "note": "",
            }
        )
    return lines


def _applies(need: Mapping[str, Any], answers: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    if "observation" in need:
        answer = answers.get(need["observation"])
        return answer in LEVELS and LEVELS.index(answer) >= LEVELS.index(need["from"])
    value = facts.get(need["fact"])
    return isinstance(value, int) and value >= need["at_least"]


def is_late(day: dt.date, recorded_at: dt.datetime, zone: dt.tzinfo) -> bool:
    """Whether an entry was made more than 24 hours after its day ended."""
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=zone)
    return recorded_at > end + LATE_AFTER


@dataclass(frozen=True)
class Masks:
    """The state of a resident's day."""

    done: int = 0
    excused: int = 0
    not_done: int = 0
    late: int = 0

    @property
    def recorded(self) -> int:
        """Everything somebody said something about."""
        return self.done | self.excused | self.not_done


def with_entry(masks: Masks, item: str, outcome: Outcome, *, late: bool) -> Masks:
    """The masks after one entry; a later entry about the same item replaces the earlier one, lateness stays."""
    one = bit(item)
    done, excused, not_done = masks.done & ~one, masks.excused & ~one, masks.not_done & ~one
    if outcome is Outcome.DONE:
        done |= one
    elif outcome is Outcome.NOT_NEEDED:
        excused |= one
    else:
        not_done |= one
    return Masks(done, excused, not_done, masks.late | (one if late else 0))


def completion(due: int, done: int, excused: int) -> tuple[int, int]:
    """(items done, items that counted) of a day: what was not needed does not count."""
    counted = due & ~excused
    return (done & counted).bit_count(), counted.bit_count()


_CODE = re.compile(r"(?<![0-9a-zA-Z])([1-9][0-9]?)/([dwmqy])(?![0-9a-zA-Z])")
_PERIODS_ZH = {"d": "每日{}次", "w": "每周{}次", "m": "每月{}次", "q": "每季度{}次", "y": "每年{}次"}
_FIXED_ZH = {"q2h": "每2小时1次（昼夜）", "q2hD": "每2小时1次（白天）", "prn": "按需，每次记录", "-": "不作要求"}
_FULL_WIDTH = str.maketrans("(),;:", "（），；：")


def frequency_zh(text: str) -> str:
    """A frequency in plain Chinese, for paper."""
    if text in _FIXED_ZH:
        return _FIXED_ZH[text]
    times, period = text.split("/")
    return _PERIODS_ZH[period].format(times)


def plain_zh(text: str) -> str:
    """Chinese words of a standard as people write them: full-width punctuation, ``指甲(1/w)`` as ``指甲（每周1次）``."""
    return _CODE.sub(lambda found: f" {frequency_zh(found[0])}", text).replace("( ", "(").translate(_FULL_WIDTH)


@dataclass(frozen=True)
class ItemText:
    """Words of one of the twelve items: whole and short name in both languages, and what to look at while doing it."""

    zh: str
    en: str
    checkpoints: tuple[str, ...]

    @property
    def short_zh(self) -> str:
        """The name without what stands in brackets."""
        return self.zh.split("（")[0]

    @property
    def short_en(self) -> str:
        """The name without what stands in brackets."""
        return self.en.split("(")[0].strip()

    def __getitem__(self, name: str) -> str:
        """``text["zh"]``: words by language."""
        words: str = getattr(self, name)
        return words


def texts(standard: Mapping[str, Any]) -> dict[str, ItemText]:
    """The standard's items by id, in words fit to be shown."""
    return {
        item["id"]: ItemText(plain_zh(item["zh"]), item["en"], tuple(map(plain_zh, item["checkpoints"])))
        for item in standard["item"]
    }
