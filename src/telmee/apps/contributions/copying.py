"""The last period once more: drafts of earlier lines, moved on to the period that follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid5

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contributions.access import on_contract
from telmee.apps.contributions.actions import save_draft
from telmee.apps.contributions.cells import Cells, cells_of
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution
from telmee.apps.contributions.references import references_after
from telmee.core.errors import Problem
from telmee.core.free_text import require_none
from telmee.core.periods import later_end
from telmee.core.tables.contribution_columns import BEGIN, END, REFERENCE

#: More lines than one page can ask dates of.
COPIED_MAX = 100
#: What ended longer ago than half a year probably does not go on.
_LIKELY_DAYS = 184
#: Drafts were shown to nobody yet; what was withdrawn or rejected does not go on.
_NOT_GOING_ON = (State.DRAFT, State.WITHDRAWN, State.REJECTED)


@dataclass(frozen=True, slots=True)
class Following:
    """A line and the period that follows its own, which never passes the end of the contract.

    `likely` says whether it probably goes on: an invoice is another one each time, and what ended
    long ago has stopped.
    """

    line: Contribution
    begin: date
    end: date | None
    likely: bool


def following_periods(
    access: ContractAccess, *, today: date, again: bool = False
) -> list[Following]:
    """What of one's own goes on after its last period, in order of time. Runs one query.

    For each person and building block that is the latest line; without a person, the lines of the
    latest month. What has a draft of later days already (unless `again`), or ran until the end of
    the contract, has no period that follows.
    """
    own = on_contract(access).filter(organisation=access.delivering_for, begin__isnull=False)
    rows = list(own.select_related("person").order_by("begin", "id"))
    drafts = [] if again else [row for row in rows if row.state == State.DRAFT]
    copied = {_goes_on(row): _begin(row) for row in drafts}
    latest: dict[object, list[Contribution]] = {}
    for row in rows:
        if row.state not in _NOT_GOING_ON:
            before = latest.get(_goes_on(row), [])
            same = [] if row.person_id else [one for one in before if _same_month(one, row)]
            latest[_goes_on(row)] = [*same, row]
    lines = [
        row
        for key, group in latest.items()
        for row in group
        if key not in copied or copied[key] <= _begin(row)
    ]
    moved = (_following(row, access.contract.end, today) for row in lines)
    return sorted(
        (one for one in moved if one is not None),
        key=lambda one: (one.begin, one.line.reference),
    )[:COPIED_MAX]


def _goes_on(line: Contribution) -> tuple[str, int | None]:
    """What makes a later line the next one of an earlier."""
    return line.block, line.person_id


def _same_month(one: Contribution, other: Contribution) -> bool:
    return _begin(one).replace(day=1) == _begin(other).replace(day=1)


def _following(line: Contribution, contract_end: date, today: date) -> Following | None:
    begin, end = next_period(_begin(line), line.end)
    if begin > contract_end:
        return None
    recent = (today - _end(line)).days < _LIKELY_DAYS
    return Following(
        line=line,
        begin=begin,
        end=end and min(end, contract_end),
        likely=recent and line.amount_cents is None,
    )


def copy_lines(
    access: ContractAccess, changes: Iterable[tuple[Contribution, Cells]], *, key: UUID
) -> list[Contribution]:
    """Make drafts of earlier lines, each with the cells that differ, such as its new period.

    Each gets a reference of its own. The same `key` twice copies once. Raises `DomainError` for a
    day after the end of the contract.
    """
    chosen = list(changes)
    require_none(_too_late(access, chosen))
    references = references_after(access, len(chosen))
    return [
        save_draft(
            access,
            {**cells_of(line), **cells, REFERENCE: reference},
            note=line.note,
            key=uuid5(key, str(line.pk)),
        )
        for (line, cells), reference in zip(chosen, references, strict=True)
    ]


def _too_late(
    access: ContractAccess, changes: Iterable[tuple[Contribution, Cells]]
) -> Iterator[Problem]:
    for line, cells in changes:
        for column in (BEGIN, END):
            day = cells.get(column)
            if isinstance(day, date) and day > access.contract.end:
                params = {"end": access.contract.end}
                yield Problem("copy_after_contract", f"{column}-{line.pk}", params=params)


def next_period(begin: date, end: date | None) -> tuple[date, date | None]:
    """The period that follows one, equally long: whole months stay whole months.

    A single day, such as that of an invoice or a lesson, comes a month later.

    >>> next_period(date(2026, 1, 1), date(2026, 3, 31))
    (datetime.date(2026, 4, 1), datetime.date(2026, 6, 30))
    >>> next_period(date(2026, 1, 5), date(2026, 1, 9))
    (datetime.date(2026, 1, 10), datetime.date(2026, 1, 14))
    """
    if end is None or end == begin:
        following = later_end(begin, 1)
        return following, end and following
    following = end + timedelta(days=1)
    if following.day == begin.day:
        months = (following.year - begin.year) * 12 + following.month - begin.month
        return following, later_end(end, months)
    return following, following + (end - begin)


def _begin(line: Contribution) -> date:
    return line.begin or date.min


def _end(line: Contribution) -> date:
    return line.end or _begin(line)
