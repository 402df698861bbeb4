"""Notices to somebody about his own account, in place of the mails of the library."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.utils import timezone

from telmee.apps.notices.actions import Reader, write_notice
from telmee.apps.organisations import queries
from telmee.apps.organisations.acting import acting_as

#: What changed in an account, by the name of the library's own mail about it.
CHANGES: Mapping[str, str] = {
    "account/email/password_reset": "password_renewed",
    "account/email/password_changed": "password_changed",
    "account/email/password_set": "password_set",
    "mfa/email/totp_activated": "app_added",
    "mfa/email/totp_deactivated": "app_removed",
    "mfa/email/recovery_codes_generated": "recovery_codes_made",
    "mfa/email/webauthn_added": "passkey_added",
    "mfa/email/webauthn_removed": "passkey_removed",
    "socialaccount/email/account_connected": "employer_connected",
}
RESET = "account/email/password_reset_key"


def tell_of_account(mail: str, email: str, context: Mapping[str, Any]) -> None:
    """Write the notice that stands for a mail of the library; an unknown account is told nothing.

    The library mails about an authenticator app and new recovery codes after the transaction: then
    the notice has one of its own.
    """
    with nullcontext() if connection.in_atomic_block else acting_as(None):
        user = queries.account_with(email.lower())
        if user is None:
            return
        reader = Reader(user_id=user.pk, language=user.language)
        event = str(uuid4())  # each time somebody asks or changes is an event of its own
        if mail == RESET:
            seconds = settings.PASSWORD_RESET_TIMEOUT
            write_notice(
                "password_reset",
                reader,
                event=event,
                facts={},
                link=context["password_reset_url"],
                until=timezone.now() + timedelta(seconds=seconds),
            )
        else:
            facts = {"change": CHANGES[mail], "at": timezone.now()}
            write_notice("account_changed", reader, event=event, facts=facts)
