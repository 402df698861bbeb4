"""The drafts of one's own organisation on a contract, to review and hand in together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from telmee.apps.contracts.access import ContractAccess, contract_to_deliver
from telmee.apps.contributions.access import upload_for
from telmee.apps.contributions.actions import submit_drafts
from telmee.apps.contributions.doubles import doubles_of
from telmee.apps.contributions.handing_in import AT_ONCE_MAX, hand_in_later
from telmee.apps.contributions.queries import drafts_of
from telmee.apps.schemes.queries import rules_of
from telmee.core.errors import DomainError
from telmee.core.valuation import Status
from telmee.web.addresses import number_in
from telmee.web.contributions.double_words import double_mark, several_in_words
from telmee.web.contributions.line_parts import RefusedLine, contract_url, crumbs
from telmee.web.form_pages import UNPROCESSABLE, key_in, tell
from telmee.web.lists import Column, Filter, ListPage, status_choices
from telmee.web.middleware import TelmeeRequest
from telmee.web.period_column import period_column
from telmee.web.schemes.block_words import STATUSES, block_names

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from telmee.apps.contributions.models import Contribution, Upload


_LISTED_MAX = 200


def _status(value: str) -> tuple[object, str]:
    return STATUSES[Status(value)]


_FIELDS = (
    "id",
    "reference",
    "block",
    "begin",
    "end",
    "person__code",
    "value_cents",
    "value_status",
)


def _search(
    rows: QuerySet[Contribution], text: str, *, blocks: Mapping[str, str]
) -> QuerySet[Contribution]:
    keys = [key for key, name in blocks.items() if text.casefold() in name.casefold()]
    return rows.filter(
        Q(reference__icontains=text) | Q(person__code__icontains=text) | Q(block__in=keys)
    )


def _list(access: ContractAccess) -> ListPage:
    blocks = block_names(rules_of(access.contract.scheme))
    return ListPage(
        name=gettext_lazy("Drafts"),
        columns=(
            Column(
                "reference",
                gettext_lazy("Reference"),
                order="reference",
                url=lambda row: reverse("contribution", args=[row["id"]]),
            ),
            Column(
                "block",
                gettext_lazy("Building block"),
                order="block",
                words=lambda key: blocks.get(key, key),
            ),
            period_column(),
            Column("person__code", gettext_lazy("Code of the person"), order="person__code"),
            Column("value_cents", gettext_lazy("Value"), kind="money", order="value_cents"),
            Column(
                "value_status",
                gettext_lazy("Judgement"),
                kind="status",
                words=_status,
                under=double_mark(),
            ),
        ),
        default="reference",
        filters=(
            Filter(
                "value_status",
                gettext_lazy("Judgement"),
                status_choices(STATUSES),
                "value_status",
            ),
        ),
        search=partial(_search, blocks=blocks),
    )


@login_required
def drafts(request: TelmeeRequest, contract_id: int) -> HttpResponse:
    """List the drafts on a contract, or those of one file, and hand them in together."""
    access = contract_to_deliver(request.acting, contract_id)
    upload = _upload(request, access)
    if request.method == "POST":
        return _hand_in(request, access, upload)
    return _page(request, access, upload)


def _upload(request: TelmeeRequest, access: ContractAccess) -> Upload | None:
    """Find the file whose drafts are asked for, if one is."""
    number = number_in(request.POST.get("bestand") or request.GET.get("bestand"))
    return None if number is None else upload_for(access.acting, number)


def _hand_in(request: TelmeeRequest, access: ContractAccess, upload: Upload | None) -> HttpResponse:
    drafts = list(drafts_of(access, upload).only("id", "reference"))
    references = {draft.pk: draft.reference for draft in drafts}
    try:
        if len(drafts) > AT_ONCE_MAX:
            key = key_in(request) or uuid4()
            return redirect("handing-in", hand_in_later(access, drafts, key=key, upload=upload).pk)
        outcome = submit_drafts(access, drafts)
    except DomainError as error:
        tell(request, error)
        return _page(request, access, upload, status=UNPROCESSABLE)
    if done := outcome.done:
        text = ngettext("%(n)d draft was handed in.", "%(n)d drafts were handed in.", done)
        messages.success(request, text % {"n": done})
    if not outcome.refused:
        return redirect(contract_url(access) if upload is None else _upload_url(upload))
    listed = [
        RefusedLine(pk, references[pk], problem)
        for pk, problems in list(outcome.refused.items())[:_LISTED_MAX]
        for problem in problems
    ]
    return _page(request, access, upload, refused=listed)


def _upload_url(upload: Upload) -> str:
    return reverse("upload", args=[upload.pk])


def _page(
    request: TelmeeRequest,
    access: ContractAccess,
    upload: Upload | None,
    *,
    refused: Iterable[RefusedLine] = (),
    status: int = 200,
) -> HttpResponse:
    rows = drafts_of(access, upload)
    references = dict(rows.order_by("pk").values_list("pk", "reference"))
    doubles = doubles_of(access.acting, references)
    listing = _list(access).read(
        request,
        rows.values(*_FIELDS),
        prepare=lambda some: [{**row, "double": row["id"] in doubles} for row in some],
    )
    title = _("Drafts")
    context = {
        "access": access,
        "title": title,
        "listing": listing,
        "upload": upload,
        "count": len(references),
        "doubles": several_in_words(references, doubles),
        "refused": [one.worded() for one in refused],
        "key": uuid4(),
        "new_url": reverse("contribution-new", args=[access.contract.pk]),
        "breadcrumbs": crumbs(access, title),
    }
    return listing.file() or render(request, "contributions/drafts.html", context, status=status)
