"""Residents and caregivers of the demo county, and what assessors find when they visit them."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from app.core import clock
from app.core.db import db
from app.core.names import search_key
from app.core.transaction import transaction
from app.demo.county import TOWNSHIPS, County
from app.demo.invented import People
from app.people.models import Caregiver, Resident, ResidentStatus, Setting, Sex, Tier

INDICATORS = (
    ("1.1", "1.2", "1.3"),
    ("4.1", "4.2", "4.3"),
    ("8.1", "8.2", "8.3"),
    ("7.1", "7.2", "7.3"),
    ("9.2", "9.3"),
    ("2.1", "2.2", "2.3"),
)
"""Sub-items that decide each of the six national indicators (domain.md 6.4)."""
SUBITEMS = tuple(f"{item}.{part}" for item in range(1, 11) for part in range(1, 4))


def observations(rng: random.Random, unmet: int) -> tuple[dict[str, Any], dict[str, int]]:
    """A believable sheet with about ``unmet`` of the six indicators not met."""
    answers: dict[str, Any] = {sub: "A1" if rng.random() < 0.15 else "A0" for sub in SUBITEMS}
    for item in ("8", "9", "10"):  # a stick at the bedside is common from eighty on
        if unmet and rng.random() < 0.5:
            answers |= {f"{item}.{part}": "A1" for part in (1, 2, 3)}
    order = [5, 1, 4, 2, 3, 0]  # bathing goes first, eating last
    for position in order[:unmet]:
        level = rng.choice(["A2", "A2", "A3"] if unmet < 4 else ["A2", "A3", "A3", "A4"])
        for sub in INDICATORS[position]:
            answers[sub] = level if rng.random() < 0.8 else "A2"
        answers[INDICATORS[position][0]] = level
    if unmet >= 3:
        answers |= {f"3.{part}": "A2" for part in (1, 2, 3)}
        answers |= {f"10.{part}": "A3" for part in (1, 2, 3)}
    if unmet >= 5:
        answers |= {"5.1": "A3", "5.2": "A2", "6.1": "A3", "6.2": "A2", "6.3": "A2"}
    worse = 0 if unmet == 0 else (1 if unmet < 4 else 2)
    answers |= {f"B.2.{n}": 0 for n in (1, 2, 3)}
    answers |= {"B.3.1": 0, "B.3.2": min(3, worse + rng.randint(0, 1)), "B.3.3": worse, "B.3.4": min(1, worse)}
    answers |= {f"B.4.{n}": min(4, worse + rng.randint(0, 1)) for n in range(1, 6)}
    if unmet >= 4 and rng.random() < 0.3:
        answers["B.2.1"] = 2
    facts = dict.fromkeys(("dementia", "mental_illness", "falls", "wandering", "choking", "suicide"), 0)
    if answers["B.2.1"] == 2:
        facts["dementia"] = rng.randint(1, 2)
    if unmet and rng.random() < 0.15:
        facts["falls"] = rng.randint(1, 2)
    return answers, facts


def unmet_for(rng: random.Random) -> int:
    """How many indicators are not met: a fifth self-caring, half half care, the rest full care."""
    return rng.choices(range(7), weights=(20, 18, 18, 14, 12, 10, 8))[0]


def settle_in(county: County, people: People, rng: random.Random, number: int, start: dt.date) -> list[Resident]:
    """``number`` residents in the two sister townships, a quarter of them in the two institutions; a caregiver for
    one or two neighbours, and some of each institution.
    """
    residents: list[Resident] = []
    with transaction() as tx:
        tx.act, tx.actor = "demo.people", county.actor("county_officer_a")
        turns = _turns(county)
        for n in range(number):
            side = turns[n % len(turns)]
            residents.append(_resident(county, people, rng, n, side, start))
        db.session.add_all(residents)
        db.session.flush()
        _caregivers(county, people, rng, residents, start)
    return residents


def _turns(county: County) -> str:
    """Whose turn it is, resident by resident: five of nine in the first of two sisters; in a large county each township as
    often as it has villages, all of them mixed.
    """
    if len(county.townships) == 2:
        return "aaaaabbbb"
    sides = "".join(side * len(county.villages[code]) for side, code in county.townships.items())
    return "".join(sides[n * MIXED % len(sides)] for n in range(len(sides)))


MIXED = 101
"""A prime larger than half of any number of villages here, so that neighbours in the list live apart."""


def _resident(county: County, people: People, rng: random.Random, n: int, side: str, start: dt.date) -> Resident:
    sex = Sex.MALE if rng.random() < 0.78 else Sex.FEMALE
    mongolian = rng.random() < 0.12
    born = people.born(61, 92, start) if rng.random() < 0.9 else people.born(35, 59, start)
    villages = county.villages[county.townships[side]]
    home = n % 4 != 3
    name = people.name(sex, mongolian=mongolian)
    row = Resident(
        number=f"R{n + 1:06d}",
        name=name,
        search=search_key(name),
        sex=sex,
        born_on=born,
        ethnicity="02" if mongolian else ("11" if rng.random() < 0.05 else "01"),
        education=rng.choices("123", weights=(50, 40, 10))[0],
        marital=rng.choices("134", weights=(75, 18, 7))[0],
        living="1" if home else "8",
        medical_payment=["3", "4"],
        income_sources=["4"],
        area_code=villages[n % 7 if n % 3 else rng.randrange(len(villages))],
        setting=Setting.HOME if home else Setting.INSTITUTIONAL,
        institution_id=None if home else county.organisations[f"institution_{side}"].id,
        status=ResidentStatus.ACTIVE,
        supported_from=start - dt.timedelta(days=rng.randint(120, 2500)),
        created_at=clock.now(),
    )
    row.id_number = people.id_number(born, sex)
    row.phone = people.phone() if rng.random() < 0.4 else None
    row.address = f"{rng.randint(1, 8)}组{rng.randint(1, 60)}号"
    if rng.random() < 0.35:
        row.health_notes = rng.choice(
            ["高血压，每日服药", "脑梗塞后遗症", "慢性支气管炎", "糖尿病，控制饮食", "关节炎，行走疼痛"]
        )
    if rng.random() < 0.3:
        row.guardian_name, row.guardian_relation = people.name(Sex.MALE), "3"
        row.guardian_phone = people.phone()
    return row


def _caregivers(county: County, people: People, rng: random.Random, residents: list[Resident], start: dt.date) -> None:
    serial = 0

    def add(area: str, institution_id: int | None, user: str | None = None) -> Caregiver:
        nonlocal serial
        serial += 1
        sex = Sex.FEMALE if rng.random() < 0.8 else Sex.MALE
        name = county.users[user].name if user else people.name(sex)
        born = people.born(42, 63, start)
        row = Caregiver(
            number=f"C{serial:06d}",
            name=name,
            search=search_key(name),
            sex=sex,
            born_on=born,
            area_code=area,
            institution_id=institution_id,
            user_id=county.users[user].id if user else None,
            tier=Tier.T3,
            tier_passed_on=start - dt.timedelta(days=rng.randint(30, 200)),
            tier_valid_to=start + dt.timedelta(days=rng.randint(420, 600)),
            health_check_on=start - dt.timedelta(days=rng.randint(5, 300)),
            bank_name="示例农村信用合作联社",
            created_at=clock.now(),
        )
        row.id_number = people.id_number(born, sex)
        row.phone, row.bank_account = people.phone(), people.bank_account()
        db.session.add(row)
        return row

    by_village: dict[str, list[Resident]] = {}
    for resident in residents:
        if resident.setting is Setting.HOME:
            by_village.setdefault(resident.area_code, []).append(resident)
    for side, township in county.townships.items():
        first = county.villages[township][0]
        if (
            side in TOWNSHIPS and first not in by_village
        ):  # the accounts caregiver_a and caregiver_b need somebody to care for
            moved = next(r for r in residents if r.setting is Setting.HOME and r.area_code.startswith(township))
            by_village[moved.area_code].remove(moved)
            moved.area_code = first
            by_village[first] = [moved]
        if side in TOWNSHIPS:
            own = add(first, None, f"caregiver_{side}")
            db.session.flush()
            by_village[first][0].caregiver = own
        for village, neighbours in sorted(by_village.items()):
            if not village.startswith(township):
                continue
            uncared = [r for r in neighbours if r.caregiver is None]
            while uncared:
                caregiver = add(village, None)
                for resident in uncared[: rng.choice((1, 1, 2))]:
                    resident.caregiver = caregiver
                uncared = [r for r in uncared if r.caregiver is None]
        institution = county.organisations[f"institution_{side}"]
        inside = sum(r.institution_id == institution.id for r in residents)
        for _n in range(max(6, inside // 3 + 1)):  # enough for the ratio of contracts, whatever grades come out
            add(institution.area_code, institution.id)
    db.session.flush()
