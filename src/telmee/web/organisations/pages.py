"""What the pages of this area share: a form on a page of its own, and telling what went wrong."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from telmee import texts
from telmee.core.errors import DomainError
from telmee.web.language import active

_UNPROCESSABLE = 422


def form_page(
    request: HttpRequest, form: forms.BaseForm, *, title: str, button: str, **context: Any
) -> HttpResponse:
    """Show a form; one that was sent and is not right keeps what was typed."""
    context |= {"form": form, "title": title, "button": button}
    status = _UNPROCESSABLE if form.is_bound else 200
    return render(request, "organisations/form.html", context, status=status)


def tell(request: HttpRequest, error: DomainError) -> None:
    """Tell on the next page what could not be done."""
    for problem in error.problems:
        messages.error(request, " ".join(texts.problem_text(problem, active())).strip())
