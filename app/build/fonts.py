"""The Chinese fonts that documents embed.

The package ``justmytype-intl-cjk`` brings Noto Sans SC (SIL Open Font License) as one variable TrueType font. The PDF
writer draws a variable font at its thin default weight and merges two fonts that share a PostScript name, so ``make``
pins the weight and renames: one static file for regular, one for bold, about 20,900 GBK characters each.

Search order of ``find``: the folder in ``FONT_DIR``, the made fonts, Debian's ``fonts-wqy-microhei``, then an error in
words. A font that is only named and not embedded is never a fallback: it prints an empty form on other machines.
"""

from __future__ import annotations

import importlib.util
import io
import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE = ROOT / "build" / "fonts"
WEIGHTS = {"Regular": 400, "Bold": 700}
SOURCE = "fonts/ofl/notosanssc/NotoSansSC[wght].ttf"
MICROHEI = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")


class NoFont(RuntimeError):
    """No usable Chinese font; the text says where was looked and what to do."""


@dataclass(frozen=True)
class FontFile:
    """A TrueType file and, in a collection, the number of the face in it."""

    path: Path
    face: int = 0


@dataclass(frozen=True)
class Fonts:
    """The two faces that documents use; ``bold`` equals ``regular`` where the fallback has no bold."""

    regular: FontFile
    bold: FontFile


def find(configured: str | os.PathLike[str] | None = None) -> Fonts:
    """Return the fonts to embed; ``configured`` (default: ``FONT_DIR``) is a folder with the two static files.

    Raises ``NoFont`` when the configured folder lacks a file, or nothing is found at all.
    """
    configured = configured or os.environ.get("FONT_DIR")
    if configured:
        fonts = _in_folder(Path(configured))
        if fonts is None:
            raise NoFont(f"FONT_DIR is {configured}, but NotoSansSC-Regular.ttf and NotoSansSC-Bold.ttf are not there")
        return fonts
    fonts = _in_folder(MADE)
    if fonts is not None:
        return fonts
    if MICROHEI.is_file():
        return Fonts(FontFile(MICROHEI), FontFile(MICROHEI))
    raise NoFont(
        "no Chinese font for documents: run `python3 dev.py run` once (it makes them), set FONT_DIR to a folder with "
        "NotoSansSC-Regular.ttf and NotoSansSC-Bold.ttf, or install Debian's fonts-wqy-microhei"
    )


def _in_folder(folder: Path) -> Fonts | None:
    files = [folder / f"NotoSansSC-{name}.ttf" for name in WEIGHTS]
    return Fonts(*map(FontFile, files)) if all(file.is_file() for file in files) else None


def make(target: Path = MADE) -> bool:
    """Write the static fonts to ``target`` unless they are there; True when something was written (1-4 s)."""
    if _in_folder(target) is not None:
        return False
    spec = importlib.util.find_spec("justmytype_intl_cjk")
    places = list(spec.submodule_search_locations or []) if spec else []
    if not places:
        raise NoFont("the package justmytype-intl-cjk is not installed: run `python3 dev.py run`")
    target.mkdir(parents=True, exist_ok=True)
    for name, weight in WEIGHTS.items():
        data = _static(Path(places[0]) / SOURCE, name, weight)
        unfinished = target / f".{name}.{os.getpid()}"
        unfinished.write_bytes(data)
        unfinished.replace(target / f"NotoSansSC-{name}.ttf")
    return True


def _static(source: Path, name: str, weight: int) -> bytes:
    import uharfbuzz
    from fontTools.ttLib import TTFont

    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(source)))
    wanted = uharfbuzz.SubsetInput()
    wanted.keep_everything()
    wanted.pin_axis_location(face, "wght", weight)
    # Times are kept as in the source, so that the same font file comes out on every machine.
    font = TTFont(io.BytesIO(bytes(uharfbuzz.subset(face, wanted).blob.data)), recalcTimestamp=False)
    table = font["name"]
    for record in [record for record in table.names if record.nameID == 6]:
        table.setName(f"NotoSansSC-{name}", 6, record.platformID, record.platEncID, record.langID)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()
