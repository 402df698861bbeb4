"""The mail that notices are: their words in the language of their reader, from templates.

`notices/mail/<code>_subject.txt` and `notices/mail/<code>.txt` are the only home of the words of a
notice. A mail has them as plain text and as HTML, which is made of that same text; several notices
are one mail, with the subject of each under its contract, and a link that asks to sign in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.crypto import salted_hmac

from telmee.apps.notices.choices import COUNTED
from telmee.apps.notices.models import Notice
from telmee.integrations.seals import unseal
from telmee.texts import LANGUAGES

#: The fact that is a file to send along: its name, its text and its media type.
FILE = "file"
_SALT, _MARK_LENGTH = "telmee.notices.mail", 32


@dataclass(frozen=True, slots=True)
class Words:
    """What one notice says, and what it is about."""

    notice: Notice
    subject: str
    facts: dict[str, Any]

    @property
    def text(self) -> str:
        """The whole of it, which a mail of several does not say."""
        return render_to_string(f"notices/mail/{self.notice.code}.txt", self.facts)

    @property
    def url(self) -> str:
        """Where to go on: it asks to sign in."""
        return str(self.facts.get("url", settings.SITE_URL))

    @property
    def contract(self) -> str:
        """Its contract as people know it; empty where it is about no single one."""
        name, reference = self.facts.get("contract"), self.facts.get("reference")
        return f"{name} ({reference})" if self.notice.contract_id and name else ""


def words_of(notice: Notice) -> Words:
    """The words of a notice; what has none raises here, before anything is sent.

    Raises `SealedByAnotherKey` when its link was sealed with a key that is no longer here.
    """
    return _worded(notice, dict(_read(notice)))


def _worded(notice: Notice, facts: dict[str, Any]) -> Words:
    with translation.override(notice.language):
        subject = render_to_string(f"notices/mail/{notice.code}_subject.txt", facts)
    return Words(notice, " ".join(subject.split()), facts)


def number_of_mail(notice: Notice) -> str:
    """The Message-ID of a mail that begins with this notice.

    It follows from that of the notice, which can be guessed, and from the key of the installation:
    only who sent or received the mail can say that it came back (`bounces`).
    """
    name, _at, host = notice.message_id.partition("@")
    mark = salted_hmac(_SALT, notice.message_id, algorithm="sha256").hexdigest()[:_MARK_LENGTH]
    return f"{name}.{mark}@{host}"


class Mail(EmailMultiAlternatives):
    """A mail that is written once, when it is made, and sent as it was written.

    Its parts are divided by a text that nobody can guess. The library would search the mail for one
    that does not occur in it, which takes a tenth of the time of a mail.
    """

    written: Any = None

    def message(self, **options: Any) -> Any:
        """The mail as it goes over the line."""
        if self.written is None:
            self.written = super().message(**options)
            for part in self.written.walk():
                if part.is_multipart():
                    part.set_boundary(token_hex(16))
        return self.written


def mail_of(notices: Sequence[Words], address: str, message_id: str) -> Mail:
    """One mail of these notices, whole and right: what cannot be a mail raises here."""
    notices = _summed(notices)
    latest = notices[-1]
    with translation.override(latest.notice.language):
        subject, text, page = _one(latest) if len(notices) == 1 else _several(notices)
    headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated"}
    message = Mail(subject, text, None, [address], headers=headers)
    message.attach_alternative(page, "text/html")
    for words in notices:
        if FILE in words.facts:
            message.attach(*words.facts[FILE])
    message.message()
    return message


def _summed(notices: Sequence[Words]) -> list[Words]:
    """Those that tell of a number of lines as one, for each contract and each who did it."""
    alike: dict[object, list[Words]] = {}
    for words in notices:
        notice = words.notice
        is_counted = notice.code in COUNTED
        place = (notice.code, notice.contract_id, words.facts["by"]) if is_counted else notice.pk
        alike.setdefault(place, []).append(words)
    return [some[0] if len(some) == 1 else _sum(some) for some in alike.values()]


def _sum(some: Sequence[Words]) -> Words:
    """One that says how many lines the others were about; a line that is named twice is one."""
    last = some[-1]
    singly = {words.facts["line"] for words in some if words.facts["line"]}
    count = len(singly) + sum(words.facts["count"] for words in some if not words.facts["line"])
    if count == 1:
        return last
    every = {"count": count, "line": "", "url": last.facts["list_url"]}
    return _worded(last.notice, {**last.facts, **every})


def _one(words: Words) -> tuple[str, str, str]:
    text = words.text
    paragraphs = [part.strip() for part in text.split("\n\n") if part.strip()]
    facts = {"subject": words.subject, "paragraphs": paragraphs}
    return words.subject, text, render_to_string("notices/digest/page.html", facts)


def _several(notices: Sequence[Words]) -> tuple[str, str, str]:
    contracts: dict[str, list[Words]] = {}
    for words in sorted(notices, key=lambda each: (not each.contract, each.contract)):
        contracts.setdefault(words.contract, []).append(words)
    facts = {
        "count": len(notices),
        "contracts": contracts.items(),
        "site_url": settings.SITE_URL,
    }
    subject = " ".join(render_to_string("notices/digest/subject.txt", facts).split())
    facts["subject"] = subject
    text = render_to_string("notices/digest/mail.txt", facts)
    return subject, text, render_to_string("notices/digest/mail.html", facts)


def _read(notice: Notice) -> Iterator[tuple[str, Any]]:
    """The facts as templates use them: moments (`at`, `…_at`) and days (`…_on`) are read.

    Of words that are kept in both languages it takes the reader's. The link is opened.
    """
    yield "site_url", settings.SITE_URL
    for name, value in notice.facts.items():
        is_moment = name == "at" or name.endswith("_at")
        if isinstance(value, dict) and value.keys() == set(LANGUAGES):
            yield name, value[notice.language]
        elif name.endswith("_on"):
            yield name, date.fromisoformat(value)
        else:
            yield name, datetime.fromisoformat(value) if is_moment else value
    if notice.sealed:
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        yield "url", unseal(notice.sealed, keys)
