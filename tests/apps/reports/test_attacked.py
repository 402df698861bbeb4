"""Small worlds with two clients, their region and two contractors, and all that any of them reads.

Everything that is published at whatever moment is one system of sums. A program that knows nothing
of how counts were hidden solves it for everybody, and for who knows the people of a client or of a
contractor himself: no count of one to four may be known within five.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from telmee.apps.contributions.erasing import erase_code, exchange_code
from telmee.apps.organisations.acting import acting_as
from telmee.apps.people.models import Person
from telmee.apps.reports.choices import ReportKind
from telmee.apps.reports.figure_words import key_of
from telmee.apps.reports.freezing import freeze, report_for
from telmee.apps.reports.together import WITH_PEOPLE
from telmee.core.linear import Region
from telmee.core.schemes.model import Block
from telmee.core.small_counts import SMALL
from telmee.integrations.scheme_files import load_scheme
from tests.cast import Cast
from tests.money import accepted
from tests.registering import hand_in, register

_BLOCKS = {block.key: block for block in load_scheme("harlingen").blocks}
_NAMES = ("pw_lt2", "wep", "ww_gt1")
#: A client, a contractor, and a kind of effort.
Group = tuple[str, str, str]
Cell = tuple[str, str]
_TOTAL: Cell = ("", "")


@dataclass(frozen=True, slots=True)
class Told:
    """What a report told: who published it, the people of then, and what it shows of them."""

    clients: frozenset[str]
    people: Counter[Group]
    shown: dict[Cell, int]

    @property
    def hidden(self) -> set[Cell]:
        """The cells in which somebody counts, and of which nothing is told."""
        cells = (cells_of(_BLOCKS[group[2]]) for group in self.people if group[0] in self.clients)
        return set().union(*cells) - self.shown.keys()

    def number(self, cell: Cell) -> int:
        """How many people it could tell of a cell."""
        return sum(people for group, people in self.people.items() if self.inside(group, cell))

    def inside(self, group: Group, cell: Cell) -> bool:
        return group[0] in self.clients and cell in cells_of(_BLOCKS[group[2]])


def cells_of(block: Block) -> set[Cell]:
    return {_TOTAL, *((str(by), key_of(block, by)) for by in WITH_PEOPLE)}


class World:
    """People who are handed in and accepted one by one, and reports about them."""

    def __init__(self, cast: Cast) -> None:
        self.told: list[Told] = []
        self._people: Counter[Group] = Counter()
        self._cast = cast
        self._sides: dict[tuple[str, str], tuple[Cast, int]] = {}
        huizen = replace(cast, adviser=cast.colleague, hilversum=cast.huizen)
        for client, its in (("A", cast), ("B", huizen)):
            rival = replace(its, contractor=cast.competitor, de_eem=cast.rival)
            for contractor, side in (("1", its), ("2", rival)):
                contract = register(side, reference=f"{client}{contractor}")
                self._sides[client, contractor] = (side, contract)

    def add(self, client: str, contractor: str, block: str, people: int) -> None:
        cast, contract = self._sides[client, contractor]
        group = (client, contractor, block)
        for _ in range(people):
            self._people[group] += 1
            name = f"{''.join(group)}-{self._people[group]}"
            accepted(cast, hand_in(cast, contract, bouwblok=block, persoon=name, kenmerk=name))

    def exchange_codes(self) -> None:
        """Two people of a contractor change codes, and that of a third is erased."""
        with acting_as(self._cast.contractor_manager.pk) as acting:
            people = list(Person.objects.filter(code__isnull=False).order_by("-pk")[:3])
            if len(people) < 3:
                return
            first, second, third = people
            code = str(first.code)
            exchange_code(acting, first, f"N-{first.pk}-{len(self.told)}")
            exchange_code(acting, second, code)
            erase_code(acting, third)

    def publish(self, by: str) -> Told:
        cast = self._cast
        kind, who, organisation = {
            "A": (ReportKind.ANNUAL, cast.adviser, cast.hilversum),
            "B": (ReportKind.ANNUAL, cast.colleague, cast.huizen),
            "R": (ReportKind.REGIONAL, cast.team, cast.region),
        }[by]
        with acting_as(who.pk) as acting:
            pk = freeze(acting, organisation.pk, kind, 2025, key=uuid4())
            document: dict[str, Any] = json.loads(report_for(acting, pk).document)
        rows = {
            (division["by"], row["key"]): row["people"]
            for division in document["divisions"]
            for row in division["rows"]
        }
        rows[_TOTAL] = document["years"][-1]["people"]
        told = Told(
            frozenset("AB" if by == "R" else by),
            self._people.copy(),
            {cell: people for cell, people in rows.items() if people is not None},
        )
        self.told.append(told)
        return told


def nearly_known(told: list[Told], knows: str = "") -> Iterator[tuple[Cell, int, int]]:
    """The small hidden counts that a reader comes to know within five, of some moment.

    Who was there at two moments is one unknown; who came in between is another. He knows where
    somebody came, as the rule takes him to, and nobody leaves.
    """
    groups = sorted({group for one in told for group in one.people if knows not in group[:2]})
    before = [Counter[Group](), *(one.people for one in told)]
    unknowns = [
        (group, at)
        for group in groups
        for at, one in enumerate(told)
        if one.people[group] > before[at][group]
    ]
    rows: list[list[int]] = []
    sums: list[int] = []
    for place, one in enumerate(told):
        for cell in {*one.shown, *one.hidden}:
            own = sum(n for g, n in one.people.items() if knows in g[:2] and one.inside(g, cell))
            row = [int(at <= place and one.inside(group, cell)) for group, at in unknowns]
            if cell in one.shown:
                rows, sums = [*rows, row], [*sums, one.shown[cell] - own]
    region = Region(rows, sums)
    for place, one in enumerate(told):
        for cell in one.hidden:
            row = [int(at <= place and one.inside(group, cell)) for group, at in unknowns]
            people = sum(one.people[g] for g in groups if one.inside(g, cell))
            if 0 < people < SMALL and any(row):
                least, most = region.least(row), region.most(row)
                if most is not None and most - least < SMALL:
                    yield cell, least, most


@pytest.mark.parametrize("seed", range(3))
def test_no_reader_comes_to_know_a_small_count(cast: Cast, seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - chance, no secret
    world = World(cast)
    for at in range(3):
        for client, contractor in product("AB", "12"):
            for block in dice.sample(_NAMES, 2):
                few = ((0, 1, 3, 5), (0, 0, 1, 2), (0, 0, 1))[at]
                world.add(client, contractor, block, dice.choice(few))
        for by in dice.sample("ABR", 3):
            told = world.publish(by)
            assert told.shown.get(_TOTAL) in {None, told.number(_TOTAL)}
        world.exchange_codes()
    for knows in ("", "1", "2", "A", "B"):
        assert list(nearly_known(world.told, knows)) == [], knows


def test_a_region_tells_no_client_the_few_people_of_the_other(cast: Cast) -> None:
    """Five in two groups, of which an adviser knows the one person of his own client."""
    world = World(cast)
    world.add("A", "1", "pw_lt2", 1)
    world.add("B", "1", "pw_gt2", 4)
    assert world.publish("R").shown == {}


def test_a_region_tells_no_contractor_of_a_client_the_one_person_of_another(cast: Cast) -> None:
    """A client hides four, of whom he has three; its region would tell it with the other client."""
    world = World(cast)
    for client, contractor, people in (("A", "1", 3), ("A", "2", 1), ("B", "2", 5)):
        world.add(client, contractor, "pw_lt2", people)
    for by in "AB":
        world.publish(by)
    world.add("B", "1", "bbl_existing", 2)
    for by in "BR":
        world.publish(by)
    assert list(nearly_known(world.told, "1")) == []


def test_a_report_tells_a_total_of_rows_that_it_does_not_name(cast: Cast) -> None:
    """Were the three rows named, each would have one person at least, and three at most."""
    world = World(cast)
    for block, people in zip(_NAMES, (1, 2, 2), strict=True):
        world.add("A", "1", block, people)
    assert set(world.publish("A").shown.values()) == {5}


@pytest.mark.parametrize(
    ("people", "order"),
    [
        pytest.param(
            "A1 pw_lt2 1, A2 pw_lt2 2, A2 ww_gt1 3, B1 ww_gt1 5, B2 pw_lt2 1, B2 ww_gt1 4",
            "RB",
            id="what a client takes for known of its region is not known to everybody",
        ),
        pytest.param(
            "A1 pw_lt2 5, B1 pw_lt2 2, B2 pw_lt2 5",
            "BRA",
            id="a region reckons with what a client would publish after it",
        ),
    ],
)
def test_a_contractor_of_two_clients_does_not_know_who_is_of_the_other(
    cast: Cast, people: str, order: str
) -> None:
    world = World(cast)
    for group in people.split(", "):
        sides, block, number = group.split()
        world.add(sides[0], sides[1], block, int(number))
    for by in order:
        world.publish(by)
    assert list(nearly_known(world.told, "2")) == []
