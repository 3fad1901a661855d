"""Double entry in whole fen: what is written when a line is approved and when it is paid, and how it is proved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PROGRAMME, PAYABLE, PAID, WITHHELD = "programme_funds", "payable", "paid", "withheld"


@dataclass(frozen=True)
class Entry:
    """One side of a posting."""

    posting: str
    account: str
    amount_fen: int


def approval_key(settlement_id: int, contract_id: int, kind: str, for_quarter: str) -> str:
    """Key of the posting that makes a line payable; the same contract can never be made payable twice in a settlement."""
    return f"due/{settlement_id}/{contract_id}/{kind}/{for_quarter}"


def payment_key(line_id: int) -> str:
    """Key of the posting that pays a line; a line can never be paid twice."""
    return f"paid/{line_id}"


def _sides(posting: str, sides: Iterable[tuple[str, int]]) -> list[Entry]:
    return [Entry(posting, account, amount) for account, amount in sides if amount]


def approval(posting: str, *, due_fen: int, pay_fen: int, withheld_fen: int) -> list[Entry]:
    """Money leaves the programme's funds: what is to be paid becomes payable, what is not stays listed as withheld."""
    if due_fen != pay_fen + withheld_fen:
        raise ValueError("due is not pay plus withheld")
    return _sides(posting, ((PROGRAMME, -due_fen), (PAYABLE, pay_fen), (WITHHELD, withheld_fen)))


def payment(posting: str, pay_fen: int) -> list[Entry]:
    """What was payable is paid."""
    return _sides(posting, ((PAYABLE, -pay_fen), (PAID, pay_fen)))


def transfers(lines: Iterable[tuple[int, int]]) -> tuple[dict[int, int], dict[int, int]]:
    """One bank transfer for each caregiver from (caregiver, fen) of lines: (amounts to send, amounts to be recovered).

    Corrections are netted with what is due; who comes to nothing gets no transfer. Together they sum to the lines.
    """
    sums: dict[int, int] = defaultdict(int)
    for caregiver_id, fen in lines:
        sums[caregiver_id] += fen
    return {c: f for c, f in sums.items() if f > 0}, {c: -f for c, f in sums.items() if f < 0}


@dataclass(frozen=True)
class Finding:
    """Something that does not add up: where (a posting, a line, a settlement) and what, in words."""

    where: str
    problem: str

    def __str__(self) -> str:
        """One line for the command line."""
        return f"{self.where}: {self.problem}"


@dataclass(frozen=True)
class PostedLine:
    """A line as the ledger must show it. ``must_be_paid`` once the settlement is paid; ``posted`` once it is approved."""

    line_id: int
    settlement_id: int
    contract_id: int
    kind: str
    for_quarter: str
    due_fen: int
    pay_fen: int
    withheld_fen: int
    must_be_paid: bool


def prove(lines: Iterable[PostedLine], entries: Iterable[Entry]) -> list[Finding]:
    """Compare the ledger with the approved lines: every posting sums to zero, every line is posted once as it stands, is
    paid at most once and in full, and nothing is posted that no line asks for.
    """
    book: dict[str, dict[str, int]] = defaultdict(dict)
    found: list[Finding] = []
    for entry in entries:
        if entry.account in book[entry.posting]:
            found.append(Finding(entry.posting, f"account {entry.account} stands twice"))
        book[entry.posting][entry.account] = book[entry.posting].get(entry.account, 0) + entry.amount_fen
    found += [Finding(p, f"sides sum to {sum(a.values())} fen, not 0") for p, a in book.items() if sum(a.values())]
    asked: set[str] = set()
    for line in lines:
        key = approval_key(line.settlement_id, line.contract_id, line.kind, line.for_quarter)
        want = {
            e.account: e.amount_fen
            for e in approval(key, due_fen=line.due_fen, pay_fen=line.pay_fen, withheld_fen=line.withheld_fen)
        }
        asked.add(key)
        if book.get(key, {}) != want:
            found.append(
                Finding(f"line {line.line_id}", f"ledger has {_words(book.get(key, {}))}, line says {_words(want)}")
            )
        paid_key = payment_key(line.line_id)
        asked.add(paid_key)
        paid = book.get(paid_key, {})
        should = {e.account: e.amount_fen for e in payment(paid_key, line.pay_fen)}
        if (paid or line.must_be_paid) and paid != should:
            found.append(Finding(f"line {line.line_id}", f"paid {_words(paid)}, line says {_words(should)}"))
    found += [Finding(posting, "no approved line asks for this posting") for posting in book if posting not in asked]
    return found


def _words(sides: Mapping[str, int]) -> str:
    return ", ".join(f"{account} {amount}" for account, amount in sorted(sides.items())) or "nothing"
