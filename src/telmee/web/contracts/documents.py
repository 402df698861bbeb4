"""The documents of a contract: the proof with its lines, kept or seen and not kept."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.contracts.access import contract_for
from telmee.apps.contributions.documents import documents_on
from telmee.apps.organisations.journal import doers
from telmee.web.contracts.frame import around
from telmee.web.lists import Column, Filter, ListPage, status_choices
from telmee.web.middleware import TelmeeRequest


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
            url=lambda row: reverse("contribution", args=[row["id"]]),
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
