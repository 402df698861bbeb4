"""When a line is accepted without a person looking: what has to be so, and what stands in the way.

A client says how much of a contractor's lines must have been right, over how long, and up to which
amount and in which blocks that is trusted. Whatever the engine or somebody else has a question
about goes to a person. Nothing here changes what a line is worth.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from telmee.core.errors import Problem
from telmee.core.money import CENTS_MAX, WHOLE_BP

#: The widest that a client can set each of these.
LINES_MAX, MONTHS_MAX, AWAY_DAYS_MAX = 1_000, 36, 732


@dataclass(frozen=True, slots=True)
class Terms:
    """What a client asks of a contractor and of a line before it is accepted by itself."""

    least_lines: int
    least_right_bp: int
    months: int
    most_cents: int
    blocks: frozenset[str]
    #: Whether a value may lean on what its scheme assumes where the published text is silent.
    with_assumed: bool = False
    #: Whether it may pass without proof that somebody of the client has; a sample asks for it.
    without_proof: bool = False

    def problems(self, away_days: int) -> Iterator[Problem]:
        """What cannot be asked, each beside its field."""
        limits = {
            "least_lines": (self.least_lines, LINES_MAX),
            "least_right_bp": (self.least_right_bp, WHOLE_BP),
            "months": (self.months, MONTHS_MAX),
            "most_cents": (self.most_cents, CENTS_MAX),
            "away_days": (away_days, AWAY_DAYS_MAX),
        }
        for name, (number, maximum) in limits.items():
            if not 1 <= number <= maximum:
                yield Problem("trust_limit", name, params={"maximum": maximum})
        if not self.blocks:
            yield Problem("trust_no_blocks", "blocks")


@dataclass(frozen=True, slots=True)
class Record:
    """How many lines of a contractor people looked at, and how many were right as handed in.

    >>> Record(20, 19).is_enough(Terms(20, 95_00, 12, 1, frozenset("a")))
    True
    """

    lines: int = 0
    right: int = 0

    def is_enough(self, terms: Terms) -> bool:
        """Whether there are enough lines, and enough of them right."""
        return not self.doubts(terms)

    def doubts(self, terms: Terms) -> list[Doubt]:
        """What is lacking in the record; the part that is right is compared without rounding."""
        if self.lines < terms.least_lines:
            return [Doubt.FEW_LINES]
        low = self.right * WHOLE_BP < self.lines * terms.least_right_bp
        return [Doubt.TOO_OFTEN_WRONG] if low else []


class Doubt(StrEnum):
    """Why a line is left to a person."""

    AWAY = "away"
    FEW_LINES = "few_lines"
    TOO_OFTEN_WRONG = "too_often_wrong"
    BLOCK = "block"
    AMOUNT = "amount"
    NO_VALUE = "no_value"
    ASSUMED = "assumed"
    TO_CHECK = "to_check"
    DOUBLE = "double"
    PROOF = "proof"
    ASKED = "asked"
    DECIDED_BEFORE = "decided_before"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a line that was handed in.

    `cents` is its value by the rules, `None` where a person must name one. `flags` are the doubts
    that were seen by looking at it: an assumption, a point to check, a possible double and so on.
    """

    block: str
    cents: int | None
    flags: frozenset[Doubt] = frozenset()


def doubts_of(terms: Terms, record: Record, line: Facts) -> tuple[Doubt, ...]:
    """All that stands in the way of accepting a line by itself, in the order of `Doubt`."""
    seen = set[Doubt](line.flags) | set(record.doubts(terms))
    if terms.with_assumed:
        seen.discard(Doubt.ASSUMED)
    if terms.without_proof:
        seen.discard(Doubt.PROOF)
    if line.block not in terms.blocks:
        seen.add(Doubt.BLOCK)
    if line.cents is None:
        seen.add(Doubt.NO_VALUE)
    elif line.cents > terms.most_cents:
        seen.add(Doubt.AMOUNT)
    return in_order(seen)


def in_order(doubts: Iterable[Doubt]) -> tuple[Doubt, ...]:
    """Doubts in the order in which they are said."""
    seen = set(doubts)
    return tuple(doubt for doubt in Doubt if doubt in seen)
