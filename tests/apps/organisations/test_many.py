"""Ids for a query: which rows they bring, and that their number is not in its text."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from telmee.apps.contracts.models import Party
from telmee.apps.organisations.acting import acting_as
from telmee.apps.organisations.many import FEW, how_many, listed
from telmee.apps.organisations.models import Organisation
from tests.cast import Cast


@pytest.mark.parametrize("count", [0, 1, FEW, FEW + 1])
def test_ids_bring_their_own_rows_however_many(cast: Cast, count: int) -> None:
    with acting_as(cast.adviser.pk):
        every = list(Organisation.objects.order_by("pk").values_list("pk", flat=True))
        assert len(every) > 1
        nobodys = range(every[-1] + 1, every[-1] + count)
        chosen = Organisation.objects.filter(pk__in=listed([*every[1:][:count], *nobodys]))
        assert list(chosen.order_by("pk").values_list("pk", flat=True)) == every[1:][:count]


@pytest.mark.parametrize("field", ["contract__in", "contract_id__in", "pk__in"])
@pytest.mark.parametrize("more", [(1,), range(1, 20)])
def test_the_text_of_a_query_does_not_say_how_many_ids_it_has(
    field: str, more: Sequence[int]
) -> None:
    one, _of_one = Party.objects.filter(**{field: listed([7])}).query.sql_with_params()
    several, params = Party.objects.filter(**{field: listed(more)}).query.sql_with_params()
    assert one == several
    assert "= ANY" in several
    assert params == ("{" + ",".join(map(str, more)) + "}",)


@pytest.mark.parametrize("shown", [0, 1, 3])
def test_how_many_rows_there_are_is_asked_by_a_query_of_one_row(cast: Cast, shown: int) -> None:
    with acting_as(cast.adviser.pk):
        every = list(Organisation.objects.order_by("pk").values_list("pk", flat=True))
        rows = Organisation.objects.filter(pk__in=listed(every[:shown])).order_by("-name")
        assert list(how_many(rows)) == [shown][: rows.count()]
