"""The cells of a line as people read them, for whoever may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from telmee.apps.contributions.cells import Cells
from telmee.apps.organisations.queries import organisation_numbered
from telmee.core.schemes.model import Block, Bonus, Certificate, Scheme
from telmee.core.tables.cells import keys_of
from telmee.core.tables.columns import Column, Kind
from telmee.core.tables.contribution_columns import BLOCK, CONTRIBUTION
from telmee.web.enterprise_fields import with_number
from telmee.web.language import active
from telmee.web.schemes.block_words import label_of
from telmee.web.templatetags.telmee import day, euros, hundredths


def cell_terms(scheme: Scheme, cells: Cells) -> list[dict[str, str]]:
    """Write the cells of a line, in the words of its block."""
    block = next((b for b in scheme.blocks if b.key == cells.get(BLOCK)), None)
    return [
        {
            "label": label_of(name, block),
            "value": _written(scheme, CONTRIBUTION[name], cell),
        }
        for name, cell in cells.items()
    ]


def _written(scheme: Scheme, column: Column, cell: object) -> str:
    if isinstance(cell, date):
        return day(cell)
    if isinstance(cell, int) and column.kind is Kind.HOURS:
        return hundredths(cell)
    if isinstance(cell, int) and column.kind is Kind.CENTS:
        return euros(cell)
    if column.kind is Kind.ENTERPRISE:
        known = organisation_numbered(str(cell))
        return with_number(known) if known else str(cell)
    names = _names(scheme, column.choices)
    keys = keys_of(str(cell)) if column.kind is Kind.KEYS else [str(cell)]
    return ", ".join(names.get(key, key) for key in keys)


def _names(scheme: Scheme, choices: str) -> Mapping[str, str]:
    """The names of the keys in a list of the scheme, in the active language."""
    if not choices:
        return {}
    listed: Sequence[Block | Bonus | Certificate] = getattr(scheme, choices)
    return {one.key: one.label.in_language(active()) for one in listed}
