"""How time and memory grow with the number of lines: each size in a process of its own."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from functools import partial
from pathlib import Path
from statistics import median

from bench.valuation import batches
from bench.valuation.rounds import Figure, rounds, timed
from telmee.core.valuation import value

PEAK_MIB_MAX = 4096


def grow(sizes: list[int]) -> list[Figure]:
    """Print a line for each size; give the peak of the largest as a figure."""
    if not sizes:
        return []
    print(f"\n{'lines':>12} {'seconds':>9} {'lines a second':>16} {'peak':>10}   everything on")
    peak = 0.0
    for rows in sizes:
        run = str(Path(__file__).with_name("run.py"))
        command = [sys.executable, run, "--size", str(rows)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds, peak = json.loads(answer.stdout)
        print(f"{rows:>12,} {seconds:>9.3f} {rows / seconds:>16,.0f} {peak:>6,.0f} MiB")
    what = f"peak memory of {sizes[-1]:,} lines, inputs included"
    return [Figure(what, [peak], " MiB", at_most=PEAK_MIB_MAX)]


def one_size(rows: int) -> None:
    """Value one batch a few times, and print the seconds and the most memory in use."""
    batch = batches.everything(rows)
    work = partial(value, batch.scheme, batch.lines, obligations=batch.obligations)
    took = rounds({"": timed(work)}, max(2, min(20, 2_000_000 // rows)))[""]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in kibibytes, macOS in bytes.
    print(json.dumps([median(took), peak / (1 << (20 if sys.platform == "darwin" else 10))]))
