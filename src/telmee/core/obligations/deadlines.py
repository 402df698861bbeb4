"""By when something is due.

Calendar days: the day of the moment plus the days. Working days: the days after the moment that
are no Saturday, Sunday or holiday, counted one by one; the caller gives the holidays, since which
days those are is law and not arithmetic. A date is not moved on when it falls on a Sunday: the
Algemene termijnenwet does that for periods in laws and by-laws, and these stand in contracts and
conditions. What must come with the bid is due on the day of the bid.

Source: docs/algorithms/obligations.md section 8.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta

from telmee.core.explain import Step, Text
from telmee.core.obligations.contract import Contract
from telmee.core.obligations.finding import sourced_step
from telmee.core.schemes.model import Deadline, Scheme

_DAY = timedelta(days=1)
#: A year has at least this many working days, whatever the holidays.
_WORKING_DAYS_A_YEAR_MIN = 200


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to do: what, reckoned from which moment, and the last day on which it is in time.

    `due` is `None` where `reason` says so: `date_unknown` (nobody gave the date of the moment) or
    `days_unstated` (the source names no number). `days_left` counts calendar days from the
    contract's `as_of`; below zero the day has passed, whether or not the thing was done.
    """

    key: str
    what: Text
    moment: str
    days: int | None
    working: bool
    due: date | None
    reason: str | None
    days_left: int | None
    note: Text | None
    source: str | None
    explanation: tuple[Step, ...]


def deadlines_of(
    scheme: Scheme, contract: Contract, holidays: AbstractSet[date]
) -> tuple[Due, ...]:
    """Every deadline of the scheme for this contract, in the order of the scheme."""
    deadlines = scheme.obligation.deadlines
    return tuple(_due(scheme, contract, deadline, holidays) for deadline in deadlines)


def holiday_years(scheme: Scheme, contract: Contract) -> frozenset[int]:
    """The years whose holidays `deadlines_of` needs; empty where no working days count."""
    years: set[int] = set()
    for deadline in scheme.obligation.deadlines:
        moment = _date_of(deadline.moment, contract)
        if deadline.working and deadline.days is not None and moment is not None:
            last = moment.year + 1 + deadline.days // _WORKING_DAYS_A_YEAR_MIN
            years.update(range(moment.year, last + 1))
    return frozenset(years)


def add_working_days(moment: date, days: int, holidays: AbstractSet[date]) -> date:
    """The last of so many working days after a day: no weekend and none of `holidays`.

    >>> add_working_days(date(2026, 4, 1), 2, {date(2026, 4, 3), date(2026, 4, 6)})  # Easter
    datetime.date(2026, 4, 7)
    """
    day = moment
    while days:
        day += _DAY
        days -= day.weekday() < 5 and day not in holidays
    return day


def _due(
    scheme: Scheme, contract: Contract, deadline: Deadline, holidays: AbstractSet[date]
) -> Due:
    moment = _date_of(deadline.moment, contract)
    due, reason = _last_day(deadline, moment, holidays)
    return Due(
        key=deadline.key,
        what=deadline.what,
        moment=deadline.moment,
        days=deadline.days,
        working=deadline.working,
        due=due,
        reason=reason,
        days_left=(due - contract.as_of).days if due and contract.as_of else None,
        note=deadline.note,
        source=deadline.source,
        explanation=_steps(scheme, deadline, moment, due),
    )


def _date_of(moment: str, contract: Contract) -> date | None:
    dates = {
        "bid": contract.bid,
        "award": contract.award,
        "final_award": contract.final_award,
        "start": contract.start,
        "end": contract.end,
        "completion": contract.completion,
    }
    return dates[moment]


def _last_day(
    deadline: Deadline, moment: date | None, holidays: AbstractSet[date]
) -> tuple[date | None, str | None]:
    if deadline.days is None and deadline.moment != "bid":
        return None, "days_unstated"
    if moment is None:
        return None, "date_unknown"
    if deadline.working:
        return add_working_days(moment, deadline.days or 0, holidays), None
    return moment + timedelta(days=deadline.days or 0), None


def _steps(
    scheme: Scheme, deadline: Deadline, moment: date | None, due: date | None
) -> tuple[Step, ...]:
    rule = f"deadlines.{deadline.key}"
    with_the_bid = deadline.days is None and deadline.moment == "bid"
    name = "with_the_bid" if with_the_bid else f"moment_{deadline.moment}"
    steps = [sourced_step(scheme, name + ("" if moment else "_unknown"), moment, "date", rule)]
    if deadline.days is not None:
        name = "working_days" if deadline.working else "calendar_days"
        steps.append(sourced_step(scheme, name, deadline.days, "count", rule))
    elif not with_the_bid:
        steps.append(sourced_step(scheme, "days_unstated", None, "text", rule))
    if due is not None:
        steps.append(sourced_step(scheme, "due", due, "date", rule))
    return tuple(steps)
