"""What stands around every page of a contract: its name, who it is between, and its sections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.facts import reckons_over
from telmee.apps.contracts.sharing import is_shared
from telmee.apps.relations.choices import KEEPING_ROLES
from telmee.apps.relations.messages import READING_ROLES, unread_on
from telmee.web.contracts.contract_words import STATUSES, status_of
from telmee.web.form_pages import render_form


def around(access: ContractAccess, current: str = "", here: str = "") -> dict[str, Any]:
    """What every page of a contract shows; `current` names its section, `here` the page."""
    contract = access.contract
    today = timezone.localdate()
    sections = list(_sections(access, current))
    crumbs = [
        {"label": _("Contracts"), "url": reverse("contracts")},
        {"label": contract.reference, "url": reverse("contract", args=[contract.pk])},
    ]
    section = next((s["label"] for s in sections if s["current"] and s["name"] != "contract"), "")
    crumbs += [{"label": label, "url": ""} for label in (here or section,) if label]
    crumbs[-1]["url"] = ""
    status = status_of(contract.start, contract.end, contract.closed_on, today)
    word, kind = STATUSES[status if contract.voided_on is None else "voided"]
    return {
        "access": access,
        "contract": contract,
        "client": access.client,
        "contractor": access.contractor,
        "status_word": word,
        "status_kind": kind,
        "sections": sections,
        "breadcrumbs": crumbs,
        "today": today,
    }


def _sections(access: ContractAccess, current: str) -> Iterator[dict[str, Any]]:
    """The sections that this visitor has a use for; a subcontractor sees no books."""
    names = {"contract": _("Overview")}
    if access.sees_all:
        names["contract-obligation"] = _("Obligation")
        if reckons_over(access.contract):
            names["contract-turnover"] = _("Turnover")
    names["contract-contributions"] = _("Lines of effort")
    names["contract-plan"] = _("Plan")
    if is_shared(access):
        names["contract-shares"] = _("Who does what")
    if access.sees_all:
        names["contract-ledger"] = _("Books")
        if access.contract.form != Form.FRAMEWORK:
            names["contract-enforcement"] = _("Enforcement")
            names["contract-settlement"] = _("Settlement")
    unread = 0
    if access.has_role(*READING_ROLES):
        names["contract-messages"] = _("Messages")
        unread = unread_on(access)
    if access.has_role(*KEEPING_ROLES):
        names["contract-contact"] = _("Contact")
    names["contract-letters"] = _("Letters")
    names["contract-documents"] = _("Documents")
    names["contract-journal"] = _("Journal")
    names["contract-people"] = _("Who may see this")
    for name, label in names.items():
        url = reverse(name, args=[access.contract.pk])
        yield {
            "name": name,
            "label": label,
            "url": url,
            "current": name == current,
            "count": unread if name == "contract-messages" else 0,
        }


def effort_buttons(access: ContractAccess) -> Iterator[dict[str, Any]]:
    """The ways to enter effort, for who delivers on an open contract."""
    if access.may_deliver:
        pk = access.contract.pk
        yield {
            "label": _("New line"),
            "url": reverse("contribution-new", args=[pk]),
            "primary": True,
        }
        yield {"label": _("Upload a file"), "url": reverse("upload-new", args=[pk])}
        yield {"label": _("Copy the last period"), "url": reverse("contribution-copy", args=[pk])}


def form_page(
    request: HttpRequest, access: ContractAccess, form: BaseForm, **context: Any
) -> HttpResponse:
    """Show a form about a contract on a page of its own.

    `context` has `title` and `button`, and may have `section` and `back` and what
    `contracts/form.html` shows beside them.
    """
    back = context.pop("back", reverse("contract", args=[access.contract.pk]))
    frame = around(access, context.pop("section", ""), here=str(context["title"]))
    return render_form(request, "contracts/form.html", form, {**frame, "back": back, **context})
