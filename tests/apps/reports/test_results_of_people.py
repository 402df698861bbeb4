"""People are counted once in each row, however their work lies over contracts, blocks and years."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from random import Random

import pytest

from telmee.apps.contracts.choices import Category
from telmee.apps.contributions.models import Contribution
from telmee.apps.ledger.models import Entry
from telmee.apps.organisations.acting import acting_as
from telmee.apps.reports.figure_words import By, has_people, key_of
from telmee.apps.reports.results import results_with
from telmee.apps.schemes.queries import schemes_of
from tests.cast import Cast
from tests.money import accepted
from tests.registering import PURCHASE, hand_in, register

YEARS = (2025, 2026)
_WHOLE = "whole"
_BLOCKS = ("pw_lt2", "wia_wao", "wep")


@pytest.fixture(scope="module")
def busy(module_cast: Cast) -> list[int]:
    """Contracts on which four people work, each in several places, and one in a single place."""
    cast, chance = module_cast, Random(7)  # noqa: S311 - no secret
    ids = [
        register(cast, reference="A", agreed_cents=900_000_00),
        register(cast, reference="B", agreed_cents=900_000_00, category=Category.WORKS),
        register(cast, reference="C", agreed_cents=900_000_00, category=Category.WORKS),
    ]
    for number in range(24):
        month = chance.randrange(1, 10)
        line = hand_in(
            cast,
            chance.choice(ids),
            kenmerk=f"K-{number}",
            bouwblok=chance.choice(_BLOCKS),
            persoon=f"P-{chance.randrange(4)}",
            begin=date(2025, month, 1),
            eind=date(2025 + chance.randrange(2), month + 2, 28),
        )
        if number % 5:
            accepted(cast, line)
    for number in range(2):  # more than one line, and still one place
        accepted(cast, hand_in(cast, ids[0], kenmerk=f"S-{number}", persoon="S"))
    accepted(cast, hand_in(cast, ids[1], kenmerk="I", **PURCHASE))
    return ids


def _rows_of(line: Contribution) -> Iterator[tuple[By | str, str]]:
    """The rows that a line belongs in, by the contract and by its block."""
    (scheme,) = schemes_of([line.contract.scheme_id or 0]).values()
    (block,) = (block for block in scheme.blocks if block.key == line.block)
    if not has_people(block):
        return
    yield _WHOLE, ""
    yield By.CONTRACT, str(line.contract_id)
    yield By.CATEGORY, line.contract.category
    for by in (By.BLOCK, By.KIND, By.TARGET_GROUP):
        yield by, key_of(block, by)


def _counted(contracts: list[int]) -> dict[tuple[By | str, str, int], tuple[int, int]]:
    """How many people and places there are in each row and year, line by line by its entries."""
    verified: dict[tuple[int, int], int] = defaultdict(int)
    for entry in Entry.objects.filter(contract__in=contracts, kind="realised"):
        verified[entry.contribution_id or 0, entry.effective_on.year] += entry.amount_cents
    lines = Contribution.objects.select_related("contract").in_bulk({pk for pk, _ in verified})
    places = defaultdict(set)
    for (pk, year), cents in verified.items():
        for by, key in _rows_of(lines[pk]) if cents > 0 else ():
            places[by, key, year].add((lines[pk].contract_id, lines[pk].person_id))
    return {
        row: (len({person for _, person in there}), len(there)) for row, there in places.items()
    }


def test_people_and_places_of_each_row_are_those_of_its_lines(cast: Cast, busy: list[int]) -> None:
    divisions = (By.CONTRACT, By.CATEGORY, By.BLOCK, By.KIND, By.TARGET_GROUP)
    with acting_as(cast.adviser.pk):
        sums, divided = results_with(busy, YEARS, divisions)
        counted = _counted(busy)
    shown = {(_WHOLE, "", year): (one.people, one.places) for year, one in sums.items()}
    for by, rows in divided.items():
        shown |= {(by, r.key, r.year): (r.result.people, r.result.places) for r in rows}
    assert {row: both for row, both in shown.items() if any(both)} == counted
    assert any(people < places for people, places in counted.values())
    assert counted[_WHOLE, "", 2025][0] == 5
