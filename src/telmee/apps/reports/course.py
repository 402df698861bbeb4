"""How a contract went and is to go: plan and verified effort against what is owed, by day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from telmee.apps.contracts.models import Contract
from telmee.apps.ledger.choices import Kind
from telmee.apps.ledger.models import Entry
from telmee.apps.organisations.many import listed
from telmee.apps.reports.portfolio import planned_ahead
from telmee.core.ledger import done_cents

#: Days that a course is told of, beside its first and last and today.
_STEPS = 8


@dataclass(frozen=True, slots=True)
class Moment:
    """What was to be done by a day, and what was verified by then; `None` in the future."""

    day: date
    planned_cents: int
    verified_cents: int | None


def course_of(contract: Contract, contract_ids: Iterable[int], today: date) -> list[Moment]:
    """The course of a contract from its first day to its last, today among them. Runs two queries.

    `contract_ids` are the contracts whose plan and books it has: its own, or those of its
    call-offs. A plan is spread over the days of its lines; what was verified stands at the day on
    which it was booked, so that today it is the figure of the books.
    """
    ids = list(contract_ids)
    until = max(contract.end, min(today, contract.closed_on or today))
    columns = ("value_cents", "first", "last")
    planned = list(planned_ahead(ids, contract.start).values_list(*columns))
    booked = _booked(ids)
    return [
        Moment(
            day,
            sum(done_cents(cents, first, last, day) for cents, first, last in planned),
            sum(cents for on, cents in booked if on <= day) if day <= today else None,
        )
        for day in _days(contract.start, until, today)
    ]


def _booked(contract_ids: list[int]) -> list[tuple[date, int]]:
    entries = Entry.objects.filter(contract_id__in=listed(contract_ids), kind=Kind.REALISED)
    rows = entries.order_by().values_list("booked_at", "amount_cents")
    return [(timezone.localdate(at), cents) for at, cents in rows]


def _days(first: date, last: date, today: date) -> list[date]:
    """The first and the last day, days at equal distances between them, and today."""
    step = max(1, (last - first).days // _STEPS)
    between = (first + timedelta(days=step * place) for place in range(1, _STEPS))
    days = {first, last, *(day for day in between if day < last)}
    return sorted(days | {day for day in (today,) if first < day < last})
