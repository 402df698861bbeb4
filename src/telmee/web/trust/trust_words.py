"""The words of trust: why a line is left to a person, and where trust stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.apps.trust.queries import weighing_of
from telmee.core.trust import Doubt
from telmee.web.language import Words
from telmee.web.templatetags.telmee import day

if TYPE_CHECKING:
    from telmee.apps.contributions.models import Contribution
    from telmee.apps.trust.models import Lapse

DOUBTS: Mapping[str, Words] = {
    Doubt.AWAY: gettext_lazy("the trust in this contractor is away for a time"),
    Doubt.FEW_LINES: gettext_lazy("too few lines of this contractor were looked at"),
    Doubt.TOO_OFTEN_WRONG: gettext_lazy("lines of this contractor were changed too often"),
    Doubt.BLOCK: gettext_lazy("the rule is not for this building block"),
    Doubt.AMOUNT: gettext_lazy("the amount is above the highest of the rule"),
    Doubt.NO_VALUE: gettext_lazy("a person has to set the amount"),
    Doubt.ASSUMED: gettext_lazy("the value leans on something that the scheme assumes"),
    Doubt.TO_CHECK: gettext_lazy("there is a point to check"),
    Doubt.DOUBLE: gettext_lazy("it may be counted twice"),
    Doubt.PROOF: gettext_lazy("proof is missing"),
    Doubt.ASKED: gettext_lazy("somebody asked about it"),
    Doubt.DECIDED_BEFORE: gettext_lazy("somebody decided on it before"),
    Doubt.REFUSED: gettext_lazy("who set the rule may not decide on it"),
}


def doubts_in_words(doubts: Iterable[str]) -> str:
    """Why a line was left to a person, as one text."""
    return ", ".join(str(DOUBTS[doubt]) for doubt in doubts)


def weighed_in_words(line: Contribution) -> str:
    """What the rule of trust said of a line that waits; empty where no rule looked at it."""
    weighing = weighing_of(line)
    if weighing is None or weighing.decision_id is not None:
        return ""
    return _("Not accepted automatically: %(why)s.") % {"why": doubts_in_words(weighing.doubts)}


def lapse_state(lapse: Lapse, today: date) -> tuple[str, str]:
    """Where trust stands that was taken away, with its look."""
    if lapse.lifted_at is not None:
        return _("Given back"), "positive"
    if lapse.until < today:
        return _("Over"), ""
    return _("Away until and including %(day)s") % {"day": day(lapse.until)}, "warning"
