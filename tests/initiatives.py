"""Initiatives in tests: one effort of several contractors, agreed and handed in as on the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from telmee.apps.contracts import pooling
from telmee.apps.contracts.access import contract_for
from telmee.apps.contributions.actions import save_draft, submit
from telmee.apps.contributions.initiatives import give_to_initiative
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.money import stands
from tests.pooling import answered, proposed
from tests.registering import PLACEMENT, found, register

THIRDS = (33_33, 33_33, 33_34)


@dataclass
class World:
    """Three contracts of one client with two contractors, in one initiative."""

    contracts: list[int]
    pool: UUID


def world(
    cast: Cast, parts: tuple[int, ...] = THIRDS, *, agreed: bool = True, **facts: Any
) -> World:
    """An initiative of contracts of two contractors; all agree, unless that is to come."""
    rival = replace(cast, de_eem=cast.rival)
    contracts = [
        register(cast, reference="I-1", **facts),
        register(rival, reference="I-2", **facts),
        register(cast, reference="I-3", **facts),
    ]
    pool = shared(cast, dict(zip(contracts, parts, strict=True)))
    if agreed:
        agree(cast, pool)
    return World(contracts, pool)


def shared(cast: Cast, parts: Mapping[int, int], **facts: Any) -> UUID:
    return proposed(cast, *parts, parts=parts, name="Park", **facts)


def agree(cast: Cast, pool: UUID) -> None:
    """Let each contractor agree with what waits for him."""
    for who in ("contractor", "competitor"):
        with acting_as(getattr(cast, who).pk):
            seen = [one.version.pk for one in pooling.pool_of(pool).waits.values()]
        if seen:
            answered(cast, pool, by=who, seen=seen)


def handed_in(cast: Cast, contract: int, *, by: str = "contractor", **cells: Any) -> int:
    """Hand in a line for the initiative of a contract."""
    line = drafted(cast, contract, by=by, **cells)
    with acting_as(getattr(cast, by).pk) as acting:
        submit(*found(acting, line))
    return line


def drafted(cast: Cast, contract: int, *, by: str = "contractor", **cells: Any) -> int:
    """A draft for the initiative of a contract."""
    with acting_as(getattr(cast, by).pk) as acting:
        access = contract_for(acting, contract)
        line = save_draft(access, {**PLACEMENT, "kenmerk": "I-1", **cells})
        give_to_initiative(access, line, gives=True)
    return line.pk


def counts(cast: Cast, contracts: list[int]) -> list[int]:
    return [stands(cast, pk).met_cents for pk in contracts]
