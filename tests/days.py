"""The day on which a test runs, and not that on which its file was read.

All tests together run on past midnight, and the day that the database and the pages then go by is
another one.
"""

from __future__ import annotations

import re
from datetime import date

from django.utils import timezone


def today() -> date:
    """The day, where Telmee is used."""
    return timezone.localdate()


def still_runs() -> date:
    """The last day of a contract that has months to come, on whatever day a test runs."""
    return date(today().year + 1, 12, 31)


def without_marks(markup: str) -> str:
    """A page without what keeps each of its days on one line, to read whole sentences of it."""
    return re.sub(r'<span class="unbroken">(.*?)</span>', r"\1", markup)


def typed_today() -> str:
    """Today, as people type it."""
    return f"{today():%d-%m-%Y}"
