"""Pages that everybody may see, signed in or not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from telmee.web.site import mail

#: RFC 9116 advises less than a year ahead.
_SECURITY_DAYS = 180


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """State how accessible the application is, as the law asks of public bodies."""
    return render(request, "site/accessibility.html", {"contact": _mail_address()})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Tell what is kept about people, and what never is."""
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
    """Give a day some months ahead: whoever runs this version still stands behind the contact."""
    day = timezone.now().astimezone(UTC).date() + timedelta(days=_SECURITY_DAYS)
    return datetime(day.year, day.month, day.day, tzinfo=UTC).isoformat().replace("+00:00", "Z")


@require_safe
def demo_mail(request: HttpRequest) -> HttpResponse:
    """Show the mail that a demonstration did not send; exists nowhere else."""
    if settings.MODE != "demo":
        raise Http404
    found = mail.latest(Path(settings.EMAIL_FILE_PATH))
    return render(request, "site/demo_mail.html", {"mails": found})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - the reason is for logs, which Django keeps
    """Tell what to do when a form was open for too long."""
    return render(request, "403_csrf.html", status=403)
