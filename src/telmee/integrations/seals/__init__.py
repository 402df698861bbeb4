"""Secrets in the database, sealed with a key that follows from the installation's own.

Who reads the table cannot make codes with what stands there; who lost the key cannot either. So a
backup tells by a mark which key its secrets need, and never holds the key itself.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
from collections.abc import Iterable

from cryptography.fernet import Fernet, InvalidToken

_MARK_LENGTH = 16


class SealedByAnotherKey(Exception):  # noqa: N818  # what it is about, as `Http404`
    """None of the installation's keys opens this secret."""


def seal(text: str, secret_key: str) -> str:
    """Seal a secret.

    >>> unseal(seal("JBSWY3DP", "new"), ["newer", "new"])
    'JBSWY3DP'
    """
    return _fernet(secret_key).encrypt(text.encode()).decode()


def unseal(sealed: str, secret_keys: Iterable[str]) -> str:
    """Open a sealed secret with whichever key fits. Raises `SealedByAnotherKey`."""
    key = opening_key(sealed, secret_keys)
    if key is None:
        raise SealedByAnotherKey
    return _fernet(key).decrypt(sealed.encode()).decode()


def opening_key(sealed: str, secret_keys: Iterable[str]) -> str | None:
    """The first of these keys that opens a secret; None where none does."""
    for key in secret_keys:
        try:
            _fernet(key).decrypt(sealed.encode())
        except InvalidToken:
            continue
        return key
    return None


def mark_of(secret_key: str) -> str:
    """A few digits that tell one key from another and from which it cannot be derived.

    >>> mark_of("one") == mark_of("one"), mark_of("one") == mark_of("other")
    (True, False)
    """
    return _derived(b"mark", secret_key).hex()[:_MARK_LENGTH]


@functools.lru_cache(maxsize=8)
def _fernet(secret_key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(b"seal", secret_key)))


def _derived(purpose: bytes, secret_key: str) -> bytes:
    """Derive a key for one purpose, as Django's `salted_hmac` does."""
    own = hashlib.sha256(b"telmee.mfa" + secret_key.encode()).digest()
    return hmac.digest(own, purpose, "sha256")
