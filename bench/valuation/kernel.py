"""Side (a): the bare arithmetic that any exact rule needs, and nothing else."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def kernel(cents: Ints, time_num: Ints, time_den: Ints, hours: Ints, full_time: int) -> Ints:
    """Amount times years times hours share, divided once and rounded half up once."""
    numerator = cents * time_num * hours
    denominator = time_den * full_time
    return (2 * numerator + denominator) // (2 * denominator)
