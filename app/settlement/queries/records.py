"""What the records say about each contract's quarter: checklists, visits, incidents, gathered for many contracts at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.care.models import CarePlan, ChecklistDay, Incident, PlanState, Visit
from app.care.queries import kept_elsewhere, recorded_where
from app.care.rules import ITEMS, due_on, mask, parse_frequency, times_a_day
from app.contracts.models import Contract
from app.core.db import db
from app.core.periods import Quarter
from app.core.together import asked
from app.settlement.queries.facts import QuarterFacts, contract_facts, township_facts
from app.settlement.rules.scoring import Records, required_services
from app.settlement.rules.settling import Facts, Rule, merged, unpaid_absence

Spans = Iterable[tuple[dt.date, dt.date]]


@dataclass
class _Days:
    """Bit masks over the quarter (bit 0 = its first day) for one resident: plane ``4 * n + k`` of ``done`` and ``excused``
    holds bit k of the daily count of item n, so that counts of many days are added up by counting bits.
    """

    done: list[int]
    excused: list[int]
    rows: list[tuple[int, int, int]]  # (day index, items recorded, of them late)

    def times(self, planes: list[int], item: int, days: int) -> int:
        """How often an item stands in ``planes`` on the days of a mask."""
        return sum((planes[4 * item + k] & days).bit_count() << k for k in range(4))


def _mask(quarter: Quarter, spans: Spans) -> int:
    out = 0
    for start, end in spans:
        first, last = max(start, quarter.first), min(end, quarter.last)
        if first <= last:
            length = (last - first).days + 1
            out |= ((1 << length) - 1) << (first - quarter.first).days
    return out


def covered_mask(facts: Facts, quarter: Quarter, rule: Rule) -> int:
    """The quarter's days that count for a contract, as settlement counts them."""
    away = [
        *merged(facts.suspensions, quarter.last),
        *unpaid_absence(facts.hospital, rule.hospital_free_days, quarter.last),
        *unpaid_absence(facts.leave, rule.leave_free_days, quarter.last),
    ]
    return _mask(quarter, [(facts.first, facts.last)]) & ~_mask(quarter, away)


def _due_mask(frequency: str, quarter: Quarter, cache: dict[str, int]) -> int:
    if frequency not in cache:
        parsed = parse_frequency(frequency)
        cache[frequency] = sum(1 << i for i, day in enumerate(quarter.range) if due_on(parsed, day))
    return cache[frequency]


def _checklists(residents: Sequence[int], quarter: Quarter) -> dict[int, _Days]:
    rows = db.session.execute(
        select(
            ChecklistDay.resident_id,
            ChecklistDay.day,
            ChecklistDay.done,
            ChecklistDay.excused,
            ChecklistDay.not_done_mask,
            ChecklistDay.late_mask,
        ).where(*recorded_where(residents, quarter.first, quarter.last))
    )
    found: dict[int, _Days] = {}
    for resident_id, day, done, excused, not_done, late in rows:
        days = found.setdefault(resident_id, _Days([0] * 48, [0] * 48, []))
        index = (day - quarter.first).days
        for planes, packed in ((days.done, done), (days.excused, excused)):
            while packed:
                lowest = packed & -packed
                planes[lowest.bit_length() - 1] |= 1 << index
                packed ^= lowest
        days.rows.append((index, (mask(done) | mask(excused) | not_done).bit_count(), late.bit_count()))
    return found


def _plans(residents: Sequence[int], quarter: Quarter) -> dict[int, list[tuple[int, Mapping[str, str]]]]:
    rows = db.session.execute(
        select(CarePlan.resident_id, CarePlan.valid_from, CarePlan.valid_to, CarePlan.lines).where(
            CarePlan.resident_id.in_(residents),
            CarePlan.state.in_((PlanState.APPROVED, PlanState.REPLACED)),
            CarePlan.valid_from <= quarter.last,
        )
    )
    found: dict[int, list[tuple[int, Mapping[str, str]]]] = defaultdict(list)
    for resident_id, start, end, lines in rows:
        valid = _mask(quarter, [(start, end or quarter.last)])
        if valid:
            found[resident_id].append((valid, {line["item"]: line["frequency"] for line in lines}))
    return found


def _keep(
    checklists: dict[int, _Days], plans: Mapping[int, Iterable[tuple[int, Mapping[str, str]]]], quarter: Quarter
) -> None:
    """Add what was given on another day of its week, month, quarter or year to the due day it keeps (docs/rules/care.md)."""
    frequencies = {text for some in plans.values() for _valid, lines in some for text in lines.values()}
    for (resident_id, day), packed in kept_elsewhere(set(plans), quarter.first, quarter.last, frequencies).items():
        days = checklists.setdefault(resident_id, _Days([0] * 48, [0] * 48, []))
        for place in range(48):
            if packed >> place & 1:
                days.done[place] |= 1 << (day - quarter.first).days


def _visits(residents: Sequence[int], quarter: Quarter) -> dict[int, list[Any]]:
    rows = db.session.execute(
        select(
            Visit.resident_id,
            Visit.visited_on,
            Visit.caregiver_present,
            Visit.satisfaction,
            Visit.neighbour_view,
            Visit.clean,
            Visit.skin,
            Visit.steady,
        ).where(Visit.resident_id.in_(residents), Visit.visited_on.between(quarter.first, quarter.last))
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.resident_id].append(row)
    return found


def _incidents(residents: Sequence[int], quarter: Quarter) -> dict[int, list[Any]]:
    rows = db.session.execute(
        select(Incident.resident_id, Incident.happened_on, Incident.avoidable).where(
            Incident.resident_id.in_(residents), Incident.happened_on.between(quarter.first, quarter.last)
        )
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.resident_id].append(row)
    return found


def gather(facts: QuarterFacts) -> dict[int, Records]:
    """Records of each contract, by contract id, in four reads.

    Every single service counts on the days under contract (three meals a day are three): required where the plan of that
    day makes it due and it was not excused, verified where it was recorded as done. Satisfaction counts only as heard without the caregiver present.
    """
    quarter, rule = facts.quarter, facts.rule
    contracts = facts.contracts
    residents = sorted({f.resident_id for f in contracts})
    checklists, plans = _checklists(residents, quarter), _plans(residents, quarter)
    _keep(checklists, plans, quarter)
    visits, incidents = _visits(residents, quarter), _incidents(residents, quarter)
    cache: dict[str, int] = {}
    found: dict[int, Records] = {}
    for contract in contracts:
        covered = covered_mask(contract, quarter, rule)
        days = checklists.get(contract.resident_id) or _Days([0] * 48, [0] * 48, [])
        items = {}
        for n, item in enumerate(ITEMS):
            due = [
                (valid & _due_mask(frequency, quarter, cache), times_a_day(frequency))
                for valid, lines in plans.get(contract.resident_id, ())
                if (frequency := lines.get(item, "-"))
            ]
            required = required_services(due, covered, days.times(days.excused, n, covered))
            items[item] = (days.times(days.done, n, covered), required)
        inside = [(entries, late) for index, entries, late in days.rows if covered >> index & 1]
        found[contract.contract_id] = Records(
            items=items,
            recorded=sum(entries for entries, _late in inside),
            late=sum(late for _entries, late in inside),
            **_observations(contract, visits.get(contract.resident_id, ()), incidents.get(contract.resident_id, ())),
        )
    return found


FEW = 8
"""So few contracts of a township are gathered one by one; for more the whole township is."""


def _records(keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Records]:
    wanted = [contract_id for contract_id, _quarter in keys]
    query = select(Contract.id, Contract.area_code).where(Contract.id.in_(wanted))
    area_codes = dict(db.session.execute(query).all())
    townships: dict[tuple[str, str], list[int]] = defaultdict(list)
    for contract_id, quarter in keys:
        townships[area_codes[contract_id][:TOWNSHIP], quarter].append(contract_id)
    found: dict[tuple[int, str], Records] = {}
    for (township, quarter), ids in townships.items():
        period = Quarter.parse(quarter)
        few = len(ids) <= FEW
        facts = (
            [contract_facts(one, area_codes[one], period) for one in ids] if few else [township_facts(township, period)]
        )
        gathered = {one: records for some in facts for one, records in gather(some).items()}
        found |= {(one, quarter): gathered.get(one, Records()) for one in ids}
    return found


TOWNSHIP = 9
"""Digits of a township's code, with which the codes of its villages begin."""
_READ = (
    "contract contract_suspension resident absence checklist_day checklist_note care_plan visit incident rule_document"
)


@asked(_records, reads=dict.fromkeys(_READ.split(), ""))
def records_of(contract_id: int, quarter: str) -> Records:
    """What the records say about one contract's quarter today."""
    return _records([(contract_id, quarter)])[contract_id, quarter]


def _observations(contract: Facts, visits: Iterable[Any], incidents: Iterable[Any]) -> dict[str, Any]:
    seen = [v for v in visits if contract.first <= v.visited_on <= contract.last]
    happened = [i for i in incidents if contract.first <= i.happened_on <= contract.last]
    heard = [v.satisfaction for v in seen if v.satisfaction is not None and not v.caregiver_present]
    views = [v.neighbour_view for v in seen if v.neighbour_view is not None]
    return {
        "avoidable": sum(1 for i in happened if i.avoidable),
        "unjudged": sum(1 for i in happened if i.avoidable is None),
        "satisfaction": (sum(heard), len(heard)),
        "neighbour": (sum(views), len(views)),
        "observed": {
            name: (sum(1 for v in seen if getattr(v, name)), sum(1 for v in seen if getattr(v, name) is False))
            for name in ("skin", "clean", "steady")
        },
        "visits": len(seen),
    }
