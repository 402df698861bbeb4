"""Whether somebody is still signed in: what a page that stayed open for long asks.

`signed_in.js` asks it, so that nothing typed is lost to a session that ended meanwhile.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from telmee.web.middleware import session_seconds


@login_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Say to who signed in in a second tab that the first one can go on."""
    return render(request, "site/signed_in.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def state(request: HttpRequest) -> JsonResponse:
    """Who is signed in, for how many seconds more, and the token that his forms need now.

    GET only looks; POST is a use of the session, which goes on for it.
    """
    signed_in = request.user.is_authenticated
    return JsonResponse(
        {
            "who": request.user.pk if signed_in else None,
            "seconds": session_seconds(request) if signed_in else 0,
            "token": get_token(request) if signed_in else "",
        }
    )
