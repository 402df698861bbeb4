"""All contracts of somebody with where they stand: the rows of every home and contract list.

The figures come from the same functions as those of one contract (`telmee.core.ledger`), in a
constant number of queries, however many contracts there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce, Greatest, Least

from telmee.apps.agreements.models import PlanLine, PlanLines
from telmee.apps.contracts.access import contracts_of, delivers_no_more
from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.queries import ListedContract
from telmee.apps.ledger.queries import Figures
from telmee.apps.organisations.acting import Acting
from telmee.apps.reports.models import StandingRow, Standings
from telmee.apps.reports.to_come import NOTHING_TO_COME, ToCome
from telmee.core.ledger import Ahead, EntryKind, Outlook, Position, Risk, outlook_of, together

#: The place of each risk in the order of concern, as a row has it.
SEVERITY: Mapping[Risk, int] = {risk: place for place, risk in enumerate(Risk)}
_BOOKED = (*(f"{kind}_cents" for kind in EntryKind), "beyond_cents")
#: The columns of a row from which a standing is made, in the order of its parts.
FIGURES = (
    *_BOOKED,
    "promised_cents",
    "agreed_cents",
    "delivered_cents",
    "undecided_cents",
    "waiting_cents",
    "waiting_to_come_cents",
    "planned_cents",
    "planned_agreed_cents",
    "delivered_to_come_cents",
    "undecided_to_come_cents",
    "verified_to_come_cents",
    "met_to_come_cents",
    "beyond_expected_cents",
    "beyond_done_cents",
    "due_cents",
    "first_day",
    "last_day",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A contract and its figures in cents: promised, delivered and verified are never mixed.

    `outlook` says what is expected at the end, and how the contract fares: its `risk`, which a home
    asks for many times. `to_come` is the part of the figures that is for days after today.
    """

    contract: Contract | ListedContract
    figures: Figures
    outlook: Outlook
    risk: Risk
    to_come: ToCome

    @property
    def position(self) -> Position:
        """Where it stands in the books."""
        return self.figures.position

    @property
    def expected_cents(self) -> int:
        """What will count at the end, if all that was delivered and promised comes true."""
        return self.outlook.expected_cents

    @property
    def owes(self) -> bool:
        """Whether anything is owed at all."""
        return self.position.owed_cents > 0


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
    return Totals(
        position=together(s.position for s in counted),
        contracts=len(counted),
        owed_cents=sum(s.position.owed_cents for s in counted),
        promised_cents=sum(s.figures.promised_cents for s in counted),
        agreed_cents=sum(s.figures.agreed_cents for s in counted),
        delivered_cents=sum(s.figures.delivered_cents for s in counted),
        verified_cents=sum(s.position.verified_cents for s in counted),
        undecided_cents=sum(s.figures.undecided_cents for s in counted),
        expected_undecided_cents=sum(s.outlook.undecided_cents for s in counted),
        planned_cents=sum(s.outlook.planned_cents for s in counted),
        expected_cents=sum(s.expected_cents for s in counted),
        to_come=sum((s.to_come for s in counted), NOTHING_TO_COME),
    )


def standings(contracts: QuerySet[Contract], *, today: date) -> list[Standing]:
    """Where contracts stand, in the queryset's order. Runs one query, however many there are.

    A framework agreement stands where its call-offs stand together.
    """
    return _stands(Standings.on(contracts, today), today)


def standings_on(contract_ids: Iterable[int], *, today: date) -> list[Standing]:
    """The same of contracts that somebody's access named before, as they were registered."""
    return _stands(Standings.of(contract_ids, today), today)


def _stands(on: Standings, today: date) -> list[Standing]:
    columns = (*(f"contract__{name}" for name in ListedContract._fields), *FIGURES)
    rows = on.values_list(*columns)
    width = len(ListedContract._fields)
    return [standing_from(ListedContract._make(row[:width]), row[width:], today) for row in rows]


def listed_standings(acting: Acting, today: date) -> Standings:
    """All contracts of somebody with where they stand, to search, filter, sort and page."""
    return Standings.on(contracts_of(acting), today).to_list(today)


def standing_on(row: StandingRow, today: date) -> Standing:
    """Where the contract of a row stands. Runs no query."""
    return standing_from(row.contract, [getattr(row, name) for name in FIGURES], today)


def standing_of(contract: Contract, *, today: date) -> Standing:
    """Where one contract stands. Runs one query."""
    rows = Standings.on(Contract.objects.filter(pk=contract.pk), today)
    return standing_from(contract, rows.values_list(*FIGURES).get(), today)


def promises_ahead(contract_ids: Iterable[int], today: date) -> dict[int, list[Ahead]]:
    """What was promised and lies ahead, by the id of its contract. Runs one query."""
    ahead: dict[int, list[Ahead]] = {pk: [] for pk in contract_ids}
    columns = ("contract_id", "value_cents", "first", "last", "version__addressee_id")
    for pk, cents, first, last, agreed_with in planned_ahead(ahead, today).values_list(*columns):
        ahead[pk].append(Ahead(cents, first, last, is_agreed=agreed_with is not None))
    return ahead


def planned_ahead(contract_ids: Iterable[int], today: date) -> PlanLines:
    """The lines of the plans in force that reach today or later, as far as the contract runs.

    Each has its `first` and its `last` day within the contract, over which its value is spread; a
    line without an end is a day. What has passed has nothing ahead, so it is not read, and nothing
    comes on a closed contract, or of what who carried it out before still promised.
    """
    first = Greatest("begin", "contract__start")
    last = Least(Coalesce("end", "begin"), "contract__end")
    lines = PlanLine.objects.in_force(contract_ids)
    lines = lines.filter(~delivers_no_more(), value_cents__gt=0, contract__closed_on=None)
    return lines.annotate(first=first, last=last).filter(last__gte=Greatest("first", today))


def standing_from(
    contract: Contract | ListedContract, columns: Sequence[Any], today: date
) -> Standing:
    """Where a contract stands, from the figures of its row; on a closed one nothing comes."""
    *cents, first, last = columns
    known = [amount or 0 for amount in cents]
    position, said = Position(*known[: len(_BOOKED)]), known[len(_BOOKED) :]
    promised, agreed, delivered, undecided, *coming = said
    waiting, waiting_to_come, planned, planned_agreed, *coming = coming
    *later, beyond_expected, beyond_done, due = coming
    stood, to_come = Figures(position, promised, agreed, delivered, undecided), ToCome(*later)
    outlook = outlook_of(
        position,
        undecided_cents=waiting,
        planned_cents=planned,
        agreed_cents=planned_agreed,
        met_to_come_cents=to_come.met_cents,
        undecided_to_come_cents=waiting_to_come,
        beyond_expected_cents=beyond_expected,
        beyond_done_cents=beyond_done,
        due=due,
        start=first or contract.start,
        end=last or contract.end,
        today=today,
        is_closed=contract.closed_on is not None,
    )
    return Standing(contract, stood, outlook, outlook.risk, to_come)
