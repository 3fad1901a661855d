"""Many counties on one installation, each an application of its own; see ADR 37.

``serving`` chooses the county by the host, ``tasks`` is what is done to one county, ``runs`` does it to many,
``standing`` looks at them, ``commands`` is ``flask county``. An installation of one county is built as if none of this
were here.
"""

from __future__ import annotations

from flask import Flask

from app import factory, startup
from app.config import Settings
from app.core.counties import CountyError
from app.counties import commands, serving
from app.startup import NotReady


def build(settings: Settings | None = None) -> Flask:
    """The application that ``settings`` ask for: one county, or the one in front of many."""
    settings = settings or Settings.from_env()
    if not settings.many:
        app = factory.build(settings)
        app.cli.add_command(commands.county)
        return app
    app = serving.build(settings)
    for command in (commands.county, commands.scheduler, commands.check):
        app.cli.add_command(command)
    return app


def check(app: Flask) -> None:
    """Return when a server may be started on ``app``; of many counties each is looked at when somebody asks for it.

    Raises ``NotReady`` and ``ConfigurationError`` in words.
    """
    counties: serving.Counties | None = app.extensions.get("counties")
    if counties is None:
        startup.check(app)
        return
    try:
        for county in counties.list.all():
            counties.settings_of(county)
    except CountyError as error:
        raise NotReady(str(error)) from error
