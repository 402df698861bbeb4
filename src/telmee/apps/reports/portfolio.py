"""All contracts of somebody with where they stand: the rows of every home and contract list.

The figures come from the same functions as those of one contract (`telmee.core.ledger`), in a
constant number of queries, however many contracts there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from telmee.apps.agreements.models import PlanLine
from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contracts.choices import Form, PartyRole
from telmee.apps.contracts.models import Contract, Party
from telmee.apps.ledger.queries import Figures, figures
from telmee.apps.organisations.many import listed
from telmee.core.ledger import Position, Risk, ahead_cents, expected_at_end_cents, risk_of

#: An organisation and its name, by contract and role.
_Parties = Mapping[tuple[int, str], tuple[int, str]]


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
    """Give where contracts stand. Runs five queries.

    A framework agreement stands where its call-offs stand together. `as_of` gives all three figures
    as they were at a moment; what is expected at the end is always today's.
    """
    found = list(contracts)
    if not found:
        return []
    return _standings(found, _parties(contract.pk for contract in found), today, as_of)


def standing_of(access: ContractAccess, *, today: date) -> Standing:
    """Give where one contract stands, of which the parties are known. Runs three queries."""
    parties = {
        (party.contract_id, party.role): (party.organisation_id, party.organisation.name)
        for party in access.parties
    }
    return _standings([access.contract], parties, today)[0]


def _standings(
    contracts: list[Contract], parties: _Parties, today: date, as_of: datetime | None = None
) -> list[Standing]:
    ids = {contract.pk for contract in contracts}
    calls = _call_offs(contracts)
    every = [*ids, *(id_ for under in calls.values() for id_ in under if id_ not in ids)]
    known = _Known(figures(every, as_of=as_of), _ahead(every, today), today)
    return [
        _standing(contract, calls.get(contract.pk, [contract.pk]), known, parties)
        for contract in contracts
    ]


@dataclass(frozen=True, slots=True)
class _Known:
    """What stands in the tables, by contract."""

    figures: dict[int, Figures]
    ahead: dict[int, int]
    today: date


def _call_offs(contracts: list[Contract]) -> dict[int, list[int]]:
    """Give the ids of the call-offs under each framework agreement."""
    frameworks = [c.pk for c in contracts if c.form == Form.FRAMEWORK]
    under: dict[int, list[int]] = {pk: [] for pk in frameworks}
    rows = Contract.objects.filter(parent_id__in=frameworks).values_list("parent_id", "pk")
    for parent_id, pk in rows:
        under[parent_id].append(pk)
    return under


def _ahead(contract_ids: list[int], today: date) -> dict[int, int]:
    """Give what lies ahead of what was promised on each contract; a line without an end is a day.

    What has passed has nothing ahead, so it is not read.
    """
    ahead: dict[int, int] = defaultdict(int)
    last = Coalesce("end", "begin")
    lines = PlanLine.objects.filter(contract_id__in=listed(contract_ids), value_cents__gt=0)
    rows = lines.in_force().alias(last=last).filter(last__gte=today)
    for contract_id, cents, begin, end in rows.values_list(
        "contract_id", "value_cents", "begin", last
    ):
        ahead[contract_id] += ahead_cents(cents, begin, end, today)
    return ahead


def _parties(contract_ids: Iterable[int]) -> _Parties:
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
    parties: _Parties,
) -> Standing:
    standing = _sum_figures([known.figures[id_] for id_ in ids])
    expected = expected_at_end_cents(
        standing.position,
        delivered_cents=standing.undecided_cents,
        planned_cents=sum(known.ahead.get(id_, 0) for id_ in ids),
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
        expected_cents=expected,
        risk=risk_of(standing.position, expected, contract.start, contract.end, known.today),
    )


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
