"""Pools in tests, by the same actions as the pages use."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random
from typing import Any
from uuid import UUID, uuid4

from telmee.apps.contracts import pooling
from telmee.apps.contracts.access import contract_for
from telmee.apps.ledger.models import Balance, Entry
from telmee.apps.ledger.queries import positions
from telmee.apps.organisations.acting import Acting, acting_as
from telmee.core.errors import DomainError
from tests.cast import Cast
from tests.money import accepted
from tests.registering import hand_in, register

TODAY, DAY = date(2025, 9, 1), date(2025, 6, 1)
REASON = "Samen opgepakt."


def rich_and_poor(cast: Cast) -> tuple[int, int]:
    """A contract with a surplus, and one on which much is open."""
    rich = register(cast, agreed_cents=1_000_00)
    poor = register(cast, reference="HIL-2", agreed_cents=50_000_00)
    accepted(cast, hand_in(cast, rich))
    return rich, poor


def proposed(cast: Cast, *contracts: int, by: str = "adviser", **facts: Any) -> UUID:
    """Propose a pool of contracts, and give its key."""
    asked: dict[str, Any] = {
        "pool": uuid4(),
        "name": "Schoonmaak",
        "begin": date(2025, 1, 1),
        "note": REASON,
        "key": uuid4(),
        "today": TODAY,
        **facts,
    }
    with acting_as(getattr(cast, by).pk) as acting:
        pooling.propose_pool(acting, contracts, **asked)
    return asked["pool"]  # type: ignore[no-any-return]


def waiting(cast: Cast, pool: UUID) -> list[int]:
    """The ids of what waits for an answer in a pool."""
    with acting_as(cast.auditor.pk):
        return [one.version.pk for one in pooling.pool_of(pool).waits.values()]


def answered(cast: Cast, pool: UUID, *, by: str = "contractor", **facts: Any) -> None:
    """Answer all that waits in a pool: with a yes, unless something else is said."""
    seen = facts.pop("seen", None) or waiting(cast, pool)
    with acting_as(getattr(cast, by).pk) as acting:
        pooling.answer_pool(acting, pool, seen, **{"agrees": True, **facts})


def pooled(cast: Cast, *contracts: int) -> UUID:
    """Put contracts in a pool, agreed by both sides."""
    key = proposed(cast, *contracts)
    answered(cast, key)
    return key


def left(cast: Cast, contract: int, *, by: str = "adviser", **facts: Any) -> None:
    """Propose that a contract leaves its pool."""
    asked = {"end": TODAY, "note": REASON, "key": uuid4(), "today": TODAY, **facts}
    with acting_as(getattr(cast, by).pk) as acting:
        pooling.propose_leaving(contract_for(acting, contract), **asked)


def seal(cast: Cast, pool: UUID, day: date = DAY) -> str:
    """What stands for the proposal that the page of a pool shows now."""
    with acting_as(cast.adviser.pk) as acting:
        ids = pooling.places_in(pooling.pool_of(pool), day)
        contracts = [contract_for(acting, pk).contract for pk in ids]
        return pooling.seal_of(pooling.shifts_of(contracts, positions(ids)))


def balanced(cast: Cast, pool: UUID, *, by: str = "adviser", **facts: Any) -> None:
    """Book what the page of a pool proposes."""
    asked = {"seen": seal(cast, pool), "reason": REASON, "effective_on": DAY, "key": uuid4()}
    with acting_as(getattr(cast, by).pk) as acting:
        pooling.balance_pool(acting, pool, **{**asked, **facts})


def code_of(deed: Any, *args: Any, **facts: Any) -> str:
    """Do something, and give the code of what refused it."""
    try:
        deed(*args, **facts)
    except DomainError as error:
        return error.problems[0].code
    return "done"


def answer_some(acting: Acting, pool: UUID, chance: Random) -> bool:
    """Answer what one of the sides proposed, mostly with a yes; whether anything waited."""
    waits = pooling.pool_of(pool).waits.values()
    by = sorted({one.version.organisation_id for one in waits})
    if not by:
        return False
    side = chance.choice(by)
    seen = [one.version.pk for one in waits if one.version.organisation_id == side]
    agrees = chance.random() < 0.8
    pooling.answer_pool(acting, pool, seen, agrees=agrees, reason="Liever niet.")
    return True


def balance_now(acting: Acting, pool: UUID, day: date) -> None:
    """Book what can move in a pool, whatever that is."""
    ids = pooling.places_in(pooling.pool_of(pool), day)
    contracts = [contract_for(acting, pk).contract for pk in ids]
    seen = pooling.seal_of(pooling.shifts_of(contracts, positions(ids)))
    pooling.balance_pool(acting, pool, seen=seen, reason=REASON, effective_on=day, key=uuid4())


def prove_moved(contracts: list[int]) -> None:
    """What moved comes to zero: each transfer, each year of it, and all contracts together."""
    moves = {"carried_out": -1, "carried_in": 1, "pooled": 1}
    sums: Counter[Any] = Counter()
    for entry in Entry.objects.filter(contract__in=contracts, kind__in=moves):
        sums[entry.transfer, entry.effective_on.year] += moves[entry.kind] * entry.amount_cents
    assert set(sums.values()) <= {0}
    years: Counter[int] = Counter()
    kept = Balance.objects.filter(contract__in=contracts, kind__in=moves)
    for year, kind, cents in kept.values_list("year", "kind", "cents"):
        years[year] += moves[kind] * cents
    assert set(years.values()) <= {0}
