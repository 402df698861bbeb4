"""What comparable contracts owe, for whoever says what a new one will."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from telmee.apps.contracts.access import contracts_of
from telmee.apps.contracts.choices import DECIDING_ROLES, Ground
from telmee.apps.contracts.models import Amendment
from telmee.apps.organisations.acting import Acting
from telmee.core.money import part_bp
from telmee.core.obligations.proportion import FEWEST

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from telmee.apps.contracts.models import Contract

#: A contract is of a size with one of half its value up to twice it.
_SIZE = 2
_FOLLOWS_TURNOVER = Amendment.objects.filter(contract=OuterRef("pk"), ground=Ground.TURNOVER)
_DIVISION = 2  # the first two figures of a CPV code say which kind of work or goods it is


@dataclass(frozen=True, slots=True)
class Alike:
    """What others are held against: the kind, the value and the CPV code of a contract."""

    category: str
    value_cents: int
    cpv: str | None

    @property
    def sizes(self) -> tuple[int, int]:
        """From which value to which a contract is of the same size; both count."""
        return -(-self.value_cents // _SIZE), self.value_cents * _SIZE


def comparable_shares(acting: Acting, alike: Alike, *, besides: int | None = None) -> list[int]:
    """What contracts of the same kind and size owe of their value, in basis points.

    They are those on which somebody decides: of his client, or of all clients of his team. Where
    enough of them are of the same division of the CPV, only those. One without an obligation is
    left out: what its rules excuse says nothing of what they ask. So is one that follows turnover:
    what was agreed so far is owed of a part of its value.
    """
    contracts = _comparable(acting, alike, besides)

    def shares(division: str) -> list[int]:
        sums = _within(contracts, division).values_list("obligation_cents", "value_cents")
        return [part_bp(owed or 0, value) for owed, value in sums]

    return _closest(shares, alike)


def comparable_ended(
    acting: Acting, alike: Alike, scheme_id: str, *, besides: int, today: date
) -> list[int]:
    """The ids of such contracts that are over and under the same rules, as `comparable_shares`."""
    over = Q(end__lt=today) | Q(closed_on__isnull=False)
    contracts = _comparable(acting, alike, besides).filter(over, scheme__scheme_id=scheme_id)
    return _closest(lambda part: list(_within(contracts, part).values_list("pk", flat=True)), alike)


def _comparable(acting: Acting, alike: Alike, besides: int | None) -> QuerySet[Contract]:
    """The contracts of the same kind and size that owe something and that somebody decides on."""
    contracts = (
        contracts_of(acting, *DECIDING_ROLES)
        .filter(
            category=alike.category,
            value_cents__range=alike.sizes,
            value_cents__gt=0,
            obligation_cents__gt=0,
        )
        .exclude(Exists(_FOLLOWS_TURNOVER))
    )
    return contracts if besides is None else contracts.exclude(pk=besides)


def _within(contracts: QuerySet[Contract], division: str) -> QuerySet[Contract]:
    """Those of a division of the CPV; all of them without one."""
    contracts = contracts.order_by()
    return contracts.filter(cpv__code__startswith=division) if division else contracts


def regional_shares(client_id: int, alike: Alike) -> list[int]:
    """What the other clients of a client's labour-market region ask of such contracts.

    In basis points, and by the rules of `comparable_shares`. None at all where they are of fewer
    than three clients, so that no client can be known by it.
    """

    def shares(division: str) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT telmee_region_shares(%s, %s, %s, %s, %s)",
                [client_id, alike.category, *alike.sizes, division],
            )
            return cursor.fetchone()[0] or []

    return _closest(shares, alike)


def _closest(shares: Callable[[str], list[int]], alike: Alike) -> list[int]:
    """What there is within the division of the CPV where that is enough, else all."""
    if alike.cpv:
        closer = shares(alike.cpv[:_DIVISION])
        if len(closer) >= FEWEST:
            return closer
    return shares("")
