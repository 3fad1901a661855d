"""What residents give into keeping, and what becomes of it (ISO 9001 8.5.3: loss and damage are reported)."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Refused
from app.core.money import parse_yuan
from app.core.operation import operation
from app.lodging import queries
from app.lodging.models import Belonging, BelongingKind
from app.lodging.rules import NEXT, Kept
from app.people import queries as people
from app.people.models import Setting
from app.places.entries import Entries

AGREED = frozenset({BelongingKind.MONEY, BelongingKind.BANK_BOOK})


@operation("belonging.receive", permission="belongings.write")
def receive_belonging(actor: Actor, /, resident_id: int, **given: Any) -> Belonging:
    """Put something of a resident's on the register (kind, what, quantity, value in yuan, place, paper, received_on,
    given_by, witness).

    Raises ``NotFound``, ``Refused`` for who lives at home, ``Invalid`` naming every wrong field.
    """
    resident = people.resident(actor, resident_id, lock=True)
    if resident.setting is not Setting.INSTITUTIONAL:
        raise Refused(gettext("The register is for residents of an institution."))
    entries = Entries(given)
    kind = entries.choice("kind", BelongingKind, needed=True)
    entries.text("what", 120, needed=True)
    if entries.number("quantity", 1, 999) is None:
        entries.fail("quantity", gettext("Please fill this in."))
    entries.facts["value"] = _fen(entries, kind)
    entries.text("place", 80)
    entries.text("paper", 80, needed=kind in AGREED)
    entries.date("received_on", earliest=resident.supported_from, latest=clock.today(), needed=True)
    entries.text("given_by", 80, needed=True)
    entries.text("witness", 80, needed=True)
    if entries.facts["witness"] and entries.facts["witness"] == entries.facts["given_by"]:
        entries.fail("witness", gettext("The witness must be another person than the one who gives."))
    row = Belonging(
        resident_id=resident.id, recorded_by=actor.user_id, recorded_at=clock.now(), state=Kept.KEPT, **entries.done()
    )
    db.session.add(row)
    db.session.flush()
    return row


def _fen(entries: Entries, kind: BelongingKind | None) -> int | None:
    text = str(entries.given.get("value") or "").strip()
    if not text:
        if kind is BelongingKind.MONEY:
            entries.fail("value", gettext("Please fill this in."))
        return None
    try:
        fen = parse_yuan(text)
    except ValueError:
        entries.fail("value", gettext("An amount in yuan, such as 1318.35."))
        return None
    if not 0 <= fen <= 10_000_000_00:
        entries.fail("value", gettext("An amount in yuan, such as 1318.35."))
    return int(fen)


@operation("belonging.change", permission="belongings.write")
def change_belonging(actor: Actor, /, belonging_id: int, **given: Any) -> Belonging:
    """Give a belonging back, or report its loss or damage (state, changed_on, changed_with, note). For loss and damage the
    note says how and who was told. Raises ``NotFound``, ``Refused`` for a step that cannot be, ``Invalid``.
    """
    row = queries.belonging(actor, belonging_id, lock=True)
    entries = Entries(given)
    state = entries.choice("state", Kept, needed=True)
    entries.date("changed_on", earliest=row.received_on, latest=clock.today(), needed=True)
    entries.text("changed_with", 80, needed=True)
    entries.text("note", 200, needed=state in {Kept.LOST, Kept.DAMAGED})
    facts = entries.done()
    if facts["state"] not in NEXT[row.state]:
        raise Refused(gettext("From its present state it cannot become that."), field="state")
    row.state, row.changed_on = facts["state"], facts["changed_on"]
    row.changed_with, row.note = facts["changed_with"], facts["note"]
    db.session.flush()
    return row
