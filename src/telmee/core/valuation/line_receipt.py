"""The receipt of a valued line: enough to do it again, anywhere, and come to the same cents.

A line's value can lean on other lines: the clock of its person, a bonus that was given before, a
cap that was used up. The receipt keeps what those left for this line, so that it stands alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from telmee.core.contributions.lines import contributions_from
from telmee.core.errors import DomainError, Problem
from telmee.core.periods import NO_DAY, Days, date_of
from telmee.core.schemes.model import Scheme
from telmee.core.tables.cells import keys_of
from telmee.core.tables.columns import NOTHING, Kind
from telmee.core.tables.contribution_columns import CONTRIBUTION, Contributions
from telmee.core.valuation.engine import ENGINE_VERSION, Valuation, value

#: Where a receipt keeps what other lines took of a limit on hours or costs, among what the caps
#: took off. Keys of a scheme have no hyphen, so no cap can have this one.
LIMITS = "limits-of-block"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Scheme, engine, inputs and result of one line.

    Same receipt, same cents, forever. `inputs` holds the cells by their Dutch names: dates in ISO,
    euros in cents, hours in hundredths. `end` is the day that stood in for an empty `eind`,
    `limit_end` the first day that no longer counted on the person's clock, `withheld` the bonuses
    that an earlier line of the person had, and `taken_off` the cents that each cap took.
    """

    scheme_id: str
    scheme_version: str
    scheme_sha256: str
    engine: int
    inputs: Mapping[str, str | int]
    end: str | None
    limit_end: str | None
    withheld: tuple[str, ...]
    taken_off: Mapping[str, int]
    status: str
    value_cents: int | None


def receipt(valuation: Valuation, line: int) -> Receipt:
    """Write the receipt of one line."""
    scheme, columns = valuation.scheme, valuation.columns
    withheld = int(columns.bonus_mask[line]) & ~int(columns.bonus_counts[line])
    kept = Receipt(
        scheme_id=scheme.id,
        scheme_version=scheme.version,
        scheme_sha256=scheme.sha256,
        engine=ENGINE_VERSION,
        inputs=_inputs(valuation.lines, line),
        end=_day(columns.end, line),
        limit_end=_day(columns.limit_end, line),
        withheld=tuple(b.key for n, b in enumerate(scheme.bonuses) if withheld & (1 << n)),
        taken_off={key: int(cents[line]) for key, cents in columns.cap_cents.items()},
        status=str(valuation.status(line)),
        value_cents=valuation.value_cents(line),
    )
    return _with_limits(scheme, kept) if line in columns.limited else kept


def _with_limits(scheme: Scheme, kept: Receipt) -> Receipt:
    """Keep what other lines of the person took of the hours or the cost that would count alone."""
    ((_, alone),) = recompute(scheme, [kept])
    if alone is None or kept.value_cents is None or alone == kept.value_cents:
        return kept
    return replace(kept, taken_off={**kept.taken_off, LIMITS: alone - kept.value_cents})


def recompute(scheme: Scheme, kept: Sequence[Receipt]) -> list[tuple[str, int | None]]:
    """Value lines again from their receipts alone, in one batch; gives status and cents of each.

    Cents are `None` where a line has no value. The engine is the present one: with the same
    `engine` in its receipt a line comes to the same cents, with an older one it may not. Raises
    `DomainError` `receipt_of_another` when the scheme's bytes are not those of a receipt.
    """
    others = {receipt.scheme_id for receipt in kept if receipt.scheme_sha256 != scheme.sha256}
    if others:
        params = {"scheme": ", ".join(sorted(others))}
        raise DomainError(Problem("receipt_of_another", params=params))
    # The clock, the bonuses given before and the caps are in the receipt; the rest is the line's,
    # and what other lines took of its hours is in there as well.
    alone = replace(
        scheme,
        blocks=tuple(
            replace(block, max_months=None) if block.unit.counts_time else block
            for block in scheme.blocks
        ),
        caps=(),
    )
    valued = value(alone, contributions_from([_alone(receipt) for receipt in kept]))
    outcomes = []
    for line, receipt in enumerate(kept):
        cents = valued.value_cents(line)
        left = None if cents is None else cents - sum(receipt.taken_off.values())
        outcomes.append((str(valued.status(line)), left))
    return outcomes


def _inputs(lines: Contributions, line: int) -> dict[str, str | int]:
    inputs: dict[str, str | int] = {}
    for name, column in CONTRIBUTION.items():
        value = _input(getattr(lines, column.field), column.kind, line)
        if value is not None:
            inputs[name] = value
    return inputs


def _input(cells: Any, kind: Kind, line: int) -> str | int | None:
    if kind is Kind.DATE:
        return _day(cells, line)
    if kind.is_number:
        return None if cells[line] == NOTHING else int(cells[line])
    text: str | None = cells[line]
    return text


def _day(column: Days, line: int) -> str | None:
    return None if column[line] == NO_DAY else date_of(int(column[line])).isoformat()


def _alone(kept: Receipt) -> dict[str, object]:
    """Make the row of a line that stands alone.

    The clock of its person becomes the end of its contract; a bonus that was withheld is left out.
    """
    row: dict[str, object] = dict(kept.inputs)
    for column in row.keys() & {*CONTRIBUTION.of_kind(Kind.DATE)}:
        row[column] = date.fromisoformat(str(row[column]))
    row["eind"] = None if kept.end is None else date.fromisoformat(kept.end)
    if kept.limit_end is not None:
        last = date.fromisoformat(kept.limit_end) - timedelta(days=1)
        end = row.get("contract_eind")
        row["contract_eind"] = min(end, last) if isinstance(end, date) else last
    claimed = keys_of(str(row.pop("toeslagen", "")))
    row["toeslagen"] = ",".join(key for key in claimed if key not in kept.withheld) or None
    return {**row, "persoon": None}
