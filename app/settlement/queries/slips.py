"""Slips: what one payee is paid in one settlement, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from app.core.actor import Actor
from app.core.db import db
from app.core.errors import NotFound
from app.core.rulebook import rule_by_sha
from app.people.models import Caregiver
from app.settlement.models import (
    Evaluation,
    Payee,
    Payment,
    PaymentOrder,
    PaymentState,
    Settlement,
    SettlementLine,
    payee_key,
)
from app.settlement.queries.objections import Objection, objections_to
from app.settlement.queries.proof import paid_lines
from app.settlement.queries.visibility import lines, visible_lines
from app.settlement.rules.scoring import Records, score
from app.settlement.rules.settling import MonthDue, months_from_json

PAYEE = payee_key(SettlementLine.payee_id, SettlementLine.caregiver_id)
"""Whom a line's money goes to."""


@dataclass(frozen=True)
class Deduction:
    """Points lost on one line of the scorecard: maximum and points, and why people gave less (if they scored it)."""

    line: str
    zh: str
    en: str
    maximum: int
    points: float
    reason: str


@dataclass(frozen=True)
class SlipLine:
    """One line of a slip: the line, its arithmetic, its evaluation with what was deducted, and objections to it."""

    line: SettlementLine
    months: Sequence[MonthDue]
    evaluation: Evaluation | None
    band: dict[str, Any] | None
    deductions: Sequence[Deduction]
    objections: Sequence[Objection]
    paid: bool

    @property
    def disputed(self) -> bool:
        """Whether an objection is still open."""
        return any(x.open for x in self.objections)

    @property
    def held(self) -> bool:
        """Whether money of this line waits for the answer to an objection."""
        return self.disputed and not self.paid and self.line.pay_fen != 0


@dataclass(frozen=True)
class Slip:
    """All lines of one payee in one settlement, with sums in fen. ``sent_back`` is what the bank said when it did not book
    the newest payment (empty when it gave no reason); None when it did, or was not asked yet.
    """

    settlement: Settlement
    payee: Payee
    lines: Sequence[SlipLine]
    sent_back: str | None = None

    @property
    def due_fen(self) -> int:
        """Before the quality ratio."""
        return sum(x.line.due_fen for x in self.lines)

    @property
    def pay_fen(self) -> int:
        """What is paid."""
        return sum(x.line.pay_fen for x in self.lines)

    @property
    def withheld_fen(self) -> int:
        """What stays in the programme."""
        return sum(x.line.withheld_fen for x in self.lines)

    @property
    def held_fen(self) -> int:
        """What of it waits for the answer to an objection."""
        return sum(x.line.pay_fen for x in self.lines if x.held)

    @property
    def paid_fen(self) -> int:
        """What of it was paid."""
        return sum(x.line.pay_fen for x in self.lines if x.paid)

    @property
    def rest_paid(self) -> bool:
        """Whether every line that waits for no answer was paid."""
        return all(x.paid for x in self.lines if x.line.pay_fen and not x.held)

    @property
    def paid(self) -> bool:
        """Whether every line with money was paid."""
        return all(x.paid for x in self.lines if x.line.pay_fen)


def slips(actor: Actor, **filters: Any) -> Select[SettlementLine]:
    """One line per slip (a payee in a settlement), as filtered by ``lines``; the first line stands for the slip."""
    inner = lines(actor, **filters).with_only_columns(func.min(SettlementLine.id)).order_by(None)
    inner = inner.group_by(SettlementLine.settlement_id, PAYEE)
    return select(SettlementLine).where(SettlementLine.id.in_(inner))


def sums_of(actor: Actor, shown: Sequence[SettlementLine]) -> dict[tuple[int, int], tuple[int, int, int]]:
    """(settlement, payee) → (lines, pay, withheld) of the slips on a page."""
    rows = db.session.execute(
        visible_lines(actor)
        .with_only_columns(
            SettlementLine.settlement_id,
            PAYEE,
            func.count(),
            func.sum(SettlementLine.pay_fen),
            func.sum(SettlementLine.withheld_fen),
        )
        .where(
            SettlementLine.settlement_id.in_({x.settlement_id for x in shown}),
            SettlementLine.caregiver_id.in_({x.caregiver_id for x in shown if x.payee_id is None})
            | SettlementLine.payee_id.in_({x.payee_id for x in shown}),
        )
        .group_by(SettlementLine.settlement_id, PAYEE)
    )
    return {(s, c): (int(n), int(pay), int(withheld)) for s, c, n, pay, withheld in rows}


def slip(actor: Actor, settlement_id: int, payee: int) -> Slip:
    """One visible slip, by ``Payee.key``. Raises ``NotFound``."""
    found = slips_of(actor, settlement_id, [payee])
    if not found:
        raise NotFound
    return found[0]


def payees_of(actor: Actor, settlement_id: int) -> list[int]:
    """Who has a slip in a settlement that the actor may see (``Payee.key``), in the order in which they are printed: caregivers by
    their numbers, then institutions.
    """
    of = visible_lines(actor).where(SettlementLine.settlement_id == settlement_id)
    people = of.with_only_columns(SettlementLine.caregiver_id, Caregiver.number).distinct()
    people = people.join(Caregiver, Caregiver.id == SettlementLine.caregiver_id).where(
        SettlementLine.payee_id.is_(None)
    )
    houses = of.with_only_columns(SettlementLine.payee_id).distinct().where(SettlementLine.payee_id.is_not(None))
    found = [caregiver_id for caregiver_id, _number in db.session.execute(people.order_by(Caregiver.number))]
    return found + [-house for house in db.session.scalars(houses.order_by(SettlementLine.payee_id)) if house]


def slips_of(actor: Actor, settlement_id: int, payees: Collection[int]) -> list[Slip]:
    """Visible slips of some payees (``Payee.key``), by their numbers; read together."""
    query = visible_lines(actor).where(SettlementLine.settlement_id == settlement_id, PAYEE.in_(payees))
    rows = list(db.session.scalars(query.order_by(SettlementLine.id)).unique())
    paid = paid_lines(settlement_id) if rows else {}
    wanted = {row.rules.get("evaluation") for row in rows} - {None}
    evaluations = {e.id: e for e in db.session.scalars(select(Evaluation).where(Evaluation.id.in_(wanted))).unique()}
    cards, objections = cards_of(evaluations.values()), objections_to(rows)
    found: dict[int, list[SlipLine]] = defaultdict(list)
    for row in rows:
        evaluation = evaluations.get(row.rules.get("evaluation") or 0)
        found[row.payee.key].append(
            SlipLine(
                row,
                months_from_json(row.months),
                evaluation,
                band(evaluation, cards),
                deductions(evaluation, cards),
                objections.get(row.id, ()),
                row.id in paid,
            )
        )
    back = _sent_back(settlement_id, found)
    made = [Slip(own[0].line.settlement, own[0].line.payee, own, back.get(who)) for who, own in found.items()]
    return sorted(made, key=lambda x: x.payee.number)


def _sent_back(settlement_id: int, payees: Collection[int]) -> dict[int, str]:
    """Payees whose newest payment of a settlement the bank refused or returned, with its reason."""
    key = payee_key(Payment.payee_id, Payment.caregiver_id)
    query = (
        select(key, Payment.state, Payment.reason)
        .join(PaymentOrder, PaymentOrder.id == Payment.order_id)
        .where(PaymentOrder.settlement_id == settlement_id, key.in_(payees))
    )
    newest = {who: (state, reason) for who, state, reason in db.session.execute(query.order_by(Payment.id))}
    refused = (PaymentState.FAILED, PaymentState.RETURNED)
    return {who: reason or "" for who, (state, reason) in newest.items() if state in refused}


def card_of(evaluation: Evaluation) -> dict[str, Any]:
    """The scorecard an evaluation uses: the version its contract names."""
    return rule_by_sha("scorecard", evaluation.scorecard_sha256).body


def cards_of(evaluations: Iterable[Evaluation]) -> dict[str, dict[str, Any]]:
    """The scorecards of many evaluations by their hash, each read once."""
    return {sha: rule_by_sha("scorecard", sha).body for sha in {row.scorecard_sha256 for row in evaluations}}


def band(evaluation: Evaluation | None, cards: Mapping[str, dict[str, Any]] | None = None) -> dict[str, Any] | None:
    """The band of a scored evaluation, with its words and action; of many with ``cards_of`` them."""
    if evaluation is None or evaluation.band is None:
        return None
    card = cards[evaluation.scorecard_sha256] if cards is not None else card_of(evaluation)
    return next((b for b in card["band"] if b["id"] == evaluation.band), None)


def deductions(evaluation: Evaluation | None, cards: Mapping[str, dict[str, Any]] | None = None) -> list[Deduction]:
    """Lines of the scorecard on which points were lost, largest loss first."""
    if evaluation is None or evaluation.score is None:
        return []
    card = cards[evaluation.scorecard_sha256] if cards is not None else card_of(evaluation)
    given = evaluation.parts.get("given", {})
    result = score(
        card, Records.from_json(evaluation.parts.get("records", {})), {k: v["points"] for k, v in given.items()}
    )
    words = {line["id"]: line for line in card["line"]}
    lost = [
        Deduction(
            x.id,
            words[x.id]["zh"],
            words[x.id]["en"],
            x.maximum,
            float(x.points),
            str(given.get(x.id, {}).get("reason", "")),
        )
        for x in result.lines
        if x.points is not None and x.points < x.maximum
    ]
    return sorted(lost, key=lambda d: d.points - d.maximum)
