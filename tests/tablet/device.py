"""A device as the protocol describes it, written independently of the server's code: keys, texts, signatures, courier."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import os
import uuid
import zlib
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ABOUT = b"yiheng courier 1"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    numbers = key.public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": b64(numbers.x.to_bytes(32, "big")),
        "y": b64(numbers.y.to_bytes(32, "big")),
    }


def public(key: dict[str, str]) -> ec.EllipticCurvePublicKey:
    x, y = (int.from_bytes(unb64(key[name]), "big") for name in "xy")
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def verified(signed: dict[str, str], keys: list[dict[str, Any]]) -> dict[str, Any]:
    """What a receipt says, if the county signed it."""
    key = public(next(k["jwk"] for k in keys if k["key_id"] == signed["key_id"]))
    raw = unb64(signed["signature"])
    encoded = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    try:
        key.verify(encoded, signed["text"].encode(), ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise AssertionError("the county did not sign this") from None
    return json.loads(signed["text"])


@dataclass
class Tablet:
    """One device: what it wrote, and the last thing it heard about each record."""

    uid: str = field(default_factory=lambda: str(uuid.uuid4()))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    token: str = ""
    keys: list[dict[str, Any]] = field(default_factory=list)
    courier_key: dict[str, Any] = field(default_factory=dict)
    counter: int = 0
    texts: dict[int, str] = field(default_factory=dict)
    heard: dict[int, dict[str, Any]] = field(default_factory=dict)
    since: str | None = None
    skew: dt.timedelta = dt.timedelta()

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Device {self.token}"}

    def sign(self, text: str) -> str:
        r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(SHA256())))
        return b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def clock(self, now: dt.datetime) -> str:
        return (now + self.skew).astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    def write(
        self,
        kind: str,
        key: str,
        content: dict[str, Any],
        *,
        now: dt.datetime,
        version: int = 1,
        replaces: str | None = None,
    ) -> int:
        """Keep a record; returns its counter."""
        self.counter += 1
        self.texts[self.counter] = json.dumps(
            {
                "v": 1, "device": self.uid, "counter": self.counter, "kind": kind, "schema": 1, "key": key,
                "version": version, "replaces": replaces, "written_at": self.clock(now), "content": content,
            },
            ensure_ascii=False,
        )  # fmt: skip
        return self.counter

    def wire(self, counters: list[int]) -> list[dict[str, str]]:
        return [{"text": self.texts[n], "signature": self.sign(self.texts[n])} for n in counters]

    def hash(self, counter: int) -> str:
        return hashlib.sha256(self.texts[counter].encode()).hexdigest()

    @property
    def waiting(self) -> list[int]:
        return [n for n in self.texts if n not in self.heard]

    @property
    def held(self) -> list[list[int]]:
        return [[n, n] for n in sorted(self.heard)]

    def counts(self) -> dict[str, int]:
        states = [said["verdict"] for said in self.heard.values()]
        return {
            "saved": len(self.texts), "waiting": len(self.waiting),
            "accepted": sum(s != "refused" for s in states), "refused": states.count("refused"),
        }  # fmt: skip

    def body(self, counters: list[int], now: dt.datetime) -> dict[str, Any]:
        return {
            "records": self.wire(counters), "since": self.since, "held": self.held, "counts": self.counts(),
            "now": self.clock(now),
        }  # fmt: skip

    def hear(self, answer: dict[str, Any]) -> None:
        """Take an answer in: only signed receipts count; what the county lost waits again."""
        for signed in [*(answer.get("receipts") or []), *(answer.get("updates") or [])]:
            if signed is None:
                continue
            said = verified(signed, self.keys)
            counter = said["counter"]
            if said["device"] != self.uid or said["hash"] != self.hash(counter):
                continue
            if said["verdict"] == "duplicate":
                said = {**said, "verdict": said["was"]}
            self.heard[counter] = said
        for first, last in answer.get("missing") or []:
            for counter in range(first, last + 1):
                self.heard.pop(counter, None)
        self.since = answer.get("latest", self.since)

    def courier(self, counters: list[int], now: dt.datetime) -> str:
        """A courier file only the county can open."""
        mine = ec.generate_private_key(ec.SECP256R1())
        shared = mine.exchange(ec.ECDH(), public(self.courier_key["jwk"]))
        salt, iv = os.urandom(16), os.urandom(12)
        key = HKDF(SHA256(), 32, salt=salt, info=ABOUT).derive(shared)
        inside = json.dumps({"records": self.wire(counters)}).encode()
        box = b64(AESGCM(key).encrypt(iv, inside, ABOUT))
        return json.dumps(
            {
                "v": 1, "device": self.uid, "made_at": self.clock(now), "to": self.courier_key["key_id"],
                "epk": jwk(mine.public_key()), "salt": b64(salt), "iv": b64(iv), "box": box, "signature": self.sign(box),
            }
        )  # fmt: skip

    @staticmethod
    def codes(file: str, size: int = 800) -> list[str]:
        """The QR codes of a courier file."""
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        text = b64(packer.compress(file.encode()) + packer.flush())
        head = hashlib.sha256(file.encode()).hexdigest()[:8]
        pieces = [text[n : n + size] for n in range(0, len(text), size)]
        return [f"YH1.{head}.{n}.{len(pieces)}.{piece}" for n, piece in enumerate(pieces, 1)]
