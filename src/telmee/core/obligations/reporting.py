"""By when a contractor reports on the periods of a contract, where its client asks that.

A period is one of the calendar, as for turnover. It is asked from the day on which the client chose
so: what was over by then is not asked after all. The report is what was handed in about the period,
or the word that there is nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from telmee.core.obligations.turnover import PeriodKind, TurnoverPeriod, periods_of

#: How many days after a period its report is due.
REPORT_DAYS = 14


@dataclass(frozen=True, slots=True)
class ReportTerm:
    """A period that is over, or with the contract, and the last day for its report."""

    period: TurnoverPeriod
    last: date
    due: date


def reports_asked(
    kind: PeriodKind, *, since: date, start: date, end: date, today: date
) -> list[ReportTerm]:
    """The reports that are asked by a day, the oldest first.

    A contract that ends within a period is reported on after its end.

    >>> facts = {"since": date(2026, 2, 1), "start": date(2025, 3, 1), "end": date(2026, 8, 15)}
    >>> asked = reports_asked(PeriodKind.QUARTER, **facts, today=date(2026, 9, 1))
    >>> [(str(one.period), str(one.due)) for one in asked]
    [('2026-K1', '2026-04-14'), ('2026-K2', '2026-07-14'), ('2026-K3', '2026-08-29')]
    """
    terms = []
    for period in periods_of(kind, max(start, min(since, end)), end):
        last = min(period.last, end)
        if since <= last < today:
            terms.append(ReportTerm(period, last, last + timedelta(days=REPORT_DAYS)))
    return terms
