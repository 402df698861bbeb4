"""A field in which people name an enterprise: by its number in the trade register, or its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from telmee.apps.organisations.queries import known_contractors, recognised_enterprises
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import NAME
from telmee.integrations.identifiers import check_kvk
from telmee.web.forms import SafeTextField, as_validation_error

if TYPE_CHECKING:
    from telmee.apps.organisations.models import Organisation

_NAMED_MAX = 5
_SEARCH_MAX = 60


class EnterpriseField(SafeTextField):
    """An enterprise, typed as a KvK number or chosen by name; gives the eight digits or nothing.

    The list below it offers "30000011 De Eem". Without script somebody types a name, and where
    that is not one contractor's, the message names those that are like it.
    """

    widget = forms.TextInput(attrs={"list": "enterprises", "autocomplete": "off"})

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=NAME.maximum + 9, **options)

    def clean(self, value: object) -> str:
        """Find the number that was meant."""
        text = str(super().clean(value) or "").strip()
        if not text:
            return ""
        near = known_contractors(text)
        exact = [row for row in near if text in (row.kvk, with_number(row), row.name)]
        if len(exact) == 1:
            return str(exact[0].kvk)
        if any(sign.isalpha() for sign in text):
            names = "; ".join(with_number(row) for row in near[:_NAMED_MAX])
            problem = "contractor_choice" if near else "contractor_unknown"
            raise as_validation_error(Problem(problem, params={"names": names}))
        try:
            return check_kvk(text)
        except DomainError as error:
            raise as_validation_error(error.problems[0]) from None


def with_number(organisation: Organisation) -> str:
    """An organisation by its number and name, as a list offers it."""
    return f"{organisation.kvk} {organisation.name}"


def offer_enterprises(
    request: HttpRequest, field: str, *, recognised: bool = False
) -> HttpResponse:
    """The enterprises that fit what is being typed in a field, each with its number."""
    text, rows = text_to_search(request, field), []
    if len(text) > 1:
        today = timezone.localdate()
        rows = recognised_enterprises(text, today) if recognised else known_contractors(text)
    return render(request, "components/offered.html", {"offers": map(with_number, rows)})


def text_to_search(request: HttpRequest, field: str) -> str:
    """What is being typed in a field, for the list below it."""
    return request.GET.get(field, "").replace("\0", "").strip()[:_SEARCH_MAX]
