"""Whole cents, and the one way they are rounded.

Money is an `int` (or a NumPy int64 column) of cents. A product of exact factors is divided once,
at the end of a named step, and rounded half up there: never a float, never a rounding in between.
Source of the convention: docs/algorithms/valuation.md section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Cents = npt.NDArray[np.int64]
_Whole = TypeVar("_Whole", int, npt.NDArray[np.int64])

#: One hundred percent, in basis points.
WHOLE_BP = 10_000
#: No amount is more than one thousand million euros: no cell, no contract, no value of a line.
CENTS_MAX = 10**11
#: What a line may be worth; `total` leans on it.
LINE_CENTS_MAX = CENTS_MAX
#: The most lines in one batch: LINE_CENTS_MAX times this stays below 2**63.
BATCH_LINES_MAX = 50_000_000


def half_up(numerator: _Whole, denominator: _Whole | int) -> _Whole:
    """Divide and round half up to a whole number; the denominator must be positive.

    Adding half the denominator, itself rounded down, gives the same as adding all of a half: a
    whole numerator cannot fall in between. The caller proves that numerator plus denominator stay
    below 2**63 (`telmee.core.valuation.rules`); NumPy would wrap silently.

    >>> half_up(5, 2), half_up(7, 3), half_up(0, 9)
    (3, 2, 0)
    """
    half: _Whole | int = denominator >> 1
    return (numerator + half) // denominator


def part_bp(part: int, whole: int) -> int:
    """Which part of a whole an amount or a count is, in basis points; the whole must be positive.

    >>> part_bp(1_250, 50_000)
    250
    """
    return half_up(part * WHOLE_BP, whole)


def in_parts(cents: int, parts_bp: Sequence[int]) -> tuple[int, ...]:
    """An amount in agreed parts, which come to it exactly; the parts are 100% together.

    Each part is rounded down, and the cents that are left go one by one to the largest remainders,
    the first of equal ones: the largest remainder method. Raises `ValueError` for other parts.

    >>> in_parts(100, [3_333, 3_333, 3_334])
    (33, 33, 34)
    """
    if sum(parts_bp) != WHOLE_BP or min(parts_bp) < 0:
        raise ValueError("parts that are not the whole")
    exact = [cents * part for part in parts_bp]
    parts = [each // WHOLE_BP for each in exact]
    by_remainder = sorted(range(len(parts)), key=lambda at: -(exact[at] % WHOLE_BP))
    for at in by_remainder[: cents - sum(parts)]:
        parts[at] += 1
    return tuple(parts)


def slice_of(part: int, whole: int, before: int, cents: int) -> int:
    """What of a part of a whole comes with some of its cents, after those that came `before`.

    Slices of all cents add up to the part, as each is the difference between two amounts that are
    rounded half up. The database does the same (`telmee_slice`, receipts.0002).

    >>> [slice_of(4, 10, before, 5) for before in (0, 5)]
    [2, 2]
    """
    return half_up(part * (before + cents), whole) - half_up(part * before, whole)


def total(cents: Cents) -> int:
    """Add a column exactly.

    >>> total(np.array([10**11, 1], dtype=np.int64))
    100000000001
    """
    if cents.size > BATCH_LINES_MAX:
        raise ValueError(f"a batch holds at most {BATCH_LINES_MAX} lines")
    return int(cents.sum(dtype=np.int64))
