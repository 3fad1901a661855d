"""Pages of a list lead forward and back over every row once, with search and filters in the address."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.core import tables
from app.core.transaction import transaction
from tests.factories import VILLAGE_A, VILLAGE_B, County, resident


def crowd(number: int) -> None:
    with transaction() as tx:
        tx.act = "test.crowd"
        for n in range(number):
            resident(f"众老人{n:03d}", area_code=(VILLAGE_A, VILLAGE_B)[n % 2])


def names(page: str) -> list[str]:
    return re.findall(r"众老人\d{3}", page.partition("<tbody")[2].partition("</tbody>")[0])


def link(page: str, rel: str) -> str | None:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', page)
    return html.unescape(found[1]) if found else None


def test_forward_and_back_over_every_row_once(county: County, sign_in: Any) -> None:
    crowd(120)
    client = sign_in("county_officer_a")
    address: str | None = "/residents?q=众老人&sort=newest"
    pages, addresses = [], []
    while address:
        page = client.get(address).get_data(as_text=True)
        pages.append(names(page))
        addresses.append(address)
        address = link(page, "next")
        if address:
            assert parse_qs(urlsplit(address).query)["q"] == ["众老人"]
    assert [len(p) for p in pages] == [50, 50, 20]
    assert [name for page in pages for name in page] == [f"众老人{n:03d}" for n in reversed(range(120))]
    back = link(client.get(addresses[2]).get_data(as_text=True), "prev")
    assert back
    assert names(client.get(back).get_data(as_text=True)) == pages[1]
    first = link(client.get(back).get_data(as_text=True), "prev")
    assert first
    assert names(client.get(first).get_data(as_text=True)) == pages[0]
    assert link(client.get("/residents?q=众老人").get_data(as_text=True), "prev") is None


def test_the_export_is_what_the_list_shows(county: County, sign_in: Any) -> None:
    crowd(60)
    client = sign_in("county_officer_a")
    page = client.get(f"/residents?q=众老人&village={VILLAGE_B}&township={VILLAGE_B[:9]}").get_data(as_text=True)
    address = html.unescape(re.findall(r'href="(/residents\.csv[^"]*)"', page)[0])
    file = client.get(address)
    taken = [row.cells["姓名"] for row in tables.read_rows("a.csv", file.data).rows]
    assert taken == names(page)
    assert len(taken) == 30


def test_nobody_steers_the_links_of_a_list_by_its_address(county: County, sign_in: Any) -> None:
    crowd(60)
    client = sign_in("county_officer_a")
    for odd in ("endpoint=x", "_external=1&_scheme=ftp", "_anchor=x&_method=POST", "kind=pdf", "resident_id=1"):
        answer = client.get(f"/residents?{odd}")
        assert answer.status_code == 200
        onward = link(answer.get_data(as_text=True), "next")
        assert onward
        assert onward.startswith("/residents?")
    assert client.get("/sheets?kind=csv&endpoint=x").status_code == 200
    assert client.get("/grade-proposals?kind=csv&endpoint=x").status_code == 200
