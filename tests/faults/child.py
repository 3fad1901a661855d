"""Our own process that dies on demand: runs acts of the product in forked children and kills them at a chosen point.

``python -m tests.faults.child`` reads one JSON request a line and answers with one. It imports the product once; each
request is a fresh fork with database connections of its own, so a kill is a real SIGKILL of a real process. A point is
a statement about to be sent, a commit about to be made, or a commit just made; the reads before the first write are one
point. ``after_ms`` kills by the clock instead, wherever the process is: also inside the database driver and the file
system. Nothing of the product knows of this.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from app import create_app
from app.config import Settings
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from tests.faults import acts

_apps: dict[tuple[str, str], Flask] = {}


class Points:
    """Counts the points of a process and kills it at the one that was chosen."""

    def __init__(self, fatal: int | None) -> None:
        self.fatal, self.seen, self.counting, self.wrote = fatal, 0, True, False

    def reach(self, *_args: object, **_more: object) -> None:
        """One more point."""
        if self.counting:
            self.seen += 1
            if self.seen == self.fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, _connection: object, _cursor: object, text: str, *_more: object) -> None:
        """A statement is about to be sent."""
        self.wrote = self.wrote or not text.lstrip().startswith(("SELECT", "PRAGMA", "BEGIN"))
        if self.wrote or not self.seen:
            self.reach()

    def watch(self) -> None:
        """Count from now on."""
        event.listen(db.engine, "before_cursor_execute", self.statement)
        event.listen(db.engine, "commit", self.reach)
        event.listen(Session, "after_commit", self.reach)


def _app(folder: str, url: str) -> Flask:
    """The application of an installation; made before the fork, so that a child has nothing to import or to build."""
    key = (folder, url)
    if key not in _apps:
        _apps[key] = create_app(Settings(data_dir=Path(folder), database_url=url, secret_key="k" * 40))
    return _apps[key]


def _run(wish: dict[str, Any], answer: Callable[[dict[str, Any]], None]) -> None:
    """What one child does."""
    if zone := wish.get("zone"):
        os.environ["TZ"] = zone
        time.tzset()
    if limit := wish.get("file_limit"):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    app = _app(wish["folder"], wish["url"])
    points = Points(wish.get("kill_at"))
    with contextlib.ExitStack() as stack:
        stack.enter_context(app.app_context())
        if moment := wish.get("moment"):
            stack.enter_context(clock.at(dt.datetime.fromisoformat(moment)))
        if pages := wish.get("max_pages"):
            event.listen(db.engine, "connect", lambda raw, _r: raw.execute(f"PRAGMA max_page_count={pages}"))
        points.watch()
        if "port" in wish:
            _serve(app, wish, points)
            return
        if start := wish.get("start_at"):
            time.sleep(max(0.0, start - time.time()))
        began = time.monotonic()
        try:
            result = getattr(acts, wish["act"])(*wish.get("args", []))
            answer({"done": result, "points": points.seen, "ms": (time.monotonic() - began) * 1000})
        except DomainError as error:
            answer({"refused": error.message, "points": points.seen})


def _serve(app: Flask, wish: dict[str, Any], points: Points) -> None:
    """Serve on ``port``; points count during requests to ``path`` only."""
    from waitress import serve

    points.counting = False
    path, moment = wish.get("path"), wish.get("moment")
    inner = app.wsgi_app

    def counting(environ: dict[str, Any], start: Any) -> Any:
        with clock.at(dt.datetime.fromisoformat(moment)) if moment else contextlib.nullcontext():
            points.counting = environ["PATH_INFO"] == path and environ["REQUEST_METHOD"] == "POST"
            try:
                return list(inner(environ, start))
            finally:
                points.counting = False

    serve(counting, listen=f"127.0.0.1:{wish['port']}", threads=4)


def _fork(wish: dict[str, Any]) -> tuple[int, int]:
    """Start a child; return its process number and where its answer comes out."""
    _app(wish["folder"], wish["url"])
    out, into = os.pipe()
    child = os.fork()
    if child:
        os.close(into)
        return child, out
    os.close(out)
    code = 1
    try:
        _run(wish, lambda words: (os.write(into, json.dumps(words).encode()), None)[1])
        code = 0
    except BaseException as error:  # the answer of a child that failed is its error
        os.write(into, json.dumps({"error": f"{type(error).__name__}: {error}"}).encode())
    finally:
        os._exit(code)


def _collect(child: int, out: int, after_ms: float | None) -> dict[str, Any]:
    if after_ms is not None:
        time.sleep(after_ms / 1000)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    with os.fdopen(out, "rb") as pipe:
        words = pipe.read()
    _pid, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return {**(json.loads(words) if words else {}), "killed": killed}


def main() -> None:
    """Answer requests until the input ends."""
    servers: dict[int, int] = {}
    for line in sys.stdin:
        wish = json.loads(line)
        if "together" in wish:
            start = time.time() + 0.3
            children = [_fork({**one, "start_at": start}) for one in wish["together"]]
            answer: Any = [_collect(child, out, None) for child, out in children]
        elif "port" in wish:
            child, out = _fork(wish)
            servers[child] = out
            answer = {"pid": child}
        elif "wait_for" in wish:
            answer = _collect(wish["wait_for"], servers.pop(wish["wait_for"]), None)
        else:
            answer = _collect(*_fork(wish), wish.get("after_ms"))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for child in servers:
        os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
