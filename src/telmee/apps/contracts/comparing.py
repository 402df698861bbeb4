"""What comparable contracts owe, for whoever says what a new one will."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef

from telmee.apps.contracts.access import contracts_of
from telmee.apps.contracts.choices import DECIDING_ROLES, Ground
from telmee.apps.contracts.models import Amendment
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.prepared import prepared
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
    others = _comparable(acting, alike, besides)
    return _closest(lambda part: [part_bp(one.owed, one.value) for one in _in(part, others)], alike)


def comparable_ended(
    acting: Acting, alike: Alike, scheme_id: str, *, besides: int, today: date
) -> list[int]:
    """The ids of such contracts that are over and under the same rules, as `comparable_shares`."""
    ended = [
        one
        for one in _comparable(acting, alike, besides)
        if one.scheme_id == scheme_id and (one.end < today or one.closed_on is not None)
    ]
    return _closest(lambda part: [one.pk for one in _in(part, ended)], alike)


class _Other(NamedTuple):
    """What is read of a contract to hold another against."""

    pk: int
    cpv: str | None
    owed: int
    value: int
    scheme_id: str
    end: date
    closed_on: date | None


def _comparable(acting: Acting, alike: Alike, besides: int | None) -> list[_Other]:
    """The contracts of the same kind and size that owe something and that somebody decides on."""
    rows = _owing(acting, alike.category, *alike.sizes)
    return [one for one in map(_Other._make, rows) if one.pk != besides]


@prepared
def _owing(
    acting: Acting, category: str, least: int, most: int
) -> QuerySet[Contract, tuple[Any, ...]]:
    contracts = contracts_of(acting, *DECIDING_ROLES).filter(
        category=category,
        value_cents__range=(least, most),
        value_cents__gt=0,
        obligation_cents__gt=0,
    )
    owing = contracts.exclude(Exists(_FOLLOWS_TURNOVER)).order_by()
    sums = ("obligation_cents", "value_cents")
    return owing.values_list("pk", "cpv__code", *sums, "scheme__scheme_id", "end", "closed_on")


def _in(division: str, others: Iterable[_Other]) -> list[_Other]:
    """Those of a division of the CPV; all of them without one."""
    return [one for one in others if not division or (one.cpv or "").startswith(division)]


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
