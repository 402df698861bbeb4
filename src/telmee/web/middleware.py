"""What stands around every request: one transaction, and an end to every session."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from telmee.apps.organisations.acting import Acting, acting_as
from telmee.apps.organisations.refusals import refusal_of
from telmee.core.errors import DomainError
from telmee.integrations.seals import SealedByAnotherKey
from telmee.web.form_pages import problems_page

_log = logging.getLogger(__name__)

_SIGNED_IN_AT = "signed_in_at"
_USED_AT = "used_at"
#: Not every click is written down: a session ends so much earlier at most, after two hours.
_USED_SECONDS = 60
#: What writes when it is opened: tries at a secret in an address are counted, the answer of an
#: employer's sign-in comes as a link, and of a file that was altered the journal says so.
_WRITES_WHEN_OPENED = re.compile(
    r"/(accounts|bevestigen|bevestiging|uitnodiging)/|/inspanningen/\d+/bewijs/\d+$"
)
_METHODS = ("GET", "HEAD", "POST")


class TelmeeRequest(HttpRequest):
    """A request, with whom it acts for."""

    acting: Acting


class HtmxRequest(TelmeeRequest):
    """A request, with what htmx says about it."""

    htmx: HtmxDetails


class MethodsOfForms:
    """Refuse a method that neither a link nor a form sends, before anybody is looked up for it.

    A page that takes no form says so itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request, or refuse its method."""
        if request.method in _METHODS:
            return self.get_response(request)
        return HttpResponseNotAllowed(_METHODS)


class OneTransaction:
    """Open one transaction around the whole request, rendering included.

    All of a page is read as it was at one moment: otherwise a decision between two of its queries
    would leave sums that do not add up. Everything that a form changes stands or falls together: a
    failure (5xx) undoes it. Row security knows from here who asks.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: TelmeeRequest) -> HttpResponse:
        """Answer a request inside its transaction."""
        _keep_session(request)
        user = request.user if request.user.is_authenticated else None
        user_id, is_operator = (user.pk, user.is_operator) if user else (None, False)
        only_reads = request.method != "POST" and not _WRITES_WHEN_OPENED.match(request.path)
        with acting_as(user_id, is_operator=is_operator, only_reads=only_reads) as acting:
            request.acting = acting
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response


def _keep_session(request: HttpRequest) -> None:
    """End a session that began too long ago, however busy it was; keep one that is used.

    A page that looks by itself whether its reader is still signed in is no use of the session: left
    open, it would keep somebody signed in who went home.
    """
    if not request.user.is_authenticated:
        return
    now = int(time.time())
    began = request.session.setdefault(_SIGNED_IN_AT, now)
    only_looks = request.method != "POST" and request.path == reverse("signed-in-state")
    if now - began > settings.SESSION_HOURS_MAX * 3600:
        logout(request)
    elif not only_looks and now - request.session.get(_USED_AT, 0) >= _USED_SECONDS:
        request.session[_USED_AT] = now  # what is changed is saved, for two hours from now


def session_seconds(request: HttpRequest) -> int:
    """How many seconds the session of this request goes on, when nothing is done with it."""
    now = int(time.time())
    unused: int = request.session.get(_USED_AT, now) + settings.SESSION_COOKIE_AGE
    longest: int = request.session.get(_SIGNED_IN_AT, now) + settings.SESSION_HOURS_MAX * 3600
    return max(0, min(unused, longest) - now)


class SignedOut:
    """Refuse a part of a page with 401 to who is not signed in, and show him what he typed.

    A whole page leads to signing in. A part that did so would put the page of signing in inside the
    page of the reader, in place of what he typed; and a form that did so would lose that. So the
    texts that a form brought stand in the answer, for who sent them and for nobody else: they are
    kept nowhere. Signing in leads back to the page of the form, and not to where that was sent to.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HtmxRequest) -> HttpResponse:
        """Answer a request, or say that it needs somebody who is signed in."""
        response = self.get_response(request)
        leads_away = response.status_code == HTTPStatus.FOUND and not request.user.is_authenticated
        if request.htmx and leads_away:
            return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
        sign_in = f"{resolve_url(settings.LOGIN_URL)}?{REDIRECT_FIELD_NAME}="
        to_sign_in = response.headers.get("Location", "").startswith(sign_in)
        if request.method != "POST" or not (leads_away and to_sign_in):
            return response
        back = redirect_to_login(_page_of_form(request))
        texts = _texts_of(request)
        if not texts:
            return back
        context = {"texts": texts, "sign_in": back.url}
        status = HTTPStatus.UNAUTHORIZED
        return render(request, "site/signed_out.html", context, status=status)


def _page_of_form(request: HttpRequest) -> str:
    """The page on which a form stood: many an address that a form goes to is no page itself.

    A browser names it, to our own pages alone; where one does not, it is the first page.
    """
    page = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(
        page, {request.get_host()}, require_https=request.is_secure()
    )
    if not ours:
        return resolve_url(settings.LOGIN_REDIRECT_URL)
    parts = urlsplit(page)
    return urlunsplit(("", "", f"/{parts.path.lstrip('/')}", parts.query, ""))


def _texts_of(request: HttpRequest) -> list[str]:
    """What somebody typed in a form of more than one word, where a browser sent it as a page.

    A pass phrase has more than one word too, and stands on no screen.
    """
    is_page = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    if not is_page:
        return []
    values = (
        value.strip()
        for name, some in request.POST.lists()
        for value in some
        if "password" not in name
    )
    return [value for value in values if len(value.split()) > 1]


class SealedSecondStep:
    """Say it on a page when a second step was sealed with a key that is no longer here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, failure: Exception) -> HttpResponse | None:
        """Say whom to ask, and write in the log for him what to do."""
        if not isinstance(failure, SealedByAnotherKey):
            return None
        _log.error(
            "TELMEE_SECRET_KEY does not open a second step. Give the key of before in"
            " TELMEE_SECRET_KEY_FALLBACKS, or run: ./telmee database drop-second-steps"
        )
        return render(request, "account/second_step_sealed.html", status=503)


class RefusedDeeds:
    """Say on a page what refused a request, where its view did not: never an error of the server.

    Whatever the request had done by then is undone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, failure: Exception) -> HttpResponse | None:
        """Say what happened and what to do."""
        if isinstance(failure, DomainError):
            refusal = failure
        elif (problem := refusal_of(failure)) is not None:
            refusal = DomainError(problem)
        else:
            return None
        response = problems_page(request, refusal)
        transaction.set_rollback(True)
        return response


class UserLanguage:
    """Speak the language of who signed in, unless the visitor chose one himself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the user's own language."""
        chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
        if request.user.is_authenticated and not chosen:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)
