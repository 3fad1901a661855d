"""Who signs beside whom, in which way, and what a signature needs: facts in, what is wrong out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

NAME_LIMIT = 80
NOTE_LIMIT = 120
MAX_OTHERS = 4
"""People who sign beside one party."""


class Medium(StrEnum):
    """Where a signature was given."""

    ACCOUNT = "account"
    TABLE = "table"
    PAPER = "paper"


class IdentityCheck(StrEnum):
    """How it was made sure that the person who signs is the one who is named."""

    ACCOUNT = "account"
    ID_CARD = "id_card"
    SUPPORT_CARD = "support_card"
    KNOWN = "known"
    VOUCHED = "vouched"


SEEN = frozenset(IdentityCheck) - {IdentityCheck.ACCOUNT}
"""What somebody who holds the device, or collects the paper, can say; an own account speaks for itself."""


class TakenBackFor(StrEnum):
    """Why a signature was taken back before the contract was in force."""

    WRONG_PERSON = "wrong_person"
    UNCLEAR = "unclear"
    CAPACITY = "capacity"
    OTHER = "other"


class CosignerRole(StrEnum):
    """In what capacity somebody signs beside a party."""

    WITNESS = "witness"
    GUARDIAN = "guardian"
    CAREGIVER = "caregiver"
    COLLEAGUE = "colleague"


ROLES_FOR_SLOT: dict[str, frozenset[CosignerRole]] = {
    **{slot: frozenset({CosignerRole.WITNESS, CosignerRole.COLLEAGUE}) for slot in ("P1", "P2", "P3", "P4", "P5")},
    "P6": frozenset({CosignerRole.WITNESS, CosignerRole.CAREGIVER}),
    "P7": frozenset({CosignerRole.WITNESS, CosignerRole.GUARDIAN}),
}
"""Who may sign beside a party: a second official, a second caregiver, a co-guardian; witnesses beside everybody."""

WITNESSES: dict[str, int] = {"fingerprint": 1, "witnessed_mark": 2}
"""A fingerprint stands only beside the name of somebody who saw it, a mark beside two."""

TABLE_SLOTS = frozenset({"P4", "P5", "P6", "P7"})
"""Parties whose handwriting an officer of the township or village may take on the own device at the table."""


@dataclass(frozen=True)
class Cosigner:
    """One who signs beside a party; ``strokes`` is the handwriting, for a witness it may be missing."""

    role: CosignerRole
    name: str
    strokes: object = None


class Wrong(StrEnum):
    """What can be wrong with those who sign beside a party."""

    WITNESS_MISSING = "witness_missing"
    WITNESS_IS_SIGNER = "witness_is_signer"
    NAME = "name"
    ROLE = "role"
    TWICE = "twice"
    TOO_MANY = "too_many"
    STROKES = "strokes"


def others_wrong(
    slot: str, means: str, signer: str, others: Sequence[Cosigner], *, on_paper: bool, written: Iterable[bool]
) -> Wrong | None:
    """The first thing wrong with those who sign beside a party, or None. ``written`` says of each whether there is
    handwriting; on paper the scan shows it.
    """
    names = [one.name for one in others]
    witnesses = [one.name for one in others if one.role is CosignerRole.WITNESS]
    if len(others) > MAX_OTHERS:
        return Wrong.TOO_MANY
    if any(not name or len(name) > NAME_LIMIT for name in names):
        return Wrong.NAME
    if any(one.role not in ROLES_FOR_SLOT[slot] for one in others):
        return Wrong.ROLE
    if signer in names:
        return Wrong.WITNESS_IS_SIGNER
    if len(set(names)) < len(names):
        return Wrong.TWICE
    if len(witnesses) < WITNESSES.get(means, 0):
        return Wrong.WITNESS_MISSING
    if not on_paper and any(
        one.role is not CosignerRole.WITNESS and not has for one, has in zip(others, written, strict=True)
    ):
        return Wrong.STROKES
    return None
