"""What somebody who decides makes of a line, and what he had before him: not written anywhere yet.

`actions.decide` makes a decision of it, with what the line itself and the rules say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from telmee.apps.contributions.cells import Cells
from telmee.apps.contributions.transitions import Step
from telmee.apps.decisions.choices import DecisionReason, Outcome, Ruling
from telmee.core.errors import Problem
from telmee.core.free_text import RULE_PATH, reason_problems
from telmee.core.money import CENTS_MAX

STEPS = {
    Outcome.PARTLY: Step.PART,
    Outcome.ACCEPTED: Step.ACCEPT,
    Outcome.ADJUSTED: Step.ADJUST,
    Outcome.REJECTED: Step.REJECT,
    Outcome.REOPENED: Step.REOPEN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What comes of a line, and why.

    Accepting takes the engine's value. Adjusting values changed `cells`, or takes `amount_cents`
    where a person judged. Rejecting counts nothing, and so does reopening, after which the line
    waits again. `rule` is the dotted path in the scheme on which it turned.

    On an objection `ruling` says what came of it; what `stands` keeps the figure that stood.
    """

    outcome: Outcome
    reason: DecisionReason | None = None
    text: str = ""
    rule: str = ""
    cells: Cells | None = None
    amount_cents: int | None = None
    ruling: Ruling | None = None
    stands: bool = False

    @property
    def counts(self) -> bool:
        """Whether the line counts for something by it, so that it needs a figure."""
        return self.outcome in (Outcome.ACCEPTED, Outcome.ADJUSTED)

    def problems(self) -> list[Problem]:
        """What is missing in it or does not fit, whatever the line is."""
        accepts = self.outcome is Outcome.ACCEPTED
        lacks_reason = not accepts and self.reason is None
        faults = [Problem("missing_reason", "reden")] if lacks_reason else []
        faults += reason_problems(self.text, required=not accepts or self.ruling is not None)
        faults += RULE_PATH.problems("regel", self.rule)
        if self.amount_cents is not None and not 0 <= self.amount_cents <= CENTS_MAX:
            faults.append(Problem("decision_amount_out_of_range", "vastgesteld_bedrag"))
        return faults


@dataclass(frozen=True, slots=True)
class Seen:
    """A line as it stood on the screen of who decides on it, and the day of that screen.

    Nobody decides on another version than he saw, or accepts another amount. Who decides without a
    screen leaves it empty.
    """

    version: int | None = None
    cents: int | None = None
    on: date | None = None
