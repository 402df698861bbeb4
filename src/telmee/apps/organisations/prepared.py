"""Queries whose SQL is written once, and asked with other values each time.

Django takes longer to write the SQL of most queries of a page than PostgreSQL to answer them, and
writes the same text at each request. `prepared` lets it write a query once, with marks in place of
the values; from then on only the values change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from inspect import BoundArguments, signature
from typing import Any, NamedTuple, ParamSpec, TypeGuard, TypeVar
from uuid import UUID

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler
from psycopg.sql import Literal

from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import FEW, as_array

_P = ParamSpec("_P")
_R = TypeVar("_R")
_T = TypeVar("_T")
#: The first marks, which no query asks for by itself. A number fits a column of two bytes: Django
#: knows that a larger one is never in there, and does not ask.
_NUMBER, _DAY, _MOMENT = 31_193, date(7919, 1, 1), datetime(7919, 1, 1, tzinfo=UTC)
#: From here on stand other marks for the same values.
_OTHERS = 500
#: Where a value stands in SQL, and a percent sign that is one.
_PLACES = re.compile("%[s%]")


def prepared(build: Callable[_P, QuerySet[Any, _R]]) -> Callable[_P, list[_R]]:
    """Let `build` write its query once, and get its rows for the values of each call.

    A value is a number, a text, a day, a moment, a UUID, ids for `listed`, somebody who acts, or
    None. It goes into the query as it is, and decides nothing: `build` is given marks in place of
    values. Only where a value is None, or ids are none or many, is the query another; that is
    written once as well.

    Raises `ValueError` when the query is written where a value does not stand in it by itself, as
    in a sum, and where it has a day or a moment of its own: it would keep that for ever. A query
    that brings nothing whatever it is asked raises `EmptyResultSet`.

    Example: the query is written at the first call, and only asked at the second.

        @prepared
        def _parties(contract_id: int) -> QuerySet[Party]:
            return Party.objects.filter(contract=contract_id)

        _parties(3), _parties(5)
    """
    kept: dict[tuple[object, ...], _Prepared] = {}
    names = signature(build)

    @wraps(build)
    def rows(*args: _P.args, **by_name: _P.kwargs) -> list[_R]:
        given = names.bind(*args, **by_name)
        parts = [part for value in given.arguments.values() for part in _parts(value)]
        shape = tuple(map(_shape, parts))
        if shape not in kept:
            kept[shape] = _write(build, given)
        return list(kept[shape].asking(parts))

    return rows


class _Someone(NamedTuple):
    """What a query may ask of somebody who acts, with marks in place of what it is."""

    user_id: object
    organisations: object
    working: object
    partly: object


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A query with its SQL, and which part of the values stands at which place of that."""

    queryset: QuerySet[Any, Any]
    compiler: SQLCompiler
    sql: str
    params: Sequence[Any]
    places: Mapping[int, int]

    def asking(self, parts: Sequence[object]) -> QuerySet[Any, Any]:
        """The query with these values, which Django takes to be written already."""
        params = list(self.params)
        for place, part in self.places.items():
            params[place] = _as_wide(params[place], _param(parts[part]))
        compiler = copy(self.compiler)
        compiler.connection = connections[self.queryset.db]  # that of this thread
        compiler.as_sql = lambda *_, **__: (self.sql, tuple(params))  # type: ignore[method-assign]
        query = _twin(self.queryset.query)
        query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
        asking = _twin(self.queryset)
        asking._query = query  # type: ignore[attr-defined]  # noqa: SLF001 - it has no other door
        return asking


def _write(build: Callable[..., QuerySet[Any, Any]], given: BoundArguments) -> _Prepared:
    """Let Django write the SQL of a query, and look where the marks went.

    It is written twice, with other marks: what differs and is no mark was made out of a value, and
    would stay what it was made of first.
    """
    queryset, marks, needed = _marked(build, given, 0)
    compiler = queryset.query.get_compiler(queryset.db)
    sql, params = compiler.as_sql()
    again = _marked(build, given, _OTHERS)[0].query.get_compiler(queryset.db).as_sql()
    places = dict(_places(params, marks))
    lost = needed - set(places.values())
    odd = [
        one
        for place, (one, other) in enumerate(zip(params, again[1], strict=True))
        if place not in places and (one != other or isinstance(one, date))
    ]
    if lost or odd or sql != again[0]:
        raise ValueError(f"not by themselves in the query: values {lost}, {odd}: {sql}")
    return _Prepared(
        queryset,
        compiler,
        _with_constants(sql, params, places, connections[queryset.db]),
        [params[place] for place in places],
        dict(enumerate(places.values())),
    )


def _with_constants(
    sql: str, params: Sequence[Any], places: Mapping[int, int], connection: BaseDatabaseWrapper
) -> str:
    """The SQL in which each value stands that is no mark, as it is the same whatever is asked.

    The driver needs less for a query with fewer values. And PostgreSQL keeps one plan only where
    that is no worse than one for the values of the day: of a state it knows how many rows have it,
    and of a value that is yet to come it does not.
    """
    connection.ensure_connection()
    written = (
        "%s" if place in places else _written(param, connection)
        for place, param in enumerate(params)
    )
    return _PLACES.sub(lambda sign: next(written) if sign[0] == "%s" else sign[0], sql)


def _written(constant: object, connection: BaseDatabaseWrapper) -> str:
    """A value as it stands in the text of a query that has values as well."""
    return Literal(constant).as_string(connection.connection).replace("%", "%%")


def _marked(
    build: Callable[..., QuerySet[Any, Any]], given: BoundArguments, start: int
) -> tuple[QuerySet[Any, Any], list[object], set[int]]:
    """A query with marks in place of the values, these marks, and which of them it has to have.

    What somebody who acts has, a query need not ask for.
    """
    marked = BoundArguments(given.signature, given.arguments.copy())
    marks: list[object] = []
    needed: set[int] = set()
    for name, value in given.arguments.items():
        ours = [_mark(part, start + len(marks) + n) for n, part in enumerate(_parts(value))]
        is_someone = isinstance(value, Acting)
        marked.arguments[name] = _Someone(*ours) if is_someone else ours[0]
        needed |= set() if is_someone or not ours[0] else {len(marks)}
        marks += ours
    return build(*marked.args, **marked.kwargs), marks, needed


def _places(params: Sequence[object], marks: Sequence[object]) -> Iterator[tuple[int, int]]:
    """Which mark stands at which place of the SQL."""
    for place, param in enumerate(params):
        for number, mark in enumerate(marks):
            if mark and param == _param(mark):
                yield place, number


def _parts(value: object) -> Sequence[object]:
    """What of a value goes into a query by itself."""
    if isinstance(value, Acting):
        return _Someone(value.user_id, value.organisations, value.working, value.partly)
    return (value,)


def _mark(part: object, number: int) -> object:
    """What stands in a query in place of a part of a value, by what that is."""
    match part:
        case datetime():
            return _MOMENT + timedelta(days=number)
        case date():
            return _DAY + timedelta(days=number)
        case int() if not isinstance(part, bool):
            return _NUMBER + number
        case str():
            return f"in place of value {number}"
        case UUID():
            return UUID(int=_NUMBER + number)
        case None:
            return None
        case _ if _is_ids(part):
            return (_NUMBER + number,) * (FEW + 1 if len(part) > FEW else min(1, len(part)))
    raise ValueError(f"no query is prepared with {part!r}")


def _shape(part: object) -> object:
    """What of a part decides how a query is written."""
    if _is_ids(part):
        return len(part) > 0, len(part) > FEW
    return type(part)


def _param(part: object) -> object:
    """A part as it stands among the values of SQL."""
    return as_array(part) if _is_ids(part) else part


def _is_ids(part: object) -> TypeGuard[Collection[int]]:
    return isinstance(part, (tuple, list, set, frozenset))


def _as_wide(mark: Any, value: Any) -> Any:
    """A number as wide as its column, which Django says by a kind of number of its own."""
    return type(mark)(value) if isinstance(mark, int) else value


def _twin(one: _T) -> _T:
    """A second one that shares everything; `copy` would have a queryset read its rows."""
    twin = object.__new__(type(one))
    twin.__dict__.update(one.__dict__)
    return twin
