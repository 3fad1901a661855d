"""Words on paper: always Chinese, whoever prints."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask_babel import force_locale

LOCALE = "zh_Hans_CN"


def day_zh(day: dt.date) -> str:
    """A day as paper writes it."""
    return f"{day.year}年{day.month}月{day.day}日"


def words(labels: Mapping[str, Any], key: str | None) -> str:
    """A label on paper, in Chinese whoever prints it."""
    with force_locale(LOCALE):
        return str(labels[key]) if key is not None and key in labels else ""
