"""What a module makes once for all its tests is there for who takes it, and for nobody else."""

from __future__ import annotations

import pytest

from telmee.apps.contracts.models import Contract
from telmee.apps.organisations.acting import acting_as
from tests.cast import Cast
from tests.registering import register


@pytest.fixture(scope="module")
def made(module_cast: Cast) -> int:
    return register(module_cast)


def contracts(cast: Cast) -> list[int]:
    with acting_as(cast.adviser.pk):
        return sorted(Contract.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("_again", range(2))
def test_each_test_starts_from_it_and_is_undone(cast: Cast, made: int, _again: int) -> None:
    assert contracts(cast) == [made]
    register(cast, reference="HIL-2")


@pytest.mark.usefixtures("own_database")
@pytest.mark.parametrize("_again", range(2))
def test_a_database_of_its_own_begins_as_that_of_the_module(
    cast: Cast, made: int, _again: int
) -> None:
    assert contracts(cast) == [made]
    register(cast, reference="HIL-2")


@pytest.mark.parametrize("_again", range(4))
def test_who_does_not_take_it_finds_nothing_whichever_test_came_before(
    cast: Cast, _again: int
) -> None:
    assert contracts(cast) == []


@pytest.mark.usefixtures("own_database")
@pytest.mark.parametrize("_again", range(2))
def test_nor_does_who_has_a_database_of_its_own(cast: Cast, _again: int) -> None:
    assert contracts(cast) == []
