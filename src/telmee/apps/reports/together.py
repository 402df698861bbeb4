"""All accounts of a year about clients that stand together, as one system of sums.

Everybody can lay what was published beside each other, and who knows a part of the people himself
subtracts them. Here is what each reader then has before him (`Together.tables`), for a next account
to be held against (`hiding`). It asks nothing of the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import combinations, product
from typing import Literal, NamedTuple

from telmee.apps.reports.figure_words import By
from telmee.core.small_counts import SMALL, Counts, hidden_cells, slices

#: By what people are published.
WITH_PEOPLE = (By.KIND, By.TARGET_GROUP, By.FIELD, By.ELEMENT)
Count = Literal["people", "places"]
COUNTS: tuple[Count, ...] = ("people", "places")


class Cell(NamedTuple):
    """One count of an account: by what, and which row; the total has neither."""

    by: str = ""
    key: str = ""


TOTAL = Cell()


class Sides(NamedTuple):
    """Whose people are counted together: of a client, of who carries out, of who looks after it."""

    client: str
    contractor: str
    team: str


#: How many people and places.
Numbers = Mapping[Count, int]
NOBODY: Numbers = dict.fromkeys(COUNTS, 0)
#: The people of all sides, by their atoms.
People = dict[Count, dict[Sides, dict[str, int]]]
_InCells = Mapping[Cell, Numbers]


def hidden_beside(
    now: Account,
    before: Iterable[Account],
    of_clients: Mapping[str, _InCells],
    of_contractors: Mapping[str, _InCells],
    given: frozenset[Cell] = frozenset(),
) -> frozenset[Cell]:
    """The cells that an account hides beside those of before, with what is `given` already.

    Of each client and contractor is said how many different people he has in each cell now. What an
    organisation hid once of a year stays hidden.
    """
    known = list(before)
    hidden = given.union(*(one.unseen_in(now) for one in known if one.is_of_the_same(now)))
    together = Together([*known, now])
    for reader in readers(together, of_clients, of_contractors):
        for table in together.tables(reader):
            hidden |= hidden_cells(table, hidden | together.unseen)
    return hidden & now.cells.keys()


@dataclass(frozen=True, slots=True)
class Account:
    """What an account tells of people, of all sides, and what it does not show.

    It is published `by` a client about all that is its own, or by a team about all of its region.
    """

    name: str
    by: str
    is_regional: bool
    people: People
    cells: Mapping[Cell, Numbers]
    unseen: frozenset[Cell] = frozenset()

    def is_of_the_same(self, other: Account) -> bool:
        """Whether both are about the contracts of one organisation."""
        return (self.by, self.is_regional) == (other.by, other.is_regional)

    def unseen_in(self, later: Account) -> set[Cell]:
        """The cells that a later one of the same does not show: what was hidden stays hidden.

        And a change of fewer than five people is a small count itself.
        """
        changes = {
            cell: [abs(numbers[count] - self.cells[cell][count]) for count in COUNTS]
            for cell, numbers in later.cells.items()
            if cell in self.cells
        }
        little = {cell for cell, both in changes.items() if any(0 < one < SMALL for one in both)}
        return {*self.unseen, *little}

    def tells_of(self, sides: Sides) -> bool:
        """Whether it counts the people of some sides, however many there are."""
        return self.by in sides.team.split("+") if self.is_regional else self.by == sides.client

    def rest(self, count: Count, of: Collection[Sides]) -> Counter[str]:
        """The people of some sides by their atoms."""
        rest: Counter[str] = Counter()
        for sides in self.people[count].keys() & of:
            rest.update(self.people[count][sides])
        return rest

    def cell(self, cell: Cell) -> Cell:
        """What a row of it is called beside those of other accounts."""
        return Cell(f"{self.name}|{cell.by}", cell.key) if self.name else cell


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads an account, and knows the people of a client or of some contractors already.

    `people` says how many different ones he has in each cell now.
    """

    client: str = ""
    contractors: frozenset[str] = frozenset()
    people: Mapping[Cell, Numbers] = field(default_factory=dict)

    def knows(self, sides: Sides) -> bool:
        """Whether the people of some sides are known to him."""
        return self.client == sides.client or sides.contractor in self.contractors


#: The atoms of a part of the people, and of which of them the cells of each account are the sum.
_Part = tuple[dict[Hashable, int], dict[Cell, frozenset[Hashable]]]


@dataclass(frozen=True)
class Together:
    """All accounts about some clients in the order of their moments, the last that of now.

    Each part of the people is `laid` out once for all readers who know the same of it: most know
    nobody there.
    """

    accounts: Sequence[Account]
    laid: dict[Hashable, _Part] = field(default_factory=dict)

    @cached_property
    def sides(self) -> frozenset[Sides]:
        """All whose people some account tells of."""
        return frozenset(sides for one in self.accounts for sides in one.people["places"])

    @cached_property
    def unseen(self) -> frozenset[Cell]:
        """The cells of other accounts that nobody sees."""
        return frozenset(one.cell(cell) for one in self.accounts for cell in one.unseen)

    def tables(self, reader: Reader) -> Iterator[Counts[Cell]]:
        """What a reader would learn of people, and of places where that is not the same."""
        for count in self._counts:
            for parts in self._divided:
                yield self._beside(count, parts, reader)

    @cached_property
    def _counts(self) -> tuple[Count, ...]:
        """The counts to look at: places alone where everybody has one."""
        one, other = ([each.people[count] for each in self.accounts] for count in COUNTS)
        cells = (numbers for each in self.accounts for numbers in each.cells.values())
        is_one = one == other and all(len(set(numbers.values())) == 1 for numbers in cells)
        return COUNTS[:1] if is_one else COUNTS

    @cached_property
    def _divided(self) -> list[dict[tuple[str, ...], frozenset[Sides]]]:
        """The sides whose people are sliced together.

        Where a region looks after a part of what a client awards, the people of that part are
        slices of their own; and where a contract came to a region or left it, they are not.
        """
        by_team: dict[tuple[str, ...], frozenset[Sides]] = {}
        by_client: dict[tuple[str, ...], frozenset[Sides]] = {}
        for sides in sorted(self.sides):
            for parts, part in ((by_team, (sides.client, sides.team)), (by_client, sides[:1])):
                parts[part] = parts.get(part, frozenset()) | {sides}
        return [by_client] if len(by_client) == len(by_team) else [by_team, by_client]

    def _beside(
        self,
        count: Count,
        parts: Mapping[tuple[str, ...], frozenset[Sides]],
        reader: Reader,
    ) -> Counts[Cell]:
        """The counts of all accounts, made of people in slices of time."""
        atoms: dict[Hashable, int] = {}
        cells: dict[Cell, list[frozenset[Hashable]]] = {}
        for part, of in parts.items():
            known = frozenset(filter(reader.knows, of))
            if (count, part, known) not in self.laid:
                self.laid[count, part, known] = self._lay(count, part, of, known)
            of_it, cells_of_it = self.laid[count, part, known]
            atoms |= of_it
            for cell, there in cells_of_it.items():
                cells.setdefault(cell, []).append(there)
        now = self.accounts[-1].cells
        people = {
            cell: now.get(cell, NOBODY)[count] - reader.people.get(cell, NOBODY)[count]
            for cell in cells
        }
        whole = {cell: frozenset[Hashable]().union(*there) for cell, there in cells.items()}
        return Counts(atoms, whole, people, frozenset(cell for cell in whole if "|" in cell.by))

    def _lay(
        self,
        count: Count,
        part: tuple[str, ...],
        of: frozenset[Sides],
        known: frozenset[Sides],
    ) -> _Part:
        """A part of the people in slices of time, less those whom a reader knows himself.

        Accounts of other moments are about the same people, less who left and with who came.
        """
        about = [one for one in self.accounts if any(map(one.tells_of, of))]
        whole = slices([one.rest(count, of - known) for one in about])
        cells: dict[Cell, set[Hashable]] = {}
        for at, account in enumerate(about):
            for atom, since, until in whole:
                for cell in cells_of(atom) if since <= at < until else ():
                    cells.setdefault(account.cell(cell), set()).add((*part, atom, since, until))
        atoms: dict[Hashable, int] = {(*part, *key): people for key, people in whole.items()}
        return atoms, {cell: frozenset(there) for cell, there in cells.items()}


def readers(
    together: Together, of_clients: Mapping[str, _InCells], of_contractors: Mapping[str, _InCells]
) -> Iterator[Reader]:
    """Everybody, and then who knows a part of the people: a client, a contractor, or two.

    Of two contractors who put together what they know, those are tried who have most of a count.
    """
    yield Reader()
    clients = {sides.client for sides in together.sides}
    for one in sorted(clients) if len(clients) > 1 else ():
        yield Reader(client=one, people=of_clients.get(one, {}))
    alone = {frozenset((sides.contractor,)) for sides in together.sides}
    for some in sorted(alone | _who_have_most(together.accounts), key=sorted):
        known: dict[Cell, Counter[Count]] = {}
        for cell, numbers in (row for one in some for row in of_contractors.get(one, {}).items()):
            known.setdefault(cell, Counter()).update(numbers)
        yield Reader(contractors=some, people=known)


def _who_have_most(accounts: Iterable[Account]) -> set[frozenset[str]]:
    """The two contractors who have most of some count, of all clients together or of one."""
    pairs: set[frozenset[str]] = set()
    for account in accounts:
        parts: dict[Hashable, Counter[str]] = {}
        for sides, atoms in account.people["places"].items():
            for atom, number in atoms.items():
                for place in product(("", sides.client), (atom, *cells_of(atom))):
                    parts.setdefault(place, Counter())[sides.contractor] += number
        most = ([who for who, _ in part.most_common(3)] for part in parts.values())
        pairs |= {frozenset(two) for some in most for two in combinations(some, 2)}
    return pairs


@cache
def cells_of(atom: str) -> tuple[Cell, ...]:
    """The cells that an atom counts in; one whose block no version has any more in the total."""
    keys = atom.split("|")
    if len(keys) < len(WITH_PEOPLE):
        return (TOTAL,)
    return (TOTAL, *(Cell(by, key) for by, key in zip(WITH_PEOPLE, keys, strict=True)))
