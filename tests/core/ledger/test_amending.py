"""A contract that changes: the order in which things are written down makes no difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.ledger import (
    Amendment,
    Change,
    EntryKind,
    Facts,
    Stage,
    Whole,
    changes_of,
    facts_on,
    moves_between,
    stages_of,
)

FIRST = date(2024, 1, 1)
REGISTERED = Amendment(0, FIRST, {"value": 100, "share": 5, "extension_count": 3})
_FACTS = st.fixed_dictionaries(
    {}, optional={"value": st.integers(0, 900), "share": st.integers(0, 9)}
)
_AMENDED = st.tuples(st.dates(FIRST, date(2030, 1, 1)), _FACTS, st.booleans())
CHAINS = st.lists(_AMENDED, max_size=6, unique_by=lambda one: one[0])


def chain_of(recorded: Sequence[tuple[date, Facts, bool]]) -> list[Amendment]:
    """Number amendments in the order in which they are recorded."""
    return [
        REGISTERED,
        *(
            Amendment(number, day, facts, uses_option=used)
            for number, (day, facts, used) in enumerate(recorded, start=1)
        ),
    ]


def whole(stage: Stage) -> Whole:
    """Owe a share of the value; the story is that of the facts."""
    value, share = stage.facts["value"], stage.facts["share"]
    assert isinstance(value, int)
    assert isinstance(share, int)
    return Whole(stage.effective_on, value * share, receipt=1000 * value + share)


class Books:
    """Entries that only grow, kept up with a chain as each amendment is recorded."""

    def __init__(self) -> None:
        self.entries: list[tuple[Change, int]] = []
        self.standing: dict[int, Change] = {}

    def follow(self, chain: Sequence[Amendment]) -> None:
        back, post = moves_between(self.standing, changes_of(map(whole, stages_of(chain))))
        for entry in back:
            self.entries.append((self.standing.pop(entry), -1))
        for change in post:
            self.standing[len(self.entries)] = change
            self.entries.append((change, 1))

    def sums(self, by: Callable[[Change], object]) -> dict[object, int]:
        """Add all entries up, reversals with the other sign; what comes to zero is left out."""
        sums: Counter[object] = Counter()
        for change, sign in self.entries:
            sums[by(change)] += sign * change.amount_cents
        return {key: cents for key, cents in sums.items() if cents}


def recorded(chain: Sequence[Amendment]) -> Books:
    books = Books()
    for upto in range(1, len(chain) + 1):
        books.follow(chain[:upto])
    return books


@given(CHAINS, st.randoms(use_true_random=False))
def test_the_order_of_recording_makes_no_difference_to_facts_obligation_and_years(
    amended: list[tuple[date, Facts, bool]], chance: object
) -> None:
    shuffled = list(amended)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    in_order, mixed = chain_of(sorted(amended, key=lambda one: one[0])), chain_of(shuffled)
    for day in (FIRST, *(day for day, _, _ in amended), None):
        assert facts_on(mixed, day) == facts_on(in_order, day)
    one, other = recorded(in_order), recorded(mixed)
    for by in (lambda change: change.kind, lambda change: (change.effective_on.year, change.kind)):
        assert one.sums(by) == other.sums(by)
    owed = one.sums(lambda change: change.kind)
    final = facts_on(mixed)
    assert owed.get(EntryKind.OBLIGATION, 0) - owed.get(EntryKind.REDUCED, 0) == (
        final["value"] * final["share"]  # type: ignore[operator]
    )


@given(CHAINS)
def test_the_books_never_stand_below_zero_on_any_day(
    amended: list[tuple[date, Facts, bool]],
) -> None:
    books = recorded(chain_of(amended))
    owed = 0
    for change in sorted(books.standing.values(), key=lambda one: one.effective_on):
        owed += change.amount_cents if change.kind is EntryKind.OBLIGATION else -change.amount_cents
        assert owed >= 0
        assert change.amount_cents > 0


@given(CHAINS)
def test_what_counts_later_moves_nothing_of_before(amended: list[tuple[date, Facts, bool]]) -> None:
    """In order of effective date nothing is ever taken back."""
    books = recorded(chain_of(sorted(amended, key=lambda one: one[0])))
    of_the_first_day = [day for day, _, _ in amended if day == FIRST]
    assert of_the_first_day or all(sign > 0 for _, sign in books.entries)


def test_recorded_later_and_earlier_in_force_takes_back_what_differs_alone() -> None:
    later = Amendment(1, date(2026, 1, 1), {"value": 300})
    back = Amendment(2, date(2025, 1, 1), {"value": 200})
    books = recorded([REGISTERED, later, back])
    told = [(c.effective_on.year, c.kind, c.amount_cents, sign) for c, sign in books.entries]
    more = EntryKind.OBLIGATION
    assert told == [
        (2024, more, 500, 1),
        (2026, more, 1000, 1),
        (2026, more, 1000, -1),
        (2025, more, 500, 1),
        (2026, more, 500, 1),
    ]


def test_what_becomes_less_is_an_event_of_its_own_year() -> None:
    books = recorded([REGISTERED, Amendment(1, date(2026, 1, 1), {"value": 40})])
    assert books.sums(lambda change: (change.effective_on.year, str(change.kind))) == {
        (2024, "obligation"): 500,
        (2026, "reduced"): 300,
    }


def test_a_correction_holds_from_the_registration_and_leaves_later_facts() -> None:
    wrong = Amendment(1, date(2024, 3, 1), {"value": 80, "share": 6}, corrects=True)
    later = Amendment(2, date(2025, 1, 1), {"value": 300})
    chain = [REGISTERED, later, Amendment(3, wrong.effective_on, wrong.facts, corrects=True)]
    assert [(s.effective_on, s.facts["value"], s.facts["share"]) for s in stages_of(chain)] == [
        (date(2024, 3, 1), 80, 6),
        (date(2025, 1, 1), 300, 6),
    ]


def test_a_correction_stands_before_what_changed_on_the_first_day_already() -> None:
    changed = Amendment(1, FIRST, {"value": 300})
    corrected = Amendment(2, FIRST, {"value": 80, "share": 6}, corrects=True)
    (stage,) = stages_of([REGISTERED, changed, corrected])
    assert (stage.number, stage.facts["value"], stage.facts["share"]) == (2, 300, 6)


def test_of_two_of_one_day_the_one_that_was_recorded_last_holds() -> None:
    day = date(2025, 1, 1)
    chain = [REGISTERED, Amendment(1, day, {"value": 1}), Amendment(2, day, {"value": 2})]
    (_, stage) = stages_of(chain)
    assert (stage.number, stage.facts["value"]) == (2, 2)


@pytest.mark.parametrize("day", [date(2020, 1, 1), FIRST, date(2024, 12, 31)])
def test_before_anything_changed_it_is_as_registered(day: date) -> None:
    chain = [REGISTERED, Amendment(1, date(2025, 1, 1), {"value": 1})]
    assert facts_on(chain, day) == REGISTERED.facts


def test_each_option_used_takes_one_off_whatever_was_recorded_first() -> None:
    used = [Amendment(n, date(2030 - n, 1, 1), {"end": n}, uses_option=True) for n in (1, 2)]
    assert facts_on([REGISTERED, *used])["extension_count"] == 1
    assert facts_on([REGISTERED, *used], date(2028, 1, 1))["extension_count"] == 2
