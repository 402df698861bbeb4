"""What a line is worth after others were decided on: limits and caps count those as well.

A line and those decided before it are valued in one batch, by the same engine, and what was
decided keeps its value. A line that begins before decided ones comes before them on a clock and
under a cap; what it would take from them there comes off its own value instead
(docs/algorithms/ledger.md section 4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from telmee.core.contributions.lines import together
from telmee.core.errors import Problem
from telmee.core.explain import Step, Value
from telmee.core.schemes.model import Scheme
from telmee.core.tables.cells import shown
from telmee.core.tables.contribution_columns import Contributions
from telmee.core.valuation.clocks import NAMED_MAX
from telmee.core.valuation.engine import Status, Valuation, value
from telmee.core.valuation.explanation import explain
from telmee.core.valuation.line_receipt import Receipt, receipt

#: Where a receipt keeps what was displaced, among what the caps took off. Keys of a scheme have no
#: hyphen, so no cap can have this one.
DECIDED_BEFORE = "decided-before"
_RULE = "convention.decided_before"


@dataclass(frozen=True, slots=True)
class Displaced:
    """A decided line that would have been worth something else beside a new line."""

    line: int
    alone_cents: int
    beside_cents: int


@dataclass(frozen=True, slots=True)
class ValuedAfter:
    """A line, valued beside the lines that were decided before.

    `valuation` is of the whole batch, in which the line is at `index`. `displaced_cents` is what it
    would have taken from decided lines, and is off its value; `displaced` says from which, and what
    those came to without it. `checks` are told at the end of its story: what only who keeps the
    lines can know.
    """

    valuation: Valuation
    index: int
    displaced_cents: int
    checks: tuple[Step, ...] = ()
    displaced: tuple[Displaced, ...] = ()

    @property
    def status(self) -> Status:
        """Valued, for a person to judge, or refused."""
        return self.valuation.status(self.index)

    @property
    def value_cents(self) -> int | None:
        """Cents, less what it would take from decided lines; None, and never 0, if not valued."""
        cents = self.valuation.value_cents(self.index)
        return None if cents is None else cents - self.displaced_cents

    def problems(self) -> Iterator[Problem]:
        """Each thing that keeps the line from having a value, those of its cells first."""
        return self.valuation.problems(self.index)

    def explain(self) -> tuple[Step, ...]:
        """How the line came to its value, with what was decided before as a step."""
        return (*self._story(), *self.checks)

    def _story(self) -> Iterator[Step]:
        for step in explain(self.valuation, self.index):
            if step.step == "value_cents" and self.displaced_cents:
                yield from self._displaced_steps()
                yield replace(step, value=self.value_cents)
            else:
                yield step

    def _displaced_steps(self) -> Iterator[Step]:
        """Name the decided lines that lost or gained, the largest first, and what comes off.

        A line without a reference is one that who reads this may not see; those are told together.
        """
        references = self.valuation.lines.reference
        most = sorted(self.displaced, key=lambda one: -abs(one.alone_cents - one.beside_cents))
        apart = [one for one in most if references[one.line]][:NAMED_MAX]
        for one in apart:
            name = shown(references[one.line] or "")
            yield _displaced_step("decided_line", [one], {"reference": name})
        if others := [one for one in most if one not in apart]:
            yield _displaced_step("decided_lines", others, {"lines": len(others)})
        lost = sum(one.alone_cents - one.beside_cents for one in self.displaced)
        how = "all" if lost == self.displaced_cents else "at_most"
        params: dict[str, Value] = {"lost_cents": lost, "how": how}
        yield Step("decided_before", self.displaced_cents, "cents", _RULE, params=params)

    def receipt(self) -> Receipt:
        """Write the receipt of the line: `recompute` comes to its value from that alone."""
        kept = receipt(self.valuation, self.index)
        if not self.displaced_cents:
            return kept
        taken_off = {**kept.taken_off, DECIDED_BEFORE: self.displaced_cents}
        return replace(kept, taken_off=taken_off, value_cents=self.value_cents)


def _displaced_step(name: str, some: list[Displaced], params: dict[str, Value]) -> Step:
    """What decided lines were worth, and would have been beside the new line."""
    alone = sum(one.alone_cents for one in some)
    beside = sum(one.beside_cents for one in some)
    how = "less" if beside < alone else "more"
    params |= {"alone_cents": alone, "beside_cents": beside, "how": how}
    return Step(name, abs(alone - beside), "cents", _RULE, params=params)


def blocks_shared_on_contract(scheme: Scheme) -> frozenset[str]:
    """The keys of blocks whose lines share a cap with other persons' lines of their contract.

    A line of any other block leans on the lines of its own person alone, so that nothing else of
    its contract need be read before it is valued. Caps are taken per day, per person and then per
    contract: what a day takes off one person's line leaves room under the cap of that person, so
    where there are caps per day, those per person carry it on.
    """
    by_day = any(cap.per == "day" for cap in scheme.caps)
    sharing = (cap for cap in scheme.caps if by_day or cap.per == "contract")
    return frozenset[str]().union(*(cap.blocks for cap in sharing))


def value_after(
    scheme: Scheme,
    decided: Contributions,
    line: Contributions,
    *,
    obligations: Mapping[str, int] | None = None,
    until: int | None = None,
) -> ValuedAfter:
    """Value the one line of `line` beside those decided before, each with its cells as decided.

    Only decided lines of the same person or the same contract matter; others change nothing.
    `obligations` and `until` are as for `value`. Raises `ValueError` where `line` is not one line.
    """
    if len(line) != 1:
        raise ValueError(f"one line is valued at a time, not {len(line)}")
    index = len(decided)
    beside = value(scheme, together(decided, line), until=until, obligations=obligations)
    own = beside.value_cents(index) or 0
    if not own:
        return ValuedAfter(beside, index, 0)
    before = value(scheme, decided, until=until, obligations=obligations)
    displaced = tuple(_displaced(before, beside))
    lost = sum(one.alone_cents - one.beside_cents for one in displaced)
    return ValuedAfter(beside, index, min(max(lost, 0), own), displaced=displaced)


def _displaced(before: Valuation, beside: Valuation) -> Iterator[Displaced]:
    """The decided lines that the new one, which comes last in the batch, changes."""
    worth = (np.maximum(one.columns.value_cents[: len(before)], 0) for one in (before, beside))
    alone, with_it = worth
    for line in np.flatnonzero(alone != with_it).tolist():
        yield Displaced(line, int(alone[line]), int(with_it[line]))
