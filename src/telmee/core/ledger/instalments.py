"""What of an amount is for days up to a day, for each year, and what a decision leaves for later.

A line is valued once, as a whole: clocks, caps and bonuses have had their say before its amount is
divided over days. So in however many instalments a line is decided, together they are its amount.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from telmee.core.ledger.forecast import ahead_cents

_DAY = timedelta(days=1)


def done_cents(amount_cents: int, begin: date, end: date, until: date) -> int:
    """The cents of an amount over a period that are for the days up to and including a day.

    By days; what is left for later is rounded half up, so that both add up to the amount.

    >>> done_cents(300_00, date(2025, 6, 1), date(2025, 6, 30), until=date(2025, 6, 20))
    20000
    """
    return amount_cents - ahead_cents(amount_cents, begin, end, until + _DAY)


class InYear(NamedTuple):
    """What of an amount is for the days of one calendar year, and the last of those days."""

    day: date
    cents: int


def cents_per_year(
    amount_cents: int,
    begin: date,
    end: date,
    *,
    after: date | None = None,
    until: date | None = None,
) -> list[InYear]:
    """An amount over a period divided over calendar years by days, the earliest first.

    Only of the days after `after` and up to and including `until`, where those are said: what a
    decision on a part counts. What was delivered and what was verified are both divided by this, so
    that the two of a year are about the same days. The years add up to the amount to the cent, as
    each is the difference between what was done by its last day and by the last day before it.
    A year of no cents is left out. The database does the same (`telmee_years`, receipts.0002).

    >>> [(one.day.year, one.cents) for one in cents_per_year(
    ...     365_00, date(2025, 7, 1), date(2026, 6, 30))]
    [(2025, 18400), (2026, 18100)]
    """
    first = begin if after is None else max(begin, after + _DAY)
    last = end if until is None else min(end, until)
    days = [
        (max(first, date(year, 1, 1)), min(last, date(year, 12, 31)))
        for year in range(first.year, last.year + 1)
        if first <= last
    ]
    shares = (
        InYear(
            to,
            done_cents(amount_cents, begin, end, to)
            - done_cents(amount_cents, begin, end, of - _DAY),
        )
        for of, to in days
    )
    return [share for share in shares if share.cents]


def instalment_cents(
    done_cents: int, to_come_cents: int, before_cents: int, *, takes_all: bool
) -> tuple[int, int]:
    """The cents that a decision counts of an amount, and those that it leaves for a later one.

    The amount is `done_cents` and `to_come_cents` together, split at the day of the decision;
    `before_cents` is what earlier decisions counted of it, and `takes_all` whether effort that is
    still to come may be counted now. The last decision counts what is left, rounding and all.

    >>> instalment_cents(200_00, 100_00, 50_00, takes_all=False)
    (15000, 10000)
    """
    rest = 0 if takes_all else to_come_cents
    return done_cents + to_come_cents - rest - before_cents, rest
