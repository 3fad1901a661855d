"""PAdES (ETSI EN 319 142, baseline B) with RSA and SHA-256. The library is loaded when something is sealed or checked.

A good seal here is stricter than what a reader asks for: the signature covers the whole file, and the parts of its
container that no signature covers (version numbers, lists of algorithms, the padding) stand in the one form that
``seal`` writes. So every changed byte of a sealed file is found, also one that other programs overlook.
"""

from __future__ import annotations

import datetime as dt
import io
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from app.core import clock

if TYPE_CHECKING:
    from app.core.sealing.authority import SealKey

FIELD = "Seal"
P = ParamSpec("P")
R = TypeVar("R")


def _alone(work: Callable[P, R]) -> Callable[P, R]:
    """Run in a thread of its own: the library starts an event loop, and a caller's thread may already have one."""

    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        context = copy_context()  # the clock stays as it is set
        with ThreadPoolExecutor(max_workers=1) as thread:
            return thread.submit(lambda: context.run(work, *args, **kwargs)).result()

    return run


def _signer(key: SealKey) -> Any:
    from asn1crypto import algos, x509  # type: ignore[import-untyped]  # the library ships no types
    from pyhanko.sign import signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    def loaded(certificate: Any) -> Any:
        return x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))

    class Signer(signers.Signer):
        """Signs with the key in memory; the library's own signer reads and proves it anew for each document."""

        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            if dry_run:
                return bytes(key.private.key_size // 8)
            if digest_algorithm != "sha256":
                raise ValueError(digest_algorithm)
            return key.private.sign(data, padding.PKCS1v15(), hashes.SHA256())

    store = SimpleCertificateStore()
    store.register_multiple([loaded(c) for c in key.chain[:-1]])  # the root is what the reader trusts, not what we say
    return Signer(
        signing_cert=loaded(key.certificate),
        cert_registry=store,
        signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"}),
        embed_roots=False,
    )


class Pades:
    """The scheme that the rest of the world reads."""

    name = "pades-rsa-sha256"

    @_alone
    def seal(self, key: SealKey, pdf: bytes, *, at: dt.datetime, reason: str) -> bytes:
        """``pdf`` with an invisible certifying signature that allows no change."""
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import fields, signers

        signer = _signer(key)
        out = io.BytesIO()

        class Writer(signers.PdfSigner):
            """Says the instant it is told; the library would look at the clock by itself."""

            def init_signing_session(self, *args: Any, **kwargs: Any) -> Any:
                session = super().init_signing_session(*args, **kwargs)
                session.system_time = at.astimezone(clock.ZONE)
                return session

        Writer(
            signers.PdfSignatureMetadata(
                field_name=FIELD,
                md_algorithm="sha256",
                subfilter=fields.SigSeedSubFilter.PADES,
                name=key.name,
                reason=reason,
                certify=True,
                docmdp_permissions=fields.MDPPerm.NO_CHANGES,
            ),
            signer=signer,
        ).sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(pdf)),
            bytes_reserved=2 * len(_container(signer)),
            output=out,
        )
        return out.getvalue()

    @_alone
    def problem(self, data: bytes, roots: Sequence[str]) -> str | None:
        """Why the file must not be relied on."""
        from asn1crypto import pem, x509
        from pyhanko.pdf_utils.reader import PdfFileReader
        from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
        from pyhanko_certvalidator import ValidationContext

        _quiet()
        try:
            found = PdfFileReader(io.BytesIO(data)).embedded_signatures
            if len(found) != 1:
                return "the file carries no seal" if not found else "the file carries more than one seal"
            trusted = [x509.Certificate.load(pem.unarmor(root.encode())[2]) for root in roots]
            status = validate_pdf_signature(found[0], ValidationContext(trust_roots=trusted, allow_fetching=False))
            if not (status.intact and status.valid):
                return "the file was changed after it was sealed"
            if not status.trusted:
                return "the seal is not that of this county"
            if not status.bottom_line or status.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
                return "something was added to the file after it was sealed"
            if not _written_as_we_do(data, found[0]):
                return "the seal itself was changed"
        except Exception as error:  # a damaged file may break its reader in any way; it is then not good
            return f"the file is damaged ({type(error).__name__})"
        return None

    def sealed_by(self, data: bytes) -> str:
        """Common name in the certificate of the seal."""
        from pyhanko.pdf_utils.reader import PdfFileReader

        try:
            found = PdfFileReader(io.BytesIO(data)).embedded_signatures
            return str(found[0].signer_cert.subject.native.get("common_name", "")) if found else ""
        except Exception:  # as above
            return ""


def _quiet() -> None:
    """The library writes every finding to the log with a traceback; ours is the answer."""
    for name in ("pyhanko", "pyhanko_certvalidator"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _container(signer: Any) -> bytes:
    """A container of exactly the size the real one will have: RSA signatures all have the same length."""
    import asyncio

    from pyhanko.sign.signers.pdf_signer import PdfCMSSignedAttributes

    made = asyncio.run(
        signer.async_sign(
            b"\0" * 32, "sha256", dry_run=True, use_pades=True, signed_attr_settings=PdfCMSSignedAttributes()
        )
    )
    return bytes(made.dump())


def _written_as_we_do(data: bytes, signature: Any) -> bool:
    """Whether the signature's place in the file holds nothing but the container, in its only form."""
    from asn1crypto import cms

    start, length, after, _rest = (int(n) for n in signature.byte_range)
    place = data[start + length : after]
    written = bytes(signature.pkcs7_content)
    content = cms.ContentInfo.load(written)
    signed = content["content"]
    (info,) = signed["signer_infos"]
    again = cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": cms.SignedData(
                {
                    "version": "v1",
                    "digest_algorithms": cms.DigestAlgorithms([{"algorithm": "sha256"}]),
                    "encap_content_info": {"content_type": "data"},
                    "certificates": signed["certificates"],
                    "signer_infos": [
                        {
                            "version": "v1",
                            "sid": cms.SignerIdentifier(
                                name="issuer_and_serial_number",
                                value=cms.IssuerAndSerialNumber(
                                    {
                                        "issuer": signature.signer_cert.issuer,
                                        "serial_number": signature.signer_cert.serial_number,
                                    }
                                ),
                            ),
                            "digest_algorithm": {"algorithm": "sha256"},
                            "signed_attrs": info["signed_attrs"],
                            "signature_algorithm": {"algorithm": "sha256_rsa"},
                            "signature": info["signature"],
                        }
                    ],
                }
            ),
        }
    ).dump()
    return place == b"<" + again.hex().upper().encode() + b">" and written == again
