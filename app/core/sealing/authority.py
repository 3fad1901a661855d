"""Key and certificate of the seal: read from one file, or made by an authority of the installation's own.

The file is PEM: private key, certificate of the seal, then the chain up to the root. A county brings what its certificate
authority gave it; for a demonstration both are made at the first need. The own authority signs this one certificate and
its key is then forgotten, so that nobody can make a second seal in its name.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from app.core import clock

YEARS = 30
"""How long an own certificate is valid: a contract is kept longer than people remember passwords."""

BITS = 3072


class SealError(RuntimeError):
    """The seal cannot be used or is not the one needed; ``str`` says why in words."""


@dataclass(frozen=True)
class SealKey:
    """What a seal is made with. ``root`` is the PEM of the certificate whoever checks it has to trust."""

    private: rsa.RSAPrivateKey = field(repr=False)
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    @property
    def root(self) -> str:
        """The last certificate of the chain as PEM."""
        last = self.chain[-1] if self.chain else self.certificate
        return last.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the seal's certificate."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def name(self) -> str:
        """The common name in the certificate."""
        found = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(found[0].value) if found else ""


def parse(text: bytes, passphrase: str = "", *, where: str = "the seal file") -> SealKey:
    """Key and certificates of a PEM file. Raises ``SealError`` when they do not belong together."""
    try:
        blocks = re.findall(rb"-----BEGIN ([A-Z ]+)-----.*?-----END \1-----", text, re.DOTALL)
        if not any(block.endswith(b"PRIVATE KEY") for block in blocks):
            raise SealError(f"{where} holds no private key")
        private = serialization.load_pem_private_key(_private(text), passphrase.encode() or None)
        certificates = x509.load_pem_x509_certificates(text)
    except (ValueError, TypeError) as error:
        raise SealError(f"{where} cannot be read: is it PEM, and is SEAL_PASSPHRASE right?") from error
    if not isinstance(private, rsa.RSAPrivateKey) or private.key_size < 2048:
        raise SealError(f"{where} holds no RSA key of at least 2048 bits")
    certificate, *chain = certificates
    if certificate.public_key() != private.public_key():
        raise SealError(f"the first certificate in {where} does not belong to its private key")
    for below, above in zip([certificate, *chain], chain, strict=False):
        try:
            below.verify_directly_issued_by(above)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise SealError(f"the certificates in {where} are not one chain, from the seal up to the root") from error
    return SealKey(private, certificate, tuple(chain))


def _private(text: bytes) -> bytes:
    found = re.search(rb"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?-----END \1-----", text, re.DOTALL)
    assert found is not None  # noqa: S101  # the caller looked
    return found.group(0)


def make(holder: str) -> bytes:
    """A new key with a certificate of an authority of its own, as the text of a seal file."""
    now = clock.now().replace(microsecond=0)
    root_key, key = (rsa.generate_private_key(65537, BITS) for _ in range(2))
    root_name = _name(f"{holder} 根证书")
    root = _certificate(root_name, root_key, root_name, root_key, now, authority=True)
    own = _certificate(_name(f"{holder} 电子签章"), key, root_name, root_key, now, authority=False)
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(pem, *plain) + own.public_bytes(pem) + root.public_bytes(pem)


def _name(text: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "颐衡 Yiheng"),
            x509.NameAttribute(NameOID.COMMON_NAME, text),
        ]
    )


def _certificate(
    subject: x509.Name,
    key: rsa.RSAPrivateKey,
    issuer: x509.Name,
    issuer_key: rsa.RSAPrivateKey,
    now: dt.datetime,
    *,
    authority: bool,
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=365 * YEARS + YEARS // 4))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )


class SealFile:
    """The seal of a running process: read at its first use, and again when the file changed.

    ``make_own`` lets a missing file be made, as in development; elsewhere it is refused, like a missing key file.
    """

    def __init__(self, path: Path, passphrase: str, *, make_own: bool) -> None:
        self.path, self.passphrase, self.make_own = path, passphrase, make_own
        self._stamp: tuple[int, int, int] | None = None
        self._key: SealKey | None = None

    def current(self) -> SealKey:
        """Key and certificate as they are now. Raises ``SealError``."""
        if not self.path.exists() and self.make_own:
            self.create()
        try:
            found = self.path.stat()
            if os.name == "posix" and stat.S_IMODE(found.st_mode) & 0o077:
                raise SealError(f"the seal file {self.path} is open to other users; run: chmod 600 {self.path}")
            stamp = (found.st_mtime_ns, found.st_ino, found.st_size)
            if self._key is None or stamp != self._stamp:
                self._key = parse(self.path.read_bytes(), self.passphrase, where=str(self.path))
                self._stamp = stamp
        except FileNotFoundError:
            raise SealError(
                f"the seal file {self.path} is missing: bring the county's own, or run: flask contract create-seal"
            ) from None
        except OSError as error:
            raise SealError(f"the seal file {self.path} cannot be read: {type(error).__name__}") from error
        return self._key

    def create(self, text: bytes | None = None) -> None:
        """Write a new seal file, or ``text`` of a backup, unless there is one; two processes make one between them."""
        text = text or make("颐衡照料协议")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_name(f"{self.path.name}.new-{secrets.token_hex(4)}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.link(temporary, self.path)
        except FileExistsError:
            return
        finally:
            temporary.unlink(missing_ok=True)
        if os.name == "posix":  # the name must survive a power cut before a document is sealed with this key
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def sha256(data: bytes) -> str:
    """Hex digest of a file."""
    return hashlib.sha256(data).hexdigest()
