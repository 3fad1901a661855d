"""The quarter computed a second time, by one set-based SQL statement: a witness of the plain rule, to the fen.

It shares nothing with ``rules.settling`` but the rule's words (docs/rules/settlement.md): it reads the tables by itself, merges
stays that touch by window functions, counts days as whole numbers, and rounds in whole numbers. It runs on SQLite and
PostgreSQL; amounts are fen. Figures of rules stand in the statement as literals made from whole numbers.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from app.contracts.rules.pay import GRADE_KEYS
from app.core.db import db
from app.core.periods import Quarter
from app.settlement.rules.settling import Rates, Rule

EPOCH = dt.date(2000, 1, 1)
BLOCKED = {0: None, 1: "no_grade", 2: "no_pay_table", 3: "no_standard", 4: "no_score"}

Witnessed = dict[int, tuple[int, int, str | None]]
"""contract → (due, pay, why it is blocked)."""


def witness(area_code: str, quarter: Quarter, rule: Rule, rates: Sequence[Rates]) -> Witnessed:
    """What every contract of a township's (or county's) quarter is owed, by one statement."""
    statement = _statement(db.session.get_bind().dialect.name, quarter, rule, rates)
    low, high = area_code, area_code + ":"  # codes are digits; ':' is the character after '9'
    rows = db.session.execute(text(statement), {"low": low, "high": high, "quarter": str(quarter)})
    return {row.id: (int(row.due), int(row.pay), BLOCKED[row.blocked]) for row in rows}


def _statement(kind: str, quarter: Quarter, rule: Rule, rates: Sequence[Rates]) -> str:
    def number(column: str) -> str:
        """A date column as days since 2000-01-01."""
        if kind == "postgresql":
            return f"({column} - DATE '2000-01-01')"
        return f"CAST(julianday({column}) - 2451544.5 AS INTEGER)"

    def day(value: dt.date) -> str:
        return f"DATE '{value}'" if kind == "postgresql" else f"'{value}'"

    first, last = (quarter.first - EPOCH).days, (quarter.last - EPOCH).days
    months = [((m.first - EPOCH).days, (m.last - EPOCH).days, m.days) for m in (r.month for r in rates)]
    whole = math.lcm(*(days for _first, _last, days in months))
    month_rows = ", ".join(
        f"({n}, {a}, {b}, {whole // days}, {day(rate.month.first)}, {int(rate.pay_table is not None)})"
        for n, ((a, b, days), rate) in enumerate(zip(months, rates, strict=True))
    )
    zero = [grade for grade, key in GRADE_KEYS.items() if key in rule.zero_without_standard]
    free = f"CASE kind WHEN 'hospital' THEN {rule.hospital_free_days} ELSE {rule.leave_free_days} END"
    return f"""
    WITH month(m, a, b, weight, first_day, has_table) AS (VALUES {month_rows}),
    figure(m, prefix, grade, fen) AS (VALUES {_figures(rates)}),
    span AS (
        SELECT c.id, c.resident_id, c.area_code, {number("c.in_force_from")} AS a,
            {
        _least(
            number("c.valid_to"),
            f"coalesce({number('c.ended_on')}, {number('c.valid_to')})",
            f"coalesce({number('r.ended_on')}, {number('c.valid_to')})",
        )
    } AS b
        FROM contract c JOIN resident r ON r.id = c.resident_id
        WHERE c.area_code >= :low AND c.area_code < :high AND c.in_force_from IS NOT NULL
            AND c.in_force_from <= {day(quarter.last)} AND c.valid_to >= {day(quarter.first)}),
    held AS (SELECT * FROM span WHERE b >= {first} AND a <= b),
    stay AS (
        SELECT s.resident_id, s.kind, {number("s.from_on")} AS a, coalesce({number("s.to_on")}, {last}) AS b
        FROM absence s WHERE s.from_on <= {day(quarter.last)} AND s.kind IN ('hospital', 'leave')
            AND s.resident_id IN (SELECT resident_id FROM held)),
    marked AS (
        SELECT *, CASE WHEN a <= 1 + max(b) OVER (PARTITION BY resident_id, kind ORDER BY a, b
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 0 ELSE 1 END AS begins FROM stay),
    numbered AS (
        SELECT *, sum(begins) OVER (PARTITION BY resident_id, kind ORDER BY a, b ROWS UNBOUNDED PRECEDING) AS island
        FROM marked),
    gone AS (
        SELECT h.id, n.a, n.b FROM held h JOIN (
            SELECT resident_id, min(a) + {free} AS a, max(b) AS b FROM numbered GROUP BY resident_id, kind, island) n
            ON n.resident_id = h.resident_id AND n.a <= n.b
        UNION ALL
        SELECT h.id, {number("s.from_on")}, coalesce({number("s.to_on")}, {last})
        FROM held h JOIN contract_suspension s ON s.contract_id = h.id AND s.from_on <= {day(quarter.last)}),
    gone_marked AS (
        SELECT *, CASE WHEN a <= 1 + max(b) OVER (PARTITION BY id ORDER BY a, b
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 0 ELSE 1 END AS begins FROM gone),
    gone_numbered AS (
        SELECT *, sum(begins) OVER (PARTITION BY id ORDER BY a, b ROWS UNBOUNDED PRECEDING) AS island FROM gone_marked),
    away AS (SELECT id, min(a) AS a, max(b) AS b FROM gone_numbered GROUP BY id, island),
    away_days AS (
        SELECT h.id, m.m, sum({_overlap("w.a", "w.b", _greatest("h.a", "m.a"), _least("h.b", "m.b"))}) AS days
        FROM away w JOIN held h ON h.id = w.id CROSS JOIN month m GROUP BY h.id, m.m),
    counted AS (
        SELECT h.id, h.resident_id, h.area_code, m.m, m.weight, m.first_day, m.has_table,
            {_overlap("h.a", "h.b", "m.a", "m.b")} - coalesce(d.days, 0) AS days
        FROM held h CROSS JOIN month m LEFT JOIN away_days d ON d.id = h.id AND d.m = m.m),
    graded AS (
        SELECT c.*, g.grade, (
            SELECT f.fen FROM figure f WHERE f.m = c.m AND f.grade = g.grade
                AND substr(c.area_code, 1, length(f.prefix)) = f.prefix ORDER BY length(f.prefix) DESC LIMIT 1) AS base
        FROM counted c LEFT JOIN care_grade g ON g.resident_id = c.resident_id AND g.valid_from <= c.first_day
            AND (g.valid_to IS NULL OR g.valid_to >= c.first_day)),
    summed AS (
        SELECT id, sum(CASE WHEN days > 0 THEN coalesce(base, 0) * days * weight ELSE 0 END) AS parts,
            min(CASE WHEN days <= 0 THEN NULL WHEN grade IS NULL THEN 10 * m + 1 WHEN has_table = 0 THEN 10 * m + 2
                WHEN base IS NULL AND grade NOT IN ({", ".join(map(str, zero)) or "-1"}) THEN 10 * m + 3 END) AS reason
        FROM graded GROUP BY id),
    judged AS (
        SELECT s.id, s.parts, e.ratio_bp, CASE WHEN s.reason IS NOT NULL THEN s.reason % 10
            WHEN s.parts > 0 AND e.ratio_bp IS NULL THEN 4 ELSE 0 END AS blocked
        FROM summed s LEFT JOIN evaluation e ON e.contract_id = s.id AND e.quarter = :quarter AND e.state = 'confirmed'
            AND NOT EXISTS (SELECT 1 FROM evaluation l WHERE l.contract_id = e.contract_id AND l.quarter = e.quarter
                AND l.version > e.version))
    SELECT id, blocked,
        CASE WHEN blocked = 0 THEN (2 * parts + {whole}) / {2 * whole} ELSE 0 END AS due,
        CASE WHEN blocked = 0 THEN (2 * parts * coalesce(ratio_bp, 0) + {whole * 10000}) / {
        2 * whole * 10000
    } ELSE 0 END AS pay
    FROM (SELECT id, blocked, CAST(parts AS BIGINT) AS parts, ratio_bp FROM judged) j"""  # noqa: S608  # numbers and dates of our own; what comes from outside is bound


def _least(*values: str) -> str:
    """The smallest of values none of which is NULL; ``least`` and ``min`` treat NULL differently on the two databases."""
    found = values[0]
    for value in values[1:]:
        found = f"(CASE WHEN {found} < {value} THEN {found} ELSE {value} END)"
    return found


def _greatest(one: str, other: str) -> str:
    return f"(CASE WHEN {one} > {other} THEN {one} ELSE {other} END)"


def _overlap(a: str, b: str, c: str, d: str) -> str:
    """Days that a … b and c … d share, both ends counted."""
    span = f"{_least(b, d)} - {_greatest(a, c)} + 1"
    return f"(CASE WHEN {span} > 0 THEN {span} ELSE 0 END)"


def _figures(rates: Sequence[Rates]) -> str:
    """(month, area prefix, grade, fen) of the pay tables; a row that fits nothing when there is none."""
    rows = []
    for n, rate in enumerate(rates):
        tables: list[tuple[str, Mapping[str, Any]]] = []
        if rate.pay_table is not None:
            tables = [("", rate.pay_table.get("monthly_fen", {}))]
            tables += [(str(a["code"]), a.get("monthly_fen", {})) for a in rate.pay_table.get("area", [])]
        for prefix, figures in tables:
            if not re.fullmatch(r"\d*", prefix, re.ASCII):
                continue  # a code that no area begins with
            rows += [f"({n}, '{prefix}', {g}, {int(figures[key])})" for g, key in GRADE_KEYS.items() if key in figures]
    return ", ".join(rows) or "(-1, '', -1, 0)"
