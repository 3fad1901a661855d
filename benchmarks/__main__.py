"""``python3 dev.py bench [name …] [--size N] [--large N] [--database sqlite|postgresql|both] [--json FILE]``.

P1 settles a town of 300 and a county of ``--size``, P2 looks at both and at ``--large``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.measure import Report, machine

TOWN = 300
"""Residents of the smallest county that is measured."""
NAMES = ("P1", "P2", "P3", "P3S", "P4", "P5", "P6", "P7", "P10", "P11")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py bench", description="Figures of ours beside their peers, in one run.")
    parser.add_argument(
        "names", nargs="*", metavar="name", help="which of P1 … P7, P3S, P10, P11; all when none is named"
    )
    parser.add_argument("--size", type=int, default=5000, help="residents of the small county (default 5000)")
    parser.add_argument(
        "--large", type=int, default=50_000, help="residents of the large county of P2, P4 (default 50000)"
    )
    parser.add_argument("--counties", type=int, default=20, help="counties of P11 (default 20)")
    parser.add_argument("--times", type=int, default=3, help="repetitions, of which the median counts (default 3)")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args()
    options.names = [name.upper() for name in options.names] or list(NAMES)
    if unknown := [name for name in options.names if name not in NAMES]:
        parser.error(f"no such measurement: {', '.join(unknown)} (known: {', '.join(NAMES)})")
    if not 0 < options.size <= options.large or options.times < 1:
        parser.error("--size must be at least 1 and at most --large, --times at least 1")
    return options


def _works(options: argparse.Namespace) -> Iterator[tuple[str, Callable[..., Report]]]:
    from benchmarks import checklists, counties, documents, lists, rounds, scoring, settling, sync

    size, large, times = options.size, options.large, options.times
    for each in sorted({min(TOWN, size), size}):
        yield "P1", lambda store, each=each: settling.p1(store, each, times)
    yield "P2", lambda store: settling.p2(store, sorted({min(TOWN, size), size, large}), size, min(times, 2))
    yield "P3", lambda store: checklists.p3(store, times)
    yield "P3S", lambda store: rounds.p3_sync(store, times)
    yield "P4", lambda store: lists.p4(store, [size, large])
    yield "P5", lambda store: lists.p5(store, size, times)
    yield "P6", lambda _store: scoring.p6(500_000, times)
    yield "P7", lambda store: documents.p7(store, times)
    yield "P10", lambda store: sync.p10(store, times)
    yield "P11", lambda store: counties.p11(store, options.counties)


def main() -> int:
    """Measure, print, and say in the last line how many targets were reached; the exit code is 0 in either case."""
    options = _options()
    from benchmarks.databases import stores

    kinds = ["sqlite", "postgresql"] if options.database == "both" else [options.database]
    facts, reports = {"at": f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC", **machine()}, []
    print("\n".join(f"{name}: {value}" for name, value in facts.items()), flush=True)
    with stores(kinds) as found:
        for name, work in _works(options):
            once = name in {"P6", "P7"}
            for store in found[:1] if once else found:
                if name not in options.names:
                    continue
                report = work(store)
                reports.append(report)
                print("\n".join(report.lines()), flush=True)
    rows = [row for report in reports for row in report.rows if row.met is not None]
    reached = sum(1 for row in rows if row.met)
    print(f"\n{reached} of {len(rows)} targets reached")
    if options.json:
        options.json.write_text(
            json.dumps({"machine": facts, "reports": [r.as_json() for r in reports]}, ensure_ascii=False, indent=1),
            "utf-8",
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
