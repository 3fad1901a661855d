"""Processes that die, and databases that exist twice."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.db import db
from tests.conftest import make_app

ROOT = Path(__file__).parent.parent.parent


class Children:
    """Runs acts in processes of their own, on the database of a test's application."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def ask(self, wish: dict[str, Any]) -> Any:
        """Send one request and wait for its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(wish) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the process that makes children ended"
        return json.loads(line)

    def run(self, app: Flask, act: str, *args: Any, **how: Any) -> dict[str, Any]:
        """One act in one process: ``done``, ``refused`` or ``error``, and whether it was ``killed``."""
        return self.ask({**where(app), "act": act, "args": list(args), **how})

    def together(self, app: Flask, *wishes: dict[str, Any]) -> list[dict[str, Any]]:
        """Several processes that begin in the same moment."""
        return self.ask({"together": [{**where(app), **wish} for wish in wishes]})

    def serve(self, app: Flask, **how: Any) -> tuple[int, str]:
        """A server in a process of its own: its number and address, once it answers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        pid = self.ask({**where(app), "port": port, **how})["pid"]
        address = f"http://127.0.0.1:{port}"
        for _ in range(1200):
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=5).close()  # noqa: S310  # our own address
                break
            except OSError:
                time.sleep(0.05)
        return pid, address

    def ended(self, pid: int) -> dict[str, Any]:
        """How a server ended."""
        return self.ask({"wait_for": pid})

    def stop(self, pid: int) -> None:
        """End a server."""
        os.kill(pid, signal.SIGKILL)
        self.ended(pid)


def where(app: Flask) -> dict[str, str]:
    """Which installation a child works on."""
    settings = app.extensions["settings"]
    return {"folder": str(settings.data_dir), "url": settings.database_url}


def let_go() -> None:
    """Give back this process's connections, and wait until those of dead processes are gone."""
    db.session.remove()
    db.engine.dispose()
    if db.engine.dialect.name == "postgresql":
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        for _ in range(200):
            with db.engine.connect() as connection:
                if connection.scalar(text(others)) == 0:
                    break
            time.sleep(0.01)
        db.engine.dispose()


@pytest.fixture(scope="session")
def children(server: object) -> Iterator[Children]:
    """The process that makes children (``server`` is asked for so that it outlives them)."""
    command = [sys.executable, "-W", "error", "-m", "tests.faults.child"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        yield Children(process)
        assert process.stdin is not None
        process.stdin.close()
        process.wait(60)


@pytest.fixture
def twin(app: Flask, server: Any, tmp_path: Path) -> Iterator[Callable[[], Flask]]:
    """``twin()`` → an application on a copy of the test's database as it is now."""
    made: list[str] = []
    count = 0

    def copy() -> Flask:
        nonlocal count
        count += 1
        let_go()
        settings = app.extensions["settings"]
        folder = tmp_path / f"twin{count}"
        shutil.copytree(settings.data_dir, folder)
        url = ""
        if server is not None:
            url = server.clone(settings.database_url.rsplit("/", 1)[1].split("?")[0])
            made.append(url)
        return make_app(folder, url)

    yield copy
    for url in made:
        server.drop(url.rsplit("/", 1)[1].split("?")[0])
