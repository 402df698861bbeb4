"""The day on which a test runs, and not that on which its file was read.

All tests together run on past midnight, and the day that the database and the pages then go by is
another one.
"""

from __future__ import annotations

from datetime import date

from django.utils import timezone


def today() -> date:
    """The day, where Telmee is used."""
    return timezone.localdate()


def typed_today() -> str:
    """Today, as people type it."""
    return f"{today():%d-%m-%Y}"
