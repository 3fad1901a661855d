"""Checking a file that somebody brings."""

from __future__ import annotations

from sqlalchemy import select

from app.contracts.models import Contract, ContractSeal
from app.core import sealing
from app.core.db import db


def trusted_roots() -> list[str]:
    """Every root certificate (PEM) contracts were sealed under here."""
    return list(db.session.scalars(select(ContractSeal.root).distinct().order_by(ContractSeal.root)))


def check_file(data: bytes) -> tuple[str | None, str | None]:
    """Number of the contract whose sealed file this is, and what is wrong with it (None when nothing is).

    A file whose bytes are stored here is that contract's; its seal is checked all the same.
    """
    found = db.session.execute(
        select(Contract.number, ContractSeal.scheme)
        .join(ContractSeal, ContractSeal.contract_id == Contract.id)
        .where(ContractSeal.sha256 == sealing.sha256(data))
    ).one_or_none()
    problem = sealing.scheme(found.scheme if found else sealing.CURRENT).problem(data, trusted_roots())
    if problem is None and found is None:
        problem = "the seal is good, but this file is not among the contracts kept here"
    return (found.number if found else None), problem
