"""The pictures of the README, taken out of those the journeys made.

    python3 dev.py test --only journeys
    .venv/bin/python -m tests.journeys.readme_pictures

Only these five, cut to one screen and to few colours, so that the tree stays small. Look at them before they are kept.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

from tests.journeys.walking import HEIGHTS, PICTURES, ROOT

FOLDER = ROOT / "docs" / "screenshots"
LIMIT = 150_000
"""Bytes of one picture."""
CHOSEN = {
    "home": "menu-township_officer_a-home-1280",
    "sheet": "way-07-sheet-item-1280",
    "contract": "way-18-contract-signed-1280",
    "settlement": "way-26-settlement-calculated-1280",
    "caregiver": "way-20-caregiver-today-360",
}


def keep(name: str, source: Path) -> int:
    """Write one picture; returns its size in bytes. Raises ``OSError`` when the journeys did not make it."""
    with Image.open(source) as picture:
        width = picture.width
        cut = picture.convert("RGB").crop((0, 0, width, min(picture.height, HEIGHTS.get(width, 900))))
    file = FOLDER / f"{name}.png"
    cut.quantize(128).save(file, optimize=True)
    return file.stat().st_size


def main() -> int:
    """Keep all of them, or say which is missing or too large."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, source in CHOSEN.items():
        try:
            size = keep(name, PICTURES / f"{source}.png")
        except OSError as error:
            print(f"{name}: {error}. Run the journeys first.")
            return 1
        print(f"{name}.png {size // 1000} kB")
        if size > LIMIT:
            print(f"{name}.png is too large for the tree")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
