"""The receipt of a valuation: enough to do it again, anywhere, and come to the same cents."""

from __future__ import annotations

from dataclasses import dataclass

from telmee.core.contributions.columns import COLUMNS, NOTHING
from telmee.core.periods import NO_DAY, date_of
from telmee.core.valuation.engine import ENGINE_VERSION, Valuation

_DAYS = ("begin", "end", "contract_begin", "contract_end", "certificate_until")
_HUNDREDTHS = ("weekly_hours", "hours", "full_time_hours")
_TEXTS = ("block", "bonuses", "person", "contract", "certificate")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Scheme, engine, inputs and result of one line.

    Same receipt, same cents, forever: `inputs` holds the cells as they were read, by their Dutch
    names, plus what the clock of the person and the caps had used before this line.
    """

    scheme_id: str
    scheme_version: str
    scheme_sha256: str
    engine: int
    inputs: dict[str, str | int]
    limit_end: str | None
    status: str
    value_cents: int | None


def receipt(valuation: Valuation, line: int) -> Receipt:
    """Write the receipt of one line."""
    scheme, columns = valuation.scheme, valuation.columns
    limit = int(columns.limit_end[line])
    return Receipt(
        scheme.id,
        scheme.version,
        scheme.sha256,
        ENGINE_VERSION,
        _inputs(valuation, line),
        None if limit == NO_DAY else date_of(limit - 1).isoformat(),
        str(valuation.status(line)),
        valuation.value_cents(line),
    )


def _inputs(valuation: Valuation, line: int) -> dict[str, str | int]:
    inputs: dict[str, str | int] = {}
    for dutch, name in COLUMNS.items():
        column = getattr(valuation.lines, name)
        if name in _TEXTS or name == "reference":
            value = column[line]
        elif name in _DAYS:
            value = None if column[line] == NO_DAY else date_of(column[line]).isoformat()
        else:
            value = None if column[line] == NOTHING else int(column[line])
        if value is not None:
            inputs[dutch] = value
    if valuation.until is not None:
        inputs["until"] = date_of(valuation.until).isoformat()
    return inputs
