"""By what lines are searched and filtered, whether they wait for a decision or have one."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.names import search_key
from telmee.web.lists import Filter

Lines = QuerySet[Any, Any]


def search_lines(lines: Lines, text: str) -> Lines:
    """The lines with a text in their number, in their contract or in the name of who delivered."""
    key = search_key(text)
    return lines.filter(
        Q(reference__icontains=text)
        | Q(contract__search_text__contains=key)
        | Q(organisation__search_name__contains=key)
    )


def contract_filter() -> Filter:
    """A box for a part of the number or the name of a contract."""
    return Filter("contract", gettext_lazy("Contract"), None, _on_contract)


def _on_contract(lines: Lines, text: str) -> Lines:
    return lines.filter(contract__search_text__contains=search_key(text))


def adviser_filter(acting: Acting) -> Filter:
    """The choice of the contracts that somebody looks after himself."""
    return Filter(
        "adviser",
        gettext_lazy("Adviser"),
        lambda: [("me", _("Only my contracts"))],
        lambda lines, _me: lines.filter(contract__adviser=acting.user_id),
    )
