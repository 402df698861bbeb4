"""Write in the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from django.db import connection

from telmee.apps.audit.models import Event


class Doer(Protocol):
    """Somebody who acts: a user, for one of the organisations he belongs to."""

    @property
    def user_id(self) -> int | None:
        """The id of the account that acts; None for the system itself."""


class HasKey(Protocol):
    """Any row."""

    pk: int


def record(
    doer: Doer,
    verb: str,
    thing: HasKey,
    *,
    organisation_id: int | None = None,
    contract_id: int | None = None,
    reason: str = "",
    details: Mapping[str, object] | None = None,
) -> None:
    """Write one event, inside the transaction of what it tells of: both stand or neither."""
    record_each(
        doer,
        verb,
        [(thing, details or {})],
        organisation_id=organisation_id,
        contract_id=contract_id,
        reason=reason,
    )


def record_each(
    doer: Doer,
    verb: str,
    things: Iterable[tuple[HasKey, Mapping[str, object]]],
    *,
    organisation_id: int | None = None,
    contract_id: int | None = None,
    reason: str = "",
) -> None:
    """Write that the same was done to several things, each with its own details, in one go."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{verb}: the journal is written in the transaction of the deed")
    # Not returned: somebody may write an event that he may not read afterwards.
    Event.objects.bulk_create(
        [
            Event(
                user_id=doer.user_id,
                organisation_id=organisation_id,
                verb=verb,
                kind=verb.partition(".")[0],
                object_id=thing.pk,
                contract_id=contract_id,
                reason=reason,
                details=dict(details),
            )
            for thing, details in things
        ]
    )
