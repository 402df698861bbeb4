"""Hundreds of small worlds, published about in rounds, and attacked by each who reads all of it.

Clients and the teams of their regions publish in any order, people come and some leave, and a team
may look after a part of what a client awards. The attacker knows nothing of how counts were hidden.
He knows who works where and when, all but how many, and the people of his own: of a client, of a
contractor, or of two contractors who put together what they know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import combinations
from random import Random

import pytest

from telmee.apps.reports.figure_words import has_people, key_of
from telmee.apps.reports.together import (
    COUNTS,
    TOTAL,
    WITH_PEOPLE,
    Account,
    Cell,
    Numbers,
    Sides,
    cells_of,
    hidden_beside,
)
from telmee.core.linear import Region
from telmee.core.small_counts import SMALL
from telmee.integrations.scheme_files import load_scheme

_ATOMS = sorted({
    "|".join(key_of(block, by) for by in WITH_PEOPLE)
    for block in load_scheme("harlingen").blocks
    if has_people(block)
})  # fmt: skip
_TEAMS = ("91", "92")
#: Whose people, in which group, and in which reports they are.
Unknown = tuple[Sides, str, tuple[int, ...]]


@dataclass(slots=True)
class Person:
    """Somebody who works since a report, until another."""

    sides: Sides
    atom: str
    since: int
    until: int | None = None


@dataclass(slots=True)
class World:
    """People, and what was published about them."""

    people: list[Person] = field(default_factory=list)
    told: list[Account] = field(default_factory=list)

    def publish(self, by: str) -> None:
        now = Account("", by, by in _TEAMS, {}, {})
        about = [one for one in self.people if one.until is None and now.tells_of(one.sides)]
        atoms: dict[Sides, dict[str, int]] = {}
        for one in about:
            of_it = atoms.setdefault(one.sides, {})
            of_it[one.atom] = of_it.get(one.atom, 0) + 1
        cells = in_cells(about, lambda _: "").get("", {})
        now = replace(now, people=dict.fromkeys(COUNTS, atoms), cells=cells)
        of_clients = in_cells(about, lambda sides: sides.client)
        of_contractors = in_cells(about, lambda sides: sides.contractor)
        small = frozenset(cell for cell, number in cells.items() if number["people"] < SMALL)
        hidden = hidden_beside(now, self.told, of_clients, of_contractors, small)
        self.told.append(replace(now, name=str(len(self.told)), unseen=hidden))


def in_cells(
    people: Sequence[Person], whose: Callable[[Sides], str]
) -> dict[str, dict[Cell, Numbers]]:
    """How many people each client or contractor has in each cell."""
    counts: dict[str, Counter[Cell]] = {}
    for one in people:
        counts.setdefault(whose(one.sides), Counter()).update(cells_of(one.atom))
    return {
        name: {cell: dict.fromkeys(COUNTS, number) for cell, number in of_it.items()}
        for name, of_it in counts.items()
    }


@cache
def grown(seed: int) -> World:
    """A world with reports of one round to five."""
    dice, world = Random(seed), World()  # noqa: S311 - chance, no secret
    clients = dice.sample(["1", "2", "3", "4"], dice.choice((1, 2, 3, 3, 4)))
    contractors = [str(50 + number) for number in range(dice.choice((2, 3, 4)))]
    teams = dice.choice((("91",), ("91", "91", ""), ("91", "92", "91+92")))
    sides = [
        Sides(client, contractor, dice.choice(teams))
        for client in clients
        for contractor in contractors
        if dice.random() < 0.75
    ]
    atoms, few = dice.sample(_ATOMS, 3), dice.choice(((0, 1, 3, 5), (1, 4, 8, 12), (0, 2, 9, 25)))
    leaving = dice.choice((0, 0, 0.05))
    for at in range(dice.choice((1, 2, 3, 4, 5))):
        for one in world.people:
            if one.until is None and dice.random() < leaving:
                one.until = len(world.told)
        for of in sides:
            for atom in dice.sample(atoms, 2):
                number = dice.choice((0, 0, 0, 1, 2, 5) if at else few)
                world.people += [Person(of, atom, len(world.told)) for _ in range(number)]
        whoever = [
            *clients,
            *sorted({team for one in sides for team in one.team.split("+") if team}),
        ]
        for by in dice.sample(whoever, dice.randint(1, len(whoever))):
            world.publish(by)
    return world


class Attack:
    """What is unknown to who knows the people of some clients and contractors, and what is told."""

    def __init__(self, world: World, knows: Sequence[str]) -> None:
        self._told = world.told
        self._unknown: Counter[Unknown] = Counter()
        own: Counter[Unknown] = Counter()
        for one in world.people:
            there = range(one.since, len(world.told) if one.until is None else one.until)
            is_own = one.sides.client in knows or one.sides.contractor in knows
            (own if is_own else self._unknown)[one.sides, one.atom, tuple(there)] += 1
        rows: list[list[int]] = []
        sums: list[int] = []
        for at, account in enumerate(world.told):
            for cell in account.cells.keys() - account.unseen:
                known = sum(own[one] for one in own if self._stands(one, at, cell))
                rows.append([int(self._stands(one, at, cell)) for one in self._unknown])
                sums.append(account.cells[cell]["places"] - known)
        self._region = Region(rows, sums)

    def _stands(self, one: Unknown, at: int, cell: Cell) -> bool:
        sides, atom, there = one
        return at in there and self._told[at].tells_of(sides) and cell in cells_of(atom)

    def _wanted(self) -> Iterator[set[Unknown]]:
        """Each count of each report, a client's part of it, and who came or left since another."""
        for at, account in enumerate(self._told):
            for cell in account.cells:
                here = {one for one in self._unknown if self._stands(one, at, cell)}
                yield here
                yield from ({one for one in here if one[0].client == name} for name in "1234")
                for before in range(at):
                    if self._told[before].is_of_the_same(account):
                        then = {one for one in self._unknown if self._stands(one, before, cell)}
                        yield here - then
                        yield then - here

    def known(self) -> Iterator[tuple[set[Unknown], int, int]]:
        """The small counts that come out within five."""
        for those in {frozenset(one): one for one in self._wanted()}.values():
            if 0 < sum(self._unknown[one] for one in those) < SMALL:
                row = [int(one in those) for one in self._unknown]
                least, most = self._region.least(row), self._region.most(row)
                if most is not None and most - least < SMALL:
                    yield those, least, most


@pytest.mark.parametrize("part", range(4))
def test_nobody_comes_to_know_a_small_count_over_any_rounds(part: int) -> None:
    for seed in range(part, 40, 4):
        world = grown(seed)
        clients, contractors = (
            sorted({getattr(one.sides, side) for one in world.people})
            for side in ("client", "contractor")
        )
        alone = [(), *((one,) for one in (*clients, *contractors))]
        for knows in [*alone, *combinations(contractors, 2)]:
            assert list(Attack(world, knows).known()) == [], (seed, knows)


def test_worlds_are_told_of() -> None:
    told = [account for seed in range(40) for account in grown(seed).told]
    shown = sum(len(one.cells.keys() - one.unseen) for one in told)
    assert shown > sum(len(one.cells) for one in told) // 8


@pytest.mark.parametrize(("came", "is_hidden"), [(0, False), (1, True), (5, False)])
def test_people_of_a_contract_that_left_its_region_are_the_same_people(
    came: int, *, is_hidden: bool
) -> None:
    """Of 34 in the region 20 are of one client, so that the other had 14 before."""
    world = World()
    for client, contractor, number in (("1", "50", 7), ("1", "51", 7), ("2", "52", 10)):
        world.people += [Person(Sides(client, contractor, "91"), _ATOMS[0], 0)] * number
    world.people += [Person(Sides("2", "53", "91"), _ATOMS[0], 0)] * 10
    for by in ("91", "2"):
        world.publish(by)
    world.people = [
        replace(one, sides=one.sides._replace(team="")) if one.sides.client == "1" else one
        for one in world.people
    ]
    world.people += [Person(Sides("1", "50", ""), _ATOMS[0], 2)] * came
    world.publish("1")
    assert (TOTAL in world.told[-1].unseen) is is_hidden
