"""The product behind waitress, as a county runs it, with a clock that the test moves.

The clock is moved from outside: each request is answered inside ``clock.at(...)`` by a small WSGI wrapper that exists only
here. Nothing in the product knows of it, so nothing in production can use it.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server

from app.core import clock

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Calendar:
    """The day on which the journey stands. Time goes on from the moment set, as it does for people."""

    def __init__(self) -> None:
        self._ahead = dt.timedelta(0)

    def move_to(self, day: dt.date, hour: int = 9, minute: int = 0) -> None:
        """It is ``day``, ``hour`` o'clock in China."""
        moment = dt.datetime.combine(day, dt.time(hour, minute), clock.ZONE)
        self._ahead = moment - dt.datetime.now(dt.UTC)

    def now(self) -> dt.datetime:
        """This moment of the journey, UTC."""
        return dt.datetime.now(dt.UTC) + self._ahead

    def over(self, application: WSGI) -> WSGI:
        """The same application, answering at this calendar's time."""

        def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            with clock.at(self.now()):
                return application(environ, start_response)

        return answer


class Served:
    """A running product: its address, its calendar, and its database for what the journey compares at the end."""

    def __init__(self, app: Flask, address: str, calendar: Calendar) -> None:
        self.app, self.address, self.calendar = app, address, calendar

    @contextmanager
    def inside(self) -> Iterator[None]:
        """The application's own side at the calendar's time."""
        with self.app.app_context(), clock.at(self.calendar.now()):
            yield


@contextmanager
def served(folder: Path, fill: Callable[[], None], day: dt.date) -> Iterator[Served]:
    """A migrated database in ``folder``, filled by ``fill``, served on a free port from ``day`` on."""
    from flask_migrate import upgrade

    from app import create_app
    from app.config import Settings
    from app.core.db import db

    app = create_app(Settings(data_dir=folder, secret_key="j" * 40))
    with app.app_context():
        upgrade(directory="migrations")
        fill()
    calendar = Calendar()
    calendar.move_to(day)
    sockets: dict[int, Any] = {}
    server = create_server(calendar.over(app.wsgi_app), map=sockets, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, name="waitress", daemon=True)
    thread.start()
    try:
        yield Served(app, f"http://127.0.0.1:{server.effective_port}", calendar)
    finally:
        server.trigger.pull_trigger(lambda: wasyncore.close_all(sockets, ignore_all=True))
        server.task_dispatcher.shutdown()
        thread.join(10)
        with app.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
