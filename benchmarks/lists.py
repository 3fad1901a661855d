"""P4 and P5: pages of lists. The same page in a small and a large county, and beside a bare view of the same rows."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask, render_template_string
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from app.auth.models import User
from app.auth.sessions import start
from app.core.db import db
from app.people.models import Caregiver, Resident
from benchmarks import county
from benchmarks.databases import Store
from benchmarks.measure import Report, in_turns

PAGES = {
    "residents": "/residents",
    "residents of a township": f"/residents?area={county.COUNTY}100",
    "search: surname": "/residents?q=王",
    "search: two characters": "/residents?q=国建",
    "search: pinyin": "/residents?q=wangg",
    "search: seven letters": "/residents?q=guojian",
    "caregivers": "/caregivers",
    "contracts": "/contracts",
    "sheets": "/sheets",
    "evaluations": "/evaluations",
}
REPEATED = 9


def browser(app: Flask, username: str = "county_officer") -> FlaskClient:
    """Signed in by a real session."""
    user = db.session.scalars(select(User).where(User.username == username)).one()
    token = start(user, address="127.0.0.1", agent="bench", absolute_hours=12, needs_second_factor=False)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["token"] = token
        cookie["locale"] = "zh_Hans_CN"
    return client


def _next_page(client: FlaskClient, path: str, turns: int) -> str:
    """The address of a page further down, by following the list's own links."""
    for _ in range(turns):
        found = re.search(
            r'href="([^"]*cursor=[^"]*)"[^>]*rel="next"|rel="next"[^>]*href="([^"]*cursor=[^"]*)"',
            client.get(path).text,
        )
        if found is None:
            return path
        link = (found[1] or found[2]).replace("&amp;", "&")
        path = path.split("?", maxsplit=1)[0] + link if link.startswith("?") else link
    return path


def _timed(client: FlaskClient, path: str) -> float:
    begin = time.perf_counter()
    answer = client.get(path)
    taken = time.perf_counter() - begin
    assert answer.status_code == 200, (path, answer.status_code)
    return taken


def p4(store: Store, sizes: list[int]) -> Report:
    """Every list at each size; what it asked the database is looked at too. The searches fill a page at every size,
    so that the same page is compared.
    """
    report = Report("P4", f"P4 lists and searches at {' and '.join(f'{s:,}' for s in sizes)} residents, {store.kind}")
    found: dict[str, list[float]] = {}
    said: list[tuple[str, bool]] = []
    # All sizes take turns, so that a disturbance of the machine meets each of them.
    with contextlib.ExitStack() as counties:
        clients = []
        for size in sizes:
            store.fill(f"county{size}", lambda size=size: county.fill(size))  # type: ignore[misc]  # a lambda with a default has no type
            clients.append(browser(counties.enter_context(store.copy(f"county{size}"))))
            event.listen(db.engine, "before_cursor_execute", _note(said))
        tenth = [_next_page(client, "/residents", 9) for client in clients]
        for page, paths in {**{p: [a] * len(sizes) for p, a in PAGES.items()}, "residents, tenth page": tenth}.items():
            taken = [[_timed(c, a) for c, a in zip(clients, paths, strict=True)] for _ in range(REPEATED)][1:]
            found[page] = [statistics.median(own) for own in zip(*taken, strict=True)]
    for page, times in found.items():
        report.within(page, times[-1], times[0], 1.5)
    offsets = [s for s, skipped in said if skipped]
    counts = [s for s, _skipped in said if re.search(r"count\(\*\)", s) and "LIMIT" not in s and "GROUP BY" not in s]
    report.figure("statements with OFFSET", str(len(offsets)), "0", not offsets)
    report.figure(
        "counts without a cap", str(len(counts)), "0", not counts, (counts or [""])[0][:90].replace("\n", " ")
    )
    return report


def _note(said: list[tuple[str, bool]]) -> Callable[..., None]:
    """Keep each statement, and whether it skips rows (on SQLite every LIMIT is written with an OFFSET, mostly of 0)."""

    def listener(_c: Any, _cur: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        skipped = "OFFSET" in statement
        if skipped and isinstance(parameters, tuple):
            places = [statement[: m.end()].count("?") - 1 for m in re.finditer(r"OFFSET \?", statement)]
            skipped = any(parameters[place] for place in places)
        said.append((statement, skipped))

    return listener


BARE = """<!doctype html><title>Residents</title><h1>Residents</h1><p>{{ count }}</p><table>{% for r in rows %}<tr><td>{{ r.name }}
<td>{{ r.number }}<td>{{ r.sex }}<td>{{ r.born_on }}<td>{{ r.area_code }}<td>{{ r.carer }}<td>{{ r.status }}{% endfor %}</table>"""


def p5(store: Store, size: int, times: int) -> Report:
    """The list of residents beside a bare view that asks for the same rows and fills a table of one line."""
    name = f"county{size}"
    store.fill(name, lambda: county.fill(size))
    with store.copy(name) as app:
        client, engine = browser(app), db.engine
        bare = Flask("bare")

        @bare.get("/")
        def residents() -> str:
            r, c = Resident.__table__.c, Caregiver.__table__.c
            with engine.connect() as connection:
                rows = connection.execute(
                    select(r.name, r.number, r.sex, r.born_on, r.area_code, r.status, c.name.label("carer"))
                    .outerjoin_from(Resident.__table__, Caregiver.__table__, c.id == r.caregiver_id)
                    .order_by(r.area_code, r.id)
                    .limit(51)
                ).all()
                count = connection.execute(
                    select(func.count()).select_from(select(r.id).limit(1001).subquery())
                ).scalar_one()
            return render_template_string(BARE, rows=rows[:50], count=count)

        plain = bare.test_client()
        requests = 40

        def many(browser: FlaskClient, path: str) -> Callable[[], None]:
            def work() -> None:
                for _ in range(requests):
                    assert browser.get(path).status_code == 200

            return work

        for warm in (many(client, "/residents"), many(plain, "/")):
            warm()
        taken = in_turns({"ours": many(client, "/residents"), "bare": many(plain, "/")}, times)
        cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        waits = crowd(app, f"{cookie.key}={cookie.value}")
    report = Report("P5", f"P5 a page of 50 residents, one worker, {size:,} residents, {store.kind}")
    report.rate("requests a second", requests / taken["ours"], requests / taken["bare"], 0.5, unit="/s")
    slowest = waits[int(len(waits) * 0.99) - 1] * 1000
    report.figure(
        "16 clients on 2 workers, slowest of 100", f"{slowest:.0f} ms", "< 100 ms", slowest < 100,
        f"median {statistics.median(waits) * 1000:.0f} ms", f"{len(waits) / sum(waits) * CLIENTS:.0f} /s",
    )  # fmt: skip
    report.remarks.append("the 16 clients run on the same cores as the workers")
    report.remarks.append(
        "the bare view has no sign-in, no scope, no filters, no menu, no translation, no masked numbers and no headers of safety"
    )
    return report


CLIENTS, EACH = 16, 25


def crowd(app: Flask, cookie: str) -> list[float]:
    """Seconds of every request when sixteen clients ask two workers for the list at once, in order."""
    settings = app.extensions["settings"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ, "DATA_DIR": str(settings.data_dir), "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key, "YIHENG_ENV": "development",
    }  # fmt: skip
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--workers=2",
        f"--bind=127.0.0.1:{port}",
        "--log-level=error",
        "wsgi:app",
    ]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, env=environment, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        _wait(port)
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda _n: _ask(port, cookie, 3), range(CLIENTS)))  # both workers have their pages ready
            return sorted(t for times in pool.map(lambda _n: _ask(port, cookie, EACH), range(CLIENTS)) for t in times)
    finally:
        server.terminate()
        server.wait(20)


def _wait(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.1)
    raise RuntimeError("the workers did not start")


def _ask(port: int, cookie: str, number: int) -> list[float]:
    taken = []
    for _ in range(number):
        begin = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/residents", headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        taken.append(time.perf_counter() - begin)
        assert answer.status == 200, answer.status
    return taken
