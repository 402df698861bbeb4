"""A contract over its life: which facts hold on a day, and what the books are to say of each.

An amendment has two dates: from when it counts, and when it was recorded, which is its number. The
facts of a day follow from the first and never from the second, so the order in which somebody
writes things down makes no difference (docs/algorithms/ledger.md section 5).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import TypeVar

from telmee.core.ledger.kinds import EntryKind

Facts = Mapping[str, object]
#: The fact that counts down: how often a contract can still be extended.
OPTIONS_LEFT = "extension_count"


@dataclass(frozen=True, slots=True)
class Amendment:
    """What one amendment says: the facts that it changes, each with its new value, and from when.

    Number 0 is what was registered, whole; `corrects` is a correction of that, and holds from the
    beginning. Where several count from one day, the one that was recorded last has the last word.
    `uses_option` takes one off the options that are left, whatever else is recorded about them.
    `voids` takes the whole contract back: it was registered by mistake, and owes nothing.
    """

    number: int
    effective_on: date
    facts: Facts = field(default_factory=dict)
    corrects: bool = False
    uses_option: bool = False
    voids: bool = False

    @property
    def is_beginning(self) -> bool:
        """Whether it says how the contract began: its registration, or a correction of that."""
        return self.corrects or not self.number


@dataclass(frozen=True, slots=True)
class Stage:
    """The facts of a contract from a day on, until the next stage.

    `number` is the amendment of that day that was recorded last.
    """

    effective_on: date
    number: int
    facts: Facts


def stages_of(chain: Iterable[Amendment]) -> list[Stage]:
    """The stages of a contract, one for each day on which something changed, the earliest first."""
    amendments = sorted(chain, key=lambda one: one.number)
    first = _begins_on(amendments)

    def day(one: Amendment) -> date:
        return first if one.is_beginning else max(first, one.effective_on)

    ordered = sorted(amendments, key=lambda one: (day(one), not one.is_beginning, one.number))
    facts: dict[str, object] = {}
    stages = []
    for effective_on, together in groupby(ordered, key=day):
        number = 0
        for one in together:
            facts = _amended(facts, one)
            number = max(number, one.number)
        stages.append(Stage(effective_on, number, facts))
    return stages


def facts_on(chain: Iterable[Amendment], day: date | None = None) -> Facts:
    """The facts of a contract on a day, and of its whole chain without one.

    Before its first day they are those of that day. What was known at an earlier moment follows
    from the amendments recorded until then.

    >>> chain = [
    ...     Amendment(0, date(2024, 1, 1), {"value_cents": 100, "extension_count": 2}),
    ...     Amendment(1, date(2026, 1, 1), {"value_cents": 300}, uses_option=True),
    ...     Amendment(2, date(2025, 1, 1), {"value_cents": 200}),  # recorded later, counts earlier
    ... ]
    >>> dict(facts_on(chain, date(2025, 6, 1)))
    {'value_cents': 200, 'extension_count': 2}
    >>> dict(facts_on(chain))
    {'value_cents': 300, 'extension_count': 1}
    """
    first, *later = stages_of(chain)
    reached = [stage for stage in later if day is None or stage.effective_on <= day]
    return (reached or [first])[-1].facts


def _begins_on(amendments: Sequence[Amendment]) -> date:
    """The day from which a contract counts: as registered, or as corrected last."""
    return [one.effective_on for one in amendments if one.is_beginning][-1]


def _amended(facts: Facts, amendment: Amendment) -> dict[str, object]:
    amended = {**facts, **amendment.facts}
    left = amended.get(OPTIONS_LEFT)
    if amendment.uses_option and isinstance(left, int):
        amended[OPTIONS_LEFT] = left - 1
    return amended


# The books ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole obligation from a day on, with the number of the figure that tells its story."""

    effective_on: date
    cents: int
    receipt: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What the obligation becomes more or less from a day on, as an entry would say it."""

    effective_on: date
    kind: EntryKind
    amount_cents: int
    receipt: int | None = None


def changes_of(wholes: Iterable[Whole]) -> list[Change]:
    """The entries that the obligations of a contract, the earliest first, ask for.

    What becomes less is an event of its own day and no mistake of before, so it is a kind of its
    own. A day on which the obligation stays the same has no entry.

    >>> told = [Whole(date(2024, 1, 1), 500), Whole(date(2025, 1, 1), 800),
    ...         Whole(date(2026, 1, 1), 600)]
    >>> [(change.effective_on.year, str(change.kind), change.amount_cents)
    ...  for change in changes_of(told)]
    [(2024, 'obligation', 500), (2025, 'obligation', 300), (2026, 'reduced', 200)]
    """
    changes, before = [], 0
    for whole in wholes:
        more = whole.cents - before
        kind = EntryKind.OBLIGATION if more > 0 else EntryKind.REDUCED
        if more:
            changes.append(Change(whole.effective_on, kind, abs(more), whole.receipt))
        before = whole.cents
    return changes


_Id = TypeVar("_Id")


def moves_between(
    standing: Mapping[_Id, Change], changes: Iterable[Change]
) -> tuple[list[_Id], list[Change]]:
    """Which standing entries are to be taken back, and which are to be posted: nothing else moves.

    An entry stays where the same change of the same day is asked for with the same story.
    """
    wanted = list(changes)
    open_places = Counter(wanted)
    back = []
    for entry, change in standing.items():
        if open_places[change]:
            open_places[change] -= 1
        else:
            back.append(entry)
    return back, list(open_places.elements())
