"""Every page of every role, with real objects: it opens, it keeps the rules of every page, it speaks one language, and
opening it changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.db import db
from app.core.models import RuleDocument
from app.grading.models import DoubleDraw
from tests.guards.ownership import RESIDENTS, WALKERS, combinations
from tests.guards.routes import Cell, cells, choices
from tests.guards.test_permissions import MATRIX
from tests.support.inspected_client import PageProblem
from tests.support.lively import NOW, Lively
from tests.support.pseudo import Corpus, shown_texts
from tests.support.state import AUDIT, TRACES, changed, tables
from tests.support.walker import Browser

ISSUED = frozenset({"issued_document", "contract_seal"})
"""A printed document is entered in the register of documents, so that its code can be verified; the first print of a contract
in force is its sealed file, kept from then on."""
FILES = {
    "care.checklist_pdf",
    "grading.notice",
    "grading.sheet_report",
    "sync.attachment",
    "sync.day_evidence",
    "sync.sheet_evidence",
}
"""Routes that send a file, beside those whose name ends in ``_pdf``, ``_export`` or ``_template``."""
NOT_YET = {
    "auth.own_second_factor_qr", "auth.second_factor_qr", "auth.second_factor", "sync.day_evidence", "sync.sheet_evidence",
}  # fmt: skip
"""Pages of a second factor that nobody here is setting up; files of accepted sheets and days of a tablet, of which the lively
county has none (``tests/tablet/test_evidence.py`` asks for them)."""
DEAD_ENDS: dict[str, set[str]] = {}
"""Account → pages of the role that this account has no object for, beside ``NOT_YET``."""


def pages(app: Flask, account: str | None, county: Lively, most: int) -> Iterator[tuple[Cell, list[dict[str, Any]]]]:
    """The GET routes a role may open, each with ways to fill it; at most ``most`` objects a page."""
    role = county.user(account).role.value if account else ""
    logs_first = sorted(cells(app), key=lambda c: not c.endpoint.startswith("quality.audit"))
    for cell in logs_first:  # before this walk's own prints stand in them
        allowed = {"public"} if account is None else {role, "public", "signed_in"}
        if cell.method != "GET" or not allowed & set(MATRIX[cell.endpoint]):
            continue
        own = combinations(cell, account, county)[0] if account else [{}]
        named = sorted(n for n in cell.rule.arguments if n in FIRST)
        others = [dict(zip(named, values, strict=True)) for values in product(*(FIRST[n]() for n in named))]
        own, words = [{**ids, **other} for ids in own for other in others], choices(cell.rule)
        day = {"day": NOW.date()} if "day" in cell.rule.arguments else {}
        ways = [{**ids, **chosen, **day} for ids in own for chosen in words]
        yield cell, ways[:1] if is_file(cell.endpoint) else spread(ways, most * len(words))


def is_file(endpoint: str) -> bool:
    """Whether a route sends a file."""
    return endpoint in FILES or endpoint.endswith(("_pdf", "_export", "_template", "export_users"))


FIRST: dict[str, Any] = {
    "user_id": lambda: [Lively().user("caregiver_a").id],
    "seq": lambda: [1],
    "rule_id": lambda: list(db.session.scalars(select(RuleDocument.id).order_by(RuleDocument.kind))),
    "token": lambda: [Lively().printed()],
    "draw_id": lambda: list(db.session.scalars(select(DoubleDraw.id))),
    "questionnaire_id": lambda: ["selfcare30-1"],
    "instrument_key": lambda: ["selfcare30@1"],
}
"""Identifiers that belong to nobody: some that exist; of the rules, the draft of the instrument first."""


def spread(ways: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """The first ``most - 1`` and the last: old objects and new ones."""
    return ways if len(ways) <= most else [*ways[: most - 1], ways[-1]]


def walk(
    app: Flask, browser: Browser, account: str | None, language: str, *, most: int, seen: set[str] | None = None
) -> tuple[list[str], set[str]]:
    """Everything wrong with the pages of an account, and the pages it has no object for. With ``seen``: pages that are
    not in it yet, which they are afterwards; no files.
    """
    corpus, wrong, shut = Corpus(language), [], set()
    for cell, ways in pages(app, account, Lively(), most):
        if seen is not None and (is_file(cell.endpoint) or cell.endpoint in seen):
            continue
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
        elif seen is not None:
            seen.add(cell.endpoint)
    return wrong, shut


@pytest.mark.long
@pytest.mark.parametrize("account", [None, *WALKERS])
def test_every_page_of_a_role_opens_in_chinese_and_changes_nothing(marked: Flask, account: str | None) -> None:
    browser = Browser(marked, account)
    before = tables(without=TRACES | AUDIT | ISSUED)
    wrong, shut = walk(marked, browser, account, "zh", most=2)
    assert not wrong, "\n".join(wrong)
    assert changed(before, tables(without=TRACES | AUDIT | ISSUED)) == []
    assert shut - NOT_YET == DEAD_ENDS.get(account or "", set())


def test_every_page_opens_in_english(marked: Flask) -> None:
    """Each page once, by the first account that may open it: what differs between roles is the same in Chinese."""
    seen: set[str] = set()
    problems = []
    for account in [None, *RESIDENTS]:
        wrong, _shut = walk(marked, Browser(marked, account, "en"), account, "en", most=2, seen=seen)
        problems += wrong
    assert not problems, "\n".join(problems)
    every = {c.endpoint for c in cells(marked) if c.method == "GET" and not is_file(c.endpoint)}
    assert every - NOT_YET - seen == set()
