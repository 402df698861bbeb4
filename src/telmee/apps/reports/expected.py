"""What is expected at the end of a contract, line by line, and how what is verified came about.

Each figure here is one of `telmee.apps.reports.portfolio`, taken apart: together the lines are its
cents, and a test over the example region compares them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from telmee.apps.agreements.models import PlanLine
from telmee.apps.contributions.choices import UNDECIDED_STATES
from telmee.apps.contributions.models import Contribution
from telmee.apps.ledger.choices import Kind
from telmee.apps.ledger.models import Entry
from telmee.apps.organisations.many import as_array, listed
from telmee.apps.organisations.prepared import prepared
from telmee.apps.reports.portfolio import planned_ahead
from telmee.core.ledger import ahead_cents


class Part(StrEnum):
    """Why a line is expected to count at the end, in the order in which they are added."""

    VERIFIED = "verified"
    BROUGHT = "brought"
    POOLED = "pooled"
    TAKEN = "taken"
    UNDECIDED = "undecided"
    PLANNED = "planned"


#: Which surplus adds to what counts on a contract, and which takes off.
_MOVED = {
    Kind.CARRIED_IN: (Part.BROUGHT, 1),
    Kind.POOLED: (Part.POOLED, 1),
    Kind.CARRIED_OUT: (Part.TAKEN, -1),
}


@dataclass(frozen=True, slots=True)
class ExpectedLine:
    """One line of what is expected, with what it counts for; `None` where a person must judge.

    `object_id` is the line of effort, the entry in the books or the line of the plan, by its part;
    nothing for an amount of which somebody sees no line.
    Of a planned line `whole_cents` is what it promises over its `days`, of which `ahead` are left,
    and `is_agreed` whether both sides agreed on it. `is_part` says that it is the part of this
    contract of what was handed in for an initiative, perhaps on another contract.
    """

    part: Part
    contract_id: int
    object_id: int | None
    cents: int | None
    reference: str = ""
    block: str = ""
    begin: date | None = None
    end: date | None = None
    whole_cents: int | None = None
    days: int | None = None
    ahead: int | None = None
    is_agreed: bool = False
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What decisions counted otherwise than was delivered; in cents, what counts less below zero.

    `judged` are lines for which the rules had no amount, and `unvalued` is how many of those wait.
    """

    judged_cents: int = 0
    raised_cents: int = 0
    lowered_cents: int = 0
    rejected_cents: int = 0
    unvalued: int = 0


def expected_lines(contract_ids: Iterable[int], *, today: date) -> list[ExpectedLine]:
    """All that is expected to count at the end of contracts, in the order of its parts.

    Runs five queries. Who may see the lines is for row security.
    """
    ids = list(contract_ids)
    return [*_verified(ids), *_moved(ids), *_undecided(ids), *_planned(ids, today)]


def _verified(contract_ids: list[int]) -> Iterator[ExpectedLine]:
    for row in _verified_lines(contract_ids):
        yield ExpectedLine(Part.VERIFIED, *row)


def _undecided(contract_ids: list[int]) -> Iterator[ExpectedLine]:
    """What was handed in and not decided on, and the rest of what was decided in part.

    Of what is for an initiative the part of each contract, also of what stands on another.
    """
    parts = {(one.contract_id, one.object_id): one for one in parts_waiting(contract_ids)}
    for row in _undecided_lines(contract_ids):
        line = ExpectedLine(Part.UNDECIDED, *row)
        part = parts.pop((line.contract_id, line.object_id), None)
        yield line if part is None else replace(line, cents=part.cents, is_part=True)
    for part in parts.values():
        yield replace(part, object_id=None)


def parts_waiting(contract_ids: Iterable[int]) -> list[ExpectedLine]:
    """What of lines for an initiative waits on open contracts, each for the part of its contract.

    The lines may stand on contracts that somebody does not see. Runs one query.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM telmee_parts_waiting(%s)", [as_array(contract_ids)])
        return [
            ExpectedLine(
                Part.UNDECIDED, contract_id, line, cents, block=block, begin=begin, end=end,
                is_part=True,
            )
            for contract_id, line, block, begin, end, cents in cursor.fetchall()
        ]  # fmt: skip


@prepared
def _verified_lines(contract_ids: Collection[int]) -> QuerySet[Contribution, tuple[Any, ...]]:
    lines = Contribution.objects.filter(contract_id__in=listed(contract_ids), verified_cents__gt=0)
    return _columns_of(lines, "verified_cents")


@prepared
def _undecided_lines(contract_ids: Collection[int]) -> QuerySet[Contribution, tuple[Any, ...]]:
    lines = Contribution.objects.filter(
        Q(state__in=UNDECIDED_STATES) | Q(rest_cents__gt=0),
        contract_id__in=listed(contract_ids),
        contract__closed_on=None,
    )
    return _columns_of(lines, Coalesce("rest_cents", "value_cents"))


def _columns_of(
    lines: QuerySet[Contribution], cents: str | Coalesce
) -> QuerySet[Contribution, tuple[Any, ...]]:
    """The columns that an `ExpectedLine` has of a line of effort, in its order."""
    columns = ("contract_id", "pk", cents, "reference", "block", "begin", "end")
    return lines.order_by("begin", "pk").values_list(*columns)


def _moved(contract_ids: list[int]) -> Iterator[ExpectedLine]:
    """Surplus that came in or went out, each entry by itself."""
    for contract_id, pk, kind, cents, day in _movements(contract_ids):
        part, sign = _MOVED[Kind(kind)]
        yield ExpectedLine(part, contract_id, pk, sign * cents, begin=day)


@prepared
def _movements(contract_ids: Collection[int]) -> QuerySet[Entry, tuple[Any, ...]]:
    entries = Entry.objects.filter(contract_id__in=listed(contract_ids), kind__in=_MOVED)
    columns = ("contract_id", "pk", "kind", "amount_cents", "effective_on")
    return entries.order_by("pk").values_list(*columns)


def _planned(contract_ids: list[int], today: date) -> Iterator[ExpectedLine]:
    for contract_id, pk, whole, block, first, last, other in _planned_lines(contract_ids, today):
        yield ExpectedLine(
            Part.PLANNED,
            contract_id,
            pk,
            ahead_cents(whole, first, last, today),
            block=block,
            begin=first,
            end=last,
            whole_cents=whole,
            days=(last - first).days + 1,
            ahead=(last - max(first, today)).days + 1,
            is_agreed=other is not None,
        )


@prepared
def _planned_lines(
    contract_ids: Collection[int], today: date
) -> QuerySet[PlanLine, tuple[Any, ...]]:
    lines = planned_ahead(contract_ids, today).order_by("begin", "line", "pk")
    columns = ("contract_id", "pk", "value_cents", "block", "first", "last", "version__addressee")
    return lines.values_list(*columns)


_OTHERWISE = """
    SELECT coalesce(sum(figure) FILTER (WHERE value_cents IS NULL), 0)::bigint,
           coalesce(sum(figure - value_cents) FILTER (WHERE figure > value_cents), 0)::bigint,
           coalesce(sum(figure - value_cents)
                    FILTER (WHERE figure < value_cents AND NOT is_rejected), 0)::bigint,
           coalesce(sum(figure - value_cents)
                    FILTER (WHERE value_cents > 0 AND is_rejected), 0)::bigint,
           count(*) FILTER (WHERE value_cents IS NULL AND state = ANY (%s) AND closed_on IS NULL)
    FROM (
        SELECT l.value_cents, l.state, c.closed_on,
               l.verified_cents + coalesce(l.rest_cents, 0) AS figure,
               l.verified_cents = 0 AND l.rest_cents IS NULL AS is_rejected
        FROM contributions_contribution l JOIN contracts_contract c ON c.id = l.contract_id
        WHERE l.contract_id = ANY (%s::bigint[])
    ) AS line
"""


def decided_otherwise(contract_ids: Iterable[int]) -> Otherwise:
    """How what is verified on contracts differs from what was delivered. Runs one query.

    What was decided in part differs by its whole figure: the rest of it waits.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OTHERWISE, [list(UNDECIDED_STATES), as_array(contract_ids)])
        return Otherwise(*cursor.fetchone())
