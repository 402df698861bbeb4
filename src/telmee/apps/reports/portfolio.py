"""All contracts of somebody with where they stand: the rows of every home and contract list.

The figures come from the same functions as those of one contract (`telmee.core.ledger`), in a
constant number of queries, however many contracts there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.db.models.functions import Coalesce, Greatest, Least

from telmee.apps.agreements.models import PlanLine, PlanLines
from telmee.apps.contracts.access import contracts_of, delivers_no_more
from telmee.apps.contracts.choices import Form, PartyRole
from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.queries import ListedContract
from telmee.apps.ledger.queries import Figures
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.prepared import prepared
from telmee.apps.reports.models import StandingRow, Standings
from telmee.apps.reports.to_come import NOTHING_TO_COME, ToCome
from telmee.core.ledger import Ahead, Outlook, Position, Risk, of_several, outlook_of

#: The place of each risk in the order of concern, as a row has it.
SEVERITY: Mapping[Risk, int] = {risk: place for place, risk in enumerate(Risk)}
_RISKS = tuple(Risk)


class Cents(NamedTuple):
    """What the database reckons of a contract, in cents, by the columns of `StandingRow`."""

    obligation_cents: int = 0
    reduced_cents: int = 0
    realised_cents: int = 0
    waived_cents: int = 0
    carried_in_cents: int = 0
    carried_out_cents: int = 0
    pooled_cents: int = 0
    penalty_cents: int = 0
    beyond_cents: int = 0
    promised_cents: int = 0
    agreed_cents: int = 0
    delivered_cents: int = 0
    undecided_cents: int = 0
    waiting_cents: int = 0
    waiting_to_come_cents: int = 0
    planned_cents: int = 0
    planned_agreed_cents: int = 0
    delivered_to_come_cents: int = 0
    undecided_to_come_cents: int = 0
    verified_to_come_cents: int = 0
    met_to_come_cents: int = 0
    beyond_expected_cents: int = 0
    beyond_done_cents: int = 0
    due_cents: int = 0
    owed_cents: int = 0
    open_cents: int = 0
    expected_cents: int = 0

    @property
    def position(self) -> Position:
        """The sums of the books."""
        return Position(*self[:_BOOKED])

    @property
    def to_come(self) -> ToCome:
        """The part of the figures that is for days after today."""
        return ToCome(
            self.delivered_to_come_cents,
            self.undecided_to_come_cents,
            self.verified_to_come_cents,
            self.met_to_come_cents,
        )


#: The columns of a row from which a standing is made.
FIGURES = (*Cents._fields, "first_day", "last_day", "severity")
_BOOKED = Cents._fields.index("beyond_cents") + 1
_NOTHING = Cents()
_COLUMNS = (*(f"contract__{name}" for name in ListedContract._fields), *FIGURES)


@dataclass(frozen=True)
class Standing:
    """A contract and its figures in cents: promised, delivered and verified are never mixed.

    `risk` is how the contract fares, and it runs from `first_day` to `last_day`. A home has a
    thousand of these and shows some, so the other figures are made of what the database reckoned
    only when somebody asks.
    """

    contract: Contract | ListedContract
    cents: Cents
    risk: Risk
    first_day: date
    last_day: date
    today: date

    @cached_property
    def position(self) -> Position:
        """Where it stands in the books."""
        return self.cents.position

    @cached_property
    def figures(self) -> Figures:
        """The three figures of it."""
        known = self.cents
        return Figures(
            self.position,
            known.promised_cents,
            known.agreed_cents,
            known.delivered_cents,
            known.undecided_cents,
        )

    @cached_property
    def to_come(self) -> ToCome:
        """The part of the figures that is for days after today."""
        return self.cents.to_come

    @cached_property
    def outlook(self) -> Outlook:
        """What is expected at the end, and why the contract fares as it does."""
        known = self.cents
        return outlook_of(
            self.position,
            undecided_cents=known.waiting_cents,
            planned_cents=known.planned_cents,
            agreed_cents=known.planned_agreed_cents,
            met_to_come_cents=known.met_to_come_cents,
            undecided_to_come_cents=known.waiting_to_come_cents,
            beyond_expected_cents=known.beyond_expected_cents,
            beyond_done_cents=known.beyond_done_cents,
            due=known.due_cents,
            start=self.first_day,
            end=self.last_day,
            today=self.today,
            is_closed=self.contract.closed_on is not None,
        )

    @property
    def open_cents(self) -> int:
        """What is still owed."""
        return self.cents.open_cents

    @property
    def expected_cents(self) -> int:
        """What will count at the end, if all that was delivered and promised comes true."""
        return self.cents.expected_cents

    @property
    def owes(self) -> bool:
        """Whether anything is owed at all."""
        return self.cents.owed_cents > 0


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of several contracts, each added up by itself; in cents.

    What is open on one contract and surplus on another are not set off against each other
    (`telmee.core.ledger.together`). Of what waits for a decision `expected_undecided_cents` can
    still come: not that of closed contracts.
    """

    position: Position
    contracts: int = 0
    owed_cents: int = 0
    promised_cents: int = 0
    agreed_cents: int = 0
    delivered_cents: int = 0
    verified_cents: int = 0
    undecided_cents: int = 0
    expected_undecided_cents: int = 0
    planned_cents: int = 0
    expected_cents: int = 0
    to_come: ToCome = NOTHING_TO_COME


def totals(contracts: Iterable[Standing]) -> Totals:
    """Add up where contracts stand.

    A framework agreement owes what its call-offs owe, so it adds nothing of its own.
    """
    return _added([standing for standing in contracts if standing.contract.form != Form.FRAMEWORK])


def totals_of(standing: Standing) -> Totals:
    """Where one contract stands, or the call-offs of a framework, as totals of all figures."""
    return _added([standing])


def _added(counted: list[Standing]) -> Totals:
    columns = zip(_NOTHING, *(standing.cents for standing in counted), strict=True)
    sums = Cents._make(map(sum, columns))
    return Totals(
        position=of_several(sums.position, sums.open_cents),
        contracts=len(counted),
        owed_cents=sums.owed_cents,
        promised_cents=sums.promised_cents,
        agreed_cents=sums.agreed_cents,
        delivered_cents=sums.delivered_cents,
        verified_cents=sums.position.verified_cents,
        undecided_cents=sums.undecided_cents,
        expected_undecided_cents=sums.waiting_cents,
        planned_cents=sums.planned_cents,
        expected_cents=sums.expected_cents,
        to_come=sums.to_come,
    )


def standings(contracts: QuerySet[Contract], *, today: date) -> list[Standing]:
    """Where contracts stand, in the queryset's order. Runs one query, however many there are.

    A framework agreement stands where its call-offs stand together.
    """
    return standings_in(Standings.on(contracts, today), today)


def standings_answered_for(acting: Acting, *, today: date) -> list[Standing]:
    """The same of the open contracts of which one's organisations answer for the effort."""
    return _stands(_answered_for(acting, today), today)


@prepared
def _answered_for(acting: Acting, today: date) -> QuerySet[StandingRow, tuple[Any, ...]]:
    contracts = contracts_of(acting, PartyRole.CONTRACTOR, PartyRole.CONSORTIUM)
    on = Standings.on(contracts.filter(closed_on=None), today)
    return on.values_list(*_COLUMNS)


def standings_on(contract_ids: Iterable[int], *, today: date) -> list[Standing]:
    """The same of contracts that somebody's access named before, as they were registered."""
    return _stands(_rows_of(list(contract_ids), today), today)


@prepared
def _rows_of(contract_ids: Collection[int], today: date) -> QuerySet[StandingRow, tuple[Any, ...]]:
    return Standings.of(contract_ids, today).values_list(*_COLUMNS)


def standings_in(on: Standings, today: date) -> list[Standing]:
    """Where the contracts of these rows stand, in their order. Runs one query."""
    return _stands(on.values_list(*_COLUMNS), today)


def _stands(rows: Iterable[tuple[Any, ...]], today: date) -> list[Standing]:
    width = len(ListedContract._fields)
    return [standing_from(ListedContract._make(row[:width]), row[width:], today) for row in rows]


def listed_standings(acting: Acting, today: date) -> Standings:
    """All contracts of somebody with where they stand, to search, filter, sort and page."""
    rows = Standings.on(contracts_of(acting), today).to_list(today)
    return rows.only(*_COLUMNS[1:])  # the key, which is the first, comes by itself


def standing_on(row: StandingRow, today: date) -> Standing:
    """Where the contract of a row stands. Runs no query."""
    return standing_from(row.contract, [getattr(row, name) for name in FIGURES], today)


def standing_of(contract: Contract, *, today: date) -> Standing:
    """Where one contract stands. Runs one query."""
    (row,) = _rows_of([contract.pk], today)
    return standing_from(contract, row[len(ListedContract._fields) :], today)


def promises_ahead(contract_ids: Iterable[int], today: date) -> dict[int, list[Ahead]]:
    """What was promised and lies ahead, by the id of its contract. Runs one query."""
    ahead: dict[int, list[Ahead]] = {pk: [] for pk in contract_ids}
    for pk, cents, first, last, agreed_with in _promised(list(ahead), today):
        ahead[pk].append(Ahead(cents, first, last, is_agreed=agreed_with is not None))
    return ahead


@prepared
def _promised(contract_ids: Collection[int], today: date) -> QuerySet[PlanLine, tuple[Any, ...]]:
    columns = ("contract_id", "value_cents", "first", "last", "version__addressee_id")
    return planned_ahead(contract_ids, today).values_list(*columns)


def planned_ahead(contract_ids: Iterable[int], today: date) -> PlanLines:
    """The lines of the plans in force that reach today or later, as far as the contract runs.

    Each has its `first` and its `last` day within the contract, over which its value is spread; a
    line without an end is a day. What has passed has nothing ahead, so it is not read, and nothing
    comes on a closed contract, or of what its previous contractor still promised.
    """
    first = Greatest("begin", "contract__start")
    last = Least(Coalesce("end", "begin"), "contract__end")
    lines = PlanLine.objects.in_force(contract_ids)
    lines = lines.filter(~delivers_no_more(), value_cents__gt=0, contract__closed_on=None)
    return lines.annotate(first=first, last=last).filter(last__gte=Greatest("first", today))


def standing_from(contract: Contract | ListedContract, row: Sequence[Any], today: date) -> Standing:
    """Where a contract stands, by its row; of one that is not seen whole that is empty."""
    *cents, first_day, last_day, severity = row
    if severity is None:
        risk = Risk.NOTHING if contract.closed_on is None else Risk.CLOSED
        return Standing(contract, _NOTHING, risk, contract.start, contract.end, today)
    return Standing(contract, Cents._make(cents), _RISKS[severity], first_day, last_day, today)
