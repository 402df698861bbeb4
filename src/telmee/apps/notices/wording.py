"""The mail that a notice is: its words in the language of its reader, from two templates.

`notices/mail/<code>_subject.txt` and `notices/mail/<code>.txt` are the only home of those words.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from telmee.apps.notices.models import Notice
from telmee.integrations.seals import unseal

#: The fact that is a file to send along: its name, its text and its media type.
FILE = "file"


def worded(notice: Notice, address: str) -> EmailMessage:
    """The mail of a notice, whole and right: what cannot be a mail raises here, before sending.

    Raises `SealedByAnotherKey` when its link was sealed with a key that is no longer here.
    """
    facts = dict(_read(notice))
    with translation.override(notice.language):
        subject = render_to_string(f"notices/mail/{notice.code}_subject.txt", facts)
        text = render_to_string(f"notices/mail/{notice.code}.txt", facts)
    headers = {"Message-ID": notice.message_id, "Auto-Submitted": "auto-generated"}
    message = EmailMessage(" ".join(subject.split()), text, None, [address], headers=headers)
    if FILE in facts:
        message.attach(*facts[FILE])
    message.message()
    return message


def _read(notice: Notice) -> Iterator[tuple[str, Any]]:
    """The facts as templates use them: moments (`at`, `…_at`) and days (`…_on`) are read.

    The link is opened.
    """
    yield "site_url", settings.SITE_URL
    for name, value in notice.facts.items():
        is_moment = name == "at" or name.endswith("_at")
        if name.endswith("_on"):
            yield name, date.fromisoformat(value)
        else:
            yield name, datetime.fromisoformat(value) if is_moment else value
    if notice.sealed:
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        yield "url", unseal(notice.sealed, keys)
