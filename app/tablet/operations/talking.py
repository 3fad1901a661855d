"""One conversation of a device with the county: records in, receipts and news out; and a courier's file."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext

from app.auth.roles import system_actor
from app.core import audit, clock
from app.core.actor import Actor
from app.core.errors import Invalid
from app.core.operation import operation
from app.core.transaction import end_reading
from app.grading import instruments
from app.places.queries import area_name
from app.tablet import signing
from app.tablet.anchors import anchor_for
from app.tablet.models import Device, Route, SyncReceipt, SyncRecord
from app.tablet.operations.devices import contact, forget_order, offline_until
from app.tablet.operations.keeping import Sent, Taken, receive
from app.tablet.operations.records import tell_news
from app.tablet.queries import devices
from app.tablet.queries import records as stored
from app.tablet.rules import (
    MAX_COURIER_RECORDS,
    MAX_RECORDS,
    UID,
    DeviceState,
    instant,
    lost,
    read_runs,
    strict_json,
    written,
)

COUNTS = frozenset({"saved", "waiting", "accepted", "refused"})
TOWNSHIP = 9
"""Digits of a township's division code."""


def batch_of(body: Mapping[str, Any], top: int = MAX_RECORDS) -> list[Sent]:
    """The records of an upload. Raises ``Invalid``: only the shape is looked at, each record speaks for itself."""
    given = body.get("records")
    if not isinstance(given, list) or len(given) > top:
        raise Invalid(gettext("Send at most %(top)s records as a list.", top=top), field="records")
    found = []
    for one in given:
        if not isinstance(one, dict) or set(one) != {"text", "signature"}:
            raise Invalid(gettext("A record has a text and a signature, and nothing else."), field="records")
        if not (isinstance(one["text"], str) and isinstance(one["signature"], str)):
            raise Invalid(gettext("A record has a text and a signature, and nothing else."), field="records")
        try:
            one["text"].encode()
            one["signature"].encode("ascii")
        except UnicodeEncodeError:
            raise Invalid(gettext("There are characters in it that cannot be stored."), field="records") from None
        found.append(Sent(one["text"], one["signature"]))
    return found


def _counts(value: Any) -> dict[str, int] | None:
    if value is None:
        return None
    good = isinstance(value, dict) and set(value) <= COUNTS
    if not good or not all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 10**6 for n in value.values()):
        raise Invalid(gettext("The four counters are whole numbers."), field="counts")
    return dict(value)


def receipt(record: SyncRecord, said: SyncReceipt, *, again: bool = False) -> dict[str, str]:
    """The signed receipt of a record as it goes over the wire."""
    return signing.signed(
        {
            "v": 1,
            "seq": said.id,
            "device": record.device.uid,
            "counter": record.counter,
            "hash": record.hash,
            "verdict": "duplicate" if again else said.verdict.value,
            "was": said.verdict.value if again else None,
            "code": said.code.value,
            "reason": said.words or None,
            "fields": said.fields,
            "reference": said.reference,
            "routed_to": said.routed_to,
            "received_at": written(record.received_at),
            "clock": record.clock.value,
            "result": said.result_sha256,
        }
    )


def receipts(taken: Sequence[Taken]) -> list[dict[str, str] | None]:
    """The receipts of a batch in its order; None for a record that is kept and could not be worked on just now."""
    if not taken:
        return []
    end_reading()
    said = stored.receipts_of([one.record_id for one in taken])
    rows = stored.rows([one.record_id for one in taken])
    return [
        receipt(rows[one.record_id], said[one.record_id], again=one.again) if one.record_id in said else None
        for one in taken
    ]


def talk(device: Device, author: Actor, body: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """Answer a device: receipts for what it sends and whatever else it should know, with the status.

    A blocked device gets the receipts of what it still handed over and the order to forget, nothing else; before the order
    it is asked for what a restored county lost, because then nobody else has it.
    """
    batch, counts = batch_of(body), _counts(body.get("counts"))
    since, now = body.get("since"), body.get("now")
    if since is not None and not isinstance(since, str):
        raise Invalid(gettext("This must be the place that the last answer named."), field="since")
    if now is not None and (now := instant(now)) is None:
        raise Invalid(gettext("This must be an instant such as 2026-03-09T01:02:03.004Z."), field="now")
    try:
        held = read_runs(body.get("held"))
    except ValueError:
        raise Invalid(gettext("Counters come as runs of two whole numbers."), field="held") from None
    taken = receive(device, batch, device_now=now) if batch else []
    end_reading()
    said = receipts(taken)
    missing = lost(held, stored.counters(device.id), 5000)
    if not devices.trusted(device, author):
        answer: dict[str, Any] = {"receipts": said, "missing": [list(run) for run in missing]}
        if device.state is DeviceState.BLOCKED and not missing:
            answer["forget"] = forget_order(device)
        contact(device, counts)
        return answer, 403
    news = stored.pair_news(device_id=device.id)
    if news:
        tell_news(system_actor(), news)
        said = receipts(taken)
    latest, heard = stored.newest(), 0 if missing else stored.seq_at(since)
    answered = {one.record_id for one in taken}
    later = [pair for pair in stored.updates(device.id, heard) if pair[0].id not in answered]
    answer = {
        "receipts": said,
        "updates": [receipt(row, one) for row, one in later],
        "latest": latest,
        "missing": [list(run) for run in missing],
        "moved": _moved(device, author),
        "server_time": written(clock.now()),
        "offline_until": written(offline_until()),
        "anchor": anchor_for(device.uid),
        "newest": dict([instruments.in_force(clock.today()).key.split("@", 1)]),
        "receipt_keys": [signing.receipt_key().public()],
    }
    contact(device, counts)
    return answer, 200


def _moved(device: Device, author: Actor) -> list[dict[str, Any]]:
    today = clock.today().isoformat()
    return [
        {"resident": row.number, "since": today, "to": area_name(row.area_code[:TOWNSHIP])}
        for row in stored.moved(device, author)
    ]


def read_courier(text: str) -> tuple[Device, list[Sent]]:
    """The device and the records of a courier file. Raises ``Invalid`` when it was cut, changed or made for another
    county, or its device is not known here.
    """
    words = gettext("This is no whole courier file of a device of this county. Nothing was stored; export it again.")
    try:
        file = strict_json(text)
        if not isinstance(file, dict) or file.get("v") != 1 or not isinstance(file.get("device"), str):
            raise ValueError("form")
        device = devices.by_uid(file["device"]) if UID.fullmatch(file["device"]) else None
        if device is None:
            raise ValueError("device")
        box = file.get("box")
        if not isinstance(box, str) or not signing.genuine(box, str(file.get("signature")), device.public_key):
            raise ValueError("signature")
        content = strict_json(signing.opened(file))
        if not isinstance(content, dict):
            raise ValueError("content")
    except (ValueError, signing.NotOurs):
        raise Invalid(words, field="file") from None
    return device, batch_of(content, MAX_COURIER_RECORDS)


def bring(actor: Actor, text: str) -> tuple[Device, list[Taken]]:
    """Take in a courier file that somebody hands over: any number of times, in any order, with the same result."""
    actor.require("records.carry")
    device, batch = read_courier(text)
    _brought(actor, device, len(batch))
    return device, receive(device, batch, route=Route.COURIER, brought_by=actor.user_id)


@operation("courier.bring", permission="records.carry")
def _brought(_actor: Actor, device: Device, count: int) -> None:
    audit.record("courier.bring", "device", device.id, {"records": count})


def join_codes(pieces: Iterable[str]) -> str:
    """The courier file in scanned QR codes, in any order and with repetitions. Raises ``Invalid`` saying what is missing."""
    found: dict[int, str] = {}
    heads = set()
    for piece in pieces:
        parts = piece.strip().split(".", 4)
        if not piece.strip():
            continue
        if len(parts) != 5 or parts[0] != "YH1" or not (parts[2].isdecimal() and parts[3].isdecimal()):
            raise Invalid(gettext("One of the codes is no code of a sheet."), field="codes")
        if len(parts[2]) > 3 or len(parts[3]) > 3:
            raise Invalid(gettext("One of the codes is no code of a sheet."), field="codes")
        heads.add((parts[1], int(parts[3])))
        found[int(parts[2])] = parts[4]
    if len(heads) != 1:
        raise Invalid(gettext("These codes belong to several sheets; scan one sheet at a time."), field="codes")
    head, count = heads.pop()
    absent = [number for number in range(1, count + 1) if number not in found]
    if absent or set(found) - set(range(1, count + 1)):
        missing = "、".join(map(str, absent[:20]))
        raise Invalid(gettext("These codes are still missing: %(numbers)s.", numbers=missing), field="codes")
    text = "".join(found[number] for number in range(1, count + 1))
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        unpacker = zlib.decompressobj(-15)
        whole = unpacker.decompress(packed, 4 * 1024 * 1024).decode()
        if unpacker.unconsumed_tail or signing.digest(whole)[:8] != head:
            raise ValueError("hash")
    except (ValueError, zlib.error):
        raise Invalid(gettext("One of the codes was read wrongly. Scan them again."), field="codes") from None
    return whole


def summary(taken: Sequence[Taken]) -> dict[str, int]:
    """How a batch came out, for the person who handed it in."""
    end_reading()
    said = stored.receipts_of([one.record_id for one in taken])
    found = {"accepted": 0, "refused": 0, "conflict": 0, "again": 0, "waiting": 0}
    for one in taken:
        verdict = said[one.record_id].verdict.value if one.record_id in said else "waiting"
        found["again" if one.again else verdict] += 1
    return found
