"""颐衡 Yiheng: measured self-care, planned care, seven-party contracts and caregiver pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Build the web application, of one county or of many; ``settings`` defaults to what the environment says."""
    from app.counties import build

    return build(settings)
