"""Double entry in whole fen: what is written when a line is approved and when it is paid, and how it is proved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

RETURNED = "returned"
"""Kind of a line that pays again what the bank sent back after the quarter was closed: the programme gave it out once."""
PROGRAMME, PAYABLE, PAID, WITHHELD, RECOVERED = "programme_funds", "payable", "paid", "withheld", "recovered"


@dataclass(frozen=True)
class Entry:
    """One side of a posting."""

    posting: str
    account: str
    amount_fen: int


def approval_key(settlement_id: int, contract_id: int, kind: str, for_quarter: str) -> str:
    """Key of the posting that makes a line payable; the same contract can never be made payable twice in a settlement."""
    return f"due/{settlement_id}/{contract_id}/{kind}/{for_quarter}"


def payment_key(line_id: int, attempt: int) -> str:
    """Key of the posting that pays a line in its n-th payment; the same payment is never posted twice."""
    return f"paid/{line_id}/{attempt}"


def return_key(line_id: int, attempt: int) -> str:
    """Key of the posting that takes a payment back which the bank returned."""
    return f"returned/{line_id}/{attempt}"


def _sides(posting: str, sides: Iterable[tuple[str, int]]) -> list[Entry]:
    return [Entry(posting, account, amount) for account, amount in sides if amount]


def approval(posting: str, *, due_fen: int, pay_fen: int, withheld_fen: int) -> list[Entry]:
    """Money leaves the programme's funds: what is to be paid becomes payable, what is not stays listed as withheld."""
    if due_fen != pay_fen + withheld_fen:
        raise ValueError("due is not pay plus withheld")
    return _sides(posting, ((PROGRAMME, -due_fen), (PAYABLE, pay_fen), (WITHHELD, withheld_fen)))


def payment(posting: str, pay_fen: int, *, recovered: bool = False) -> list[Entry]:
    """What was payable is paid; what was paid too much (a sum below 0) is ``recovered``."""
    return _sides(posting, ((PAYABLE, -pay_fen), (RECOVERED if recovered else PAID, pay_fen)))


def returned(posting: str, pay_fen: int) -> list[Entry]:
    """The bank sent the money back: it is payable again."""
    return _sides(posting, ((PAYABLE, pay_fen), (PAID, -pay_fen)))


def transfers(lines: Iterable[tuple[int, int]]) -> tuple[dict[int, int], dict[int, int]]:
    """One bank transfer for each payee from (payee, fen) of lines: (amounts to send, amounts to be recovered).

    Corrections are netted with what is due; who comes to nothing gets no transfer. Together they sum to the lines.
    """
    sums: dict[int, int] = defaultdict(int)
    for payee, fen in lines:
        sums[payee] += fen
    return {p: f for p, f in sums.items() if f > 0}, {p: -f for p, f in sums.items() if f < 0}


@dataclass(frozen=True)
class Finding:
    """Something that does not add up: where (a posting, a line, a settlement) and what, in words."""

    where: str
    problem: str

    def __str__(self) -> str:
        """One line for the command line."""
        return f"{self.where}: {self.problem}"


@dataclass(frozen=True)
class Move:
    """One payment of a line that came about: its number, whether the bank returned it later, whether it was a recovery."""

    attempt: int
    returned: bool = False
    recovered: bool = False


@dataclass(frozen=True)
class PostedLine:
    """A line as the ledger must show it, with the payments that came about. ``must_be_paid`` once all is reconciled."""

    line_id: int
    settlement_id: int
    contract_id: int
    kind: str
    for_quarter: str
    due_fen: int
    pay_fen: int
    withheld_fen: int
    must_be_paid: bool
    moves: Sequence[Move] = ()


def postings_of(line: PostedLine) -> dict[str, list[Entry]]:
    """Every posting that a line and its payments ask for, by key."""
    due = approval_key(line.settlement_id, line.contract_id, line.kind, line.for_quarter)
    if line.kind == RETURNED:
        found = {due: returned(due, line.pay_fen)}
    else:
        found = {due: approval(due, due_fen=line.due_fen, pay_fen=line.pay_fen, withheld_fen=line.withheld_fen)}
    for move in line.moves:
        key = payment_key(line.line_id, move.attempt)
        found[key] = payment(key, line.pay_fen, recovered=move.recovered)
        if move.returned:
            back = return_key(line.line_id, move.attempt)
            found[back] = returned(back, line.pay_fen)
    return found


def prove(lines: Iterable[PostedLine], entries: Iterable[Entry]) -> list[Finding]:
    """Compare the ledger with the approved lines and their payments: every posting sums to zero and stands as it is asked
    for, a line is paid at most once (and once when everything is reconciled), and nothing is posted that no line asks for.
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
        for key, sides in postings_of(line).items():
            asked.add(key)
            want = {side.account: side.amount_fen for side in sides}
            if book.get(key, {}) != want:
                words = f"{key}: ledger has {_words(book.get(key, {}))}, line says {_words(want)}"
                found.append(Finding(f"line {line.line_id}", words))
        stand = sum(not move.returned for move in line.moves)
        if stand > 1:
            found.append(Finding(f"line {line.line_id}", f"paid {stand} times"))
        if line.must_be_paid and line.pay_fen and not stand:
            found.append(Finding(f"line {line.line_id}", f"{line.pay_fen} fen were never paid"))
    found += [Finding(posting, "no approved line asks for this posting") for posting in book if posting not in asked]
    return found


def _words(sides: Mapping[str, int]) -> str:
    return ", ".join(f"{account} {amount}" for account, amount in sorted(sides.items())) or "nothing"
