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

from telmee.apps.contracts.models import Contract
from telmee.apps.contributions.models import Contribution
from telmee.core.errors import Problem
from telmee.core.free_text import CODE, KEY, KEYS, REFERENCE, FreeText

#: Dutch column → field of the row; a person is a row of his own.
FIELDS: Mapping[str, str] = {
    "kenmerk": "reference",
    "bouwblok": "block",
    "begin": "begin",
    "eind": "end",
    "uren_per_week": "weekly_hours",
    "uren": "hours",
    "bedrag": "amount_cents",
    "aantal": "count",
    "toeslagen": "bonuses",
    "certificaat": "certificate",
    "certificaat_tot": "certificate_until",
    "voltijd_uren_per_jaar": "full_time_hours",
}
_TEXTS: Mapping[str, FreeText] = {
    "kenmerk": REFERENCE,
    "bouwblok": KEY,
    "toeslagen": KEYS,
    "certificaat": KEY,
}
_TYPED = {**_TEXTS, "persoon": CODE}
_DATES = frozenset(("begin", "eind", "certificaat_tot"))

Cells = Mapping[str, object]


def cells_of(line: Contribution) -> dict[str, object]:
    """Give the cells of a row as people read them; an empty one is left out."""
    cells = {column: getattr(line, name) for column, name in FIELDS.items()}
    if line.person is not None:  # whose code was erased, has none to show
        cells["persoon"] = line.person.code
    return _filled(cells)


def cells_to_value(line: Contribution) -> dict[str, object]:
    """Give the cells of a row as the engine takes them."""
    cells = {column: getattr(line, name) for column, name in FIELDS.items()}
    return _filled({**cells, "persoon": line.person_id and str(line.person_id)})


def cells_kept(inputs: Mapping[str, object]) -> dict[str, object]:
    """Read the cells back that a receipt of a line keeps, without what it says of the contract."""
    return {
        column: date.fromisoformat(str(cell)) if column in _DATES else cell
        for column, cell in inputs.items()
        if column == "persoon" or column in FIELDS
    }


def fill(line: Contribution, cells: Cells) -> None:
    """Put cells as the engine takes them in a row; a column that is left out becomes empty."""
    for column, name in FIELDS.items():
        setattr(line, name, cells.get(column) or ("" if column in _TEXTS else cells.get(column)))
    person = cells.get("persoon")
    line.person_id = int(str(person)) if person else None


def text_problems(cells: Cells, row: int | None = None) -> Iterator[Problem]:
    """Give what the register cannot take of the texts of a line; cells as people type them."""
    for column, kind in _TYPED.items():
        if cell := cells.get(column):
            yield from kind.problems(column, str(cell), row)


def fingerprint(cells: Cells) -> str:
    """Give what tells two lines apart, whatever file they came in; cells as the engine takes them.

    A code of a person is not in it, not even hashed: it could be guessed.
    """
    told = {column: str(cell) for column, cell in _filled(cells).items()}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _filled(cells: Cells) -> dict[str, object]:
    return {column: cell for column, cell in cells.items() if cell not in (None, "")}


def as_line(cells: Cells, contract: Contract) -> dict[str, object]:
    """Add what the contract says to the cells of a line: a row for the engine."""
    return {
        **cells,
        "contract": str(contract.pk),
        "contract_begin": contract.start,
        "contract_eind": contract.end,
    }
