"""How small and how large a sum can be, of all whole tables that agree with given sums.

A simplex method in whole numbers, without a division that leaves a rest (Edmonds 1967; Bareiss
1968), with Bland's rule, which cannot go round in circles. Small enough for tables of an account:
tens of sums over tens of unknowns.
"""

from __future__ import annotations

from collections.abc import Sequence


class Region:
    """All unknowns that are not negative and of which some sums are known: `rows` times them.

    Some unknowns there must be that agree: those of the table itself do. `ValueError` without.
    """

    def __init__(self, rows: Sequence[Sequence[int]], sums: Sequence[int]) -> None:
        self._width = len(rows[0]) if rows else 0
        self._rows = [[*row, total] for row, total in zip(rows, sums, strict=True)]
        # To begin with each row has an unknown of its own, past the others, that has to leave.
        self._basis = [self._width + place for place in range(len(rows))]
        self._scale = 1
        if self._rows:
            self._agree()

    def most(self, weights: Sequence[int]) -> int | None:
        """The most that a weighted sum of the unknowns can be, rounded down; None without end."""
        if not self._rows:
            return None if any(weight > 0 for weight in weights) else 0
        rows, basis = [row.copy() for row in self._rows], self._basis.copy()
        cost = [*(-self._scale * weight for weight in weights), 0]
        for row, at in zip(rows, basis, strict=True):
            if weight := weights[at]:
                cost = [known + weight * cell for known, cell in zip(cost, row, strict=True)]
        has_end, cost, scale = _improve(rows, basis, cost, self._scale)
        return cost[-1] // scale if has_end else None

    def least(self, weights: Sequence[int]) -> int:
        """The least that a sum of unknowns can be, rounded up."""
        opposite = self.most([-weight for weight in weights])
        return 0 if opposite is None else -opposite

    def _agree(self) -> None:
        """Find unknowns that agree with all sums, and drop the sums that say nothing new."""
        cost = [-sum(column) for column in zip(*self._rows, strict=True)]
        _, cost, self._scale = _improve(self._rows, self._basis, cost, self._scale)
        if cost[-1] != 0:
            raise ValueError("no table agrees with these sums")
        for place in reversed(range(len(self._rows))):
            if self._basis[place] >= self._width:
                self._replace(place)

    def _replace(self, place: int) -> None:
        """Bring a real unknown in where one of the beginning stayed, at nothing."""
        row = self._rows[place]
        entering = next((at for at in range(self._width) if row[at]), None)
        if entering is None:
            del self._rows[place], self._basis[place]
            return
        if row[entering] < 0:
            self._rows[place] = [-cell for cell in row]
        _, self._scale = _pivot(self._rows, [0] * len(row), place, entering, self._scale)
        self._basis[place] = entering


def _improve(
    rows: list[list[int]], basis: list[int], cost: list[int], scale: int
) -> tuple[bool, list[int], int]:
    """Pivot until nothing improves; the first is whether there is an end to it."""
    while True:
        entering = next((at for at, gain in enumerate(cost[:-1]) if gain < 0), None)
        if entering is None:
            return True, cost, scale
        leaving = _leaving(rows, basis, entering)
        if leaving is None:
            return False, cost, scale
        cost, scale = _pivot(rows, cost, leaving, entering, scale)
        basis[leaving] = entering


def _leaving(rows: list[list[int]], basis: list[int], entering: int) -> int | None:
    """The row that bounds a step first; of equals that with the lowest unknown."""
    best: int | None = None
    for place, row in enumerate(rows):
        if row[entering] <= 0:
            continue
        if best is None:
            best = place
            continue
        mine, other = row[-1] * rows[best][entering], rows[best][-1] * row[entering]
        if mine < other or (mine == other and basis[place] < basis[best]):
            best = place
    return best


def _pivot(
    rows: list[list[int]], cost: list[int], place: int, entering: int, scale: int
) -> tuple[list[int], int]:
    """Bring an unknown into the basis; each cell stays whole, all over one new scale."""
    chosen = rows[place]
    pivot = chosen[entering]
    for at, row in enumerate(rows):
        factor = row[entering]
        if at != place and (factor or pivot != scale):  # else the row stays what it is: most do
            rows[at] = [
                (pivot * cell - factor * other) // scale
                for cell, other in zip(row, chosen, strict=True)
            ]
    factor = cost[entering]
    cost = [
        (pivot * cell - factor * other) // scale for cell, other in zip(cost, chosen, strict=True)
    ]
    return cost, pivot
