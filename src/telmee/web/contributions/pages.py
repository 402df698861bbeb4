"""What the pages of contributions share: the way back, and what a form came with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from telmee.apps.contracts.access import ContractAccess
from telmee.core.explain import Text
from telmee.web.language import active

if TYPE_CHECKING:
    from telmee.apps.contributions.models import Contribution


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


def version_in(request: HttpRequest) -> int | None:
    """Take the version of a line that its page showed."""
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def kind_in_words(kind: str, kinds: Iterable[Text]) -> str:
    """Give the words of a kind of proof in the active language."""
    known = (text.in_language(active()) for text in kinds if text.nl[: len(kind)] == kind)
    return next(known, kind) if kind else _("Other proof")
