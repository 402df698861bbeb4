"""What the lines of many contracts are worth: one batch per scheme, by the engine of the pages.

The lines of a person come one after the other, and what was refused or adjusted shares nobody with
another line. So a line is worth in the batch what it was worth when it was decided on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from telmee.apps.receipts.figures import Figure, line_figure
from telmee.core.contributions.lines import contributions_from
from telmee.core.schemes.model import Scheme
from telmee.core.tables.contribution_columns import (
    CONTRACT,
    CONTRACT_BEGIN,
    CONTRACT_END,
    REFERENCE,
)
from telmee.core.valuation import Valuation, value
from telmee.core.valuation.explanation import explain
from telmee.core.valuation.line_receipt import receipt


class Batch:
    """Lines of one scheme, gathered and then valued together."""

    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme
        self._rows: list[dict[str, object]] = []
        self._valued: Valuation | None = None

    def add(self, cells: Mapping[str, object], contract_id: int, start: date, end: date) -> int:
        """Add a line and give its place."""
        own = {CONTRACT: str(contract_id), CONTRACT_BEGIN: start, CONTRACT_END: end}
        self._rows.append({REFERENCE: "plan", **cells, **own})
        return len(self._rows) - 1

    def cents(self, place: int) -> int | None:
        """The cents that a line is worth; None where it is not valued."""
        return self._valuation().value_cents(place)

    def status(self, place: int) -> str:
        """The code of a line's status: valued, refused, or for a person to judge."""
        return str(self._valuation().status(place))

    def figure(self, place: int, contract_id: int, organisation_id: int, **plan: Any) -> Figure:
        """The figure of a line with its receipt and story, to be stored."""
        valuation = self._valuation()
        return line_figure(
            receipt(valuation, place),
            explain(valuation, place),
            self._scheme,
            problems=valuation.problems(place),
            contract_id=contract_id,
            organisation_id=organisation_id,
            **plan,
        )

    def _valuation(self) -> Valuation:
        if self._valued is None:
            self._valued = value(self._scheme, contributions_from(self._rows))
        return self._valued
