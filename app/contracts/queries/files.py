"""Reading pictures and scans of signatures, and signatures on paper."""

from __future__ import annotations

import base64
import hashlib

from sqlalchemy import Select, false, or_, select

from app.contracts.models import Contract, ContractFile, ContractParty, FileKind, PaperSignature, PaperState
from app.contracts.queries import visible
from app.contracts.rules import State
from app.core.actor import Actor
from app.core.db import db, one_row
from app.core.together import remembered
from app.places.queries import among


@remembered(reads={"contract_file": "organisation_id"})
def seal_of(organisation_id: int) -> ContractFile | None:
    """The seal picture of an organisation that holds: the newest."""
    query = select(ContractFile).where(
        ContractFile.organisation_id == organisation_id, ContractFile.kind == FileKind.SEAL
    )
    return db.session.scalars(query.order_by(ContractFile.id.desc()).limit(1)).first()


def visible_files(actor: Actor) -> Select[ContractFile]:
    """Files the actor may look at: those of contracts in sight, the seals on them, and the own organisation's seal."""
    seen = visible(actor).with_only_columns(Contract.id)
    on_them = select(ContractParty.picture_id).where(
        ContractParty.contract_id.in_(seen), ContractParty.picture_id.is_not(None)
    )
    own = ContractFile.organisation_id == actor.organisation_id if actor.organisation_id else false()
    return select(ContractFile).where(or_(ContractFile.contract_id.in_(seen), ContractFile.id.in_(on_them), own))


def file(actor: Actor, file_id: int) -> ContractFile:
    """One visible file. Raises ``NotFound``."""
    return one_row(visible_files(actor).where(ContractFile.id == file_id))


def file_bytes(row: ContractFile) -> bytes:
    """What is in a file. Raises ``RuntimeError`` when the stored bytes are no longer those."""
    data = base64.b64decode(row.data or "")
    if hashlib.sha256(data).hexdigest() != row.sha256:
        raise RuntimeError(f"file {row.id} is not the one that was stored")
    return data


def files_of(parties: list[ContractParty]) -> dict[int, ContractFile]:
    """The pictures and scans of some signatures by id."""
    ids = {one for party in parties for one in (party.picture_id, party.scan_id) if one is not None}
    if not ids:
        return {}
    return {row.id: row for row in db.session.scalars(select(ContractFile).where(ContractFile.id.in_(ids)))}


def visible_papers(actor: Actor) -> Select[PaperSignature]:
    """Signatures on paper of contracts in sight."""
    return select(PaperSignature).where(among(PaperSignature.contract_id, visible(actor), Contract.id, actor))


def paper(actor: Actor, paper_id: int, *, lock: bool = False) -> PaperSignature:
    """One visible signature on paper. Raises ``NotFound``."""
    return one_row(visible_papers(actor).where(PaperSignature.id == paper_id), lock=lock)


def papers_of(contract_id: int) -> list[PaperSignature]:
    """Everything that was filed on paper for a contract, oldest first."""
    query = select(PaperSignature).where(PaperSignature.contract_id == contract_id).order_by(PaperSignature.id)
    return list(db.session.scalars(query).unique())


def to_check(actor: Actor) -> Select[PaperSignature]:
    """Scans that wait for somebody else than who filed them."""
    if not actor.may("contracts.check"):
        return select(PaperSignature).where(false())
    signing = select(Contract.id).where(Contract.id == PaperSignature.contract_id, Contract.state == State.SIGNING)
    return visible_papers(actor).where(
        signing.correlate(PaperSignature).exists(),
        PaperSignature.state == PaperState.WAITING,
        PaperSignature.filed_by_person != actor.person_key,
    )
