"""Which version of a scheme holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from telmee.core.errors import DomainError, Problem
from telmee.core.schemes.model import Scheme

UNDATED = "undated"


def newest(versions: Iterable[str]) -> str | None:
    """The newest of version names: the latest date, and a dated one before `undated`.

    Today's date has no say: the same files give the same answer on every day.

    >>> newest(["undated", "2023-07-01", "2021-01-01"])
    '2023-07-01'
    """
    return max(versions, key=lambda name: (name != UNDATED, name), default=None)


def in_force(versions: Iterable[Scheme], on: date) -> Scheme:
    """The version that holds for a contract whose own date is `on`.

    The one with the latest start on or before that date (a rule with retroactive effect starts
    there), unless it has ended by then; an undated version holds only where no dated one exists.
    Raises `DomainError` `no_version_in_force` rather than falling back on an older version.
    """
    schemes = list(versions)
    dated = [scheme for scheme in schemes if scheme.valid_from is not None]
    if schemes and not dated:
        return schemes[0]
    started = [scheme for scheme in dated if _start(scheme) <= on]
    latest = max(started, key=lambda scheme: (_start(scheme), scheme.version), default=None)
    if latest is None or (latest.valid_to is not None and latest.valid_to < on):
        family = schemes[0].family if schemes else ""
        raise DomainError(
            Problem("no_version_in_force", params={"family": family, "date": on.isoformat()})
        )
    return latest


def _start(scheme: Scheme) -> date:
    start = scheme.retroactive_to or scheme.valid_from
    if start is None:
        raise ValueError("an undated version has no start")
    return start
