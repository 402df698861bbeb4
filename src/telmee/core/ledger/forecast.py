"""Where a contract will stand at its end, and whether somebody should look.

Verified, delivered and promised are never mixed: what is expected at the end is a fourth figure,
with a name of its own, and takes nothing off what is open (docs/algorithms/ledger.md section 3).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from telmee.core.ledger.position import Position
from telmee.core.money import WHOLE_BP, half_up

#: Below this share of what is owed, in basis points, the end is in doubt.
ENOUGH_BP = 80_00


class Risk(StrEnum):
    """How a contract fares, from no concern to the greatest."""

    MET = "met"
    ON_COURSE = "on_course"
    BEHIND = "behind"
    AT_RISK = "at_risk"
    OVERDUE = "overdue"


def ahead_cents(promised_cents: int, begin: date, end: date, today: date) -> int:
    """The cents of a plan line that still lie ahead: by days, today included.

    What lies behind today was either delivered, and counts as that, or was not done.

    >>> ahead_cents(300_00, date(2025, 6, 1), date(2025, 6, 30), today=date(2025, 6, 21))
    10000
    """
    days = _days(begin, end)
    return half_up(promised_cents * (days - _passed(begin, end, today)), days)


def expected_at_end_cents(position: Position, *, delivered_cents: int, planned_cents: int) -> int:
    """The cents that count at the end if all that was delivered and promised comes true.

    `delivered_cents` is what was claimed and not yet decided on, `planned_cents` what was promised
    and lies ahead. It is the best that can come, not the most likely: a contract that falls short
    even so needs somebody.
    """
    return position.met_cents + delivered_cents + planned_cents


def risk_of(position: Position, expected_cents: int, start: date, end: date, today: date) -> Risk:
    """Tell how a contract fares; the first rule that fits decides.

    1. `met`: nothing is open.
    2. `overdue`: the end has passed.
    3. `at_risk`: more than half of the time has passed and less than 80% of what is owed is
       expected.
    4. `behind`: of what is owed a smaller share is expected than of the time has passed.
    5. `on_course`: all others.
    """
    owed, days, passed = position.owed_cents, _days(start, end), _passed(start, end, today)
    if not position.open_cents:
        return Risk.MET
    if today > end:
        return Risk.OVERDUE
    if 2 * passed > days and expected_cents * WHOLE_BP < owed * ENOUGH_BP:
        return Risk.AT_RISK
    return Risk.BEHIND if expected_cents * days < owed * passed else Risk.ON_COURSE


def _days(begin: date, end: date) -> int:
    """Count the days of a period with both its ends."""
    if end < begin:
        raise ValueError(f"a period cannot end on {end}, before it begins on {begin}")
    return (end - begin).days + 1


def _passed(begin: date, end: date, today: date) -> int:
    """Count the days of a period that lie behind today, which is itself still ahead."""
    return min(max(0, (today - begin).days), _days(begin, end))
