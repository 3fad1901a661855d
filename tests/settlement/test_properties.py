"""Whatever the facts are: sums hold, running again adds nothing, order does not matter, nobody is paid twice or too much."""

from __future__ import annotations

import datetime as dt
import random
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.money import round_half_up, yuan_capitals
from app.core.periods import Quarter
from app.settlement.rules import comparing, posting
from app.settlement.rules.settling import Facts, Line, MonthDue, Rates, Rule, amounts, corrections, settle

QUARTER = Quarter.parse("2026-Q1")
TABLE = {"monthly_fen": {"half_care": 25900, "full_care": 51700}}
RULE = Rule(hospital_free_days=7, leave_free_days=7, zero_without_standard=frozenset({"self_care"}))
RATES = [Rates(month, TABLE, "0" * 64) for month in QUARTER.months]
RATIOS = st.sampled_from([0, 7000, 8500, 9500, 10000])
DAYS = st.integers(0, 89).map(lambda n: dt.date(2026, 1, 1) + dt.timedelta(days=n))


def facts(first: dt.date, last: dt.date, ratio: int | None = 10000, grade: int = 3, contract: int = 1) -> Facts:
    """One contract of the quarter without absences."""
    return Facts(
        contract_id=contract,
        caregiver_id=contract,
        resident_id=1,
        area_code="150422100200",
        first=first,
        last=last,
        grades=((dt.date(2025, 1, 1), None, grade),),
        ratio_bp=ratio,
    )


@given(st.lists(DAYS, max_size=6), RATIOS)
def test_however_many_caregivers_share_a_quarter_their_exact_parts_sum_to_the_whole(
    cuts: list[dt.date], ratio: int
) -> None:
    whole = settle(facts(QUARTER.first, QUARTER.last, ratio), RATES, RULE)
    edges = sorted({QUARTER.first, *cuts})
    ends = [*[d - dt.timedelta(days=1) for d in edges[1:]], QUARTER.last]
    parts = [
        settle(facts(first, last, ratio, contract=n), RATES, RULE)
        for n, (first, last) in enumerate(zip(edges, ends, strict=True))
    ]
    exact = sum((m.due for part in parts for m in part.months), Fraction(0))
    assert exact == sum((m.due for m in whole.months), Fraction(0))
    assert abs(sum(p.pay_fen for p in parts) - whole.pay_fen) <= len(parts), "at most one rounding each"


@given(DAYS, DAYS, RATIOS, st.sampled_from([1, 2, 3]))
def test_due_is_pay_plus_withheld_and_never_more_than_the_full_quarter(
    a: dt.date, b: dt.date, ratio: int, grade: int
) -> None:
    first, last = sorted((a, b))
    result = settle(facts(first, last, ratio, grade), RATES, RULE)
    assert result.blocked is None
    assert result.due_fen == result.pay_fen + result.withheld_fen
    assert 0 <= result.pay_fen <= result.due_fen <= 3 * 51700
    exact = sum((m.due for m in result.months), Fraction(0)) * Fraction(ratio, 10000)
    assert result.pay_fen == round_half_up(exact), "rounded once, at the end"


@given(DAYS, DAYS)
def test_without_a_confirmed_score_nothing_is_paid(a: dt.date, b: dt.date) -> None:
    first, last = sorted((a, b))
    result = settle(facts(first, last, None), RATES, RULE)
    assert result.blocked is not None
    assert (result.due_fen, result.pay_fen, result.withheld_fen) == (0, 0, 0)


LINES = st.lists(
    st.builds(
        Line,
        st.integers(1, 4),
        st.sampled_from(["2025-Q4", "2026-Q1"]),
        st.sampled_from(["due", "pay"]),
        st.integers(-200_000, 200_000),
    ),
    max_size=12,
)


@given(LINES, LINES, st.randoms())
def test_corrections_come_once_and_in_any_order(due: list[Line], posted: list[Line], shuffle: random.Random) -> None:
    found = corrections(due, posted)
    assert corrections(due, [*posted, *found]) == [], "running again adds nothing"
    shuffle.shuffle(due)
    shuffle.shuffle(posted)
    assert corrections(due, posted) == found
    assert sum(x.amount for x in found) == sum(x.amount for x in due) - sum(x.amount for x in posted)


MONTHS = st.builds(
    lambda base, days: MonthDue("2026-01", 3, base, days, 31),
    st.sampled_from([0, 25900, 51700, 56900]),
    st.integers(0, 31),
)
SHAPES = st.builds(
    lambda months, ratio: comparing.Shape(months, ratio, amounts(months, ratio).pay_fen, None),
    st.lists(MONTHS, min_size=3, max_size=3),
    RATIOS,
)


@given(SHAPES | st.none(), SHAPES | st.none())
@settings(max_examples=300)
def test_the_causes_of_a_difference_always_sum_to_it(
    before: comparing.Shape | None, after: comparing.Shape | None
) -> None:
    steps = comparing.explain(before, after)
    difference = (after.pay_fen if after else 0) - (before.pay_fen if before else 0)
    assert sum(s.fen for s in steps) == difference


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(-100_000, 200_000)), max_size=20), st.randoms())
def test_one_transfer_for_each_caregiver_and_together_they_are_the_lines(
    lines: list[tuple[int, int]], shuffle: random.Random
) -> None:
    send, recover = posting.transfers(lines)
    assert not set(send) & set(recover)
    assert all(fen > 0 for fen in (*send.values(), *recover.values()))
    assert sum(send.values()) - sum(recover.values()) == sum(fen for _c, fen in lines)
    shuffle.shuffle(lines)
    assert posting.transfers(lines) == (send, recover)


@st.composite
def books(draw: st.DrawFn) -> tuple[list[posting.PostedLine], list[posting.Entry]]:
    """A settlement that was approved and paid, with its ledger."""
    lines, entries = [], []
    for n in range(1, draw(st.integers(1, 5)) + 1):
        due = draw(st.integers(-50_000, 155_100))
        pay = round_half_up(Fraction(due * draw(RATIOS), 10000))
        line = posting.PostedLine(
            n, 1, n, "quarter", "2026-Q1", due, pay, due - pay, must_be_paid=True, moves=(posting.Move(1),)
        )
        lines.append(line)
        key = posting.approval_key(1, n, "quarter", "2026-Q1")
        entries += posting.approval(key, due_fen=due, pay_fen=pay, withheld_fen=due - pay)
        entries += posting.payment(posting.payment_key(n, 1), pay)
    return lines, entries


@given(books())
def test_an_honest_ledger_sums_to_zero_and_proves_itself(
    made: tuple[list[posting.PostedLine], list[posting.Entry]],
) -> None:
    lines, entries = made
    assert sum(e.amount_fen for e in entries) == 0
    assert posting.prove(lines, entries) == []


@given(books(), st.data())
def test_one_changed_missing_or_doubled_entry_is_found(
    made: tuple[list[posting.PostedLine], list[posting.Entry]], data: st.DataObject
) -> None:
    lines, entries = made
    if not entries:
        return
    place = data.draw(st.integers(0, len(entries) - 1))
    entry = entries[place]
    changed = {
        "changed": [
            *entries[:place],
            posting.Entry(entry.posting, entry.account, entry.amount_fen + 1),
            *entries[place + 1 :],
        ],
        "missing": [*entries[:place], *entries[place + 1 :]],
        "doubled": [*entries, entry],
        "foreign": [*entries, posting.Entry("due/9/9/quarter/2026-Q1", posting.PAYABLE, 1)],
    }[data.draw(st.sampled_from(["changed", "missing", "doubled", "foreign"]))]
    assert posting.prove(lines, changed)


@given(st.integers(0, 10**9))
def test_capitals_name_every_digit_of_the_amount(fen: int) -> None:
    text = yuan_capitals(fen)
    assert text.endswith(("整", "分"))
    digits = [d for d in str(fen) if d != "0"]
    spoken = [str("零壹贰叁肆伍陆柒捌玖".index(c)) for c in text if c in "壹贰叁肆伍陆柒捌玖"]
    assert spoken == digits
