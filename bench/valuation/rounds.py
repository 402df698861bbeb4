"""Rounds in which every side has its turn, and the ratios that come out of them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median

#: A side gives its seconds; it may also give those of a part of it, by the part's name.
Side = Callable[[], float | Mapping[str, float]]
Seconds = Mapping[str, list[float]]


@dataclass(frozen=True)
class Figure:
    """A figure with its target; `values` has one for each round."""

    what: str
    values: list[float]
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool:
        """Tell whether the median is on the right side."""
        middle = median(self.values)
        below = self.at_most is None or middle <= self.at_most
        return below and (self.at_least is None or middle >= self.at_least)

    @property
    def target(self) -> str:
        """Give the target as text."""
        if self.at_most is not None:
            return f"at most {self.at_most:g}{self.unit}"
        return f"at least {self.at_least:g}{self.unit}"


def timed(work: Callable[[], object]) -> Callable[[], float]:
    """Make a side of some work."""

    def side() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return side


def rounds(sides: Mapping[str, Side], count: int) -> dict[str, list[float]]:
    """Give each side its turn, round after round; the first round warms up and is not counted.

    The collector of cyclic garbage rests meanwhile, as it does under `timeit`.
    """
    seconds: dict[str, list[float]] = {}
    gc.disable()
    for number in range(count + 1):
        for name, side in sides.items():
            took = side()
            parts = took if isinstance(took, Mapping) else {name: took}
            for part, value in parts.items():
                if number:
                    seconds.setdefault(part, []).append(value)
    gc.enable()
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


def print_figures(figures: Iterable[Figure]) -> bool:
    """Print each figure beside its target; tell whether all were met."""
    all_met = True
    print(f"\n{'figure':<58} {'target':>14} {'median':>9} {'spread':>17}  met")
    for figure in figures:
        low, middle, high = min(figure.values), median(figure.values), max(figure.values)
        spread = f"{low:.3g} to {high:.3g}"
        met = "yes" if figure.met else "NO"
        all_met = all_met and figure.met
        middle_text = f"{middle:.3g}{figure.unit}"
        print(f"{figure.what:<58} {figure.target:>14} {middle_text:>9} {spread:>17}  {met}")
    return all_met
