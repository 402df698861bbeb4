"""A file of contributions as the effort of one contract: what stands now, and at the end.

The file is valued twice by the one engine: up to the day of the position, and up to the end of the
contract. The first stands for what was verified, the second for what will stand when all that runs
now runs on. A line without contract dates of its own gets those of the contract.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from telmee.core.contributions.columns import Contributions
from telmee.core.contributions.reading import read_contributions
from telmee.core.errors import DomainError, Problem
from telmee.core.obligations import Contract
from telmee.core.periods import NO_DAY, day_of
from telmee.core.schemes.model import Scheme
from telmee.core.valuation import Valuation, value
from telmee.integrations.spreadsheets import open_table


def value_effort(
    file: Path, scheme: Scheme, contract: Contract
) -> tuple[Contract, tuple[Problem, ...]]:
    """Fill in what the contract realised and may expect; the notices say what was left out.

    Raises `DomainError` where the file cannot be read or the scheme values no effort.
    """
    if not scheme.has_amounts:
        raise DomainError(Problem("scheme_without_blocks", params={"scheme": scheme.id}))
    reading = read_contributions(open_table(file))
    lines, end = reading.contributions, contract.end
    now = _value_until(scheme, lines, contract, min(contract.as_of or end, end))
    at_end = _value_until(scheme, lines, contract, end)
    realised = now.total_cents()
    expected = max(realised, at_end.total_cents())
    filled = replace(contract, realised_cents=realised, expected_cents=expected)
    unvalued = int(np.count_nonzero(at_end.columns.fault))
    notices = list(reading.notices)
    if unvalued:
        params = {"unvalued": unvalued, "lines": len(lines)}
        notices.append(Problem("effort_not_all_valued", "--effort", params=params))
    return filled, tuple(notices)


def _value_until(scheme: Scheme, lines: Contributions, contract: Contract, last: date) -> Valuation:
    """Value the lines as if their contract ended on `last`."""
    first, end = np.int32(day_of(contract.start)), np.int32(day_of(last))
    begins = np.where(lines.contract_begin == NO_DAY, first, lines.contract_begin)
    ends = np.where(lines.contract_end == NO_DAY, end, np.minimum(lines.contract_end, end))
    within = replace(
        lines, contract_begin=begins.astype(np.int32), contract_end=ends.astype(np.int32)
    )
    return value(scheme, within, until=int(end))
