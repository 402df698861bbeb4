"""The columns of a sheet with turnover: what was invoiced on a contract in a period."""

from __future__ import annotations

from telmee.core import free_text
from telmee.core.money import CENTS_MAX
from telmee.core.tables.columns import Column, Columns, Kind

CONTRACT, PERIOD, TURNOVER, NOTE = "contract", "periode", "omzet", "toelichting"

#: Every column, in the order of the template.
TURNOVER_SHEET = Columns(
    (
        Column(CONTRACT, Kind.REFERENCE, "contract", limit=free_text.REFERENCE, required=True),
        Column(PERIOD, Kind.REFERENCE, "period", limit=free_text.REFERENCE, required=True),
        Column(TURNOVER, Kind.CENTS, "amount", maximum=CENTS_MAX, zero=True, required=True),
        Column(NOTE, Kind.NOTE, "note", limit=free_text.PLAN_NOTE),
    )
)
