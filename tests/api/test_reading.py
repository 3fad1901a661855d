"""Reading through the API: as described, within the reader's scope, to the last row, refused in words."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.api.openapi import FILTERS
from app.auth.models import ApiToken, User
from app.core import clock
from app.core.db import db
from app.core.transaction import transaction
from app.people.models import Resident
from tests.api.conftest import Bearer, fits
from tests.factories import TOWNSHIP_A, VILLAGE_B, County, resident
from tests.grading.sheets import proposed
from tests.settlement.conftest import Q1, Quarter

API = "/api/v1"
SINGLE = {"residents": "resident_id", "sheets": "sheet_id", "contracts": "contract_id"}
DAYS = {"checklist-entries": "?from=2026-01-01&to=2026-03-31"}


def everything(client: Any, path: str, limit: int = 200, query: str = "") -> list[dict[str, Any]]:
    """All rows, page by page, each page as described."""
    rows, cursor = [], ""
    for _ in range(500):
        more = f"{'&' if query else '?'}limit={limit}" + (f"&cursor={cursor}" if cursor else "")
        body = fits(client.get(f"{API}/{path}{query}{more}"), f"{API}/{path}")
        assert len(body["items"]) <= limit
        rows += body["items"]
        cursor = body["next_cursor"]
        if cursor is None:
            return rows
    raise AssertionError("the pages never end")


def test_every_list_and_every_single_thing_is_as_described(ready: Quarter, bearer: Bearer) -> None:
    ready.to_closed()
    proposed(ready.county, "whole", "丙老人")
    client = bearer("auditor")
    for path in sorted(p for p in FILTERS if not p.startswith("fhir/")):  # these have a form of their own: test_fhir
        rows = everything(client, path, query=DAYS.get(path, ""))
        assert rows, path
        if path in SINGLE:
            for row in rows[:3]:
                address = f"{API}/{path}/{{{SINGLE[path]}}}"
                assert fits(client.get(f"{API}/{path}/{row['id']}"), address) == row


@pytest.mark.parametrize("limit", [1, 7])
def test_paging_reaches_the_end_with_no_row_lost_or_doubled(ready: Quarter, bearer: Bearer, limit: int) -> None:
    ready.to_approved()
    for number in range(20):
        resident(f"老人{number}", area_code=VILLAGE_B)
    client = bearer("auditor")
    for path in ("residents", "checklist-entries", "ledger-lines", "contracts"):
        whole = everything(client, path, query=DAYS.get(path, ""))
        if len(whole) > 400 * limit:
            continue
        paged = everything(client, path, limit, DAYS.get(path, ""))
        assert [json.dumps(row) for row in paged] == [json.dumps(row) for row in whole], path
        assert len({json.dumps(row) for row in whole}) == len(whole)


def test_a_row_added_meanwhile_disturbs_no_page(county: County, bearer: Bearer) -> None:
    client = bearer("auditor")
    first = client.get(f"{API}/residents?limit=2").get_json()
    new = resident("后来的老人").id
    cursor, found = first["next_cursor"], [row["id"] for row in first["items"]]
    while cursor:
        body = client.get(f"{API}/residents", query_string={"limit": 2, "cursor": cursor}).get_json()
        found += [row["id"] for row in body["items"]]
        cursor = body["next_cursor"]
    assert found == sorted(set(found))
    assert new in found


@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("county_officer_a", {"甲老人", "乙老人", "丙老人", "丁老人"}),
        ("auditor", {"甲老人", "乙老人", "丙老人", "丁老人"}),
        ("township_officer_a", {"甲老人", "丙老人"}),
        ("village_officer_b", {"乙老人", "丁老人"}),
        ("institution_manager_a", {"丙老人"}),
        ("caregiver_b", {"乙老人"}),
    ],
)
def test_everybody_reads_the_own_people_only(county: County, bearer: Bearer, who: str, names: set[str]) -> None:
    client = bearer(who)
    rows = everything(client, "residents")
    assert {row["name"] for row in rows} == names
    for row in db.session.execute(select(Resident.id, Resident.name)):
        assert client.get(f"{API}/residents/{row.id}").status_code == (200 if row.name in names else 404)


def test_who_only_cares_is_told_no_more_than_on_the_page(county: County, bearer: Bearer) -> None:
    for who, told in (("caregiver_a", False), ("village_officer_a", False), ("township_officer_a", True)):
        row = everything(bearer(who), "residents")[0]
        assert (row["born_on"] is not None, row["id_number_masked"] is not None) == (told, told)
        assert row["age"] > 70


def test_money_and_contracts_stay_within_the_township(ready: Quarter, bearer: Bearer) -> None:
    row = ready.to_closed()
    other = bearer("township_officer_b")
    for path in ("settlements", "contracts", "checklist-entries", "grades"):
        assert everything(other, path, query=DAYS.get(path, "")) == [], path
    own = bearer("township_officer_a")
    assert [s["id"] for s in everything(own, "settlements", query=f"?quarter={Q1}")] == [row.id]
    entries = everything(bearer("auditor"), "ledger-lines", query=f"?settlement_id={row.id}")
    assert entries
    assert sum(e["amount_fen"] for e in entries) == 0


def test_filters_narrow(county: County, bearer: Bearer) -> None:
    client = bearer("auditor")
    assert {r["name"] for r in everything(client, "residents", query=f"?area={TOWNSHIP_A}")} == {"甲老人", "丙老人"}
    assert everything(client, "residents", query="?status=deceased") == []


def test_no_secret_leaves_unmasked(ready: Quarter, bearer: Bearer) -> None:
    with transaction() as tx:
        tx.act = "test.secrets"
        person = ready.county.resident()
        person.phone, person.address, person.health_notes = "19900001234", "东城村3组秘密地址", "秘密病史"
    client = bearer("auditor")
    secrets = [person.id_number or "", "19900001234", "东城村3组", "秘密病史", "6222021234567894"]
    for path in sorted(FILTERS):
        text = client.get(f"{API}/{path}{DAYS.get(path, '')}").get_data(as_text=True)
        assert not [s for s in secrets if s in text], path
        assert not re.search(r"(?<![0-9a-f])\d{17}[\dX](?![0-9a-f])", text), path


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("limit=" + "9" * 30, "limit"),
        ("cursor=zzz", "cursor"),
        ("cursor=W10", "cursor"),
        ("area=x", "area"),
        ("status=gone", "status"),
        ("name=x", "name"),
    ],
)
def test_wrong_arguments_are_named_in_words(county: County, bearer: Bearer, query: str, field: str) -> None:
    body = fits(bearer("auditor").get(f"{API}/residents?{query}"), f"{API}/residents")
    assert body["error"]["status"] == 422
    assert set(body["error"]["fields"]) == {field}
    assert re.search("[\u4e00-\u9fff]", body["error"]["message"])


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("grades", "on=2026-02-30"),
        ("grades", "on=20260101"),
        ("checklist-entries", "from=2026-02-01&to=2026-01-01"),
        ("settlements", "quarter=2026-Q5"),
        ("ledger-lines", "settlement_id=-1"),
        ("contracts", "state=lost"),
    ],
)
def test_wrong_filters_are_422(county: County, bearer: Bearer, path: str, query: str) -> None:
    assert bearer("county_reviewer").get(f"{API}/{path}?{query}").status_code == 422


def test_words_are_in_the_language_that_is_asked_for(county: County, bearer: Bearer) -> None:
    client = bearer("auditor")
    english = client.get(f"{API}/residents?limit=0", headers={"Accept-Language": "en"}).get_json()
    assert english["error"]["message"] == "limit must be a whole number from 1 to 200."
    assert client.get(f"{API}/residents/999", headers={"Accept-Language": "en"}).get_json()["error"]["message"]


@pytest.mark.parametrize("number", ["0", "-1", "9" * 25, "x", "1.5", "9223372036854775807"])
def test_impossible_and_missing_ids_are_404_in_json(county: County, bearer: Bearer, number: str) -> None:
    client = bearer("auditor")
    for path, name in SINGLE.items():
        body = fits(client.get(f"{API}/{path}/{number}"), f"{API}/{path}/{{{name}}}")
        assert body["error"]["status"] == 404
        assert body["error"]["message"]


def test_refusals_are_json_everywhere(app: Flask, county: County, bearer: Bearer) -> None:
    nobody = app.test_client()
    for path in sorted(FILTERS):
        answer = nobody.get(f"{API}/{path}")
        assert fits(answer, f"{API}/{path}")["error"]["status"] == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert bearer("system_admin").get(f"{API}/residents").status_code == 403
    answer = bearer("auditor").put(f"{API}/residents")
    assert fits(answer, f"{API}/residents")["error"]["status"] == 405
    assert "GET" in answer.headers["Allow"]
    unknown = nobody.get(f"{API}/nothing")
    assert (unknown.status_code, unknown.mimetype) == (404, "application/json")


def test_tokens_end_are_revoked_and_stop_with_the_account(app: Flask, county: County, bearer: Bearer) -> None:
    client = bearer("auditor")
    assert client.get(f"{API}/residents").status_code == 200
    with clock.at(clock.now() + dt.timedelta(days=31)):
        assert client.get(f"{API}/residents").status_code == 401
    user = county.user("auditor")
    for field in ("must_change_password", "active"):
        with transaction() as tx:
            tx.act = "test"
            setattr(db.session.get(User, user.id), field, field == "must_change_password")
        assert client.get(f"{API}/residents").status_code == (403 if field == "must_change_password" else 401)
    with transaction() as tx:
        tx.act = "test"
        row = db.session.get(User, user.id)
        assert row
        row.active, row.must_change_password = True, False
    assert client.get(f"{API}/residents").status_code == 200
    with transaction() as tx:
        tx.act = "test"
        for token in db.session.scalars(select(ApiToken)):
            token.revoked_at = clock.now()
    assert client.get(f"{API}/residents").status_code == 401


@pytest.mark.parametrize(
    "header", ["Bearer ", "Bearer x", "Bearer \u00ff", "bearer x", "Basic YTpi", "Bearer " + "x" * 9000]
)
def test_other_credentials_open_nothing(app: Flask, county: County, header: str) -> None:
    assert app.test_client().get(f"{API}/residents", headers={"Authorization": header}).status_code in {400, 401}


def test_a_wrong_token_is_not_rescued_by_a_session(county: County, sign_in: Any) -> None:
    client = sign_in("auditor")
    assert client.get(f"{API}/residents").status_code == 200
    assert client.get(f"{API}/residents", headers={"Authorization": "Bearer x"}).status_code == 401


@pytest.mark.parametrize("path", sorted(FILTERS))
def test_a_page_takes_the_same_queries_however_many_rows(ready: Quarter, sign_in: Any, path: str) -> None:
    ready.to_closed()
    proposed(ready.county, "whole", "丙老人")
    for number in range(10):
        resident(f"老人{number}")
    client = sign_in("auditor")
    counts = []
    for limit in (1, 200):
        sent: list[str] = []

        def note(*arguments: Any, sent: list[str] = sent) -> None:
            sent.append(arguments[2])

        event.listen(db.engine, "before_cursor_execute", note)
        assert client.get(f"{API}/{path}{DAYS.get(path, '?')}&limit={limit}".replace("?&", "?")).status_code == 200
        event.remove(db.engine, "before_cursor_execute", note)
        counts.append(len(sent))
    assert counts[1] <= counts[0] + 1, "one more when the page asks for what a longer one holds"
