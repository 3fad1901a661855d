"""How the journeys start Chromium: the system's, without sandbox as root, with the Chinese fonts that we made.

For pytest-playwright: return ``launch_options(...)`` from an own ``browser_type_launch_args`` fixture.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from app.build import fonts, suite

QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


def launch_options(folder: Path) -> dict[str, Any]:
    """Keyword arguments of ``browser_type.launch``; ``folder`` takes the font settings and the browser's home."""
    arguments = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else QUIET
    return {
        "executable_path": suite.browser(),
        "headless": True,
        "args": arguments,
        "env": {**os.environ, "FONTCONFIG_FILE": str(_font_settings(folder)), "HOME": str(folder)},
    }


def _font_settings(folder: Path) -> Path:
    """A fontconfig file that adds our fonts: a bare machine has no Chinese ones, and pictures would show boxes."""
    made = fonts.find().regular.path.parent
    file = folder / "fonts.conf"
    file.write_text(
        "<?xml version='1.0'?><!DOCTYPE fontconfig SYSTEM 'fonts.dtd'><fontconfig>"
        "<include ignore_missing='yes'>/etc/fonts/fonts.conf</include>"
        f"<dir>{escape(str(made))}</dir><cachedir>{escape(str(folder / 'fontconfig'))}</cachedir></fontconfig>",
        "utf-8",
    )
    return file
