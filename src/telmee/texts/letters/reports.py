"""The fields of a report for a client's own template, and a report of nobody to try one with.

What stands in them comes from the signed document, in the words of its pages:
`web/reports/fields.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: The kinds of reports that a template can be made for: those that a client publishes.
REPORT_KINDS = ("council", "annual", "regional")
#: What a report says once.
REPORT_TEXTS = (
    *("titel", "soort", "jaar", "nummer", "datum", "afzender"),
    *("stand", "volledig_tot", "wachtend"),
    *("opgelegd", "toegezegd", "geleverd", "geverifieerd", "percentage", "inkoop"),
    *("personen", "plaatsen", "opdrachten", "opdrachtsom"),
    *("controlegetal", "sleutel"),
)
_ROW = (
    *("naam", "opgelegd", "toegezegd", "geleverd", "geverifieerd", "inkoop"),
    *("personen", "plaatsen"),
)
#: Its lists, with the parts of a row. Of the tables that divide a year each has the same parts.
REPORT_LISTS: Mapping[str, tuple[str, ...]] = {
    "jaren": (*_ROW, "percentage", "opdrachten", "opdrachtsom"),
    "doelen": ("naam", "jaar", "doel", "bereikt", "bron"),
    "inzet": _ROW,
    "doelgroepen": _ROW,
    "beleidsvelden": _ROW,
    "elementen": _ROW,
    "soorten": _ROW,
    "sectoren": _ROW,
    "opdrachtgevers": _ROW,
    "correcties": ("naam", "jaar", "was", "nu", "hersteld", "later", "reden"),
    "veranderd": ("naam", "jaar", "was", "nu"),
    "vooruit": ("jaar", "toegezegd"),
    "dekking": (
        *("jaar", "ingekocht", "met_opgave", "uitgelegd", "zonder_opgave", "onzeker"),
        *("benut", "zou_opgelegd"),
    ),
    "effecten": ("beleidsveld", "effect", "bron"),
    "gepubliceerd": (
        *("jaar", "gerealiseerd", "doel", "behaald", "gevraagd", "bereikt"),
        *("opdrachtsom", "inkoop", "bron"),
    ),
    "paden": ("tekst", "bron"),
    "telwijze": ("naam", "uitleg"),
}


def example_fields() -> dict[str, Any]:
    """Every field of a report of nobody: each text is its own name, each list has one row."""
    texts: dict[str, Any] = {name: name for name in REPORT_TEXTS}
    return texts | {name: [{part: part for part in parts}] for name, parts in REPORT_LISTS.items()}
