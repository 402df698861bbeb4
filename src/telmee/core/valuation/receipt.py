"""The receipt of a valued line: enough to do it again, anywhere, and come to the same cents.

A line's value can lean on other lines: the clock of its person, a bonus that was given before, a
cap that was used up. The receipt keeps what those left for this line, so that it stands alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from telmee.core.contributions.cells import keys_of
from telmee.core.contributions.columns import COLUMNS, NOTHING, Coded, Contributions
from telmee.core.errors import DomainError, Problem
from telmee.core.periods import NO_DAY, Days, date_of, day_of
from telmee.core.schemes.model import Scheme
from telmee.core.valuation.engine import ENGINE_VERSION, Valuation, value

_DATES = ("begin", "end", "contract_begin", "contract_end", "certificate_until")
_TEXTS = ("block", "bonuses", "person", "contract", "certificate")


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
    return Receipt(
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


def recompute(scheme: Scheme, kept: Receipt) -> int | None:
    """Value a line again from its receipt alone; gives the cents, `None` where it had no value.

    Raises `DomainError` `receipt_of_another` when the scheme's bytes or the engine's version are
    not those of the receipt: other rules may come to other cents.
    """
    if (scheme.sha256, ENGINE_VERSION) != (kept.scheme_sha256, kept.engine):
        raise DomainError(Problem("receipt_of_another", params={"scheme": kept.scheme_id}))
    # The clock, the bonuses given before and the caps are in the receipt; the rest is the line's.
    alone = replace(
        scheme,
        blocks=tuple(replace(block, max_months=None) for block in scheme.blocks),
        caps=(),
    )
    found = value(alone, _line(kept)).value_cents(0)
    if found is None or kept.status != "valued":
        return None
    return found - sum(kept.taken_off.values())


def _inputs(lines: Contributions, line: int) -> dict[str, str | int]:
    inputs: dict[str, str | int] = {}
    for dutch, name in COLUMNS.items():
        value = _input(getattr(lines, name), name, line)
        if value is not None:
            inputs[dutch] = value
    return inputs


def _input(column: Any, name: str, line: int) -> str | int | None:
    if name in _DATES:
        return _day(column, line)
    if name in _TEXTS or name == "reference":
        text: str | None = column[line]
        return text
    return None if column[line] == NOTHING else int(column[line])


def _day(column: Days, line: int) -> str | None:
    return None if column[line] == NO_DAY else date_of(int(column[line])).isoformat()


def _line(kept: Receipt) -> Contributions:
    """Make the line of a receipt a batch of its own, with its clock as the end of its contract."""
    inputs = {COLUMNS[dutch]: value for dutch, value in kept.inputs.items()}
    ends = [_number(day) for day in (inputs.get("contract_end"), _before(kept.limit_end)) if day]
    days = {name: _number(inputs.get(name)) for name in _DATES}
    days |= {"end": _number(kept.end), "contract_end": min(ends, default=NO_DAY)}
    claimed = keys_of(str(inputs.get("bonuses", "")))
    texts = {name: inputs.get(name) for name in _TEXTS}
    given = ",".join(key for key in claimed if key not in kept.withheld)
    texts |= {"bonuses": given, "person": None}
    numbers = set(COLUMNS.values()) - {*_DATES, *_TEXTS, "reference"}
    columns: dict[str, Any] = {
        **{name: np.array([day], dtype=np.int32) for name, day in days.items()},
        **{name: Coded.of([None if t is None else str(t)]) for name, t in texts.items()},
        **{name: np.array([inputs.get(name, NOTHING)], dtype=np.int64) for name in numbers},
    }
    return Contributions(row=np.array([1], dtype=np.int64), reference=["receipt"], **columns)


def _before(first_after: str | None) -> str | None:
    """Give the last day before a day: ends are inclusive outside the engine."""
    return None if first_after is None else date_of(_number(first_after) - 1).isoformat()


def _number(day: str | int | None) -> int:
    return NO_DAY if day is None else day_of(date.fromisoformat(str(day)))
