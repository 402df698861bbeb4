"""A file of contributions as the effort of one contract: what it says was done, and at the end.

The file is valued twice by the one engine: up to the day of the position, and up to the end of the
contract. The first is what was delivered by the contractor's own account, and verified by nobody;
the second is what will stand when all that runs now runs on. A line without contract dates of its
own gets those of the contract. Lines of other contracts are valued too, because what one person
may bring in runs over contracts, but they are never added up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from telmee.cli.options import require_amounts
from telmee.core.contributions.effort_file import read_contributions
from telmee.core.errors import DomainError, Problem
from telmee.core.money import total
from telmee.core.obligations import Contract
from telmee.core.periods import NO_DAY, day_of
from telmee.core.schemes.model import Scheme
from telmee.core.tables import cells
from telmee.core.tables.columns import NOTHING, Coded
from telmee.core.tables.contribution_columns import Contributions
from telmee.core.valuation import Valuation, value
from telmee.core.valuation.under_scheme import under_scheme
from telmee.integrations.spreadsheets import open_table

#: How many contracts a message names; a register may hold thousands.
_NAMED_MAX = 10


@dataclass(frozen=True, slots=True)
class _Effort:
    """The lines of a file, which of them are of this contract, and the name they have there."""

    lines: Contributions
    own: npt.NDArray[np.bool_]
    name: str


def value_effort(
    file: Path, scheme: Scheme, contract: Contract, *, name: str | None, owed_cents: int | None
) -> tuple[Contract, tuple[Problem, ...]]:
    """Fill in what the file says was delivered and may be expected; the notices say what is left.

    `name` chooses one contract of the file. `owed_cents` is what the contract owes, for caps on a
    share of it. Raises `DomainError` where the file cannot be read, holds more contracts than one
    and none was chosen, ends below what was verified, or where the scheme values no effort.
    """
    reading = under_scheme(read_contributions(open_table(file)), require_amounts(scheme))
    effort = _own_lines(reading.contributions, name)
    end = contract.end
    now = _value_until(scheme, effort, contract, min(contract.as_of or end, end), owed_cents)
    at_end = _value_until(scheme, effort, contract, end, owed_cents)
    delivered = _total(now, effort)
    expected = max(delivered, _total(at_end, effort))
    if expected < contract.realised_cents:
        raise DomainError(Problem("effort_below_realised", "--effort"))
    filled = replace(contract, delivered_cents=delivered, expected_cents=expected)
    return filled, (*reading.notices, *_notices(effort, at_end))


def _own_lines(lines: Contributions, chosen: str | None) -> _Effort:
    """Find the lines of the contract; without a choice the file may name one contract at most.

    In a file of one contract a line that names none is of that contract too.
    """
    names = lines.contract.names
    if chosen is None:
        if len(names) > 1:
            raise DomainError(
                Problem("effort_of_more_contracts", "--effort", params=_known_contracts(names))
            )
        return _Effort(lines, np.ones(len(lines), dtype=np.bool_), names[0] if names else "")
    if chosen.strip() not in names:
        params = {"contract": cells.shown(chosen), **_known_contracts(names)}
        raise DomainError(Problem("effort_of_no_contract", "--contract", params=params))
    own = lines.contract.codes == names.index(chosen.strip())
    return _Effort(lines, own, chosen.strip())


def _known_contracts(names: tuple[str, ...]) -> dict[str, str]:
    more = ["…"] if len(names) > _NAMED_MAX else []
    shown = [cells.shown(name) for name in names[:_NAMED_MAX]]
    return {"known": ", ".join([*shown, *more]) or "-"}


def _value_until(
    scheme: Scheme, effort: _Effort, contract: Contract, last: date, owed_cents: int | None
) -> Valuation:
    """Value the lines as if this contract ended on `last`."""
    lines, own = effort.lines, effort.own
    first, end = np.int32(day_of(contract.start)), np.int32(day_of(last))
    begins = np.where(own & (lines.contract_begin == NO_DAY), first, lines.contract_begin)
    ends = np.where(lines.contract_end == NO_DAY, end, np.minimum(lines.contract_end, end))
    ends = np.where(own, ends, lines.contract_end)
    within = replace(
        lines,
        contract=_under_contract(lines.contract, effort),
        contract_begin=begins.astype(np.int32),
        contract_end=ends.astype(np.int32),
    )
    owed = {} if owed_cents is None else {effort.name: owed_cents}
    return value(scheme, within, until=int(end), obligations=owed)


def _under_contract(contracts: Coded, effort: _Effort) -> Coded:
    """Each line under a contract's name: those that left it empty get this contract's."""
    names = contracts.names or (effort.name,)
    code = names.index(effort.name)
    return Coded(np.where(effort.own, np.int32(code), contracts.codes).astype(np.int32), names)


def _total(valuation: Valuation, effort: _Effort) -> int:
    """Add up this contract's lines that have a value."""
    return total(np.maximum(valuation.columns.value_cents[effort.own], 0))


def _notices(effort: _Effort, at_end: Valuation) -> Iterator[Problem]:
    """Say what of the file was left out, and which maximum could not be applied."""
    lines, own = len(effort.lines), effort.own
    others = lines - int(np.count_nonzero(own))
    if others:
        unnamed = int(np.count_nonzero(effort.lines.contract.codes == NOTHING))
        params = {"others": others, "unnamed": unnamed, "lines": lines}
        yield Problem("effort_of_others_left_out", "--contract", params=params)
    unvalued = int(np.count_nonzero(at_end.columns.fault[own]))
    if unvalued:
        params = {"unvalued": unvalued, "lines": lines - others}
        yield Problem("effort_not_all_valued", "--effort", params=params)
    shares = {cap.key for cap in at_end.scheme.caps if cap.per == "contract"}
    skipped = at_end.columns.cap_unknown
    if any(skipped[key][own].any() for key in shares & skipped.keys()):
        yield Problem("effort_cap_skipped", "--effort")
