"""What was feasible on comparable contracts that are over, for who makes or answers a plan.

It is told to who decides on those contracts himself. Neither a contract nor a person can be known
by it: there are at least five contracts, and a building block is named when five have some of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Sum

from telmee.apps.contracts.comparing import Alike, comparable_ended
from telmee.apps.contracts.models import Contract
from telmee.apps.contributions.models import Contribution
from telmee.apps.ledger.queries import positions
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import listed
from telmee.core.money import part_bp
from telmee.core.obligations.proportion import FEWEST


@dataclass(frozen=True, slots=True)
class Usual:
    """A building block, the part of what was owed that was verified with it, and how often."""

    block: str
    part_bp: int
    contracts: int


@dataclass(frozen=True, slots=True)
class Feasible:
    """Of how many contracts something is known, and which part of what they owed was verified."""

    contracts: int
    verified_bp: int
    usual: tuple[Usual, ...]


def feasible(acting: Acting, contract: Contract, *, today: date) -> Feasible | None:
    """What was feasible on contracts like this one; `None` where too little is known.

    Runs three queries at most.
    """
    alike = Alike(contract.category, contract.value_cents, contract.cpv_id)
    ids = comparable_ended(
        acting, alike, contract.scheme.scheme_id, besides=contract.pk, today=today
    )
    if len(ids) < FEWEST:
        return None
    stands = positions(ids).values()
    owed = sum(position.owed_cents for position in stands)
    if owed <= 0:
        return None
    lines = Contribution.objects.filter(contract_id__in=listed(ids), verified_cents__gt=0)
    rows = lines.order_by().values_list("block")
    sums = rows.annotate(Sum("verified_cents"), Count("contract_id", distinct=True))
    usual = [
        Usual(block, part_bp(int(cents), owed), number)
        for block, cents, number in sums
        if number >= FEWEST
    ]
    usual.sort(key=lambda one: (-one.part_bp, one.block))
    verified = sum(position.verified_cents for position in stands)
    return Feasible(len(ids), part_bp(verified, owed), tuple(usual))
