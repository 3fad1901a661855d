#!/usr/bin/env python3
"""Everything a developer or an operator types, with nothing but Python 3.11 or newer on the machine.

    python3 dev.py run      make the environment, the fonts, the database and the demo county, then serve them
    python3 dev.py test     every check and every test, on both databases and in a real browser
    python3 dev.py check    lint, format, types, import rules, translations; --fix repairs what can be repaired
    python3 dev.py bench    the side-by-side measurements of benchmarks/

Settings come from the environment: PORT, DATA_DIR, DATABASE_URL, SECRET_KEY and the others of docs/configuration.md.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):
    sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. On Debian 12: apt-get install python3")

import argparse
import contextlib
import datetime
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from app.build import database, environment, suite  # noqa: E402  # after the version of Python is known to be right
from app.build.environment import PYTHON, Missing, say  # noqa: E402

FLASK = [str(PYTHON), "-m", "flask", "--app", "wsgi"]
SEED = "seed --residents 300 --quarters 2 --seed 1 --if-empty".split()
SECONDS_TO_START = 60
SECONDS_TO_STOP = 10


def build() -> None:
    """Make fonts and translations. Raises ``Missing`` when that fails."""
    code = subprocess.run([str(PYTHON), "-m", "app.build"], cwd=ROOT, env=environment.child_environment()).returncode
    if code:
        raise Missing("Fonts or translations could not be made (see above).")


def flask(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run one of the product's own commands; its words go to the terminal."""
    return subprocess.run([*FLASK, *arguments], cwd=ROOT, env=environment.child_environment(), stdin=subprocess.DEVNULL)


def migrate() -> None:
    """Bring the tables up to date; a SQLite file is copied first when they change. Raises ``Missing`` on failure."""
    if database.many_counties():
        if flask("county", "migrate", "--all").returncode:
            say("The counties named above are not served until their tables are up to date; the others are.")
        return
    file = database.sqlite_file()
    newest = database.newest_revisions()
    if file is not None:
        stored = database.stored_revisions(file)
        if stored == newest:
            return
        if stored:
            say(f"  copy of the database before its tables change: {database.keep_copy(file, _now())}")
    say("Bringing the database up to date ...")
    if flask("db", "upgrade").returncode:
        raise Missing("The database could not be brought up to date (see above); nothing was changed.")


def data_folder() -> None:
    """Make the data folder. Raises ``Missing`` when this account cannot write it or the database in it."""
    folder, file = database.data_dir(), database.sqlite_file()
    folder.mkdir(parents=True, exist_ok=True)
    for place in (folder, file):
        if place is not None and place.exists() and not os.access(place, os.W_OK):
            raise Missing(f"{place} may not be written by this account. Give it to this account, or set DATA_DIR.")


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def port() -> int:
    """The port of ``PORT`` (default 8000), free on this machine. Raises ``Missing`` in words."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Missing(f"PORT must be a number from 1 to 65535, not {text!r}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except PermissionError:
            raise Missing(f"Port {text} may not be used by this account; ports above 1023 may. Set PORT.") from None
        except OSError:
            raise Missing(
                f"Port {text} is in use (is it running already?). Stop that, or set PORT to another."
            ) from None
    return int(text)


def _leave_with_parent(number: int) -> Callable[[], None] | None:
    """What a child does first on Linux: be told when this process dies, even by kill -9, so that no server stays."""
    if sys.platform != "linux":
        return None
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def prepare() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's `&` leaves it ignored
        libc.prctl(1, number, 0, 0, 0)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def start(arguments: Sequence[str], stop_signal: int) -> subprocess.Popen[bytes]:
    """Start a part in a session of its own: Ctrl-C comes to this process alone, which stops its parts in order."""
    return subprocess.Popen(
        arguments,
        cwd=ROOT,
        env=environment.child_environment(),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_leave_with_parent(stop_signal),  # noqa: PLW1509  # this process has one thread
    )


def stop(process: subprocess.Popen[bytes], stop_signal: int) -> None:
    """Ask a part to end, and end it when it does not."""
    if process.poll() is not None:
        return
    process.send_signal(stop_signal)
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until_served(server: subprocess.Popen[bytes], address: str) -> None:
    """Return when the server answers. Raises ``Missing`` when it ends or stays silent."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        if server.poll() is not None:
            raise Missing("The server ended at once (see above).")
        try:
            opener.open(f"{address}/healthz", timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise Missing(f"The server did not answer within {SECONDS_TO_START} seconds.")


def command_run(options: argparse.Namespace) -> int:
    """Set up what is missing, then serve until Ctrl-C."""
    number = port()
    environment.ensure("run")
    build()
    data_folder()
    migrate()
    many = database.many_counties()
    demo = not many and not options.no_demo and os.environ.get("YIHENG_ENV", "development") == "development"
    if demo and flask(*SEED).returncode:
        raise Missing("The demo county could not be made (see above). `--no-demo` starts without it.")
    address = f"http://127.0.0.1:{number}"
    serve = [str(PYTHON), "-m", "waitress", f"--listen=127.0.0.1:{number}", "--threads=8", "wsgi:app"]
    with contextlib.ExitStack() as parts:
        server = start(serve, signal.SIGINT)
        parts.callback(stop, server, signal.SIGINT)
        scheduler = start([*FLASK, "scheduler"], signal.SIGTERM)
        parts.callback(stop, scheduler, signal.SIGTERM)
        wait_until_served(server, address)
        if demo:
            flask("demo-accounts")
        if many:
            flask("county", "list")
        say(f"\n颐衡 Yiheng is ready: {address}   (Ctrl-C stops it)")
        return _watch(server, scheduler)


def _watch(server: subprocess.Popen[bytes], scheduler: subprocess.Popen[bytes]) -> int:
    """Wait for the server's end; a scheduler that ends is said, and the pages go on."""
    said = False
    while server.poll() is None:
        if scheduler.poll() is not None and not said:
            said = True
            say(f"The scheduler ended with exit code {scheduler.returncode}: jobs do not run until the next start.")
        time.sleep(0.5)
    say(f"The server ended with exit code {server.returncode}.")
    return 1


def command_check(options: argparse.Namespace) -> int:
    """Run the checks; ``--fix`` first lets ruff repair and format."""
    environment.ensure("test")
    if options.fix:
        for arguments in (["check", "--fix", "--quiet", "."], ["format", "--quiet", "."]):
            subprocess.run([str(PYTHON), "-m", "ruff", *arguments], cwd=ROOT, env=environment.child_environment())
    steps = [suite.run_check(name) for name in suite.CHECKS]
    say("\n" + suite.table(steps))
    return 0 if all(step.ok for step in steps) else 1


def command_test(options: argparse.Namespace) -> int:
    """Run checks and tests; the last line says how many passed and failed."""
    began = time.monotonic()
    environment.ensure("test")
    build()
    steps: list[suite.Step] = []
    if not options.pytest and options.only in (None, "checks"):
        steps += [suite.run_check(name) for name in suite.CHECKS]
    for group in suite.GROUPS:
        if options.only not in (None, group.name):
            continue
        try:
            steps.append(_tests(group, options.pytest))
        except Missing as missing:
            say(f"\n{missing}")
            steps.append(suite.Step(f"tests: {group.name}", 0.0, suite.Counts(failed=1), False, str(missing)))
    say(f"\n{suite.table(steps)}\n  {'in all':<20} {time.monotonic() - began:7.1f} s\n")
    say(suite.closing_line(steps))
    return 0 if all(step.ok for step in steps) else 1


def _tests(group: suite.Group, arguments: Sequence[str]) -> suite.Step:
    settings = dict(group.settings)
    if group.name == "journeys" and not arguments:
        settings["CHROMIUM"] = suite.browser()
    return suite.run_group(suite.Group(group.name, group.select, group.workers, settings), arguments)


def command_bench(options: argparse.Namespace) -> int:
    """Run ``python -m benchmarks`` with the given arguments."""
    if not (ROOT / "benchmarks" / "__main__.py").is_file():
        raise Missing("There is no benchmarks/__main__.py in this tree.")
    environment.ensure("test")
    build()
    command = [str(PYTHON), "-m", "benchmarks", *options.arguments]
    return subprocess.run(command, cwd=ROOT, env=environment.child_environment()).returncode


def arguments_of(line: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line; what ``test`` and ``bench`` do not know goes on to pytest and the benchmarks."""
    parser = argparse.ArgumentParser(prog="dev.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True, metavar="run | test | check | bench")
    run = commands.add_parser("run", help="set up what is missing and serve")
    run.add_argument("--no-demo", action="store_true", help="do not make the demo county")
    test = commands.add_parser("test", help="every check and test; paths and options of pytest select some")
    test.add_argument("--only", choices=["checks", *(group.name for group in suite.GROUPS)], help="one part alone")
    check = commands.add_parser("check", help="lint, format, types, import rules, translations")
    check.add_argument("--fix", action="store_true", help="repair and format first")
    commands.add_parser("bench", help="measure")
    options, rest = parser.parse_known_args(line)
    if rest and options.command not in ("test", "bench"):
        parser.error(f"unknown: {' '.join(rest)}")
    options.pytest = options.arguments = rest
    return options


def _stop_cleanly(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(line: Sequence[str] | None = None) -> int:
    """Run one command; what is missing is said in words on the last line."""
    options = arguments_of(line)
    signal.signal(signal.SIGTERM, _stop_cleanly)
    signal.signal(signal.SIGINT, _stop_cleanly)
    commands = {"run": command_run, "test": command_test, "check": command_check, "bench": command_bench}
    try:
        return commands[options.command](options)
    except Missing as missing:
        say(f"\n{missing}")
        return 1
    except PermissionError as error:
        say(f"\n{error.filename} may not be written by this account. Was it made by another one (root)?")
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 0 if options.command == "run" else 130


if __name__ == "__main__":
    raise SystemExit(main())
