"""Whether a purchase reaches the threshold of a scheme, by what a list of purchases says of it.

A list of purchases has an amount, a category and a day. How long the contract runs it does not say,
so a scheme that asks for a shortest duration is asked twice: for a day and for ten years. Where
both answers are the same the duration makes no difference; where they differ, only a person knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from telmee.core.errors import Problem
from telmee.core.explain import Step
from telmee.core.obligations.clients import find_client, same_client
from telmee.core.obligations.contract import Category, Contract
from telmee.core.obligations.owed import find_owed
from telmee.core.obligations.thresholds import check_thresholds
from telmee.core.periods import later_end
from telmee.core.schemes.model import Scheme

_LONG_MONTHS = 120


class Reach(StrEnum):
    """Where a purchase stands to the threshold; `UNSURE` is for a person."""

    ABOVE = "above"
    BELOW = "below"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a purchase stands to the threshold of a scheme, how that came about, and what it owes.

    `owed_cents` is what a contract of this sum would owe by the rules; None where it is below the
    threshold, or where the scheme leaves that to a person.
    """

    reach: Reach
    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]
    owed_cents: int | None


def reach_of(
    scheme: Scheme, *, category: Category, cents: int, day: date, client: str | None
) -> Reached:
    """Where a purchase of a day stands to the threshold of a scheme.

    `client` is the name of who bought; where the scheme does not have it, its own default holds.
    """
    ours = None if client is None else same_client(scheme, client)
    short, long = (
        Contract(category=category, value_cents=cents, start=day, end=end, published=day,
                 award=day, client=ours)
        for end in (day, later_end(day, _LONG_MONTHS))
    )  # fmt: skip
    whose = find_client(scheme, ours)
    findings = [check_thresholds(scheme, contract, whose.outcome) for contract in (long, short)]
    outcomes = {finding.outcome for finding in findings}
    reach = _reach(outcomes)
    problems = (*whose.problems, *findings[0].problems)
    if whose.problems:
        reach = Reach.UNSURE
    if outcomes == {True, False}:
        problems = (*problems, Problem("purchase_duration_unknown"))
    owed = find_owed(scheme, long, whose).outcome if reach is Reach.ABOVE else None
    return Reached(reach, (*whose.steps, *findings[0].steps), problems, owed)


def _reach(outcomes: set[bool | None]) -> Reach:
    if outcomes == {True}:
        return Reach.ABOVE
    return Reach.BELOW if outcomes == {False} else Reach.UNSURE
