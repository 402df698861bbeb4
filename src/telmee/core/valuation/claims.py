"""Find the blocks, bonuses and certificates that a file names in the scheme.

Each distinct text is looked up once; the lines follow by number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from telmee.core.tables.cells import keys_of
from telmee.core.tables.columns import NOTHING, Coded
from telmee.core.tables.contribution_columns import Contributions
from telmee.core.valuation.arrays import Ints
from telmee.core.valuation.engine_columns import Columns
from telmee.core.valuation.faults import BIT
from telmee.core.valuation.rules import Rules


@dataclass(frozen=True, slots=True)
class Claims:
    """What each distinct text of a file is in the scheme; the first element is of an empty cell."""

    block: Ints
    certificate: Ints
    bonus_mask: Ints
    bonus_fault: Ints

    @property
    def bonuses(self) -> list[int]:
        """The numbers, in the scheme, of the bonuses that some line of the batch claims."""
        claimed = int(np.bitwise_or.reduce(self.bonus_mask))
        return [number for number in range(claimed.bit_length()) if claimed & (1 << number)]


def read_claims(rules: Rules, lines: Contributions) -> Claims:
    """Look up every block, certificate and cell of bonuses that occurs in a file."""
    scheme = rules.scheme
    bits = {bonus.key: 1 << number for number, bonus in enumerate(scheme.bonuses)}
    cells = [_bonus_bits(cell, bits) for cell in lines.bonuses.names]
    return Claims(
        block=_numbers(lines.block, [block.key for block in scheme.blocks]),
        certificate=_numbers(lines.certificate, [c.key for c in scheme.certificates]),
        bonus_mask=_table(0, (mask for mask, _ in cells)),
        bonus_fault=_table(0, (fault for _, fault in cells)),
    )


def look_up_claims(claims: Claims, lines: Contributions, columns: Columns, run: slice) -> None:
    """Fill `block`, `certificate` and `bonus_mask`, and the faults of keys the scheme lacks."""
    block, fault = columns.block[run], columns.fault[run]
    block[:] = _look_up(claims.block, lines.block, run)
    columns.bonus_mask[run] = _look_up(claims.bonus_mask, lines.bonuses, run)
    if claims.certificate.size > 1:
        columns.certificate[run] = _look_up(claims.certificate, lines.certificate, run)
    if claims.bonus_fault.size > 1:
        fault |= _look_up(claims.bonus_fault, lines.bonuses, run)
    unknown = np.flatnonzero(block == NOTHING)
    fault[unknown] |= BIT["unknown_block"]


def _bonus_bits(cell: str, bits: dict[str, int]) -> tuple[int, int]:
    keys = keys_of(cell)
    fault = BIT["unknown_bonus"] if any(key not in bits for key in keys) else 0
    fault |= BIT["repeated_bonus"] if len(set(keys)) < len(keys) else 0
    return sum(bits.get(key, 0) for key in set(keys)), fault


def _numbers(column: Coded, keys: Sequence[str]) -> Ints:
    numbers = {key: number for number, key in enumerate(keys)}
    return _table(NOTHING, (numbers.get(name, NOTHING) for name in column.names))


def _table(of_empty: int, of_names: Iterable[int]) -> Ints:
    """A table to look codes up in, an empty cell first; one element when all are the same."""
    table = np.array([of_empty, *of_names], dtype=np.int64)
    return table[:1] if (table == of_empty).all() else table


def _look_up(table: Ints, column: Coded, run: slice) -> Ints:
    """For each line of a run, what its text stands for; one element where all are the same.

    Codes are counted from 1 here, as indexing with -1 is several times slower.
    """
    return table if table.size == 1 else table.take(column.codes[run] + 1)
