"""The project's own checks and tests as steps with counts; ``dev.py`` decides which of them run.

Standard library only. Every test of the suite falls into exactly one group, so none can be forgotten: ``journey``, else
``db`` (run on SQLite and again on PostgreSQL), else pure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from app.build.environment import PYTHON, ROOT, Missing, child_environment, install_system_package, say

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
NO_TESTS_COLLECTED = 5
STOPPED = (130, -2, 2)
ROOM = 4 * 1024**3
"""Bytes that must be free in memory before tests write there."""


@dataclass(frozen=True)
class Counts:
    """How many tests did what they promise. A skipped test proves nothing: it counts as failed."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)


@dataclass(frozen=True)
class Group:
    """One run of pytest: what it selects and what it needs."""

    name: str
    select: str
    workers: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)


CHECKS: dict[str, list[str]] = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "--quiet", "."],
    "types (mypy)": ["-m", "mypy"],
    "import rules": ["-c", "from importlinter.cli import lint_imports_command as run; run(['--no-logo'])"],
    "translations": ["-m", "app.build", "--check"],
}
GROUPS = [
    Group("pure", "not db and not journey", 2),
    Group("sqlite", "db and not journey", 2, {"TEST_DATABASE": "sqlite"}),
    Group("postgresql", "db and not journey", 2, {"TEST_DATABASE": "postgresql"}),
    Group("journeys", "journey", 3),
]


@dataclass(frozen=True)
class Step:
    """One line of the table at the end."""

    name: str
    seconds: float
    counts: Counts
    ok: bool
    remark: str = ""


def scratch() -> str:
    """A folder for what tests write: in memory where there is plenty, because each test begins with a new database and
    every commit waits for the disk; else the usual one.
    """
    memory = Path("/dev/shm")  # noqa: S108  # folders of random names are made in it
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM:
        return str(memory)
    return tempfile.gettempdir()


def run_check(name: str) -> Step:
    """Run one of ``CHECKS``; its own words go to the terminal. A check that finds something counts as one failure."""
    say(f"\n== {name}")
    start = time.monotonic()
    code = subprocess.run(
        [str(PYTHON), *CHECKS[name]], cwd=ROOT, env=child_environment(), stdin=subprocess.DEVNULL
    ).returncode
    return Step(name, time.monotonic() - start, Counts(failed=int(code != 0)), code == 0)


def run_group(group: Group, arguments: Sequence[str] = ()) -> Step:
    """Run the tests of a group. ``arguments`` (paths, ``-k``) are a developer's own selection: it may be empty."""
    say(f"\n== tests: {group.name}")
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="yiheng-test-", dir=scratch()) as folder:
        report = Path(folder) / "report.xml"
        command = [str(PYTHON), "-m", "pytest", "-q", "-m", group.select, f"--junitxml={report}", f"--basetemp={folder}/t"]
        command += arguments
        if group.workers and not arguments:
            command += ["-n", str(group.workers), "--dist", "worksteal"]
        environment = child_environment(**group.settings)
        code = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL).returncode
        if code in STOPPED and not report.exists():
            raise KeyboardInterrupt
        counts, remark = judge(code, report.read_bytes() if report.exists() else b"", chosen=bool(arguments))
    ok = not counts.failed
    return Step(f"tests: {group.name}", time.monotonic() - start, counts, ok, remark)


def judge(code: int, report: bytes, *, chosen: bool) -> tuple[Counts, str]:
    """Counts and remark from pytest's exit code and its JUnit report.

    A run that ended without tests is a failure, unless the selection was a developer's own (``chosen``).
    """
    counts = count(report) if report else Counts()
    if code == NO_TESTS_COLLECTED:
        return (counts, "no test matches") if chosen else (Counts(failed=1), "no test ran")
    if counts.skipped:
        return counts, f"{counts.skipped} skipped, which counts as failed"
    if code and not counts.failed:
        return counts + Counts(failed=1), f"pytest ended with exit code {code}"
    return counts, ""


def count(report: bytes) -> Counts:
    """Count test cases of a JUnit report. A test that fails in its call and again in its tear-down is one test."""
    outcome: dict[tuple[str, str], str] = {}
    for case in ElementTree.fromstring(report).iter("testcase"):  # noqa: S314  # pytest wrote it a moment ago
        name = (case.get("classname", ""), case.get("name", ""))
        tags = {child.tag for child in case}
        if tags & {"failure", "error"}:
            outcome[name] = "failed"
        elif "skipped" in tags:
            outcome.setdefault(name, "skipped")
        else:
            outcome.setdefault(name, "passed")
    values = list(outcome.values())
    skipped = values.count("skipped")
    return Counts(values.count("passed"), values.count("failed") + skipped, skipped)


def browser() -> str:
    """Path of the browser for the journeys: ``CHROMIUM``, an installed one, or as root the one of Debian's packages.

    Raises ``Missing`` with what to install.
    """
    configured = os.environ.get("CHROMIUM")
    if configured:
        if not shutil.which(configured):
            raise Missing(f"CHROMIUM is {configured}, but that cannot be run")
        return configured
    for _ in range(2):
        for name in BROWSERS:
            if found := shutil.which(name):
                return found
        install_system_package("chromium", "The browser journeys need Chromium")
    raise Missing("Chromium was installed, but cannot be found on PATH: set CHROMIUM to it")


def table(steps: Sequence[Step]) -> str:
    """One line per step: what, how long, how many."""
    lines = []
    for step in steps:
        figures = f"{step.counts.passed} passed, {step.counts.failed} failed" if step.name.startswith("tests") else ""
        words = "; ".join(filter(None, [figures, step.remark])) or ("fine" if step.ok else "FAILED")
        lines.append(f"  {step.name:<20} {step.seconds:7.1f} s   {words}")
    return "\n".join(lines)


def closing_line(steps: Sequence[Step]) -> str:
    """The last line of a run: tests over all groups; a failed check counts as one failure."""
    total = sum((step.counts for step in steps), Counts())
    return f"{total.passed} passed, {total.failed} failed"
