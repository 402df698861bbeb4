"""Messages between the two sides: on the page of a contract, and with a line."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from telmee.apps.contributions.access import contribution_for
from telmee.apps.organisations.many import listed
from telmee.apps.relations.messages import (
    contract_with_messages,
    mark_read,
    message_to_withdraw,
    messages_on,
    withdraw_message,
    write_message,
    writing_for,
)
from telmee.web.addresses import number_in, numbers_in
from telmee.web.contracts.frame import around, form_page
from telmee.web.contributions.detail import detail_page
from telmee.web.form_pages import UNPROCESSABLE, render_form
from telmee.web.forms import succeeds
from telmee.web.middleware import HtmxRequest, TelmeeRequest
from telmee.web.relations.message_part import MessageForm, messages_shown

_SECTION = "contract-messages"
_FIELDS = {"toelichting": "text"}


class WithdrawForm(forms.Form):
    """Nothing to fill in: one is asked once more."""


@login_required
def of_contract(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Show the messages on a contract and its lines, and write one on the contract itself."""
    access = contract_with_messages(request.acting, pk)
    may_write = writing_for(access) is not None
    if request.method == "POST" and not may_write:
        raise Http404
    form = _form(request)
    if succeeds(form, lambda: write_message(access, **form.cleaned_data), _FIELDS):
        messages.success(request, _SENT)
        return redirect(_SECTION, pk)
    rows = messages_on(access)
    before = number_in(request.GET.get("voor"))
    older = rows if before is None else rows.filter(pk__lt=before)
    context = messages_shown(access, older) | {
        "message_form": form if may_write else None,
        "is_contract": True,
    }
    context |= around(access, _SECTION)
    return render_form(request, "relations/messages.html", form, context)


_SENT = gettext_lazy("Your message is there. The other side is told that there is one.")


def _form(request: TelmeeRequest) -> MessageForm:
    return MessageForm(request.POST or None, auto_id="message_%s")


@login_required
@require_POST
def on_line(request: TelmeeRequest, line_id: int) -> HttpResponse:
    """Write a message on a line."""
    access, line = contribution_for(request.acting, line_id)
    if writing_for(access, line) is None:
        raise Http404
    form = _form(request)
    if succeeds(form, lambda: write_message(access, line=line, **form.cleaned_data), _FIELDS):
        messages.success(request, _SENT)
        return redirect("contribution", line_id)
    context = detail_page(access, line, message_form=form)
    return render(request, "contributions/contribution.html", context, status=UNPROCESSABLE)


@login_required
@require_POST
def read(request: HtmxRequest, pk: int) -> HttpResponse:
    """Remember that the messages on a page were read: it says so by itself, or by its button.

    Getting a page changes nothing, so that nobody reads by a browser that fetches ahead.
    """
    access = contract_with_messages(request.acting, pk)
    ids = numbers_in(request.POST.getlist("bericht"))
    mark_read(request.acting, messages_on(access).filter(pk__in=listed(ids)))
    return HttpResponse() if request.htmx else redirect(_SECTION, pk)


@login_required
def withdraw(request: TelmeeRequest, pk: int) -> HttpResponse:
    """Ask once more, then take back a message of one's own side."""
    access, message = message_to_withdraw(request.acting, pk)
    form = WithdrawForm(request.POST or None)
    line = message.contribution_id
    back = ("contribution", line) if line else (_SECTION, access.contract.pk)
    if request.method == "POST":
        withdraw_message(access, message)
        messages.success(request, _("The message is withdrawn. That it was there stays visible."))
        return redirect(*back)
    return form_page(
        request,
        access,
        form,
        title=_("Withdraw a message"),
        lead=_("Everybody who reads this still sees the text, marked as withdrawn."),
        button=_("Withdraw the message"),
        section=_SECTION,
        back=resolve_url(*back),
    )
