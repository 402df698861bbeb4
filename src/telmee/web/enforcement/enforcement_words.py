"""The words of enforcement: what comes next on a contract, and where a step stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.apps.contracts.chains import rules_on
from telmee.apps.enforcement.choices import StepKind
from telmee.apps.enforcement.queries import holds, is_pending, is_withdrawn, sanction_kept
from telmee.core.enforcement import Why
from telmee.core.obligations.sanctions import sanction_kind
from telmee.texts import phrase
from telmee.web.language import Words, active

if TYPE_CHECKING:
    from telmee.apps.contracts.models import Contract
    from telmee.apps.enforcement.models import Step

STEPS: Mapping[str, Words] = dict(StepKind.choices)
SECOND, REVIEW = "second", "review"
#: What is the matter with a contract that is behind, in the order in which it asks for somebody.
MATTERS: Mapping[str, tuple[Words, str]] = {
    Why.DUE: (gettext_lazy("To decide"), "warning"),
    SECOND: (gettext_lazy("Waits for a second person"), "warning"),
    REVIEW: (gettext_lazy("Look again: figures were corrected"), "warning"),
    Why.UNDECIDED: (gettext_lazy("Waits for decisions on effort"), "info"),
    Why.TERM: (gettext_lazy("A term runs"), "info"),
    Why.END: (gettext_lazy("Waits for the end of the contract"), "info"),
    Why.LENIENT: (gettext_lazy("Leniency"), "info"),
    Why.COMPLETE: (gettext_lazy("All steps were taken"), ""),
}


def step_name(step: Step) -> str:
    """What a step is called: one that costs money by the word of its scheme."""
    if step.kind != StepKind.PENALTY:
        return str(STEPS[step.kind])
    return sanction_name(sanction_kept(step))


def next_name(contract: Contract, kind: str | None) -> str:
    """What the step that comes next on a contract is called."""
    if kind != StepKind.PENALTY:
        return str(STEPS.get(kind or "", ""))
    today = timezone.localdate()
    return sanctions_on(contract, [today])[today]


def sanctions_on(contract: Contract, days: Iterable[date]) -> dict[date, str]:
    """What the rules of a contract on each of some days call what a shortfall costs, in words."""
    rules = rules_on(contract, days)
    return {day: sanction_name(sanction_kind(of_day)) for day, of_day in rules.items()}


def sanction_name(kind: str) -> str:
    """A kind of sanction in words: a penalty, a withholding or a buy-out."""
    return phrase(f"obligation.kind.{kind}", active())


def step_state(step: Step) -> tuple[str, str]:
    """Where a step stands, with its look."""
    if is_withdrawn(step):
        return _("Withdrawn"), ""
    if is_pending(step):
        return _("Waits for a second person"), "warning"
    return (_("Holds"), "positive") if holds(step) else (_("Not agreed with"), "")
