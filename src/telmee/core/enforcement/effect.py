"""What signals brought about: how many contracts caught up, and how long a signal took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_MEDIAN, _MOST = 50, 90


@dataclass(frozen=True, slots=True)
class Signalled:
    """A signal: when it was due, when it was given, when the contract caught up, in which weeks.

    `weeks` is within how many a contract should catch up.
    """

    late_since: date
    on: date
    caught_up_on: date | None
    weeks: int


@dataclass(frozen=True, slots=True)
class Effect:
    """Signals of which the weeks are over, and how many caught up within them.

    Of `waiting` signals the weeks still run and the contract did not catch up yet: they prove
    nothing either way. The days are from the day on which a contract was behind to its signal.
    """

    signals: int = 0
    caught_up: int = 0
    waiting: int = 0
    median_days: int | None = None
    most_days: int | None = None


def effect_of(signals: Iterable[Signalled], *, today: date) -> Effect:
    """What came of signals within their weeks; who caught up counts at once.

    >>> day = date(2023, 5, 1)
    >>> gone = [Signalled(day, day, date(2023, 5, 20), 8), Signalled(day, day, None, 8)]
    >>> effect_of(gone, today=date(2023, 12, 1))
    Effect(signals=2, caught_up=1, waiting=0, median_days=0, most_days=0)
    """
    judged = caught_up = waiting = 0
    days = []
    for one in signals:
        days.append((one.on - one.late_since).days)
        last = one.on + timedelta(weeks=one.weeks)
        in_time = one.caught_up_on is not None and one.caught_up_on <= last
        if in_time or today > last:
            judged += 1
            caught_up += in_time
        else:
            waiting += 1
    return Effect(judged, caught_up, waiting, _within(days, _MEDIAN), _within(days, _MOST))


def _within(days: list[int], percentage: int) -> int | None:
    """The days within which this percentage of the signals was given: one that occurred."""
    if not days:
        return None
    place = -(-len(days) * percentage // 100)
    return sorted(days)[place - 1]
