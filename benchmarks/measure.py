"""Timing in turns, medians, and the lines that are printed: ours, the other, their ratio, the target, yes or no."""

from __future__ import annotations

import gc
import os
import platform
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

Work = Callable[[], Any]


def seconds(work: Work) -> float:
    """How long one call takes; garbage of what ran before is not counted."""
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median_of_turns(works: Mapping[str, Callable[[], float]], times: int = 3) -> dict[str, float]:
    """Median of what each piece of work measures by itself. They take turns, so that a disturbance of the machine meets
    all of them.
    """
    taken: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(times):
        names = list(works)[:: 1 if turn % 2 == 0 else -1]
        for name in names:
            taken[name].append(works[name]())
    return {name: statistics.median(values) for name, values in taken.items()}


def in_turns(works: Mapping[str, Work], times: int = 3) -> dict[str, float]:
    """Median seconds of each piece of work, in turns."""
    return median_of_turns({name: partial(seconds, work) for name, work in works.items()}, times)


@dataclass(frozen=True)
class Row:
    """One comparison. ``ratio`` is what the target speaks about; ``met`` is None where there is no target."""

    what: str
    ours: str
    other: str
    ratio: str
    target: str
    met: bool | None


@dataclass
class Report:
    """What one benchmark found."""

    name: str
    title: str
    rows: list[Row] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def faster(self, what: str, ours: float, other: float, least: float, *, unit: str = "s") -> None:
        """``other`` ÷ ``ours`` must be at least ``least`` (both are times: how many times faster)."""
        ratio = other / ours
        self._add(what, ours, other, unit, f"{ratio:,.1f} × faster", f"≥ {least:g} ×", ratio >= least)

    def within(self, what: str, ours: float, limit: float, most: float, *, unit: str = "s") -> None:
        """``ours`` ÷ ``limit`` must be at most ``most`` (both are times or sizes: how far from the limit)."""
        ratio = ours / limit
        self._add(what, ours, limit, unit, f"{ratio:.2f} × the limit", f"≤ {most:g} ×", ratio <= most)

    def rate(self, what: str, ours: float, other: float, least: float, *, unit: str) -> None:
        """``ours`` ÷ ``other`` must be at least ``least`` (both are rates)."""
        ratio = ours / other
        self._add(what, ours, other, unit, f"{ratio:.2f} ×", f"≥ {least:g} ×", ratio >= least)

    def figure(self, what: str, ours: str, target: str, met: bool | None, other: str = "", ratio: str = "") -> None:
        """A figure with a target of its own."""
        self.rows.append(Row(what, ours, other, ratio, target, met))

    def _add(self, what: str, ours: float, other: float, unit: str, ratio: str, target: str, met: bool) -> None:
        self.rows.append(Row(what, shown(ours, unit), shown(other, unit), ratio, target, met))

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)

    def lines(self) -> Iterable[str]:
        """The report as text."""
        yield f"\n{self.title}"
        heads = ("measured", "ours", "compared with", "ratio", "target", "reached")
        cells = [heads] + [
            (r.what, r.ours, r.other, r.ratio, r.target, {True: "yes", False: "NO", None: ""}[r.met]) for r in self.rows
        ]
        widths = [max(len(row[n]) for row in cells) for n in range(len(heads))]
        for row in cells:
            yield "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        yield from (f"  · {remark}" for remark in self.remarks)


def shown(value: float, unit: str) -> str:
    """A figure with three digits that mean something."""
    if unit == "s":
        return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.3g} ms"
    digits = 0 if abs(value) >= 100 else 1
    return f"{value:,.{digits}f} {unit}"


def machine() -> dict[str, str]:
    """What the figures depend on."""
    import sqlalchemy

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GiB",
        "load": f"{os.getloadavg()[0]:.1f} before the run",
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlalchemy": sqlalchemy.__version__,
        "sqlite": sqlite3.sqlite_version,
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123  # a pseudo file, read line by line
            return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "?")
    except OSError:
        return platform.processor() or "?"
