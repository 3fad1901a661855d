"""Lists take the same number of SQL statements however many rows they show."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, select

from app.auth import operations as auth
from app.auth.roles import system_actor
from app.core.actor import Role
from app.core.db import db
from app.core.transaction import transaction
from app.people.models import Assessor, Caregiver
from app.places.models import Area, Level, Organisation, OrganisationKind
from tests.factories import COUNTY, TOWNSHIP_A, VILLAGE_A, VILLAGE_B, County, caregiver, resident

LISTS = [
    ("county_officer_a", "/residents"),
    ("county_officer_a", "/residents?sort=newest&status="),
    ("county_officer_a", "/residents?q=老人"),
    ("auditor", "/residents.csv"),
    ("county_officer_a", "/caregivers"),
    ("auditor", "/caregivers.csv"),
    ("county_officer_a", "/assessors"),
    ("county_officer_a", "/assessors.csv"),
    ("county_officer_a", "/areas"),
    ("county_officer_a", f"/areas/{TOWNSHIP_A}"),
    ("county_officer_a", "/areas?q=村"),
    ("county_officer_a", "/organisations"),
    ("county_officer_a", "/organisations.csv"),
    ("system_admin", "/accounts"),
    ("system_admin", "/accounts/export.csv"),
    ("caregiver_a", "/residents"),
]


def more(county: County) -> None:
    house = county.organisation("institution_a")
    carer = county.caregiver()
    with transaction() as tx:
        tx.act = "test.more"
        for n in range(12):
            one = caregiver(f"护理{n}", area_code=(VILLAGE_A, VILLAGE_B)[n % 2], institution_id=house.id)
            resident(f"老人{n}", area_code=VILLAGE_A, caregiver_id=one.id)
            resident(f"自己的老人{n}", area_code=VILLAGE_A, caregiver_id=carer.id)
            agency = Organisation(
                kind=OrganisationKind.ASSESSMENT_AGENCY, name=f"评估所{n}", search="", area_code=COUNTY
            )
            db.session.add(agency)
            code = f"{TOWNSHIP_A}{300 + n}"
            db.session.add(
                Area(code=code, name=f"新{n}村", search=f"新{n}村", parent_code=TOWNSHIP_A, level=Level.VILLAGE)
            )
            db.session.flush()
            like = county.assessor()
            db.session.add(
                Assessor(
                    name=f"评估{n}", search="", organisation_id=agency.id, area_code=COUNTY, qualification="medical",
                    certificate_number=f"N-{n}", certificate_valid_to=like.certificate_valid_to,
                )
            )  # fmt: skip
            auth.create_user(system_actor(),
                username=f"village_{n}", name=f"村干部{n}", role=Role.VILLAGE_OFFICER, area_code=code,
                organisation_id=None, password="Correct-horse-7-battery", demo=True,
            )  # fmt: skip
    assert db.session.scalar(select(Caregiver.id).where(Caregiver.name == "护理11"))


def statements(client: Any, url: str) -> int:
    sent: list[str] = []

    def note(*arguments: Any) -> None:
        sent.append(str(arguments[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get(url).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(sent)


@pytest.mark.parametrize(("who", "url"), LISTS)
def test_a_list_takes_the_same_statements_for_many_rows_as_for_few(
    county: County, sign_in: Any, who: str, url: str
) -> None:
    client = sign_in(who)
    client.get(url)
    few = statements(client, url)
    more(county)
    many = statements(client, url)
    assert many <= few + 1, "a relation that no row had before may be asked for once"
    assert many < 30
