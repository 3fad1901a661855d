"""What of a record a person may look at: head, signatures and photos; never the answers of a blind pair that is open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.core import audit
from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.operation import operation
from app.grading.queries import pairs
from app.grading.rules.pairing import PairState
from app.tablet.models import SyncRecord
from app.tablet.operations.records import UNKNOWN
from app.tablet.queries import evidence
from app.tablet.queries import records as stored
from app.tablet.rules import read

MAX_POINTS = 4000
"""Points of one signature that are drawn."""


@dataclass(frozen=True)
class Signature:
    """A handwritten signature as drawn on the glass: lines in the coordinates of a ``width`` × ``height`` picture."""

    role: str
    name: str
    width: int
    height: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """What stands on a record's page. ``closed``: its resident is being scored blind, so that nothing of it is shown."""

    closed: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    signatures: tuple[Signature, ...] = ()
    own: tuple[Any, ...] = ()


def shown(row: SyncRecord) -> Shown:
    """The parts of a record that a person may look at."""
    if row.resident_id is not None and not row.kind.startswith(("care_", "contract_")):
        pair = pairs.unsettled_pair(row.resident_id)
        if pair is not None and pair.state is PairState.OPEN:
            return Shown(closed=True)
    if row.kind == UNKNOWN:
        return Shown()
    content = read(row.text or "").content
    if row.kind == "attachment":
        return Shown(facts={name: content.get(name) for name in ("mime", "bytes", "taken_at", "of")})
    if row.kind == "care_day":
        return Shown(facts={name: content.get(name) for name in ("day", "correction")})
    if row.kind == "care_round":
        return Shown(facts={"day": content.get("day"), "residents": len(content.get("days") or ())})
    if row.kind == "care_handover":
        return Shown(signatures=tuple(_signatures(content.get("signatures"))))
    if row.kind == "contract_signature":
        return _contract(content)
    result = content.get("result")
    own = (result.get("total"), result.get("proposed_grade")) if isinstance(result, dict) else ()
    return Shown(
        facts={name: content.get(name) for name in ("assessed_on", "started_at", "finished_at", "instrument")},
        signatures=tuple(_signatures(content.get("signatures"))),
        own=own,
    )


def _contract(content: dict[str, Any]) -> Shown:
    """A signature given at a table: whose, of which contract, and those who signed beside it."""
    glass = {"width": GLASS[0], "height": GLASS[1]}
    others = [one for one in content.get("others") or [] if isinstance(one, dict)]
    drawn = [{"role": content.get("party"), "name": content.get("signer_name"), "strokes": content.get("strokes")}]
    return Shown(
        facts={name: content.get(name) for name in ("contract", "party", "signer_name", "identity")},
        signatures=tuple(_signatures([glass | _scaled(one) for one in [*drawn, *others]])),
    )


GLASS = (600, 200)
"""Places of handwriting are from 0 to 1; so large is the picture it is drawn into."""


def _scaled(one: dict[str, Any]) -> dict[str, Any]:
    strokes = one.get("strokes")
    lines = [
        [
            [p[0] * GLASS[0], p[1] * GLASS[1]]
            for p in line
            if isinstance(p, list) and len(p) == 4 and all(map(_number, p))
        ]
        for line in (strokes if isinstance(strokes, list) else [])
        if isinstance(line, list)
    ]
    return {"role": one.get("role"), "name": one.get("name"), "strokes": lines}


def _signatures(given: Any) -> list[Signature]:
    found: list[Signature] = []
    for one in given if isinstance(given, list) else []:
        if not isinstance(one, dict) or not isinstance(one.get("strokes"), list) or len(found) >= 5:
            continue
        width, height = (round(one[n]) if _number(one.get(n)) and one[n] > 0 else 400 for n in ("width", "height"))
        lines, points = [], 0
        for stroke in one["strokes"]:
            if not isinstance(stroke, list):
                continue
            places = [p[:2] for p in stroke if isinstance(p, list) and len(p) >= 2 and all(map(_number, p[:2]))]
            points += len(places)
            if places and points <= MAX_POINTS:
                lines.append(" ".join(f"{_within(x) * width:.0f},{_within(y) * height:.0f}" for x, y in places))
        role, name = (str(one.get(n) or "")[:80] for n in ("role", "name"))
        found.append(Signature(role, name, width, height, tuple(lines)))
    return found


def _within(share: float) -> float:
    """A place on the pad: x and y of a stroke are shares of its width and height (docs/rules/sync.md)."""
    return min(1.0, max(0.0, share))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**5


@dataclass(frozen=True)
class File:
    """An attachment: its kind and its bytes as base64."""

    mime: str
    data: str


@operation("record.look", permission="records.read")
def attachment(actor: Actor, record_id: int) -> File:
    """The photo or sound of an accepted attachment; the look is logged. Raises ``NotFound``."""
    row, last = stored.record(actor, record_id)
    if row.kind != "attachment" or last is None or last.verdict.value != "accepted" or shown(row).closed:
        raise NotFound
    return _file(row)


def _file(row: SyncRecord) -> File:
    if shown(row).closed:
        raise NotFound
    content = read(row.text or "").content
    audit.record("record.look", "sync_record", row.id)
    return File(content["mime"], content["data"])


@operation("record.look", permission="sheets.read")
def of_sheet(actor: Actor, record_id: int) -> File:
    """The same of a sheet that the actor may read; the look is logged. Raises ``NotFound``."""
    return _file(evidence.sheets_attachment(actor, record_id))


@operation("record.look", permission="checklist.read")
def of_day(actor: Actor, record_id: int) -> File:
    """The same of a day of care that the actor may read; the look is logged. Raises ``NotFound``."""
    return _file(evidence.days_attachment(actor, record_id))
