"""The words of how a contract fares: each risk, and which comparison made it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from telmee.core.ledger import Outlook, Reason, Risk
from telmee.core.money import WHOLE_BP
from telmee.web.language import Words
from telmee.web.templatetags.telmee import basis_points, euros

#: Each risk with its look, from no concern to the greatest; the last three are no risk at all.
RISKS: Mapping[str, tuple[Words, str]] = {
    Risk.MET: (_("Met"), "positive"),
    Risk.ON_COURSE: (_("On course"), "info"),
    Risk.BEHIND: (_("Behind"), "warning"),
    Risk.AT_RISK: (_("At risk"), "negative"),
    Risk.OVERDUE: (_("Overdue"), "negative"),
    Risk.NOTHING: (_("Nothing owed"), ""),
    Risk.CLOSED: (_("Not followed any more"), ""),
    "": (_("Not shown to you"), ""),
}
_MEANINGS: Mapping[str, Words] = {
    Risk.MET: _("Nothing is open any more."),
    Risk.ON_COURSE: _("Enough is expected at the end, and what is done keeps up with the time."),
    Risk.AT_RISK: _(
        "More than half of what is owed should be done by now, and less than 80% of it is expected"
        " at the end."
    ),
    Risk.OVERDUE: _("The end has passed, and something is still open."),
}
_FALLS_SHORT: Mapping[Reason, Words] = {
    Reason.EXPECTED: _("Less is expected at the end than is owed."),
    Reason.DONE: _("Less is done than fits the time that has passed."),
}
_IN_SHORT: Mapping[tuple[Reason, ...], Words] = {
    (Reason.EXPECTED,): _("too little expected"),
    (Reason.DONE,): _("too little done"),
    (Reason.EXPECTED, Reason.DONE): _("both too little"),
}
#: The risks that follow from the two comparisons.
_COMPARED = (Risk.ON_COURSE, Risk.BEHIND, Risk.AT_RISK)


def reasons_in_short(outlook: Outlook) -> str:
    """Which comparisons made the risk, for a row of a list; empty where the risk says it all."""
    return str(_IN_SHORT.get(outlook.reasons, ""))


def risk_meaning(outlook: Outlook) -> str:
    """What the risk of a contract means, in a sentence or two."""
    if outlook.risk is Risk.BEHIND:
        return " ".join(str(_FALLS_SHORT[reason]) for reason in outlook.reasons)
    return str(_MEANINGS.get(outlook.risk, ""))


def comparisons(outlook: Outlook, *, of_call_offs: bool) -> Iterator[dict[str, object]]:
    """The two comparisons that a risk follows from, in figures, and which of them made it.

    Of a framework agreement each call-off has days of its own, so what is due says how far it is.
    """
    if outlook.risk not in _COMPARED:
        return
    owed = outlook.position.owed_cents
    figures = {
        "owed": euros(owed),
        "expected": euros(outlook.expected_to_count_cents),
        "expected_share": _share(outlook.expected_to_count_cents, owed),
        "done": euros(outlook.done_to_count_cents),
        "done_share": _share(outlook.done_to_count_cents, owed),
        "passed": outlook.passed,
        "days": outlook.days,
        "passed_share": _share(outlook.passed, outlook.days),
        "due": euros(outlook.due_cents),
        "due_share": _share(outlook.due_cents, owed),
    }
    done = gettext(
        "By now %(done)s counts or was delivered (%(done_share)s), and %(passed)s of %(days)s"
        " days have passed (%(passed_share)s)."
    )
    if of_call_offs:
        done = gettext(
            "By now %(done)s counts or was delivered (%(done_share)s). By the days of each call-off"
            " it should be %(due)s (%(due_share)s)."
        )
    sentences = {
        Reason.EXPECTED: gettext(
            "At the end %(expected)s is expected of the %(owed)s that is owed (%(expected_share)s)."
        ),
        Reason.DONE: done,
    }
    beyond = {
        Reason.EXPECTED: outlook.beyond_expected_cents,
        Reason.DONE: outlook.beyond_done_cents,
    }
    for reason, sentence in sentences.items():
        falls_short = reason in outlook.lacking
        yield {
            "text": " ".join(filter(None, (sentence % figures, not_counted(beyond[reason])))),
            "word": gettext("Too little") if falls_short else gettext("Enough"),
            "kind": RISKS[outlook.risk][1] if reason in outlook.reasons else "",
            "decides": reason in outlook.reasons,
        }


def not_counted(cents: int) -> str:
    """What of a framework does not count: one call-off has more of it than it owes."""
    if not cents:
        return ""
    text = gettext("What is more than a call-off owes by itself is not counted: %(amount)s.")
    return text % {"amount": euros(cents)}


def _share(part: int, whole: int) -> str:
    """A part of a whole as a percentage, rounded down: 99,99% is not all of it."""
    return basis_points(part * WHOLE_BP // whole // 100 * 100)
