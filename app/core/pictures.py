"""Pictures and scans that somebody uploads: what they really are, bounded, and made anew so that nothing hidden stays in them."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageOps

MAX_FILE = 5 * 1024 * 1024
"""Bytes of an upload."""
MAX_PIXELS = 40_000_000
"""A picture that claims more is not opened: it would fill the memory when unpacked."""
PDF = "application/pdf"


class BadFile(StrEnum):
    """What is wrong with a file."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    KIND = "kind"
    BROKEN = "broken"
    ACTIVE = "active"


class Unusable(ValueError):
    """A file that is not taken; ``why`` says what is wrong."""

    def __init__(self, why: BadFile) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True)
class Upload:
    """A file as it is kept."""

    mime: str
    data: bytes

    @property
    def sha256(self) -> str:
        """The fingerprint of exactly these bytes."""
        return hashlib.sha256(self.data).hexdigest()


def picture(data: bytes, *, longest: int, mime: str = "image/png") -> Upload:
    """A JPEG or PNG, turned upright, at most ``longest`` pixels long and written anew as ``mime`` without what a camera adds.

    Raises ``Unusable``. A file that claims more than 40 million pixels is not unpacked.
    """
    if not data:
        raise Unusable(BadFile.EMPTY)
    if len(data) > MAX_FILE:
        raise Unusable(BadFile.TOO_LARGE)
    if not data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        raise Unusable(BadFile.KIND)
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as found:
            if found.width * found.height > MAX_PIXELS:
                raise Unusable(BadFile.TOO_LARGE)
            if found.width < 8 or found.height < 8:
                raise Unusable(BadFile.BROKEN)
            found.draft("RGB", (longest * 2, longest * 2))
            upright = ImageOps.exif_transpose(found)
            whole = upright.convert("RGBA" if mime == "image/png" else "RGB")
    except Unusable:
        raise
    except Exception as error:  # Pillow raises dozens of kinds for broken files; each means the same here
        raise Unusable(BadFile.BROKEN) from error
    whole.thumbnail((longest, longest))
    out = io.BytesIO()
    if mime == "image/png":
        whole.save(out, "PNG", optimize=True)
    else:
        whole.save(out, "JPEG", quality=88)
    return Upload(mime, out.getvalue())


ACTIVE = (b"/JavaScript", b"/JS ", b"/JS(", b"/Launch", b"/EmbeddedFile", b"/RichMedia")


def scan(data: bytes, *, longest: int = 2600) -> Upload:
    """A scan: a picture made anew as JPEG, or a PDF as it is. Raises ``Unusable``.

    A PDF is never unpacked here (it is only handed out as a download): its head and end must be those of a PDF, and it may
    not name scripts or files inside it.
    """
    if not data.startswith(b"%PDF-"):
        return picture(data, longest=longest, mime="image/jpeg")
    if len(data) > MAX_FILE:
        raise Unusable(BadFile.TOO_LARGE)
    if b"%%EOF" not in data[-2048:] or b"startxref" not in data[-2048:]:
        raise Unusable(BadFile.BROKEN)
    if any(word in data for word in ACTIVE):
        raise Unusable(BadFile.ACTIVE)
    return Upload(PDF, data)
