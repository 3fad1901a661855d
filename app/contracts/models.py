"""Seven-party contracts, signatures and their history."""

from __future__ import annotations

import datetime as dt
import json
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.contracts.rules import Act, EndCause, State
from app.contracts.rules.duties import Kept
from app.contracts.rules.signing import CosignerRole, IdentityCheck, Medium, TakenBackFor
from app.core.db import JsonText, Model, UtcDateTime, enum_type, identity
from app.core.secrets import HasSecrets, Secret
from app.people.models import Caregiver, Resident, Setting


class Slot(StrEnum):
    """The seven parties (domain.md 7.2)."""

    COUNTY_GOVERNMENT = "P1"
    TOWNSHIP_GOVERNMENT = "P2"
    CIVIL_AFFAIRS = "P3"
    VILLAGE = "P4"
    INSTITUTION = "P5"
    CAREGIVER = "P6"
    RESIDENT = "P7"


class Means(StrEnum):
    """How a party signed."""

    HAND = "hand"
    FINGERPRINT = "fingerprint"
    GUARDIAN = "guardian"
    WITNESSED_MARK = "witnessed_mark"
    SEAL = "seal"


class Contract(Model):
    """One seven-party contract. ``body`` is the frozen text and annexes; every signature covers ``body_sha256``.

    It covers the days from ``in_force_from`` (the later of ``valid_from`` and the day of the seventh signature) to the
    earlier of ``valid_to`` and ``ended_on``, less its suspensions. An amendment is a contract of its own (``amends_id``): the
    one before ends the day before it begins. ``replace_by`` is the day by which another caregiver must have signed.
    ``payee_id`` is the institution to whose account its text sends the care money; None: the caregiver's account.
    """

    __tablename__ = "contract"
    __audited__ = True

    id: Mapped[int] = identity()
    number: Mapped[str] = mapped_column(String(24), unique=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    caregiver_id: Mapped[int] = mapped_column(ForeignKey("caregiver.id"), index=True)
    institution_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    payee_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    grade_id: Mapped[int] = mapped_column(ForeignKey("care_grade.id"))
    plan_id: Mapped[int] = mapped_column(ForeignKey("care_plan.id"))
    setting: Mapped[Setting] = mapped_column(enum_type(Setting, "setting"))
    valid_from: Mapped[dt.date] = mapped_column(Date)
    valid_to: Mapped[dt.date] = mapped_column(Date)
    state: Mapped[State] = mapped_column(enum_type(State, "state"))
    pay_table_sha256: Mapped[str] = mapped_column(String(64))
    scorecard_sha256: Mapped[str] = mapped_column(String(64))
    body: Mapped[dict[str, Any]] = mapped_column(JsonText)
    body_sha256: Mapped[str] = mapped_column(String(64))
    drafted_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    drafted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    in_force_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    in_force_from: Mapped[dt.date | None] = mapped_column(Date)
    ended_on: Mapped[dt.date | None] = mapped_column(Date)
    end_cause: Mapped[EndCause | None] = mapped_column(enum_type(EndCause, "end_cause"))
    end_reason: Mapped[str | None] = mapped_column(String(200))
    replace_by: Mapped[dt.date | None] = mapped_column(Date)
    amends_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"), index=True)

    amends: Mapped[Contract | None] = relationship(remote_side="Contract.id")
    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)
    caregiver: Mapped[Caregiver] = relationship(lazy="joined", innerjoin=True)
    parties: Mapped[list[ContractParty]] = relationship(order_by="ContractParty.slot", lazy="selectin")
    events: Mapped[list[ContractEvent]] = relationship(order_by="ContractEvent.id")
    seal: Mapped[ContractSeal | None] = relationship()
    suspensions: Mapped[list[Suspension]] = relationship(order_by="Suspension.from_on")
    substitutes: Mapped[list[Substitute]] = relationship(order_by="Substitute.from_on")
    former: Mapped[list[FormerSignature]] = relationship(order_by="FormerSignature.id", back_populates="contract")

    __table_args__ = (
        Index("ix_contract_area_code_id", "area_code", "id"),
        CheckConstraint("valid_to >= valid_from", name="order"),
        CheckConstraint("ended_on IS NULL OR ended_on >= valid_from", name="end"),
        CheckConstraint("payee_id IS NULL OR payee_id = institution_id", name="payee"),
    )


SIGNATURE = (
    "signer_name", "means", "medium", "identity", "identity_note", "signed_at", "signed_by", "signed_by_person", "given_at",
    "picture_id", "scan_id", "body_sha256", "strokes", "others",
)  # fmt: skip
"""What makes a signature, at a place of the table and kept as a former one."""


class ContractParty(HasSecrets, Model):
    """One of the seven places at the table, and its signature once given. A signature never changes afterwards; until the
    contract is in force it may be taken back, is kept as ``FormerSignature`` then, and the place is free again.

    In an amendment that changes nothing for a party its earlier signature stands (``carried_from_id``); ``body_sha256`` is
    then the text it was given for. ``signed_at`` is the county's time; ``given_at`` what the device at the table said, or the
    day on the paper. ``others`` (JSON) are those who signed beside the party: role, name, handwriting.
    """

    __tablename__ = "contract_party"
    __audited__ = True

    id: Mapped[int] = identity()
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    slot: Mapped[Slot] = mapped_column(enum_type(Slot, "slot"))
    party_name: Mapped[str] = mapped_column(String(120))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    signer_name: Mapped[str | None] = mapped_column(String(80))
    means: Mapped[Means | None] = mapped_column(enum_type(Means, "means"))
    signed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    signed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    signed_by_person: Mapped[str | None] = mapped_column(String(64))
    medium: Mapped[Medium | None] = mapped_column(enum_type(Medium, "medium"))
    given_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    identity: Mapped[IdentityCheck | None] = mapped_column(enum_type(IdentityCheck, "identity"))
    identity_note: Mapped[str | None] = mapped_column(String(120))
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("contract_file.id"))
    scan_id: Mapped[int | None] = mapped_column(ForeignKey("contract_file.id"))
    body_sha256: Mapped[str | None] = mapped_column(String(64))
    carried_from_id: Mapped[int | None] = mapped_column(ForeignKey("contract_party.id"))
    strokes_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    strokes = Secret("strokes_enc")
    others_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    others = Secret("others_enc")

    __table_args__ = (
        UniqueConstraint("contract_id", "slot"),
        CheckConstraint(
            "signed_at IS NULL OR (signer_name IS NOT NULL AND body_sha256 IS NOT NULL AND medium IS NOT NULL"
            " AND identity IS NOT NULL)",
            name="signed",
        ),
        CheckConstraint("(medium = 'paper') = (scan_id IS NOT NULL)", name="scan"),
    )

    def signature(self) -> dict[str, Any]:
        """The signature of this place, column by column (``SIGNATURE``)."""
        return {name: getattr(self, name) for name in SIGNATURE}

    @property
    def held(self) -> bool:
        """Whether the party signed in person on the device of an officer, having no account of its own."""
        return self.medium is Medium.ACCOUNT and self.identity is not IdentityCheck.ACCOUNT

    @property
    def cosigners(self) -> list[dict[str, Any]]:
        """Those who signed beside this party: ``role``, ``name``, ``strokes`` (or None)."""
        found: list[dict[str, Any]] = json.loads(self.others) if self.others else []
        return found

    @property
    def witnesses(self) -> list[str]:
        """Names of the witnesses."""
        return [one["name"] for one in self.cosigners if one["role"] == CosignerRole.WITNESS.value]


class FormerSignature(HasSecrets, Model):
    """A signature that was taken back before the contract was in force, as it had been given, with why and by whom. Written
    once: the place at the table is free for another one only beside such a row.
    """

    __tablename__ = "contract_former_signature"

    id: Mapped[int] = identity()
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    slot: Mapped[Slot] = mapped_column(enum_type(Slot, "slot"))
    signer_name: Mapped[str] = mapped_column(String(80))
    means: Mapped[Means] = mapped_column(enum_type(Means, "means"))
    medium: Mapped[Medium] = mapped_column(enum_type(Medium, "medium"))
    identity: Mapped[IdentityCheck] = mapped_column(enum_type(IdentityCheck, "identity"))
    identity_note: Mapped[str | None] = mapped_column(String(120))
    signed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    signed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    signed_by_person: Mapped[str | None] = mapped_column(String(64))
    given_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("contract_file.id"))
    scan_id: Mapped[int | None] = mapped_column(ForeignKey("contract_file.id"))
    body_sha256: Mapped[str] = mapped_column(String(64))
    strokes_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    strokes = Secret("strokes_enc")
    others_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    others = Secret("others_enc")
    why: Mapped[TakenBackFor] = mapped_column(enum_type(TakenBackFor, "why"))
    reason: Mapped[str] = mapped_column(String(200))
    taken_back_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    taken_back_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    contract: Mapped[Contract] = relationship(back_populates="former")

    @property
    def cosigners(self) -> list[dict[str, Any]]:
        """Those who had signed beside: what they attested goes with it."""
        found: list[dict[str, Any]] = json.loads(self.others) if self.others else []
        return found


class FileKind(StrEnum):
    """What a kept file is."""

    SEAL = "seal"
    FINGERPRINT = "fingerprint"
    SCAN = "scan"


class ContractFile(HasSecrets, Model):
    """A picture or scan that belongs to signatures, written once: the seal of an organisation (``organisation_id``; the newest
    one holds), a fingerprint, a signed paper. ``sha256`` is of its bytes, ``data`` their base64, kept encrypted.
    """

    __tablename__ = "contract_file"

    id: Mapped[int] = identity()
    kind: Mapped[FileKind] = mapped_column(enum_type(FileKind, "kind"))
    mime: Mapped[str] = mapped_column(String(32))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    uploaded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    data_enc: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    data = Secret("data_enc")

    __table_args__ = (
        CheckConstraint("(kind = 'seal') = (organisation_id IS NOT NULL)", name="of_organisation"),
        CheckConstraint("(kind = 'seal') = (contract_id IS NULL)", name="of_contract"),
    )


class PaperState(StrEnum):
    """Where a signature on paper stands."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class PaperSignature(HasSecrets, Model):
    """A party signed on paper: the scan, who filed it with what stands on it, and the second person who compared it. It counts
    as the party's signature once confirmed. ``given`` (JSON) is what the filer read off the paper.
    """

    __tablename__ = "contract_paper"
    __audited__ = True

    id: Mapped[int] = identity()
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    slot: Mapped[Slot] = mapped_column(enum_type(Slot, "slot"))
    scan_id: Mapped[int] = mapped_column(ForeignKey("contract_file.id"))
    signed_on: Mapped[dt.date] = mapped_column(Date)
    state: Mapped[PaperState] = mapped_column(enum_type(PaperState, "state"))
    given_enc: Mapped[bytes] = mapped_column(LargeBinary)
    given = Secret("given_enc")
    filed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    filed_by_person: Mapped[str] = mapped_column(String(64))
    filed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    checked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(200))

    contract: Mapped[Contract] = relationship(lazy="joined", innerjoin=True)
    scan: Mapped[ContractFile] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        CheckConstraint("(state = 'waiting') = (checked_at IS NULL)", name="checked"),
        CheckConstraint("checked_by IS NULL OR checked_by <> filed_by", name="second_person"),
    )


class Substitute(Model):
    """Who cares for a person between a caregiver who failed and the next contract (domain.md 7.2): from a day to ``to_on``, the
    last day, open while it lasts.
    """

    __tablename__ = "contract_substitute"
    __audited__ = True

    id: Mapped[int] = identity()
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    caregiver_id: Mapped[int | None] = mapped_column(ForeignKey("caregiver.id"))
    name: Mapped[str] = mapped_column(String(120))
    from_on: Mapped[dt.date] = mapped_column(Date)
    to_on: Mapped[dt.date | None] = mapped_column(Date)
    named_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    named_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("contract_id", "from_on"),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="order"),
    )


class ContractSeal(HasSecrets, Model):
    """The sealed file of a contract in force, kept for ever as it was made: ``sha256`` is of its bytes, ``pdf`` its
    base64 (it shows names and handwriting, so it is stored encrypted). ``scheme`` says how it was sealed, ``root`` is the PEM of
    the certificate to trust: the file is checked against it after a change of the seal or of the machine too.
    """

    __tablename__ = "contract_seal"

    id: Mapped[int] = identity()
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    scheme: Mapped[str] = mapped_column(String(32))
    certificate_sha256: Mapped[str] = mapped_column(String(64))
    root: Mapped[str] = mapped_column(Text)
    sealed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    pdf_enc: Mapped[bytes] = mapped_column(LargeBinary)
    pdf = Secret("pdf_enc")


class ContractEvent(Model):
    """One step in a contract's life, append-only."""

    __tablename__ = "contract_event"

    id: Mapped[int] = identity()
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    act: Mapped[Act] = mapped_column(enum_type(Act, "act"))
    from_state: Mapped[State] = mapped_column(enum_type(State, "from_state"))
    to_state: Mapped[State] = mapped_column(enum_type(State, "to_state"))
    effective_on: Mapped[dt.date] = mapped_column(Date)
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class Observation(HasSecrets, Model):
    """What somebody saw of one clause of a contract, kept or broken; never changed (a new one is written)."""

    __tablename__ = "contract_observation"
    __audited__ = True

    id: Mapped[int] = identity()
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    clause: Mapped[str] = mapped_column(String(40))
    observed_on: Mapped[dt.date] = mapped_column(Date)
    kept: Mapped[bool]
    note_enc: Mapped[bytes] = mapped_column(LargeBinary)
    note = Secret("note_enc")
    observed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class BreachState(StrEnum):
    """Where what a breach opened stands."""

    OPEN = "open"
    ANSWERED = "answered"
    DROPPED = "dropped"


class Breach(HasSecrets, Model):
    """A duty kept late or missed, found once, with what its clause says must follow: ``act`` by ``act_due_on``.

    ``what`` is the occasion (a quarter, month or day). It is dropped when evidence that came later shows the duty kept.
    """

    __tablename__ = "contract_breach"
    __audited__ = True

    id: Mapped[int] = identity()
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    party: Mapped[Slot] = mapped_column(enum_type(Slot, "party"))
    clause: Mapped[str] = mapped_column(String(40))
    what: Mapped[str] = mapped_column(String(32))
    standing: Mapped[Kept] = mapped_column(enum_type(Kept, "standing"))
    due_on: Mapped[dt.date] = mapped_column(Date)
    found_on: Mapped[dt.date] = mapped_column(Date)
    act: Mapped[str] = mapped_column(String(16))
    act_due_on: Mapped[dt.date] = mapped_column(Date)
    state: Mapped[BreachState] = mapped_column(enum_type(BreachState, "state"))
    answer_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    answer = Secret("answer_enc")
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    contract: Mapped[Contract] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        UniqueConstraint("contract_id", "clause", "what"),
        Index("ix_contract_breach_area_code_id", "area_code", "id"),
        CheckConstraint("(state = 'answered') = (answered_at IS NOT NULL)", name="answered"),
    )


class Suspension(Model):
    """Days a contract rests (hospital, leave): first and last day; open while it lasts. Not paid."""

    __tablename__ = "contract_suspension"
    __audited__ = True

    id: Mapped[int] = identity()
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), index=True)
    from_on: Mapped[dt.date] = mapped_column(Date)
    to_on: Mapped[dt.date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(200))

    __table_args__ = (
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="order"),
        UniqueConstraint("contract_id", "from_on"),
    )
