"""What comparable contracts owe, for whoever says what a new one will."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telmee.apps.contracts.access import contracts_of
from telmee.apps.contracts.choices import DECIDING_ROLES
from telmee.apps.organisations.acting import Acting
from telmee.core.money import part_bp
from telmee.core.obligations.proportion import FEWEST

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from telmee.apps.contracts.models import Contract

#: A contract is of a size with one of half its value up to twice it.
_SIZE = 2
_DIVISION = 2  # the first two figures of a CPV code say which kind of work or goods it is


def comparable_shares(
    acting: Acting, *, category: str, value_cents: int, cpv: str | None, besides: int | None = None
) -> list[int]:
    """What contracts of the same kind and size owe of their value, in basis points.

    They are those on which somebody decides: of his client, or of all clients of his region. Where
    enough of them are of the same division of the CPV, only those. One without an obligation is
    left out: what its rules excuse says nothing of what they ask.
    """
    alike = contracts_of(acting, *DECIDING_ROLES).filter(
        category=category,
        value_cents__range=(-(-value_cents // _SIZE), value_cents * _SIZE),
        value_cents__gt=0,
        obligation_cents__gt=0,
    )
    if besides is not None:
        alike = alike.exclude(pk=besides)
    if cpv:
        closer = _shares(alike.filter(cpv__code__startswith=cpv[:_DIVISION]))
        if len(closer) >= FEWEST:
            return closer
    return _shares(alike)


def _shares(contracts: QuerySet[Contract]) -> list[int]:
    sums = contracts.order_by().values_list("obligation_cents", "value_cents")
    return [part_bp(owed or 0, value) for owed, value in sums]
