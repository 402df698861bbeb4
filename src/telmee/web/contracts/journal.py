"""The journal of a contract: who did what, when and why, with where that stands."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.audit.queries import events_on_contract
from telmee.apps.contracts.access import ContractAccess, contract_for
from telmee.apps.contributions.access import on_contract
from telmee.apps.ledger.places import places_of
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.journal import JournalEntry, done_by, journal_of
from telmee.apps.schemes.queries import rules_of
from telmee.web.contracts.contract_words import deeds_on, details_of, kinds_on
from telmee.web.contracts.frame import around
from telmee.web.lists import Column, Filter, ListPage
from telmee.web.middleware import TelmeeRequest
from telmee.web.schemes.block_words import block_names
from telmee.web.templatetags.telmee import moment

if TYPE_CHECKING:
    from telmee.apps.audit.models import Event

Row = dict[str, Any]


@login_required
@require_safe
def journal(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show who did what on a contract, when and why."""
    access = contract_for(request.acting, pk)
    listing = _journal(access).read(
        request, events_on_contract(pk), prepare=partial(deeds, access, request.acting)
    )
    context = around(access, "contract-journal") | {"listing": listing}
    return listing.file() or render(request, "contracts/journal.html", context)


def deeds(access: ContractAccess, acting: Acting, events: Iterable[Event]) -> list[Row]:
    """What the journal says of events; a line that one does not see has no link."""
    blocks = block_names(rules_of(access.contract.scheme))
    kinds, verbs = kinds_on(access.contract), deeds_on(access.contract)
    entries = journal_of(acting, events)
    about = {entry.object_id for entry in entries if entry.kind == "contribution"}
    lines = dict(on_contract(access).filter(pk__in=about).values_list("pk", "reference"))
    booked = {entry.object_id for entry in entries if entry.kind == "ledger" and access.sees_all}
    numbers = {pk: place.number for pk, place in places_of(booked, [access.contract.pk]).items()}
    return [
        {
            "id": entry.id,
            "at": entry.at,
            "who": entry.who or _("Telmee itself"),
            "what": str(verbs.get(entry.verb, entry.verb)),
            "details": details_of(entry.details, blocks, kinds),
            "why": entry.reason,
            **_subject(access, entry, lines, numbers),
        }
        for entry in entries
    ]


def _subject(
    access: ContractAccess, entry: JournalEntry, lines: dict[int, str], numbers: dict[int, int]
) -> Row:
    """What an event is about, and where that stands; nothing for what one does not see."""
    pk, about = access.contract.pk, entry.object_id
    if entry.kind == "contribution" and about in lines:
        return {"about": lines[about], "url": reverse("contribution", args=[about])}
    if entry.kind == "ledger" and about in numbers:
        text = _("Entry no. %(number)s") % {"number": numbers[about]}
        return {"about": text, "url": reverse("entry", args=[pk, about])}
    if entry.verb.startswith("contract.plan_") or entry.details.get("agreement") == "plan":
        return {"about": _("Plan"), "url": reverse("contract-plan", args=[pk])}
    if entry.verb == "contract.amended" and access.sees_all:
        return {"about": _("History"), "url": reverse("contract-history", args=[pk])}
    return {"about": "", "url": None}


def _search_journal(access: ContractAccess, events: QuerySet[Event], text: str) -> QuerySet[Event]:
    """Look for who did it, for what in the words of the page, and in the reason."""
    wanted = text.casefold()
    deeds_here = deeds_on(access.contract)
    verbs = [verb for verb, words in deeds_here.items() if wanted in str(words).casefold()]
    by_name = done_by(access.acting, events, text).values("pk")
    return events.filter(Q(reason__icontains=text) | Q(verb__in=verbs) | Q(pk__in=by_name))


_SUBJECTS = {
    "contract": gettext_lazy("Contract"),
    "contribution": gettext_lazy("Effort"),
    "ledger": gettext_lazy("Books"),
}


def _subject_url(row: Row) -> str | None:
    return row["url"]  # type: ignore[no-any-return]


def _journal(access: ContractAccess) -> ListPage:
    return ListPage(
        name=gettext_lazy("Journal"),
        columns=(
            Column("at", gettext_lazy("When"), order="at", words=moment),
            Column("who", gettext_lazy("Who")),
            Column("what", gettext_lazy("What")),
            Column("about", gettext_lazy("About"), kind="code", url=_subject_url),
            Column("details", gettext_lazy("Details")),
            Column("why", gettext_lazy("Why")),
        ),
        default="-at",
        last_order="-id",
        filters=(Filter("subject", gettext_lazy("About"), _SUBJECTS.items, "kind"),),
        search=partial(_search_journal, access),
        search_label=gettext_lazy("Who, what or why"),
        counts_along=True,
    )
