"""No log holds what lets somebody in.

Pages exchange the token of a link at its first use for a value of the session, so that no path
keeps it. That first request can still be told in a log, as can a callback with its code; whatever
writes a line, and a failure with it, writes it through here.
"""

from __future__ import annotations

import logging
import re

_HIDDEN = r"\1…"
_SECRETS = (
    # Paths of which the last part is a secret; `tests/web/test_secrets_in_logs.py` finds others.
    re.compile(
        r"(/uitnodiging/|/bevestiging/|/accounts/password/reset/key/|/accounts/confirm-email/)[^\s'\"<>]+"
    ),
    # Values in a query or a form.
    re.compile(
        r"((?<![\w-])(?:code|state|token|key|password\w*|secret\w*|sessionid|csrf\w*)=)[^\s&'\";<>]+",
        re.IGNORECASE,
    ),
)


def without_secrets(text: str) -> str:
    """A text in which no secret can be read, for a log.

    >>> without_secrets("Not Found: /uitnodiging/9f3b-Qk")
    'Not Found: /uitnodiging/…'
    >>> without_secrets("GET /accounts/oidc/x/login/callback/?code=abc&state=def")
    'GET /accounts/oidc/x/login/callback/?code=…&state=…'
    """
    for secret in _SECRETS:
        text = secret.sub(_HIDDEN, text)
    return text


class WithoutSecrets(logging.Formatter):
    """Write a line, and the failure that belongs to it, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a line."""
        return without_secrets(super().format(record))
