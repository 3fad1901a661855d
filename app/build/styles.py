"""Bootstrap's style sheet as the site serves it: the package's own, without the pictures written into it.

The content policy allows no ``data:`` pictures. Our sheets replace them all, but a page is at times drawn before they
have arrived, and then the browser reports a picture it was told to leave out.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE = ROOT / "build" / "static"
SOURCE = "static/bootstrap5/css/bootstrap.min.css"
PICTURE = re.compile(r'url\((["\']?)data:.*?\1\)')


class NoStyles(RuntimeError):
    """The package that brings Bootstrap is not installed, or no longer holds its sheet where it did."""


def make(target: Path = MADE) -> bool:
    """Write the sheet to ``target`` unless it is there as the package has it; True when something was written."""
    spec = importlib.util.find_spec("flask_bootstrap")
    found = [Path(place) / SOURCE for place in (spec.submodule_search_locations or [])] if spec else []
    if not found or not found[0].is_file():
        raise NoStyles("the package bootstrap-flask is not installed: run `python3 dev.py run`")
    text, file = PICTURE.sub("none", found[0].read_text("utf-8")), target / "bootstrap.min.css"
    if file.is_file() and file.read_text("utf-8") == text:
        return False
    target.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return True
