"""The one routing point: a request's host chooses a county, and the county is an application of its own.

Everything that a request may read hangs on its application: the engine and with it the schema or the file, the keys,
the seal, the secret of cookies, the data folder. There is nothing to switch and so nothing to forget.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Request, Response

from app import cli, factory, logs, startup
from app.config import ConfigurationError, Settings
from app.core import clock
from app.core.counties import County, CountyError, CountyList
from app.core.db import Servers, db
from app.startup import NotReady

log = logging.getLogger(__name__)

MOST = 200
"""Applications kept ready; each takes some megabytes, and a tenth of a second to make again."""
LOOK_AGAIN = 5
"""Seconds after which a county that was not ready is looked at again."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Counties:
    """The counties of this process: their list, and the applications that were asked for lately."""

    def __init__(self, settings: Settings, most: int = MOST) -> None:
        self.settings, self.most = settings, most
        self.list = CountyList(settings.data_dir)
        self.servers = Servers()
        self._apps: OrderedDict[County, Flask] = OrderedDict()
        self._refused: dict[County, float] = {}
        self._lock = threading.Lock()
        self._making: dict[County, threading.Lock] = {}

    def settings_of(self, county: County) -> Settings:
        """The settings of one county behind this process's own proxies."""
        return replace(self.settings.for_county(county), trusted_proxies=0)

    def app(self, county: County) -> Flask:
        """The application of one county. Raises ``NotReady`` in words while the county may not be served."""
        if (found := self._known(county)) is not None:
            return found
        with self._lock:
            making = self._making.setdefault(county, threading.Lock())
        with making:  # who waits for another county's database must not keep this one waiting
            return self._known(county) or self._made(county)

    def _known(self, county: County) -> Flask | None:
        with self._lock:
            if county in self._apps:
                self._apps.move_to_end(county)
            return self._apps.get(county)

    def _made(self, county: County) -> Flask:
        now = clock.now().timestamp()
        if now - self._refused.get(county, 0) < LOOK_AGAIN:
            raise NotReady(f"county {county.code} was not ready a moment ago")
        app = factory.build(self.settings_of(county), self.servers)
        try:
            startup.check(app, alone=False)
        except NotReady as refused:
            self._refused[county] = now
            log.error("county %s is not served: %s", county.code, "; ".join(str(refused).splitlines()))
            _close_file(app)
            raise
        with self._lock:
            self._apps[county] = app
            gone = self._apps.popitem(last=False)[1] if len(self._apps) > self.most else None
        if gone is not None:
            _close_file(gone)
        return app

    def ready(self) -> Iterator[Flask]:
        """The application of each county that may be served, one after the other."""
        for county in self.list.all():
            try:
                yield self.app(county)
            except (NotReady, ConfigurationError):
                continue  # said in the log; the others go on

    def close(self) -> None:
        """Close every connection that nobody uses."""
        for app in list(self._apps.values()):
            _close_file(app)
        self.servers.dispose()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Serve one request by the county whose host it names."""
        return self._answering(environ)(environ, start_response)

    def _answering(self, environ: dict[str, Any]) -> Any:
        try:
            request = Request(environ)
            host = request.host
            county = self.list.at(host)
            if county is not None:
                environ["HTTP_HOST"] = host.lower()  # a name has no capitals; the application compares letter by letter
                return self.app(county).wsgi_app
        except SecurityError:
            return _plain(400, "This is no name of a host.")
        except (CountyError, ConfigurationError, NotReady) as refused:
            log.error("not served: %s", type(refused).__name__)
            return _plain(503, "本县系统暂不可用，请稍后再来。This county cannot be served just now.")
        if request.path == "/healthz":
            return _plain(200, "ok")
        if request.path == "/readyz":
            return self._readiness()
        return _plain(404, "此地址没有旗县。There is no county at this address.")

    def _readiness(self) -> Response:
        """Whether the servers that counties lie on answer. How each county stands: ``flask county list``."""
        try:
            self.servers.ask({self.settings_of(county).sqlalchemy_url for county in self.list.all()})
        except (SQLAlchemyError, ConfigurationError):
            return _plain(503, "a database does not answer")
        return _plain(200, "ready")


def _close_file(app: Flask) -> None:
    """A SQLite file's connections are its county's own; a server's go on serving the others."""
    if not app.extensions["settings"].schema:
        with app.app_context():
            db.engine.dispose()


def _plain(status: int, words: str) -> Response:
    return Response(f"{words}\n", status, HEADERS, content_type="text/plain; charset=utf-8")


def build(settings: Settings) -> Flask:
    """The application in front of many counties: it routes, and carries the commands that are not of one county."""
    app = Flask("app", instance_path=str(settings.data_dir), static_folder=None)
    app.config["TESTING"] = settings.testing
    app.extensions["settings"] = settings
    logs.init_logs(app)
    counties = Counties(settings)
    app.extensions["counties"] = counties
    proxies = settings.trusted_proxies
    app.wsgi_app = ProxyFix(counties, proxies, proxies, proxies) if proxies else counties  # type: ignore[method-assign]  # as Flask's pages advise
    for name in ("db", *(str(command.name) for command in cli.COMMANDS)):
        app.cli.add_command(_of_one_county(name))
    return app


def _refuse() -> None:
    raise click.ClickException("This installation has many counties. Name the one that is meant: COUNTY=150422 flask …")


def _of_one_county(name: str) -> click.Command:
    """A command of one county, where none is named: says so whatever follows it."""
    settings = {"ignore_unknown_options": True, "allow_extra_args": True}
    return click.Command(name, callback=_refuse, context_settings=settings, add_help_option=False, hidden=True)
