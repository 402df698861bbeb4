"""Where a contract will stand at its end, and whether somebody should look.

Verified, delivered and promised are never mixed: what is expected at the end is a fourth figure,
with a name of its own, and takes nothing off what is open (docs/algorithms/ledger.md section 3).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import compress

from telmee.core.ledger.position import Position
from telmee.core.money import WHOLE_BP, half_up

#: Below this share of what is owed, in basis points, the end is in doubt.
ENOUGH_BP = 80_00
#: What is missing is told per month: a twelfth of a year of this many days.
_MONTHS, _YEAR_DAYS = 12, 365


class Risk(StrEnum):
    """How a contract fares, from no concern to the greatest; the first two ask for nothing."""

    CLOSED = "closed"
    NOTHING = "nothing"
    MET = "met"
    ON_COURSE = "on_course"
    BEHIND = "behind"
    AT_RISK = "at_risk"
    OVERDUE = "overdue"


class Reason(StrEnum):
    """What falls short: what is expected at the end, or what is done by now."""

    EXPECTED = "expected"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a contract fares on a day, and the two comparisons that this follows from.

    At the end: what is expected beside the whole of what is owed. Today: what is done beside
    `due_cents`, the share of it that goes with the time that has `passed`, in days of `days`.

    `undecided_cents` is what was delivered and waits for a decision, `planned_cents` what was
    promised and still lies ahead, of which both sides agreed `agreed_cents`: as far as it can still
    come, which nothing can on a contract that is closed. Of what counts `met_to_come_cents` is for
    days after today, and of what waits `undecided_to_come_cents`.

    A framework agreement fares as its call-offs do together. What is expected on one of them beyond
    what it owes (`beyond_expected_cents`), or done on one by now (`beyond_done_cents`), does
    nothing for another, so neither comparison counts it. It runs from the first day of them to the
    last, and due is what is due on each by its own days. That it is closed itself ends nothing on
    them.
    """

    position: Position
    undecided_cents: int
    planned_cents: int
    met_to_come_cents: int
    undecided_to_come_cents: int
    due_cents: int
    end: date
    days: int
    passed: int
    is_over: bool
    is_closed: bool
    agreed_cents: int = 0
    beyond_expected_cents: int = 0
    beyond_done_cents: int = 0

    @property
    def done_cents(self) -> int:
        """What counts and what waits for a decision, for days up to and including today."""
        return self._handed_in_cents - self.met_to_come_cents - self.undecided_to_come_cents

    @property
    def expected_cents(self) -> int:
        """What will count at the end, if all that was delivered and is still promised comes true.

        It is the best that can come, not the most likely: a contract that falls short even so
        needs somebody.
        """
        return self._handed_in_cents + self.planned_cents

    @property
    def expected_to_count_cents(self) -> int:
        """What of it counts towards what is owed."""
        return self.expected_cents - self.beyond_expected_cents

    @property
    def done_to_count_cents(self) -> int:
        """What of what is done by now counts towards what is owed."""
        return self.done_cents - self.beyond_done_cents

    @property
    def not_agreed_cents(self) -> int:
        """What of the expectation rests on a promise that the other side did not agree with."""
        return self.planned_cents - self.agreed_cents

    @property
    def missing_cents(self) -> int:
        """What will still be open at the end, even if all that is expected comes true."""
        return max(0, self.position.owed_cents - self.expected_to_count_cents)

    @property
    def missing_per_month_cents(self) -> int:
        """What is missing, for each month that is left; all of it when less than a month is."""
        left = self.days - self.passed
        if left * _MONTHS <= _YEAR_DAYS:
            return self.missing_cents
        return half_up(self.missing_cents * _YEAR_DAYS, left * _MONTHS)

    @property
    def will_miss(self) -> bool:
        """Whether what is owed will not be met even if all comes true, while it can still be."""
        return not (self.is_over or self.is_closed) and self.missing_cents > 0

    @property
    def lacking(self) -> tuple[Reason, ...]:
        """Which of the two comparisons falls short, the end first, whatever the risk."""
        owed = self.position.owed_cents
        at_the_end = self.expected_to_count_cents < owed
        today = self.done_to_count_cents < self.due_cents
        return tuple(compress(Reason, (at_the_end, today)))

    @property
    def risk(self) -> Risk:
        """How the contract fares; the first that fits decides.

        1. `closed`: nothing is delivered or decided on any more.
        2. `nothing`: nothing is owed.
        3. `met`: nothing is open.
        4. `overdue`: the end has passed.
        5. `at_risk`: more than half of what is owed is due by now, and less than 80% of it is
           expected at the end.
        6. `behind`: less is expected at the end than is owed, or less is done than is due by now,
           or both.
        7. `on_course`: all others.
        """
        if self.is_closed:
            return Risk.CLOSED
        if self.position.owed_cents <= 0:
            return Risk.NOTHING
        if not self.position.open_cents:
            return Risk.MET
        if self.is_over:
            return Risk.OVERDUE
        if self._is_in_doubt:
            return Risk.AT_RISK
        return Risk.BEHIND if self.lacking else Risk.ON_COURSE

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What made the risk at risk or behind; another risk says it all itself."""
        if self.risk is Risk.AT_RISK:
            return (Reason.EXPECTED,)
        return self.lacking if self.risk is Risk.BEHIND else ()

    @property
    def _handed_in_cents(self) -> int:
        return self.position.met_cents + self.undecided_cents

    @property
    def _is_in_doubt(self) -> bool:
        owed = self.position.owed_cents
        expected = self.expected_to_count_cents
        return self.due_cents > half_up(owed, 2) and expected * WHOLE_BP < owed * ENOUGH_BP


def outlook_of(
    position: Position,
    *,
    undecided_cents: int,
    planned_cents: int,
    agreed_cents: int = 0,
    met_to_come_cents: int = 0,
    undecided_to_come_cents: int = 0,
    beyond_expected_cents: int = 0,
    beyond_done_cents: int = 0,
    due: int | None = None,
    start: date,
    end: date,
    today: date,
    is_closed: bool = False,
) -> Outlook:
    """How a contract from `start` up to and including `end` fares today.

    `due` is what is due on the call-offs of a framework agreement together.
    """
    return Outlook(
        position=position,
        undecided_cents=undecided_cents,
        planned_cents=planned_cents,
        agreed_cents=agreed_cents,
        met_to_come_cents=met_to_come_cents,
        undecided_to_come_cents=undecided_to_come_cents,
        due_cents=due_cents(position.owed_cents, start, end, today) if due is None else due,
        end=end,
        days=_days(start, end),
        passed=_passed(start, end, today),
        is_over=today > end,
        is_closed=is_closed,
        beyond_expected_cents=beyond_expected_cents,
        beyond_done_cents=beyond_done_cents,
    )


def due_cents(owed_cents: int, start: date, end: date, today: date) -> int:
    """What should be done by now: what is owed falls due evenly, and today has not passed yet.

    >>> due_cents(365_00, date(2025, 1, 1), date(2025, 12, 31), today=date(2025, 2, 1))
    3100
    """
    return half_up(max(0, owed_cents) * _passed(start, end, today), _days(start, end))


def ahead_cents(promised_cents: int, begin: date, end: date, today: date) -> int:
    """The cents of a plan line that still lie ahead: by days, today included.

    What lies behind today was either delivered, and counts as that, or was not done.

    >>> ahead_cents(300_00, date(2025, 6, 1), date(2025, 6, 30), today=date(2025, 6, 21))
    10000
    """
    days = _days(begin, end)
    return half_up(promised_cents * (days - _passed(begin, end, today)), days)


@dataclass(frozen=True, slots=True)
class Ahead:
    """A promise that lies ahead, evenly over its days, and whether both sides agreed on it."""

    cents: int
    first: date
    last: date
    is_agreed: bool = False

    def left(self, today: date) -> int:
        """What of it still lies ahead."""
        return ahead_cents(self.cents, self.first, self.last, today)

    def until(self, day: date, today: date) -> int:
        """What of it is expected from today up to and including a day."""
        return self.left(today) - self.left(day + timedelta(days=1))


def met_on(outlook: Outlook, ahead: Iterable[Ahead], *, today: date, end: date) -> date | None:
    """The first day on which what is owed is met, if all comes true; None when it never is.

    What waits for a decision counts at once, and each promise evenly over its days.

    >>> from telmee.core.ledger.position import Position
    >>> june = Ahead(300_00, date(2025, 6, 1), date(2025, 6, 30))
    >>> outlook = outlook_of(
    ...     Position(obligation_cents=200_00), undecided_cents=0, planned_cents=300_00,
    ...     start=date(2025, 6, 1), end=date(2025, 12, 31), today=date(2025, 6, 1))
    >>> met_on(outlook, [june], today=date(2025, 6, 1), end=date(2025, 12, 31))
    datetime.date(2025, 6, 20)
    """
    promises = list(ahead)
    done = outlook.expected_cents - outlook.planned_cents
    owed = outlook.position.owed_cents

    def is_met(day: date) -> bool:
        return done + sum(promise.until(day, today) for promise in promises) >= owed

    if end < today or not is_met(end):
        return None
    first, last = today, end
    while first < last:  # what is expected never falls, so half of the days are left each time
        middle = first + (last - first) // 2
        first, last = (first, middle) if is_met(middle) else (middle + timedelta(days=1), last)
    return first


def _days(begin: date, end: date) -> int:
    """Count the days of a period with both its ends."""
    if end < begin:
        raise ValueError(f"a period cannot end on {end}, before it begins on {begin}")
    return (end - begin).days + 1


def _passed(begin: date, end: date, today: date) -> int:
    """Count the days of a period that lie behind today, which is itself still ahead."""
    return min(max(0, (today - begin).days), _days(begin, end))
