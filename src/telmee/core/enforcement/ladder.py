"""Which step of the ladder is due on a contract, since when, and why not another.

Nothing here decides: a person does. Two figures are kept apart. What is done, with what waits for a
decision, says whether a contract is behind: nobody is written to about what the client has not
looked at yet. Only what was verified lets a contract leave, so that handing something in does not
bring it down to the first rung.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from telmee.core.enforcement.terms import Step, Terms
from telmee.core.money import WHOLE_BP, half_up

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """What a contract owes and has done, over its days.

    `done_cents` is what counts and what waits for a decision, for days up to today;
    `verified_cents` what counts of it. What is owed falls due evenly, a day at a time.
    """

    owed_cents: int
    done_cents: int
    verified_cents: int
    open_cents: int
    start: date
    end: date

    @property
    def days(self) -> int:
        """How many days the contract has."""
        return (self.end - self.start).days + 1

    def passed(self, day: date) -> int:
        """How many of them lie behind a day."""
        return min(max(0, (day - self.start).days), self.days)

    def due_cents(self, day: date) -> int:
        """What should have been done by a day."""
        return half_up(self.owed_cents * self.passed(day), self.days)

    def behind_cents(self, day: date) -> int:
        """What lacks of that, by what is done now; never below zero.

        >>> year = Pace(365_00, 30_00, 0, 335_00, date(2025, 1, 1), date(2025, 12, 31))
        >>> year.behind_cents(date(2025, 2, 10)), year.behind_cents(date(2025, 1, 20))
        (1000, 0)
        """
        return max(0, self.due_cents(day) - self.done_cents)

    def late_since(self, terms: Terms, today: date) -> date | None:
        """The first day on which the contract was behind, by what is done now; None if it is not.

        Nobody kept how it stood on each day since, so an earlier day on which it was behind and
        caught up again does not count.
        """
        if self.owed_cents <= 0 or self.open_cents <= 0:
            return None
        lacking = max(terms.least_cents, half_up(self.owed_cents * terms.behind_bp, WHOLE_BP))
        days = [self._day_of(lacking)]
        if self.owed_cents - self.done_cents >= terms.least_cents:
            days.append(self.end + _DAY + timedelta(days=terms.after_end_days))
        late = [day for day in days if day is not None and day <= today]
        return min(late) if late else None

    def _day_of(self, lacking: int) -> date | None:
        """The first day on which so much lacked; None when it never does within the contract.

        Due is rounded half up, so it reaches an amount half a cent before it.
        """
        wanted = 2 * (self.done_cents + lacking) - 1
        passed = max(0, -(-wanted * self.days // (2 * self.owed_cents)))
        return self.start + timedelta(days=passed) if passed <= self.days else None


@dataclass(frozen=True, slots=True)
class Span:
    """Days of leniency, both ends included: no step is taken and no term runs."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that holds: the day of it, and how many days the contractor was given.

    `given_until` is the last day of these as it was known then: leniency that ends sooner makes no
    term shorter than it was given.
    """

    step: Step
    on: date
    days: int
    given_until: date | None = None

    def until(self, lenient: Iterable[Span]) -> date:
        """The last day of its term.

        >>> pause = Span(date(2020, 7, 1), date(2020, 7, 5))
        >>> Taken(Step.DEFAULT, date(2020, 6, 25), 14, date(2020, 9, 9)).until([pause])
        datetime.date(2020, 9, 9)
        """
        end = term_end(self.on, self.days, lenient)
        return end if self.given_until is None else max(end, self.given_until)


class Why(StrEnum):
    """Why a step is due, or what it waits for."""

    DUE = "due"
    NOT_LATE = "not_late"
    LENIENT = "lenient"
    TERM = "term"
    END = "end"
    UNDECIDED = "undecided"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Next:
    """What comes next on a contract: the step, if one does, from which day, and why.

    `late_since` is the day from which the contract is behind.
    """

    why: Why
    step: Step | None = None
    due_on: date | None = None
    late_since: date | None = None

    @property
    def is_due(self) -> bool:
        """Whether a person can decide on it now."""
        return self.why is Why.DUE


def next_step(
    terms: Terms, pace: Pace, taken: Sequence[Taken], lenient: Iterable[Span], *, today: date
) -> Next:
    """The step that comes next, with the day from which it is due.

    `taken` are the steps that hold since the contract came on the ladder, in their order. The first
    is due when the contract is behind, each other when the term of the one before is over. A
    penalty waits for the end of the contract, as until then what lacks can still be done, and for
    every decision: its amount is what was not verified.
    """
    since = pace.late_since(terms, today)
    if since is None:
        return Next(Why.NOT_LATE)
    last = taken[-1] if taken else None
    rung = terms.after(last.step if last else None)
    if rung is None:
        return Next(Why.COMPLETE, late_since=since)
    spans = _merged(lenient)
    due = since if last is None else last.until(spans) + _DAY
    why = Why.TERM if due > today else Why.DUE
    if rung.step is Step.PENALTY and pace.end >= max(due, today):
        why, due = Why.END, pace.end + _DAY
    elif rung.step is Step.PENALTY and why is Why.DUE and pace.done_cents > pace.verified_cents:
        return Next(Why.UNDECIDED, rung.step, None, since)
    for span in spans:  # what falls within days of leniency comes after them
        if span.first <= max(due, today) <= span.last:
            due = span.last + _DAY
        if span.first <= today <= span.last:
            why = Why.LENIENT
    return Next(why, rung.step, due, since)


def term_end(on: date, days: int, lenient: Iterable[Span]) -> date:
    """The last day of a term that began on a day: days of leniency do not count.

    >>> pause = Span(date(2020, 3, 15), date(2020, 5, 31))
    >>> term_end(date(2020, 3, 10), 14, [pause])
    datetime.date(2020, 6, 10)
    """
    end = on + timedelta(days=days)
    for span in _merged(lenient):
        first = max(span.first, on + _DAY)
        if first <= end and span.last >= first:
            end += (span.last - first) + _DAY
    return end


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in their order, those that meet or overlap as one."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.first, one.last)):
        if merged and span.first <= merged[-1].last + _DAY:
            merged[-1] = Span(merged[-1].first, max(merged[-1].last, span.last))
        else:
            merged.append(span)
    return merged


class Leaving(StrEnum):
    """Why a contract leaves the ladder."""

    CAUGHT_UP = "caught_up"
    LESS_OWED = "less_owed"
    NOTHING_OWED = "nothing_owed"
    CLOSED = "closed"


def leaving_of(pace: Pace, then: Pace, *, is_closed: bool, today: date) -> Leaving | None:
    """Why a contract that is on the ladder leaves it today; None where it stays.

    It caught up when nothing is open, or what was verified keeps pace with its days, and does so by
    what was owed `then`, when the last step was taken. Where it would not, because part of it was
    waived or the contract runs longer since, less is owed by now: no step brought that about.
    """
    if is_closed:
        return Leaving.CLOSED
    if pace.owed_cents <= 0:
        return Leaving.NOTHING_OWED
    if pace.verified_cents < pace.due_cents(today) and pace.open_cents > 0:
        return None
    caught_up = pace.verified_cents >= then.due_cents(today)
    return Leaving.CAUGHT_UP if caught_up else Leaving.LESS_OWED
