"""The text of the statement that settles a quarter: one ``INSERT … SELECT`` for SQLite and PostgreSQL.

It shares nothing with ``rules.settling`` but the rule's words (docs/rules/settlement.md): stays that touch are merged by window
functions, days are whole numbers since 2000-01-01, and amounts are rounded in whole numbers over the least common multiple of
the months' days. Figures of rules stand in the text as whole numbers and hashes; what comes from outside is bound.
"""

# ruff: noqa: S608  # the text is built of numbers, dates, hashes and names of our own; what comes from outside is bound
from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence

from app.contracts.rules.pay import GRADE_KEYS
from app.core.periods import Quarter
from app.settlement.rules.settling import Rates, Rule

EPOCH = dt.date(2000, 1, 1)
REASONS = {1: "no_grade", 2: "no_pay_table", 3: "no_standard", 4: "no_score"}
"""Why a line is blocked, as numbers; the same words as ``rules.settling.Blocked``."""
BOUND = re.compile(r":(?!(?:low|high|area|settlement)\b)")
"""A colon that does not begin a bound value: those of JSON."""
WAITING = "('open', 'assessed')"
"""States of an appeal under which the grade before goes on."""
COLUMNS = (
    "kind", "for_quarter", "contract_id", "caregiver_id", "payee_id", "resident_id", "due_fen", "pay_fen", "score", "ratio_bp", "blocked",
    "months", "rules", "facts",
)  # fmt: skip
"""What is computed of a contract: columns of ``settlement_line`` and its frozen facts, as canonical JSON."""


def statement(
    kind: str,
    area_code: str,
    quarter: Quarter,
    rule: Rule,
    rates: Sequence[Rates],
    rule_sha256: str,
    *,
    closed: bool,
    store: bool = True,
) -> str:
    """Compute every contract of ``quarter`` in the area :low … :high into the table ``settling``, on a database of ``kind``;
    ``area_code`` is that area, for the figures that hold there.

    ``closed``: a quarter that is closed; then only contracts whose money is another than what was posted in :area (bound as
    well) are written, with the difference. Without ``store`` the statement only reads the frozen facts, in order.
    """
    build = _Postgresql() if kind == "postgresql" else _Sqlite()
    parts = [
        *([_posted(quarter)] if closed else []),
        *_held(build, quarter, closed=closed),
        *_stays(build, quarter, rule, rates),
        *_grades(build, quarter, rates),
        *_amounts(area_code, quarter, rule, rates, closed=closed),
    ]
    chosen = "WHERE blocked = 0 AND (due <> was_due OR pay <> was_pay)" if closed else ""
    facts = _facts(quarter, rates, rule_sha256, closed=closed)
    if not store:  # no amount is needed but to see which contracts of a closed quarter changed
        source = f"rounded {chosen}" if closed else "counted"
        return BOUND.sub(r"\\:", f"WITH {', '.join(parts)} SELECT {facts} FROM {source} ORDER BY id")
    found = f"""
    INSERT INTO settling ({", ".join(COLUMNS)})
    WITH {", ".join(parts)}
    SELECT '{"correction" if closed else "quarter"}', '{quarter}', id, caregiver_id, payee_id, resident_id, due - was_due, pay - was_pay,
        score, ratio_bp, CASE blocked {" ".join(f"WHEN {n} THEN '{word}'" for n, word in REASONS.items())} END,
        {_months(rates)}, {_rules(rates, rule_sha256)}, {facts}
    FROM rounded {chosen}"""
    return BOUND.sub(r"\\:", found)


_RETURNED = BOUND.sub(
    r"\\:",
    """
    SELECT 'returned' AS kind, for_quarter, contract_id, caregiver_id, payee_id, resident_id, fen AS due_fen, fen AS pay_fen, NULL,
        NULL, NULL, '[]', '{}', '{"caregiver":' || CAST(caregiver_id AS TEXT) || ',"contract":' || CAST(contract_id AS TEXT)
        || ',"fen":' || CAST(fen AS TEXT) || coalesce(',"payee":' || CAST(payee_id AS TEXT), '') || ',"quarter":"' || for_quarter || '","record":"returned","resident":' || CAST(resident_id AS TEXT) || '}' AS facts
    FROM (SELECT l.for_quarter, l.contract_id, l.caregiver_id, l.payee_id, l.resident_id, sum(p.fen) AS fen
        FROM late_return x JOIN payment_line p ON p.payment_id = x.payment_id JOIN settlement_line l ON l.id = p.line_id
        WHERE x.settlement_id = :settlement
        GROUP BY l.for_quarter, l.contract_id, l.caregiver_id, l.payee_id, l.resident_id) y
    WHERE fen <> 0""",
)
"""What the bank sent back of closed quarters and :settlement pays again: a line for each contract and quarter."""
RETURNED = f"INSERT INTO settling ({', '.join(COLUMNS)}) {_RETURNED}"
RETURNED_FACTS = f"SELECT facts FROM ({_RETURNED}) z ORDER BY for_quarter, contract_id"


class _Sqlite:
    """How SQLite writes what the two databases write differently."""

    concat = "group_concat"

    def number(self, column: str) -> str:
        """A day as days since 2000-01-01."""
        return f"CAST(julianday({column}) - 2451544.5 AS INTEGER)"

    def day(self, value: dt.date) -> str:
        """A literal day."""
        return f"'{value}'"

    def text(self, column: str) -> str:
        """A day as ``2026-03-31``."""
        return column


class _Postgresql(_Sqlite):
    """How PostgreSQL writes it."""

    concat = "string_agg"

    def number(self, column: str) -> str:
        return f"({column} - DATE '2000-01-01')"

    def day(self, value: dt.date) -> str:
        return f"DATE '{value}'"

    def text(self, column: str) -> str:
        return f"to_char({column}, 'YYYY-MM-DD')"


def _posted(quarter: Quarter) -> str:
    """What the ledger holds for a closed quarter."""
    return f"""posted AS (
    SELECT l.contract_id, sum(l.due_fen) AS due, sum(l.pay_fen) AS pay
    FROM settlement_line l JOIN settlement s ON s.id = l.settlement_id AND s.run = l.run
    WHERE s.area_code = :area AND s.state IN ('approved', 'paying', 'reconciled', 'closed') AND l.for_quarter = '{quarter}'
        AND l.kind <> 'returned'
    GROUP BY l.contract_id)"""


def _days(rates: Sequence[Rates]) -> list[tuple[int, int, int]]:
    """(first, last, number of days) of each month, as days since 2000-01-01."""
    return [((r.month.first - EPOCH).days, (r.month.last - EPOCH).days, r.month.days) for r in rates]


def _held(build: _Sqlite, quarter: Quarter, *, closed: bool) -> list[str]:
    """Contracts with a day in the quarter, and those that money was posted for."""
    first, last = build.day(quarter.first), build.day(quarter.last)
    also = " OR {}id IN (SELECT contract_id FROM posted)" if closed else ""
    end = _least("c.valid_to", "coalesce(c.ended_on, c.valid_to)", "coalesce(r.ended_on, c.valid_to)")
    return [
        f"""span AS (
        SELECT c.id, c.caregiver_id, c.payee_id, c.resident_id, c.area_code, c.scorecard_sha256, c.in_force_from AS first_on,
            {end} AS last_on
        FROM contract c JOIN resident r ON r.id = c.resident_id
        WHERE c.area_code >= :low AND c.area_code < :high AND c.in_force_from IS NOT NULL
            AND (c.in_force_from <= {last} AND c.valid_to >= {first}{also.format("c.")}))""",
        f"""held AS MATERIALIZED (
        SELECT s.*, {build.number("first_on")} AS a, {build.number("last_on")} AS b, {build.text("first_on")} AS first_text,
            {build.text("last_on")} AS last_text
        FROM span s WHERE last_on >= {first} AND first_on <= last_on{also.format("")})""",
    ]


def _stays(build: _Sqlite, quarter: Quarter, rule: Rule, rates: Sequence[Rates]) -> list[str]:
    """Days away that are not paid, merged, and the stays as they are frozen."""
    last, number = (quarter.last - EPOCH).days, build.number
    free = f"CASE kind WHEN 'hospital' THEN {rule.hospital_free_days} ELSE {rule.leave_free_days} END"
    until = build.day(quarter.last)
    stay = f"""stay AS (
        SELECT s.resident_id, s.kind, {number("s.from_on")} AS a, coalesce({number("s.to_on")}, {last}) AS b, s.from_on, s.to_on
        FROM absence s WHERE s.from_on <= {until} AND s.resident_id IN (SELECT resident_id FROM held))"""
    rest = f"""rest AS (
        SELECT s.contract_id, {number("s.from_on")} AS a, coalesce({number("s.to_on")}, {last}) AS b, s.from_on, s.to_on
        FROM contract_suspension s WHERE s.from_on <= {until} AND s.contract_id IN (SELECT id FROM held))"""
    gone = f"""gone AS (
        SELECT h.id, n.a, n.b FROM held h JOIN (SELECT resident_id, a + {free} AS a, b FROM stays) n
            ON n.resident_id = h.resident_id AND n.a <= n.b
        UNION ALL SELECT contract_id, a, b FROM rest)"""
    counted = ", ".join(
        f"sum({_overlap('w.a', 'w.b', _greatest('h.a', str(a)), _least('h.b', str(b)))}) AS d{n}"
        for n, (a, b, _days_of) in enumerate(_days(rates))
    )
    days = f"away_days AS (SELECT h.id, {counted} FROM away w JOIN held h ON h.id = w.id GROUP BY h.id)"
    spans = _span(build, "from_on", "to_on")
    touches = f"CASE WHEN b >= {(quarter.first - EPOCH).days} THEN 1 ELSE 0 END"
    return [
        stay, rest,
        *_merged("stay", "resident_id, kind", "stays"),
        gone,
        *_merged("gone", "id", "away"),
        days,
        f"""stay_text AS (
        SELECT resident_id, max(CASE kind WHEN 'hospital' THEN spans END) AS hospital,
            max(CASE kind WHEN 'leave' THEN spans END) AS away_on_leave
        FROM ({_listed(build, "stay", "resident_id, kind", spans, touches)}) x WHERE touches = 1 GROUP BY resident_id)""",
        f"""rest_text AS (
        SELECT contract_id, max(spans) AS spans
        FROM ({_listed(build, "rest", "contract_id", spans, touches)}) x WHERE touches = 1 GROUP BY contract_id)""",
    ]  # fmt: skip


def _merged(source: str, owner: str, name: str) -> list[str]:
    """Spans of ``source`` in which those that touch or overlap are one, as a table ``name``."""
    order = f"PARTITION BY {owner} ORDER BY a, b ROWS"
    return [
        f"""{name}_begin AS (
        SELECT {owner}, a, b, CASE WHEN a <= 1 + max(b) OVER ({order} BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            THEN 0 ELSE 1 END AS begins FROM {source})""",
        f"{name}_part AS (SELECT {owner}, a, b, sum(begins) OVER ({order} UNBOUNDED PRECEDING) AS island FROM {name}_begin)",
        f"{name} AS (SELECT {owner}, min(a) AS a, max(b) AS b FROM {name}_part GROUP BY {owner}, island)",
    ]


def _listed(build: _Sqlite, source: str, owner: str, spans: str, touches: str) -> str:
    """All spans of an owner in order as one text, and whether one of them touches the quarter; on each of its rows."""
    return f"""
        SELECT {owner}, {build.concat}({spans}, ',') OVER w AS spans, max({touches}) OVER w AS touches FROM {source}
        WINDOW w AS (PARTITION BY {owner} ORDER BY a ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"""


def _span(build: _Sqlite, first: str, last: str, more: str = "") -> str:
    """``["2026-01-01",null]`` of two days."""
    end = f"""coalesce('"' || {build.text(last)} || '"', 'null')"""
    return f"""'["' || {build.text(first)} || '",' || {end} || {more}']'"""


def _grades(build: _Sqlite, quarter: Quarter, rates: Sequence[Rates]) -> list[str]:
    """Grades by which months are paid: under an appeal that waits the last one before it that does not, if there is any."""
    firsts = [build.day(rate.month.first) for rate in rates]
    held = ", ".join(
        f"max(CASE WHEN valid_from <= {day} AND (valid_to IS NULL OR valid_to >= {day}) THEN grade END) AS g{n}"
        for n, day in enumerate(firsts)
    )
    before = f"""
        SELECT CASE q.state WHEN 'changed' THEN coalesce(q.outcome_grade, e.grade) ELSE e.grade END
        FROM care_grade e LEFT JOIN grade_appeal q ON q.grade_id = e.id
        WHERE e.resident_id = g.resident_id AND e.valid_from < g.valid_from AND (q.state IS NULL OR q.state NOT IN {WAITING})
        ORDER BY e.valid_from DESC LIMIT 1"""
    whole = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
    return [
        f"""graded AS (
        SELECT g.resident_id, g.valid_from, g.valid_to, CASE WHEN p.state IS NULL THEN g.grade WHEN p.state IN {WAITING}
            THEN ({before}) WHEN p.state = 'changed' THEN coalesce(p.outcome_grade, g.grade) ELSE g.grade END AS grade
        FROM care_grade g LEFT JOIN grade_appeal p ON p.grade_id = g.id
        WHERE g.resident_id IN (SELECT resident_id FROM held) AND g.valid_from <= {build.day(quarter.last)}
            AND (g.valid_to IS NULL OR g.valid_to >= {build.day(quarter.first)}))""",
        "paid AS (SELECT * FROM graded WHERE grade IS NOT NULL)",
        f"""grade_text AS (
        SELECT resident_id, max(spans) AS spans, {held} FROM (
            SELECT resident_id, valid_from, valid_to, grade,
                {build.concat}({_span(build, "valid_from", "valid_to", "',' || CAST(grade AS TEXT) || ")}, ',')
                OVER (PARTITION BY resident_id ORDER BY valid_from {whole}) AS spans FROM paid) x
        GROUP BY resident_id)""",
    ]  # fmt: skip


def _amounts(area_code: str, quarter: Quarter, rule: Rule, rates: Sequence[Rates], *, closed: bool) -> list[str]:
    """Days, grade and figure of each month, their sum in whole parts of a day, the reason that blocks, and the rounded amounts.

    Each step is kept (MATERIALIZED): written out into the next one it would be computed many times.
    """
    zero = ", ".join(str(grade) for grade, key in GRADE_KEYS.items() if key in rule.zero_without_standard) or "-1"
    whole, months = math.lcm(*(rate.month.days for rate in rates)), list(enumerate(_days(rates)))
    days = ", ".join(
        f"CAST({_overlap('h.a', 'h.b', str(a), str(b))} - coalesce(d.d{n}, 0) AS BIGINT) AS n{n}, g.g{n}"
        for n, (a, b, _) in months
    )
    figures = ", ".join(
        f"CASE WHEN n{n} > 0 THEN {_figure(area_code, rate, f'g{n}')} END AS f{n}" for n, rate in enumerate(rates)
    )
    parts = " + ".join(f"coalesce(f{n}, 0) * n{n} * {whole // of_days}" for n, (_a, _b, of_days) in months)
    reasons = " ".join(
        f"WHEN n{n} > 0 AND g{n} IS NULL THEN 1 "
        + (
            f"WHEN n{n} > 0 THEN 2 "
            if rate.pay_table is None
            else f"WHEN n{n} > 0 AND f{n} IS NULL AND g{n} NOT IN ({zero}) THEN 3"
        )
        for n, rate in enumerate(rates)
    )
    was = "coalesce(p.due, 0) AS was_due, coalesce(p.pay, 0) AS was_pay" if closed else "0 AS was_due, 0 AS was_pay"
    joined = "LEFT JOIN posted p ON p.contract_id = h.id" if closed else ""
    return [
        f"""counted AS MATERIALIZED (
        SELECT h.*, {days}, CASE e.state WHEN 'confirmed' THEN e.id END AS evaluation,
            CASE e.state WHEN 'confirmed' THEN e.score END AS score, CASE e.state WHEN 'confirmed' THEN e.ratio_bp END AS ratio_bp,
            {was}, coalesce(g.spans, '') AS grades, coalesce(t.hospital, '') AS hospital,
            coalesce(t.away_on_leave, '') AS away_on_leave, coalesce(r.spans, '') AS suspensions
        FROM held h LEFT JOIN away_days d ON d.id = h.id LEFT JOIN grade_text g ON g.resident_id = h.resident_id
        LEFT JOIN stay_text t ON t.resident_id = h.resident_id LEFT JOIN rest_text r ON r.contract_id = h.id {joined}
        LEFT JOIN evaluation e ON e.id = (SELECT l.id FROM evaluation l WHERE l.contract_id = h.id AND l.quarter = '{quarter}'
            ORDER BY l.version DESC LIMIT 1))""",
        f"priced AS MATERIALIZED (SELECT c.*, {figures} FROM counted c)",
        f"summed AS MATERIALIZED (SELECT p.*, {parts} AS parts, CASE {reasons} ELSE 0 END AS reason FROM priced p)",
        """judged AS (
        SELECT s.*, CASE WHEN reason = 0 AND parts > 0 AND ratio_bp IS NULL THEN 4 ELSE reason END AS blocked FROM summed s)""",
        f"""rounded AS (
        SELECT j.*, CASE WHEN blocked = 0 THEN (2 * parts + {whole}) / {2 * whole} ELSE 0 END AS due,
            CASE WHEN blocked = 0 THEN (2 * parts * coalesce(ratio_bp, 0) + {10000 * whole}) / {20000 * whole} ELSE 0 END AS pay
        FROM judged j)""",
    ]  # fmt: skip


def _figure(area_code: str, rate: Rates, grade: str) -> str:
    """The month's figure of a grade: of the most exact area of the pay table that holds the contract, else the county's."""
    table = rate.pay_table or {}
    fitting = [("", table.get("monthly_fen", {}))]
    for area in table.get("area", []):
        code = str(area["code"])
        if re.fullmatch(r"\d+", code, re.ASCII) and (code.startswith(area_code) or area_code.startswith(code)):
            fitting.append((code, area.get("monthly_fen", {})))
    cases = [
        f"WHEN {grade} = {number} AND substr(area_code, 1, {len(code)}) = '{code}' THEN {int(figures[key])}"
        for code, figures in sorted(fitting, key=lambda x: -len(x[0]))
        for number, key in GRADE_KEYS.items()
        if key in figures
    ]
    return f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS BIGINT)"


def _months(rates: Sequence[Rates]) -> str:
    """The arithmetic of the months, as ``MonthDue.as_json`` writes it."""
    texts = [
        f"""'{{"base_fen":' || CAST(coalesce(f{n}, 0) AS TEXT) || ',"days":' || CAST(n{n} AS TEXT) || ',"grade":' """
        f"""|| {_number(f"g{n}")} || ',"month":"{rate.month}","of_days":{rate.month.days}}}'"""
        for n, rate in enumerate(rates)
    ]
    return f"""'[' || {" || ',' || ".join(texts)} || ']'"""


def _number(column: str) -> str:
    return f"coalesce(CAST({column} AS TEXT), 'null')"


SCORECARD = """coalesce('"' || scorecard_sha256 || '"', 'null')"""


def _json(value: str | None) -> str:
    return "null" if value is None else f'"{value}"'


def _rules(rates: Sequence[Rates], rule_sha256: str) -> str:
    """Which rules applied, as ``QuarterFacts.rules_json`` writes it."""
    tables = ",".join(f'"{rate.month}":{_json(rate.pay_table_sha256)}' for rate in rates)
    return (
        f"""'{{"evaluation":' || {_number("evaluation")} || ',"pay_tables":{{{tables}}},"scorecard":' || {SCORECARD} """
        f"""|| ',"settlement_rule":"{rule_sha256}"}}'"""
    )


def _facts(quarter: Quarter, rates: Sequence[Rates], rule_sha256: str, *, closed: bool) -> str:
    """The frozen record of a contract, as ``Facts.as_json`` writes it; of a closed quarter with its rules and what was posted."""
    tables = ",".join(_json(rate.pay_table_sha256) for rate in rates)
    payee = """coalesce(',"payee":' || CAST(payee_id AS TEXT), '')"""
    posted = (
        f""" || ',"pay_tables":[{tables}]' || {payee} || ',"posted":[' || CAST(was_due AS TEXT) || ',' || CAST(was_pay AS TEXT) || '],"quarter":"{quarter}"'"""
        if closed
        else f" || {payee}"
    )
    kind = "changed" if closed else "contract"
    rule = f',"rule":"{rule_sha256}"' if closed else ""
    return (
        f"""'{{"area":"' || area_code || '","caregiver":' || CAST(caregiver_id AS TEXT) || ',"contract":' || CAST(id AS TEXT) """
        f"""|| ',"days":["' || first_text || '","' || last_text || '"],"evaluation":' || {_number("evaluation")} """
        f"""|| ',"grades":[' || grades || '],"hospital":[' || hospital || '],"leave":[' || away_on_leave || ']'{posted} """
        f"""|| ',"ratio_bp":' || {_number("ratio_bp")} || ',"record":"{kind}","resident":' || CAST(resident_id AS TEXT) """
        f"""|| '{rule},"score":' || {_number("score")} || ',"scorecard":' || {SCORECARD} || ',"suspensions":[' || suspensions """
        """|| ']}'"""
    )


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
