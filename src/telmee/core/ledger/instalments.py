"""What of an amount is for days up to a day, and what a decision up to that day leaves for later.

A line is valued once, as a whole: clocks, caps and bonuses have had their say before its amount is
divided over days. So in however many instalments a line is decided, together they are its amount.
"""

from __future__ import annotations

from datetime import date, timedelta

from telmee.core.ledger.forecast import ahead_cents

_DAY = timedelta(days=1)


def done_cents(amount_cents: int, begin: date, end: date, until: date) -> int:
    """The cents of an amount over a period that are for the days up to and including a day.

    By days; what is left for later is rounded half up, so that both add up to the amount.

    >>> done_cents(300_00, date(2025, 6, 1), date(2025, 6, 30), until=date(2025, 6, 20))
    20000
    """
    return amount_cents - ahead_cents(amount_cents, begin, end, until + _DAY)


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
