"""How long deciding takes: from handing in to the first decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from telmee.apps.decisions.models import Decision
from telmee.apps.organisations.many import listed
from telmee.integrations.holidays_nl import public_holidays

WINDOW_DAYS = 90


@dataclass(frozen=True, slots=True)
class Pace:
    """How many lines got their first decision, and in how many days half and 90% of them did.

    Working days leave out weekends and public holidays. Nothing decided has no days, not zero.
    """

    decided: int = 0
    median_days: int | None = None
    most_days: int | None = None
    median_working_days: int | None = None
    most_working_days: int | None = None


#: The day on which it was handed in, the day of the decision, and how many.
_Row = tuple[date, date, int]


def pace(contract_ids: Iterable[int], *, today: date) -> tuple[Pace, dict[date, Pace]]:
    """Give the pace of the last 90 days, whole and per month (its first day). Runs one query.

    Only first decisions count: a line that was reopened or objected to was not waiting all along.
    """
    rows = _decided(contract_ids, today - timedelta(days=WINDOW_DAYS))
    months: dict[date, list[_Row]] = defaultdict(list)
    for row in rows:
        months[row[1].replace(day=1)].append(row)
    return _pace(rows), {month: _pace(months[month]) for month in sorted(months)}


def _decided(contract_ids: Iterable[int], since: date) -> list[_Row]:
    zone = timezone.get_default_timezone()
    midnight = datetime.combine(since, time.min, tzinfo=zone)
    decisions = Decision.objects.filter(
        contract_id__in=listed(contract_ids), number=1, decided_at__gte=midnight
    )
    return list(
        decisions.order_by()
        .values_list(
            TruncDate("contribution__submitted_at", tzinfo=zone),
            TruncDate("decided_at", tzinfo=zone),
        )
        .annotate(lines=Count("pk"))
    )


def _pace(rows: list[_Row]) -> Pace:
    if not rows:
        return Pace()
    begin, end = (np.array([row[at] for row in rows], dtype="datetime64[D]") for at in (0, 1))
    years = {day.year for row in rows for day in row[:2]}
    free = np.array(sorted(public_holidays(years)), dtype="datetime64[D]")
    lines = np.array([row[2] for row in rows])
    days = (end - begin).astype(np.int64)
    working = np.busday_count(begin, end, holidays=free)
    return Pace(
        decided=int(lines.sum()),
        median_days=_within(days, lines, 50),
        most_days=_within(days, lines, 90),
        median_working_days=_within(working, lines, 50),
        most_working_days=_within(working, lines, 90),
    )


def _within(days: np.ndarray, lines: np.ndarray, percentage: int) -> int:
    """Give the days within which this percentage of the lines was decided: one that occurred."""
    order = np.argsort(days)
    reached = np.cumsum(lines[order]) * 100 >= percentage * lines.sum()
    return int(days[order][np.argmax(reached)])
