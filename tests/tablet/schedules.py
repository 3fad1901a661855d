"""Random schedules of everything that goes wrong between devices and the county, and what must hold at the end.

One schedule: three devices of two assessors write sheets of a few residents, right and wrong ones, and correct them.
Requests are lost before or after the county has stored them, repeated, delayed, reordered; the county crashes at any
statement; clocks are off; residents move away and back; a device is blocked; files travel by courier; the county is
restored from a backup. Then the network is good again, and nothing accepted may be missing, doubled or hidden.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import event, select

from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.transaction import end_reading, transaction
from app.grading.models import GradeProposal, Sheet, SheetPair, SheetPairMember
from app.grading.rules import OPEN, SheetState
from app.grading.rules.pairing import PairState
from app.people.models import Resident
from app.tablet.jobs import take_up
from app.tablet.models import Device, SyncReceipt, SyncRecord
from app.tablet.operations import devices, records, talking
from app.tablet.rules import QUEUED, Verdict
from tests.factories import VILLAGE_A, VILLAGE_B, resident
from tests.tablet.conftest import content, enrolled
from tests.tablet.device import Tablet

SKEWS = (0, 0, 0, 3, -3, 960, -960, 600_000, -490_000)
"""Hours by which a device's clock is off."""


class Killed(BaseException):
    """The county's process dies here."""


class Post(Protocol):
    """Sends a body to an address as a device and returns status and answer; raises ``Killed`` when the county died."""

    def __call__(self, path: str, body: Any, headers: dict[str, str]) -> tuple[int, dict[str, Any]]: ...


@contextmanager
def dying(after: int | None) -> Iterator[None]:
    """Let the county die at its ``after``-th statement of writing, or not at all."""
    if after is None:
        yield
        return
    left = [after]

    def die(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.split(None, 1)[0] in {"INSERT", "UPDATE"}:
            left[0] -= 1
            if left[0] <= 0:
                raise Killed

    event.listen(db.engine, "before_cursor_execute", die)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", die)


@dataclass
class Written:
    """What a record is, as the test knows it without asking the county."""

    good: bool
    resident: str
    key: str
    version: int
    answer: str = ""


@dataclass
class World:
    """One schedule's residents and devices."""

    county: Any
    post: Post
    rng: random.Random
    residents: list[str]
    tablets: list[Tablet]
    written: dict[tuple[str, int], Written] = field(default_factory=dict)
    air: list[tuple[Tablet, dict[str, Any]]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    moved: set[str] = field(default_factory=set)
    seen: dict[str, int] = field(default_factory=dict)

    def did(self, what: str) -> None:
        """Count what happened, so that the test can say that everything did."""
        self.seen[what] = self.seen.get(what, 0) + 1


def world(county: Any, post: Post, rng: random.Random) -> World:
    """Fresh residents and devices."""
    people = [resident("路人", area_code=VILLAGE_A).number for _ in range(rng.choice((1, 1, 2)))]
    holders = ("assessor_a", "assessor_b", "assessor_a")[: rng.choice((2, 2, 3))]
    tablets = [enrolled(county, who) for who in holders]
    for tablet in tablets:
        tablet.skew = dt.timedelta(hours=rng.choice(SKEWS))
    return World(county, post, rng, people, tablets)


_CONTENT: dict[str, str] = {}


def _content(w: World, number: str, answer: str, good: bool) -> dict[str, Any]:
    """A sheet of one resident; made once per kind, because scoring it each time would take most of the time."""
    kind = f"{answer}{good}"
    if kind not in _CONTENT:
        base = content(w.county)
        made = content(w.county, answers={**base["answers"], "1.1": answer}, wrong=not good)
        _CONTENT[kind] = json.dumps(made)
    made = json.loads(_CONTENT[kind])
    made["resident"], made["assessed_on"] = number, clock.today().isoformat()
    return made  # type: ignore[no-any-return]  # loaded from JSON


def write(w: World) -> None:
    """Somebody finishes a sheet, now and then with a fault the county must refuse."""
    tablet, number = w.rng.choice(w.tablets), w.rng.choice(w.residents)
    good, answer = w.rng.random() < 0.65, w.rng.choice(("A0", "A0", "A2"))
    key = str(uuid.UUID(int=w.rng.getrandbits(128)))
    counter = tablet.write("sheet", key, _content(w, number, answer, good), now=clock.now())
    w.written[tablet.uid, counter] = Written(good, number, key, 1, answer)
    w.did("written")


def correct(w: World) -> None:
    """A refused sheet is corrected as a new version."""
    refused = [(t, n) for t in w.tablets for n, said in t.heard.items() if said["verdict"] == "refused"]
    if not refused:
        return
    tablet, counter = w.rng.choice(refused)
    old = w.written[tablet.uid, counter]
    version = 1 + max(x.version for (uid, _n), x in w.written.items() if uid == tablet.uid and x.key == old.key)
    made = _content(w, old.resident, "A0", True)
    new = tablet.write("sheet", old.key, made, now=clock.now(), version=version, replaces=tablet.hash(counter))
    w.written[tablet.uid, new] = Written(True, old.resident, old.key, version, "A0")
    w.did("corrected")


def _deliver(w: World, tablet: Tablet, body: dict[str, Any], *, hear: bool, dies: int | None = None) -> None:
    try:
        with dying(dies):
            _status, answer = w.post("/tablet/api/records", body, tablet.headers)
    except Killed:
        w.did("crashed")
        return
    if hear:
        tablet.hear(answer)


def send(w: World) -> None:
    """A device sends some of what waits, perhaps with old records, in any order, over any network."""
    tablet = w.rng.choice(w.tablets)
    again = w.rng.sample(sorted(tablet.heard), min(len(tablet.heard), w.rng.choice((0, 0, 1, 3))))
    waiting = tablet.waiting
    chosen = [*w.rng.sample(waiting, w.rng.randint(0, len(waiting))), *again]
    w.rng.shuffle(chosen)
    body = tablet.body(chosen, clock.now())
    fate = w.rng.choice(("good", "good", "lost", "answer lost", "twice", "late", "crash", "crash"))
    w.did(fate)
    if fate == "late":
        w.air.append((tablet, body))
    elif fate != "lost":
        dies = w.rng.randint(1, 40) if fate == "crash" else None
        _deliver(w, tablet, body, hear=fate in {"good", "twice"}, dies=dies)
        if fate == "twice":
            _deliver(w, tablet, body, hear=w.rng.random() < 0.5)


def arrive(w: World) -> None:
    """Something that was under way for long arrives; its sender has long given up waiting."""
    if w.air:
        tablet, body = w.air.pop(w.rng.randrange(len(w.air)))
        _deliver(w, tablet, body, hear=w.rng.random() < 0.3)
        w.did("arrived late")


def export(w: World) -> None:
    """A device without any network writes a courier file."""
    tablet = w.rng.choice(w.tablets)
    if tablet.texts:
        w.files.append(
            tablet.courier(w.rng.sample(sorted(tablet.texts), w.rng.randint(1, len(tablet.texts))), clock.now())
        )


def bring(w: World) -> None:
    """A courier file is handed in at the office: once, again, in any order, perhaps while the county dies."""
    if not w.files:
        return
    dies = w.rng.choice((None, None, w.rng.randint(1, 40)))
    try:
        with dying(dies):
            talking.bring(w.county.actor("township_officer_a"), w.rng.choice(w.files))
    except Killed:
        w.did("crashed")
    w.did("courier")


def move(w: World) -> None:
    """A resident moves to the other township, or back."""
    number = w.rng.choice(w.residents)
    with transaction() as tx:
        tx.act = "test.move"
        row = db.session.scalars(select(Resident).where(Resident.number == number)).unique().one()
        row.area_code = VILLAGE_A if number in w.moved else VILLAGE_B
    w.moved ^= {number}
    w.did("moved")


def settle(w: World) -> None:
    """An officer settles what was passed on."""
    end_reading()
    officer = w.county.actor("county_officer_a")
    for record_id in _queued(w)[:1]:
        try:
            records.settle_record(officer, record_id, count=w.rng.random() < 0.7, reason="核对后决定")
        except DomainError:  # the record is one the county must refuse: it goes on waiting until somebody says so
            records.settle_record(officer, record_id, count=False, reason="核对后不计入")
        w.did("settled")


def block(w: World) -> None:
    """A device is reported lost, or found again."""
    row = db.session.query(Device).filter_by(uid=w.rng.choice(w.tablets).uid).one()
    officer = w.county.actor("county_officer_a")
    if row.state.value == "active" and w.rng.random() < 0.3:
        devices.block_device(officer, row.id, "报失")
        w.did("blocked")
    elif row.state.value == "blocked":
        devices.unblock_device(officer, row.id, "找到了")


def _queued(w: World) -> list[int]:
    mine = select(Device.id).where(Device.uid.in_([t.uid for t in w.tablets]))
    from app.tablet.queries.records import QUEUES, holding

    query = holding().with_only_columns(SyncRecord.id).where(SyncRecord.device_id.in_(mine), QUEUES["queued"])
    return list(db.session.scalars(query.order_by(SyncRecord.id)))


ACTS: tuple[tuple[Callable[[World], None], int], ...] = (
    (write, 5), (correct, 4), (send, 9), (arrive, 2), (export, 3), (bring, 4), (move, 2), (settle, 3), (block, 1),
)  # fmt: skip


def run(w: World, steps: int, save: Callable[[], Any] | None, restore: Callable[[Any], None] | None) -> None:
    """Let things happen; with ``save`` and ``restore`` perhaps also a restore from an earlier backup."""
    acts, weights = zip(*ACTS, strict=True)
    saved = None
    back = w.rng.randrange(steps) if restore is not None and w.rng.random() < 0.5 else -1
    write(w)
    for step in range(steps):
        if save is not None and back >= 0 and step == max(0, back - w.rng.choice((1, 4, 9))) and saved is None:
            saved = (save(), set(w.moved))
        if step == back and saved is not None and restore is not None:
            restore(saved[0])
            w.moved = saved[1]
            w.did("restored")
        w.rng.choices(acts, weights)[0](w)
    quiet(w)


def quiet(w: World) -> None:
    """The network is good again: everything under way arrives, everybody sends until nothing waits."""
    while w.air:
        arrive(w)
    for row in db.session.query(Device).filter(Device.uid.in_([t.uid for t in w.tablets])).all():
        if row.state.value == "blocked" and w.rng.random() < 0.7:
            devices.unblock_device(w.county.actor("county_officer_a"), row.id, "找到了")
    take_up(clock.today())
    for _ in range(8):
        before = [dict(tablet.heard) for tablet in w.tablets]
        for tablet in w.tablets:
            waiting = tablet.waiting
            w.rng.shuffle(waiting)
            _deliver(w, tablet, tablet.body(waiting, clock.now()), hear=True)
        if before == [tablet.heard for tablet in w.tablets]:
            return


def wrong(w: World) -> list[str]:
    """Everything that does not hold at the end, in words; empty when all does."""
    end_reading()
    found: list[str] = []
    sheets: dict[str, list[Sheet]] = {}
    residents = {
        row.number: row for row in db.session.scalars(select(Resident).where(Resident.number.in_(w.residents))).unique()
    }
    ids = [row.id for row in residents.values()]
    for sheet in db.session.scalars(select(Sheet).where(Sheet.resident_id.in_(ids))).unique():
        sheets.setdefault(sheet.client_key, []).append(sheet)
    counted: dict[str, list[tuple[Sheet, Written]]] = {}
    expected_sheets = 0
    for tablet in w.tablets:
        device = db.session.query(Device).filter_by(uid=tablet.uid).one()
        rows = list(db.session.scalars(select(SyncRecord).where(SyncRecord.device_id == device.id)).unique())
        if sorted(row.counter for row in rows) != sorted(tablet.texts):
            found.append(f"records {sorted(r.counter for r in rows)} instead of {sorted(tablet.texts)}")
        if tablet.waiting:
            found.append(f"still waiting: {tablet.waiting}")
        for row in rows:
            last = _last(row)
            if last is None:
                found.append(f"record {row.counter} was never answered")
                continue
            fact = w.written[tablet.uid, row.counter]
            own = sheets.get(f"{fact.key}:{fact.version}", [])
            found += _one(tablet, row, last, fact, own)
            if last.verdict is not Verdict.REFUSED and last.code not in QUEUED:
                expected_sheets += 1
                counted.setdefault(fact.resident, []).extend((sheet, fact) for sheet in own)
    if sum(map(len, sheets.values())) != expected_sheets:
        found.append(f"{sum(map(len, sheets.values()))} sheets instead of {expected_sheets}")
    for number, mine in counted.items():
        found += _compared(residents[number].id, mine)
    return found


def _last(row: SyncRecord) -> SyncReceipt | None:
    query = select(SyncReceipt).where(SyncReceipt.record_id == row.id).order_by(SyncReceipt.number.desc())
    return db.session.scalars(query.limit(1)).one_or_none()


def _one(tablet: Tablet, row: SyncRecord, last: SyncReceipt, fact: Written, own: list[Sheet]) -> list[str]:
    """What is wrong with one record: its text, what its device believes, what followed from it."""
    found, heard = [], tablet.heard.get(row.counter, {})
    if row.text != tablet.texts[row.counter]:
        found.append(f"record {row.counter} is not what was sent")
    told = row.device.state.value == "active"  # a blocked device hears what it hands over, and no news
    if told and (heard.get("verdict"), heard.get("code")) != (last.verdict.value, last.code.value):
        found.append(
            f"{row.counter}: heard {heard.get('verdict')}/{heard.get('code')}, holds {last.verdict}/{last.code}"
        )
    if last.verdict is Verdict.REFUSED and not (last.words.get("zh") and last.words.get("en")):
        found.append(f"record {row.counter} is refused without words")
    counts = last.verdict is not Verdict.REFUSED and last.code not in QUEUED
    if len(own) != (1 if counts else 0):
        found.append(f"{row.counter} {last.verdict}/{last.code}: {len(own)} sheets")
    if counts and not fact.good:
        found.append(f"record {row.counter} is wrong and counts")
    if not counts and fact.good and last.code.value not in {"routed", "blocked", "settled"}:
        found.append(f"record {row.counter} is right and was refused: {last.code} {last.words}")
    return found


def _compared(resident_id: int, mine: list[tuple[Sheet, Written]]) -> list[str]:
    """Whether the sheets of one resident stand as they must, whatever came first."""
    found = []
    differ = len({fact.answer for _sheet, fact in mine}) > 1
    pairs = list(db.session.scalars(select(SheetPair).where(SheetPair.resident_id == resident_id)).unique())
    if len(mine) > 1:
        if len(pairs) != 1 or pairs[0].state is not (PairState.DIFFERING if differ else PairState.AGREED):
            found.append(f"{len(mine)} sheets, differing={differ}: pairs {[p.state for p in pairs]}")
        members = set(
            db.session.scalars(
                select(SheetPairMember.sheet_id).where(SheetPairMember.pair_id.in_([p.id for p in pairs]))
            )
        )
        if members != {sheet.id for sheet, _fact in mine}:
            found.append("not every version stands in the comparison")
    elif pairs:
        found.append("a pair of one")
    if any(sheet.state is not SheetState.SUBMITTED for sheet, _fact in mine):
        found.append("a sheet is not handed in")
    waiting = [
        p
        for p in db.session.scalars(select(GradeProposal).where(GradeProposal.resident_id == resident_id)).unique()
        if p.state in OPEN
    ]
    if len(waiting) != (0 if differ else 1):
        found.append(f"{len(waiting)} open proposals, differing={differ}")
    return found
