"""Every page of every role, with real objects: it opens, it keeps the rules of every page, it speaks one language, and
opening it changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.guards.ownership import RESIDENTS, combinations
from tests.guards.routes import Cell, cells, choices
from tests.guards.test_permissions import MATRIX
from tests.support.dump import AUDIT, TRACES, changed, dump
from tests.support.inspected_client import PageProblem
from tests.support.lively import NOW, Lively
from tests.support.pseudo import Corpus, shown_texts
from tests.support.walker import Browser

ISSUED = frozenset({"issued_document"})
"""A printed document is entered in the register of documents, so that its code can be verified."""
DEAD_ENDS: dict[str, set[str]] = {}
"""Account → pages of the role that this account has no object for."""


def pages(app: Flask, account: str | None, county: Lively, most: int) -> Iterator[tuple[Cell, list[dict[str, Any]]]]:
    """The GET routes a role may open, each with ways to fill it; at most ``most`` objects a page."""
    role = county.user(account).role.value if account else ""
    for cell in cells(app):
        allowed = MATRIX[cell.endpoint]
        if cell.method != "GET" or not ({role, "public", "signed_in"} & set(allowed)):
            continue
        own = combinations(cell, account, county)[0] if account else [{}]
        words = choices(cell.rule)
        day = {"day": NOW.date()} if "day" in cell.rule.arguments else {}
        ways = [{**ids, **chosen, **day} for ids in own for chosen in words]
        yield cell, spread(ways, most * len(words))


def spread(ways: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """The first ``most - 1`` and the last: old objects and new ones."""
    return ways if len(ways) <= most else [*ways[: most - 1], ways[-1]]


def walk(app: Flask, browser: Browser, account: str | None, language: str, most: int) -> tuple[list[str], set[str]]:
    """Everything wrong with the pages of an account, and the pages it has no object for."""
    corpus, wrong, shut = Corpus(language), [], set()
    for cell, ways in pages(app, account, Lively(), most):
        statuses = []
        for ids in ways:
            where = f"{cell.endpoint} {ids}"
            try:
                response = browser.send(cell, ids)
            except PageProblem as problem:
                wrong.append(str(problem))
                continue
            statuses.append(response.status_code)
            if response.status_code >= 500:
                wrong.append(f"{where}: {response.status_code}")
            if response.mimetype == "text/html" and response.status_code == 200:
                html = response.get_data(as_text=True)
                strange = sorted({s for words in shown_texts(html) for s in corpus.strange(words)})
                if strange:
                    wrong.append(f"{where}: not translated: {strange}")
        if not set(statuses) & {200, 302}:
            shut.add(cell.endpoint)
    return wrong, shut


@pytest.mark.parametrize("account", [None, *RESIDENTS])
def test_every_page_of_a_role_opens_in_chinese_and_changes_nothing(marked: Flask, account: str | None) -> None:
    browser = Browser(marked, account)
    before = dump(without=TRACES | AUDIT | ISSUED)
    wrong, shut = walk(marked, browser, account, "zh", most=2)
    assert not wrong, "\n".join(wrong)
    assert changed(before, dump(without=TRACES | AUDIT | ISSUED)) == []
    assert shut == DEAD_ENDS.get(account or "", set())


@pytest.mark.parametrize("account", [None, *RESIDENTS])
def test_every_page_of_a_role_opens_in_english(marked: Flask, account: str | None) -> None:
    wrong, _shut = walk(marked, Browser(marked, account, "en"), account, "en", most=1)
    assert not wrong, "\n".join(wrong)
