"""The cells of a line as people read them, for whoever may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _

from telmee.apps.contributions.cells import Cells
from telmee.core.schemes.model import Bonus, Certificate, Scheme
from telmee.core.tables.cells import keys_of
from telmee.web.language import active
from telmee.web.schemes.block_words import block_names, label_of
from telmee.web.templatetags.telmee import day, euros, hundredths

_HUNDREDTHS = frozenset(("uren_per_week", "uren", "voltijd_uren_per_jaar"))


def cell_terms(scheme: Scheme, cells: Cells) -> list[dict[str, str]]:
    """Write the cells of a line, in the words of its block."""
    block = next((b for b in scheme.blocks if b.key == cells.get("bouwblok")), None)
    return [
        {
            "label": _("Reference") if column == "kenmerk" else label_of(column, block),
            "value": _written(scheme, column, cell),
        }
        for column, cell in cells.items()
    ]


def _written(scheme: Scheme, column: str, cell: object) -> str:
    if isinstance(cell, date):
        return day(cell)
    if column in _HUNDREDTHS and isinstance(cell, int):
        return hundredths(cell)
    if column == "bedrag" and isinstance(cell, int):
        return euros(cell)
    names = _names(scheme, column)
    keys = keys_of(str(cell)) if column == "toeslagen" else [str(cell)]
    return ", ".join(names.get(key, key) for key in keys)


def _names(scheme: Scheme, column: str) -> Mapping[str, str]:
    """Name the keys that a column may hold."""
    if column == "bouwblok":
        return block_names(scheme)
    listed: Mapping[str, Sequence[Bonus | Certificate]] = {
        "toeslagen": scheme.bonuses,
        "certificaat": scheme.certificates,
    }
    return {one.key: one.label.in_language(active()) for one in listed.get(column, ())}
