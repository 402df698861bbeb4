"""How long a letter takes: one by itself, and two hundred one after the other, as the worker does.

It prints a figure beside its target and beside a bare process that does nothing, in one run. The
exit code is 1 when a target is not met. Seconds differ between machines and between hours; what a
letter asks of the processor differs less, and is printed too.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from telmee.integrations.apart import read_apart  # noqa: E402 - the path comes first
from telmee.integrations.typesetting import render_pdf  # noqa: E402 - as above
from telmee.integrations.typesetting.there import draw  # noqa: E402 - as above
from telmee.texts.letters import letter_of  # noqa: E402 - as above
from tests.integrations.typesetting.logos import PICTURE, SVG  # noqa: E402 - as above
from tests.texts.letters.test_letters import EXAMPLES, sheet  # noqa: E402 - as above

_MANY, _MANY_SECONDS, _ONE_SECONDS = 200, 60.0, 2.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=_MANY)
    many = parser.parse_args().letters
    kinds = sorted(EXAMPLES)
    letters = [
        letter_of(kind, EXAMPLES[kind][0], sheet(logo=PICTURE, objection_days=42))
        for kind in (kinds[number % len(kinds)] for number in range(many))
    ]
    bare = min(_seconds(_bare) for _ in range(3))
    before = _worked()
    alone = [_seconds(partial(render_pdf, "letter", letter)) for letter in letters]
    worked = _worked() - before
    whole = sum(alone)
    slowest, middle = max(alone), sorted(alone)[len(alone) // 2]
    print(f"a bare process      {bare:6.2f} s")
    print(f"one letter, middle  {middle:6.2f} s  {middle / bare:5.1f} x")
    print(f"one letter, slowest {slowest:6.2f} s  {slowest / bare:5.1f} x  target {_ONE_SECONDS} s")
    target = _MANY_SECONDS * many / _MANY
    print(f"{many} letters         {whole:6.1f} s  target {target:.0f} s")
    print(f"of the processor    {worked / many:6.3f} s a letter, {worked:.1f} s together")
    return int(slowest > _ONE_SECONDS or whole > target)


def _bare() -> None:
    """What every letter costs before anything is set: a process with its limits."""
    with NamedTemporaryFile(suffix=".svg") as file:
        file.write(SVG)
        file.flush()
        read_apart(draw, Path(file.name), ".svg")


def _worked() -> float:
    """The processor's seconds of the processes that were done so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _seconds(deed: Callable[[], object]) -> float:
    begun = time.perf_counter()
    deed()
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
