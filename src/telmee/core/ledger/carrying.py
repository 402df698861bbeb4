"""Who carries a contract out on a day: the fold over its amendments in which it was taken over.

The obligation stays with the contract, and what was delivered with who delivered it
(docs/decisions/0029).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from telmee.core.ledger.amending import Amendment, Facts, stages_of

#: The fact that says who carries a contract out, by the id of an organisation. The first takeover
#: also says who did so before it: a registration names no contractor.
CONTRACTOR, FIRST_CONTRACTOR = "contractor", "first_contractor"


def with_contractor(chain: Iterable[Amendment]) -> list[Amendment]:
    """The chain with its first contractor among the facts of the registration, if it changed.

    Without a takeover nothing is added: who carries the contract out is then no fact of its chain.
    """
    amendments = list(chain)
    first = next(
        (one.facts[FIRST_CONTRACTOR] for one in amendments if FIRST_CONTRACTOR in one.facts), None
    )
    if first is None:
        return amendments
    return [
        replace(one, facts=_without_first(one.facts) | ({} if one.number else {CONTRACTOR: first}))
        for one in amendments
    ]


def _without_first(facts: Facts) -> dict[str, object]:
    return {name: fact for name, fact in facts.items() if name != FIRST_CONTRACTOR}


@dataclass(frozen=True, slots=True)
class Carrier:
    """An organisation that carries a contract out from a day on, until the next one does."""

    since: date
    organisation: int


def carriers_of(chain: Iterable[Amendment]) -> list[Carrier]:
    """Who carries a contract out, the earliest first; nothing where it was never taken over.

    >>> chain = [
    ...     Amendment(0, date(2024, 1, 1)),
    ...     Amendment(1, date(2026, 1, 1), {"contractor": 8, "first_contractor": 7}),
    ...     Amendment(2, date(2025, 1, 1), {"contractor": 9}),  # recorded later, counts earlier
    ... ]
    >>> [(one.since.year, one.organisation) for one in carriers_of(chain)]
    [(2024, 7), (2025, 9), (2026, 8)]
    """
    carriers: list[Carrier] = []
    for stage in stages_of(with_contractor(chain)):
        organisation = stage.facts.get(CONTRACTOR)
        if isinstance(organisation, int) and (
            not carriers or carriers[-1].organisation != organisation
        ):
            carriers.append(Carrier(stage.effective_on, organisation))
    return carriers


def carrier_on(carriers: Sequence[Carrier], day: date) -> int | None:
    """Who carries a contract out on a day; before its first day the first one."""
    reached = [one for one in carriers if one.since <= day]
    return next((one.organisation for one in (reached[-1:] or carriers[:1])), None)


def formers_of(carriers: Sequence[Carrier]) -> dict[int, date]:
    """From which day who carried a contract out does so no more, by the organisation."""
    now = carriers[-1].organisation if carriers else None
    return {
        one.organisation: following.since
        for one, following in pairwise(carriers)
        if one.organisation != now
    }
