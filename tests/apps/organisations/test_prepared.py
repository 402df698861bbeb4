"""A prepared query: the rows of the query itself, whose SQL is written once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial, partialmethod
from itertools import product
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from telmee.apps.contracts.models import Contract, Party
from telmee.apps.organisations.acting import Acting, acting_as
from telmee.apps.organisations.many import FEW, listed
from telmee.apps.organisations.models import Organisation
from telmee.apps.organisations.prepared import prepared
from tests.at_once import at_once
from tests.cast import Cast

_Build = Callable[..., QuerySet[Any, Any]]
_DAYS = (None, date(2024, 1, 1), date(2026, 3, 1), date(2030, 1, 1))
_MOMENTS = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC))


def _with_other_tables(contract_id: int) -> QuerySet[Party]:
    rows = Party.objects.select_related("organisation", "contract").defer("contract__name")
    return rows.filter(contract=contract_id).order_by("-pk")


def _without(contract_id: int, extensions: int) -> QuerySet[Party, int]:
    rows = Party.objects.exclude(contract=contract_id)
    rows = rows.filter(contract__extension_count__gte=extensions)
    return rows.order_by("pk").values_list("organisation", flat=True)


def _of_ids(ids: Sequence[int]) -> QuerySet[Party, Any]:
    rows = Party.objects.filter(contract__in=listed(ids)).order_by("pk")
    return rows.values("role", name=F("organisation__name"))


def _on_days(day: date | None, moment: datetime) -> QuerySet[Contract, tuple[Any, ...]]:
    rows = Contract.objects.filter(Q(closed_on=day) | ~Q(end=day), created_at__gte=moment)
    return rows.order_by("pk").values_list("reference", "start", named=True)


def _his(acting: Acting) -> QuerySet[Contract]:
    own = Party.objects.filter(organisation__in=listed(acting.organisations))
    if acting.partly:
        own = own.exclude(organisation__in=listed(acting.partly))
    own = own.filter(contract=OuterRef("pk"))
    works = Exists(own.filter(organisation__in=listed(acting.working)))
    return Contract.objects.filter(Exists(own)).annotate(works=works).order_by("pk")


def _with_more(contract_id: int, organisation_id: int) -> QuerySet[Organisation]:
    parties = Party.objects.filter(contract=contract_id).values("organisation")
    rows = Organisation.objects.filter(Q(pk=organisation_id) | Q(pk__in=parties))
    return rows.prefetch_related("memberships").order_by("pk")


_SIGNS = "50% of 'it' \\ \" %s %% {} $1 é"


def _with_signs(contract_id: int) -> QuerySet[Contract, Any]:
    rows = Contract.objects.filter(pk=contract_id).exclude(name__contains=_SIGNS)
    rows = rows.exclude(reference=_SIGNS).annotate(said=RawSQL("'5%%s'", []))
    return rows.values_list("pk", "said", Value(_SIGNS), Value(True), Value(-3))


def _plain(row: Any) -> Any:
    """A row with all that was read of it, for comparing."""
    if not hasattr(row, "_meta"):
        return row
    related = {name: _plain(one) for name, one in row._state.fields_cache.items() if one}
    own = {name: value for name, value in vars(row).items() if not name.startswith("_")}
    fetched = getattr(row, "_prefetched_objects_cache", {})
    return own | related | {name: list(rows) for name, rows in fetched.items()}


def _calls(cast: Cast, contracts: Sequence[int]) -> list[tuple[_Build, list[tuple[Any, ...]]]]:
    nobody = Acting()
    someone = Acting(1, {cast.hilversum.pk: "reader", cast.de_eem.pk: "worker"})  # type: ignore[dict-item]
    partly = Acting(1, someone.roles, partly=frozenset([cast.hilversum.pk]))
    none_there = tuple(range(10**6, 10**6 + FEW))
    return [
        (_with_other_tables, [(contract,) for contract in contracts]),
        (_with_signs, [(contract,) for contract in contracts]),
        (_without, list(product(contracts, (0, 1, 9)))),
        (_of_ids, [((),), (contracts[:1],), (tuple(contracts),), ((*contracts, *none_there),)]),
        (_on_days, list(product(_DAYS, _MOMENTS))),
        (_his, [(nobody,), (someone,), (partly,)]),
        (_with_more, list(product(contracts, (cast.hilversum.pk, cast.huizen.pk)))),
    ]


def test_a_prepared_query_has_the_rows_of_the_query_for_values_in_any_order(
    cast: Cast, pair: tuple[int, int]
) -> None:
    with acting_as(cast.adviser.pk):
        for build, calls in _calls(cast, pair):
            asked = prepared(build)
            answers = [list(map(_plain, build(*values))) for values in calls]
            assert any(answers), build
            assert [list(map(_plain, asked(*values))) for values in calls] == answers, build
            assert [list(map(_plain, asked(*values))) for values in calls[::-1]] == answers[::-1]


def test_its_sql_is_written_once_for_each_shape(cast: Cast, pair: tuple[int, int]) -> None:
    asked, write = prepared(_of_ids), SQLCompiler.as_sql
    with acting_as(cast.adviser.pk), patch.object(SQLCompiler, "as_sql", autospec=True) as written:
        written.side_effect = write
        for ids, shapes in (((1,), 1), (pair, 1), ((), 2), (range(FEW + 1), 3), ((7,), 3)):
            asked(tuple(ids))
            assert written.call_count == 2 * shapes, "with marks, and with others"
        asked(ids=pair)
        assert written.call_count == 2 * shapes, "a value by its name is the same value"


def test_only_what_changes_is_a_value_of_the_query(cast: Cast, pair: tuple[int, int]) -> None:
    asked, values = prepared(_with_signs), []

    def kept(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        values.extend(params)
        return execute(sql, params, *rest)

    with acting_as(cast.adviser.pk), connection.execute_wrapper(kept):
        assert [row[1:] for row in asked(pair[0])] == [("5%s", _SIGNS, True, -3)]
    assert values == [pair[0]]


def test_who_asks_sees_what_is_his(cast: Cast, pair: tuple[int, int]) -> None:
    asked = prepared(_with_other_tables)
    for user, sees in ((cast.adviser, True), (cast.outsider, False), (cast.contractor, True)):
        with acting_as(user.pk):
            assert bool(asked(pair[0])) == sees


@pytest.mark.usefixtures("own_database")
def test_each_thread_asks_on_its_own_connection(cast: Cast, pair: tuple[int, int]) -> None:
    asked, answers = prepared(_with_other_tables), dict[int, list[int]]()
    with acting_as(cast.adviser.pk):
        asked(pair[0])

    def ask(user_id: int) -> None:
        with acting_as(user_id):
            answers[user_id] = [party.contract_id for party in asked(pair[1])]

    people = (cast.adviser.pk, cast.outsider.pk)
    assert at_once(*(partial(ask, pk) for pk in people)) == ["done", "done"]
    assert {*answers[people[0]]} == {pair[1]}
    assert answers[people[1]] == []


def test_who_asks_meanwhile_changes_nothing(cast: Cast, pair: tuple[int, int]) -> None:
    """As another thread may, at each step between putting the values and fetching the rows."""
    asked, steps = prepared(_with_other_tables), list[str]()
    database, execute = QuerySet.db.fget, SQLCompiler.execute_sql  # type: ignore[attr-defined]

    def meanwhile(step: Callable[..., Any], *args: Any, **by_name: Any) -> Any:
        steps.append("by another" if "another asks" in steps else step.__name__)
        if steps[-1] != "by another":
            steps.append("another asks")
            asked(pair[1])
            steps[:] = [one for one in steps if "another" not in one]
        return step(*args, **by_name)

    with acting_as(cast.adviser.pk):
        asked(pair[0])
        with (
            patch.object(QuerySet, "db", property(partial(meanwhile, database))),
            patch.object(SQLCompiler, "execute_sql", partialmethod(partial(meanwhile, execute))),
        ):
            assert {party.contract_id for party in asked(pair[0])} == {pair[0]}
    assert {*steps} == {"db", "execute_sql"}


def test_nothing_is_kept_of_a_call(
    cast: Cast, pair: tuple[int, int], django_assert_num_queries: Any
) -> None:
    asked = prepared(_with_other_tables)
    with acting_as(cast.adviser.pk), django_assert_num_queries(2):
        (first, *_), again = asked(pair[0]), asked(pair[0])
        first.organisation.name = "Another"
        assert "Another" not in [party.organisation.name for party in again]


@pytest.mark.parametrize(
    ("build", "values"),
    [
        pytest.param(lambda n: Party.objects.filter(pk=n + 1), (3,), id="half of a sum"),
        pytest.param(
            lambda n: Party.objects.filter(Q(pk=n) | Q(pk=2 * n)), (3,), id="twice it as well"
        ),
        pytest.param(
            lambda t: Contract.objects.filter(Q(name=t) | Q(name__contains=t)),
            ("a",),
            id="in a text as well",
        ),
        pytest.param(
            lambda a, b: Party.objects.filter(
                Q(contract__in=listed(a)) | Q(pk__in=listed([*a, *b])), pk__in=listed(b)
            ),
            ((3,), (5,)),
            id="ids of both",
        ),
        pytest.param(
            lambda n: Party.objects.filter(pk=n)[: n % 7 + 1], (3,), id="how many from a value"
        ),
        pytest.param(lambda n: Party.objects.filter(pk=3), (3,), id="nowhere"),  # noqa: ARG005
        pytest.param(lambda ids: Party.objects.filter(pk__in=ids), ((3, 5),), id="one by one"),
        pytest.param(
            lambda a: Party.objects.filter(organisation__in=a.working),
            (Acting(1, {3: "worker"}),),  # type: ignore[dict-item]
            id="one by one of somebody",
        ),
        pytest.param(
            lambda n: Contract.objects.filter(pk=n, start__lte=timezone.localdate()),
            (3,),
            id="a day of its own",
        ),
        pytest.param(
            lambda n: Contract.objects.filter(pk=n, created_at__lte=timezone.now()),
            (3,),
            id="a moment of its own",
        ),
        pytest.param(lambda b: Contract.objects.filter(over_turnover=b), (True,), id="yes or no"),
        pytest.param(lambda t: Contract.objects.filter(name__contains=t), ("a",), id="in a text"),
        pytest.param(
            lambda d: Contract.objects.filter(start=d - timedelta(days=1)),
            (date(2026, 1, 1),),
            id="the day before",
        ),
    ],
)
def test_what_would_be_asked_wrongly_later_is_refused_at_once(
    cast: Cast, build: _Build, values: tuple[Any, ...]
) -> None:
    with (
        acting_as(cast.adviser.pk),
        pytest.raises(ValueError, match=r"not by themselves|no query is prepared"),
    ):
        prepared(build)(*values)


def test_who_acts_is_asked_for_nothing_else(cast: Cast) -> None:
    with acting_as(cast.adviser.pk), pytest.raises(AttributeError):
        prepared(lambda a: Party.objects.filter(pk=a.own[0].id))(Acting(1))


def test_a_value_may_go_by_its_name_alone(cast: Cast, pair: tuple[int, int]) -> None:
    def build(ids: Sequence[int], *, role: str, day: date) -> QuerySet[Party, int]:
        rows = Party.objects.filter(contract__in=listed(ids), role=role, contract__start__lte=day)
        return rows.order_by("pk").values_list("pk", flat=True)

    asked = prepared(build)
    with acting_as(cast.adviser.pk):
        for role, day in product(("client", "contractor"), _DAYS[1:]):
            expected = list(build(pair, day=day, role=role))
            assert asked(pair, day=day, role=role) == expected
            assert asked(role=role, ids=pair, day=day) == expected
