"""What pages of every area share: a page with a form, and telling what could not be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url

from telmee.core.errors import DomainError, Problem
from telmee.web.language import in_two, in_words

#: What was sent could be read, and cannot be done.
UNPROCESSABLE = 422
#: What was asked for is no more as it was.
CONFLICT = 409


def form_page(
    request: HttpRequest,
    form: forms.BaseForm,
    *,
    title: str,
    button: str,
    back: tuple[Any, ...],
    lead: str = "",
) -> HttpResponse:
    """Show a form on a page of its own.

    `back` names the page to go to without doing it, as for `redirect`.
    """
    context = {"title": title, "button": button, "back": resolve_url(*back), "lead": lead}
    return render_form(request, "components/form_page.html", form, context)


def render_form(
    request: HttpRequest, template: str, form: forms.BaseForm, context: Mapping[str, object]
) -> HttpResponse:
    """Show a page with a form; one that was sent and is not right keeps what was typed."""
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, template, {**context, "form": form}, status=status)


def problems_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Say what is the matter on a page of its own, where no form or next page can tell it.

    A part of a page that htmx asked for has no room for it: the whole page is asked for again.
    """
    sentences = [in_two(problem) for problem in error.problems]
    response = render(
        request, "components/problems_page.html", {"sentences": sentences}, status=CONFLICT
    )
    if request.headers.get("HX-Request"):
        response["HX-Refresh"] = "true"
    return response


def tell(request: HttpRequest, error: DomainError) -> None:
    """Say on the next page what could not be done."""
    tell_problems(request, error.problems)


def tell_problems(request: HttpRequest, problems: Iterable[Problem], about: str = "") -> None:
    """Show problems on the next page; `about` names what they are about."""
    for problem in problems:
        messages.error(request, f"{about}: {in_words(problem)}" if about else in_words(problem))


def key_in(request: HttpRequest) -> UUID | None:
    """Take the key that came with a form; nothing when it is none."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return None
