"""What a report says otherwise than the one before, and why: every difference has its place.

What is put right: a line or a contract of which the report before told something that was taken
back in the books since, with all that was booked on it since, and the reasons that were given. The
rest came in later, was decided later, or belongs to contracts that came or left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from telmee.apps.ledger.models import Entry
from telmee.apps.organisations.many import listed

#: A kind of entry, the figure that it changes, and how.
_FIGURES = {
    "obligation": ("imposed_cents", 1),
    "reduced": ("imposed_cents", -1),
    "realised": ("verified_cents", 1),
}
_REASONS_MAX = 10


class Booked(NamedTuple):
    """An entry that was booked since the report before; `undoes_published` takes back one of it."""

    year: int
    kind: str
    cents: int
    reason: str
    contract_id: int
    contribution_id: int | None
    undoes_published: bool

    @property
    def of(self) -> tuple[str, int]:
        """What it is booked on: a line of effort, or what a contract owes."""
        return (
            ("line", self.contribution_id) if self.contribution_id else ("owed", self.contract_id)
        )

    @property
    def figure(self) -> str:
        """The figure that it changes."""
        return _FIGURES[self.kind][0]


@dataclass(slots=True)
class Righted:
    """What was put right in a figure of a year."""

    cents: int = 0
    reasons: list[str] = field(default_factory=list)

    def add(self, one: Booked) -> None:
        """Count an entry; a reason that was given more often is told once."""
        self.cents += one.cents * _FIGURES[one.kind][1]
        if one.reason and one.reason not in self.reasons:
            self.reasons.append(one.reason)


def booked_since(contracts: Sequence[int], since: datetime, until: datetime) -> Iterator[Booked]:
    """The entries of contracts after a moment, in their order."""
    entries = Entry.objects.filter(
        contract_id__in=listed(contracts),
        booked_at__gt=since,
        booked_at__lte=until,
        kind__in=_FIGURES,
    )
    columns = ("kind", "amount_cents", "reason", "contract_id", "contribution_id")
    rows = entries.order_by("pk").values_list("effective_on__year", *columns, "reverses__booked_at")
    for *facts, undone in rows:
        yield Booked._make((*facts, undone is not None and undone <= since))


def righted(entries: Iterable[Booked]) -> dict[tuple[int, str], Righted]:
    """What was put right, by year and figure; what came to nothing is left out."""
    known = list(entries)
    touched = {(one.figure, one.of) for one in known if one.undoes_published}
    sums: dict[tuple[int, str], Righted] = {}
    for one in known:
        if (one.figure, one.of) in touched:
            sums.setdefault((one.year, one.figure), Righted()).add(one)
    return {place: put for place, put in sums.items() if put.cents}


def differences(
    before: Mapping[int, Mapping[str, int | None]],
    now: Mapping[int, Mapping[str, int | None]],
    right: Mapping[tuple[int, str], Righted],
) -> dict[str, list[dict[str, Any]]]:
    """Every figure of a year that was told otherwise: put right, or changed in another way.

    What was put right and what came in later together are the difference.
    """
    corrections, changes = [], []
    for year in sorted(before.keys() & now.keys()):
        for figure in now[year]:
            was, is_now = before[year].get(figure) or 0, now[year][figure] or 0
            row = {"year": year, "figure": figure, "before_cents": was, "now_cents": is_now}
            put = right.get((year, figure))
            if put is not None:
                corrections.append(
                    {
                        **row,
                        "corrected_cents": put.cents,
                        "later_cents": is_now - was - put.cents,
                        "reasons": put.reasons[:_REASONS_MAX],
                    }
                )
            elif was != is_now:
                changes.append(row)
    return {"corrections": corrections, "changes": changes}
