"""The resident's own voice: five plain questions asked without the caregiver, read aloud where eyes fail."""

from __future__ import annotations

from collections.abc import Mapping

VOICE = ("food", "clean", "kind", "comes", "stay")
"""Eats well, kept clean, spoken to kindly, somebody comes when called, wants it to stay as it is [proposed]."""


def points(answers: Mapping[str, bool | None]) -> int | None:
    """0 to 5: how many were yes. None while one is unanswered: silence is neither yes nor no."""
    given = [answers.get(name) for name in VOICE]
    return None if None in given else sum(1 for one in given if one)
