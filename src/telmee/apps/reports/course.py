"""How a contract went, as it stood at the end of each month, and how it is to go on from today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.models import Contract
from telmee.apps.ledger.queries import Figures, figures_on
from telmee.apps.reports.portfolio import promises_ahead, standings_on
from telmee.core.ledger import Ahead, Outlook, met_on

#: The most moments that a course has, beside its first and last day and today.
_MOST = 24


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a contract stood at the end of a day, or is expected to stand; `None` where neither.

    `stood` are the three figures up to today; `expected_cents` is told from today on. Of a
    framework agreement it counts on each call-off up to what that owes, as what is open does.
    """

    day: date
    stood: Figures | None
    expected_cents: int | None


@dataclass(frozen=True, slots=True)
class Course:
    """The moments of a contract from its first day to its last, and the day on which it is met."""

    moments: list[Moment]
    met_on: date | None


def course_of(
    contract: Contract, contract_ids: Iterable[int], outlook: Outlook, today: date
) -> Course:
    """The course of a contract from its first day to its last. Runs three queries, or four.

    `contract_ids` are the contracts whose plan and books it has: its own, or those of its
    call-offs. What stood is what was booked and said by then, so that today it is the figure of the
    books. What is expected counts what waits at once, and each promise evenly over its days.
    """
    ids = list(contract_ids)
    until = max(contract.end, outlook.end, min(today, contract.closed_on or today))
    days = list(_days(contract.start, until, today))
    ahead = promises_ahead(ids, today)
    parts = list(_parts(contract, outlook, ahead, today))
    stood = dict(zip(days, figures_on(ids, days), strict=True))
    moments = [
        Moment(
            day,
            stood[day] if day <= today else None,
            sum(part.expected_by(day, today) for part in parts) if day >= today else None,
        )
        for day in days
    ]
    return Course(moments, _met_on(parts, today=today, end=outlook.end))


@dataclass(frozen=True, slots=True)
class _Part:
    """How a contract fares by itself, with what is promised on it, and how much of it counts."""

    outlook: Outlook
    promises: list[Ahead]
    most_cents: int | None

    def expected_by(self, day: date, today: date) -> int:
        """What is expected to count by a day."""
        handed_in = self.outlook.expected_cents - self.outlook.planned_cents
        cents = handed_in + sum(promise.until(day, today) for promise in self.promises)
        return cents if self.most_cents is None else min(cents, self.most_cents)


def _parts(
    contract: Contract, outlook: Outlook, ahead: Mapping[int, list[Ahead]], today: date
) -> Iterator[_Part]:
    """A contract by itself, or the call-offs of a framework."""
    if contract.form != Form.FRAMEWORK:
        yield _Part(outlook, ahead[contract.pk], most_cents=None)
        return
    for one in standings_on(ahead, today=today):
        yield _Part(one.outlook, ahead[one.contract.pk], one.position.owed_cents)


def _met_on(parts: Iterable[_Part], *, today: date, end: date) -> date | None:
    """The first day on which what is owed is met: of a framework, on each of its call-offs."""
    days = [met_on(part.outlook, part.promises, today=today, end=end) for part in parts]
    known = [day for day in days if day is not None]
    return max(known, default=None) if len(known) == len(days) else None


def _days(first: date, last: date, today: date) -> Iterator[date]:
    """The first and the last day, today, and the ends of months between them: at most `_MOST`."""
    ends = [day for day in _month_ends(first, last) if first < day < last]
    step = max(1, -(-len(ends) // _MOST))
    today_too = {today} if first < today < last else set()
    yield from sorted({first, last, *ends[step - 1 :: step], *today_too})


def _month_ends(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield following - timedelta(days=1)
        day = following
