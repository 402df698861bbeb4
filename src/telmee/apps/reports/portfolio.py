"""All contracts of somebody with where they stand: the rows of every home and contract list.

The figures come from the same functions as those of one contract (`telmee.core.ledger`), in a
constant number of queries, however many contracts there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from django.db.models import QuerySet
from django.db.models.functions import Coalesce, Greatest, Least

from telmee.apps.agreements.models import PlanLine, PlanLines
from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.queries import ListedContract, listed_contracts
from telmee.apps.ledger.queries import Figures, figures
from telmee.apps.reports.to_come import NOTHING_TO_COME, ToCome, to_come
from telmee.core.ledger import Ahead, Outlook, Position, Risk, outlook_of


@dataclass(frozen=True, slots=True)
class Standing:
    """A contract and its figures in cents: promised, delivered and verified are never mixed.

    `outlook` says what is expected at the end, and how the contract fares, `to_come` which part of
    the figures is for days after today.
    """

    contract: Contract | ListedContract
    figures: Figures
    outlook: Outlook
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
    def risk(self) -> Risk:
        """How it fares."""
        return self.outlook.risk

    @property
    def owes(self) -> bool:
        """Whether anything is owed at all."""
        return self.position.owed_cents > 0


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of several contracts, each added up by itself; in cents.

    What is open on one contract and surplus on another are not set off against each other. Of what
    waits for a decision `expected_undecided_cents` can still come: not that of closed contracts.
    """

    position: Position
    contracts: int = 0
    owed_cents: int = 0
    promised_cents: int = 0
    agreed_cents: int = 0
    delivered_cents: int = 0
    verified_cents: int = 0
    undecided_cents: int = 0
    open_cents: int = 0
    surplus_cents: int = 0
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
        position=_sum_positions([standing.position for standing in counted]),
        contracts=len(counted),
        owed_cents=sum(s.position.owed_cents for s in counted),
        promised_cents=sum(s.figures.promised_cents for s in counted),
        agreed_cents=sum(s.figures.agreed_cents for s in counted),
        delivered_cents=sum(s.figures.delivered_cents for s in counted),
        verified_cents=sum(s.position.verified_cents for s in counted),
        undecided_cents=sum(s.figures.undecided_cents for s in counted),
        open_cents=sum(s.position.open_cents for s in counted),
        surplus_cents=sum(s.position.surplus_cents for s in counted),
        expected_undecided_cents=sum(s.outlook.undecided_cents for s in counted),
        planned_cents=sum(s.outlook.planned_cents for s in counted),
        expected_cents=sum(s.expected_cents for s in counted),
        to_come=sum((s.to_come for s in counted), NOTHING_TO_COME),
    )


def standings(
    contracts: QuerySet[Contract], *, today: date, as_of: datetime | None = None
) -> list[Standing]:
    """Where contracts stand. Runs four queries, one more where there are frameworks.

    A framework agreement stands where its call-offs stand together. `as_of` gives all three figures
    as they were at a moment; what is expected at the end and what is to come is always today's.
    """
    rows = listed_contracts(contracts)
    if not rows:
        return []
    return _standings(rows, today, as_of)


def standing_of(contract: Contract, *, today: date) -> Standing:
    """Where one contract stands. Runs three queries, one more for a framework."""
    return _standings([contract], today)[0]


def _standings(
    contracts: Sequence[Contract | ListedContract], today: date, as_of: datetime | None = None
) -> list[Standing]:
    ids = {contract.pk for contract in contracts}
    calls = _call_offs(contracts)
    every = [*ids, *(id_ for under in calls.values() for id_ in under if id_ not in ids)]
    later = to_come(every, today=today)
    known = _Known(figures(every, as_of=as_of), _ahead(every, today), later, today)
    return [_standing(contract, calls.get(contract.pk), known) for contract in contracts]


@dataclass(frozen=True, slots=True)
class _Known:
    """What stands in the tables, by contract."""

    figures: dict[int, Figures]
    ahead: dict[int, list[Ahead]]
    to_come: dict[int, ToCome]
    today: date


def _call_offs(contracts: Iterable[Contract | ListedContract]) -> dict[int, dict[int, bool]]:
    """The ids of the call-offs under each framework agreement, each with whether it is open."""
    frameworks = [c.pk for c in contracts if c.form == Form.FRAMEWORK]
    under: dict[int, dict[int, bool]] = {pk: {} for pk in frameworks}
    rows = Contract.objects.filter(parent_id__in=frameworks, voided_on=None)
    for parent_id, pk, closed_on in rows.values_list("parent_id", "pk", "closed_on"):
        under[parent_id][pk] = closed_on is None
    return under


def promises_ahead(contract_ids: Iterable[int], today: date) -> list[Ahead]:
    """What was promised on contracts and lies ahead, together."""
    return [promise for its in _ahead(list(contract_ids), today).values() for promise in its]


def _ahead(contract_ids: list[int], today: date) -> dict[int, list[Ahead]]:
    """What was promised on each contract and lies ahead, by its id."""
    ahead: dict[int, list[Ahead]] = defaultdict(list)
    lines = planned_ahead(contract_ids, today)
    columns = ("contract_id", "value_cents", "first", "last", "version__addressee_id")
    for contract_id, cents, first, last, agreed_with in lines.values_list(*columns):
        ahead[contract_id].append(Ahead(cents, first, last, is_agreed=agreed_with is not None))
    return ahead


def planned_ahead(contract_ids: Iterable[int], today: date) -> PlanLines:
    """The lines of the plans in force that reach today or later, as far as the contract runs.

    Each has its `first` and its `last` day within the contract, over which its value is spread; a
    line without an end is a day. What has passed has nothing ahead, so it is not read, and nothing
    comes on a closed contract.
    """
    first = Greatest("begin", "contract__start")
    last = Least(Coalesce("end", "begin"), "contract__end")
    lines = PlanLine.objects.in_force(contract_ids)
    lines = lines.filter(value_cents__gt=0, contract__closed_on=None)
    return lines.annotate(first=first, last=last).filter(last__gte=Greatest("first", today))


def _standing(
    contract: Contract | ListedContract, call_offs: dict[int, bool] | None, known: _Known
) -> Standing:
    """Where a contract stands, or the call-offs of a framework; on a closed one nothing comes."""
    ids = {contract.pk: contract.closed_on is None} if call_offs is None else call_offs
    standing = sum_figures([known.figures[id_] for id_ in ids])
    promises = [promise for id_ in ids for promise in known.ahead.get(id_, ())]
    later = sum((known.to_come.get(id_, NOTHING_TO_COME) for id_ in ids), NOTHING_TO_COME)
    outlook = outlook_of(
        standing.position,
        undecided_cents=sum(
            known.figures[id_].undecided_cents for id_, is_open in ids.items() if is_open
        ),
        planned_cents=sum(promise.left(known.today) for promise in promises),
        agreed_cents=sum(promise.left(known.today) for promise in promises if promise.is_agreed),
        to_come_cents=later.verified_cents + later.undecided_cents,
        start=contract.start,
        end=contract.end,
        today=known.today,
        is_closed=contract.closed_on is not None,
    )
    return Standing(contract, standing, outlook, later)


def sum_figures(several: list[Figures]) -> Figures:
    """Add figures up, each by itself."""
    if len(several) == 1:
        return several[0]
    return Figures(
        _sum_positions([one.position for one in several]),
        promised_cents=sum(one.promised_cents for one in several),
        agreed_cents=sum(one.agreed_cents for one in several),
        delivered_cents=sum(one.delivered_cents for one in several),
        undecided_cents=sum(one.undecided_cents for one in several),
    )


def _sum_positions(positions: Sequence[Position]) -> Position:
    """Add positions up, each kind by itself."""
    kinds = [kind.name for kind in fields(Position)]
    return Position(**{kind: sum(getattr(one, kind) for one in positions) for kind in kinds})
