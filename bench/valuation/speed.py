"""The engine beside a bare kernel, a Decimal loop and OpenFisca, in the same rounds."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.valuation import batches, decimal_loop
from bench.valuation.kernel import kernel
from bench.valuation.openfisca import OpenFisca
from bench.valuation.rounds import Figure, Side, print_seconds, ratio, rounds, timed
from telmee.core.tables.columns import NOTHING
from telmee.core.valuation import Valuation, engine, value

ENGINE, KERNEL = "Telmee, per line", "(a) NumPy kernel"
DECIMAL, OPENFISCA = "(b) Decimal loop", "(c) OpenFisca"
BY_HAND = "(c) OpenFisca, amounts by hand"
EVERYTHING, CROSS = "Telmee, everything on", "of which over lines"
ARGSORT, STABLE = "argsort, any order of equals", "argsort, stable"

#: The steps of the engine that look at more than one line.
OVER_LINES = ("order_by_person", "judge_persons", "apply_caps")


def compare(rows: int, count: int) -> list[Figure]:
    """Run all sides; print their seconds and give the ratios."""
    plain, full = batches.placements(rows), batches.everything(rows)
    valuation = value(plain.scheme, plain.lines)
    arguments = _kernel_arguments(valuation)
    _assert_kernel_agrees(valuation, arguments)
    keys = _keys(full)
    sides: dict[str, Side] = {
        KERNEL: timed(partial(kernel, *arguments)),
        ENGINE: timed(partial(value, plain.scheme, plain.lines)),
        DECIMAL: _decimal_loop(rows),
        ARGSORT: timed(partial(np.argsort, keys)),
        STABLE: timed(partial(np.argsort, keys, kind="stable")),
        EVERYTHING: _StepByStep(
            partial(value, full.scheme, full.lines, obligations=full.obligations)
        ),
    }
    with ExitStack() as stack:
        others = {
            name: stack.enter_context(side)
            for name, by_hand in ((OPENFISCA, False), (BY_HAND, True))
            if (side := _openfisca(plain, by_hand=by_hand)) is not None
        }
        seconds = rounds({**sides, **others}, count)
        for name, side in others.items():
            wrong = _share_wrong(valuation, side.cents())
            print(f"{name}: {wrong:.1%} of the lines are a cent or more wrong, after rounding")
    print_seconds(seconds, rows)
    return list(_figures(seconds))


def _figures(seconds: dict[str, list[float]]) -> Iterator[Figure]:
    def against(above: str, below: str, **target: float) -> Figure:
        times = ratio(seconds, above, below)
        return Figure(f"{above} / {below}", times, "x", **target)

    yield against(ENGINE, KERNEL, at_most=20)
    yield against(DECIMAL, ENGINE, at_least=60)
    if OPENFISCA in seconds:
        yield against(OPENFISCA, ENGINE, at_least=3)
        yield against(BY_HAND, ENGINE, at_least=3)
        yield against(EVERYTHING, OPENFISCA, at_most=1)
        yield against(EVERYTHING, BY_HAND)
    yield against(CROSS, STABLE, at_most=4)
    yield against(CROSS, ARGSORT)


def _decimal_loop(rows: int) -> Side:
    """Make a side of the loop over a tenth of the lines, which is told as ten times its seconds.

    A loop takes ten times as long for ten times the lines, and millions of objects in memory would
    slow the other sides down.
    """
    batch = batches.placements(rows // 10)
    table, lines = decimal_loop.prepare(batch)
    valuation = value(batch.scheme, batch.lines)
    _assert_loop_agrees(valuation, decimal_loop.value_all(table, lines))
    side = timed(partial(decimal_loop.value_all, table, lines))
    return lambda: 10 * side()


class _StepByStep:
    """The engine as a side that tells apart the steps that look at more than one line."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._over_lines = 0.0

    def __call__(self) -> dict[str, float]:
        self._over_lines = 0.0
        steps = {name: getattr(engine, name) for name in OVER_LINES}
        for name, step in steps.items():
            setattr(engine, name, partial(self._step, step))
        try:
            whole = timed(self._work)()
        finally:
            for name, step in steps.items():
                setattr(engine, name, step)
        return {EVERYTHING: whole, CROSS: self._over_lines}

    def _step(self, step: Callable[..., Any], *arguments: object) -> object:
        start = time.perf_counter()
        result = step(*arguments)
        self._over_lines += time.perf_counter() - start
        return result


def _kernel_arguments(valuation: Valuation) -> tuple[Any, ...]:
    columns, scheme = valuation.columns, valuation.scheme
    amounts = np.array([*(block.amount_cents or 0 for block in scheme.blocks), 0])
    good = columns.fault == 0
    as_int = (
        np.where(good, column, 1).astype(np.int64)
        for column in (columns.time_num, columns.time_den, columns.counted_hours)
    )
    return (amounts[columns.block], *as_int, scheme.weekly_hours)


def _keys(batch: batches.Batch) -> npt.NDArray[np.int64]:
    """Person and first counted day of every line with a person, as one number."""
    columns = value(batch.scheme, batch.lines).columns
    person = batch.lines.person.codes
    with_person = np.flatnonzero(person != NOTHING)
    return (person[with_person].astype(np.int64) << 32) + columns.counted_from[with_person]


def _assert_kernel_agrees(valuation: Valuation, arguments: tuple[Any, ...]) -> None:
    good = valuation.columns.fault == 0
    assert good.any()
    assert (kernel(*arguments) == valuation.columns.base_cents)[good].all()


def _assert_loop_agrees(valuation: Valuation, results: decimal_loop.Results) -> None:
    cents = [int(r.value * 100) if isinstance(r, decimal_loop.Valued) else NOTHING for r in results]
    assert (np.array(cents) == valuation.columns.value_cents).all()


def _share_wrong(valuation: Valuation, cents: npt.NDArray[np.int64]) -> float:
    good = valuation.columns.fault == 0
    return float((cents != valuation.columns.value_cents)[good].mean())


def _openfisca(batch: batches.Batch, *, by_hand: bool) -> OpenFisca | None:
    try:
        return OpenFisca(batch, by_hand=by_hand)
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        print(f"OpenFisca is left out: {error}", file=sys.stderr)
        return None
