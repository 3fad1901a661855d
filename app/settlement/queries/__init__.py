"""Reading the quarter; every list starts from what the actor may see."""

from __future__ import annotations

from pathlib import Path

from app.core import rulebook
from app.settlement.queries.approving import approvals, approvers_needed, possible_approvers
from app.settlement.queries.archive import Archive, archive, archive_of, frozen_inputs, packed, seal
from app.settlement.queries.comparison import Difference, by_cause, differences, previous
from app.settlement.queries.facts import Inputs, QuarterFacts, contract_facts, rates_of, township_facts, township_inputs
from app.settlement.queries.listing import (
    count_of,
    disputes,
    evaluations_of,
    line_quarters,
    names,
    people_of,
    recent_evaluations,
)
from app.settlement.queries.paying import last_import, lines_of_payments, moves, orders, payments, to_repair
from app.settlement.queries.proof import noted_heads, paid_lines, verify_ledger
from app.settlement.queries.readiness import Point, readiness
from app.settlement.queries.records import gather
from app.settlement.queries.sampling import checks, draw_file, draw_of
from app.settlement.queries.slips import Slip, band, card_of, deductions, objection_until, slip, slips, sums_of
from app.settlement.queries.totals import (
    Totals,
    ledger,
    ledger_totals,
    line_totals,
    listed,
    names_of,
    overview,
    quarters,
    settlements,
    townships,
)
from app.settlement.queries.visibility import (
    SETTLED,
    current_lines,
    dispute,
    disputes_of,
    evaluation,
    evaluations,
    latest,
    line,
    lines,
    settlement,
    versions,
    visible,
    visible_disputes,
    visible_evaluations,
    visible_ledger,
    visible_lines,
)
from app.settlement.queries.what_if import Effect, budget, calculated_quarters, candidates, what_if
from app.settlement.queries.witness import Witnessed, witness

rulebook.ship(Path(__file__).parent.parent / "policies")

__all__ = [
    "SETTLED",
    "Archive",
    "Difference",
    "Effect",
    "Inputs",
    "Point",
    "QuarterFacts",
    "Slip",
    "Totals",
    "Witnessed",
    "approvals",
    "approvers_needed",
    "archive",
    "archive_of",
    "band",
    "budget",
    "by_cause",
    "calculated_quarters",
    "candidates",
    "card_of",
    "checks",
    "contract_facts",
    "count_of",
    "current_lines",
    "deductions",
    "differences",
    "dispute",
    "disputes",
    "disputes_of",
    "draw_file",
    "draw_of",
    "evaluation",
    "evaluations",
    "evaluations_of",
    "frozen_inputs",
    "gather",
    "last_import",
    "latest",
    "ledger",
    "ledger_totals",
    "line",
    "line_quarters",
    "line_totals",
    "lines",
    "lines_of_payments",
    "listed",
    "moves",
    "names",
    "names_of",
    "noted_heads",
    "objection_until",
    "orders",
    "overview",
    "packed",
    "paid_lines",
    "payments",
    "people_of",
    "possible_approvers",
    "previous",
    "quarters",
    "rates_of",
    "readiness",
    "recent_evaluations",
    "seal",
    "settlement",
    "settlements",
    "slip",
    "slips",
    "sums_of",
    "to_repair",
    "township_facts",
    "township_inputs",
    "townships",
    "verify_ledger",
    "versions",
    "visible",
    "visible_disputes",
    "visible_evaluations",
    "visible_ledger",
    "visible_lines",
    "what_if",
    "witness",
]  # fmt: skip
