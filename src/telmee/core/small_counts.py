"""Counts of people that are too small to publish, and what else must be hidden with them.

A count under five can point at somebody. Leaving it out is not enough: who has the total and the
other rows subtracts. So more rows are hidden, until no sum of what is published, within one account
or between two, tells a small count nearly. This is cell suppression as statistical offices do it: a
primary rule (a small count), and a secondary one (what would give it away), of which the proof is a
linear programme: of all tables that agree with what is published, how small and how large can the
hidden count be? (Fischetti and Salazar, Management Science 47, 2001; Hundepool and others,
Statistical Disclosure Control, 2012, section 4.4.)

A published count is a sum of **atoms**, groups of people that stand in no two rows of one division
(such as a kind of effort and a target group together). The attacker here knows all that could help
him: how each row is made of atoms, which atoms are empty, and how often a person stands in two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from telmee.core.linear import Region

#: A count of people below this is not published, and no hidden one is known more nearly than this.
SMALL = 5

_Cell = TypeVar("_Cell", bound=Hashable)
Atom = Any
_Atoms = frozenset[Atom]
_Weights = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Counts(Generic[_Cell]):
    """The counts that an account could publish: how many people each atom has, and each cell.

    `cells` says of which atoms a cell is the sum, `people` how many different people it has: fewer
    than its atoms together, where somebody stands in two of them. What is `elsewhere` stands in
    another account: it cannot be hidden here.
    """

    atoms: Mapping[Atom, int]
    cells: Mapping[_Cell, _Atoms]
    people: Mapping[_Cell, int]
    elsewhere: frozenset[_Cell] = frozenset()

    def beside(self, elsewhere: Mapping[_Cell, _Atoms]) -> Counts[_Cell]:
        """The same, held against what others publish about the same people."""
        people = {
            cell: sum(self.atoms.get(atom, 0) for atom in atoms)
            for cell, atoms in elsewhere.items()
        }
        return Counts(
            self.atoms,
            {**self.cells, **elsewhere},
            {**self.people, **people},
            self.elsewhere | elsewhere.keys(),
        )

    def without(self, part: Counts[_Cell]) -> Counts[_Cell]:
        """The same for who knows a part of the people himself: what is left for him to learn."""
        atoms = {atom: people - part.atoms.get(atom, 0) for atom, people in self.atoms.items()}
        own = {
            cell: sum(part.atoms.get(atom, 0) for atom in self.cells[cell])
            for cell in self.elsewhere
        }
        known = {**part.people, **own}
        people = {cell: count - known.get(cell, 0) for cell, count in self.people.items()}
        return Counts(atoms, self.cells, people, self.elsewhere)


def hidden_cells(counts: Counts[_Cell], given: Iterable[_Cell] = ()) -> frozenset[_Cell]:
    """The cells that an account hides, beside all that is `elsewhere`.

    What is `given` is hidden for another reason already, here or there.

    >>> cells = {"all": frozenset("abc"), "a": frozenset("a"), "b": frozenset("b"),
    ...          "c": frozenset("c")}
    >>> people = {"all": 35, "a": 3, "b": 12, "c": 20}
    >>> sorted(hidden_cells(Counts({"a": 3, "b": 12, "c": 20}, cells, people)))
    ['a', 'b']
    """
    must = {cell for cell in given if cell in counts.cells}
    own = counts.cells.keys() - counts.elsewhere
    must |= {cell for cell in own if 0 < counts.people[cell] < SMALL}
    hidden, known = set(must), cache(partial(_known_elsewhere, counts, frozenset(must)))
    while True:
        near = next((atoms for atoms in _near(counts, hidden) if atoms not in known()), None)
        open_ = own - hidden
        if near is None:
            return frozenset(_shown_again(counts, hidden, must, known)) - counts.elsewhere
        if not open_:
            return frozenset(hidden) - counts.elsewhere
        hidden.add(_next_to_hide(counts, open_, near))


def slices(counts: Sequence[Mapping[Atom, int]]) -> dict[tuple[Atom, int, int], int]:
    """People of moments after each other, by atom and by the moments from and until which they are.

    Accounts of other moments are about the same people, less who left and with who came. Each slice
    is an atom of its own: a count at a moment is the sum of the slices that begin by then and end
    later. The last who came are taken to leave first, so that there are as few as can be.

    >>> slices([{"a": 7}, {"a": 9}, {"a": 8}])
    {('a', 0, 3): 7, ('a', 1, 2): 1, ('a', 1, 3): 1}
    >>> slices([{"a": 7}, {"a": 8}])
    {('a', 0, 2): 7, ('a', 1, 2): 1}
    >>> slices([{"a": 3}, {"a": 5}, {"a": 3}, {"a": 2}])
    {('a', 0, 3): 1, ('a', 0, 4): 2, ('a', 1, 2): 2}
    """
    ends = len(counts)
    whole: dict[tuple[Atom, int, int], int] = {}
    for atom in dict.fromkeys(atom for moment in counts for atom in moment):
        here: list[tuple[int, int]] = []
        for at, people in enumerate(moment.get(atom, 0) for moment in counts):
            more = people - sum(count for _, count in here)
            if more > 0:
                here.append((at, more))
            while more < 0:
                since, count = here.pop()
                left = min(count, -more)
                whole[atom, since, at] = whole.get((atom, since, at), 0) + left
                more += left
                if count > left:
                    here.append((since, count - left))
        whole |= {(atom, since, ends): count for since, count in here}
    return dict(sorted(whole.items(), key=str))


def ranges(
    counts: Counts[_Cell], hidden: Iterable[_Cell], wanted: Iterable[_Atoms]
) -> Iterator[tuple[int, int | None]]:
    """Between what two numbers an attacker knows sums of atoms; None where nothing bounds it."""
    known = _Unknowns(counts, frozenset(hidden))
    for sought in wanted:
        yield known.least(sought), known.most(sought)


class _Unknowns(Generic[_Cell]):
    """What an attacker does not know of some counts, bounded by what is published.

    Atoms that stand in the same cells that he sees cannot be told apart, so that they are one
    unknown; of a part of it he only knows that it is between nothing and all.
    """

    def __init__(self, counts: Counts[_Cell], hidden: AbstractSet[_Cell]) -> None:
        shown = list(dict.fromkeys(of for cell, of in counts.cells.items() if cell not in hidden))
        standing: dict[Atom, list[int]] = {atom: [] for atom, n in counts.atoms.items() if n}
        for at, atoms in enumerate(shown):
            for atom in atoms & standing.keys():
                standing[atom].append(at)
        classes: dict[tuple[int, ...], int] = {}
        self._class = {
            atom: classes.setdefault(tuple(at), len(classes)) for atom, at in standing.items()
        }
        self._sizes = Counter(self._class.values())
        rows = np.zeros((len(shown), len(classes)), dtype=np.int64)
        for cells, place in classes.items():
            rows[list(cells), place] = 1
        sums = [sum(counts.atoms[atom] for atom in atoms & standing.keys()) for atoms in shown]
        self._region = Region(rows, sums)
        self._known: dict[bytes, int | None] = {}

    def is_open(self, sought: _Atoms) -> bool:
        """Whether tables that came by already leave a sum open, so that it need not be asked."""
        most, least = (self._region.reached(weights) for weights in self._sides(sought))
        return most is not None and least is not None and most + least >= SMALL

    def least(self, sought: _Atoms) -> int:
        """The least that a sum can be: of what stands in it whole."""
        return -(self._most(self._sides(sought)[1]) or 0)

    def most(self, sought: _Atoms) -> int | None:
        """The most that it can be: of all that stands in it, whole or not."""
        return self._most(self._sides(sought)[0])

    def _sides(self, sought: _Atoms) -> tuple[_Weights, _Weights]:
        """The weights of the most that a sum can be, and of the least."""
        within = Counter(self._class[atom] for atom in sought if atom in self._class)
        most, least = (np.zeros(len(self._sizes), dtype=np.int64) for _ in range(2))
        most[list(within)] = 1
        least[[place for place, size in within.items() if size == self._sizes[place]]] = -1
        return most, least

    def _most(self, weights: _Weights) -> int | None:
        key = weights.tobytes()
        if key not in self._known:
            self._known[key] = self._region.most(weights)
        return self._known[key]


def _shown_again(
    counts: Counts[_Cell],
    hidden: set[_Cell],
    must: set[_Cell],
    known: Callable[[], frozenset[_Atoms]],
) -> set[_Cell]:
    """What stays hidden after all: each cell that gives nothing away beside the others is shown.

    Cells are hidden one after the other, for one small sum at a time. A later one often does what
    an earlier one was hidden for. The largest come first, for they tell a reader most.
    """
    largest = sorted(hidden - must, key=lambda cell: (-counts.people[cell], str(cell)))
    for cell in largest:
        fewer = hidden - {cell}
        if all(atoms in known() for atoms in _near(counts, fewer)):
            hidden = fewer
    return hidden


def _known_elsewhere(counts: Counts[_Cell], must: AbstractSet[_Cell]) -> frozenset[_Atoms]:
    """The small sums that others tell by themselves: nothing that is hidden here can help that."""
    if not counts.elsewhere:
        return frozenset()
    return frozenset(_near(counts, {*must, *(counts.cells.keys() - counts.elsewhere)}))


def _near(counts: Counts[_Cell], hidden: set[_Cell]) -> Iterator[_Atoms]:
    """The small sums that an attacker knows nearly, in a steady order, one after the other."""
    sought = list(_small_sums(counts, hidden))
    if not sought:
        return
    known = _Unknowns(counts, hidden)
    for atoms in sought:
        if known.is_open(atoms):
            continue
        most = known.most(atoms)
        if most is None or most >= 2 * SMALL - 1:  # for it has fewer than SMALL
            continue
        if most - known.least(atoms) < SMALL:
            yield atoms


def _small_sums(counts: Counts[_Cell], hidden: set[_Cell]) -> Iterable[_Atoms]:
    """The sums that nobody may come to know: small cells and small atoms.

    A small difference of what is shown needs no place of its own: its atoms would be bounded by it.
    """
    seen = {frozenset((atom,)) for atom, people in counts.atoms.items() if people}
    seen |= {counts.cells[cell] for cell in hidden}
    for atoms in sorted(seen, key=lambda one: sorted(map(str, one))):
        if 0 < sum(counts.atoms.get(atom, 0) for atom in atoms) < SMALL:
            yield atoms


def _next_to_hide(counts: Counts[_Cell], shown: AbstractSet[_Cell], near: _Atoms) -> _Cell:
    """The cell whose loss tells the reader least: within what gives a sum away, the smallest.

    A total comes last, for it has the most people.
    """
    touching = [cell for cell in shown if counts.cells[cell] & near] or list(shown)
    within = [
        cell
        for cell in shown
        if counts.people[cell] and any(counts.cells[cell] < counts.cells[one] for one in touching)
    ]
    return min(within or touching, key=lambda cell: (counts.people[cell], str(cell)))
