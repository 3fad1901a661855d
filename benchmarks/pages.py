"""``python -m benchmarks.pages [--times N] [--over MS] [account …]``: what each page of a county costs.

The county is the one ``DATABASE_URL`` or ``DATA_DIR`` name, such as one of 5,000 residents by ``flask seed --residents 5000
--quarters 4``. Each account opens its home page and whatever links lead to, one page of each kind (the address without its
numbers), warm; the statements of a page, the median time, and the processor time of this process are printed, slowest first.
"""

from __future__ import annotations

import argparse
import html
import logging
import re
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from app.core.db import db
from benchmarks.lists import browser

ACCOUNTS = ("county_officer_a", "township_officer_a", "institution_manager_a", "village_officer_a", "caregiver_a")
LEFT_OUT = re.compile(r"^(auth\.|static$|made\.static$|tablet\.)")
_LINK = re.compile(r'href="([^"#][^"]*)"')


@dataclass(frozen=True)
class Page:
    """One page as one account sees it: milliseconds are medians, ``size`` is in bytes."""

    account: str
    path: str
    statements: int
    milliseconds: float
    processor: float
    size: int


def _kind(app: Flask, path: str) -> str | None:
    """The page a path belongs to, without its numbers; None when it is none of ours to open."""
    split = urlsplit(path)
    if split.netloc or not split.path.startswith("/"):
        return None
    try:
        endpoint, _values = app.url_map.bind("localhost").match(split.path, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    if LEFT_OUT.match(endpoint):
        return None
    if path.endswith((".xlsx", ".pdf", ".csv")) or "format=" in path:
        return f"{endpoint} {path[-4:]}"
    return str(endpoint)


def _get(app: Flask, client: FlaskClient, path: str) -> TestResponse:
    """Open a page as a server does: with a database session of its own, which ends with the answer."""
    with app.app_context():
        return client.get(path)


def _walk(app: Flask, client: FlaskClient) -> Iterator[str]:
    """One address of each kind that links lead to from the home page."""
    waiting, kinds = ["/"], {_kind(app, "/")}
    while waiting:
        path = waiting.pop(0)
        answer = _get(app, client, path)
        if answer.status_code != 200:
            continue
        yield path
        if answer.mimetype != "text/html":
            continue
        for link in map(html.unescape, _LINK.findall(answer.text)):
            kind = _kind(app, link)
            if kind is not None and kind not in kinds:
                kinds.add(kind)
                waiting.append(link)


def measure(app: Flask, account: str, times: int) -> list[Page]:
    """Every page of an account, slowest first."""
    client, found = browser(app, account), []
    count = [0]

    def counted(*_args: object) -> None:
        count[0] += 1

    event.listen(db.engine, "before_cursor_execute", counted)
    try:
        for path in list(_walk(app, client)):
            spent, worked = [], []
            for _ in range(times):
                count[0] = 0
                clock, processor = time.perf_counter(), time.process_time()
                answer = _get(app, client, path)
                size = len(answer.data)
                spent.append((time.perf_counter() - clock) * 1000)
                worked.append((time.process_time() - processor) * 1000)
            found.append(Page(account, path, count[0], statistics.median(spent), statistics.median(worked), size))
    finally:
        event.remove(db.engine, "before_cursor_execute", counted)
    return sorted(found, key=lambda page: -page.milliseconds)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("accounts", nargs="*", default=list(ACCOUNTS))
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument(
        "--over", type=float, default=0, help="print only pages that take at least so many milliseconds"
    )
    options = parser.parse_args()
    from app import create_app
    from app.config import Settings

    logging.disable(logging.INFO)  # a line for every request would bury the figures
    app = create_app(Settings.from_env())
    with app.app_context():
        for account in options.accounts:
            pages = measure(app, account, options.times)
            slow = sum(page.milliseconds > 300 for page in pages)
            print(f"\n{account}: {len(pages)} pages, {slow} over 300 ms\n   ms processor statements    kB  page")
            for page in pages:
                if page.milliseconds >= options.over:
                    figures = (
                        f"{page.milliseconds:5.0f} {page.processor:9.0f} {page.statements:10} {page.size / 1024:5.0f}"
                    )
                    print(f"{figures}  {page.path}", flush=True)


if __name__ == "__main__":
    main()
