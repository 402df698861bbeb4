"""Find the blocks, bonuses and certificates that a file names in the scheme.

Each distinct text is looked up once; the lines follow by number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from telmee.core.contributions.cells import keys_of
from telmee.core.contributions.columns import NOTHING, Coded, Contributions
from telmee.core.valuation.columns import Codes, Columns, Ints
from telmee.core.valuation.faults import BIT
from telmee.core.valuation.rules import Rules

_Number = TypeVar("_Number", np.int32, np.int64)


@dataclass(frozen=True, slots=True)
class Claims:
    """What each distinct text of a file is in the scheme; the first element is of an empty cell."""

    block: Codes
    certificate: Codes
    bonus_mask: Ints
    bonus_fault: Codes


def read_claims(rules: Rules, lines: Contributions) -> Claims:
    """Look up every block, certificate and cell of bonuses that occurs in a file."""
    scheme = rules.scheme
    bits = {bonus.key: 1 << number for number, bonus in enumerate(scheme.bonuses)}
    cells = [_bonus_bits(cell, bits) for cell in lines.bonuses.names]
    return Claims(
        block=_numbers(lines.block, [block.key for block in scheme.blocks]),
        certificate=_numbers(lines.certificate, [c.key for c in scheme.certificates]),
        bonus_mask=np.array([0, *(mask for mask, _ in cells)], dtype=np.int64),
        bonus_fault=np.array([0, *(fault for _, fault in cells)], dtype=np.int32),
    )


def look_up_claims(claims: Claims, lines: Contributions, columns: Columns, run: slice) -> None:
    """Fill `block`, `certificate` and `bonus_mask`, and the faults of keys the scheme lacks."""
    block, fault = columns.block[run], columns.fault[run]
    block[:] = _look_up(claims.block, lines.block, run)
    columns.certificate[run] = _look_up(claims.certificate, lines.certificate, run)
    columns.bonus_mask[run] = _look_up(claims.bonus_mask, lines.bonuses, run)
    fault[:] = _look_up(claims.bonus_fault, lines.bonuses, run)
    fault[block == NOTHING] |= BIT["unknown_block"]


def _bonus_bits(cell: str, bits: dict[str, int]) -> tuple[int, int]:
    keys = keys_of(cell)
    fault = BIT["unknown_bonus"] if any(key not in bits for key in keys) else 0
    fault |= BIT["repeated_bonus"] if len(set(keys)) < len(keys) else 0
    return sum(bits.get(key, 0) for key in set(keys)), fault


def _numbers(column: Coded, keys: Sequence[str]) -> Codes:
    numbers = {key: number for number, key in enumerate(keys)}
    found = (numbers.get(name, NOTHING) for name in column.names)
    return np.array([NOTHING, *found], dtype=np.int32)


def _look_up(table: npt.NDArray[_Number], column: Coded, run: slice) -> npt.NDArray[_Number]:
    """Give for each line what its text is; one element where only one answer is possible.

    Codes are counted from 1 here, as indexing with -1 is several times slower.
    """
    return table if table.size == 1 else table.take(column.codes[run] + 1)
