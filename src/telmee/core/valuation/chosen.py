"""Some of the lines of a run, those of one kind, read and written as columns of their own.

Most runs hold lines of mostly one kind. Then it is fastest to work on the whole run and put the
other lines back afterwards; only small groups are picked out line by line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from telmee.core.valuation.arrays import Codes, Ints, Lines

_Number = TypeVar("_Number", np.int32, np.int64)


@dataclass(frozen=True, slots=True)
class Few:
    """The lines at some positions of the batch."""

    lines: Lines

    def of(
        self,
        column: npt.NDArray[_Number],
        others: int | None = None,  # noqa: ARG002 - as in Most
    ) -> npt.NDArray[_Number]:
        """The values of these lines alone, in their order; `others` has no meaning here."""
        return column[self.lines]

    def put(self, column: npt.NDArray[_Number], values: Ints | Codes) -> None:
        """Set their values."""
        column[self.lines] = values

    def at(self, which: Lines) -> Lines:
        """The positions in the whole batch of the lines at `which`, counted among these."""
        return self.lines[which]


@dataclass(frozen=True, slots=True)
class Most:
    """The lines of a run but for `others`, which stand in it as copies of the line at `example`.

    `example` is one of the chosen, so nothing is ever worked out from figures that are no line's.
    """

    run: slice
    others: Lines
    example: int

    def of(self, column: npt.NDArray[_Number], others: int | None = None) -> npt.NDArray[_Number]:
        """The values of the whole run; `others` get the example's value, or the number passed."""
        values = column[self.run]
        if self.others.size:
            values = values.copy()
            values[self.others] = values[self.example] if others is None else others
        return values

    def put(self, column: npt.NDArray[_Number], values: Ints | Codes) -> None:
        """Set the values of the run, but for `others`."""
        place = column[self.run]
        kept = place[self.others]
        place[:] = values
        place[self.others] = kept

    def at(self, which: Lines) -> Lines:
        """The positions in the whole batch of the lines at `which`, as counted in the run."""
        return which + np.intp(self.run.start)


Chosen = Few | Most


def by_kind(kinds: Codes, wanted: Iterable[int], run: slice) -> Iterator[tuple[int, Chosen]]:
    """For each wanted kind that occurs, the lines of a run with it; `kinds` has one a line."""
    for kind in wanted:
        here = kinds == kind
        count = np.count_nonzero(here)
        if 4 * count >= 3 * kinds.size:
            yield kind, Most(run, np.flatnonzero(~here), int(here.argmax()))
        elif count:
            yield kind, Few(np.flatnonzero(here) + run.start)
