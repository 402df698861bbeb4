"""The cells of a contribution, between a row of the database and what the engine values.

Columns have their Dutch names, as in a contribution file; units are those of
`telmee.core.contributions`. People read and type the code of a person; the engine and a receipt
know him by the number of his row, so that a code can go while a figure stays.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date

from telmee.apps.contributions.models import Contribution
from telmee.core.errors import Problem
from telmee.core.tables.columns import Kind
from telmee.core.tables.contribution_columns import CONTRIBUTION, OF_LINE, PERSON

#: What the row of a line keeps itself; a person is a row of his own.
_OWN = tuple(name for name in OF_LINE if name != PERSON)

Cells = Mapping[str, object]


def cells_of(line: Contribution) -> dict[str, object]:
    """The cells of a row as people read them; an empty one is left out."""
    cells = _own(line)
    if line.person is not None:  # whose code was erased, has none to show
        cells[PERSON] = line.person.code
    return _filled(cells)


def cells_to_value(line: Contribution) -> dict[str, object]:
    """The cells of a row as the engine takes them."""
    return _filled({**_own(line), PERSON: line.person_id and str(line.person_id)})


def cells_kept(inputs: Mapping[str, object]) -> dict[str, object]:
    """The cells that a receipt of a line keeps, without what it says of the contract."""
    return {
        name: date.fromisoformat(str(cell)) if CONTRIBUTION[name].kind is Kind.DATE else cell
        for name, cell in inputs.items()
        if name in OF_LINE
    }


def row_of(cells: Cells) -> dict[str, object]:
    """The fields that a row keeps itself of cells; a column that is left out is empty."""
    return CONTRIBUTION.as_row(_OWN, cells)


def fill(line: Contribution, cells: Cells) -> None:
    """Put cells as the engine takes them in a row; a column that is left out becomes empty."""
    for field, cell in row_of(cells).items():
        setattr(line, field, cell)
    person = cells.get(PERSON)
    line.person_id = int(str(person)) if person else None


def text_problems(cells: Cells, row: int | None = None) -> Iterator[Problem]:
    """What the register cannot take of the texts of a line; cells as people type them."""
    for name in OF_LINE:
        limit, cell = CONTRIBUTION[name].limit, cells.get(name)
        if limit is not None and cell:
            yield from limit.problems(name, str(cell), row)


def fingerprint(cells: Cells) -> str:
    """What tells two lines apart, whatever file they came in; cells as the engine takes them.

    A code of a person is not in it, not even hashed: it could be guessed.
    """
    texts = {name: str(cell) for name, cell in _filled(cells).items()}
    return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()


def _own(line: Contribution) -> dict[str, object]:
    return {name: getattr(line, CONTRIBUTION[name].row_field) for name in _OWN}


def _filled(cells: Cells) -> dict[str, object]:
    return {name: cell for name, cell in cells.items() if cell not in (None, "")}
