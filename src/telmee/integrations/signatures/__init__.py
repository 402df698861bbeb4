"""Signatures of what an installation publishes, and files that carry one.

The key is made from `TELMEE_SECRET_KEY` for this purpose alone (Ed25519, RFC 8032), so that there
is no second secret to keep; who has the secret of sessions in hand cannot be told from who signs.
A signature is checked with the public key, by anybody, without the installation.

A file carries its seal where readers of its kind do not look: a PDF in a comment behind its end, a
workbook in the comment of its package. The seal names the hash of the file without it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_PDF_SEAL = b"\n%telmee-seal "
_ZIP_END = b"PK\x05\x06"
_ZIP_END_SIZE = 22
_ZIP_COMMENT_MAX = 65_535
_SEAL_MAX = 8_192


@dataclass(frozen=True, slots=True)
class Seal:
    """What a file says of itself: facts that were signed, by which key, and the signature."""

    facts: Mapping[str, Any]
    public_key: str
    signature: str

    @property
    def holds(self) -> bool:
        """Whether the key that it names signed these facts."""
        return is_signed(text_of(self.facts).encode(), self.signature, self.public_key)

    @property
    def written(self) -> bytes:
        """The one way in which it stands in a file."""
        seal = {"facts": self.facts, "public_key": self.public_key, "signature": self.signature}
        return base64.b64encode(text_of(seal).encode())


def text_of(facts: Any) -> str:
    """The one text of facts that is hashed and signed: keys in order, nothing between.

    >>> text_of({"b": 1, "a": "é"})
    '{"a":"é","b":1}'
    """
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(content: bytes) -> str:
    """The hash by which a document is known."""
    return hashlib.sha256(content).hexdigest()


def signed(content: bytes, secret_key: str) -> tuple[str, str]:
    """The public key and the signature of some bytes, both in base64.

    >>> key, signature = signed(b"a report", "a secret of the installation")
    >>> is_signed(b"a report", signature, key), is_signed(b"another", signature, key)
    (True, False)
    """
    private = _private(secret_key)
    return public_key_of(secret_key), base64.b64encode(private.sign(content)).decode()


def public_key_of(secret_key: str) -> str:
    """The key with which signatures of this installation are checked, in base64."""
    raw = _private(secret_key).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def mark_of(public_key: str) -> str:
    """A few digits of a public key that people can compare by eye.

    >>> mark_of("AAAA")
    '63c1-dd95-1ffe-df6f'
    """
    short = hashlib.sha256(public_key.encode()).hexdigest()[:16]
    return "-".join(short[at : at + 4] for at in range(0, 16, 4))


def is_signed(content: bytes, signature: str, public_key: str) -> bool:
    """Whether this key made this signature of these bytes."""
    try:
        key = Ed25519PublicKey.from_public_bytes(_decoded(public_key.encode()))
        key.verify(_decoded(signature.encode()), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def sealed(content: bytes, facts: Mapping[str, Any], secret_key: str) -> bytes:
    """A PDF or a workbook with a seal: the facts, the hash of its bytes, and a signature."""
    whole = {**facts, "file": digest(content)}
    written = Seal(whole, *signed(text_of(whole).encode(), secret_key)).written
    if content.startswith(b"%PDF-"):
        return content + _PDF_SEAL + written + b"\n"
    at = _end_of_package(content)
    if at is None or content[at + 20 :] != b"\0\0":
        raise ValueError("neither a PDF nor a package without a comment")
    return content[: at + 20] + len(written).to_bytes(2, "little") + written


def envelope(document: str, signature: str, public_key: str) -> bytes:
    """A document as a file of its own, with its signature beside it.

    >>> key, signature = signed(b"{}", "a secret")
    >>> seal_faults(envelope("{}", signature, key), [key])
    []
    """
    facts = {"document": document, "public_key": public_key, "signature": signature}
    return text_of(facts).encode()


def unsealed(content: bytes) -> tuple[bytes, Seal] | None:
    """A file as it was before it was sealed, with its seal; None where it carries none."""
    if content.startswith(b"%PDF-"):
        body, mark, written = content.rpartition(_PDF_SEAL)
        seal = _seal(written[:-1]) if mark and written.endswith(b"\n") else None
    else:
        at = _end_of_package(content)
        if at is None:
            return None
        body, seal = content[: at + 20] + b"\0\0", _seal(content[at + _ZIP_END_SIZE :])
    return (body, seal) if seal else None


def seal_faults(content: bytes, known: Iterable[str]) -> list[str]:
    """What is wrong with a sealed file: codes; `seal_key_unknown` where nothing but the key is.

    `known` are the public keys that somebody trusts.
    """
    if content.startswith(b"{"):
        return _envelope_faults(content, known)
    opened = unsealed(content)
    if opened is None:
        return ["seal_missing"]
    body, seal = opened
    if not seal.holds:
        return ["seal_signature_wrong"]
    if seal.facts.get("file") != digest(body):
        return ["seal_file_changed"]
    return [] if seal.public_key in set(known) else ["seal_key_unknown"]


def signer_of(content: bytes) -> str:
    """The public key that a file names; empty where it names none."""
    if content.startswith(b"{"):
        opened = _opened(content)
        return opened[2] if opened else ""
    carried = unsealed(content)
    return carried[1].public_key if carried else ""


def report_of(content: bytes) -> str:
    """The hash of the report that a file is of, which every other file of it names too.

    Empty where it names none.
    """
    if content.startswith(b"{"):
        opened = _opened(content)
        return digest(opened[0].encode()) if opened else ""
    carried = unsealed(content)
    return str(carried[1].facts.get("report", "")) if carried else ""


def _envelope_faults(content: bytes, known: Iterable[str]) -> list[str]:
    opened = _opened(content)
    if opened is None:
        return ["seal_missing"]
    document, signature, public_key = opened
    if not is_signed(document.encode(), signature, public_key):
        return ["seal_signature_wrong"]
    if content != envelope(document, signature, public_key):
        return ["seal_file_changed"]
    return [] if public_key in set(known) else ["seal_key_unknown"]


def _opened(content: bytes) -> tuple[str, str, str] | None:
    """The document of an envelope, its signature and the key that it names."""
    try:
        facts = json.loads(content)
        return str(facts["document"]), str(facts["signature"]), str(facts["public_key"])
    except (ValueError, KeyError, TypeError):
        return None


def _seal(written: bytes) -> Seal | None:
    try:
        facts = json.loads(_decoded(written[:_SEAL_MAX]))
        seal = Seal(dict(facts["facts"]), str(facts["public_key"]), str(facts["signature"]))
    except (ValueError, KeyError, TypeError):
        return None
    return seal if seal.written == written else None


def _decoded(written: bytes) -> bytes:
    """Bytes of base64, which has spare bits at its end: only with nothing in them.

    A file of which any byte is another does not hold, also where that byte tells nothing.
    """
    content = base64.b64decode(written, validate=True)
    if base64.b64encode(content) != written:
        raise ValueError("not as base64 is written")
    return content


def _end_of_package(content: bytes) -> int | None:
    """Where the end of a package begins: its record, whose comment reaches to the last byte."""
    at = content.rfind(_ZIP_END, max(0, len(content) - _ZIP_END_SIZE - _ZIP_COMMENT_MAX))
    if at < 0 or not content.startswith(b"PK"):
        return None
    length = int.from_bytes(content[at + 20 : at + _ZIP_END_SIZE], "little")
    return at if at + _ZIP_END_SIZE + length == len(content) else None


def _private(secret_key: str) -> Ed25519PrivateKey:
    own = hashlib.sha256(b"telmee.report" + secret_key.encode()).digest()
    return Ed25519PrivateKey.from_private_bytes(hmac.digest(own, b"sign", "sha256"))
