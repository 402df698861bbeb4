"""The enforcement ladder: which step is due on a contract that is behind, and what it rests on."""

from telmee.core.enforcement.effect import Effect, Signalled, effect_of
from telmee.core.enforcement.ladder import (
    Leaving,
    Next,
    Pace,
    Span,
    Taken,
    Why,
    leaving_of,
    next_step,
    term_end,
)
from telmee.core.enforcement.terms import (
    CENTS_LEAST,
    DAYS_MAX,
    WEEKS_MAX,
    Step,
    StepTerms,
    Terms,
)

__all__ = [
    "CENTS_LEAST",
    "DAYS_MAX",
    "WEEKS_MAX",
    "Effect",
    "Leaving",
    "Next",
    "Pace",
    "Signalled",
    "Span",
    "Step",
    "StepTerms",
    "Taken",
    "Terms",
    "Why",
    "effect_of",
    "leaving_of",
    "next_step",
    "term_end",
]
