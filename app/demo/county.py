"""Areas, organisations and accounts of the demo county."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from app.auth.models import User
from app.auth.passwords import hash_password
from app.auth.sessions import actor_of
from app.core import clock
from app.core.actor import Actor, Role
from app.core.db import db
from app.core.names import search_key
from app.core.transaction import transaction
from app.demo.accounts import ACCOUNTS, PASSWORD
from app.demo.invented import People
from app.people.models import Assessor, Sex
from app.places.models import Area, Level, Organisation, OrganisationKind

COUNTY = "150422"
TOWNSHIPS = {"a": "150422100", "b": "150422101"}
AREAS = Path(__file__).parent.parent / "places" / "data" / "areas.csv"
KIND = OrganisationKind


LINKED = frozenset({Role.ASSESSOR, Role.CAREGIVER, Role.CARE_WORKER})
"""Roles of accounts that belong to a person of the county's own records."""


@dataclass
class County:
    """What the later steps of the seed need at hand."""

    villages: dict[str, list[str]]
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

    officers: dict[str, str] = field(default_factory=dict)
    _actors: dict[str, Actor] = field(default_factory=dict)


def signing_offices(county: County) -> list[tuple[Actor, str]]:
    """The offices that sign contracts with a seal, each once: an account of its own, and its name."""
    accounts = ["county_reviewer_a", "county_officer_a", *county.officers.values()]
    accounts += [f"{role}_{side}" for role in ("township_officer", "institution_manager") for side in TOWNSHIPS]
    names = {office.id: office.name for office in county.organisations.values()}
    return [(actor := county.actor(username), names[actor.organisation_id or 0]) for username in accounts]


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
    for key, code in TOWNSHIPS.items():
        county.organisations[f"township_{key}"] = county.organisations[f"township:{code}"]
        county.organisations[f"village_{key}"] = county.organisations[f"village:{county.villages[code][0]}"]
        add(f"institution_{key}", KIND.INSTITUTION, f"{names[code]}中心敬老院（示例）", code, beds=80)
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
    for side, township in TOWNSHIPS.items():
        for number, village in enumerate(county.villages[township]):
            username = f"village_officer_{side}" if number == 0 else f"village_officer_{village}"
            county.officers[village] = username
            if number:
                committee = county.organisations[f"village:{village}"]
                add(username, Role.VILLAGE_OFFICER, village, committee.id, people.name(Sex.MALE))
    db.session.flush()


def found(people: People, start: dt.date) -> County:
    """Areas, organisations, accounts and assessors in one transaction."""
    with transaction() as tx:
        tx.act = "demo.found"
        county = County(load_areas())
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
