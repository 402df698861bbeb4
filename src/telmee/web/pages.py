"""What pages of every area share: a form on a page of its own, and telling what went wrong."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url

from telmee import texts
from telmee.core.errors import DomainError
from telmee.web.language import active

#: What was sent could be read, and cannot be done.
UNPROCESSABLE = 422


def form_page(
    request: HttpRequest,
    form: forms.BaseForm,
    *,
    title: str,
    button: str,
    back: tuple[Any, ...],
    lead: str = "",
) -> HttpResponse:
    """Show a form on a page of its own; one that was sent and is not right keeps what was typed.

    `back` names the page to go to without doing it, as for `redirect`.
    """
    context = {
        "form": form,
        "title": title,
        "button": button,
        "back": resolve_url(*back),
        "lead": lead,
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "components/form_page.html", context, status=status)


def tell(request: HttpRequest, error: DomainError) -> None:
    """Tell on the next page what could not be done."""
    for problem in error.problems:
        messages.error(request, " ".join(texts.problem_text(problem, active())).strip())
