"""Filters of a list that somebody keeps: links above the list and on his first page."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.kept_filters import drop_filter, keep_filter, kept_filters
from telmee.core.errors import DomainError
from telmee.core.free_text import FILTER, QUERY
from telmee.web.form_pages import tell
from telmee.web.forms import SafeTextField
from telmee.web.language import Words
from telmee.web.lists import Listing
from telmee.web.middleware import TelmeeRequest

#: The lists of which filters are kept, by the name of their address.
PAGES: Mapping[str, Words] = {
    "contracts": gettext_lazy("Contracts"),
    "queue": gettext_lazy("Work list"),
    "decided": gettext_lazy("Decided lines"),
    "today": gettext_lazy("Today"),
    "tasks": gettext_lazy("Tasks"),
}


class KeepForm(forms.Form):
    """Under which name a filter is kept, and what it asks of the list."""

    name = SafeTextField(label=gettext_lazy("Name of this filter"), max_length=FILTER.maximum)
    query = SafeTextField(max_length=QUERY.maximum, required=False)


def kept_on(acting: Acting, page: str, listing: Listing) -> dict[str, object]:
    """What a list shows of the filters that somebody keeps, and how to keep this one."""
    return {
        "page": page,
        "query": listing.link().partition("?")[2],
        "rows": [
            _row(kept.pk, kept.page, kept.name, kept.query) for kept in kept_filters(acting, page)
        ],
    }


def kept_by(acting: Acting) -> list[dict[str, object]]:
    """Every filter that somebody keeps, for his first page."""
    return [
        _row(kept.pk, kept.page, kept.name, kept.query) for kept in kept_filters(acting, *PAGES)
    ]


def _row(pk: int, page: str, name: str, query: str) -> dict[str, object]:
    return {"id": pk, "name": name, "list": PAGES[page], "url": f"{reverse(page)}?{query}"}


@login_required
@require_POST
def keep(request: TelmeeRequest, page: str) -> HttpResponse:
    """Keep how a list is filtered now, under a name."""
    if page not in PAGES:
        raise Http404
    form = KeepForm(request.POST)
    query = QueryDict(request.POST.get("query", "")[: QUERY.maximum]).urlencode()
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
    else:
        try:
            keep_filter(request.acting, page=page, name=form.cleaned_data["name"], query=query)
            messages.success(request, _("The filter is kept. It stands above this list."))
        except DomainError as error:
            tell(request, error)
    return redirect(f"{reverse(page)}?{query}" if query else reverse(page))


@login_required
@require_POST
def drop(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Keep a filter no longer."""
    page = drop_filter(request.acting, pk)
    messages.success(request, _("The filter is not kept any more."))
    return redirect(page if page in PAGES else "home")
