"""The small county every database test starts from, and short ways to more rows. All people are invented."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from app.auth.models import User
from app.auth.passwords import hash_password
from app.auth.sessions import actor_of, start
from app.core import clock
from app.core.actor import Actor, Role
from app.core.db import db
from app.core.transaction import transaction
from app.people.models import Assessor, Caregiver, Resident, ResidentStatus, Setting, Sex, Tier
from app.places.models import Area, Level, Organisation, OrganisationKind

PASSWORD = "Correct-horse-7-battery"
COUNTY, TOWNSHIP_A, TOWNSHIP_B = "150422", "150422100", "150422101"
VILLAGE_A, VILLAGE_A2, VILLAGE_B = "150422100200", "150422100201", "150422101200"

AREAS = [
    ("15", "内蒙古自治区", None, Level.PROVINCE),
    ("1504", "赤峰市", "15", Level.PREFECTURE),
    (COUNTY, "巴林左旗", "1504", Level.COUNTY),
    (TOWNSHIP_A, "林东镇", COUNTY, Level.TOWNSHIP),
    (TOWNSHIP_B, "隆昌镇", COUNTY, Level.TOWNSHIP),
    (VILLAGE_A, "东城村", TOWNSHIP_A, Level.VILLAGE),
    (VILLAGE_A2, "西城村", TOWNSHIP_A, Level.VILLAGE),
    (VILLAGE_B, "隆昌村", TOWNSHIP_B, Level.VILLAGE),
]
K = OrganisationKind
ORGANISATIONS = {
    "county": (K.COUNTY_GOVERNMENT, "巴林左旗人民政府", COUNTY),
    "bureau": (K.CIVIL_AFFAIRS, "巴林左旗民政局", COUNTY),
    "township_a": (K.TOWNSHIP_GOVERNMENT, "林东镇人民政府", TOWNSHIP_A),
    "township_b": (K.TOWNSHIP_GOVERNMENT, "隆昌镇人民政府", TOWNSHIP_B),
    "village_a": (K.VILLAGE_COMMITTEE, "东城村村民委员会", VILLAGE_A),
    "village_b": (K.VILLAGE_COMMITTEE, "隆昌村村民委员会", VILLAGE_B),
    "institution_a": (K.INSTITUTION, "林东镇养老院", TOWNSHIP_A),
    "institution_b": (K.INSTITUTION, "隆昌镇养老院", TOWNSHIP_B),
    "agency": (K.ASSESSMENT_AGENCY, "示例医疗评估所", COUNTY),
    "volunteers": (K.VOLUNTEER_GROUP, "东城志愿服务队", TOWNSHIP_A),
}
R = Role
USERS: dict[str, tuple[Role, str | None, str | None]] = {
    "assessor_a": (R.ASSESSOR, COUNTY, "agency"),
    "assessor_b": (R.ASSESSOR, COUNTY, "agency"),
    "institution_manager_a": (R.INSTITUTION_MANAGER, TOWNSHIP_A, "institution_a"),
    "institution_manager_b": (R.INSTITUTION_MANAGER, TOWNSHIP_B, "institution_b"),
    "care_worker_a": (R.CARE_WORKER, TOWNSHIP_A, "institution_a"),
    "caregiver_a": (R.CAREGIVER, VILLAGE_A, None),
    "caregiver_b": (R.CAREGIVER, VILLAGE_B, None),
    "village_officer_a": (R.VILLAGE_OFFICER, VILLAGE_A, "village_a"),
    "village_officer_b": (R.VILLAGE_OFFICER, VILLAGE_B, "village_b"),
    "volunteer_a": (R.VOLUNTEER, VILLAGE_A, "volunteers"),
    "township_officer_a": (R.TOWNSHIP_OFFICER, TOWNSHIP_A, "township_a"),
    "township_officer_b": (R.TOWNSHIP_OFFICER, TOWNSHIP_B, "township_b"),
    "county_officer_a": (R.COUNTY_OFFICER, COUNTY, "bureau"),
    "county_officer_b": (R.COUNTY_OFFICER, COUNTY, "bureau"),
    "county_reviewer": (R.COUNTY_REVIEWER, COUNTY, "county"),
    "county_reviewer_b": (R.COUNTY_REVIEWER, COUNTY, "county"),
    "auditor": (R.AUDITOR, COUNTY, None),
    "system_admin": (R.SYSTEM_ADMIN, None, None),
    "security_admin": (R.SECURITY_ADMIN, None, None),
}
_counter = itertools.count(1)


def id_number(born_on: dt.date, sex: Sex, serial: int) -> str:
    """A valid number of the fictitious division 999999."""
    order = serial * 2 % 1000 + (1 if sex is Sex.MALE else 0)
    body = f"99{9999 - serial // 500:04d}{born_on:%Y%m%d}{order:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def found_county() -> None:
    """Areas, organisations, one account per role and township, two assessors, two caregivers, four residents."""
    now = clock.now()
    with transaction() as tx:
        tx.act = "test.found"
        for code, name, parent, level in AREAS:
            db.session.add(Area(code=code, name=name, search=name, parent_code=parent, level=level))
            db.session.flush()
        organisations = {}
        for key, (kind, name, where) in ORGANISATIONS.items():
            organisations[key] = Organisation(kind=kind, name=name, search=name, area_code=where)
        db.session.add_all(organisations.values())
        db.session.flush()
        for username, (role, area, org) in USERS.items():
            db.session.add(
                User(
                    username=username,
                    name=username,
                    role=role,
                    area_code=area,
                    organisation_id=organisations[org].id if org else None,
                    person_key=f"person:{username}",
                    password_hash=_hash(),
                    password_changed_at=now,
                    created_at=now,
                )
            )
        db.session.flush()
        for number, username in enumerate(("assessor_a", "assessor_b"), 1):
            db.session.add(
                Assessor(
                    name=f"评估员{number}",
                    search=f"评估员{number}",
                    organisation_id=organisations["agency"].id,
                    area_code=COUNTY,
                    qualification="medical",
                    certificate_number=f"T-{number}",
                    certificate_valid_to=dt.date(2099, 12, 31),
                    user_id=_user(username).id,
                )
            )
        for username, village, number in (("caregiver_a", VILLAGE_A, 1), ("caregiver_b", VILLAGE_B, 2)):
            caregiver(f"护理员{number}", area_code=village, user_id=_user(username).id)
        db.session.flush()
        first, second = db.session.scalars(select(Caregiver).order_by(Caregiver.id)).all()
        resident("甲老人", area_code=VILLAGE_A, caregiver_id=first.id)
        resident("乙老人", area_code=VILLAGE_B, caregiver_id=second.id)
        resident(
            "丙老人",
            area_code=VILLAGE_A,
            setting=Setting.INSTITUTIONAL,
            institution_id=organisations["institution_a"].id,
        )
        resident(
            "丁老人",
            area_code=VILLAGE_B,
            setting=Setting.INSTITUTIONAL,
            institution_id=organisations["institution_b"].id,
        )


_hashed: list[str] = []


def _hash() -> str:
    if not _hashed:
        _hashed.append(hash_password(PASSWORD))
    return _hashed[0]


def _user(username: str) -> User:
    return db.session.scalars(select(User).where(User.username == username)).one()


def resident(name: str = "某老人", **fields: Any) -> Resident:
    """Add a resident to the open transaction (or open one)."""
    serial = next(_counter)
    born = fields.pop("born_on", dt.date(1945, 3, 1))
    sex = fields.pop("sex", Sex.MALE)
    row = Resident(
        number=f"R{900000 + serial}",
        name=name,
        search=name,
        sex=sex,
        born_on=born,
        ethnicity="01",
        area_code=fields.pop("area_code", VILLAGE_A),
        setting=fields.pop("setting", Setting.HOME),
        status=fields.pop("status", ResidentStatus.ACTIVE),
        supported_from=fields.pop("supported_from", dt.date(2024, 1, 1)),
        created_at=clock.now(),
        **fields,
    )
    row.id_number = id_number(born, sex, serial)
    with transaction() as tx:
        tx.act = tx.act or "test.resident"
        db.session.add(row)
        db.session.flush()
    return row


def caregiver(name: str = "某护理员", **fields: Any) -> Caregiver:
    """Add a caregiver with tier T3 to the open transaction (or open one)."""
    serial = next(_counter)
    row = Caregiver(
        number=f"C{900000 + serial}",
        name=name,
        search=name,
        sex=Sex.FEMALE,
        born_on=dt.date(1968, 5, 1),
        area_code=fields.pop("area_code", VILLAGE_A),
        tier=Tier.T3,
        tier_passed_on=dt.date(2025, 1, 1),
        tier_valid_to=fields.pop("tier_valid_to", dt.date(2099, 12, 31)),
        created_at=clock.now(),
        **fields,
    )
    row.bank_account = "6222021234567894"
    row.bank_name = "示例农村信用社"
    with transaction() as tx:
        tx.act = tx.act or "test.caregiver"
        db.session.add(row)
        db.session.flush()
    return row


def open_session(browser: FlaskClient, username: str) -> None:
    """Sign a test browser in by a real server-side session, without the form."""
    user = _user(username)
    token = start(user, address="127.0.0.1", agent="test", absolute_hours=12, needs_second_factor=False)
    with browser.session_transaction() as cookie:
        cookie["token"] = token
        cookie["locale"] = "zh_Hans_CN"


class County:
    """Handles on the small county's rows."""

    password = PASSWORD

    def user(self, username: str) -> User:
        """An account by name."""
        return _user(username)

    def actor(self, username: str) -> Actor:
        """Its acting value; a bare role name means its first account."""
        if username not in USERS:
            username = next(u for u in USERS if u.startswith(username))
        return actor_of(_user(username))

    def resident(self, name: str = "甲老人") -> Resident:
        """甲老人 (home, village A), 乙老人 (home, B), 丙老人 (institution A), 丁老人 (institution B)."""
        return db.session.scalars(select(Resident).where(Resident.name == name)).unique().one()

    def caregiver(self, name: str = "护理员1") -> Caregiver:
        """护理员1 (village A), 护理员2 (village B)."""
        return db.session.scalars(select(Caregiver).where(Caregiver.name == name)).unique().one()

    def organisation(self, key: str) -> Organisation:
        """One of ``ORGANISATIONS``."""
        return db.session.scalars(select(Organisation).where(Organisation.name == ORGANISATIONS[key][1])).one()

    def assessor(self, number: int = 1) -> Assessor:
        """评估员1 or 评估员2."""
        return db.session.scalars(select(Assessor).where(Assessor.name == f"评估员{number}")).unique().one()
