"""A quarter's worth of contracts, grades and records, written straight into the tables of the small county."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from app.care.models import CarePlan, ChecklistDay, PlanState, Visit
from app.contracts.models import Contract, ContractParty, Means, Slot
from app.contracts.rules import State
from app.contracts.rules.signing import IdentityCheck, Medium
from app.core import clock, rulebook
from app.core.db import db
from app.core.models import RuleDocument, RuleState
from app.core.policies import parse
from app.core.transaction import transaction
from app.grading.models import CareGrade, GradeProposal, ProposalState, Sheet, SheetState
from app.people.models import Caregiver, Resident
from app.settlement import operations, queries
from app.settlement.models import Evaluation, Settlement
from tests.factories import TOWNSHIP_A, VILLAGE_A, County, caregiver, resident

Q1, Q2 = "2026-Q1", "2026-Q2"
DAYS_Q1 = dt.date(2026, 1, 1), dt.date(2026, 3, 31)
AFTER_Q1 = dt.datetime(2026, 4, 3, 2, tzinfo=dt.UTC)
AFTER_Q2 = dt.datetime(2026, 7, 3, 2, tzinfo=dt.UTC)
LINES = [{"item": "S01", "frequency": "1/d", "minimum": "1/d", "notes": [], "note": ""}]
GOOD = {"B1": 500, "B2": 500, "B3": 500, "C2": 300, "C3": 300, "D1": 500, "D2": 500}
_counter = itertools.count(1)


def publish_pay_table(**fields: Any) -> None:
    """Publish the example pay table as the county's own."""
    from app.settlement.examples import PAY_TABLE_TAOJIANG

    body = fields.pop("body", PAY_TABLE_TAOJIANG.read_text("utf-8"))
    policy = parse(body.encode())
    with transaction() as tx:
        tx.act = "test.pay_table"
        db.session.add(
            RuleDocument(
                kind=policy.kind,
                code=policy.code,
                version=policy.version,
                title_zh=policy.title["zh"],
                title_en=policy.title["en"],
                in_force_from=policy.in_force_from,
                status=policy.status.value,
                source=policy.source,
                body=body,
                sha256=policy.sha256,
                state=RuleState.PUBLISHED,
                drafted_at=clock.now(),
            )
        )


class Quarter:
    """Short ways to contracts and to the acts of a quarter. Accounts are those of the small county."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.township = county.actor("township_officer_a")
        self.officer = county.actor("county_officer_a")
        self.payer = county.actor("county_officer_b")
        self.reviewer = county.actor("county_reviewer")

    def grade(
        self, person: Resident, grade: int, start: dt.date, end: dt.date | None = None, by: str = "x"
    ) -> CareGrade:
        """A decided grade; ``by`` marks the people who scored and decided."""
        now, n = clock.now(), next(_counter)
        sheet = Sheet(
            number=f"T{n:06d}",
            client_key=f"test-{n}",
            resident_id=person.id,
            assessed_on=start,
            instrument="selfcare30@1",
            instrument_sha256="0" * 64,
            state=SheetState.SUBMITTED,
            result={},
            created_by_person=f"scorer:{by}",
            created_at=now,
            updated_at=now,
            submitted_at=now,
            submitted_by_person=f"scorer:{by}",
        )
        db.session.add(sheet)
        db.session.flush()
        proposal = GradeProposal(
            sheet_id=sheet.id,
            resident_id=person.id,
            state=ProposalState.DECIDED,
            proposed_grade=grade,
            decided_grade=grade,
            decided_by=self.officer.user_id,
            decided_by_person=f"decider:{by}",
            decided_at=now,
            created_at=now,
        )
        db.session.add(proposal)
        db.session.flush()
        row = CareGrade(
            resident_id=person.id,
            proposal_id=proposal.id,
            grade=grade,
            valid_from=start,
            valid_to=end,
            instrument="selfcare30@1",
            instrument_sha256="0" * 64,
            decided_at=now,
        )
        db.session.add(row)
        db.session.flush()
        return row

    def contract(
        self,
        *,
        grades: list[tuple[int, dt.date, dt.date | None]] | None = None,
        first: dt.date = dt.date(2025, 7, 1),
        last: dt.date = dt.date(2027, 6, 30),
        person: Resident | None = None,
        carer: Caregiver | None = None,
        by: str = "x",
        **fields: Any,
    ) -> Contract:
        """A contract in force with an approved plan (meals once a day)."""
        n = next(_counter)
        with transaction() as tx:
            tx.act = tx.act or "test.contract"
            known = person is not None
            person = person or resident(f"老人{n}")
            carer = carer or caregiver(f"护理{n}")
            if not known or grades:
                for grade, start, end in grades or [(3, dt.date(2025, 1, 1), None)]:
                    self.grade(person, grade, start, end, by)
            grade_row = db.session.scalars(select(CareGrade).where(CareGrade.resident_id == person.id)).first()
            plan = CarePlan(
                number=f"P{n:06d}",
                resident_id=person.id,
                grade_id=grade_row.id if grade_row else 0,
                setting=person.setting,
                state=PlanState.APPROVED,
                standard_code="twelve-standards",
                standard_sha256="0" * 64,
                lines=LINES,
                valid_from=dt.date(2025, 1, 1),
                drafted_by_person="planner",
                drafted_at=clock.now(),
            )
            db.session.add(plan)
            db.session.flush()
            row = Contract(
                number=f"X{n:06d}",
                resident_id=person.id,
                caregiver_id=carer.id,
                institution_id=self.county.organisation("institution_a").id,
                payee_id=fields.pop("payee_id", None),
                area_code=person.area_code,
                grade_id=plan.grade_id,
                plan_id=plan.id,
                setting=person.setting,
                valid_from=first,
                valid_to=last,
                state=State.DRAFT,
                pay_table_sha256="0" * 64,
                scorecard_sha256=rulebook.shipped("scorecard")[0].sha256,
                body=fields.pop("body", {}),
                body_sha256="0" * 64,
                drafted_at=clock.now(),
            )
            row.parties = [ContractParty(slot=slot, party_name=slot.value) for slot in Slot]
            db.session.add(row)
            db.session.flush()
            row.state = State.SIGNING
            db.session.flush()
            for party in row.parties:
                party.signer_name, party.means, party.signed_at = party.slot.value, Means.SEAL, clock.now()
                party.medium, party.identity = Medium.ACCOUNT, IdentityCheck.ACCOUNT
                party.body_sha256 = row.body_sha256
            db.session.flush()
            row.state, row.in_force_from = State.IN_FORCE, first
            for name, value in fields.items():
                setattr(row, name, value)
        return row

    def records(self, row: Contract, first: dt.date, last: dt.date, *, done: int = 1, share: float = 1.0) -> None:
        """Checklist days: meals done on the first ``share`` of the days, missed on the others; one good visit."""
        days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
        with transaction() as tx:
            tx.act = "test.records"
            for index, day in enumerate(days):
                ok = index < round(len(days) * share)
                db.session.add(
                    ChecklistDay(
                        day=day,
                        resident_id=row.resident_id,
                        plan_id=row.plan_id,
                        done=done if ok else 0,
                        excused=0,
                        not_done_mask=0 if ok else 1,
                        late_mask=0,
                        caregiver_id=row.caregiver_id,
                        recorded_at=clock.now(),
                    )
                )
            visitor = self.county.user("village_officer_a")
            visit = Visit(
                resident_id=row.resident_id,
                visited_on=first,
                visitor_id=visitor.id,
                role="village_officer",
                satisfaction=5,
                neighbour_view=5,
                clean=True,
                skin=True,
                steady=True,
                recorded_at=clock.now(),
            )
            db.session.add(visit)

    def fill(self, quarter: str = Q1) -> tuple[int, int]:
        """Make the township's evaluation sheets."""
        return operations.fill_evaluations(self.township, quarter, TOWNSHIP_A)

    def evaluation(self, row: Contract, quarter: str = Q1) -> Evaluation:
        """The newest evaluation of a contract."""
        query = queries.evaluations(self.township, quarter=quarter).where(Evaluation.contract_id == row.id)
        return db.session.scalars(query).unique().one()

    def scored(self, row: Contract, quarter: str = Q1, *, agreed: bool = True, **points: int) -> Evaluation:
        """Score, agreed to on paper, and confirmed: full points but for those given in hundredths; else only scored."""
        found = self.evaluation(row, quarter)
        given = {k: {"points": v, "reason": "测试"} for k, v in {**GOOD, **points}.items()}
        operations.score_evaluation(self.township, found.id, given)
        if not agreed:
            return self.evaluation(row, quarter)
        operations.agree_evaluation(self.payer, found.id, "签收单，无异议")
        return operations.confirm_evaluation(self.officer, found.id)

    def settlement(self, quarter: str = Q1) -> Settlement:
        """The township's settlement, opened when needed."""
        operations.open_quarter(self.township, quarter)
        return db.session.scalars(queries.settlements(self.township, quarter=quarter)).unique().one()

    def to_approved(self, quarter: str = Q1) -> Settlement:
        """Calculate, submit, approve."""
        row = self.settlement(quarter)
        operations.calculate(self.township, row.id)
        operations.submit(self.township, row.id)
        return operations.approve(self.reviewer, row.id)

    def to_closed(self, quarter: str = Q1) -> Settlement:
        """And pay, and close."""
        row = self.to_approved(quarter)
        operations.pay(self.payer, row.id, clock.today(), "BANK-1")
        return operations.close(self.reviewer, row.id)


@pytest.fixture
def quarter(county: County) -> Iterator[Quarter]:
    """The first quarter of 2026 is over; the pay table is published."""
    with clock.at(AFTER_Q1):
        publish_pay_table()
        yield Quarter(county)


@pytest.fixture
def approved(quarter: Quarter) -> Settlement:
    """Three contracts of two caregivers, approved; a third caregiver has no bank account."""
    carer, poor = caregiver("两份护理"), caregiver("无账户护理")
    with transaction() as tx:
        tx.act = "test.account"
        poor.bank_account = None
    for row in (quarter.contract(carer=carer), quarter.contract(carer=carer), quarter.contract(carer=poor)):
        quarter.records(row, *DAYS_Q1)
        quarter.fill()
        quarter.scored(row)
    return quarter.to_approved()


__all__ = ["AFTER_Q1", "AFTER_Q2", "GOOD", "Q1", "Q2", "TOWNSHIP_A", "VILLAGE_A", "Quarter", "publish_pay_table"]
