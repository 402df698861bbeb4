"""The periods for which two sides agree turnover, and how people write one.

A period is one of the calendar, named by its first day: a contract that ends earlier or later has
the same periods. Where neither contract nor scheme says which, it is the calendar year, and that is
told as assumed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from telmee.core.errors import DomainError, Param, Problem
from telmee.core.periods import later_end

_DAY = timedelta(days=1)


class PeriodKind(StrEnum):
    """How long the periods of a contract are."""

    YEAR = "year"
    HALF_YEAR = "half_year"
    QUARTER = "quarter"
    MONTH = "month"

    @property
    def months(self) -> int:
        """How many months each has; they part a year evenly."""
        return _MONTHS[self]


_MONTHS: Mapping[PeriodKind, int] = {
    PeriodKind.YEAR: 12,
    PeriodKind.HALF_YEAR: 6,
    PeriodKind.QUARTER: 3,
    PeriodKind.MONTH: 1,
}
#: What holds where nobody says anything.
ASSUMED_KIND = PeriodKind.YEAR


@dataclass(frozen=True, slots=True, order=True)
class TurnoverPeriod:
    """One period of the calendar, both days included.

    >>> str(TurnoverPeriod.starting(date(2026, 4, 1), PeriodKind.QUARTER))
    '2026-K2'
    """

    first: date
    last: date
    kind: PeriodKind

    @classmethod
    def starting(cls, first: date, kind: PeriodKind) -> TurnoverPeriod:
        """The period that begins on a day."""
        return cls(first, later_end(first - _DAY, kind.months), kind)

    @classmethod
    def of_day(cls, day: date, kind: PeriodKind) -> TurnoverPeriod:
        """The period that a day is in."""
        month = (day.month - 1) // kind.months * kind.months + 1
        return cls.starting(date(day.year, month, 1), kind)

    @property
    def number(self) -> int:
        """Its place within its year, from one."""
        return (self.first.month - 1) // self.kind.months + 1

    def __str__(self) -> str:
        """As a file has it, and as it is read back: `2026`, `2026-H1`, `2026-K2`, `2026-03`."""
        return _WRITTEN[self.kind].format(self.first.year, self.number)


_WRITTEN: Mapping[PeriodKind, str] = {
    PeriodKind.YEAR: "{:04}",
    PeriodKind.HALF_YEAR: "{:04}-H{}",
    PeriodKind.QUARTER: "{:04}-K{}",
    PeriodKind.MONTH: "{:04}-{:02}",
}


def periods_of(kind: PeriodKind, start: date, end: date) -> list[TurnoverPeriod]:
    """The periods that a contract from `start` up to and including `end` has days in.

    >>> [str(one) for one in periods_of(PeriodKind.HALF_YEAR, date(2025, 8, 1), date(2026, 7, 31))]
    ['2025-H2', '2026-H1', '2026-H2']
    """
    periods = [TurnoverPeriod.of_day(start, kind)]
    while periods[-1].last < end:
        periods.append(TurnoverPeriod.starting(periods[-1].last + _DAY, kind))
    return periods


#: How people write a period: the year, and a letter and a number for a part of it.
_YEAR = re.compile(r"(?P<year>\d{4})\Z")
_PART = re.compile(r"(?P<year>\d{4})[\s/-]*(?P<letter>[hkq]?)(?P<number>\d{1,2})\Z")
_PART_FIRST = re.compile(r"(?P<letter>[hkq])(?P<number>\d{1,2})[\s/-]*(?P<year>\d{4})\Z")
_LETTERS: Mapping[PeriodKind, str] = {
    PeriodKind.YEAR: "",
    PeriodKind.HALF_YEAR: "h",
    PeriodKind.QUARTER: "kq",
    PeriodKind.MONTH: "",
}


def read_period(text: str, kind: PeriodKind) -> TurnoverPeriod:
    """The period that a text names, of the kind that a contract has.

    Raises `DomainError` `period_unreadable`; a period of another kind is not taken for one of this.

    >>> str(read_period("Q3 2026", PeriodKind.QUARTER)), str(read_period("2026", PeriodKind.YEAR))
    ('2026-K3', '2026')
    """
    written = text.strip().casefold()
    if kind is PeriodKind.YEAR:
        match = _YEAR.match(written)
        number = 1
    else:
        match = _PART.match(written) or _PART_FIRST.match(written)
        number = int(match["number"]) if match else 0
    letters = match["letter"] if match and "letter" in match.groupdict() else ""
    right = (letters in _LETTERS[kind]) if letters else not _LETTERS[kind]
    if match is None or not right or not 1 <= number <= 12 // kind.months or match["year"] < "1900":
        example = TurnoverPeriod.starting(date(2026, 1, 1), kind)
        params: dict[str, Param] = {"text": text.strip()[:40], "example": str(example)}
        raise DomainError(Problem("period_unreadable", "periode", params=params))
    return TurnoverPeriod.starting(
        date(int(match["year"]), (number - 1) * kind.months + 1, 1), kind
    )
