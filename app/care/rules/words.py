"""Words of the care standard as people write and read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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


_GRADE = re.compile(r"(?<![0-9a-zA-Z])([shf])(?![0-9a-zA-Z])")
_GRADES_ZH = {"s": "全自理", "h": "半护理", "f": "全护理"}
_SAID_ZH = {">=": "不少于", "<=": "不超过", " min": "分钟", "prn": "按需", " mL": "毫升", "P2,P3": "乡镇和民政部门"}


def plain_zh(text: str) -> str:
    """Chinese words of a standard as people write them: full-width punctuation, no codes and no signs: ``指甲(1/w)`` as
    ``指甲（每周1次）``, ``<=30 min`` as ``不超过30分钟``.
    """
    text = _GRADE.sub(lambda found: _GRADES_ZH[found[1]], text)
    for sign, words in _SAID_ZH.items():
        text = text.replace(sign, words)
    return (
        _CODE.sub(lambda found: f" {frequency_zh(found[0])}", text)
        .replace("( ", "(")
        .replace("  ", " ")
        .translate(_FULL_WIDTH)
    )


_PERIODS_EN = {"d": "a day", "w": "a week", "m": "a month", "q": "a quarter", "y": "a year"}


def plain_en(text: str) -> str:
    """English words of a standard without codes: ``nails (1/w)`` as ``nails (1 × a week)``."""
    return _CODE.sub(lambda found: f"{found[1]} × {_PERIODS_EN[found[2]]}", text)


@dataclass(frozen=True)
class ItemText:
    """Words of one of the twelve items: whole and short name in both languages, and what to look at while doing it."""

    zh: str
    en: str
    checkpoints: tuple[str, ...]
    checkpoints_en: tuple[str, ...] = ()
    """Courtesy translation; empty when the county's standard has none. The Chinese words are the standard."""

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
        item["id"]: ItemText(
            plain_zh(item["zh"]),
            item["en"],
            tuple(map(plain_zh, item["checkpoints"])),
            tuple(map(plain_en, item.get("checkpoints_en", ()))),
        )
        for item in standard["item"]
    }
