"""The clients of a region as partners: what each wants, what came of it, and how many there are."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from telmee.apps.reports.partners import Partners


def partners_shown(partners: Partners | None) -> dict[str, object] | None:
    """The table and the sentences of the partners; nothing where there is no region."""
    if partners is None:
        return None
    return {"rows": partners.rows, "sentences": [_partners(partners), _enterprises(partners)]}


def _partners(partners: Partners) -> str:
    count = len(partners.rows)
    words = ngettext(
        "%(count)s partner has figures in this year.",
        "%(count)s partners have figures in this year.",
        count,
    )
    return _with_goal(words % {"count": count}, partners.partners_goal)


def _enterprises(partners: Partners) -> str:
    count = partners.enterprises
    words = ngettext(
        "%(count)s enterprise is recognised today by the region or a partner.",
        "%(count)s enterprises are recognised today by the region or a partner.",
        count,
    )
    return _with_goal(words % {"count": count}, partners.enterprises_goal)


def _with_goal(words: str, goal: int | None) -> str:
    if goal is None:
        return words
    return words + " " + _("The goal for this year is {goal}.").format(goal=goal)
