"""What enforcement brings about: where contracts stand, what a signal does, and what it comes to.

For the contracts that are given, so that a home, a list and an account say the same of the same.
Runs a fixed number of queries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from telmee.apps.enforcement.models import Leniency, Step
from telmee.apps.enforcement.queries import climbs_of, counts_since, holds, steps_on
from telmee.apps.ledger.booked import enforced_per_year
from telmee.apps.organisations.many import listed
from telmee.apps.organisations.prepared import prepared
from telmee.core.enforcement import Effect, Leaving, Signalled, effect_of
from telmee.core.enforcement import Step as Rung
from telmee.core.ledger import EntryKind

#: The grounds of what was booked past a ladder: a fine by hand, and euros waived in a correction.
BY_LADDER, BY_HAND = "ladder", "by_hand"


@dataclass(frozen=True, slots=True)
class OnRung:
    """How many contracts stand on a rung, and since when the longest of them does."""

    contracts: int
    since: date


@dataclass(frozen=True, slots=True)
class Booked:
    """Euros of one year: fines, or what was let go of, on one ground."""

    year: int
    kind: EntryKind
    ground: str
    cents: int


@dataclass(frozen=True, slots=True)
class Enforced:
    """The figures of enforcement on some contracts.

    `rungs` say where contracts stand now, `effect` what signals brought about, `booked` the fines
    and the leniency in euros, the latest year first.
    """

    rungs: Mapping[Rung, OnRung]
    effect: Effect
    booked: tuple[Booked, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell of."""
        return not self.rungs and not self.booked and self.effect.median_days is None


def enforced(contract_ids: Iterable[int], *, today: date) -> Enforced:
    """The figures of enforcement on contracts, as somebody sees them. Runs four queries."""
    ids = list(contract_ids)
    steps = _steps(ids)
    return Enforced(_rungs(steps), effect_of(_signals(steps), today=today), _booked(ids))


@prepared
def _steps(contract_ids: Collection[int]) -> QuerySet[Step]:
    return steps_on(contract_ids).select_related("ladder")


def _rungs(steps: list[Step]) -> dict[Rung, OnRung]:
    days: dict[str, list[date]] = defaultdict(list)
    for climb in climbs_of(steps).values():
        if climb.last is not None:
            days[climb.last.kind].append(counts_since(climb.last))
    return {rung: OnRung(len(days[rung]), min(days[rung])) for rung in Rung if days[rung]}


def _signals(steps: list[Step]) -> list[Signalled]:
    """Every signal that holds, with the day on which its contract caught up, if it did since."""
    caught: dict[int, list[tuple[int, date]]] = defaultdict(list)
    for step in steps:
        left = getattr(step, "exit", None)
        if left is not None and left.why == Leaving.CAUGHT_UP:
            caught[step.contract_id].append((step.number, left.on))
    return [
        Signalled(
            step.late_since,
            counts_since(step),
            next((on for nr, on in caught[step.contract_id] if nr >= step.number), None),
            step.ladder.effect_weeks,
        )
        for step in steps
        if step.kind == Rung.SIGNAL and holds(step)
    ]


def _booked(contract_ids: list[int]) -> tuple[Booked, ...]:
    rows = enforced_per_year(contract_ids)
    if not rows:
        return ()
    own = Leniency.objects.filter(contract_id__in=listed(contract_ids), cents__isnull=False)
    grounds = dict(own.values_list("key", "ground"))
    fines = Step.objects.filter(contract_id__in=listed(contract_ids), amount_cents__isnull=False)
    grounds |= dict.fromkeys(fines.values_list("key", flat=True), BY_LADDER)
    sums: dict[tuple[int, EntryKind, str], int] = defaultdict(int)
    for row in rows:
        sums[row.year, row.kind, grounds.get(row.key, BY_HAND)] += row.cents
    return tuple(
        Booked(year, kind, ground, cents)
        for (year, kind, ground), cents in sorted(
            sums.items(), key=lambda one: one[0], reverse=True
        )
        if cents
    )
