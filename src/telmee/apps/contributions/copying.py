"""The last period once more: drafts of earlier lines, moved on to the period that follows."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID, uuid5

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contributions.access import on_contract
from telmee.apps.contributions.actions import save_draft
from telmee.apps.contributions.cells import Cells, cells_of
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.references import references_after

#: More lines than one page can ask dates of.
COPIED_MAX = 100
#: Lines whose effort ended within so many days of the latest are of the last period.
_PERIOD_DAYS = 92


def last_period(access: ContractAccess) -> list[Contribution]:
    """One's own lines of the last period on a contract, in order of time. Runs one query."""
    own = on_contract(access).filter(organisation=access.delivering_for)
    dated = own.exclude(state=State.WITHDRAWN).filter(begin__isnull=False)
    latest = list(dated.order_by("-begin", "-id")[:COPIED_MAX])
    since = max((_end(line) for line in latest), default=date.min)
    lines = [line for line in latest if (since - _end(line)).days < _PERIOD_DAYS]
    return sorted(lines, key=lambda line: (line.begin, line.reference))


def copy_lines(
    access: ContractAccess, changes: Iterable[tuple[Contribution, Cells]], *, key: UUID
) -> list[Contribution]:
    """Make drafts of earlier lines, each with the cells that differ, such as its new period.

    Each gets a reference of its own. The same `key` twice copies once.
    """
    chosen = list(changes)
    references = references_after(access, len(chosen))
    return [
        save_draft(
            access,
            {**cells_of(line), **cells, "kenmerk": reference},
            note=line.note,
            key=uuid5(key, str(line.pk)),
        )
        for (line, cells), reference in zip(chosen, references, strict=True)
    ]


def next_period(begin: date, end: date | None) -> tuple[date, date | None]:
    """The period that follows one, equally long: whole months stay whole months.

    >>> next_period(date(2026, 1, 1), date(2026, 3, 31))
    (datetime.date(2026, 4, 1), datetime.date(2026, 6, 30))
    >>> next_period(date(2026, 1, 5), date(2026, 1, 9))
    (datetime.date(2026, 1, 10), datetime.date(2026, 1, 14))
    """
    if end is None:
        return _moved(begin, 1), None
    following = end + timedelta(days=1)
    if following.day == begin.day:
        months = (following.year - begin.year) * 12 + following.month - begin.month
        return following, _moved(following, months) - timedelta(days=1)
    return following, following + (end - begin)


def _end(line: Contribution) -> date:
    return line.end or line.begin or date.min


def _moved(day: date, months: int) -> date:
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
