"""Draw a sample in which each cent has the same chance, so that anybody can draw it again.

Monetary-unit sampling with a fixed interval: the lines lie behind each other in a fixed order, each
as long as its cents; the first cent to look at follows from a seed and from the lines themselves,
and then each so many cents on. The line that a cent belongs to is looked at. Whole numbers only.
The rules in words, with an example to do by hand: docs/algorithms/sampling.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from telmee.core.errors import Problem
from telmee.core.free_text import FreeText, require_none
from telmee.core.money import CENTS_MAX, half_up, total

#: What a seed may be. It is hashed as it is typed, so it has one line and no blanks at its ends.
SEED = FreeText(80)
#: The most lines that are asked for at once: people look at each of them.
SIZE_MAX = 1_000
#: It stands before what is hashed, so that another way of drawing gives another start.
METHOD = "telmee-mus-1"

Numbers = npt.NDArray[np.int64]
#: Numbers of lines that are written and hashed in one go; a bound to memory, not to a sample.
_RUN = 100_000


@dataclass(frozen=True, slots=True)
class Population:
    """Lines to draw from: the number that each is known by, and its cents, in order of number."""

    lines: Numbers
    cents: Numbers

    def __post_init__(self) -> None:
        if self.lines.shape != self.cents.shape:
            raise ValueError("a line without cents, or cents without a line")
        if np.any(self.lines[1:] <= self.lines[:-1]):
            raise ValueError("lines stand in the order of their numbers, each once")
        if np.any(np.abs(self.cents) > CENTS_MAX):
            raise ValueError("an amount beyond CENTS_MAX")

    def __len__(self) -> int:
        return int(self.lines.size)

    @property
    def total_cents(self) -> int:
        """The cents that can be drawn: a line of zero or below has none."""
        return total(np.maximum(self.cents, 0))

    @property
    def below_zero(self) -> Numbers:
        """The lines below zero, which no draw reaches: look at all of them."""
        return self.lines[self.cents < 0]

    def as_text(self) -> Iterator[str]:
        """What the hash is made of: for each line its number, a semicolon, its cents, a newline."""
        for begin in range(0, len(self), _RUN):
            run = slice(begin, begin + _RUN)
            lines, cents = self.lines[run].tolist(), self.cents[run].tolist()
            yield "".join(f"{line};{worth}\n" for line, worth in zip(lines, cents, strict=True))

    def hash(self) -> str:
        """SHA-256 over the lines in their order, in hexadecimal."""
        hashed = hashlib.sha256()
        for text in self.as_text():
            hashed.update(text.encode())
        return hashed.hexdigest()


def population_of(cents_of_lines: Iterable[tuple[int, int]]) -> Population:
    """Put lines with their cents in the order of their numbers."""
    pairs = np.array(sorted(cents_of_lines), dtype=np.int64).reshape(-1, 2)
    return Population(pairs[:, 0].copy(), pairs[:, 1].copy())


@dataclass(frozen=True, slots=True)
class Draw:
    """What was drawn: from where, how far apart, and the lines in which a cent fell.

    `places` are the positions of the lines in the population, and `hits` how many cents fell in
    each: more than one only where a line is longer than the interval.
    """

    population_hash: str
    total_cents: int
    interval: int
    start: int
    places: Numbers
    hits: Numbers


def draw(population: Population, *, seed: str, size: int) -> Draw:
    """Draw about `size` lines from a seed; a line at least as long as the interval is always drawn.

    Raises `seed_missing`, `sample_size`, and what refuses the seed as a text.
    """
    require_drawable(seed, size)
    population_hash, total_cents = population.hash(), population.total_cents
    interval = max(1, total_cents // size)
    start = start_of(seed, population_hash, interval)
    until = np.cumsum(np.maximum(population.cents, 0), dtype=np.int64)
    drawn_until = (until - start) // interval + 1
    hits = np.diff(drawn_until, prepend=np.int64(0))
    places = np.flatnonzero(hits)
    return Draw(population_hash, total_cents, interval, start, places, hits[places])


def require_drawable(seed: str, size: int) -> None:
    """Raise all that keeps a sample from being drawn, before anything of its lines is read."""
    faults = list(SEED.problems("seed", seed))
    if not seed.strip() or seed != seed.strip():
        faults.append(Problem("seed_missing", "seed"))
    if not 1 <= size <= SIZE_MAX:
        faults.append(Problem("sample_size", "size", params={"maximum": SIZE_MAX}))
    require_none(faults)


def start_of(seed: str, population_hash: str, interval: int) -> int:
    """The first cent to look at, from 1 to the interval, both included.

    >>> start_of("19 november", "0" * 64, 100_000)
    89193
    """
    text = f"{METHOD}\n{seed}\n{population_hash}\n{interval}\n"
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big") % interval + 1


def projected_error_cents(cents: int, right_cents: int, interval: int) -> int:
    """What the error in one drawn line stands for; below zero where it should have been more.

    A line shorter than the interval stands for all cents of it, so its error in proportion is that
    of the interval, rounded half up once. A line that is always drawn stands for itself.

    >>> projected_error_cents(50_000, 40_000, 200_000), projected_error_cents(300_000, 1, 200_000)
    (40000, 299999)
    """
    if cents <= 0:
        raise ValueError("a line without cents is not drawn")
    error = cents - right_cents
    if cents >= interval:
        return error
    size = half_up(abs(error) * interval, cents)
    return size if error > 0 else -size
