"""Draw the spot checks of a quarter again: ``python3 -I draw_spot_checks.py FILE``. One file, standard library only.

The seed was committed by its SHA-256 before the list of contracts was frozen, so nobody could choose who is checked. For each
township and institution the contracts with the smallest SHA-256 of "seed contract" are drawn: a tenth, rounded up, at least one.
Exit code 0: commitment, list and draw agree; 1: they do not. 用法：python3 -I draw_spot_checks.py 抽签文件（退出码 0 一致，1 不一致）。
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

SHARE = 10
"""One of so many contracts of each township and institution, rounded up: at least ten percent."""
Member = tuple[int, str, int]
"""(contract, township code, institution)."""


def sha(text: str) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def frame_text(frame: Iterable[Sequence[Any]]) -> str:
    """The one text of a frozen list, whose hash is published."""
    return "".join(
        f"{contract} {township} {institution}\n" for contract, township, institution in sorted(map(tuple, frame))
    )


def draw(frame: Iterable[Sequence[Any]], seed: str) -> list[int]:
    """Contracts to check, by number: at least a tenth of each township and institution."""
    strata: dict[tuple[str, int], list[int]] = {}
    for contract, township, institution in frame:
        strata.setdefault((township, institution), []).append(contract)
    drawn: list[int] = []
    for contracts in strata.values():
        order = sorted(contracts, key=lambda c: sha(f"{seed} {c}"))
        drawn += order[: -(-len(order) // SHARE)]
    return sorted(drawn)


def problems(data: dict[str, Any]) -> list[str]:
    """What of a draw does not agree, in words."""
    found = []
    if sha(data["seed"]) != data["commitment"]:
        found.append("the seed is not the one that was committed")
    if sha(frame_text(data["frame"])) != data["frame_sha256"]:
        found.append("the list of contracts is not the one that was frozen")
    again = draw(data["frame"], data["seed"])
    found += [f"contract {c} was drawn and should not be" for c in sorted(set(data["drawn"]) - set(again))]
    found += [f"contract {c} should be drawn and was not" for c in sorted(set(again) - set(data["drawn"]))]
    return found


def main(arguments: list[str]) -> int:
    """Check the file named in ``arguments``; 0 when everything agrees, else 1."""
    try:
        data = json.loads(Path(arguments[0]).read_text("utf-8"))
        found = problems(data)
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        sys.stdout.write(f"cannot be read: {error!r}\n")
        return 1
    for problem in found:
        sys.stdout.write(f"{problem}\n")
    words = f"{data['quarter']}: {len(data['drawn'])} of {len(data['frame'])} contracts, seed {data['seed']}"
    sys.stdout.write(f"NOT PROVED: {len(found)} findings\n" if found else f"PROVED: {words}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
