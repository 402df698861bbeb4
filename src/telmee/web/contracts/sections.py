"""The sections of a contract: effort, documents and journal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.db.models import F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.audit.queries import events_on_contract
from telmee.apps.contracts.access import ContractAccess, contract_for
from telmee.apps.contracts.choices import DELIVERING_ROLES
from telmee.apps.contributions.access import on_contract
from telmee.apps.contributions.choices import UNDECIDED_STATES
from telmee.apps.contributions.documents import documents_on
from telmee.apps.contributions.queries import to_come, verified_to_come
from telmee.apps.ledger.places import places_of
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.journal import JournalEntry, doers, done_by, journal_of
from telmee.apps.schemes.queries import rules_of
from telmee.web.contracts.contract_words import deeds_on, details_of, kinds_on
from telmee.web.contracts.frame import around, effort_buttons
from telmee.web.contracts.taking_over import sums_before
from telmee.web.contributions.line_words import STATES
from telmee.web.language import Words
from telmee.web.lists import Column, Filter, ListPage, status_choices
from telmee.web.middleware import TelmeeRequest
from telmee.web.period_column import period_column
from telmee.web.schemes.block_words import block_names
from telmee.web.templatetags.telmee import moment
from telmee.web.to_come import rest_column, to_come_column

if TYPE_CHECKING:
    from telmee.apps.audit.models import Event

Row = dict[str, Any]
_UNDECIDED = "undecided"


# Effort -------------------------------------------------------------------------------------


@login_required
@require_safe
def contributions(request: TelmeeRequest, pk: int) -> HttpResponse:
    """List the lines of effort on a contract, as far as somebody sees them."""
    access = contract_for(request.acting, pk)
    today = timezone.localdate()
    rows = on_contract(access).values(
        "id", "reference", "block", "begin", "end", "value_cents", "verified_cents", "rest_cents",
        "state",
        "submitted_at", party=F("organisation__name"),
        delivered_to_come=to_come("value_cents", "receipt", today),
        verified_to_come=verified_to_come(today),
    )  # fmt: skip
    listing = _effort(access).read(request, rows)
    context = around(access, "contract-contributions")
    context |= {
        "listing": listing,
        "buttons": list(effort_buttons(access)),
        "former_since": access.formers.get(access.delivering_for or 0),
        "before": sums_before(access),
    }
    return listing.file() or render(request, "contracts/contributions.html", context)


def _effort(access: ContractAccess) -> ListPage:
    names = block_names(rules_of(access.contract.scheme))
    return ListPage(
        name=_("Effort on %(contract)s") % {"contract": access.contract.reference},
        columns=(
            Column(
                "reference",
                gettext_lazy("Reference"),
                kind="code",
                order="reference",
                url=_line_url,
            ),
            Column(
                "block",
                gettext_lazy("Building block"),
                order="block",
                words=lambda key: names.get(key, key),
            ),
            Column("party", gettext_lazy("Delivered by"), order="party"),
            period_column(),
            Column(
                "value_cents",
                gettext_lazy("Delivered"),
                kind="money",
                order="value_cents",
                under=to_come_column("delivered_to_come"),
            ),
            Column(
                "verified_cents",
                gettext_lazy("Verified"),
                kind="money",
                order="verified_cents",
                under=replace(to_come_column("verified_to_come"), under=rest_column()),
            ),
            Column("submitted_at", gettext_lazy("Handed in"), kind="date", order="submitted_at"),
            Column(
                "state",
                gettext_lazy("Status"),
                kind="status",
                order="state",
                words=STATES.__getitem__,
            ),
        ),
        default="-submitted_at",
        filters=(
            Filter("state", gettext_lazy("Status"), _states, _in_state),
            Filter("block", gettext_lazy("Building block"), names.items, "block"),
            Filter(
                "party",
                gettext_lazy("Delivered by"),
                lambda: _deliverers(access),
                "organisation_id",
            ),
        ),
        search=("reference__icontains", "person__code__icontains", "note__icontains"),
        search_label=gettext_lazy("Reference, code of a person or note"),
        counts_along=True,
    )


def _states() -> list[tuple[str, Words]]:
    """The states to choose from, and what waits for a decision: whole lines and what is left."""
    return [*status_choices(STATES)(), (_UNDECIDED, gettext_lazy("Not decided, or not all of it"))]


def _in_state(rows: QuerySet[Any, Any], state: str) -> QuerySet[Any, Any]:
    if state == _UNDECIDED:
        return rows.filter(Q(state__in=UNDECIDED_STATES) | Q(rest_cents__gt=0))
    return rows.filter(state=state)


def _line_url(row: Row) -> str:
    return reverse("contribution", args=[row["id"]])


def _deliverers(access: ContractAccess) -> list[tuple[str, str]]:
    if not access.sees_all:
        return []
    parties = [party for party in access.parties if party.role in DELIVERING_ROLES]
    return [(str(party.organisation_id), party.organisation.name) for party in parties]


# Documents ----------------------------------------------------------------------------------


@login_required
@require_safe
def documents(request: TelmeeRequest, pk: int) -> HttpResponse:
    """List the proof with the lines of a contract: kept, or seen and not kept."""
    access = contract_for(request.acting, pk)
    proofs = documents_on(access)
    names = doers(request.acting, ((entry.user_id, entry.organisation_id) for entry in proofs))
    rows = [
        {
            "id": entry.line_id,
            "reference": entry.reference,
            "kind": entry.kind,
            "file": entry.file_name,
            "size": entry.size,
            "at": entry.at,
            "who": names[entry.user_id, entry.organisation_id],
            "how": "kept" if entry.file_name else "seen",
        }
        for entry in proofs
    ]
    listing = _DOCUMENTS.read(request, rows)
    context = around(access, "contract-documents") | {"listing": listing}
    return listing.file() or render(request, "contracts/documents.html", context)


_HOW = {
    "kept": (gettext_lazy("File kept"), "info"),
    "seen": (gettext_lazy("Seen, not kept"), "positive"),
}
_DOCUMENTS = ListPage(
    name=gettext_lazy("Documents"),
    columns=(
        Column(
            "reference",
            gettext_lazy("With the line"),
            kind="code",
            order="reference",
            url=_line_url,
        ),
        Column("kind", gettext_lazy("What it proves"), order="kind"),
        Column("file", gettext_lazy("File"), order="file"),
        Column("at", gettext_lazy("Date"), kind="date"),
        Column("who", gettext_lazy("By"), order="who"),
        Column("how", gettext_lazy("How"), kind="status", order="how", words=_HOW.__getitem__),
    ),
    default="reference",
    filters=(
        Filter(
            "how",
            gettext_lazy("How"),
            status_choices(_HOW),
            "how",
        ),
    ),
    search=("reference", "kind", "file"),
    search_label=gettext_lazy("Line, kind or file"),
)


# Journal ------------------------------------------------------------------------------------


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
