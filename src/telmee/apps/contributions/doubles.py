"""What may be double among the lines of one contractor, as far as who asks may see them.

The rules are those of `telmee.core.overlap`, over all his contracts and clients. A client sees no
line of another client: of those the database says only that there is one in the same period.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import QuerySet

from telmee.apps.contracts.models import Contract
from telmee.apps.contributions.access import contributions_of
from telmee.apps.contributions.cells import Cells, fill
from telmee.apps.contributions.choices import State
from telmee.apps.contributions.models import Contribution
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import as_array, listed
from telmee.apps.organisations.prepared import prepared
from telmee.apps.schemes.queries import schemes_of
from telmee.core.contributions.person_codes import person_key
from telmee.core.explain import Step
from telmee.core.overlap import Double, Efforts, double_step, doubles_in, efforts_of
from telmee.core.overlap.near_codes import near_forms
from telmee.core.periods import NO_DAY, day_of
from telmee.core.schemes.model import Scheme
from telmee.core.tables.columns import NOTHING
from telmee.core.tables.contribution_columns import PERSON

#: Lines that count nowhere, so that nothing is double with them.
_GONE = (State.WITHDRAWN, State.REJECTED)
_FIELDS = (
    *("pk", "organisation_id", "person_id", "person__code_key", "reference", "block"),
    *("begin", "end", "weekly_hours", "hours", "amount_cents", "supplier"),
    *("contract_id", "contract__reference", "contract__scheme_id"),
    *("contract__start", "contract__end"),
)


@dataclass(frozen=True, slots=True)
class _Row:
    """What is read of a line, in the order of `_FIELDS`."""

    pk: int
    organisation: int
    person: int | None
    code_key: str | None
    reference: str
    block: str
    begin: date | None
    end: date | None
    weekly_hours: int | None
    hours: int | None
    amount_cents: int | None
    supplier: str
    contract: int
    contract_reference: str
    scheme: int
    first: date
    last: date


def doubles_of(acting: Acting, line_ids: Iterable[int]) -> dict[int, tuple[Step, ...]]:
    """Why lines may be double, as checks, by the id of a line; who has none is left out.

    Runs four queries, however many lines there are.
    """
    ids = [*line_ids]
    if not ids:
        return {}
    checks = _checks({*ids}, _seen(acting, _beside(ids)))
    for line, check in _elsewhere(ids):
        checks[line].append(check)
    return {line: tuple(steps) for line, steps in checks.items()}


def doubles_of_cells(
    acting: Acting,
    contract: Contract,
    organisation_id: int,
    cells: Cells,
    *,
    line_id: int | None = None,
) -> tuple[Step, ...]:
    """Why a line may be double as it is typed now; `cells` are as the engine takes them.

    `line_id` is the draft that it takes the place of. Of somebody new only the code is looked at.
    """
    person = str(cells.get(PERSON) or "")
    line = Contribution(pk=line_id or 0, contract=contract, organisation_id=organisation_id)
    fill(line, {**cells, PERSON: person if person.isdecimal() else None})
    code = line.person.code_key if line.person else person_key(person.removeprefix("="))
    row = _row_of(line, code)
    others = [other for other in _seen(acting, _beside([], row)) if other.pk != row.pk]
    return tuple(_checks({row.pk}, [*others, row]).get(row.pk, ()))


def _row_of(line: Contribution, code_key: str | None) -> _Row:
    """A line that is not kept yet; somebody new has the number 0, which no row has."""
    contract = line.contract
    return _Row(
        pk=line.pk,
        organisation=line.organisation_id,
        person=line.person_id if line.person_id or not code_key else 0,
        code_key=code_key,
        reference=line.reference,
        block=line.block,
        begin=line.begin,
        end=line.end,
        weekly_hours=line.weekly_hours,
        hours=line.hours,
        amount_cents=line.amount_cents,
        supplier=line.supplier,
        contract=contract.pk,
        contract_reference=contract.reference,
        scheme=contract.scheme_id,
        first=contract.start,
        last=contract.end,
    )


def _seen(acting: Acting, line_ids: Iterable[int]) -> list[_Row]:
    return [_Row(*row) for row in _columns(acting, list(line_ids))]


@prepared
def _columns(acting: Acting, line_ids: Collection[int]) -> QuerySet[Contribution, tuple[Any, ...]]:
    lines = contributions_of(acting).exclude(state__in=_GONE).order_by()
    return lines.filter(pk__in=listed(line_ids)).values_list(*_FIELDS)


def _beside(lines: Iterable[int], row: _Row | None = None) -> list[int]:
    """The lines to lay beside some that are kept and one that is typed, these among them.

    Those of the same and near-equal persons, and of the same invoice; see `telmee_lines_beside`.
    """
    typed: list[int | list[str] | date | None] = [None] * 5
    if row is not None:
        near = [*near_forms(row.code_key or "")]
        typed = [row.organisation, row.person, near, row.begin, row.amount_cents]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT telmee_lines_beside(%s::bigint[], %s, %s, %s::text[], %s::date, %s)",
            [as_array(lines), *typed],
        )
        return [line for (line,) in cursor.fetchall()]


def _checks(wanted: Collection[int], beside: Iterable[_Row]) -> defaultdict[int, list[Step]]:
    """Look at the lines of each contractor by themselves: his codes mean nothing to another."""
    of_organisation: dict[int, list[_Row]] = defaultdict(list)
    for row in beside:
        of_organisation[row.organisation].append(row)
    schemes = schemes_of({row.scheme for rows in of_organisation.values() for row in rows})
    checks: defaultdict[int, list[Step]] = defaultdict(list)
    for rows in of_organisation.values():
        if len(rows) < 2:
            continue
        rows.sort(key=lambda row: row.pk)
        doubles = doubles_in(_efforts(rows, schemes))
        for number in doubles.lines.tolist():
            row = rows[number]
            if row.pk in wanted:
                checks[row.pk] += (_check(row, rows, one) for one in doubles.of(number))
    return checks


def _check(row: _Row, rows: Sequence[_Row], double: Double) -> Step:
    """A reason as a check; a line of another contract is named with the reference of that one."""
    others = [rows[other] for other in double.others]
    names = [
        other.reference
        if other.contract == row.contract
        else f"{other.reference} ({other.contract_reference})"
        for other in others
    ]
    more = ["…"] if double.more else []
    return double_step(double.kind, {"how": "line", "references": ", ".join(names + more)})


def _elsewhere(line_ids: Iterable[int]) -> Iterator[tuple[int, Step]]:
    """What is only known to be so: lines for clients whose lines who asks does not see."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM telmee_double_elsewhere(%s::bigint[])", [as_array(line_ids)])
        for line, kind in cursor.fetchall():
            yield line, double_step(kind, {"how": "elsewhere"})


def _efforts(rows: Sequence[_Row], schemes: Mapping[int, Scheme]) -> Efforts:
    """The lines of one contractor in columns, over the schemes of all his contracts."""
    blocks = [
        (scheme_id, block)
        for scheme_id in {row.scheme for row in rows}
        for block in schemes[scheme_id].blocks
    ]
    places = {(scheme_id, block.key): n for n, (scheme_id, block) in enumerate(blocks)}
    codes = {row.person: row.code_key or "" for row in rows if row.person is not None}
    numbers: dict[int | None, int] = {person: n for n, person in enumerate(codes)}
    suppliers = {name: n for n, name in enumerate({row.supplier for row in rows} - {""})}
    days = [_days(row, schemes[row.scheme]) for row in rows]

    def numbered(values: Iterable[int | None], kind: type[np.generic] = np.int64) -> Any:
        return np.array([NOTHING if n is None else n for n in values], dtype=kind)

    return efforts_of(
        [block for _, block in blocks],
        person=numbered((numbers.get(row.person) for row in rows), np.int32),
        codes=[*codes.values()],
        block=numbered((places.get((row.scheme, row.block)) for row in rows), np.int32),
        begin=np.array([begin for begin, _ in days], dtype=np.int32),
        end=np.array([end for _, end in days], dtype=np.int32),
        weekly_hours=numbered(row.weekly_hours for row in rows),
        full_time=numbered(schemes[row.scheme].weekly_hours or 0 for row in rows),
        hours=numbered(row.hours for row in rows),
        amount=numbered(row.amount_cents for row in rows),
        supplier=numbered((suppliers.get(row.supplier) for row in rows), np.int32),
    )


def _days(row: _Row, scheme: Scheme) -> tuple[int, int]:
    """The first day and the day after the last; of a period those within its contract."""
    begin, end = row.begin, row.end or row.begin
    if begin is None or end is None:
        return NO_DAY, NO_DAY
    block = next((block for block in scheme.blocks if block.key == row.block), None)
    if block is not None and block.unit.counts_time:
        if row.end is None:
            return day_of(begin), NO_DAY
        begin, end = max(begin, row.first), min(end, row.last)
    return day_of(begin), day_of(end) + 1
