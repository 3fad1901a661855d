"""``flask seed``: a deterministic, believable county with some quarters of life behind it."""

from __future__ import annotations

import datetime as dt
import gc
import random
from collections.abc import Iterator

from sqlalchemy import func, select, text

from app.auth.roles import system_actor
from app.care.models import CarePlan
from app.care.operations import draft_plan
from app.care.queries import plans_between
from app.contracts.documents import sealed_pdf
from app.contracts.jobs import duties
from app.contracts.models import Contract, Slot
from app.contracts.operations import end_contract
from app.core import clock
from app.core.db import db
from app.core.models import Setting
from app.core.periods import Quarter
from app.core.rotation import register_keys
from app.core.transaction import transaction
from app.demo import quarters as quarterly
from app.demo import records, seals
from app.demo.assessing import Visit, Wanted, assess, decide, plan, sign_all, sign_some
from app.demo.county import County, found, open_accounts, signing_offices
from app.demo.houses import furnish
from app.demo.invented import People
from app.demo.paytable import draft_next_pay_table, publish_pay_table
from app.demo.residents import settle_in, unmet_for
from app.demo.traces import leave_traces
from app.demo.workers import workers
from app.grading.instruments import SHIPPED
from app.grading.queries.appeals import deadlines
from app.people.models import Assessor, Caregiver, Resident
from app.people.models import Setting as Living
from app.people.operations import end_support

EVENTS_PER = 60
"""One death, one change of grade and one change of caregiver for this many residents and quarter."""
WEEK = dt.timedelta(days=7)
MARK = "demo.seed"
"""Setting that says how far the demonstration is: a killed seeding must not pass for a county."""


def interrupted() -> bool:
    """Whether a seeding began here and never ended."""
    mark = db.session.get(Setting, MARK)
    return mark is not None and mark.value == "begun"


def _mark(state: str) -> None:
    with transaction() as tx:
        tx.act = "demo.seed"
        mark = db.session.get(Setting, MARK)
        if mark is None:
            db.session.add(Setting(key=MARK, value=state))
        else:
            mark.value = state


def already_filled() -> bool:
    """Whether people are in the database."""
    return bool(db.session.scalar(select(func.count()).select_from(select(Resident.id).limit(1).subquery())))


def seed(*, residents: int, quarters: int, seed: int, today: dt.date | None = None) -> Iterator[str]:
    """Fill an empty database; yields what was done. The last quarter is the one ``today`` lies in and stays open; the
    ones before it are settled, paid and closed.
    """
    gc.set_threshold(
        100_000, 50, 100
    )  # the county under construction is no garbage: looking through it takes a tenth of the time
    db.session().expire_on_commit = False  # nobody else writes while the county is made: what was read stays true
    rng = random.Random(seed)
    end = today or clock.today()
    run = Quarter.of(end)
    spans = [run]
    while len(spans) < quarters:
        run = run.previous()
        spans.insert(0, run)
    start = spans[0].first
    people = People(rng)
    with clock.at(records.local(start - dt.timedelta(days=75), 8)):
        _mark("begun")
    with clock.at(records.local(start - dt.timedelta(days=75), 9)):
        register_keys()
        county = found(people, start, residents)
        yield f"county: {len(county.organisations)} organisations, {len(county.users)} accounts"
        publish_pay_table(county, start)
        seals.set_up(signing_offices(county))
        open_accounts(county)
        persons = settle_in(county, people, rng, residents, start - dt.timedelta(days=75))
    yield f"people: {len(persons)} residents, {db.session.scalar(select(func.count(Caregiver.id)))} caregivers"
    assessors = list(db.session.scalars(select(Assessor).order_by(Assessor.id)).unique())
    accounts = [county.users[f"caregiver_{side}"].id for side in ("a", "b")]
    shown = set(db.session.scalars(select(Caregiver.id).where(Caregiver.user_id.in_(accounts))))
    others = [one for one in persons if one.caregiver_id not in shown]
    waiting = others[-max(3, residents // 50) :]
    """The newest residents are not assessed yet: something to do on the first day; not those of who signs in as a caregiver."""
    story = Story(rng, people, county, assessors, start, end)
    left_out = {one.id for one in waiting}
    yield from story.begin([one for one in persons if one.id not in left_out])
    yield f"contracts: {len(story.contracts)} signed by seven"
    for quarter in spans:
        _analyze()
        yield from story.live(quarter)
        yield f"{quarter}: {story.days} days of care recorded"
        if quarter.last < end:
            with clock.at(records.local(quarter.last + dt.timedelta(days=1), 9)):
                yield quarterly.close_quarter(county, rng, quarter)
    with clock.at(records.local(end, 8)):
        yield quarterly.open_current(county, spans[-1])
        draft_next_pay_table(county, end)
        yield story.leave_half_signed()
    yield story.leave_to_decide(waiting)
    yield furnish(county, persons, end, seed)
    yield leave_traces(county, persons, end, seed)
    with clock.at(records.local(end, 8)):
        yield f"duties: {duties(end)}"
    with clock.at(records.local(end, 8)):
        _mark("done")
    _analyze()
    db.session().expire_on_commit = True


def _analyze() -> None:
    """Give the planner its figures: the tables have grown since."""
    if db.engine.dialect.name == "postgresql":
        names = ", ".join(f'"{name}"' for name in db.metadata.tables)
        with transaction():
            db.session.execute(text(f"ANALYZE {names}"))


class Story:
    """The county's life: who is graded when, who cares for whom, who dies, who moves to another caregiver."""

    def __init__(
        self,
        rng: random.Random,
        people: People,
        county: County,
        assessors: list[Assessor],
        start: dt.date,
        end: dt.date,
    ) -> None:
        self.rng, self.people, self.county, self.assessors = rng, people, county, assessors
        self.start, self.end = start, end
        self.persons: list[Resident] = []
        self.contracts: list[Contract] = []
        self.unmet: dict[int, int] = {}
        self.assessed: dict[int, dt.date] = {}
        self.days = 0
        self.plans: dict[int, list[CarePlan]] = {}

    def begin(self, persons: list[Resident]) -> Iterator[str]:
        """First assessments, grades, plans and contracts, in force on the first day; says how far it is."""
        self.persons = persons
        first = self.start - dt.timedelta(days=50)
        visits = []
        for n, person in enumerate(persons):
            self.unmet[person.id] = unmet_for(self.rng)
            self.assessed[person.id] = first + dt.timedelta(days=n % 20)
            visits.append(Visit(person, self.assessed[person.id], self.unmet[person.id], "1"))
        before = self.start - dt.timedelta(days=15)
        sheets = assess(self.county, self.rng, visits, self.assessors)
        yield f"sheets: {len(sheets)} first assessments"
        grades = decide(self.county, sheets, before)
        _analyze()
        yield f"grades: {len(grades)} decided"
        plan(self.county, grades, before + dt.timedelta(days=2))
        yield f"plans: {len(grades)} approved"
        signed_on = self.start - dt.timedelta(days=5)
        wanted = [
            Wanted(p, p.caregiver, self.start, signed_on)
            for p in persons
            if p.setting is Living.HOME and p.caregiver is not None
        ]
        wanted += [Wanted(p, caregiver, self.start, signed_on) for p, caregiver in workers(persons, grades)]
        self.contracts = sign_all(self.county, self.people, wanted)
        if self.contracts:  # the others are sealed when somebody asks for their file, or by the nightly job
            with clock.at(records.local(self.start - dt.timedelta(days=4), 9)):
                sealed_pdf(system_actor("seed"), self.contracts[0])
        for contract in self.contracts:
            assert contract.in_force_from == self.start  # noqa: S101  # signed before its first day

    def live(self, quarter: Quarter) -> Iterator[str]:
        """One quarter: events first, then what was recorded day by day; says how far it is."""
        last = min(quarter.last, self.end - dt.timedelta(days=1))
        home = [c for c in self._at_home() if c.caregiver.user_id is None]  # who signs in finds a day's work
        number = max(1, len(self.persons) // EVENTS_PER)
        chosen = self.rng.sample(home, min(len(home), 3 * number))
        self._die(chosen[:number], quarter, last)
        self._change_caregiver(chosen[number : 2 * number], quarter, last)
        self._change_grade(chosen[2 * number :], quarter, last)
        yield f"{quarter}: {self._reassess(quarter, last)} assessed again"
        self._record(quarter.first, last)

    def _at_home(self) -> list[Contract]:
        """Contracts of home care that have not ended."""
        return [c for c in self.contracts if c.ended_on is None and c.setting is Living.HOME]

    def _day_in(self, quarter: Quarter, last: dt.date) -> dt.date:
        return quarter.first + dt.timedelta(days=self.rng.randint(10, max(11, (last - quarter.first).days - 10)))

    def _die(self, contracts: list[Contract], quarter: Quarter, last: dt.date) -> None:
        for contract in contracts:
            day = min(self._day_in(quarter, last), last)
            township = self._township(contract)
            with clock.at(records.local(day, 19)):
                end_contract(township, contract.id, day, reason="特困人员死亡")
                end_support(township, contract.resident_id, day, deceased=True, reason="死亡")

    def _change_caregiver(self, contracts: list[Contract], quarter: Quarter, last: dt.date) -> None:
        for contract in contracts:
            day = self._day_in(quarter, last)
            if day >= last:
                continue
            caregivers = self._near(contract)
            with clock.at(records.local(day, 18)):
                end_contract(self._township(contract), contract.id, day, reason="护理人员外出务工，更换护理人员")
            begin = day + dt.timedelta(days=1)
            self.contracts += sign_all(
                self.county, self.people, [Wanted(contract.resident, self.rng.choice(caregivers), begin, begin)]
            )

    def _near(self, contract: Contract) -> list[Caregiver]:
        """Who else cares at home in the township."""
        township = Caregiver.area_code.startswith(contract.area_code[:9])
        query = select(Caregiver).where(Caregiver.institution_id.is_(None), township).order_by(Caregiver.id)
        return [one for one in db.session.scalars(query).unique() if one.id != contract.caregiver_id]

    def _change_grade(self, contracts: list[Contract], quarter: Quarter, last: dt.date) -> None:
        day = quarter.first + dt.timedelta(days=20)
        if day >= last:
            return
        visits = []
        for contract in contracts:
            worse = min(6, self.unmet[contract.resident_id] + self.rng.choice((2, 3)))
            self.unmet[contract.resident_id], self.assessed[contract.resident_id] = worse, day
            visits.append(Visit(contract.resident, day, worse, "3"))
        grades = decide(
            self.county,
            assess(self.county, self.rng, visits, self.assessors),
            day + dt.timedelta(days=4),
            officer="county_officer_a",
        )
        plan(self.county, grades, day + dt.timedelta(days=5))

    def _reassess(self, quarter: Quarter, last: dt.date) -> int:
        """Regular assessments, ten to forty days before they are due; one in ten was forgotten. Returns how many."""
        by_month: dict[int, list[Visit]] = {}
        rule = deadlines(quarter.first)
        for n, person in enumerate(self.persons):
            day = rule.next_due(SHIPPED, self.assessed[person.id]) - dt.timedelta(days=10 + n % 30)
            if n % 10 != 9 and person.ended_on is None and quarter.first <= day <= last - WEEK:
                self.assessed[person.id] = day
                by_month.setdefault(day.month, []).append(Visit(person, day, self.unmet[person.id], "2"))
        for visits in by_month.values():
            sheets = assess(self.county, self.rng, visits, self.assessors)
            decided = max(visit.on for visit in visits) + dt.timedelta(days=3)
            plan(self.county, decide(self.county, sheets, decided), decided + dt.timedelta(days=1))
        return sum(len(visits) for visits in by_month.values())

    def leave_half_signed(self) -> str:
        """One caregiver stopped yesterday; the new contract waits for three of the seven."""
        yesterday = self.end - dt.timedelta(days=1)
        running = [c for c in self._at_home() if (c.in_force_from or self.end) < yesterday]
        if len(running) < 2:
            return "contracts: none waits for a signature"
        old = running[-1]
        with clock.at(records.local(yesterday, 18)):
            end_contract(self._township(old), old.id, yesterday, reason="护理人员身体不适，不再照料")
        caregivers = self._near(old)
        sign_some(
            self.county,
            self.people,
            Wanted(old.resident, self.rng.choice(caregivers), self.end, self.end),
            (Slot.TOWNSHIP_GOVERNMENT, Slot.VILLAGE, Slot.CAREGIVER, Slot.RESIDENT),
        )
        return "contracts: one waits for three of its seven signatures"

    def leave_to_decide(self, waiting: list[Resident]) -> str:
        """Yesterday's first sheets wait for review and decision, and one new plan for its approval."""
        yesterday = self.end - dt.timedelta(days=1)
        visits = [Visit(p, yesterday, unmet, "1") for p, unmet in zip(waiting, (5, 2, 0, 4), strict=False)]
        sheets = assess(self.county, self.rng, visits[: len(waiting) - 1], self.assessors)
        running = self._at_home()
        if running:
            with clock.at(records.local(yesterday, 16)):
                draft_plan(self._township(running[0]), running[0].resident_id, valid_from=self.end + WEEK)
        return f"grades: {len(sheets)} sheets wait for the county; plans: {len(running[:1])} waits for approval"

    def _township(self, contract: Contract):  # type: ignore[no-untyped-def]  # an Actor
        return self.county.actor(f"township_officer_{self.county.side(contract.area_code)}")

    def _record(self, first: dt.date, last: dt.date) -> None:
        spans = list(self._spans(first, last))
        home = [c.resident for c in self._at_home()]
        with clock.at(records.local(last, 21)):
            away = records.absences(self.rng, self.county, home, first, last)
            self.days = records.checklists(self.rng, spans, away)
            records.visits(self.rng, self.county, self.persons, first, last)
        keep_open = 1 if last < Quarter.of(first).last else 0
        records.incidents(self.rng, self.county, self.persons, first, last, keep_open=keep_open)

    def _spans(self, first: dt.date, last: dt.date) -> Iterator[records.CareSpan]:
        self.plans = plans_between([person.id for person in self.persons], first, last)
        by_resident: dict[int, list[Contract]] = {}
        for contract in self.contracts:
            by_resident.setdefault(contract.resident_id, []).append(contract)
        for person in self.persons:
            if person.setting is Living.HOME:
                for contract in by_resident.get(person.id, []):
                    begin = max(first, contract.in_force_from or contract.valid_from)
                    until = min(last, contract.ended_on or last)
                    yield from self._parts(person, contract.caregiver_id, contract.caregiver.user_id, begin, until)
            else:
                worker = self.county.users[f"care_worker_{self.county.side(person.area_code)}"]
                yield from self._parts(person, None, worker.id, first, min(last, person.ended_on or last))

    def _parts(
        self, person: Resident, caregiver_id: int | None, user_id: int | None, first: dt.date, last: dt.date
    ) -> Iterator[records.CareSpan]:
        plans = self.plans.get(person.id, [])
        habit = self.habits.setdefault(caregiver_id or -person.id, records.habit_of(self.rng))
        while first <= last:
            row = next(
                (p for p in plans if p.valid_from <= first and (p.valid_to is None or p.valid_to >= first)), None
            )
            if row is None:
                return
            until = min(last, row.valid_to or last)
            yield records.CareSpan(person, row, caregiver_id, user_id, first, until, habit)
            first = until + dt.timedelta(days=1)

    @property
    def habits(self) -> dict[int, records.Habit]:
        """How each caregiver works, chosen once."""
        if not hasattr(self, "_habits"):
            self._habits: dict[int, records.Habit] = {}
        return self._habits
