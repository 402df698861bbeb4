"""The employer's sign-in (OpenID Connect), held to what the standard asks.

allauth asks with a state and PKCE, and checks issuer, audience and time of the answer. Added here:
the nonce, that both answers are about one person, and that nothing of the answer is kept.
"""

from __future__ import annotations

import secrets
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.http import HttpRequest, HttpResponse


class EmployerProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """An OpenID Connect provider of a client or contractor; settings name it as provider class."""

    package = "allauth.socialaccount.providers.openid_connect"  # where its addresses are

    def redirect(
        self, request: HttpRequest, process: str, *, auth_params: Any = None, **stashed: Any
    ) -> HttpResponse:
        """Send the visitor to his employer with a nonce, which the answer has to repeat."""
        nonce = secrets.token_urlsafe(32)
        params = {**(auth_params or self.get_auth_params()), "nonce": nonce}
        answer: HttpResponse = super().redirect(
            request, process, auth_params=params, nonce=nonce, **stashed
        )
        return answer

    def sociallogin_from_response(self, request: HttpRequest, response: dict[str, Any]) -> object:
        """Read who it is. Raises `OAuth2Error` when the two parts speak of different people."""
        token, info = response.get("id_token"), response.get("userinfo")
        if not token:
            raise OAuth2Error("the answer holds no id_token")
        if info and info.get("sub") != token.get("sub"):
            raise OAuth2Error("id_token and userinfo name different people")
        return super().sociallogin_from_response(request, response)

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, object]:
        """Keep the nonce, for the check that follows, and no personal detail."""
        return {"nonce": data["id_token"].get("nonce", "")}

    def extract_email_addresses(self, data: dict[str, object]) -> list[EmailAddress]:
        """Take an address for verified only when the employer says so in so many words."""
        addresses: list[EmailAddress] = super().extract_email_addresses(data)
        for address in addresses:
            address.verified = address.verified in {True, "true"}
        return addresses
