"""All contracts of somebody with where they stand: the rows of every home and contract list.

The figures come from the same functions as those of one contract (`telmee.core.ledger`), in a
constant number of queries, however many contracts there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime

from django.db.models import QuerySet

from telmee.apps.contracts.choices import Form, PartyRole
from telmee.apps.contracts.models import Contract, Party, PlanLine
from telmee.apps.contributions.queries import Delivered, delivered
from telmee.apps.ledger.queries import positions
from telmee.apps.reports.many import listed
from telmee.core.ledger import Position, Risk, ahead_cents, expected_at_end_cents, risk_of

#: Long texts of a contract that no list shows.
_LONG = ("percentage_reason", "no_obligation_reason")


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


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of several contracts, each added up by itself; in cents."""

    contracts: int = 0
    owed_cents: int = 0
    promised_cents: int = 0
    delivered_cents: int = 0
    verified_cents: int = 0
    open_cents: int = 0
    expected_cents: int = 0


def totals(found: Iterable[Standing]) -> Totals:
    """Add up where contracts stand.

    A framework agreement owes what its call-offs owe, so it adds nothing of its own.
    """
    counted = [standing for standing in found if standing.contract.form != Form.FRAMEWORK]
    return Totals(
        contracts=len(counted),
        owed_cents=sum(s.position.owed_cents for s in counted),
        promised_cents=sum(s.promised_cents for s in counted),
        delivered_cents=sum(s.claimed.claimed_cents for s in counted),
        verified_cents=sum(s.position.verified_cents for s in counted),
        open_cents=sum(s.position.open_cents for s in counted),
        expected_cents=sum(s.expected_cents for s in counted),
    )


def standings(
    contracts: QuerySet[Contract], *, today: date, as_of: datetime | None = None
) -> list[Standing]:
    """Give where contracts stand. Runs six queries.

    A framework agreement stands where its call-offs stand together. `as_of` gives the books of a
    moment; what was claimed and promised is always today's.
    """
    found = list(contracts.defer(*_LONG))
    ids = {contract.pk for contract in found}
    calls = _call_offs(found)
    every = [*ids, *(id_ for under in calls.values() for id_ in under if id_ not in ids)]
    figures = _Figures(positions(every, as_of=as_of), delivered(every), _plans(every), today)
    parties = _parties(ids)
    return [
        _standing(contract, calls.get(contract.pk, [contract.pk]), figures, parties)
        for contract in found
    ]


@dataclass(frozen=True, slots=True)
class _Figures:
    """What stands in the tables, by contract."""

    books: dict[int, Position]
    claims: dict[int, Delivered]
    plans: dict[int, list[PlanLine]]
    today: date


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
    lines = PlanLine.objects.filter(contract_id__in=listed(contract_ids))
    for line in lines.only("contract_id", "begin", "end", "value_cents"):
        plans[line.contract_id].append(line)
    return plans


def _parties(contract_ids: Iterable[int]) -> dict[tuple[int, str], tuple[int, str]]:
    """Give the client and the contractor of each contract, as an id and a name."""
    named = (PartyRole.CLIENT, PartyRole.CONTRACTOR)
    rows = Party.objects.filter(contract_id__in=listed(contract_ids), role__in=named)
    return {
        (contract_id, role): (organisation_id, name)
        for contract_id, role, organisation_id, name in rows.values_list(
            "contract_id", "role", "organisation_id", "organisation__name"
        )
    }


def _standing(
    contract: Contract,
    ids: list[int],
    figures: _Figures,
    parties: dict[tuple[int, str], tuple[int, str]],
) -> Standing:
    today = figures.today
    position = _sum_positions([figures.books[id_] for id_ in ids])
    claimed = _sum_delivered([figures.claims[id_] for id_ in ids if id_ in figures.claims])
    lines = [line for id_ in ids for line in figures.plans.get(id_, ())]
    expected = expected_at_end_cents(
        position,
        delivered_cents=claimed.undecided_cents,
        planned_cents=sum(_ahead(line, today) for line in lines),
    )
    client_id, client_name = parties.get((contract.pk, PartyRole.CLIENT), (None, ""))
    contractor_id, contractor_name = parties.get((contract.pk, PartyRole.CONTRACTOR), (None, ""))
    return Standing(
        contract=contract,
        client_id=client_id,
        client_name=client_name,
        contractor_id=contractor_id,
        contractor_name=contractor_name,
        position=position,
        promised_cents=sum(line.value_cents or 0 for line in lines),
        claimed=claimed,
        expected_cents=expected,
        risk=risk_of(position, expected, contract.start, contract.end, today),
    )


def _ahead(line: PlanLine, today: date) -> int:
    """Give what of a plan line lies ahead; one without an end is a day."""
    return ahead_cents(line.value_cents or 0, line.begin, line.end or line.begin, today)


def _sum_positions(found: list[Position]) -> Position:
    """Add positions up, kind by kind."""
    if len(found) == 1:
        return found[0]
    kinds = [field.name for field in fields(Position)]
    return Position(**{kind: sum(getattr(one, kind) for one in found) for kind in kinds})


def _sum_delivered(found: list[Delivered]) -> Delivered:
    if len(found) == 1:
        return found[0]
    return Delivered(
        sum(part.claimed_cents for part in found),
        sum(part.undecided_cents for part in found),
        sum(part.undecided_count for part in found),
        min((part.waiting_since for part in found if part.waiting_since), default=None),
    )
