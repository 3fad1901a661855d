"""A year of contracts written straight into the tables the ledger reads: everything kept in time unless it is planted."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

from sqlalchemy import insert

import app.settlement.views  # noqa: F401  # registers what the settlement knows of quarters
from app.care.models import ChecklistDay, Incident, Visit
from app.contracts.models import Contract
from app.contracts.operations import duties as acts
from app.core import clock, rulebook
from app.core.db import db
from app.core.transaction import transaction
from app.grading.models import ReassessmentDue, Sheet, SheetState
from app.settlement.models import (
    Account,
    Dispute,
    DisputeState,
    Evaluation,
    EvaluationState,
    LedgerEntry,
    LineKind,
    Settlement,
    SettlementLine,
    SettlementState,
)
from tests.factories import TOWNSHIP_A, TOWNSHIP_B, VILLAGE_A, VILLAGE_B, County, caregiver, resident
from tests.settlement.conftest import Quarter as Builder

D = dt.date
FIRST, LAST = D(2026, 1, 1), D(2026, 12, 31)
TODAY = D(2027, 3, 1)
QUARTERS = {"2026-Q1": D(2026, 3, 31), "2026-Q2": D(2026, 6, 30), "2026-Q3": D(2026, 9, 30), "2026-Q4": D(2026, 12, 31)}
Found = tuple[int, str, str, str]


def noon(day: dt.date) -> dt.datetime:
    """Twelve o'clock in China."""
    return dt.datetime(day.year, day.month, day.day, 4, tzinfo=dt.UTC)


def clauses() -> list[dict[str, Any]]:
    """The clauses of the shipped template for home care and full care."""
    body = max(rulebook.shipped("contract_template"), key=lambda p: p.version).body
    return [
        {**c, "number": n}
        for n, c in enumerate(body["clause"], 1)
        if "home" in c.get("settings", ["home"]) and 3 in c.get("grades", [3])
    ]


class Year:
    """The records of a year, collected and written at once; ``planted`` is what must be found."""

    def __init__(self, county: County, number: int) -> None:
        self.county, self.chance = county, random.Random(number)
        self.planted: set[Found] = set()
        self.rows: dict[Any, list[dict[str, Any]]] = {}
        self.village = county.actor("village_officer_a").user_id
        self.township = county.actor("township_officer_a").user_id
        builder, body = Builder(county), {"clauses": clauses()}
        self.contracts: list[Contract] = []
        self.lapsed = {n for n in range(number) if n % 7 == 3}
        with clock.at(noon(D(2025, 12, 20))), transaction() as tx:
            tx.act = "test.year"
            for n in range(number):
                village = VILLAGE_B if n % 2 else VILLAGE_A
                until = D(2026, 8, 15) if n in self.lapsed else D(2099, 1, 1)
                self.contracts.append(
                    builder.contract(
                        first=FIRST,
                        last=LAST,
                        person=resident(f"老人{n}", area_code=village),
                        carer=caregiver(f"护理{n}", area_code=village, tier_valid_to=until),
                        grades=[(3, D(2025, 1, 1), None)],
                        body=body,
                    )
                )
        self.settlements()
        for n, row in enumerate(self.contracts):
            if n in self.lapsed:
                self.expect(row, "P6.training", "2026-08-15", "missed")
            self.one(n, row)
        with transaction() as tx:
            tx.act = "test.year"
            for model, rows in self.rows.items():
                db.session.execute(insert(model), rows)

    def expect(self, row: Contract, clause: str, what: str, standing: str) -> None:
        """Plant a breach."""
        self.planted.add((row.id, clause, what, standing))

    def add(self, model: Any, **fields: Any) -> None:
        """One more row."""
        self.rows.setdefault(model, []).append(fields)

    def settlements(self) -> None:
        """The second township releases the money of the second quarter late, the first one's of the fourth never."""
        self.released: dict[tuple[str, str], tuple[int, dt.date | None]] = {}
        number = 0
        for name, last in QUARTERS.items():
            for township in (TOWNSHIP_A, TOWNSHIP_B):
                number += 1
                late = (name, township) == ("2026-Q2", TOWNSHIP_B)
                never = (name, township) == ("2026-Q4", TOWNSHIP_A)
                approved = None if never else last + dt.timedelta(days=24 if late else 9)
                self.released[name, township] = (number, approved)
                self.add(
                    Settlement,
                    id=number,
                    quarter=name,
                    area_code=township,
                    state=SettlementState.OPEN if never else SettlementState.CLOSED,
                    run=1,
                    opened_at=noon(last),
                    approved_at=noon(approved) if approved else None,
                    approved_by_person="reviewer",
                    submitted_by_person="officer",
                    paid_on=approved + dt.timedelta(days=2) if approved else None,
                )

    def one(self, n: int, row: Contract) -> None:
        """The year of one contract: at most one planted breach of each clause."""
        plan: dict[str, Callable[[], bool]] = {}
        for place, clause in enumerate(c["id"] for c in clauses()):
            plan[clause] = lambda place=place: (n + place) % 9 == 0  # type: ignore[misc]  # the default binds it
        self.quarters(row, plan)
        self.visits(row, plan)
        self.days(row, plan)
        self.reports(row, plan)
        if plan["P7.cooperate"]():
            with clock.at(noon(D(2026, 5, 6))):
                seen = acts.observe(
                    self.county.actor("county_reviewer"),
                    row.id,
                    "P7.cooperate",
                    D(2026, 5, 5),
                    kept=False,
                    note="谎报住址",
                )
            self.expect(row, "P7.cooperate", f"seen-{seen.id}", "missed")

    def quarters(self, row: Contract, plan: dict[str, Callable[[], bool]]) -> None:
        """Scored by day 5, confirmed two days later, paid two days after the release."""
        unscored = plan["P2.score"]()
        slow, veto = plan["P3.confirm"](), plan["P6.conduct"]()
        unpaid = plan["P2.pay"]()
        for name, last in QUARTERS.items():
            number, approved = self.released[name, row.area_code[:9]]
            if approved is None or (name, row.area_code[:9]) == ("2026-Q2", TOWNSHIP_B):
                self.expect(row, "P1.release", name, "missed" if approved is None else "late")
            if unscored and name == "2026-Q1":
                self.expect(row, "P2.score", name, "missed")
                continue
            scored = last + dt.timedelta(days=5)
            confirmed = scored + dt.timedelta(days=20 if slow and name == "2026-Q3" else 2)
            failed = veto and name == "2026-Q4"
            if slow and name == "2026-Q3":
                self.expect(row, "P3.confirm", name, "late")
            if failed:
                self.expect(row, "P6.conduct", name, "missed")
                # care ended with the year before the score was known: nobody is left to be replaced
            self.add(
                Evaluation,
                contract_id=row.id,
                quarter=name,
                version=1,
                state=EvaluationState.CONFIRMED,
                scorecard_sha256="0" * 64,
                parts={},
                score=0 if failed else 9500,
                ratio_bp=0 if failed else 10000,
                veto="abuse" if failed else None,
                scored_at=noon(scored),
                scored_by_person="a",
                confirmed_by=self.township,
                confirmed_by_person="b",
                confirmed_at=noon(confirmed),
            )
            if approved is None:
                continue
            line = len(self.rows.get(SettlementLine, ())) + 1
            pay = 0 if failed else 155_100
            held = unpaid and name == "2026-Q3"
            self.add(
                SettlementLine,
                id=line,
                settlement_id=number,
                run=1,
                kind=LineKind.QUARTER,
                for_quarter=name,
                contract_id=row.id,
                caregiver_id=row.caregiver_id,
                resident_id=row.resident_id,
                due_fen=155_100,
                pay_fen=pay,
                withheld_fen=155_100 - pay,
                months=[],
                rules={},
                calculated_at=noon(scored),
            )
            if held:
                self.expect(row, "P2.pay", name, "missed")
            elif pay:
                self.add(
                    LedgerEntry,
                    posting=f"test/{line}",
                    account=Account.PAID,
                    amount_fen=pay,
                    quarter=name,
                    settlement_id=number,
                    line_id=line,
                    contract_id=row.id,
                    caregiver_id=row.caregiver_id,
                    posted_at=noon(approved),
                )

    def visits(self, row: Contract, plan: dict[str, Callable[[], bool]]) -> None:
        """Both visit each month; a problem seen is written down the next day."""
        skipped = {"P2.visit": self.chance.randint(1, 12), "P4.visit": self.chance.randint(4, 12)}
        for month in range(1, 13):
            for clause, role, user, day in (
                ("P2.visit", "township_officer", self.township, 10),
                ("P4.visit", "village_officer", self.village, 12),
            ):
                if plan[clause]() and month == skipped[clause]:
                    self.expect(row, clause, f"2026-{month:02d}", "missed")
                    continue
                self.visit(row, role, user, D(2026, month, day), D(2026, month, day), problem=False)
        late = plan["P4.report"]()
        self.visit(
            row,
            "village_officer",
            self.village,
            D(2026, 3, 20),
            D(2026, 4, 8) if late else D(2026, 3, 23),
            problem=True,
        )
        if late:
            self.expect(row, "P4.report", "2026-03-20", "late")

    def visit(self, row: Contract, role: str, user: int | None, on: dt.date, at: dt.date, *, problem: bool) -> None:
        """One visit with the day it was put on record."""
        self.add(
            Visit,
            uid=f"{row.id:08d}{role[:4]}{on:%Y%m%d}",
            resident_id=row.resident_id,
            visited_on=on,
            visitor_id=user,
            role=role,
            problem=problem,
            recorded_at=noon(at),
        )

    def days(self, row: Contract, plan: dict[str, Callable[[], bool]]) -> None:
        """Every day on record the same day; one month with a day late, another's with a day missing."""
        broken = plan["P6.record"]()
        gap, late = D(2026, 2, 14), D(2026, 11, 3)
        for n in range((LAST - FIRST).days + 1):
            day = FIRST + dt.timedelta(days=n)
            if broken and day == gap:
                continue
            self.add(
                ChecklistDay,
                day=day,
                resident_id=row.resident_id,
                plan_id=row.plan_id,
                done=1,
                excused=0,
                not_done_mask=0,
                late_mask=1 if broken and day == late else 0,
                recorded_at=noon(day),
            )
        if broken:
            self.expect(row, "P6.record", "2026-02", "missed")
            self.expect(row, "P6.record", "2026-11", "late")

    def reports(self, row: Contract, plan: dict[str, Callable[[], bool]]) -> None:
        """A change reported in April and assessed within days, an incident in June, an objection in August."""
        late, skipped = plan["P3.reassess"](), plan["P3.yearly"]() and not plan["P3.reassess"]()
        sheet = 100_000 + row.id
        if skipped:
            self.expect(row, "P3.yearly", "2026-12-31", "missed")
        else:
            done = D(2026, 5, 20) if late else D(2026, 4, 10)
            self.add(
                Sheet,
                id=sheet,
                number=f"Y{row.id:06d}",
                client_key=f"year-{row.id}",
                resident_id=row.resident_id,
                assessed_on=done,
                instrument="selfcare30@1",
                instrument_sha256="0" * 64,
                state=SheetState.SUBMITTED,
                answers={},
                facts={},
                result={},
                created_by_person="s",
                created_at=noon(done),
                updated_at=noon(done),
                submitted_at=noon(done),
                submitted_by_person="s",
            )
            self.add(
                ReassessmentDue,
                resident_id=row.resident_id,
                cause="reported",
                due_on=D(2026, 4, 21),
                opened_at=noon(D(2026, 4, 7)),
                closed_by_sheet_id=sheet,
            )
            if late:
                self.expect(row, "P3.reassess", "2026-04-07", "late")
        late = plan["P5.incident"]()
        self.add(
            Incident,
            uid=f"{row.id:08d}incident",
            resident_id=row.resident_id,
            kind="fall",
            happened_on=D(2026, 6, 3),
            reported_at=noon(D(2026, 6, 6 if late else 4)),
            reported_by=self.county.actor("institution_manager_a").user_id,
            severity="minor",
        )
        if late:
            self.expect(row, "P5.incident", "2026-06-03", "late")
        late = plan["P3.objection"]()
        self.add(
            Dispute,
            contract_id=row.id,
            quarter="2026-Q2",
            reason="x",
            raised_by=self.township,
            raised_at=noon(D(2026, 8, 3)),
            state=DisputeState.UPHELD,
            answer="y",
            answered_by=self.township,
            answered_at=noon(D(2026, 9, 14) if late else D(2026, 8, 10)),
        )
        if late:
            self.expect(row, "P3.objection", "2026-08-03", "late")
