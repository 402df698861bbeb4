"""The cells of a contribution, between a row of the database and what the engine values.

Columns have their Dutch names, as in a contribution file; units are those of
`telmee.core.contributions`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date

from telmee.apps.contracts.models import Contract
from telmee.apps.contributions.models import Contribution

#: Dutch column → field of the row.
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
    "persoon": "person",
    "certificaat": "certificate",
    "certificaat_tot": "certificate_until",
    "voltijd_uren_per_jaar": "full_time_hours",
}
_TEXTS = frozenset(("kenmerk", "bouwblok", "toeslagen", "persoon", "certificaat"))
_DATES = frozenset(("begin", "eind", "certificaat_tot"))

Cells = Mapping[str, object]


def cells_of(line: Contribution) -> dict[str, object]:
    """Give the cells of a row; an empty one is left out."""
    found = {column: getattr(line, name) for column, name in FIELDS.items()}
    return {column: cell for column, cell in found.items() if cell not in (None, "")}


def fill(line: Contribution, cells: Cells) -> None:
    """Put cells in a row; a column that is left out becomes empty."""
    for column, name in FIELDS.items():
        setattr(line, name, cells.get(column) or ("" if column in _TEXTS else cells.get(column)))


def fingerprint(cells: Cells) -> str:
    """Give what tells two lines apart, whatever file they came in."""
    told = {column: str(cell) for column, cell in cells.items() if cell not in (None, "")}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def as_json(cells: Cells) -> dict[str, object]:
    """Write cells so that a database keeps them: dates in ISO."""
    return {
        column: cell.isoformat() if isinstance(cell, date) else cell
        for column, cell in cells.items()
    }


def from_json(kept: Mapping[str, object]) -> dict[str, object]:
    """Read cells back."""
    return {
        column: date.fromisoformat(str(cell)) if column in _DATES else cell
        for column, cell in kept.items()
    }


def as_line(cells: Cells, contract: Contract, *, person: str | None = None) -> dict[str, object]:
    """Add what the contract says to the cells of a line: a row for the engine.

    `person` takes the place of the line's own pseudonym: somebody else's person is another person.
    """
    row = {
        **cells,
        "contract": str(contract.pk),
        "contract_begin": contract.start,
        "contract_eind": contract.end,
    }
    if person is not None:
        row["persoon"] = person
    return row
