"""Draw from 1.25 million lines: fixing the population, hashing it and picking the lines.

    .venv/bin/python bench/sampling/run.py

The exit code is 1 when the draw takes more than five seconds.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "src"))

from telmee.core.sampling import Population, draw

LINES, SIZE, SECONDS_MAX = 1_250_000, 200, 5.0


def main() -> int:
    """Draw once, and say how long it took."""
    cents = np.random.default_rng(1).integers(0, 2_000_000, LINES)
    begin = perf_counter()
    sample = draw(Population(np.arange(1, LINES + 1), cents), seed="bench", size=SIZE)
    seconds = perf_counter() - begin
    drawn = sample.places.size
    print(f"{LINES:,} lines, {drawn} drawn: {seconds:.2f} s (at most {SECONDS_MAX:.0f} s)")
    return int(seconds > SECONDS_MAX)


if __name__ == "__main__":
    sys.exit(main())
