"""How long deciding takes: from handing in to the first decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.utils import timezone

from telmee.apps.organisations.many import as_array
from telmee.core.periods import Days, Whole, date_of, month_begins, working_days
from telmee.integrations.holidays_nl import public_holidays

WINDOW_DAYS = 90

# Days as numbers (`telmee.core.periods`): many decisions share the same two days.
_FIRST_DECISIONS = """
    SELECT (submitted_at AT TIME ZONE %s)::date - date '1970-01-01' AS begin,
           (decided_at AT TIME ZONE %s)::date - date '1970-01-01' AS "end", count(*)
    FROM decisions_decision
    WHERE contract_id = ANY (%s::bigint[]) AND number = 1 AND decided_at >= %s
    GROUP BY 1, 2
"""


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


@dataclass(frozen=True, slots=True)
class _Decided:
    """Columns of first decisions: the days of handing in and deciding, and how many had both."""

    begin: Days
    end: Days
    lines: Whole

    def where(self, rows: npt.NDArray[np.bool_]) -> _Decided:
        """Some of the rows, as a mask chooses them."""
        return _Decided(self.begin[rows], self.end[rows], self.lines[rows])


def pace(contract_ids: Iterable[int], *, today: date) -> tuple[Pace, dict[date, Pace]]:
    """The pace of the last 90 days, whole and per month (its first day). Runs one query.

    Only first decisions count: a line that was reopened or objected to was not waiting all along.
    """
    decided = _decided(contract_ids, today - timedelta(days=WINDOW_DAYS))
    months = month_begins(decided.end)
    free = _holidays(decided)
    per_month = {
        date_of(month): _pace(decided.where(months == month), free) for month in np.unique(months)
    }
    return _pace(decided, free), per_month


def _decided(contract_ids: Iterable[int], since: date) -> _Decided:
    zone = timezone.get_default_timezone()
    midnight = datetime.combine(since, time.min, tzinfo=zone)
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_DECISIONS, [zone.key, zone.key, as_array(contract_ids), midnight])
        rows = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 3)
    begin, end = (rows[:, at].astype(np.int32) for at in (0, 1))
    return _Decided(begin, end, rows[:, 2])


def _holidays(decided: _Decided) -> frozenset[date]:
    """The public holidays of the years in which these lines waited."""
    if not decided.lines.size:
        return frozenset()
    first, last = date_of(decided.begin.min()).year, date_of(decided.end.max()).year
    return public_holidays(range(first, last + 1))


def _pace(decided: _Decided, free: frozenset[date]) -> Pace:
    if not decided.lines.size:
        return Pace()
    lines, days = decided.lines, decided.end - decided.begin
    working = working_days(decided.begin, decided.end, free)
    return Pace(
        decided=int(lines.sum()),
        median_days=_within(days, lines, 50),
        most_days=_within(days, lines, 90),
        median_working_days=_within(working, lines, 50),
        most_working_days=_within(working, lines, 90),
    )


def _within(days: Days | Whole, lines: Whole, percentage: int) -> int:
    """The days within which this percentage of the lines was decided: one that occurred."""
    order = np.argsort(days)
    reached = np.cumsum(lines[order]) * 100 >= percentage * lines.sum()
    return int(days[order][np.argmax(reached)])
