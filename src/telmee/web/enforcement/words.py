"""The words of enforcement: what comes next on a contract, and where a step stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.apps.enforcement.choices import StepKind
from telmee.apps.enforcement.queries import holds, is_pending, is_withdrawn
from telmee.core.enforcement import Why

if TYPE_CHECKING:
    from telmee.apps.enforcement.models import Step

STEPS: Mapping[str, str | Promise] = dict(StepKind.choices)
SECOND, REVIEW = "second", "review"
#: What is the matter with a contract that is behind, in the order in which it asks for somebody.
MATTERS: Mapping[str, tuple[str | Promise, str]] = {
    Why.DUE: (gettext_lazy("To decide"), "warning"),
    SECOND: (gettext_lazy("Waits for a second person"), "warning"),
    REVIEW: (gettext_lazy("Look again: figures were corrected"), "warning"),
    Why.UNDECIDED: (gettext_lazy("Waits for decisions on effort"), "info"),
    Why.TERM: (gettext_lazy("A term runs"), "info"),
    Why.END: (gettext_lazy("Waits for the end of the contract"), "info"),
    Why.LENIENT: (gettext_lazy("Leniency"), "info"),
    Why.COMPLETE: (gettext_lazy("All steps were taken"), ""),
}


def step_state(step: Step) -> tuple[str, str]:
    """Where a step stands, with its look."""
    if is_withdrawn(step):
        return _("Withdrawn"), ""
    if is_pending(step):
        return _("Waits for a second person"), "warning"
    return (_("Holds"), "positive") if holds(step) else (_("Not agreed with"), "")
