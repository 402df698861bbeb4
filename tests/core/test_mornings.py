"""When mail goes: a working day, and the morning for what waits."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from telmee.core.mornings import at_once, next_morning, next_week
from telmee.integrations.holidays_nl import public_holidays

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOLIDAYS = public_holidays((2026, 2027))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    ("written", "goes"),
    [
        ("2026-11-27 23:59", "2026-11-27 23:59"),  # Friday
        ("2026-11-28 00:00", "2026-11-30 08:00"),
        ("2026-11-29 23:00", "2026-11-30 08:00"),
        ("2026-12-25 10:00", "2026-12-28 08:00"),  # Christmas on a Friday
        ("2026-12-24 10:00", "2026-12-24 10:00"),
        ("2027-01-01 10:00", "2027-01-04 08:00"),
        ("2026-04-03 10:00", "2026-04-07 08:00"),  # Good Friday
        ("2026-04-27 07:00", "2026-04-28 08:00"),  # the King's birthday
    ],
)
def test_at_once_is_at_once_on_working_days_only(written: str, goes: str) -> None:
    assert at_once(moment(written), HOLIDAYS) == moment(goes)


@pytest.mark.parametrize(
    ("written", "goes"),
    [
        ("2026-11-26 07:59", "2026-11-26 08:00"),
        ("2026-11-26 08:00", "2026-11-27 08:00"),
        ("2026-11-27 08:00", "2026-11-30 08:00"),
        ("2026-12-31 12:00", "2027-01-04 08:00"),
    ],
)
def test_daily_is_the_next_working_morning(written: str, goes: str) -> None:
    assert next_morning(moment(written), HOLIDAYS) == moment(goes)


@pytest.mark.parametrize(
    ("written", "goes"),
    [
        ("2026-11-30 07:59", "2026-11-30 08:00"),  # Monday
        ("2026-11-30 08:00", "2026-12-07 08:00"),
        ("2026-04-04 10:00", "2026-04-07 08:00"),  # Easter Monday is no working day
        ("2026-04-06 10:00", "2026-04-13 08:00"),
    ],
)
def test_weekly_is_monday_morning(written: str, goes: str) -> None:
    assert next_week(moment(written), HOLIDAYS) == moment(goes)


def test_the_morning_is_at_the_same_hour_when_the_clocks_change() -> None:
    after = next_morning(moment("2026-03-27 20:00"), frozenset[date]())  # summer time on Sunday
    assert (after.hour, after.utcoffset()) == (8, moment("2026-03-30 08:00").utcoffset())
