"""What a client chose of its ladder: which steps, how long after each, and for whom they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from telmee.core.errors import Problem
from telmee.core.money import CENTS_MAX, WHOLE_BP

#: The widest that a client can set each of these.
DAYS_MAX, WEEKS_MAX = 366, 52
#: Less than this is never behind: nobody is written to about a cent of rounding.
CENTS_LEAST = 100


class Step(StrEnum):
    """A rung of the ladder, in the order in which they are climbed."""

    REMINDER = "reminder"
    SIGNAL = "signal"
    DEFAULT = "default"
    PENALTY = "penalty"


@dataclass(frozen=True, slots=True)
class StepTerms:
    """One rung: how many days a contractor then has, and who may decide on it.

    The days after a signal are the recovery period. From `second_from_cents` on another person has
    to agree; `None` asks for nobody.
    """

    step: Step
    days: int
    by_manager: bool = False
    second_from_cents: int | None = None

    def asks_second(self, cents: int) -> bool:
        """Whether another person has to agree with this step about so many cents."""
        return self.second_from_cents is not None and cents >= self.second_from_cents


@dataclass(frozen=True, slots=True)
class Terms:
    """When a contract is behind, and which steps follow.

    It is behind while it runs when `behind_bp` of what it owes lacks at the pace of its days, and
    `after_end_days` after its last day when anything is open; both from `least_cents`.
    `effect_weeks` is within how many weeks of a signal a contract is expected to catch up.
    """

    steps: tuple[StepTerms, ...]
    behind_bp: int
    least_cents: int
    after_end_days: int
    effect_weeks: int

    def of(self, step: Step) -> StepTerms | None:
        """The terms of one rung; None where the ladder has no such rung."""
        return next((rung for rung in self.steps if rung.step is step), None)

    def after(self, step: Step | None) -> StepTerms | None:
        """The rung after another, the first one after none."""
        order = list(Step)
        passed = -1 if step is None else order.index(step)
        return next((rung for rung in self.steps if order.index(rung.step) > passed), None)

    def problems(self) -> Iterator[Problem]:
        """What cannot be chosen, each beside its field."""
        yield from _outside("behind_bp", self.behind_bp, 1, WHOLE_BP)
        yield from _outside("least_cents", self.least_cents, CENTS_LEAST, CENTS_MAX)
        yield from _outside("after_end_days", self.after_end_days, 0, DAYS_MAX)
        yield from _outside("effect_weeks", self.effect_weeks, 1, WEEKS_MAX)
        for rung in self.steps:
            yield from _outside(f"{rung.step}_days", rung.days, 1, DAYS_MAX)
            if rung.second_from_cents is not None:
                name = f"{rung.step}_second"
                yield from _outside(name, rung.second_from_cents, 0, CENTS_MAX)
        if not self.steps:
            yield Problem("ladder_no_steps")
        if self.of(Step.PENALTY) and not self.of(Step.DEFAULT):
            # A contractor is in default only after a notice with a term (art. 6:82 BW).
            yield Problem("ladder_penalty_without_default", f"{Step.DEFAULT}_on")


def _outside(name: str, number: int, minimum: int, maximum: int) -> Iterator[Problem]:
    if not minimum <= number <= maximum:
        yield Problem("ladder_limit", name, params={"minimum": minimum, "maximum": maximum})
