"""Areas, organisations and accounts of the demo county."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select

from app.auth.models import User
from app.auth.passwords import hash_password
from app.auth.sessions import actor_of
from app.core import clock
from app.core.actor import Actor, Role
from app.core.db import db
from app.core.names import search_key
from app.core.together import PIECE
from app.core.transaction import transaction
from app.demo.accounts import ACCOUNTS, PASSWORD
from app.demo.invented import People
from app.people.models import Assessor, Sex
from app.places.models import Area, Level, Organisation, OrganisationKind
from app.settlement.operations import set_account

Row = TypeVar("Row")
COUNTY = "150422"
TOWNSHIPS = {"a": "150422100", "b": "150422101"}
"""The two sisters of every demonstration, with an account of each role."""
PER_TOWNSHIP = 500
"""From so many residents for each of the two on, the county grows by townships."""
AREAS = Path(__file__).parent.parent / "places" / "data" / "areas.csv"
KIND = OrganisationKind


GROWN = (
    ("township_officer", Role.TOWNSHIP_OFFICER),
    ("institution_manager", Role.INSTITUTION_MANAGER),
    ("care_worker", Role.CARE_WORKER),
    ("volunteer", Role.VOLUNTEER),
)
"""Accounts of every further township of a large county, beside those of its villages."""
LINKED = frozenset({Role.ASSESSOR, Role.CAREGIVER, Role.CARE_WORKER})
"""Roles of accounts that belong to a person of the county's own records."""


@dataclass
class County:
    """What the later steps of the seed need at hand."""

    villages: dict[str, list[str]]
    townships: dict[str, str] = field(default_factory=lambda: dict(TOWNSHIPS))
    """Key and code of every township in which people live: a, b, and in a large county c, d …"""
    organisations: dict[str, Organisation] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    def actor(self, username: str) -> Actor:
        """The acting value of an account; offices keep theirs, a caregiver's or assessor's link may still change."""
        known = self._actors.get(username)
        if known is None:
            known = actor_of(self.users[username])
            if known.role not in LINKED:
                self._actors[username] = known
        return known

    def village_officer(self, code: str) -> Actor:
        """The officer of a village."""
        return self.actor(self.officers[code])

    def side(self, area_code: str) -> str:
        """The key of the township an area lies in."""
        return next(key for key, code in self.townships.items() if area_code.startswith(code))

    beds: int = 80
    """Beds of each institution."""
    officers: dict[str, str] = field(default_factory=dict)
    _actors: dict[str, Actor] = field(default_factory=dict)


def signing_offices(county: County) -> list[tuple[Actor, str]]:
    """The offices that sign contracts with a seal, each once: an account of its own, and its name."""
    accounts = ["county_reviewer_a", "county_officer_a", *county.officers.values()]
    accounts += [f"{role}_{side}" for role in ("township_officer", "institution_manager") for side in county.townships]
    names = {office.id: office.name for office in county.organisations.values()}
    return [(actor := county.actor(username), names[actor.organisation_id or 0]) for username in accounts]


def open_accounts(county: County) -> None:
    """The account of each institution, to which the care money of its residents goes; recorded by its township."""
    for number, side in enumerate(county.townships, 1):
        account = f"8105{number:02d}01040099999"
        house = county.organisations[f"institution_{side}"].id
        set_account(county.actor(f"township_officer_{side}"), house, "示例农村商业银行", account, account)


def pieces(rows: Sequence[Row], size: int = PIECE) -> Iterator[list[Row]]:
    """A long list in pieces, each for one act on many."""
    for start in range(0, len(rows), size):
        yield list(rows[start : start + size])


def load_areas() -> dict[str, list[str]]:
    """The county with its ancestors, townships and villages; returns villages by township."""
    villages: dict[str, list[str]] = {}
    with AREAS.open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["code"].startswith(COUNTY) or COUNTY.startswith(r["code"])]
    known = set(db.session.scalars(select(Area.code)))
    for row in sorted(rows, key=lambda r: (len(r["code"]), r["code"])):
        if row["level"] == "village":
            villages.setdefault(row["parent"], []).append(row["code"])
        if row["code"] not in known:
            db.session.add(
                Area(
                    code=row["code"],
                    name=row["name"],
                    search=search_key(row["name"])[:240],
                    parent_code=row["parent"] or None,
                    level=Level(row["level"]),
                )
            )
    db.session.flush()
    return villages


def _organisations(county: County) -> None:
    names = {a.code: a.name for a in db.session.scalars(select(Area))}

    def add(key: str, kind: OrganisationKind, name: str, area: str, beds: int | None = None) -> None:
        row = Organisation(kind=kind, name=name, search=search_key(name), area_code=area, beds=beds)
        row.phone = "19900000000"
        db.session.add(row)
        county.organisations[key] = row

    add("county", KIND.COUNTY_GOVERNMENT, "巴林左旗人民政府", COUNTY)
    add("bureau", KIND.CIVIL_AFFAIRS, "巴林左旗民政局", COUNTY)
    add("agency", KIND.ASSESSMENT_AGENCY, "示例医院老年评估中心", COUNTY)
    for code in sorted(county.villages):
        add(f"township:{code}", KIND.TOWNSHIP_GOVERNMENT, f"{names[code]}人民政府", code)
        for village in county.villages[code]:
            add(f"village:{village}", KIND.VILLAGE_COMMITTEE, f"{names[village]}", village)
    for key, code in county.townships.items():
        county.organisations[f"township_{key}"] = county.organisations[f"township:{code}"]
        county.organisations[f"village_{key}"] = county.organisations[f"village:{county.villages[code][0]}"]
        add(f"institution_{key}", KIND.INSTITUTION, f"{names[code]}中心敬老院（示例）", code, beds=county.beds)
        add(f"volunteers_{key}", KIND.VOLUNTEER_GROUP, f"{names[code]}志愿服务队（示例）", code)
    db.session.flush()


def _scope(county: County, role: Role, key: str, username: str) -> tuple[str | None, int | None]:
    if role in {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN}:
        return None, None
    if not key:
        side = username[-1]
        return (county.villages[TOWNSHIPS[side]][0], None) if role is Role.CAREGIVER else (COUNTY, None)
    organisation = county.organisations[key]
    area = county.villages[organisation.area_code][0] if role is Role.VOLUNTEER else organisation.area_code
    return area, organisation.id


def _accounts(county: County, people: People, names: dict[str, str]) -> None:
    now, hashed = clock.now(), hash_password(PASSWORD)

    def add(username: str, role: Role, area: str | None, organisation_id: int | None, name: str) -> User:
        user = User(
            username=username,
            name=name,
            role=role,
            area_code=area,
            organisation_id=organisation_id,
            person_key=f"demo:{username}",
            password_hash=hashed,
            password_changed_at=now,
            active=True,
            demo=True,
            created_at=now,
        )
        db.session.add(user)
        county.users[username] = user
        return user

    for username, role, key in ACCOUNTS:
        area, organisation_id = _scope(county, role, key, username)
        add(username, role, area, organisation_id, names.get(username) or people.name(Sex.FEMALE))
    for side in [key for key in county.townships if key not in TOWNSHIPS]:
        for name, role in GROWN:
            key = {Role.TOWNSHIP_OFFICER: "township", Role.VOLUNTEER: "volunteers"}.get(role, "institution")
            area, organisation_id = _scope(county, role, f"{key}_{side}", f"{name}_{side}")
            add(f"{name}_{side}", role, area, organisation_id, people.name(Sex.FEMALE))
    for side, township in county.townships.items():
        for number, village in enumerate(county.villages[township]):
            known = number == 0 and side in TOWNSHIPS
            username = f"village_officer_{side}" if known else f"village_officer_{village}"
            county.officers[village] = username
            if not known:
                committee = county.organisations[f"village:{village}"]
                add(username, Role.VILLAGE_OFFICER, village, committee.id, people.name(Sex.MALE))
    db.session.flush()


def _grow(county: County, residents: int) -> None:
    """Townships, largest first, until none of them has many more people than the two sisters of a small county."""
    others = sorted(
        set(county.villages) - set(TOWNSHIPS.values()), key=lambda code: (-len(county.villages[code]), code)
    )
    wanted = min(len(others), max(0, -(-residents // PER_TOWNSHIP) - 2))
    county.townships |= dict(zip("cdefghijklmnopqrstuvwxyz", others[:wanted], strict=False))
    county.beds = max(80, -(-residents // len(county.townships) // 60) * 20)


def found(people: People, start: dt.date, residents: int) -> County:
    """Areas, organisations, accounts and assessors in one transaction, for so many residents."""
    with transaction() as tx:
        tx.act = "demo.found"
        county = County(load_areas())
        _grow(county, residents)
        _organisations(county)
        _accounts(county, people, {})
        for number, username in enumerate(("assessor_a", "assessor_b"), 1):
            user = county.users[username]
            db.session.add(
                Assessor(
                    name=user.name,
                    search=search_key(user.name),
                    organisation_id=county.organisations["agency"].id,
                    area_code=COUNTY,
                    qualification="medical" if number == 1 else "nursing",
                    certificate_number=f"示例-{start.year}-{number:03d}",
                    certificate_valid_to=start.replace(day=1) + dt.timedelta(days=4 * 365),
                    user_id=user.id,
                )
            )
        db.session.flush()
    return county
