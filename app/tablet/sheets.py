"""Sheets and attachments written without network."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any

from flask_babel import gettext

from app.core.actor import Actor
from app.core.db import canonical_json
from app.core.errors import Invalid
from app.grading.operations import submit_version
from app.grading.rules import SheetState
from app.grading.rules.pairing import PairState
from app.tablet.kinds import Kind, Outcome, both
from app.tablet.rules import MAX_ATTACHMENT, Code, Envelope, Verdict

DOCUMENT = ("resident", "instrument", "answers", "facts", "assessors", "informant", "reason", "assessed_on", "notes")
"""Names of ``content`` that are the sheet; the others say how it was made (result, signatures, times)."""
MAGIC = {"image/jpeg": (b"\xff\xd8\xff",), "image/png": (b"\x89PNG\r\n\x1a\n",), "audio/webm": (b"\x1a\x45\xdf\xa3",)}
"""How a file of each kind begins."""


def sheet(actor: Actor, record: Envelope) -> Outcome:
    """Submit a sheet as its author. The device's result must equal the county's own scoring to the last step."""
    content = record.content
    document = {"client_key": f"{record.key}:{record.version}"} | {k: content[k] for k in DOCUMENT if k in content}
    last, pair = content.get("last_sheet"), content.get("pair")
    for name, value in (("last_sheet", last), ("pair", pair)):
        if not isinstance(value, str | None):
            raise Invalid(gettext("This must be a text."), field=name)
    done = submit_version(actor, document, last_sheet=last, pair_token=pair)
    mine = canonical_json(done.sheet.result)
    digest = hashlib.sha256(mine.encode()).hexdigest()
    if _canonical(content.get("result")) != mine:
        raise TraceDiffers(done.sheet.result or {}, digest)
    if done.sheet.state is SheetState.SEALED:
        return Outcome(code=Code.SEALED, reference=done.sheet.number, words=both(_sealed), result_sha256=digest)
    if done.pair is not None and done.pair.state is PairState.DIFFERING:
        words = both(conflict_words)
        return Outcome(Verdict.CONFLICT, Code.CONFLICT, done.sheet.number, words=words, result_sha256=digest)
    return Outcome(reference=done.sheet.number, result_sha256=digest)


def _sealed() -> str:
    return gettext("Your sheet is in. It stays sealed until the other assessor has handed in.")


def conflict_words() -> str:
    """What a device is told when another sheet of the same assessment exists."""
    return gettext("There is another sheet of the same assessment. Both are kept; the county compares them.")


class TraceDiffers(Invalid):
    """The device scored otherwise than the county: nothing follows from the sheet, both results are kept."""

    def __init__(self, result: dict[str, Any], digest: str) -> None:
        super().__init__(
            gettext("The tablet scored otherwise than the county. Load the newest app and hand the sheet in again."),
            field="result",
        )
        self.result, self.digest = result, digest


def _canonical(value: Any) -> str:
    try:
        return canonical_json(json.loads(json.dumps(value)))
    except ValueError:
        return ""


def attachment(_actor: Actor, record: Envelope) -> Outcome:
    """Keep a photo, a picture of a signature or a voice note: it must be what it says it is."""
    content = record.content
    errors: dict[str, str] = {}
    try:
        data = base64.b64decode(content.get("data", ""), validate=True)
    except (TypeError, ValueError, binascii.Error):
        data = b""
    if not data or len(data) > MAX_ATTACHMENT:
        errors["data"] = gettext("An attachment has 1 byte to 1 MB.")
    elif content.get("bytes") != len(data):
        errors["bytes"] = gettext("The attachment is not whole.")
    if hashlib.sha256(data).hexdigest() != content.get("sha256") or record.key != content.get("sha256"):
        errors["sha256"] = gettext("The attachment is not whole.")
    mime = content.get("mime")
    if not isinstance(mime, str) or not data.startswith(MAGIC.get(mime, (b"\0\0",))):
        errors["mime"] = gettext("Only JPEG and PNG pictures and WebM sound are taken.")
    if not isinstance(content.get("sheet"), str):
        errors["sheet"] = gettext("This is missing.")
    if errors:
        raise Invalid(" ".join(dict.fromkeys(errors.values())), errors=errors)
    return Outcome(reference=str(content["sheet"])[:60])


KINDS = (
    Kind("sheet", frozenset({1}), sheet, needs=frozenset({"sheets.write"})),
    Kind("attachment", frozenset({1}), attachment, resident="", part_of="sheet"),
)

__all__ = ["KINDS", "TraceDiffers", "attachment", "sheet"]
