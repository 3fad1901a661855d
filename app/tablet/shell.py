"""The offline shell: which files the service worker keeps, and a version that changes when any of them does.

The shell is the same for everybody and carries no personal data; it is fetched without cookies.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from flask import current_app, render_template, url_for

from app.build import styles
from app.tablet.words import both

STATIC = Path(__file__).resolve().parents[1] / "static"
FOLDERS = ("js/tablet", "js/engine")
"""Folders of the client's own modules; everything in them belongs to the shell."""
SHEETS = ("tokens", "dark", "base", "layout", "forms", "tables", "status", "grading", "tablet", "rounds")
PICTURES = STATIC / "img"


def files() -> dict[str, bytes]:
    """Every file of the shell: its address and what is in it."""
    found: dict[str, bytes] = {}
    for folder in FOLDERS:
        for path in sorted((STATIC / folder).rglob("*.*")):
            found[_static(path)] = path.read_bytes()
    for path in [*(STATIC / "css" / f"{name}.css" for name in SHEETS), *sorted(PICTURES.glob("*.svg"))]:
        found[_static(path)] = path.read_bytes()
    bootstrap = styles.MADE / "bootstrap.min.css"
    found[url_for("made.static", filename=bootstrap.name)] = bootstrap.read_bytes()
    found[url_for("tablet.words")] = json.dumps(both(), ensure_ascii=False, sort_keys=True).encode()
    found[url_for("tablet.manifest")] = json.dumps(manifest(), sort_keys=True).encode()
    found[url_for("tablet.shell")] = render_template("tablet/shell.html").encode()
    return found


def manifest() -> dict[str, object]:
    """What makes the app installable (W3C Web Application Manifest)."""
    mark = url_for("static", filename="img/mark.svg")
    return {
        "id": url_for("tablet.shell"),
        "name": "颐衡 Yiheng",
        "short_name": "颐衡",
        "lang": "zh-CN",
        "start_url": url_for("tablet.shell"),
        "scope": url_for("tablet.shell"),
        "display": "standalone",
        "background_color": "#f4f6f5",
        "theme_color": "#0b5d57",
        "icons": [{"src": mark, "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }


def listed() -> tuple[str, list[str]]:
    """Version and addresses of the shell; read once a process, at every look while developing."""
    if current_app.debug or current_app.testing:
        return _measured()
    return _kept()


@lru_cache(maxsize=1)
def _kept() -> tuple[str, list[str]]:
    return _measured()


def _measured() -> tuple[str, list[str]]:
    digest = hashlib.sha256()
    found = files()
    for address, content in found.items():
        digest.update(f"{address}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()[:16], list(found)


def _static(path: Path) -> str:
    return url_for("static", filename=path.relative_to(STATIC).as_posix())
