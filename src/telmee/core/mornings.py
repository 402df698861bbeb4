"""When mail is sent: on working days, and what waits comes in the morning.

A day is a working day when it is no Saturday, Sunday or public holiday.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta

#: Mail that waited is there when people begin their day.
MORNING = time(8)
_WEEK_DAYS = 5


def is_working_day(day: date, holidays: AbstractSet[date]) -> bool:
    """Whether people work on this day."""
    return day.weekday() < _WEEK_DAYS and day not in holidays


def next_morning(moment: datetime, holidays: AbstractSet[date]) -> datetime:
    """The first morning of a working day after a moment, in the zone of that moment.

    >>> next_morning(datetime(2026, 11, 27, 9), set())  # a Friday
    datetime.datetime(2026, 11, 30, 8, 0)
    """
    day = moment.date()
    while _morning_of(day, moment) <= moment or not is_working_day(day, holidays):
        day += timedelta(days=1)
    return _morning_of(day, moment)


def next_week(moment: datetime, holidays: AbstractSet[date]) -> datetime:
    """The first Monday morning after a moment, or the working day after a Monday that is none.

    >>> next_week(datetime(2026, 4, 3, 9), {date(2026, 4, 6)})  # Good Friday, Easter Monday
    datetime.datetime(2026, 4, 7, 8, 0)
    """
    day = moment.date()
    while _morning_of(day, moment) <= moment or day.weekday() != 0:
        day += timedelta(days=1)
    return next_morning(_morning_of(day, moment) - timedelta(seconds=1), holidays)


def at_once(moment: datetime, holidays: AbstractSet[date]) -> datetime:
    """The moment itself on a working day, and else the next morning of one."""
    if is_working_day(moment.date(), holidays):
        return moment
    return next_morning(moment, holidays)


def _morning_of(day: date, moment: datetime) -> datetime:
    return datetime.combine(day, MORNING, tzinfo=moment.tzinfo)
