"""What stands behind a figure: as it is now, or as it stood at the moment of a published report.

A figure of what was delivered, verified or bought opens to lines of effort, and one of what was
imposed or promised to contracts. Both add up to the figure, as far as who asks sees all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import BigIntegerField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.sql.compiler import SQLCompiler

from telmee.apps.contracts.models import Contract
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution
from telmee.apps.organisations.many import as_array, listed
from telmee.apps.reports.figure_words import By, has_invoice, has_people, key_of
from telmee.apps.reports.models import FunctionTable
from telmee.apps.reports.results import contracts_keyed, in_blocks_of, rows_by

#: The figures that are of contracts; every other one is of lines.
OF_CONTRACTS = frozenset(
    ("imposed_cents", "promised_cents", "percentage_bp", "contracts", "value_cents")
)
#: The figures of effort that is verified, and of which blocks.
_VERIFIED = frozenset(("verified_cents", "purchase_cents", "people", "places"))
_OF_BLOCKS = {"purchase_cents": has_invoice, "people": has_people, "places": has_people}
#: The figures of a row of the database, behind its key and its year.
_IMPOSED, _PROMISED, _DELIVERED, _VERIFIED_AT, _ASKED, _VALUE = 2, 4, 5, 7, 8, 9
#: What a contract has to have to stand behind a figure; behind any other, one of these.
_BEHIND = {
    "imposed_cents": (_IMPOSED,),
    "promised_cents": (_PROMISED,),
    "contracts": (_ASKED,),
    "value_cents": (_ASKED,),
}
_ANY = (_IMPOSED, _PROMISED, _DELIVERED, _VERIFIED_AT)


class _InYear(TypedDict):
    """What `lines_behind` puts beside the columns of a line."""

    delivered_in_year: int
    verified_in_year: int


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    Behind = WithAnnotations[Contribution, _InYear]


def lines_behind(
    contracts: Iterable[int],
    year: int,
    *,
    by: By | None = None,
    key: str = "",
    figure: str = "",
    as_of: datetime | None = None,
) -> QuerySet[Behind]:
    """The lines behind a figure or a row of a year, as far as who asks sees them; now or as then.

    `delivered_in_year` and `verified_in_year` are what each counts for, so that the rows add up to
    the figure, also where a line runs on into a next year. To page and to sort.
    """
    ids = contracts_keyed(list(contracts), year, by, key)
    lines = Contribution.objects.exclude(state=State.DRAFT)
    call = "telmee_lines_of_year(%s::bigint[], %s, %s::timestamptz)"
    lines.query.join(_OfYear(_OF_YEAR, call, (as_array(ids), year, as_of)))
    lines = lines.annotate(
        delivered_in_year=_in_year("delivered_cents"), verified_in_year=_in_year("verified_cents")
    ).filter(~Q(verified_in_year=0) if figure in _VERIFIED else _COUNTS)
    if by is not None and by.is_of_effort:
        lines = lines.filter(in_blocks_of(ids, lambda block: key_of(block, by) == key))
    if figure in _OF_BLOCKS:
        lines = lines.filter(in_blocks_of(ids, _OF_BLOCKS[figure]))
    return lines


_COUNTS = ~Q(delivered_in_year=0) | ~Q(verified_in_year=0)


_OF_YEAR = "of_year"


class _OfYear(FunctionTable):
    """What each line came to in a year, joined to the lines."""

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """The call, with what it has in common with a line."""
        call, params = super().as_sql(compiler, connection)
        line = compiler.quote_name_unless_alias(Contribution._meta.db_table)  # noqa: SLF001
        return f"INNER JOIN {call} ON {_OF_YEAR}.contribution_id = {line}.id", params


def _in_year(column: str) -> RawSQL:
    return RawSQL(f"{_OF_YEAR}.{column}", (), output_field=BigIntegerField())  # noqa: S611 - of ours


def contracts_behind(
    contracts: Iterable[int],
    year: int,
    *,
    as_of: datetime,
    by: By | None = None,
    key: str = "",
    figure: str = "",
) -> list[dict[str, Any]]:
    """The contracts behind a figure or a row of a year, each with what it counts for.

    Behind a number of contracts and their sum stand those on which something was imposed, as many
    as that number says, and no others.
    """
    ids = contracts_keyed(list(contracts), year, by, key)
    if by is not None and by.is_of_effort:
        both = rows_by(ids, [year], [by], beside=By.CONTRACT, as_of=as_of)
        rows = [_of_effort(row) for row in both if row[1].partition("|")[2] == key]
    else:
        rows = [row[1:] for row in rows_by(ids, [year], [By.CONTRACT], as_of=as_of)]
    names = Contract.objects.filter(pk__in=listed(int(row[0]) for row in rows))
    known = {pk: (reference, name) for pk, reference, name in names.values_list(*_NAMES)}
    return [
        {
            "pk": int(row[0]),
            "reference": known[int(row[0])][0],
            "name": known[int(row[0])][1],
            "value_cents": row[_VALUE],
            "imposed_cents": row[_IMPOSED],
            "promised_cents": row[_PROMISED],
            "delivered_cents": row[_DELIVERED],
            "verified_cents": row[_VERIFIED_AT],
        }
        for row in rows
        if int(row[0]) in known and any(row[at] for at in _BEHIND.get(figure, _ANY))
    ]


_NAMES = ("pk", "reference", "name")


def _of_effort(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row of a contract and a block as one of its contract, of which nothing was imposed."""
    _, both, year, _, *rest = row
    return (both.partition("|")[0], year, None, *rest)
