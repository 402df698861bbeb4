"""Letters that were sent: all of them, those on a contract, one of them, and its paper."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.db.models import F, QuerySet
from django.db.models.fields.json import KT
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.contracts.access import contract_for
from telmee.apps.letters.access import letter_for, letters_of, letters_on
from telmee.apps.letters.choices import Media, mark_of
from telmee.apps.letters.queries import content_of, papers_of
from telmee.apps.letters.writing import text_of
from telmee.web.contracts.frame import around
from telmee.web.letters.letter_words import KINDS, STATES, letter_name
from telmee.web.lists import Column, Filter, ListPage, Rows
from telmee.web.middleware import TelmeeRequest

if TYPE_CHECKING:
    from telmee.apps.letters.models import Letter

Row = dict[str, Any]
#: Whatever is in a file, a browser only saves it.
_PDF = "application/pdf"
#: The media type of a Word document.
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_HARMLESS = "default-src 'none'; sandbox"


def _url(row: Row) -> str:
    return reverse("letter", args=[row["contract"], row["id"]])


def _contract_url(row: Row) -> str:
    return reverse("contract-letters", args=[row["contract"]])


def _marked(rows: Iterable[Row]) -> list[Row]:
    """Rows with the number of each letter as people write it, and with what it is called."""
    return [
        {
            **row,
            "mark": mark_of(row["prefix"], row["year"], row["number"]),
            "what": letter_name(row["kind"], row["sanction"]),
        }
        for row in rows
    ]


_COLUMNS = (
    Column("mark", gettext_lazy("Number"), kind="code", order="mark_order", url=_url),
    Column("dated", gettext_lazy("Date"), kind="date", order="dated"),
    Column("what", gettext_lazy("About"), order="kind"),
    Column("sender", gettext_lazy("From"), kind="name", order="sender_order", on_phone=False),
    Column("reader_name", gettext_lazy("To"), kind="name", order="reader_order"),
    Column("is_sent", gettext_lazy("Status"), kind="status", words=STATES.__getitem__),
)
_FILTERS = (Filter("kind", gettext_lazy("About"), KINDS.items, "kind"),)
_SEARCH = ("reader__name__icontains", "number__iexact")
_ON_CONTRACT = ListPage(
    name=gettext_lazy("Letters"),
    columns=_COLUMNS,
    default="-mark",
    filters=_FILTERS,
    search=_SEARCH,
    search_label=gettext_lazy("Reader or number"),
)
_ALL = ListPage(
    name=gettext_lazy("Letters"),
    columns=(
        *_COLUMNS[:2],
        Column(
            "reference",
            gettext_lazy("Contract"),
            kind="code",
            order="reference",
            url=_contract_url,
        ),
        *_COLUMNS[2:],
    ),
    default="-mark",
    filters=_FILTERS,
    search=(*_SEARCH, "contract__reference__icontains"),
    search_label=gettext_lazy("Reader, number or contract"),
)


def _rows(letters: QuerySet[Letter]) -> Rows:
    return letters.annotate(
        mark_order=F("year") * 1_000_000 + F("number"),
        sender_order=F("organisation__search_name"),
        reader_order=F("reader__search_name"),
    ).values(
        "id", "contract", "prefix", "year", "number", "dated", "kind", "is_sent", "mark_order",
        reference=F("contract__reference"),
        sanction=KT("facts__sanction"),
        sender=F("organisation__name"),
        reader_name=F("reader__name"),
    )  # fmt: skip


@login_required
@require_safe
def letters(request: TelmeeRequest) -> HttpResponse:
    """List the letters on all contracts that somebody sees."""
    listing = _ALL.read(request, _rows(letters_of(request.acting)), prepare=_marked)
    context = {"listing": listing, "breadcrumbs": [{"label": _("Letters")}]}
    return listing.file() or render(request, "letters/all.html", context)


@login_required
@require_safe
def on_contract(request: TelmeeRequest, pk: int) -> HttpResponse:
    """List the letters on a contract, as far as somebody sees them."""
    access = contract_for(request.acting, pk)
    listing = _ON_CONTRACT.read(request, _rows(letters_on(access)), prepare=_marked)
    context = around(access, "contract-letters") | {"listing": listing}
    return listing.file() or render(request, "letters/on_contract.html", context)


@login_required
@require_safe
def letter(request: TelmeeRequest, pk: int, letter_pk: int) -> HttpResponse:
    """Show what a letter says, with its paper and the hash of that."""
    access, shown = letter_for(request.acting, pk, letter_pk)
    papers = papers_of(shown)
    word, kind = STATES[bool(papers)]
    context = around(access, "contract-letters", here=shown.mark)
    context |= {
        "letter": shown,
        "kind_word": letter_name(shown.kind, shown.facts.get("sanction")),
        "state_word": word,
        "state_kind": kind,
        "text": text_of(shown),
        "papers": papers,
        "has_word": any(one.media == Media.DOCX for one in papers),
        "may_make": not papers and shown.organisation_id in request.acting.working,
    }
    return render(request, "letters/letter.html", context)


@login_required
@require_safe
def paper(request: TelmeeRequest, pk: int, letter_pk: int) -> HttpResponse:
    """A letter as it was sent, to save, read or print."""
    _access, sent = letter_for(request.acting, pk, letter_pk)
    return file_response(content_of(sent, Media.PDF), f"{sent.mark}.pdf")


@login_required
@require_safe
def word(request: TelmeeRequest, pk: int, letter_pk: int) -> HttpResponse:
    """A letter in the template of its sender, where that has one."""
    _access, sent = letter_for(request.acting, pk, letter_pk)
    return file_response(content_of(sent, Media.DOCX), f"{sent.mark}.docx", WORD)


def file_response(content: bytes, name: str, media_type: str = _PDF) -> HttpResponse:
    """A paper as a file to save."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = str(content_disposition_header(True, name))
    response["Content-Security-Policy"] = _HARMLESS
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
