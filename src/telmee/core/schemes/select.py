"""Which version of a scheme holds.

A version has the name of its file: its first day, or `undated`. What was published never changes,
so a text that was read better is a file of its own beside the first: the same name with the number
of the reading, `undated-2` or `2023-07-01-2`. The last reading of a version goes before the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from telmee.core.errors import DomainError, Problem
from telmee.core.explain import Step, Value
from telmee.core.schemes.model import Scheme

UNDATED = "undated"


class Name(NamedTuple):
    """The name of a version in its parts; in order of age, an undated one before the dated ones."""

    first_day: str
    reading: int

    @property
    def is_undated(self) -> bool:
        """Whether the source names no first day."""
        return not self.first_day


def name_of(version: str) -> Name:
    """Read the name of a version.

    >>> name_of("2023-07-01-2"), name_of("undated")
    (Name(first_day='2023-07-01', reading=2), Name(first_day='', reading=1))
    """
    start, dash, reading = version.rpartition("-")
    if not dash or len(reading) > 1 or not reading.isdecimal():
        start, reading = version, "1"
    return Name("" if start == UNDATED else start, int(reading))


def newest(versions: Iterable[str]) -> str | None:
    """The newest of version names: the latest date, and a dated one before `undated`.

    Today's date has no say: the same files give the same answer on every day.

    >>> newest(["undated", "2023-07-01", "2021-01-01"])
    '2023-07-01'
    >>> newest(["undated-2", "undated"])
    'undated-2'
    """
    return max(versions, key=name_of, default=None)


def outdated_on(scheme: Scheme, on: date) -> Iterator[Step]:
    """What to check about a version for a contract or a line of that day: whether it still held.

    Nothing is refused: a contract keeps the version that its own day selects, and only a person
    knows whether it was selected well.
    """
    rule, source = "version.valid_to", scheme.source_of("version")
    if scheme.valid_to is not None and on > scheme.valid_to:
        yield Step(
            "to_check", "scheme_ended", "code", rule, source, params={"last": scheme.valid_to}
        )
    following = scheme.successor
    if following is not None and on >= following.first_day:
        params: dict[str, Value] = {
            "first": following.first_day,
            "name": following.scheme_id,
            "version": following.version,
        }
        yield Step("to_check", "newer_version", "code", "version", None, params=params)


def day_of_contract(scheme: Scheme, days: Mapping[str, date | None], start: date) -> date:
    """The day of a contract that selects a version: the one that the scheme says.

    `days` has the days that are known by `publication` and `award`. A scheme that does not say
    which day is read as: publication, else award, else start.
    """
    selecting = start if scheme.selected_by == "contract" else days.get(scheme.selected_by or "")
    return selecting or days.get("publication") or days.get("award") or start


def in_force(versions: Iterable[Scheme], on: date) -> Scheme:
    """The version that holds for a contract whose own date is `on`.

    The one with the latest start on or before that date (a rule with retroactive effect starts
    there), unless it has ended by then; an undated version holds only where no dated one exists.
    Raises `DomainError` `no_version_in_force` rather than falling back on an older version.
    """
    schemes = list(versions)
    dated = [scheme for scheme in schemes if scheme.valid_from is not None]
    if schemes and not dated:
        first = schemes[0].id
        return max((s for s in schemes if s.id == first), key=lambda s: name_of(s.version))
    started = [scheme for scheme in dated if _start(scheme) <= on]
    latest = max(started, key=lambda s: (_start(s), name_of(s.version)), default=None)
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
