"""Hand over a list of purchases, see what was read of it, and withdraw one that was wrong."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from telmee.apps.coverage.access import covered_client, list_to_withdraw, lists_of
from telmee.apps.coverage.lists import add_list, noticed_of, refused_of, withdraw_list
from telmee.apps.coverage.queries import counted_lists, usual_scheme
from telmee.apps.schemes.queries import families
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import NAME
from telmee.core.tables.contribution_columns import AMOUNT
from telmee.core.tables.purchase_columns import DAY, PURCHASE_LIST
from telmee.integrations.files.private import discard, store
from telmee.integrations.spreadsheets.apart import PurchaseLine, SheetFile, read_purchase_file
from telmee.web import exports
from telmee.web.bodies import takes_file
from telmee.web.coverage.views import crumbs, list_url
from telmee.web.form_pages import form_page, render_form
from telmee.web.forms import KeyField, SafeTextArea, SafeTextField, offer, succeeds
from telmee.web.language import in_row
from telmee.web.middleware import TelmeeRequest

#: Purchases of one list, and problems that are told of one of which nothing could be read.
_LINES_MAX, _TOLD_MAX = 5_000, 10
_CHUNK = 1 << 16
_KINDS = {AMOUNT: "money", DAY: "date"}


class ListForm(forms.Form):
    """A list of purchases, and by whose rules it is looked at."""

    name = SafeTextField(
        label=gettext_lazy("Name of the list"),
        max_length=NAME.maximum,
        help_text=gettext_lazy("Such as: purchases of 2025."),
    )
    scheme = forms.ChoiceField(
        label=gettext_lazy("Scheme"),
        help_text=gettext_lazy(
            "Its thresholds hold: of each purchase those of the version in force on its date."
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("An .xlsx, .ods or .csv file in the form of the template."),
        error_messages={"empty": gettext_lazy("There is nothing in this file.")},
    )
    key = KeyField()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        newest = [rows[-1] for rows in families().values()]
        choices = [(row.scheme_id, f"{row.publisher}: {row.title}") for row in newest]
        offer(self, "scheme", sorted(choices, key=lambda choice: choice[1].casefold()))


class WithdrawForm(forms.Form):
    """Why a list is withdrawn."""

    reason = SafeTextArea(label=gettext_lazy("Why"))


@takes_file
@login_required
def add(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Take a list of purchases in."""
    client = covered_client(request.acting, pk, works=True)
    initial = {"scheme": usual_scheme(request.acting, pk)}
    form = ListForm(request.POST or None, request.FILES or None, initial=initial)
    ids: list[int] = []

    def deed() -> None:
        typed = form.cleaned_data
        file = _contents(typed["file"])
        if not file.lines:
            raise DomainError(file.problems[:_TOLD_MAX] or Problem("no_data_rows"))
        row = add_list(
            request.acting, client, file, name=typed["name"], scheme=typed["scheme"],
            key=typed["key"],
        )  # fmt: skip
        ids.append(row.pk)

    if succeeds(form, deed, {"naam": "name"}):
        messages.success(request, _("The list was taken in."))
        return redirect("purchase-list", ids[0])
    context = {"client": client, "breadcrumbs": crumbs(client, _("Hand over a list"))}
    return render_form(request, "coverage/add.html", form, context)


def _contents(file: IO[bytes]) -> SheetFile[PurchaseLine]:
    """Read a list apart; the file is thrown away at once."""
    folder = Path(settings.UPLOAD_FOLDER)
    stored = store(folder, iter(lambda: file.read(_CHUNK), b""))
    try:
        return read_purchase_file(folder / stored.name, lines_max=_LINES_MAX)
    finally:
        discard(folder, stored.name)


@login_required
@require_safe
def template(_request: TelmeeRequest) -> HttpResponse:
    """Download the sheet to fill in."""
    columns = [(name, _KINDS.get(name, "text")) for name in PURCHASE_LIST]
    return exports.answer("xlsx", _("Purchases"), columns, ())


@login_required
@require_safe
def handed_over(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show what was taken in of a list, and which lines could not be read."""
    row = counted_lists(lists_of(*request.acting.organisations)).filter(pk=pk).first()
    if row is None:
        raise Http404
    client = covered_client(request.acting, row.organisation_id)
    refused = refused_of(row)
    context = {
        "client": client,
        "list": row,
        "purchases_url": list_url(client.id, list=row.pk),
        "refused": [in_row(problem) for problem in refused],
        "refused_more": len({problem.row for problem in refused}) < row.left_out,
        "noticed": noticed_of(row),
        "may_withdraw": row.withdrawn_at is None and client in request.acting.clients,
        "breadcrumbs": crumbs(client, row.name),
    }
    return render(request, "coverage/list.html", context)


@login_required
def withdraw(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Withdraw a list that was wrong."""
    row = list_to_withdraw(request.acting, pk)
    form = WithdrawForm(request.POST or None)

    def deed() -> None:
        withdraw_list(request.acting, row, reason=form.cleaned_data["reason"])

    if succeeds(form, deed, {"toelichting": "reason"}):
        messages.success(request, _("The list was withdrawn. Its purchases count no more."))
        return redirect("coverage", row.organisation_id)
    return form_page(
        request,
        form,
        title=_("Withdraw a list"),
        button=_("Withdraw"),
        back=("purchase-list", pk),
        lead=row.name,
    )
