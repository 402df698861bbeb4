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
from telmee.apps.contributions.queries import Waiting, waiting_on
from telmee.apps.ledger.queries import Figures, figures
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
    figures: Figures
    waiting: Waiting
    expected_cents: int
    risk: Risk

    @property
    def position(self) -> Position:
        """Where it stands in the books."""
        return self.figures.position

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
        promised_cents=sum(s.figures.promised_cents for s in counted),
        delivered_cents=sum(s.figures.delivered_cents for s in counted),
        verified_cents=sum(s.position.verified_cents for s in counted),
        open_cents=sum(s.position.open_cents for s in counted),
        expected_cents=sum(s.expected_cents for s in counted),
    )


def standings(
    contracts: QuerySet[Contract], *, today: date, as_of: datetime | None = None
) -> list[Standing]:
    """Give where contracts stand. Runs six queries.

    A framework agreement stands where its call-offs stand together. `as_of` gives all three figures
    as they were at a moment; what is expected at the end, and what waits, is always today's.
    """
    found = list(contracts.defer(*_LONG))
    ids = {contract.pk for contract in found}
    calls = _call_offs(found)
    every = [*ids, *(id_ for under in calls.values() for id_ in under if id_ not in ids)]
    known = _Known(figures(every, as_of=as_of), waiting_on(every), _plans(every), today)
    parties = _parties(ids)
    return [
        _standing(contract, calls.get(contract.pk, [contract.pk]), known, parties)
        for contract in found
    ]


@dataclass(frozen=True, slots=True)
class _Known:
    """What stands in the tables, by contract."""

    figures: dict[int, Figures]
    waiting: dict[int, Waiting]
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
    known: _Known,
    parties: dict[tuple[int, str], tuple[int, str]],
) -> Standing:
    today = known.today
    standing = _sum_figures([known.figures[id_] for id_ in ids])
    lines = [line for id_ in ids for line in known.plans.get(id_, ())]
    expected = expected_at_end_cents(
        standing.position,
        delivered_cents=standing.undecided_cents,
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
        figures=standing,
        waiting=_sum_waiting([known.waiting[id_] for id_ in ids if id_ in known.waiting]),
        expected_cents=expected,
        risk=risk_of(standing.position, expected, contract.start, contract.end, today),
    )


def _ahead(line: PlanLine, today: date) -> int:
    """Give what of a plan line lies ahead; one without an end is a day."""
    return ahead_cents(line.value_cents or 0, line.begin, line.end or line.begin, today)


def _sum_figures(found: list[Figures]) -> Figures:
    """Add figures up, each by itself."""
    if len(found) == 1:
        return found[0]
    kinds = [kind.name for kind in fields(Position)]
    positions = [one.position for one in found]
    return Figures(
        Position(**{kind: sum(getattr(one, kind) for one in positions) for kind in kinds}),
        promised_cents=sum(one.promised_cents for one in found),
        delivered_cents=sum(one.delivered_cents for one in found),
        undecided_cents=sum(one.undecided_cents for one in found),
    )


def _sum_waiting(found: list[Waiting]) -> Waiting:
    if len(found) == 1:
        return found[0]
    since = min((part.since for part in found if part.since), default=None)
    return Waiting(sum(part.count for part in found), since)
