"""A passkey in software: makes a key pair, and signs what a page asks it to sign."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

_FLAG = AuthenticatorData.FLAG
_HOST = "testserver"


class Passkey:
    """One key, for one account, that verifies its user (a fingerprint, say)."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = secrets.token_bytes(16)
        self._user = b""
        self._used = 0

    def register(self, options: dict[str, Any]) -> str:
        """Answer a request to make a credential, as the browser would send it."""
        asked = options["publicKey"]
        self._user = websafe_decode(asked["user"]["id"])
        from_key: Any = ES256.from_cryptography_key  # the library leaves it without types
        public = from_key(self._key.public_key())
        made = AttestedCredentialData.create(Aaguid.NONE, self._id, public)
        data = AuthenticatorData.create(self._host_hash(), _FLAG.UP | _FLAG.UV | _FLAG.AT, 0, made)
        client = self._client_data(CollectedClientData.TYPE.CREATE, asked["challenge"])
        attested = AttestationObject.create("none", data, {})
        response = {
            "clientDataJSON": websafe_encode(client),
            "attestationObject": websafe_encode(attested),
        }
        extensions = {"clientExtensionResults": {"credProps": {"rk": True}}}
        return json.dumps(self._sent(response) | extensions)

    def sign(self, options: dict[str, Any]) -> str:
        """Answer a request to prove that one has the key."""
        client = self._client_data(CollectedClientData.TYPE.GET, options["publicKey"]["challenge"])
        self._used += 1
        data = AuthenticatorData.create(self._host_hash(), _FLAG.UP | _FLAG.UV, self._used)
        signature = self._key.sign(data + client.hash, ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": websafe_encode(client),
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signature),
            "userHandle": websafe_encode(self._user),
        }
        return json.dumps(self._sent(response) | {"clientExtensionResults": {}})

    def _sent(self, response: dict[str, str]) -> dict[str, Any]:
        name = websafe_encode(self._id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}

    @staticmethod
    def _client_data(kind: str, challenge: str) -> CollectedClientData:
        return CollectedClientData.create(kind, challenge, f"https://{_HOST}")

    @staticmethod
    def _host_hash() -> bytes:
        return hashlib.sha256(_HOST.encode()).digest()
