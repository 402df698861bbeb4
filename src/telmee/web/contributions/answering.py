"""Who has the link of a line answers, without an account; whatever is the matter looks the same.

Opening a link uses nothing up, for programs that look at mail open links: the answer does. The
token is out of the address at once, and of it only the hash stands in the session.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from telmee.apps.contributions.counterparties import Facts, answer_by, facts_by
from telmee.apps.organisations.access import hash_of
from telmee.core.tables.contribution_columns import (
    AMOUNT,
    BEGIN,
    COUNT,
    END,
    HOURS,
    SUPPLIER,
    WEEKLY_HOURS,
)
from telmee.web.contributions.forms import CounterpartyForm
from telmee.web.forms import succeeds
from telmee.web.language import active
from telmee.web.middleware import TelmeeRequest
from telmee.web.schemes.block_words import CATEGORIES, label_of
from telmee.web.templatetags.telmee import day, euros, hundredths

_HASHES, _HANDLE_LENGTH, _HASHES_MAX = "counterparty", 16, 20
#: A token cannot be guessed; who tries anyway makes no work for the database.
_TRIES = {"counterparty": "60/m/ip,600/h/ip"}
_View = Callable[..., HttpResponse]


def _outside(view: _View) -> _View:
    """Count tries, and keep a page for who has a link out of caches and search engines."""

    @wraps(view)
    def answered(request: TelmeeRequest, **facts: str) -> HttpResponse:
        counted = ratelimit.consume(
            request, app="telmee", action="counterparty", config=_TRIES, limit_get=True
        )
        response = view(request, **facts) if counted else render(request, "429.html", status=429)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return answered


@_outside
@require_safe
def arrive(request: TelmeeRequest, token: str) -> HttpResponse:
    """Take the token out of the address, so that no log or other page gets to know it."""
    hashed = hash_of(token)
    known = [one for one in request.session.get(_HASHES, []) if one != hashed]
    request.session[_HASHES] = [*known, hashed][-_HASHES_MAX:]
    return redirect("counterparty-answer", hashed[:_HANDLE_LENGTH])


@_outside
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: TelmeeRequest, handle: str) -> HttpResponse:
    """Show the facts of the line, and take the answer, once."""
    hashed = _hash_in(request, handle)
    facts = facts_by(hashed)
    if facts is None:
        return _closed(request)
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(facts.language)
        request.LANGUAGE_CODE = translation.get_language()
    form = CounterpartyForm(request.POST or None)
    taken: list[bool] = []

    def deed() -> None:
        taken.append(answer_by(hashed, **form.facts()))

    if succeeds(form, deed, {"naam": "name", "functie": "function", "toelichting": "reason"}):
        if not taken[0]:
            return _closed(request)
        return render(request, "contributions/counterparty_done.html", {"facts": facts})
    context = {"facts": facts, "terms": list(_terms(facts)), "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "contributions/counterparty_answer.html", context, status=status)


def _hash_in(request: TelmeeRequest, handle: str) -> str:
    """The hash that came in with a link in this browser; one of nothing for another handle."""
    known = request.session.get(_HASHES, [])
    return next((one for one in known if one[:_HANDLE_LENGTH] == handle), hash_of(handle))


def _closed(request: TelmeeRequest) -> HttpResponse:
    """Say that a link opens nothing: the same, whatever is the matter."""
    return render(request, "contributions/counterparty_closed.html", status=404)


def _terms(facts: Facts) -> Any:
    """The facts of the line, as far as there are."""
    yield {"label": _("Contractor"), "value": facts.contractor}
    what = facts.block.label.in_language(active()) if facts.block else ""
    yield {"label": _("What"), "value": what or CATEGORIES.get(facts.category, "")}
    block = facts.block
    cells = (
        (SUPPLIER, facts.supplier),
        (BEGIN, facts.first and day(facts.first)),
        (END, facts.last and facts.last != facts.first and day(facts.last)),
        (WEEKLY_HOURS, facts.weekly_hours and hundredths(facts.weekly_hours)),
        (HOURS, facts.hours and hundredths(facts.hours)),
        (AMOUNT, facts.amount_cents is not None and euros(facts.amount_cents)),
        (COUNT, facts.pieces),
    )
    for column, value in cells:
        if value:
            yield {"label": label_of(column, block), "value": value}
