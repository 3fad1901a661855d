"""The same schedules against a real server process that is killed while it takes records in, and starts again."""

from __future__ import annotations

import json
import os
import random
import urllib.error
import urllib.request
from http.client import RemoteDisconnected
from typing import Any

import pytest
from flask import Flask

from app.core.db import db
from tests.faults.conftest import Children, children
from tests.tablet import schedules
from tests.tablet.schedules import Killed
from tests.tablet.test_schedules import narrow

__all__ = ["children"]
POINTS = range(1, 60, 2) if os.environ.get("LONG_RUNS") == "1" else (9, 21)
"""The server dies at this write or commit of the first upload."""


class Server:
    """A server process that is started again when it died."""

    def __init__(self, app: Flask, children: Children, kill_at: int) -> None:
        self.app, self.children, self.deaths = app, children, 0
        self.pid, self.address = self._start(kill_at)

    def _start(self, kill_at: int) -> tuple[int, str]:
        return self.children.serve(self.app, kill_at=kill_at, path="/tablet/api/records")

    def __call__(self, path: str, body: Any, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        db.session.rollback()
        request = urllib.request.Request(  # noqa: S310  # our own server
            self.address + path, json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
        )
        try:
            answer: Any = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        except (RemoteDisconnected, ConnectionError, urllib.error.URLError):
            self.deaths += 1
            assert self.children.ended(self.pid)["killed"]
            self.pid, self.address = self._start(1_000_000)
            raise Killed from None
        with answer:
            return answer.status, json.loads(answer.read())


@pytest.mark.parametrize("point", POINTS)
def test_a_server_killed_while_it_takes_records_in(app: Flask, county: Any, children: Children, point: int) -> None:
    narrow(county)
    server = Server(app, children, point)
    world = schedules.world(county, server, random.Random(point))
    for _ in range(6):
        schedules.write(world)
    schedules.quiet(world)
    assert server.deaths == 1
    schedules.run(world, 8, None, None)
    server.children.stop(server.pid)
    assert schedules.wrong(world) == []
