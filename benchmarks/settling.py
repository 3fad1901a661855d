"""P1 and P2: settling a quarter, end to end, beside what somebody would write instead."""

from __future__ import annotations

import math
import resource
import time
from collections.abc import Callable, Mapping
from functools import partial

from sqlalchemy import func, insert, select, text

from app.core import clock
from app.core.db import db
from app.settlement import operations
from app.settlement.models import LedgerEntry, Settlement, SettlementLine
from benchmarks import county
from benchmarks.databases import Store
from benchmarks.measure import Report, median_of_turns, seconds
from benchmarks.peers import orm_prefetch, orm_row_by_row, raw_statement

LARGE = 50_000
"""Above this many contracts one repetition has to do."""
OPENIMIS = (9, 13)
"""Beneficiaries a second of openIMIS' payroll, measured elsewhere: it is not part of this run."""


def settle_all() -> None:
    """The product: open the quarter, then calculate, submit and approve each township, by the people who may."""
    officer, reviewer = county.officer("township_officer"), county.officer("county_reviewer")
    for row in [row.id for row in operations.open_quarter(officer, county.QUARTER)]:
        operations.calculate(officer, row)
        operations.submit(officer, row)
        operations.approve(reviewer, row)


def opened() -> None:
    """What the others start from: settlements that are open."""
    operations.open_quarter(county.officer("township_officer"), county.QUARTER)


def sums() -> tuple[int, ...]:
    """Lines, blocked lines, due, pay, and the ledger's accounts: what must be equal to the fen."""
    lines = db.session.execute(
        select(func.count(), func.count(SettlementLine.blocked), func.sum(SettlementLine.due_fen), func.sum(SettlementLine.pay_fen))
    ).one()  # fmt: skip
    accounts = db.session.execute(
        select(func.count(), func.sum(LedgerEntry.amount_fen))
        .group_by(LedgerEntry.account)
        .order_by(LedgerEntry.account)
    ).all()
    return tuple(int(v) for row in (lines, *accounts) for v in row)


class Runs:
    """Each way to settle, on a fresh copy every time; keeps the sums to compare them."""

    def __init__(self, store: Store, name: str) -> None:
        self.store, self.name = store, name
        self.sums: dict[str, tuple[int, ...]] = {}
        self.cpu: dict[str, float] = {}
        self.stored: tuple[list[dict[str, object]], list[dict[str, object]]] | None = None

    def timed(self, way: str, work: Callable[[], object], *, before: Callable[[], None] = opened) -> float:
        """Seconds of one way on its own copy."""
        with self.store.copy(self.name), clock.at(county.SETTLED_AT):
            before()
            spent: list[float] = []

            def counted() -> None:
                begun = time.process_time()
                work()
                spent.append(time.process_time() - begun)

            taken = seconds(counted)
            self.cpu[way] = min(spent[0], self.cpu.get(way, math.inf))
            db.session.rollback()
            self.sums[way] = sums()
            if self.stored is None and way == "kept":
                self.stored = self._rows()
        return taken

    def _rows(self) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
        """Everything the product wrote, to be inserted again without any computing."""
        tables = SettlementLine.__table__, LedgerEntry.__table__
        found = [[dict(row) for row in db.session.execute(select(t)).mappings()] for t in tables]
        return found[0], found[1]

    def insert_again(self) -> None:
        """The limit: the same rows, ready, in two statements and one commit."""
        assert self.stored is not None
        with db.engine.begin() as connection:
            connection.execute(insert(SettlementLine.__table__), self.stored[0])  # type: ignore[arg-type]  # a table, which the mapping calls a selectable
            connection.execute(insert(LedgerEntry.__table__), self.stored[1])  # type: ignore[arg-type]  # a table, which the mapping calls a selectable


def nothing() -> None:
    """The product opens the quarter itself, and that counts."""


def p1(store: Store, size: int, times: int) -> Report:
    """Settlement of ``size`` contracts against every other way."""
    name = f"county{size}"
    store.fill(name, lambda: county.fill(size))
    runs = Runs(store, name)
    runs.timed("kept", settle_all, before=nothing)  # warms up, and gives the rows for the limit
    ways = {
        "product": lambda: runs.timed("product", settle_all, before=nothing),
        "prefetch": lambda: runs.timed("prefetch", orm_prefetch),
        "raw": lambda: runs.timed("raw", raw_statement),
        "insert": lambda: runs.timed("insert", runs.insert_again),
    }
    taken = median_of_turns(ways, times)
    part = min(size, county.PER_TOWNSHIP)
    few = f"county{part}"
    store.fill(few, lambda: county.fill(part))
    one_by_one = Runs(store, few)
    one_by_one.timed(
        "product", settle_all, before=nothing
    )  # for the sums; and its statements are compiled as the others' are
    slow = one_by_one.timed("row by row", orm_row_by_row)
    report = Report("P1", f"P1 settlement of {size:,} contracts in townships of {county.PER_TOWNSHIP}, {store.kind}")
    ours = taken["product"]
    report.faster(f"ORM, row by row ({part:,}, scaled)", ours, slow * size / part, 200)
    report.faster("ORM, prefetched, bulk insert", ours, taken["prefetch"], 5)
    report.within("one set-based statement", ours, taken["raw"], 3)
    report.within("inserting the same rows", ours, taken["insert"], 4)
    if not store.server:
        _processor(report, runs.cpu, size)
    rate = size / ours
    least, most = (rate / figure for figure in reversed(OPENIMIS))
    report.figure(
        "openIMIS (cited, not of this run)", f"{rate:,.0f} contracts/s", "≥ 1000 ×", least >= 1000,
        f"{OPENIMIS[0]}–{OPENIMIS[1]} /s", f"{least:,.0f}–{most:,.0f} × faster",
    )  # fmt: skip
    wrong = {way for way, found in runs.sums.items() if found != runs.sums["product"]}
    wrong |= {way for way, found in one_by_one.sums.items() if found != one_by_one.sums["product"]}
    lines, blocked, due, pay = runs.sums["product"][:4]
    report.figure(
        "equal to the fen among all", f"{lines:,} lines, {blocked} blocked", "equal", not wrong,
        f"due {due}, pay {pay} fen", ", ".join(sorted(wrong)) or "equal",
    )  # fmt: skip
    report.remarks.append(
        "the product freezes facts under a hash twice, proves readiness, stores the arithmetic month by month, and writes "
        f"{3 * math.ceil(size / county.PER_TOWNSHIP)} audited transactions; the others write amounts, in one"
    )
    return report


def _processor(report: Report, cpu: Mapping[str, float], size: int) -> None:
    """The same in processor time of the process (the least of the repetitions), which other work on the machine disturbs less; a
    server's own time is not in it, so only for SQLite.
    """
    for way, words in (
        ("prefetch", "ORM, prefetched"),
        ("raw", "one statement"),
        ("insert", "inserting the same rows"),
    ):
        if way in cpu:
            report.figure(
                f"processor time, beside {words}", f"{cpu['product'] * 1e6 / size:.0f} µs each", "", None,
                f"{cpu[way] * 1e6 / size:.0f} µs", f"{cpu['product'] / cpu[way]:.2f}",
            )  # fmt: skip


def p2(store: Store, sizes: list[int], base: int, times: int) -> Report:
    """How the time grows with the county, ours and one statement side by side, and what one transaction needs of memory."""
    report = Report("P2", f"P2 growth of settling, {store.kind}")
    ours: dict[int, float] = {}
    cpu: dict[int, float] = {}
    for size in sizes:
        filling = seconds(lambda size=size: store.fill(f"county{size}", lambda: county.fill(size)))  # type: ignore[misc]  # a lambda with a default has no type
        runs = Runs(store, f"county{size}")
        ways = {
            "product": partial(runs.timed, "product", settle_all, before=nothing),
            "raw": partial(runs.timed, "raw", raw_statement),
        }
        found = median_of_turns(ways, times if size <= LARGE else 1)
        ours[size], cpu[size] = found["product"], runs.cpu["product"]
        rate = f"{size / ours[size]:,.0f} /s"
        report.within(f"{size:,} contracts, beside one statement ({rate})", found["product"], found["raw"], 3)
        if not store.server:
            _processor(report, runs.cpu, size)
        same = runs.sums["product"] == runs.sums["raw"]
        report.figure(f"{size:,} contracts, equal to the fen", f"{runs.sums['product'][0]:,} lines", "equal", same)
        if filling > 1:
            report.remarks.append(f"{size:,} residents with all their records were written in {filling:,.0f} s")
    last = sizes[-1]
    if last > base:
        exponent = math.log(ours[last] / ours[base]) / math.log(last / base)
        report.figure(f"exponent from {base:,} to {last:,}", f"{exponent:.3f}", "≤ 1.08", exponent <= 1.08)
        if not store.server:  # a disk that others use grows by itself; the work does not
            own = math.log(cpu[last] / cpu[base]) / math.log(last / base)
            report.figure("the same by processor time", f"{own:.3f}", "", None)
    report.figure("one township's transaction, memory", *_memory(store, base))
    return report


def _memory(store: Store, size: int) -> tuple[str, str, bool]:
    """How much the process that settles grows while it settles a township (the statements' results live in it)."""
    with store.copy(f"county{size}"), clock.at(county.SETTLED_AT):
        opened()
        rows = list(db.session.scalars(select(Settlement.id).order_by(Settlement.id)))
        officer = county.officer("township_officer")
        operations.calculate(officer, rows[0])
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for row in rows[1:4]:
            operations.calculate(officer, row)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        if store.server:
            peak = db.session.execute(text("SELECT sum(total_bytes) FROM pg_backend_memory_contexts")).scalar_one()
            return f"{int(peak) / 2**20:.1f} MiB in the server, {grown:.1f} here", "≤ 16 MB", int(peak) / 2**20 <= 16
        return f"{grown:.1f} MiB", "≤ 16 MB", grown <= 16
