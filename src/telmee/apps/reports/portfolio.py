"""All contracts of somebody with where they stand: the rows of every home and contract list.

The figures come from the same functions as those of one contract (`telmee.core.ledger`), in a
constant number of queries, however many contracts there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.models import Contract, PlanLine
from telmee.apps.contracts.queries import with_names
from telmee.apps.contributions.queries import Delivered, delivered
from telmee.apps.ledger.queries import positions
from telmee.core.ledger import Position, Risk, ahead_cents, expected_at_end_cents, risk_of


@dataclass(frozen=True, slots=True)
class Standing:
    """A contract and its figures in cents: promised, delivered and verified are never mixed.

    `expected_cents` is what will count at the end if all that was delivered and promised comes
    true.
    """

    contract: Contract
    client_id: int | None
    client_name: str
    contractor_id: int | None
    contractor_name: str
    position: Position
    promised_cents: int
    claimed: Delivered
    expected_cents: int
    risk: Risk

    @property
    def owes(self) -> bool:
        """Tell whether anything is owed at all."""
        return self.position.owed_cents > 0


def standings(
    contracts: QuerySet[Contract], *, today: date, as_of: datetime | None = None
) -> list[Standing]:
    """Give where contracts stand. Runs five queries.

    A framework agreement stands where its call-offs stand together. `as_of` gives the books of a
    moment; what was claimed and promised is always today's.
    """
    found = list(with_names(contracts).select_related("scheme"))
    ids = [contract.pk for contract in found]
    calls = _call_offs(found)
    every = [*ids, *(id_ for under in calls.values() for id_ in under if id_ not in set(ids))]
    books = positions(every, as_of=as_of)
    claims = delivered(every)
    plans = _plans(every)
    return [
        _standing(contract, calls.get(contract.pk, [contract.pk]), books, claims, plans, today)
        for contract in found
    ]


def _call_offs(contracts: list[Contract]) -> dict[int, list[int]]:
    """Give the ids of the call-offs under each framework agreement."""
    frameworks = [c.pk for c in contracts if c.form == Form.FRAMEWORK]
    under: dict[int, list[int]] = {pk: [] for pk in frameworks}
    rows = Contract.objects.filter(parent_id__in=frameworks).values_list("parent_id", "pk")
    for parent_id, pk in rows:
        under[parent_id].append(pk)
    return under


def _plans(contract_ids: list[int]) -> dict[int, list[PlanLine]]:
    plans: dict[int, list[PlanLine]] = defaultdict(list)
    for line in PlanLine.objects.filter(contract_id__in=contract_ids):
        plans[line.contract_id].append(line)
    return plans


def _standing(
    contract: Contract,
    ids: list[int],
    books: dict[int, Position],
    claims: dict[int, Delivered],
    plans: dict[int, list[PlanLine]],
    today: date,
) -> Standing:
    position = _sum_positions(books[id_] for id_ in ids)
    claimed = _sum_delivered(claims.get(id_, Delivered()) for id_ in ids)
    lines = [line for id_ in ids for line in plans.get(id_, ())]
    expected = expected_at_end_cents(
        position,
        delivered_cents=claimed.undecided_cents,
        planned_cents=sum(_ahead(line, today) for line in lines),
    )
    return Standing(
        contract=contract,
        client_id=contract.client_id,  # type: ignore[attr-defined]  # added by with_names
        client_name=contract.client_name or "",  # type: ignore[attr-defined]
        contractor_id=contract.contractor_id,  # type: ignore[attr-defined]
        contractor_name=contract.contractor_name or "",  # type: ignore[attr-defined]
        position=position,
        promised_cents=sum(line.value_cents or 0 for line in lines),
        claimed=claimed,
        expected_cents=expected,
        risk=risk_of(position, expected, contract.start, contract.end, today),
    )


def _ahead(line: PlanLine, today: date) -> int:
    """Give what of a plan line lies ahead; one without an end is a day."""
    return ahead_cents(line.value_cents or 0, line.begin, line.end or line.begin, today)


def _sum_positions(found: Iterable[Position]) -> Position:
    """Add positions up, kind by kind."""
    total = Position()
    for position in found:
        total = Position(
            *(
                getattr(total, name) + getattr(position, name)
                for name in Position.__dataclass_fields__
            )
        )
    return total


def _sum_delivered(found: Iterable[Delivered]) -> Delivered:
    parts = list(found)
    dates = [part.waiting_since for part in parts if part.waiting_since]
    return Delivered(
        sum(part.claimed_cents for part in parts),
        sum(part.undecided_cents for part in parts),
        sum(part.undecided_count for part in parts),
        min(dates, default=None),  # type: ignore[type-var]
    )
