"""Areas (division codes) and organisations."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model, enum_type, identity
from app.core.secrets import HasSecrets, Secret


class Level(StrEnum):
    """Level of a division code by its length: 2, 4, 6, 9, 12 digits."""

    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


class OrganisationKind(StrEnum):
    """The seven kinds of organisation the county works with."""

    COUNTY_GOVERNMENT = "county_government"
    TOWNSHIP_GOVERNMENT = "township_government"
    CIVIL_AFFAIRS = "civil_affairs"
    VILLAGE_COMMITTEE = "village_committee"
    INSTITUTION = "institution"
    ASSESSMENT_AGENCY = "assessment_agency"
    VOLUNTEER_GROUP = "volunteer_group"


class Area(Model):
    """A division of GB/T 2260 and below. Codes are hierarchical: an ancestor's code is a prefix."""

    __tablename__ = "area"
    __audited__ = True

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    search: Mapped[str] = mapped_column(String(240), default="")
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"), index=True)
    level: Mapped[Level] = mapped_column(enum_type(Level, "level"))
    in_use: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (CheckConstraint("length(code) IN (2, 4, 6, 9, 12)", name="code_length"),)


class Organisation(HasSecrets, Model):
    """A government, bureau, village committee, care institution, assessment agency or volunteer group."""

    __tablename__ = "organisation"
    __audited__ = True

    id: Mapped[int] = identity()
    kind: Mapped[OrganisationKind] = mapped_column(enum_type(OrganisationKind, "kind"))
    name: Mapped[str] = mapped_column(String(120))
    search: Mapped[str] = mapped_column(String(360), default="")
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"), index=True)
    credit_code: Mapped[str | None] = mapped_column(String(18), unique=True)
    contact_name: Mapped[str | None] = mapped_column(String(80))
    phone_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone = Secret("phone_enc")
    address: Mapped[str | None] = mapped_column(String(200))
    beds: Mapped[int | None]
    bank_name: Mapped[str | None] = mapped_column(String(80))
    bank_account_enc: Mapped[bytes | None] = mapped_column(LargeBinary)
    bank_tail: Mapped[str | None] = mapped_column(String(4))
    bank_account = Secret("bank_account_enc", tail="bank_tail")
    active: Mapped[bool] = mapped_column(default=True)
