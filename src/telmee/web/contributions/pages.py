"""What the pages of contributions share: the way back, refusals, and a key for a form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from telmee import texts
from telmee.apps.contracts.access import ContractAccess, contract_for
from telmee.core.errors import Problem
from telmee.core.explain import Text
from telmee.web.language import active
from telmee.web.middleware import TelmeeRequest

if TYPE_CHECKING:
    from telmee.apps.contributions.models import Contribution

UNPROCESSABLE = 422


class HtmxRequest(TelmeeRequest):
    """A request, with what htmx says about it."""

    htmx: HtmxDetails


def delivering(request: TelmeeRequest, contract_id: int) -> ContractAccess:
    """Get a contract for somebody who delivers effort on it."""
    access = contract_for(request.acting, contract_id)
    if access.delivering_for is None:
        raise Http404
    return access


def crumbs(access: ContractAccess, *labels: str, line: Contribution | None = None) -> list[Any]:
    """Give the way back: the contracts, the contract, its line."""
    found = [
        {"label": _("Contracts"), "url": reverse("contracts")},
        {"label": access.contract.name, "url": contract_url(access)},
    ]
    if line is not None:
        found.append({"label": line.reference, "url": reverse("contribution", args=[line.pk])})
    return [*found, *({"label": label, "url": ""} for label in labels)]


def contract_url(access: ContractAccess) -> str:
    """Give the address of a contract."""
    return reverse("contract", args=[access.contract.pk])


def key_in(request: HttpRequest) -> UUID:
    """Take the key that came with a form, or make one for a new form."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid4()


def version_in(request: HttpRequest) -> int | None:
    """Take the version of a line that its page showed."""
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def tell(request: HttpRequest, problems: Iterable[Problem]) -> None:
    """Tell on the next page what could not be done."""
    for problem in problems:
        messages.error(request, " ".join(texts.problem_text(problem, active())).strip())


def kind_in_words(kind: str, kinds: Iterable[Text]) -> str:
    """Give the words of a kind of proof in the active language."""
    known = (text.in_language(active()) for text in kinds if text.nl[: len(kind)] == kind)
    return next(known, kind) if kind else _("Other proof")
