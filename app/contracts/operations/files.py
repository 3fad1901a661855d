"""Pictures and scans of signatures: read, kept once, never changed; the seal pictures of organisations."""

from __future__ import annotations

import base64

from flask_babel import gettext

from app.contracts.models import ContractFile, FileKind
from app.contracts.queries.files import seal_of
from app.core import audit, clock, pictures
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Forbidden, Invalid
from app.core.operation import operation
from app.core.pictures import BadFile, Unusable, Upload

LONGEST_PICTURE = 480
"""Pixels of a seal or fingerprint: 30 mm on paper at 400 dots an inch."""


def read_picture(data: bytes, field: str) -> Upload:
    """A seal or a fingerprint as it is kept. Raises ``Invalid`` at ``field``."""
    try:
        return pictures.picture(data, longest=LONGEST_PICTURE)
    except Unusable as error:
        raise Invalid(_why(error.why, gettext("Only JPEG and PNG pictures are taken.")), field=field) from None


def read_scan(data: bytes, field: str) -> Upload:
    """A signed paper as it is kept. Raises ``Invalid`` at ``field``."""
    try:
        return pictures.scan(data)
    except Unusable as error:
        words = gettext("Only PDF files and JPEG or PNG pictures are taken.")
        raise Invalid(_why(error.why, words), field=field) from None


def _why(why: BadFile, kinds: str) -> str:
    return {
        BadFile.EMPTY: gettext("Choose a file."),
        BadFile.TOO_LARGE: gettext("The file is too large: at most 5 MB and 40 million pixels."),
        BadFile.KIND: kinds,
        BadFile.BROKEN: gettext("The file cannot be read; it may be cut or broken."),
        BadFile.ACTIVE: gettext("The PDF carries scripts or other files; scan the paper again."),
    }[why]


def keep_file(
    actor: Actor, kind: FileKind, file: Upload, *, contract_id: int | None = None, organisation_id: int | None = None
) -> ContractFile:
    """Keep a file that was read; joins the transaction of its operation."""
    row = ContractFile(
        kind=kind,
        mime=file.mime,
        size=len(file.data),
        sha256=file.sha256,
        contract_id=contract_id,
        organisation_id=organisation_id,
        uploaded_by=actor.user_id,
        uploaded_at=clock.now(),
        data=base64.b64encode(file.data).decode(),
    )
    db.session.add(row)
    db.session.flush()
    audit.record("contract.file", "contract_file", row.id, {"kind": kind.value, "sha256": row.sha256})
    return row


@operation("contract.seal_picture", permission="contracts.check")
def keep_seal_picture(actor: Actor, data: bytes) -> ContractFile:
    """The picture of the official seal of the actor's own organisation: it is set at that party's signatures from now on;
    what was signed before keeps the picture it was signed with.

    Raises ``Forbidden`` without an organisation, ``Invalid`` for a file that is no picture.
    """
    if actor.organisation_id is None:
        raise Forbidden
    file = read_picture(data, "file")
    known = seal_of(actor.organisation_id)
    if known is not None and known.sha256 == file.sha256:
        raise Invalid(gettext("This picture is in use already."), field="file")
    return keep_file(actor, FileKind.SEAL, file, organisation_id=actor.organisation_id)
