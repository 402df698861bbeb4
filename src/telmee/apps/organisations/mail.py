"""Write a mail from its two templates, and send it when what it tells of stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation


def written(name: str, facts: Mapping[str, Any], to: str, language: str = "") -> EmailMessage:
    """Write `<name>_subject.txt` and `<name>.txt` to somebody, in his language.

    Without a language it is that of who asks.
    """
    with translation.override(language or translation.get_language()):
        subject = render_to_string(f"{name}_subject.txt", facts)
        text = render_to_string(f"{name}.txt", facts)
    return EmailMessage(" ".join(subject.split()), text, None, [to])


def send_when_it_stands(message: EmailMessage) -> None:
    """Send a mail after the transaction; that it cannot be sent takes nothing back."""
    transaction.on_commit(message.send, robust=True)
