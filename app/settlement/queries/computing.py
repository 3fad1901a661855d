"""A township's quarter computed where its facts lie, in one statement for each quarter, into a table of the connection.

What is computed stands in the temporary table ``settling`` until the transaction ends: ``store`` copies it into the real lines,
or nobody does (a second look before submitting, an unchanged calculation). The plain rule proves every line of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    TextClause,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    text,
)

from app.core.actor import Actor
from app.core.db import UtcDateTime, canonical_json, db
from app.core.periods import Quarter
from app.core.policies import Policy
from app.core.rulebook import rule_in_force
from app.settlement.models import LineKind, Settlement, SettlementLine, SettlementState
from app.settlement.queries.facts import rates_of, settler
from app.settlement.queries.statement import RETURNED, RETURNED_FACTS, statement
from app.settlement.queries.visibility import visible
from app.settlement.rules.settling import Rates, Rule

RUNNING = (SettlementState.OPEN, SettlementState.CALCULATED, SettlementState.SUBMITTED)
"""States in which a settlement's corrections are not in the ledger yet."""
SETTLING = Table(
    "settling",
    MetaData(),
    Column("kind", Text),
    Column("for_quarter", Text),
    *(
        Column(name, BigInteger)
        for name in ("contract_id", "caregiver_id", "payee_id", "resident_id", "due_fen", "pay_fen")
    ),
    *(Column(name, Integer) for name in ("score", "ratio_bp")),
    *(Column(name, Text) for name in ("blocked", "months", "rules", "facts")),
    prefixes=["TEMPORARY"],
)
"""What is computed, for the time of one transaction; each connection has its own."""
IN_ORDER = (
    case({kind.value: place for place, kind in enumerate(LineKind)}, value=SETTLING.c.kind),
    SETTLING.c.for_quarter,
    SETTLING.c.contract_id,
)
"""The quarter's own lines by contract, then corrections and returned payments, oldest quarter first."""


COMPUTED = select(
    *(SETTLING.c[name] for name in ("kind", "for_quarter", "due_fen", "pay_fen", "blocked", "months", "facts"))
).order_by(*IN_ORDER)
_SAME = [column.name for column in SETTLING.c if column.name != "facts"]
STORED = insert(db.metadata.tables[SettlementLine.__tablename__]).from_select(
    ["settlement_id", "run", *_SAME, "withheld_fen", "calculated_at"],
    select(
        bindparam("of_settlement", type_=BigInteger), bindparam("of_run", type_=Integer), *(SETTLING.c[name] for name in _SAME),
        SETTLING.c.due_fen - SETTLING.c.pay_fen, bindparam("of_time", type_=UtcDateTime),
    ).order_by(*IN_ORDER),
)  # fmt: skip


@dataclass(frozen=True)
class Terms:
    """The dated rules of one quarter."""

    quarter: Quarter
    policy: Policy
    rates: tuple[Rates, ...]

    @classmethod
    def of(cls, quarter: Quarter) -> Terms:
        """What was in force. Raises ``Refused`` without a settlement rule."""
        return cls(quarter, rule_in_force("settlement_rule", quarter.first), rates_of(quarter))


@dataclass(frozen=True)
class Computed:
    """What stands in ``settling``: the frozen facts as text with their hash, and sums in fen."""

    text: str
    lines: int
    blocked: int
    due_fen: int
    pay_fen: int
    terms: Sequence[Terms]
    rows: Sequence[Any]

    @property
    def sha256(self) -> str:
        """Hash of the frozen facts: equal facts, equal hash, equal lines."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def differs(self) -> str | None:
        """The first contract for which the plain rule comes to something else, in words; None when all agree."""
        return _differs(self.terms, self.rows)


def compute(row: Settlement) -> Computed:
    """Compute a township's quarter, the corrections of its closed ones, and what the bank sent back of them, from the facts of
    now. Writes nothing that stays.
    """
    terms = _terms(row)
    run(row.area_code, terms)
    db.session.execute(_ready(RETURNED), {"settlement": row.id})
    rows = db.session.execute(COMPUTED).all()
    return Computed(
        _frozen(terms, [found[-1] for found in rows]),
        len(rows),
        sum(1 for found in rows if found[4] is not None),
        sum(found[2] for found in rows),
        sum(found[3] for found in rows),
        terms,
        rows,
    )


def facts_sha256(row: Settlement) -> str:
    """The hash that ``compute`` would come to with the facts of now; amounts are not computed and nothing is written."""
    terms = _terms(row)
    facts = [text for each in _statements(row.area_code, terms, store=False) for text in db.session.scalars(*each)]
    facts += db.session.scalars(_ready(RETURNED_FACTS), {"settlement": row.id})
    return hashlib.sha256(_frozen(terms, facts).encode()).hexdigest()


def _terms(row: Settlement) -> list[Terms]:
    quarter = Quarter.parse(row.quarter)
    return [Terms.of(quarter), *(Terms.of(q) for q in _closed_before(row.area_code, quarter))]


def _frozen(terms: Sequence[Terms], facts: Sequence[str]) -> str:
    """The text that is hashed: a head, then the facts in the order of the lines."""
    head = {
        "record": "quarter",
        "quarter": str(terms[0].quarter),
        "rule": terms[0].policy.sha256,
        "pay_tables": [rate.pay_table_sha256 for rate in terms[0].rates],
    }
    return "\n".join([canonical_json(head), *facts, ""])


def run(area_code: str, terms: Sequence[Terms]) -> None:
    """Fill ``settling`` with the first of ``terms`` and with what the others, closed quarters, need of corrections."""
    connection = db.session.connection()
    if _there():
        connection.execute(delete(SETTLING))
    else:
        SETTLING.create(connection, checkfirst=False)
    for found, bound in _statements(area_code, terms, store=True):
        connection.execute(found, bound)


def _statements(area_code: str, terms: Sequence[Terms], *, store: bool) -> Iterator[tuple[TextClause, dict[str, str]]]:
    """The statement of each quarter with what is bound; the words know the area only where figures differ by it."""
    kind = db.session.connection().dialect.name
    bound = {"low": area_code, "high": area_code + ":"}  # codes are digits; ':' comes after '9'
    for place, one in enumerate(terms):
        rule, sha256 = Rule.from_body(one.policy.body), one.policy.sha256
        differ = any(rate.pay_table is not None and rate.pay_table.get("area") for rate in one.rates)
        where = area_code if differ else ""
        words = statement(kind, where, one.quarter, rule, one.rates, sha256, closed=place > 0, store=store)
        yield _ready(words), bound | ({"area": area_code} if place else {})


@lru_cache(maxsize=64)
def _ready(words: str) -> TextClause:
    """The statement with its bound values found; the same words serve every township with the same rules."""
    return text(words)


def _there() -> bool:
    """Whether this connection has the table already."""
    if db.session.connection().dialect.name == "postgresql":
        return db.session.scalar(text("SELECT to_regclass('pg_temp.settling')")) is not None
    return db.session.scalar(text("SELECT 1 FROM sqlite_temp_master WHERE name = 'settling'")) is not None


def store(row: Settlement, run: int, at: dt.datetime) -> None:
    """Copy what is computed into the lines of a settlement's ``run``, in one statement."""
    db.session.connection().execute(STORED, {"of_settlement": row.id, "of_run": run, "of_time": at})


def forget() -> None:
    """Empty ``settling``: facts of people stay no longer than they are needed."""
    db.session.execute(delete(SETTLING))


def asked(actor: Actor, quarter: str) -> Select[Settlement]:
    """Settlements of a quarter that a calculation of all has not come to yet."""
    return visible(actor).where(Settlement.quarter == quarter, Settlement.asked_at.is_not(None))


def calculation_under_way(actor: Actor) -> str | None:
    """The quarter of which townships wait to be calculated, or None."""
    query = visible(actor).with_only_columns(Settlement.quarter).where(Settlement.asked_at.is_not(None))
    return db.session.scalar(query.order_by(Settlement.quarter).limit(1))


def to_calculate(actor: Actor, quarter: str) -> int:
    """How many townships of a quarter can be calculated."""
    states = (SettlementState.OPEN, SettlementState.CALCULATED)
    query = (
        visible(actor)
        .with_only_columns(func.count())
        .where(Settlement.quarter == quarter, Settlement.state.in_(states))
    )
    return db.session.scalar(query.order_by(None)) or 0


def calculations(actor: Actor, quarter: str) -> list[Settlement]:
    """A quarter's settlements that can be calculated, were asked for, or are refused, township by township."""
    query = visible(actor).where(Settlement.quarter == quarter, Settlement.state.in_(RUNNING))
    return list(db.session.scalars(query.order_by(Settlement.area_code)).unique())


def _closed_before(area_code: str, quarter: Quarter) -> list[Quarter]:
    """Closed quarters whose late facts are corrected here: all of them, however old; none while an earlier settlement
    still carries its own corrections.
    """
    earlier = select(Settlement.quarter, Settlement.state).where(
        Settlement.area_code == area_code, Settlement.quarter < str(quarter)
    )
    rows = db.session.execute(earlier).all()
    if any(state in RUNNING for _q, state in rows):
        return []
    return sorted(Quarter.parse(q) for q, state in rows if state is SettlementState.CLOSED)


def _differs(terms: Sequence[Terms], rows: Sequence[Any]) -> str | None:
    """Prove every line by the plain rule, from the facts that are frozen."""
    settlers = {str(one.quarter): settler(one.quarter, one.policy, one.rates) for one in terms}
    for kind, quarter, due, pay, blocked, months, facts in rows:
        if kind == LineKind.RETURNED:
            continue  # no rule computes it: it was paid once and came back
        want = settlers[quarter].frozen(facts)
        if kind == LineKind.CORRECTION:
            was_due, was_pay = json.loads(facts)["posted"]
            want = (want[0] - was_due, want[1] - was_pay, *want[2:])
        if (due, pay, blocked, months) != want:
            return f"{json.loads(facts)['contract']}: {due}/{pay} {blocked}, {want[0]}/{want[1]} {want[2]}"
    return None
