"""Which counties an installation serves: one file, read by everything that has to choose one (ADR 37).

``counties.json`` in the data folder names each county with the host it answers to. What belongs to a county besides
its tables lies in ``counties/<code>/``: a folder like the one of an installation for a single county. Standard library
only; where a county's tables are is decided in ``app.core.db``.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

CODE = re.compile(r"[1-9][0-9]{5}")
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


class CountyError(RuntimeError):
    """A county that is not here, is here already, or cannot be read; ``str`` says so in words."""


@dataclass(frozen=True)
class County:
    """One county: its division code (GB/T 2260, six digits), its name, and the host it answers to.

    ``database_url`` places it on another database server than ``DATABASE_URL`` names; empty: on that one.
    """

    code: str
    name: str
    host: str
    database_url: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse what could not be routed. Raises ``CountyError``."""
        if not CODE.fullmatch(self.code):
            raise CountyError(f"a county's code has six digits, not {self.code!r}")
        if not self.name or not self.name.isprintable() or len(self.name) > 80:
            raise CountyError(f"the name of county {self.code} is missing, longer than 80 characters or not printable")
        if not HOST.fullmatch(self.host):
            raise CountyError(f"{self.host!r} is no host name (small letters, digits, dots; no port)")


class CountyList:
    """The counties of a running process: read at first use, and again when another process changed the file."""

    def __init__(self, data_dir: Path) -> None:
        self.path = file_of(data_dir)
        self._stamp: tuple[int, int, int] | None = None
        self._counties: tuple[County, ...] = ()
        self._by_host: dict[str, County] = {}

    def all(self) -> tuple[County, ...]:
        """Every county, in the order of the codes. Raises ``CountyError`` when the file cannot be read."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return self._counties  # before the first one; who runs already goes on with what it has
        stamp = (found.st_mtime_ns, found.st_ino, found.st_size)
        if stamp != self._stamp:
            counties = _read(self.path)
            self._by_host = {county.host: county for county in counties}
            self._counties, self._stamp = counties, stamp
        return self._counties

    def get(self, code: str) -> County:
        """The county with this code. Raises ``CountyError`` in words."""
        for county in self.all():
            if county.code == code:
                return county
        raise CountyError(f"There is no county {code} here; `flask county list` names those that are.")

    def at(self, host: str) -> County | None:
        """The county that answers to a ``Host`` header (a port and capitals do not matter), or None."""
        self.all()
        return self._by_host.get(_name_of(host))

    def found(self) -> None:
        """Make an empty list, unless there is one: from now on this is an installation of many counties."""
        with alone(self.path):
            if not self.path.exists():
                _write(self.path, [])

    def add(self, county: County) -> None:
        """Put a county on the list; the same entry again changes nothing. Raises ``CountyError`` for a code or a host
        that is taken.
        """
        with alone(self.path):
            counties = _read(self.path) if self.path.exists() else ()
            if county in counties:
                return
            for other in counties:
                if other.code == county.code:
                    raise CountyError(f"county {county.code} is here already, as {other.name} at {other.host}")
                if other.host == county.host:
                    raise CountyError(f"the host {county.host} belongs to county {other.code} already")
            _write(self.path, [*counties, county])


def file_of(data_dir: Path) -> Path:
    """The list; an installation that has one serves many counties."""
    return data_dir / "counties.json"


def folder_of(data_dir: Path, code: str) -> Path:
    """What belongs to one county besides its tables: keys, seal, backups, and its SQLite file."""
    return data_dir / "counties" / code


def _name_of(host: str) -> str:
    name = host.strip().lower()
    return name[: name.rindex(":")] if re.search(r":[0-9]*$", name) else name


def _read(path: Path) -> tuple[County, ...]:
    try:
        data: Any = json.loads(path.read_text("utf-8"))
        counties = tuple(sorted((County(**entry) for entry in data["counties"]), key=lambda county: county.code))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CountyError(f"the list of counties {path} cannot be read: {type(error).__name__}") from error
    for what in ("code", "host"):
        values = [getattr(county, what) for county in counties]
        if len(values) != len(set(values)):
            raise CountyError(f"the list of counties {path} names a {what} twice")
    return counties


def _write(path: Path, counties: list[County]) -> None:
    """Replace the file as a whole: who reads it sees the old list or the new one, also after a power cut."""
    entries = [{k: v for k, v in asdict(c).items() if v} for c in sorted(counties, key=lambda county: county.code)]
    temporary = path.with_name(f"{path.name}.new-{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # an address may hold a password
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"counties": entries}, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait until no other process works on ``path``; the lock goes with the process, however it ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if os.name != "posix":
        yield
        return
    import fcntl

    with path.with_name(path.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
