"""Coming in by an invitation, and one's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from telmee.apps.contracts.joining import join_by_invitation
from telmee.apps.organisations import access, actions, queries
from telmee.core.errors import DomainError
from telmee.web.form_pages import render_form, tell
from telmee.web.forms import succeeds
from telmee.web.middleware import TelmeeRequest
from telmee.web.organisations.forms import AccountForm, NewAccountForm
from telmee.web.sign_in import INVITED

if TYPE_CHECKING:
    from telmee.apps.organisations.models import Invitation


@require_safe
def arrive(request: TelmeeRequest, token: str) -> HttpResponse:
    """Take the token of a link out of the address, so that no log or other page gets to know it.

    An employer's sign-in comes back without the link as well.
    """
    request.session[INVITED] = token
    return redirect("invitation-accept")


@sensitive_post_parameters("password", "again")
def invitation(request: TelmeeRequest) -> HttpResponse:
    """Let somebody in who has the link of an invitation, once."""
    token = request.session.get(INVITED, "")
    try:
        invited = access.invitation_of(token)
        if request.user.is_authenticated:
            access.invited_account(request.acting, invited)
    except DomainError as error:
        context = {"found": error}
        return render(request, "organisations/invitation_closed.html", context, status=404)
    if request.user.is_authenticated:
        return _join(request, token, invited)
    return _come_in(request, token, invited)


def _join(request: TelmeeRequest, token: str, invitation: Invitation) -> HttpResponse:
    """Let who is signed in accept, with the account he has."""
    if request.method == "POST":
        try:
            join_by_invitation(request.acting, token=token)
        except DomainError as error:
            tell(request, error)
            return redirect("organisations")
        request.session.pop(INVITED, None)
        messages.success(request, _welcome(invitation))
        return redirect("organisation", invitation.organisation_id)
    return render(request, "organisations/invitation_join.html", {"invitation": invitation})


def _come_in(request: TelmeeRequest, token: str, invitation: Invitation) -> HttpResponse:
    """Let a visitor make his account, or sign in with the one he has."""
    form = NewAccountForm(request.POST or None)
    if succeeds(form, lambda: _accept_as_new(request, token, form)):
        messages.success(request, _welcome(invitation))
        answer: HttpResponse = perform_login(
            request,
            queries.account_with(invitation.email),
            redirect_url=reverse("organisation", args=[invitation.organisation_id]),
        )
        return answer
    context = {
        "invitation": invitation,
        "has_account": queries.account_with(invitation.email) is not None,
        "back": urlencode({"next": request.path}),
    }
    return render_form(request, "organisations/invitation.html", form, context)


def _accept_as_new(request: TelmeeRequest, token: str, form: NewAccountForm) -> None:
    name, password = form.cleaned_data["name"], form.cleaned_data["password"]
    join_by_invitation(request.acting, token=token, name=name, password=password)


def _welcome(invitation: Invitation) -> str:
    return gettext("You now work for {name}.").format(name=invitation.organisation.name)


@login_required
def my_account(request: TelmeeRequest) -> HttpResponse:
    """Show and change one's own name and language, and lead to how one signs in."""
    user = access.account_for(request.acting)
    now = {name: getattr(user, name) for name in AccountForm.base_fields}
    form = AccountForm(request.POST or None, initial=now)
    if succeeds(form, lambda: actions.change_account(request.acting, **form.cleaned_data)):
        language = form.cleaned_data["language"]
        with translation.override(language):
            messages.success(request, gettext("Your account was changed."))
        answer = redirect("my-account")
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            samesite="Lax",
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        )
        return answer
    context = {"email": user.email, "is_client": request.acting.is_of_client}
    return render_form(request, "organisations/my_account.html", form, context)


def closed(_request: TelmeeRequest, **_facts: str) -> HttpResponse:
    """Say that a page of the library for signing in does not exist here."""
    raise Http404
