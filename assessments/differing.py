"""What two versions of an instrument set differently, value by value, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from assessments.model import LEVEL_CODES, Band, Combination, Instrument, Words
from assessments.revision import Mixes, ruling_of, scales, unclear


class Difference(NamedTuple):
    """One value that two versions set differently, in words."""

    what: Words
    before: Words
    after: Words


def differences(old: Instrument, new: Instrument) -> list[Difference]:
    """Every value of a revision that differs between two versions, in the order of the text."""
    found: list[Difference] = []
    for before, after in zip(scales(old), scales(new), strict=True):
        later = {band.value: band for band in after.bands}
        for band in sorted(before.bands, key=lambda b: b.value):
            other = later[band.value]
            if (band.low, band.high) != (other.low, other.high):
                found.append(Difference(joined(before.title, band.title), _range(band), _range(other)))
    for name, words in CHOICES.items():
        holder_old = old.grades if name == "when_tiers_differ" else old.changes
        holder_new = new.grades if name == "when_tiers_differ" else new.changes
        was, will = getattr(holder_old, name), getattr(holder_new, name)
        if was != will:
            found.append(Difference(words["what"], words[was], words[will]))
    for item, later_item in zip(old.items, new.items, strict=True):
        for sub, other_sub in zip(item.subitems, later_item.subitems, strict=True):
            title = joined(item.title, sub.title)
            for code, was, will in zip(LEVEL_CODES, sub.caps, other_sub.caps, strict=True):
                if was != will:
                    found.append(Difference(joined(title, sub.labels[code]), _points(was), _points(will)))
            if sub.met != other_sub.met:
                found.append(
                    Difference(_met_title(title), _level(sub.labels, sub.met), _level(sub.labels, other_sub.met))
                )
    for mix in unclear(old.combination):
        before_level, after_level = ruling_of(old.combination, mix), ruling_of(new.combination, mix)
        if before_level != after_level:
            found.append(
                Difference(
                    mix_words(old, mix), _titled(old.combination, before_level), _titled(new.combination, after_level)
                )
            )
    return found


CHOICES: Mapping[str, Mapping[str, Words]] = {
    "when_tiers_differ": {
        "what": {"zh": "两种档次不一致时先选", "en": "When the two tiers differ, first choice"},
        "statutory": {"zh": "法定档次", "en": "statutory grade"},
        "score": {"zh": "分数档次", "en": "grade by the score"},
    },
    "raising": {
        "what": {"zh": "多个原因同时成立时提高能力等级", "en": "Raising the ability level when several causes hold"},
        "once": {"zh": "只提高一次", "en": "once"},
        "per_cause": {"zh": "每个原因各提高一次", "en": "once for each cause"},
    },
    "counting": {
        "what": {"zh": "意外事件的计次", "en": "Counting of accidents"},
        "total": {"zh": "各类合计", "en": "all kinds together"},
        "per_kind": {"zh": "同一类才计", "en": "each kind by itself"},
    },
}


def joined(first: Words, second: Words) -> Words:
    """Two titles, the second within the first."""
    return {"zh": f"{first['zh']}：{second['zh']}", "en": f"{first['en']}: {second['en']}"}


def _range(band: Band) -> Words:
    text = str(band.low) if band.low == band.high else f"{band.low}–{band.high}"
    return {"zh": text, "en": text}


def _points(score: int) -> Words:
    return {"zh": f"最多 {score} 分", "en": f"at most {score} points"}


def _met_title(title: Words) -> Words:
    return {"zh": f"{title['zh']}：仍算能自主完成", "en": f"{title['en']}: still counts as able"}


def _level(labels: Mapping[str, Words], met: int | None) -> Words:
    return {"zh": "不参与判断", "en": "not decisive"} if met is None else labels[LEVEL_CODES[met]]


def _titled(combination: Combination, level: int | None) -> Words:
    return {"zh": "—", "en": "—"} if level is None else combination.titles[level]


def mix_parts(instrument: Instrument, mix: Mixes) -> list[tuple[Words, Words]]:
    """The parts of a mix: what was judged, and at which level."""
    parts = [(instrument.adl_title, instrument.adl_bands, mix[0])]
    parts += [(d.title, d.bands, level) for d, level in zip(instrument.domains, mix[1:], strict=True)]
    return [(title, next(b.title for b in bands if b.value == level)) for title, bands, level in parts]


def mix_words(instrument: Instrument, mix: Mixes) -> Words:
    """A mix of four levels in words."""
    words = [joined(*part) for part in mix_parts(instrument, mix)]
    return {"zh": "组合：" + "，".join(w["zh"] for w in words), "en": "Mix: " + ", ".join(w["en"] for w in words)}
