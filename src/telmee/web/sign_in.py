"""How people get in: by invitation, then with a password, a passkey or their employer's sign-in."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.fields import PasswordField
from allauth.account.forms import LoginForm
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy

from telmee.apps.organisations import access, queries
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import DomainError
from telmee.core.free_text import CODE
from telmee.integrations.seals import seal, unseal
from telmee.web import guessing
from telmee.web.account_notices import tell_of_account
from telmee.web.employers import employer_of
from telmee.web.forms import SafeTextField

#: Where a session keeps the token of the invitation that its visitor is looking at.
INVITED = "invitation"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by himself; an invitation proves the address."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's shape
        """Keep the door shut."""
        return False

    def login(self, request: HttpRequest, user: object) -> None:
        """Start the session; from here on allauth knows that the address is proved."""
        _record_proof(user)
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: Any, **facts: Any) -> HttpResponse:
        """Lead on, from a browser that is known from now on."""
        response: HttpResponse = super().post_login(request, user, **facts)
        guessing.remember_device(request, response, user.email)
        return response

    def pre_authenticate(self, request: HttpRequest, **credentials: object) -> None:
        """Count a try before it is known whether it is right."""
        with guessing.counting(request, str(credentials.get("email", ""))):
            super().pre_authenticate(request, **credentials)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """Write a notice in place of the library's own mail."""
        tell_of_account(template_prefix, email, context)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: object) -> str:
        """Count wrong passwords by sender and account.

        allauth counts by account alone, so that anybody could lock its owner out; and it adds the
        host that the browser named, so that another port would start a new count.
        """
        return guessing.try_of(request, str(credentials.get("email", "")))

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address of who sends a request: `NamedProxies` looked past the proxies."""
        return guessing.sender_of(request)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Make the link with our own address, whatever host the request named."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return str(settings.SITE_URL) + path.replace("UID-KEY", quote(key))


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """An employer's sign-in (OpenID Connect) opens the account of an address that he verified.

    It makes an account only for who came from an invitation that was mailed to that address.
    """

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Refuse an answer to the question of another browser, or about somebody of others."""
        nonce = sociallogin.state.get("nonce")
        answered = sociallogin.account.extra_data.get("nonce")
        fits = nonce and answered and constant_time_compare(nonce, answered)
        if not fits or (sociallogin.is_existing and not _opens(sociallogin, sociallogin.user)):
            provider = sociallogin.account.get_provider(request)
            raise ImmediateHttpResponse(render_authentication_error(request, provider))
        if sociallogin.is_existing:
            _record_proof(sociallogin.user)

    def authenticate_by_email(self, sociallogin: object) -> tuple[object, str] | None:
        """Find the account of an address that the employer verified and may vouch for."""
        for email in _vouched(sociallogin):
            user = queries.account_with(email)
            if user is not None:
                return user, user.email
        return None

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Open the door for the address on the invitation that this visitor came from."""
        try:
            invitation = access.invitation_of(request.session.get(INVITED, ""))
        except DomainError:
            return False
        employer = employer_of(sociallogin.provider.app)
        of_his = employer.is_bound_to([invitation.organisation])
        return of_his and invitation.email in _vouched(sociallogin)

    def populate_user(
        self, request: HttpRequest, sociallogin: object, data: dict[str, object]
    ) -> object:
        """Take over the name, where the employer gives one."""
        user = super().populate_user(request, sociallogin, data)
        user.name = str(data.get("name") or user.email)[:120]
        return user


class SecretsAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second steps, with their secrets sealed: who reads the table cannot make codes with it."""

    def encrypt(self, text: str) -> str:
        """Seal a secret with a key that follows from the installation's own."""
        return seal(text, settings.SECRET_KEY)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret. Raises `SealedByAnotherKey`, also when it was tampered with."""
        return unseal(encrypted_text, [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS])


class _Code:
    """A code of an app or a recovery code, tried by somebody who knows the password.

    Six digits can be guessed by many senders together, so all who are unknown share one count; a
    device of the owner has its own, and stays open. A right code takes its own try back, no other.
    """

    user: Any
    cleaned_data: dict[str, object]

    def clean_code(self) -> str:
        """Take a code that is right."""
        request, code = context.request, str(self.cleaned_data["code"])
        key = f"code {guessing.device_of(request, self.user.email)} {self.user.pk}"
        with guessing.counting(request, self.user.email):
            counted = ratelimit.consume(
                request, app="allauth.account", action="login_failed", key=key
            )
        if not counted:
            raise AccountAdapter().validation_error("too_many_login_attempts")
        with_code = Authenticator.objects.filter(user=self.user)
        for one in with_code.exclude(type=Authenticator.Type.WEBAUTHN):
            if one.wrap().validate_code(code):
                one.user = self.user
                self.authenticator = one
                counted.rollback()
                return code
        raise SecretsAdapter().validation_error("incorrect_code")


class SignInForm(LoginForm):  # type: ignore[misc]
    """Signing in with a password; the library puts a link between the address and the password.

    Whoever goes on by the Tab key would type his password there. It stands below the form.
    """

    password = PasswordField(label=gettext_lazy("Password"), autocomplete="current-password")


class CodeForm(_Code, AuthenticateForm):  # type: ignore[misc]
    """The second step of signing in."""


class CodeAgainForm(_Code, ReauthenticateForm):  # type: ignore[misc]
    """A code in place of the password, before something that protects the account changes."""


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey; the library leaves the label of its name to Django, which knows no Dutch."""

    name = SafeTextField(
        label=gettext_lazy("Name of this passkey"), required=False, max_length=CODE.maximum
    )


class EditPasskeyForm(EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a passkey."""

    name = SafeTextField(label=gettext_lazy("Name of this passkey"), max_length=CODE.maximum)


def _vouched(sociallogin: Any) -> set[str]:
    """The addresses that the employer verified, of domains that are his."""
    employer = employer_of(sociallogin.provider.app)
    verified = [entry.email for entry in sociallogin.email_addresses if entry.verified]
    return {email.lower() for email in verified if employer.vouches_for(email)}


def _opens(sociallogin: Any, user: Any) -> bool:
    """Whether an employer's sign-in may open an account, also one that it opened before.

    The account's own address is of his domains, its person belongs to his organisations, and no
    other sign-in has it already: an employer takes over no account of another.
    """
    employer = employer_of(sociallogin.provider.app)
    with acting_as(user.pk) as acting:
        of_his = employer.is_bound_to(queries.organisations_of(acting))
        transaction.set_rollback(True)  # what follows is not asked in his name
    account = sociallogin.account
    others = SocialAccount.objects.filter(user=user).exclude(
        provider=account.provider, uid=account.uid
    )
    return of_his and employer.vouches_for(user.email) and not others.exists()


def _record_proof(user: Any) -> None:
    """Write where allauth looks that the invitation to this address has proved it.

    It would refuse a second step, and wipe a password, for an address that it takes for unproved.
    """
    proved = {"verified": True, "primary": True}
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults=proved)
