"""Rows that were copied from a sheet and pasted in a page: files like any other, one per contract.

They are read as a file is, by the worker, so nothing is read in two ways. What makes all of it
unreadable is said at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.db import transaction

from telmee.apps.contracts.access import contract_to_deliver
from telmee.apps.contributions.entering import contracts_to_enter_on
from telmee.apps.contributions.models import Upload
from telmee.apps.contributions.uploads import LINES_MAX, add_upload
from telmee.apps.organisations.acting import Acting
from telmee.core.errors import DomainError, Problem
from telmee.core.tables.cells import shown
from telmee.core.tables.contribution_columns import CONTRACT
from telmee.integrations.spreadsheets.apart import RowsOfContract, rows_by_contract

#: Much more than a quarter; a file may have more.
TEXT_MAX = 1_000_000


@transaction.atomic
def add_rows(acting: Acting, text: str, *, name: str, chosen: int | None) -> list[Upload]:
    """Let the worker read pasted rows, those of each contract that they name as a file of its own.

    All of them are on the `chosen` contract where none names one. Raises a `DomainError` with all
    that is wrong, and then nothing was added.
    """
    if len(text) > TEXT_MAX:
        raise DomainError(Problem("rows_too_many", "rijen"))
    with NamedTemporaryFile(suffix=".csv") as copy:
        copy.write(text.encode(errors="replace"))
        copy.flush()
        parts = rows_by_contract(Path(copy.name), lines_max=LINES_MAX)
    places = _places(acting, parts, chosen)
    # In one order, so that nobody waits for who waits for him.
    return [
        add_upload(contract_to_deliver(acting, pk), BytesIO(part.text.encode()), name)[0]
        for pk, part in sorted(places.items(), key=lambda place: place[0])
    ]


def _places(
    acting: Acting, parts: Sequence[RowsOfContract], chosen: int | None
) -> dict[int, RowsOfContract]:
    """On which contract each part is. Raises a `DomainError` with every part that has none."""
    if len(parts) == 1 and not parts[0].contract:
        if chosen is None:
            raise DomainError(Problem("rows_without_choice", "opdracht"))
        return {chosen: parts[0]}
    known = _by_reference(acting)
    problems = list(_unplaced(parts, known))
    if problems:
        raise DomainError(problems)
    return {known[part.contract.casefold()][0]: part for part in parts}


def _by_reference(acting: Acting) -> Mapping[str, Sequence[int]]:
    """The contracts that somebody may enter on, by their reference in small letters."""
    known: dict[str, list[int]] = defaultdict(list)
    for pk, reference in contracts_to_enter_on(acting).values_list("pk", "reference"):
        known[reference.casefold()].append(pk)
    return known


def _unplaced(
    parts: Sequence[RowsOfContract], known: Mapping[str, Sequence[int]]
) -> Iterator[Problem]:
    for part in parts:
        places = known.get(part.contract.casefold(), ())
        facts = {"contract": shown(part.contract)}
        if not part.contract:
            yield Problem("rows_without_contract", CONTRACT, part.row)
        elif not places:
            yield Problem("rows_contract_unknown", CONTRACT, part.row, facts)
        elif len(places) > 1:
            yield Problem("rows_contract_twice", CONTRACT, part.row, facts)
