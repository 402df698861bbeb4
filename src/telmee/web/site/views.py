"""Pages that everybody may see, signed in or not."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import loader
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.defaults import server_error

from telmee.apps.organisations.queries import account_with
from telmee.web.site import mail

#: RFC 9116 advises less than a year ahead.
_SECURITY_DAYS = 180
#: The embedded database is back within seconds.
_AWAY_SECONDS = 5


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """State how accessible the application is, as the law asks of public bodies."""
    return render(request, "site/accessibility.html", {"contact": _mail_address()})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show what is kept about people, and what never is."""
    return render(request, "site/privacy.html", {"contact": _mail_address()})


def _mail_address() -> str:
    return str(settings.SECURITY_CONTACT).removeprefix("mailto:")


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Say where a vulnerability is reported, in the form of RFC 9116."""
    lines = (
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {_security_expires()}",
        "Preferred-Languages: nl, en",
        f"Canonical: {request.build_absolute_uri(request.path)}",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _security_expires() -> str:
    """A day some months ahead: whoever runs this version still stands behind the contact."""
    day = timezone.now().astimezone(UTC).date() + timedelta(days=_SECURITY_DAYS)
    return datetime(day.year, day.month, day.day, tzinfo=UTC).isoformat().replace("+00:00", "Z")


@require_safe
def demo_mail(request: HttpRequest) -> HttpResponse:
    """Show the mail that a demonstration did not send; exists nowhere else."""
    if settings.MODE != "demo":
        raise Http404
    messages = mail.latest(Path(settings.EMAIL_FILE_PATH))
    return render(request, "site/demo_mail.html", {"mails": messages})


@require_POST
def demo_enter(request: HttpRequest) -> HttpResponse:
    """Sign a visitor of a demonstration in as who he chose; exists nowhere else."""
    email = request.POST.get("email", "")
    known = settings.MODE == "demo" and any(one["email"] == email for one in settings.DEMO_ACCOUNTS)
    user = account_with(email) if known else None
    if user is None:
        raise Http404
    get_adapter().login(request, user)
    return redirect("home")


def failed(request: HttpRequest) -> HttpResponse:
    """Show that we made a mistake, or that a database is away for a moment."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError) and _database_is_away():
        headers = {"Retry-After": str(_AWAY_SECONDS)}
        words = loader.render_to_string("503.html")
        return HttpResponse(words, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)
    return server_error(request)


def _database_is_away() -> bool:
    """Whether the connection is gone; a statement that took too long leaves it usable."""
    return connection.connection is None or not connection.is_usable()


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - the reason is for logs, which Django keeps
    """Show what to do when a form was open for too long."""
    return render(request, "403_csrf.html", status=403)
