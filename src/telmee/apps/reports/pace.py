"""How long deciding takes: from handing in to the first decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from django.db import connection
from django.utils import timezone

from telmee.apps.organisations.many import UNNESTED, as_array
from telmee.integrations.holidays_nl import public_holidays

WINDOW_DAYS = 90

# Days as numbers since 1970, as NumPy counts them: many decisions share the same two days.
_FIRST_DECISIONS = f"""
    SELECT (submitted_at AT TIME ZONE %s)::date - date '1970-01-01' AS begin,
           (decided_at AT TIME ZONE %s)::date - date '1970-01-01' AS "end", count(*)
    FROM decisions_decision
    WHERE contract_id IN ({UNNESTED}) AND number = 1 AND decided_at >= %s
    GROUP BY 1, 2
"""  # noqa: S608 - a constant is put in


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

    begin: np.ndarray
    end: np.ndarray
    lines: np.ndarray

    def where(self, rows: np.ndarray) -> _Decided:
        """Give some of the rows, as a mask chooses them."""
        return _Decided(self.begin[rows], self.end[rows], self.lines[rows])


def pace(contract_ids: Iterable[int], *, today: date) -> tuple[Pace, dict[date, Pace]]:
    """Give the pace of the last 90 days, whole and per month (its first day). Runs one query.

    Only first decisions count: a line that was reopened or objected to was not waiting all along.
    """
    found = _decided(contract_ids, today - timedelta(days=WINDOW_DAYS))
    months = found.end.astype("datetime64[M]")
    free = _holidays(found)
    per_month = {
        month.astype("datetime64[D]").item(): _pace(found.where(months == month), free)
        for month in np.unique(months)
    }
    return _pace(found, free), per_month


def _decided(contract_ids: Iterable[int], since: date) -> _Decided:
    zone = timezone.get_default_timezone()
    midnight = datetime.combine(since, time.min, tzinfo=zone)
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_DECISIONS, [zone.key, zone.key, as_array(contract_ids), midnight])
        rows = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 3)
    begin, end = (rows[:, at].astype("datetime64[D]") for at in (0, 1))
    return _Decided(begin, end, rows[:, 2])


def _holidays(found: _Decided) -> np.ndarray:
    days = np.concatenate([found.begin, found.end])
    years = set((np.unique(days.astype("datetime64[Y]")).astype(np.int64) + 1970).tolist())
    return np.array(sorted(public_holidays(years)), dtype="datetime64[D]")


def _pace(found: _Decided, free: np.ndarray) -> Pace:
    if not found.lines.size:
        return Pace()
    days = (found.end - found.begin).astype(np.int64)
    working = np.busday_count(found.begin, found.end, holidays=free)
    return Pace(
        decided=int(found.lines.sum()),
        median_days=_within(days, found.lines, 50),
        most_days=_within(days, found.lines, 90),
        median_working_days=_within(working, found.lines, 50),
        most_working_days=_within(working, found.lines, 90),
    )


def _within(days: np.ndarray, lines: np.ndarray, percentage: int) -> int:
    """Give the days within which this percentage of the lines was decided: one that occurred."""
    order = np.argsort(days)
    reached = np.cumsum(lines[order]) * 100 >= percentage * lines.sum()
    return int(days[order][np.argmax(reached)])
