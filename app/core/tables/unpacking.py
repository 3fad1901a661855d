"""What a file may be before a table library opens it.

A workbook of less than 2 MB can hold 430 MB of rows, and the library reads them all. Each part is therefore unpacked
once piece by piece and counted; declared sizes are not believed.
"""

from __future__ import annotations

import io
import zipfile
import zlib

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 20 * 1024 * 1024
MAX_PARTS = 200
MAX_ROWS = 5_000
MAX_COLUMNS = 100
PIECE = 64 * 1024


class TooLarge(Exception):
    """More than the limits allow."""


class Locked(Exception):
    """Encrypted with a password."""


class NotAWorkbook(Exception):
    """No archive, a damaged one, or packed in an unknown way."""


def check_archive(data: bytes) -> None:
    """Unpack every part without keeping it; none may declare a document type. Raises ``TooLarge``, ``Locked`` or ``NotAWorkbook``."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS:
                raise TooLarge
            total = 0
            for part in parts:
                if part.flag_bits & 1:
                    raise Locked
                with archive.open(part) as opened:
                    end = b""
                    while piece := opened.read(PIECE):
                        total += len(piece)
                        if total > MAX_UNPACKED:
                            raise TooLarge
                        # No workbook declares a document type; one that does may unfold into gigabytes while parsed.
                        # Without zeros it is found in UTF-16 too.
                        plain = end + piece.replace(b"\0", b"")
                        if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
                            raise NotAWorkbook
                        end = plain[-len(b"<!DOCTYPE") :]
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise NotAWorkbook from error
