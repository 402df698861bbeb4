"""Asking somebody outside about a line: the link, and what to do with a no."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from telmee.apps.contracts.access import ContractAccess, decides_on_any
from telmee.apps.contributions import counterparties
from telmee.apps.contributions.access import contribution_for, line_to_decide
from telmee.apps.contributions.choices import LINK_DAYS
from telmee.core.errors import DomainError
from telmee.web.contributions.forms import AskForm
from telmee.web.contributions.line_column import line_column
from telmee.web.contributions.line_parts import crumbs
from telmee.web.form_pages import key_in, render_form, tell
from telmee.web.forms import succeeds
from telmee.web.language import active
from telmee.web.lists import Column, ListPage
from telmee.web.middleware import TelmeeRequest

if TYPE_CHECKING:
    from telmee.apps.contributions.models import Contribution, CounterpartyLink

_DENIALS = ListPage(
    name=gettext_lazy("Denied by a counterparty"),
    columns=(
        line_column(),
        Column("contribution__organisation__name", gettext_lazy("Contractor")),
        Column("link__who", gettext_lazy("Counterparty")),
        Column("reason", gettext_lazy("Why not")),
        Column("answered_at", gettext_lazy("Since"), kind="date", order="answered_at"),
    ),
    default="answered_at",
    search=("contribution__reference__icontains", "contract__search_text__icontains"),
)
_FIELDS = (
    *("pk", "contribution_id", "contribution__reference", "contribution__organisation__name"),
    *("contract__reference", "link__who", "reason", "answered_at"),
)


@login_required
def ask(request: TelmeeRequest, line_id: int) -> HttpResponse:
    """Ask somebody outside to confirm a line; a link to forward is shown once, and kept nowhere."""
    access, line = contribution_for(request.acting, line_id)
    mails = counterparties.is_purchase(access, line)
    if request.method != "POST" and not counterparties.may_ask(access, line):
        return redirect("contribution", line.pk)
    form = AskForm(request.POST or None, mails=mails, initial={"language": active()})
    tokens: list[str] = []

    def deed() -> None:
        typed = {**form.cleaned_data, "key": key_in(request) or uuid4()}
        tokens.append(counterparties.ask_counterparty(access, line, **typed))

    if succeeds(form, deed, {"wie": "who", "adres": "address"}):
        return _after_asking(request, access, line, form, tokens[0])
    title = _("Ask for a confirmation")
    context = {
        "line": line,
        "mails": mails,
        "days": LINK_DAYS,
        "key": key_in(request) or uuid4(),
        "back": reverse("contribution", args=[line.pk]),
        "breadcrumbs": crumbs(access, title, line=line),
    }
    return render_form(request, "contributions/counterparty_ask.html", form, context)


def _after_asking(
    request: TelmeeRequest,
    access: ContractAccess,
    line: Contribution,
    form: AskForm,
    token: str,
) -> HttpResponse:
    """Say that it was mailed, or show the link that is to be forwarded."""
    who, address = form.cleaned_data["who"], form.cleaned_data.get("address")
    if address:
        text = _("The question is on its way to %(address)s.")
        messages.success(request, text % {"address": address})
        return redirect(reverse("contribution", args=[line.pk]) + "#bevestiging")
    if not token:  # sent twice: the link was shown the first time
        messages.info(request, _("The link was made and shown. Make a new one if you lost it."))
        return redirect(reverse("contribution", args=[line.pk]) + "#bevestiging")
    context = {
        "line": line,
        "who": who,
        "days": LINK_DAYS,
        "link": counterparties.address_of(token),
        "breadcrumbs": crumbs(access, _("Ask for a confirmation"), line=line),
    }
    return render(request, "contributions/counterparty_link.html", context)


@login_required
@require_POST
def withdraw(request: TelmeeRequest, line_id: int, link_id: int) -> HttpResponse:
    """Take back a link that was not answered."""
    access, line = contribution_for(request.acting, line_id)
    try:
        counterparties.withdraw_link(access, line, link_id)
    except DomainError as error:
        tell(request, error)
    else:
        messages.success(request, _("The link does not work any more."))
    return redirect(reverse("contribution", args=[line.pk]) + "#bevestiging")


@login_required
@require_POST
def reviewed(request: TelmeeRequest, line_id: int, answer_id: int) -> HttpResponse:
    """Say that somebody looked at a no."""
    access, line = line_to_decide(request.acting, line_id)
    counterparties.review_denial(access, line, answer_id)
    messages.success(request, _("The denial is off the list. Your name is with it."))
    return redirect("queue-denied")


@login_required
@require_safe
def denied(request: TelmeeRequest) -> HttpResponse:
    """List what counterparties said no to and nobody looked at yet."""
    rows = counterparties.waiting_denials(request.acting).values(*_FIELDS)
    listing = _DENIALS.read(request, rows)
    context: dict[str, object] = {
        "listing": listing,
        "may_decide": decides_on_any(request.acting),
        "breadcrumbs": [
            {"label": _("Work list"), "url": reverse("queue")},
            {"label": _("Denied by a counterparty"), "url": ""},
        ],
    }
    return listing.file() or render(request, "contributions/denied.html", context)


def counterparty_part(access: ContractAccess, line: Contribution) -> dict[str, object]:
    """What the page of a line shows of the counterparty: each link, and what came of it."""
    links = counterparties.links_of(line)
    return {
        "counterparty": [
            _link(access, line, link, is_latest=number == 0) for number, link in enumerate(links)
        ],
        "may_ask_counterparty": counterparties.may_ask(access, line),
    }


def _link(
    access: ContractAccess, line: Contribution, link: CounterpartyLink, *, is_latest: bool
) -> dict[str, object]:
    answer = link.reply
    waits = is_latest and counterparties.is_waiting(access, link, line)
    fits = link.fingerprint == line.fingerprint
    if answer is None:
        word = _("Asked, no answer yet") if waits else _("No answer: the link is closed")
        kind = "info" if waits else ""
    elif answer.confirms:
        word, kind = (_("Confirmed"), "positive") if fits else (_("Confirmed before a change"), "")
    else:
        word, kind = _("Denied"), "negative"
    can_review = answer is not None and not answer.confirms and answer.reviewed_at is None
    return {
        "link": link,
        "answer": answer,
        "word": word,
        "kind": kind,
        "waits": waits,
        "may_withdraw": waits and (access.works_for(link.organisation_id) or access.may_decide),
        "may_review": can_review and access.may_decide,
    }
