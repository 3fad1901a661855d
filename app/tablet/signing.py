"""Signatures of devices and of the county (ECDSA P-256, r‖s in base64url), and the courier's sealed box. No Flask views.

The county's two keys are derived from the installation's key file: they exist once it exists, travel with every backup
and stay the same after a restore, so that old receipts can still be checked.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.core.secrets import keyring

CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Order of the group of P-256 (FIPS 186-5)."""
COURIER = b"yiheng courier 1"
"""Additional data and key derivation purpose of a courier file."""


class NotOurs(ValueError):
    """A key, signature or box that is malformed or not made for this county."""


def digest(text: str) -> str:
    """The hash of a record's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def to_text(data: bytes) -> str:
    """Bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def to_bytes(text: Any, size: int | None = None) -> bytes:
    """Base64url without padding as bytes. Raises ``NotOurs``."""
    if not isinstance(text, str) or "=" in text or not text.isascii():
        raise NotOurs("base64url")
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise NotOurs("base64url") from None
    if size is not None and len(found) != size:
        raise NotOurs("size")
    return found


def _jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return {"kty": "EC", "crv": "P-256", "x": to_text(point[1:33]), "y": to_text(point[33:])}


def point_of(jwk: Any) -> str:
    """The uncompressed point of a public P-256 key given as JWK, in hexadecimal. Raises ``NotOurs``."""
    if not isinstance(jwk, dict) or (jwk.get("kty"), jwk.get("crv")) != ("EC", "P-256"):
        raise NotOurs("key")
    point = b"\x04" + to_bytes(jwk.get("x"), 32) + to_bytes(jwk.get("y"), 32)
    _public(point.hex())
    return point.hex()


@lru_cache(maxsize=4096)
def _public(point: str) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, bytes.fromhex(point))
    except ValueError:
        raise NotOurs("key") from None


def genuine(text: str, signature: str, point: str) -> bool:
    """Whether the holder of the key with this point signed the text."""
    try:
        raw = to_bytes(signature, 64)
        encoded = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        _public(point).verify(encoded, text.encode(), ec.ECDSA(SHA256()))
    except (NotOurs, InvalidSignature):
        return False
    return True


@dataclass(frozen=True)
class CountyKey:
    """One of the county's keys: for receipts or for courier files."""

    private: ec.EllipticCurvePrivateKey
    key_id: str
    jwk: dict[str, str]

    def public(self) -> dict[str, Any]:
        """What devices get."""
        return {"key_id": self.key_id, "jwk": self.jwk}


@lru_cache(maxsize=8)
def _made(seed: bytes) -> CountyKey:
    private = ec.derive_private_key(int.from_bytes(seed, "big") % (ORDER - 1) + 1, CURVE)
    jwk = _jwk(private.public_key())
    return CountyKey(private, hashlib.sha256(f"{jwk['x']}.{jwk['y']}".encode()).hexdigest()[:16], jwk)


def receipt_key() -> CountyKey:
    """The key that signs receipts and orders."""
    return _made(keyring().derive("receipts P-256"))


def courier_key() -> CountyKey:
    """The key that opens courier files."""
    return _made(keyring().derive("courier P-256"))


def signed(content: dict[str, Any]) -> dict[str, str]:
    """A text of the county with its signature, as it goes to a device."""
    text, key = json.dumps(content, ensure_ascii=False, separators=(",", ":")), receipt_key()
    r, s = decode_dss_signature(key.private.sign(text.encode(), ec.ECDSA(SHA256())))
    return {"text": text, "signature": to_text(r.to_bytes(32, "big") + s.to_bytes(32, "big")), "key_id": key.key_id}


def opened(file: dict[str, Any]) -> str:
    """The text inside a courier file. Raises ``NotOurs`` when it was made for another county, cut or changed."""
    key = courier_key()
    if file.get("to") != key.key_id:
        raise NotOurs("to")
    shared = key.private.exchange(ec.ECDH(), _public(point_of(file.get("epk"))))
    box_key = HKDF(SHA256(), 32, salt=to_bytes(file.get("salt"), 16), info=COURIER).derive(shared)
    try:
        return AESGCM(box_key).decrypt(to_bytes(file.get("iv"), 12), to_bytes(file.get("box")), COURIER).decode()
    except (InvalidTag, ValueError):
        raise NotOurs("box") from None
