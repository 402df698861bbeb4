"""Second steps of signing in that are sealed: which keys they need, and what goes without a key.

Secrets of authenticator apps and seeds of recovery codes are sealed with `TELMEE_SECRET_KEY`.
Passkeys are not: they hold a public key only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg

from telmee.core.errors import DomainError, Problem
from telmee.integrations.seals import mark_of, opening_key

_Connection = psycopg.Connection[tuple[Any, ...]]


def keys_needed(connection: _Connection, keys: Sequence[str]) -> list[str]:
    """The marks of the keys that seal second steps.

    Raises `second_steps_sealed` when some are sealed by a key that is not given: a backup must be
    able to say what it needs.
    """
    opened = [opening_key(sealed, keys) for _, sealed in _sealed(connection)]
    if unknown := opened.count(None):
        raise DomainError(
            Problem("second_steps_sealed", "TELMEE_SECRET_KEY", params={"count": unknown})
        )
    return sorted({mark_of(key) for key in opened if key})


def require_keys(marks: Sequence[str], keys: Sequence[str]) -> None:
    """Refuse to go on without a key that second steps need."""
    if missing := set(marks) - set(map(mark_of, keys)):
        params = {"marks": ", ".join(sorted(missing))}
        raise DomainError(Problem("restore_other_key", "TELMEE_SECRET_KEY", params=params))


def remove_unreadable(owner_url: str, keys: Sequence[str]) -> int:
    """Remove the second steps that no key opens, so that people set them up anew; gives how many.

    An app and its recovery codes go together: codes without an app would lock their owner out.
    """
    with psycopg.connect(owner_url) as connection:
        lost = {user for user, sealed in _sealed(connection) if not opening_key(sealed, keys)}
        connection.execute(
            "DELETE FROM mfa_authenticator"
            " WHERE user_id = ANY(%s) AND type IN ('totp', 'recovery_codes')",
            [list(lost)],
        )
    return len(lost)


def _sealed(connection: _Connection) -> Iterator[tuple[int, str]]:
    """Each sealed secret, with the id of whose it is."""
    for user, data in connection.execute("SELECT user_id, data FROM mfa_authenticator").fetchall():
        yield from ((user, sealed) for sealed in _secrets_in(data))


def _secrets_in(data: Mapping[str, Any]) -> Iterator[str]:
    yield from (data[name] for name in ("secret", "seed") if name in data)
    yield from data.get("migrated_codes") or ()
