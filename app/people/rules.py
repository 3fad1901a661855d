"""Pure rules about people's records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

ETHNICITIES: dict[str, str] = {
    "01": "汉族", "02": "蒙古族", "03": "回族", "04": "藏族", "05": "维吾尔族",
    "06": "苗族", "07": "彝族", "08": "壮族", "09": "布依族", "10": "朝鲜族",
    "11": "满族", "12": "侗族", "13": "瑶族", "14": "白族", "15": "土家族",
    "16": "哈尼族", "17": "哈萨克族", "18": "傣族", "19": "黎族", "20": "傈僳族",
    "21": "佤族", "22": "畲族", "23": "高山族", "24": "拉祜族", "25": "水族",
    "26": "东乡族", "27": "纳西族", "28": "景颇族", "29": "柯尔克孜族", "30": "土族",
    "31": "达斡尔族", "32": "仫佬族", "33": "羌族", "34": "布朗族", "35": "撒拉族",
    "36": "毛南族", "37": "仡佬族", "38": "锡伯族", "39": "阿昌族", "40": "普米族",
    "41": "塔吉克族", "42": "怒族", "43": "乌孜别克族", "44": "俄罗斯族", "45": "鄂温克族",
    "46": "德昂族", "47": "保安族", "48": "裕固族", "49": "京族", "50": "塔塔尔族",
    "51": "独龙族", "52": "鄂伦春族", "53": "赫哲族", "54": "门巴族", "55": "珞巴族",
    "56": "基诺族", "97": "其他", "98": "外国血统中国籍人士",
}  # fmt: skip
"""Numeric codes of GB/T 3304-1991 (01–56) and the two further ones in use; the names are the standard's own."""

Span = tuple[dt.date, dt.date | None]
"""First and last day, both counted; an open last day is None."""

TIER_RUNS_OUT_DAYS = 60
"""From so many days before its end on, a training is shown as running out."""


def overlaps(a: Span, b: Span) -> bool:
    """Whether two spans share a day."""
    return (b[1] is None or a[0] <= b[1]) and (a[1] is None or b[0] <= a[1])


def first_overlap(span: Span, others: Iterable[Span]) -> Span | None:
    """The first of ``others`` that shares a day with ``span``."""
    return next((other for other in others if overlaps(span, other)), None)


def days_in(span: Span, until: dt.date) -> int:
    """Days of a span, both ends counted; an open one counts up to ``until``."""
    return max(0, ((span[1] or until) - span[0]).days + 1)


def tier_standing(valid_to: dt.date | None, on: dt.date) -> str:
    """``none`` without a training, ``over`` after its last day, ``soon`` in its last 60 days, else ``valid``."""
    if valid_to is None:
        return "none"
    if valid_to < on:
        return "over"
    return "soon" if (valid_to - on).days <= TIER_RUNS_OUT_DAYS else "valid"
