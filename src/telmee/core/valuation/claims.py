"""Find the blocks, bonuses and certificates that a file names in the scheme.

Each distinct text is looked up once; the lines follow by number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from telmee.core.contributions.columns import NOTHING, Coded, Contributions
from telmee.core.valuation.columns import Codes, Columns, Ints
from telmee.core.valuation.faults import BIT
from telmee.core.valuation.rules import Rules

_SEPARATOR = re.compile(r"[,;]")


def look_up_claims(rules: Rules, lines: Contributions, columns: Columns) -> None:
    """Fill `block`, `bonus_mask` and `certificate`, and the faults of keys the scheme lacks."""
    scheme = rules.scheme
    blocks = [block.key for block in scheme.blocks]
    columns.block[:] = _numbers(lines.block, blocks)
    columns.fault[columns.block == NOTHING] |= BIT["unknown_block"]
    certificates = [certificate.key for certificate in scheme.certificates]
    columns.certificate[:] = _numbers(lines.certificate, certificates)
    if lines.bonuses.names:
        bits = {bonus.key: 1 << number for number, bonus in enumerate(scheme.bonuses)}
        masks, faults = zip(*(_bonus_bits(cell, bits) for cell in lines.bonuses.names), strict=True)
        columns.bonus_mask[:] = _by_code(lines.bonuses.codes, masks)
        columns.fault |= _by_code(lines.bonuses.codes, faults)


def bonus_keys(cell: str) -> list[str]:
    """Split a cell of bonus keys: commas or semicolons between, spaces and capitals forgiven."""
    parts = (re.sub(r"[\s-]+", "_", part.strip().casefold()) for part in _SEPARATOR.split(cell))
    return [part for part in parts if part]


def _bonus_bits(cell: str, bits: dict[str, int]) -> tuple[int, int]:
    keys = bonus_keys(cell)
    fault = BIT["unknown_bonus"] if any(key not in bits for key in keys) else 0
    fault |= BIT["repeated_bonus"] if len(set(keys)) < len(keys) else 0
    return sum(bits.get(key, 0) for key in set(keys)), fault


def _numbers(column: Coded, keys: Sequence[str]) -> Codes:
    numbers = {key: number for number, key in enumerate(keys)}
    table = [numbers.get(name, NOTHING) for name in column.names]
    # The last element serves code -1, an empty cell.
    return np.array([*table, NOTHING], dtype=np.int32).take(column.codes, mode="wrap")


def _by_code(codes: Codes, values: Sequence[int]) -> npt.NDArray[np.int64]:
    looked_up: Ints = np.array([*values, 0], dtype=np.int64).take(codes, mode="wrap")
    return looked_up
