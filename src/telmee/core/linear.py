"""How small and how large a sum can be, of all whole tables that agree with given sums.

A simplex method in whole numbers, without a division that leaves a rest (Edmonds 1967; Bareiss
1968), with Bland's rule, which cannot go round in circles. Whole rows are reckoned at once, in
numbers of a fixed width for as long as these are wide enough: enough for the accounts of a region
and all its clients, hundreds of sums over hundreds of unknowns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_Whole = npt.NDArray[Any]
#: What a product of two numbers of a fixed width may come to.
_WIDEST = 2**62
#: Into how many parts a quotient is told apart, before those that are alike are multiplied out.
_PARTS = 2**20


class Region:
    """All unknowns that are not negative and of which some sums are known: `rows` times them.

    Some unknowns there must be that agree: those of the table itself do. `ValueError` without.
    """

    def __init__(self, rows: Sequence[Sequence[int]] | _Whole, sums: Sequence[int]) -> None:
        whole = np.array(rows, dtype=np.int64).reshape(len(sums), -1) if len(sums) else None
        self._width = 0 if whole is None else whole.shape[1]
        self._points: list[_Whole] = []
        self._scales: list[int] = []
        if whole is not None:
            # To begin with each row has an unknown of its own, past the others, that has to leave.
            ends = np.array(sums, dtype=np.int64)[:, np.newaxis]
            self._table = _Table(np.hstack([whole, ends]))
            self._agree()

    def most(self, weights: Sequence[int] | _Whole) -> int | None:
        """The most that a weighted sum of the unknowns can be, rounded down; None without end."""
        if not self._width:
            return None if any(weight > 0 for weight in weights) else 0
        table = self._table.copy()
        table.weigh(weights)
        has_end = table.improve()
        self._remember(table)
        return int(table.rows[-1, -1]) // table.scale if has_end else None

    def least(self, weights: Sequence[int] | _Whole) -> int:
        """The least that a sum of unknowns can be, rounded up."""
        opposite = self.most(-np.array(weights))
        return 0 if opposite is None else -opposite

    def reached(self, weights: _Whole) -> int | None:
        """The most that a sum was in any answer so far: it can be that much. None without one."""
        if not self._points:
            return None
        sums = np.array(self._points) @ weights
        return int((sums // np.array(self._scales, dtype=sums.dtype)).max())

    def _remember(self, table: _Table) -> None:
        self._points.append(table.point(self._width))
        self._scales.append(table.scale)

    def _agree(self) -> None:
        """Find unknowns that agree with all sums, and drop the sums that say nothing new."""
        table = self._table
        table.weigh_sums()
        table.improve()
        if table.rows[-1, -1] != 0:
            raise ValueError("no table agrees with these sums")
        for place in reversed(range(len(table.basis))):
            if table.basis[place] >= self._width:
                table.replace(place)
        self._remember(table)


class _Table:
    """The sums, each solved for the unknown of its `basis`, all over one `scale`.

    The last row of it has what each unknown would cost.
    """

    def __init__(self, rows: _Whole) -> None:
        self.rows: _Whole = np.vstack([rows, np.zeros((1, rows.shape[1]), dtype=rows.dtype)])
        self.basis = rows.shape[1] - 1 + np.arange(len(rows))
        self.scale = 1
        self._widest = int(np.abs(self.rows).max())

    def copy(self) -> _Table:
        """The same, to go on from."""
        table = object.__new__(_Table)
        table.rows, table.basis, table.scale = self.rows.copy(), self.basis.copy(), self.scale
        table._widest = self._widest
        return table

    def weigh(self, weights: Sequence[int] | _Whole) -> None:
        """Let the costs be those of a weighted sum."""
        chosen = np.array(weights, dtype=self.rows.dtype)
        cost = np.append(-self.scale * chosen, 0)
        self.rows[-1] = cost + chosen[self.basis] @ self.rows[:-1]
        self._widest = max(self._widest, int(np.abs(self.rows[-1]).max()))

    def weigh_sums(self) -> None:
        """Let the costs be those of what is left of the unknowns of the beginning."""
        self.rows[-1] = -self.rows[:-1].sum(axis=0)
        self._widest = max(self._widest, int(np.abs(self.rows[-1]).max()))

    def point(self, width: int) -> _Whole:
        """What each unknown is here, times the scale."""
        point = np.zeros(width, dtype=self.rows.dtype)
        real = self.basis < width
        point[self.basis[real]] = self.rows[:-1][real, -1]
        return point

    def improve(self) -> bool:
        """Pivot until nothing improves; whether there is an end to it."""
        while True:
            gains = np.flatnonzero(self.rows[-1, :-1] < 0)
            if not len(gains):
                return True
            leaving = self._leaving(int(gains[0]))
            if leaving is None:
                return False
            self._pivot(leaving, int(gains[0]))

    def replace(self, place: int) -> None:
        """Bring a real unknown in where one of the beginning stayed, at nothing."""
        entering = np.flatnonzero(self.rows[place, :-1])
        if not len(entering):
            self.rows = np.delete(self.rows, place, axis=0)
            self.basis = np.delete(self.basis, place)
            return
        if self.rows[place, entering[0]] < 0:
            self.rows[place] = -self.rows[place]
        self.rows[-1] = 0
        self._pivot(place, int(entering[0]))

    def _leaving(self, entering: int) -> int | None:
        """The row that bounds a step first; of equals that with the lowest unknown."""
        column, ends = self.rows[:-1, entering], self.rows[:-1, -1]
        bounding = np.flatnonzero(column > 0)
        if not len(bounding):
            return None
        if int(ends.max()) >= _WIDEST // _PARTS:
            ends = ends.astype(object)
        steps = ends[bounding] * _PARTS // column[bounding]
        best, *others = bounding[steps == steps.min()].tolist()
        for place in others:
            mine = int(ends[place]) * int(column[best])
            other = int(ends[best]) * int(column[place])
            if mine < other or (mine == other and self.basis[place] < self.basis[best]):
                best = place
        return int(best)

    def _pivot(self, place: int, entering: int) -> None:
        """Bring an unknown into the basis; each number stays whole, all over one new scale."""
        pivot, column = int(self.rows[place, entering]), self.rows[:, entering].copy()
        touched = np.ones(len(column), dtype=bool) if pivot != self.scale else column != 0
        touched[place] = False  # the others stay what they are: most do
        if 2 * self._widest**2 >= _WIDEST and self.rows.dtype != object:
            self.rows, column = self.rows.astype(object), column.astype(object)
        rows = pivot * self.rows[touched] - column[touched][:, np.newaxis] * self.rows[place]
        self.rows[touched] = rows = rows // self.scale
        self._widest = max(self._widest, int(np.abs(rows).max(initial=0)))
        self.basis[place], self.scale = entering, pivot
