"""Rounds in which every side has its turn, and the ratios that come out of them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

#: A side gives its seconds; it may also give those of a part of it, by the part's name.
Side = Callable[[], float | Mapping[str, float]]
Seconds = Mapping[str, list[float]]


@dataclass(frozen=True)
class Figure:
    """A figure, mostly with a target; `values` has one for each round."""

    what: str
    values: list[float]
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool:
        """Whether the median is on the right side of the target."""
        middle = median(self.values)
        below = self.at_most is None or middle <= self.at_most
        return below and (self.at_least is None or middle >= self.at_least)

    def cells(self) -> tuple[str, str, str, str, str]:
        """The figure as the cells of a table."""
        target, met = "", ""
        if self.at_most is not None or self.at_least is not None:
            bound = "at most" if self.at_least is None else "at least"
            target = f"{bound} {self.at_most or self.at_least:,g}{self.unit}"
            met = "yes" if self.met else "NO"
        low, middle, high = min(self.values), median(self.values), max(self.values)
        spread = "" if low == high else f"{_short(low)} to {_short(high)}"
        return self.what, target, f"{_short(middle)}{self.unit}", spread, met


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def timed(work: Callable[[], object]) -> Callable[[], float]:
    """Make a side of some work."""

    def side() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return side


def rounds(sides: Mapping[str, Side], count: int) -> dict[str, list[float]]:
    """Run each side in turn, round after round; the first round warms up and is not counted.

    Each side pays for its own garbage and not for what another left or for what lies ready.
    """
    seconds: dict[str, list[float]] = {}
    for number in range(count + 1):
        for name, side in sides.items():
            gc.collect()
            gc.freeze()
            took = side()
            gc.unfreeze()
            parts = took if isinstance(took, Mapping) else {name: took}
            for part, value in parts.items():
                if number:
                    seconds.setdefault(part, []).append(value)
    return seconds


def ratio(seconds: Seconds, above: str, below: str) -> list[float]:
    """Divide two sides, round by round: what slows a round down slows both."""
    return [a / b for a, b in zip(seconds[above], seconds[below], strict=True)]


def print_seconds(seconds: Seconds, rows: int) -> None:
    """Print how long each side took."""
    print(f"\n{'side':<44} {'median':>10} {'lines a second':>16}")
    for name, values in seconds.items():
        middle = median(values)
        print(f"{name:<44} {1000 * middle:>7,.1f} ms {rows / middle:>16,.0f}")


def print_figures(figures: Sequence[Figure]) -> bool:
    """Print each figure beside its target; tell whether all were met."""
    rows = [("figure", "target", "median", "spread", "met")]
    rows += [figure.cells() for figure in figures]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    print()
    for what, *cells in rows:
        aligned = (f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True))
        print(f"{what:<{widths[0]}}", *aligned, sep="  ")
    return all(figure.met for figure in figures)
