"""Measure the valuation beside other ways to do it; bench/README.md says how to read it.

bench/valuation/run.py [--rows N] [--rounds N] [--quick]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_ROOT), str(_ROOT / "src")]

from bench.valuation import edges, growth, speed  # noqa: E402 - the path comes first
from bench.valuation.rounds import print_figures  # noqa: E402


def main() -> int:
    """Run everything; exit 1 when a figure is not met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="lines in a batch")
    parser.add_argument("--rounds", type=int, default=7, help="rounds to count, after one more")
    parser.add_argument("--quick", action="store_true", help="three rounds, no growth")
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.size is not None:
        growth.one_size(options.size)
        return 0
    rows, count = options.rows, 3 if options.quick else options.rounds
    # The most memory that a process ever had is inherited, so growth comes while that is little.
    sizes = [] if options.quick else [10_000, 100_000, 1_000_000, 10_000_000]
    memory = growth.grow(sizes)
    figures = speed.compare(rows, count)
    figures += edges.sheet(rows // 10, count)
    figures += [edges.one_line(count), edges.one_person(rows, 2), *memory]
    return 0 if print_figures(figures) else 1


if __name__ == "__main__":
    sys.exit(main())
