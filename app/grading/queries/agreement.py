"""Agreement of blind pairs: kappa by item, pair, assessor and month; and the draws of who is scored twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from app.core.actor import Actor
from app.core.db import db, one_row
from app.core.periods import Month
from app.grading import instruments
from app.grading.labels import wording
from app.grading.models import DoubleDraw, Sheet, SheetPair, SheetPairMember
from app.grading.queries import due as due_queries
from app.grading.rules.agreement import Kappa, drifting, table_of, too_low, weighted_kappa
from app.grading.rules.pairing import PairKind, PairRole, PairState
from app.people.models import Assessor, Resident
from assessments.model import LEVEL_CODES, Instrument

SETTLED = (PairState.AGREED, PairState.DIFFERING, PairState.ADJUDICATED)
"""Both sheets are in; before that nobody looks at either."""


@dataclass(frozen=True)
class Row:
    """One line of a table of agreement. ``warning``: ``drift`` against the months before, ``low``, or nothing."""

    name: str
    kappa: Kappa
    warning: str = ""


@dataclass(frozen=True)
class Agreement:
    """All tables; ``pairs`` is how many blind pairs they rest on, ``whole`` the thirty observations of all of them."""

    pairs: int
    whole: Kappa
    items: list[Row]
    assessors: list[Row]
    couples: list[Row]
    months: list[Row]


@dataclass(frozen=True)
class Scored:
    """A blind pair: the assessors by id, the month, and the answers of both."""

    first: int
    second: int
    month: str
    instrument: str
    answers: tuple[dict[str, object], dict[str, object]]


def scored_pairs() -> list[Scored]:
    """Blind pairs of which both sheets are in, oldest first."""
    rows = db.session.execute(
        select(SheetPair.id, Sheet.first_assessor_id, Sheet.assessed_on, Sheet.instrument, Sheet.answers)
        .join(SheetPairMember, SheetPairMember.pair_id == SheetPair.id)
        .join(Sheet, Sheet.id == SheetPairMember.sheet_id)
        .where(
            SheetPair.kind == PairKind.BLIND,
            SheetPair.state.in_(SETTLED),
            SheetPairMember.role == PairRole.VERSION,
            Sheet.first_assessor_id.is_not(None),
        )
        .order_by(SheetPair.id, Sheet.first_assessor_id, Sheet.id)
    ).all()
    by_pair = defaultdict(list)
    for row in rows:
        by_pair[row.id].append(row)
    return [
        Scored(
            a.first_assessor_id,
            b.first_assessor_id,
            str(Month.of(max(a.assessed_on, b.assessed_on))),
            a.instrument,
            (a.answers, b.answers),
        )
        for a, b in (found[:2] for found in by_pair.values() if len(found) >= 2)
        if a.first_assessor_id != b.first_assessor_id and a.instrument == b.instrument
    ]


def agreement() -> Agreement:
    """Every table of agreement of this county."""
    found = scored_pairs()
    names = dict(db.session.execute(select(Assessor.id, Assessor.name)).all())
    by_assessor: dict[int, list[Scored]] = defaultdict(list)
    by_couple: dict[tuple[int, int], list[Scored]] = defaultdict(list)
    by_month: dict[str, list[Scored]] = defaultdict(list)
    for one in found:
        by_assessor[one.first].append(one)
        by_assessor[one.second].append(one)
        by_couple[one.first, one.second].append(one)
        by_month[one.month].append(one)
    months = sorted(by_month)
    return Agreement(
        len(found),
        observed(found),
        _items(found),
        [_watched(names.get(who, "—"), by_assessor[who]) for who in sorted(by_assessor)],
        [
            Row(f"{names.get(a, '—')}、{names.get(b, '—')}", observed(by_couple[a, b]), _low(observed(by_couple[a, b])))
            for a, b in sorted(by_couple)
        ],
        [
            Row(
                month,
                observed(by_month[month]),
                _drift([p for p in found if p.month == month], [p for p in found if p.month < month]),
            )
            for month in months
        ],
    )


def _watched(name: str, pairs: list[Scored]) -> Row:
    """An assessor against everybody he or she was paired with; the newest month against the ones before."""
    last = max(p.month for p in pairs)
    return Row(
        name, observed(pairs), _drift([p for p in pairs if p.month == last], [p for p in pairs if p.month < last])
    )


def _drift(recent: list[Scored], before: list[Scored]) -> str:
    now = observed(recent)
    return "drift" if drifting(now, observed(before)) else _low(now)


def _low(found: Kappa) -> str:
    return "low" if too_low(found) else ""


def observed(pairs: Iterable[Scored]) -> Kappa:
    """Quadratic kappa over the observations of form B.1 of some pairs, whatever the item."""
    return _levels(pairs, None)


def _levels(pairs: Iterable[Scored], fields: frozenset[str] | None) -> Kappa:
    places = {code: place for place, code in enumerate(LEVEL_CODES)}
    scores = [
        (places[str(a)], places[str(one.answers[1][name])])
        for one in pairs
        for name, a in one.answers[0].items()
        if (fields is None or name in fields) and str(a) in places and str(one.answers[1].get(name)) in places
    ]
    return weighted_kappa(table_of(scores, len(places)))


def _items(pairs: list[Scored]) -> list[Row]:
    if not pairs:
        return []
    instrument: Instrument = instruments.find(pairs[-1].instrument)
    rows = []
    for item in instrument.items:
        if item.subitems:
            found = _levels(pairs, frozenset(sub.id for sub in item.subitems))
            rows.append(Row(wording(item.title), found, _low(found)))
    for domain in instrument.domains:
        for asked in domain.items:
            codes = sorted(option.code for option in asked.options)
            scores = [
                (codes.index(a), codes.index(b))
                for one in pairs
                for a, b in [(one.answers[0].get(asked.id), one.answers[1].get(asked.id))]
                if a in codes and b in codes
            ]
            found = weighted_kappa(table_of(scores, len(codes)))
            rows.append(Row(wording(asked.title), found, _low(found)))
    return rows


def draws() -> list[DoubleDraw]:
    """Every draw, newest month first."""
    return list(db.session.scalars(select(DoubleDraw).order_by(DoubleDraw.month.desc())))


def double_draw(draw_id: int, *, lock: bool = False) -> DoubleDraw:
    """One draw. Raises ``NotFound``."""
    query = select(DoubleDraw).where(DoubleDraw.id == draw_id)
    return one_row(query, lock=lock)


def due_numbers(actor: Actor, month: str) -> list[str]:
    """Numbers of the residents who are due for assessment by the end of a month, sorted."""
    query = due_queries.due_list(actor, on=Month.parse(month).last)
    return sorted(db.session.scalars(query.with_only_columns(Resident.number).order_by(None)))


def drawn_residents(row: DoubleDraw) -> list[tuple[Resident, bool]]:
    """The residents drawn, and whether a blind pair was opened for each since the list was closed."""
    if row.drawn is None or row.closed_at is None:
        return []
    paired = select(SheetPair.resident_id).where(SheetPair.kind == PairKind.BLIND, SheetPair.opened_at >= row.closed_at)
    opened = set(db.session.scalars(paired))
    people = db.session.scalars(
        select(Resident).where(Resident.number.in_(row.drawn)).order_by(Resident.number)
    ).unique()
    return [(person, person.id in opened) for person in people]
