"""Effort that may be counted twice: found in columns, for all lines at once.

Nothing is taken off and nothing is held back: two part-time places can be right, and so can two
invoices of one amount on one day. A person looks, so what comes out is, for each line, why it may
be double and which other lines that is about (docs/algorithms/valuation.md section 5).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import chain, islice

import numpy as np
import numpy.typing as npt

from telmee.core.overlap.efforts import Efforts, Flags, Ints, Lines
from telmee.core.overlap.near_codes import near_persons
from telmee.core.periods import NO_DAY, Days
from telmee.core.tables.columns import NOTHING

#: At most so many other lines are named, looked for among so many nearest of the same person on
#: either side: a file of nothing but one person must not cost its square.
NAMED_MAX, NEAREST = 20, 512


class Kind(StrEnum):
    """Why a line may be double, what weighs most first."""

    SAME_PERIOD = "same_period"
    SAME_INVOICE = "same_invoice"
    OVER_FULL_TIME = "over_full_time"
    OVERLAP = "overlap"
    TWO_GROUPS = "two_groups"
    NEAR_CODE = "near_code"


@dataclass(frozen=True, slots=True)
class Double:
    """One reason why a line may be double, with the first of the other lines it is about."""

    kind: Kind
    others: tuple[int, ...]
    more: bool = False


@dataclass(frozen=True)
class Doubles:
    """What may be double in a batch: which lines by kind, and on demand with which others.

    `near` has the persons with a near-equal code, by the number of a person.
    """

    efforts: Efforts
    near: Mapping[int, Sequence[int]]
    flags: Mapping[Kind, Flags]

    @property
    def lines(self) -> Lines:
        """The lines that somebody should look at, in their order."""
        return np.flatnonzero(np.logical_or.reduce([*self.flags.values()]))

    def of(self, line: int) -> tuple[Double, ...]:
        """Why a line may be double, what weighs most first.

        That periods overlap is not said again of lines that are the same, or together more than
        full time.
        """
        others = {kind: self._others(kind, line) for kind in Kind if self.flags[kind][line]}
        said = {*others.get(Kind.SAME_PERIOD, ()), *others.get(Kind.OVER_FULL_TIME, ())}
        if said.issuperset(others.get(Kind.OVERLAP, ())):
            others.pop(Kind.OVERLAP, None)
        return tuple(
            Double(kind, lines[:NAMED_MAX], more=not 0 < len(lines) <= NAMED_MAX)
            for kind, lines in others.items()
        )

    def _others(self, kind: Kind, line: int) -> tuple[int, ...]:
        """The other lines that a reason is about, one more than are named where there are more."""
        if kind is Kind.NEAR_CODE:
            near = self.near[int(self.efforts.person[line])]
            of_near = chain.from_iterable(self._lines_of(person).tolist() for person in near)
            return tuple(sorted(islice(of_near, NAMED_MAX + 1)))
        beside = self._beside(line)
        fits = _ALIKE[kind](self.efforts, line, beside) & self.flags[kind][beside]
        return tuple(sorted(beside[fits & (beside != line)][: NAMED_MAX + 1].tolist()))

    def _beside(self, line: int) -> Lines:
        """The lines of the same person, or of nobody, that begin nearest to a line."""
        first, end = self._places_of(int(self.efforts.person[line]))
        begin = self._begin[first:end]
        at = first + int(np.searchsorted(begin, self.efforts.begin[line]))
        return self._order[max(first, at - NEAREST) : min(end, at + NEAREST)]

    def _lines_of(self, person: int) -> Lines:
        first, end = self._places_of(person)
        return self._order[first : min(end, first + NAMED_MAX + 1)]

    def _places_of(self, person: int) -> tuple[int, int]:
        """Where the lines of a person, or of nobody, stand in the order."""
        return int(self._starts[person + 1]), int(self._starts[person + 2])

    @cached_property
    def _order(self) -> Lines:
        """All lines by person, those of nobody first, and then by begin."""
        return np.lexsort((self.efforts.begin, self.efforts.person))

    @cached_property
    def _starts(self) -> Lines:
        """Where in the order the lines of nobody begin, then those of each person, and the end."""
        lines = np.bincount(self.efforts.person + 1, minlength=len(self.efforts.codes) + 1)
        return np.append(0, np.cumsum(lines))

    @cached_property
    def _begin(self) -> Days:
        return self.efforts.begin[self._order]


def doubles_in(efforts: Efforts) -> Doubles:
    """Find the lines that may be double; each of two or more lines is marked."""
    overlaps, near = _overlapping(efforts), _near(efforts)
    flags = {
        Kind.SAME_PERIOD: _same_period(efforts),
        Kind.SAME_INVOICE: _same_invoice(efforts),
        Kind.OVER_FULL_TIME: _over_full_time(efforts, overlaps),
        Kind.OVERLAP: overlaps,
        Kind.TWO_GROUPS: _two_groups(efforts),
        Kind.NEAR_CODE: np.isin(efforts.person, [*near]),
    }
    return Doubles(efforts, near, flags)


# Which lines ---------------------------------------------------------------------------------


def _overlapping(efforts: Efforts) -> Flags:
    """Mark each period in which another one of the same person runs."""
    here = np.flatnonzero(efforts.worked & (efforts.person != NOTHING))
    here = here[np.lexsort((efforts.begin[here], efforts.person[here]))]
    begin, end = _on_one_line(efforts, here)
    marked = np.zeros(here.size, dtype=np.bool_)
    marked[1:] = begin[1:] < np.maximum.accumulate(end)[:-1]
    marked[:-1] |= begin[1:] < end[:-1]  # what begins first after it, if anything does
    return _flags(efforts, here[marked])


def _over_full_time(efforts: Efforts, overlaps: Flags) -> Flags:
    """Mark the periods that run on a day on which a person works more than full time in all.

    Begins and ends are put in order of day; between two of them the hours a week are the same.
    Where clients have different full-time weeks, the longest of the person counts.
    """
    here = np.flatnonzero(overlaps & (efforts.weekly_hours > 0))
    if not here.size:
        return np.zeros(overlaps.size, dtype=np.bool_)
    hours, person = efforts.weekly_hours[here], efforts.person[here]
    times = np.concatenate(_on_one_line(efforts, here))
    order = np.argsort(times, kind="stable")
    week = np.zeros(int(person.max()) + 1, dtype=np.int64)
    np.maximum.at(week, person, efforts.full_time[here])
    full_time = week[np.concatenate((person, person))[order]]
    together = np.cumsum(np.concatenate((hours, -hours))[order])
    running = np.cumsum(np.repeat([1, -1], here.size)[order])
    lasts = np.append(np.diff(times[order]) > 0, False)
    over = lasts & (running > 1) & (full_time > 0) & (together > full_time)
    before = np.append(0, np.cumsum(over))
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    begins, ends = place[: here.size], place[here.size :]
    return _flags(efforts, here[before[ends] > before[begins]])


def _same_period(efforts: Efforts) -> Flags:
    """Mark the lines of one person that are for the same block on the same days."""
    here = np.flatnonzero((efforts.person != NOTHING) & (efforts.begin != NO_DAY))
    alike = (efforts.person, efforts.block, efforts.begin, efforts.end)
    return _flags(efforts, _repeated(here, alike))


def _same_invoice(efforts: Efforts) -> Flags:
    """Mark the lines with the same amount on the same day, for the same person or for nobody.

    Where suppliers are named they are the same; a line that names none may be of any.
    """
    here = np.flatnonzero((efforts.invoice > 0) & (efforts.begin != NO_DAY))
    alike = (efforts.person, efforts.begin, efforts.invoice)
    here = _repeated(here, alike)  # equal ones stand side by side
    new = np.ones(here.size, dtype=np.bool_)
    new[1:] = np.logical_or.reduce([c[here[1:]] != c[here[:-1]] for c in alike])
    group, unnamed = np.cumsum(new) - 1, efforts.supplier[here] == NOTHING
    of_any = np.bincount(group[unnamed], minlength=int(new.sum())) > 0
    repeated = _repeated(here, (*alike, efforts.supplier))
    return _flags(efforts, np.concatenate((here[of_any[group]], repeated)))


def _two_groups(efforts: Efforts) -> Flags:
    """Mark the lines of a person for target groups that have nothing in common, on any day.

    Each person's groups are compared once, however many lines he has: there are few groups.
    """
    here = np.flatnonzero((efforts.person != NOTHING) & (efforts.group != 0))
    here = here[np.lexsort((efforts.group[here], efforts.person[here]))]
    person, group = efforts.person[here], efforts.group[here]
    new = np.ones(here.size, dtype=np.bool_)
    new[1:] = (person[1:] != person[:-1]) | (group[1:] != group[:-1])
    firsts, which = np.flatnonzero(new), np.cumsum(new) - 1
    person, group = person[firsts], group[firsts]
    apart = np.zeros(firsts.size, dtype=np.bool_)
    for step in range(1, firsts.size):
        same = person[step:] == person[:-step]
        if not same.any():
            break
        two = np.flatnonzero(same & ((group[step:] & group[:-step]) == 0))
        apart[two] = apart[two + step] = True
    return _flags(efforts, here[apart[which]])


def _near(efforts: Efforts) -> Mapping[int, Sequence[int]]:
    """The persons with a near-equal code, among those who have lines."""
    present = {*np.unique(efforts.person).tolist()}
    return near_persons([c if n in present else "" for n, c in enumerate(efforts.codes)])


def _on_one_line(efforts: Efforts, here: Lines) -> tuple[Ints, Ints]:
    """Begin and end of some lines, so that no day of a person reaches one of the next person."""
    of_person = (efforts.person[here].astype(np.int64) << 32) - NO_DAY
    return of_person + efforts.begin[here], of_person + efforts.end[here]


def _repeated(here: Lines, columns: Sequence[npt.NDArray[np.integer]]) -> Lines:
    """Those of some lines that are equal to another one of them in all columns."""
    here = here[np.lexsort([column[here] for column in columns])]
    same = np.ones(max(here.size - 1, 0), dtype=np.bool_)
    for column in columns:
        same &= column[here[1:]] == column[here[:-1]]
    marked = np.zeros(here.size, dtype=np.bool_)
    marked[1:] = same
    marked[:-1] |= same
    return here[marked]


def _flags(efforts: Efforts, lines: Lines) -> Flags:
    flags = np.zeros(efforts.person.size, dtype=np.bool_)
    flags[lines] = True
    return flags


# With which others ---------------------------------------------------------------------------


def _overlaps_with(efforts: Efforts, line: int, others: Lines) -> Flags:
    fits: Flags = efforts.begin[others] < efforts.end[line]
    fits &= efforts.end[others] > efforts.begin[line]
    return fits


def _has_same_period(efforts: Efforts, line: int, others: Lines) -> Flags:
    fits: Flags = efforts.block[others] == efforts.block[line]
    fits &= efforts.begin[others] == efforts.begin[line]
    fits &= efforts.end[others] == efforts.end[line]
    return fits


def _has_same_invoice(efforts: Efforts, line: int, others: Lines) -> Flags:
    fits: Flags = efforts.invoice[others] == efforts.invoice[line]
    fits &= efforts.begin[others] == efforts.begin[line]
    supplier, own = efforts.supplier[others], efforts.supplier[line]
    fits &= (supplier == own) | (supplier == NOTHING) | (own == NOTHING)
    return fits


def _has_other_group(efforts: Efforts, line: int, others: Lines) -> Flags:
    fits: Flags = (efforts.group[others] & efforts.group[line]) == 0
    return fits


_ALIKE: Mapping[Kind, Callable[[Efforts, int, Lines], Flags]] = {
    Kind.SAME_PERIOD: _has_same_period,
    Kind.SAME_INVOICE: _has_same_invoice,
    Kind.OVER_FULL_TIME: _overlaps_with,
    Kind.OVERLAP: _overlaps_with,
    Kind.TWO_GROUPS: _has_other_group,
}
