"""Write in the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

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


class Done(NamedTuple):
    """To what something was done, for which organisation and on which contract, with the facts."""

    thing: HasKey
    organisation_id: int | None
    contract_id: int | None
    details: Mapping[str, object]
    reason: str = ""


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
    record_each(doer, verb, [Done(thing, organisation_id, contract_id, details or {}, reason)])


def record_each(doer: Doer, verb: str, deeds: Iterable[Done]) -> None:
    """Write that the same was done to several things, as `record` does, in one go."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{verb}: the journal is written in the transaction of the deed")
    # Not returned: somebody may write an event that he may not read afterwards.
    Event.objects.bulk_create(
        [
            Event(
                user_id=doer.user_id,
                organisation_id=one.organisation_id,
                verb=verb,
                kind=verb.partition(".")[0],
                object_id=one.thing.pk,
                contract_id=one.contract_id,
                reason=one.reason,
                details=dict(one.details),
            )
            for one in deeds
        ]
    )
