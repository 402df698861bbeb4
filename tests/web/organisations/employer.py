"""A fake employer that signs people in by OpenID Connect, inside the test."""

from __future__ import annotations

import base64
import hashlib
import time
from types import SimpleNamespace
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from django.urls import reverse

ISSUER = "https://inloggen.gemeente.example"
APP: dict[str, Any] = {
    "provider_id": "gemeente",
    "name": "Gemeente",
    "client_id": "telmee",
    "secret": "between us",
    "settings": {"server_url": ISSUER, "domains": ["example.org"]},
}


class Employer:
    """What the employer says; a test changes `claims` (of the token) and `info` to lie."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims: dict[str, Any] = {}
        self.info: dict[str, Any] = {"sub": "e-1", "email_verified": True, "name": "Noor Bos"}
        self.asked: dict[str, str] = {}

    # allauth uses it as a session of requests.
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was opened."""

    def get(self, url: str, **_: Any) -> Any:
        if url.endswith("/.well-known/openid-configuration"):
            return _answer(
                {
                    "issuer": ISSUER,
                    "authorization_endpoint": f"{ISSUER}/authorize",
                    "token_endpoint": f"{ISSUER}/token",
                    "userinfo_endpoint": f"{ISSUER}/userinfo",
                    "jwks_uri": f"{ISSUER}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        assert url == f"{ISSUER}/userinfo"
        return _answer(self.info)

    def request(self, method: str, url: str, *, data: dict[str, str], **_: Any) -> Any:
        assert (method, url) == ("POST", f"{ISSUER}/token")
        digest = hashlib.sha256(data["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert challenge == self.asked["code_challenge"]
        return _answer({"access_token": "a", "token_type": "Bearer", "id_token": self._token()})

    def _token(self) -> str:
        now = int(time.time())
        told = {
            "iss": ISSUER,
            "aud": "telmee",
            "sub": "e-1",
            "iat": now,
            "exp": now + 60,
            "nonce": self.asked["nonce"],
        }
        claims = {name: value for name, value in {**told, **self.claims}.items() if value}
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "k"})

    def sign_in(self, browser: Any, *, next_url: str = "", state: str | None = None) -> Any:
        """Go to the employer and come back, as a browser does."""
        path = reverse("openid_connect_login", args=["gemeente"])
        away = browser.post(f"{path}?next={next_url}" if next_url else path)
        assert away.status_code == 302
        assert away.url.startswith(f"{ISSUER}/authorize?")
        asked = parse_qs(urlsplit(away.url).query)
        self.asked = {name: values[0] for name, values in asked.items()}
        back = reverse("openid_connect_callback", args=["gemeente"])
        return browser.get(back, {"code": "c", "state": state or self.asked["state"]})


def _answer(content: dict[str, Any]) -> Any:
    return SimpleNamespace(
        status_code=200,
        headers={"content-type": "application/json"},
        json=lambda: content,
        raise_for_status=lambda: None,
    )
