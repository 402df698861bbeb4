"""The columns of a list of purchases: what a client bought, from whom, and when.

Such a list stands beside the register, so that what is missing there is seen. It comes out of the
financial administration or the list of contracts, and has nothing of people.
"""

from __future__ import annotations

from collections.abc import Mapping

from telmee.core import free_text
from telmee.core.money import CENTS_MAX
from telmee.core.tables.columns import Column, Columns, Kind
from telmee.core.tables.contribution_columns import AMOUNT, REFERENCE

SUPPLIER, NUMBER = "leveranciersnaam", "kvk"
CATEGORY, DAY = "soort", "datum"

#: Every column, in the order of the template.
PURCHASE_LIST = Columns(
    (
        Column(
            SUPPLIER,
            Kind.NOTE,
            "supplier",
            limit=free_text.NAME,
            required=True,
            also="leverancier|crediteur|naam|opdrachtnemer",
        ),
        Column(NUMBER, Kind.ENTERPRISE, "kvk", limit=free_text.ENTERPRISE, also="kvk.*"),
        Column(
            AMOUNT, Kind.CENTS, "amount", maximum=CENTS_MAX, required=True, also=".*bedrag|waarde"
        ),
        Column(
            CATEGORY,
            Kind.KEY,
            "category",
            limit=free_text.KEY,
            choices="categories",
            required=True,
            also="categorie|soortopdracht",
        ),
        Column(DAY, Kind.DATE, "day", required=True, also=".*datum"),
        Column(REFERENCE, Kind.REFERENCE, "reference", limit=free_text.REFERENCE),
    )
)

#: The words that people have for what a contract is about, as `parse_key` reads them, and the
#: category that each is (`telmee.core.obligations.Category`).
CATEGORY_WORDS: Mapping[str, str] = {
    "werken": "works",
    "werk": "works",
    "diensten": "services",
    "dienst": "services",
    "leveringen": "supplies",
    "levering": "supplies",
    "subsidie": "subsidy",
    "subsidies": "subsidy",
    "inhuur": "hire",
    "externe_inhuur": "hire",
}
