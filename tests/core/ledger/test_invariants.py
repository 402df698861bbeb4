"""Each named invariant sees its own breach, and sound books have none."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.ledger import INVARIANTS, Books, Entry, EntryKind, breaches
from telmee.texts import LANGUAGES, problem_text
from tests.core.ledger.books import MOMENT, books, entries, entry, reversal_of

ONE = entry(1, "obligation", 500)
TWO = entry(2)
BACK = reversal_of(TWO, 3)

#: What breaks each invariant and no other, and what the problem names.
BREACHES: dict[str, tuple[Books, dict[str, int | str]]] = {
    "ledger_entry_below_zero": (books(ONE, entry(2, "obligation", -100)), {"entry": 2}),
    "ledger_reversed_early": (
        books(TWO, reversal_of(TWO, 3, booked_at=MOMENT - timedelta(seconds=1))),
        {"entry": 3, "original": 2},
    ),
    "ledger_reversed_twice": (
        books(TWO, entry(9), BACK, reversal_of(TWO, 4)),
        {"entry": 2, "times": 2},
    ),
    "ledger_reversal_reversed": (
        books(TWO, BACK, reversal_of(BACK, 4)),
        {"entry": 4, "original": 3},
    ),
    "ledger_balance_differs": (
        books(ONE, balances={(1, EntryKind.OBLIGATION): 499}),
        {"contract": 1, "kind": "obligation", "entries_cents": 500, "balance_cents": 499},
    ),
    "ledger_realised_twice": (
        books(TWO, entry(3, contribution=2)),
        {"contribution": 2, "times": 2},
    ),
    "ledger_decision_differs": (books(TWO, decided={2: 99}), {"entry": 2}),
    "ledger_framework_has_entries": (books(ONE, frameworks=frozenset({1, 7})), {"contract": 1}),
}


@pytest.mark.parametrize("code", BREACHES)
def test_an_invariant_sees_its_breach_and_no_other_does(code: str) -> None:
    broken, named = BREACHES[code]
    assert [(problem.code, dict(problem.params)) for problem in breaches(broken)] == [(code, named)]


@pytest.mark.parametrize(
    "parts",
    [
        {"contract": 2},
        {"kind": EntryKind.WAIVED},
        {"effective_on": date(2026, 1, 1)},
        {"amount_cents": -99},
        {"amount_cents": 100},
        {"reverses": 77},
    ],
    ids=str,
)
def test_a_reversal_is_its_original_with_the_other_sign(parts: dict[str, object]) -> None:
    back = reversal_of(TWO, 3, **parts)
    rest = entry(4), entry(5, "waived", 500), entry(6, contract=2)
    found = [problem for problem in breaches(books(TWO, back, *rest)) if problem.params]
    expected = {"entry": 3, "original": parts.get("reverses", 2)}
    assert [(p.code, dict(p.params)) for p in found] == [("ledger_reversal_differs", expected)]


def test_a_reversal_may_be_booked_at_the_moment_of_its_original() -> None:
    assert breaches(books(TWO, reversal_of(TWO, 3, booked_at=MOMENT))) == ()


def test_entries_about_no_contribution_are_not_about_the_same_one() -> None:
    assert breaches(books(entry(1, contribution=None), entry(2, contribution=None))) == ()


def test_a_sum_below_zero_is_seen_however_it_came_about() -> None:
    found = breaches(books(TWO, reversal_of(TWO, 3, amount_cents=-101)))
    codes = {problem.code for problem in found}
    assert codes == {"ledger_reversal_differs", "ledger_sum_below_zero"}


def test_a_balance_without_entries_and_entries_without_a_balance_differ() -> None:
    kept = {(2, EntryKind.WAIVED): 5}
    found = breaches(books(ONE, balances=kept))
    assert [problem.params["contract"] for problem in found] == [1, 2]


def test_a_contribution_may_count_again_after_it_was_taken_back() -> None:
    again = entry(4, cents=80, contribution=2)
    assert breaches(books(TWO, BACK, again)) == ()


def test_a_realised_entry_without_a_decision_is_seen() -> None:
    found = breaches(books(entry(2, decision=None)))
    assert [problem.code for problem in found] == ["ledger_decision_differs"]


@given(entries(), st.data())
def test_books_that_only_grow_by_the_rules_break_nothing(
    posted: list[Entry], data: st.DataObject
) -> None:
    wrong = data.draw(st.lists(st.sampled_from(posted), unique_by=id)) if posted else []
    backs = [reversal_of(original, 100 + original.id) for original in wrong]
    whole = data.draw(st.permutations([*posted, *backs]))
    assert breaches(books(*whole)) == ()


@given(entries(), st.integers(0, 11), st.integers(1, 50))
def test_the_checks_give_what_a_walk_through_every_pair_gives(
    posted: list[Entry], place: int, cents: int
) -> None:
    """The oracle is naive: it compares each entry with each other."""
    spoilt = [*posted]
    if place < len(posted):
        spoilt += [reversal_of(posted[place], 101), reversal_of(posted[place], 102)]
        spoilt.append(reversal_of(posted[place - 1], 103, amount_cents=-cents))
    found = breaches(books(*spoilt))
    told = {p.params["entry"] for p in found if p.code == "ledger_reversed_twice"}
    assert told == {one.id for one in spoilt if sum(e.reverses == one.id for e in spoilt) > 1}
    told = {p.params["entry"] for p in found if p.code == "ledger_reversal_differs"}
    assert told == {
        back.id
        for back in spoilt
        if back.reverses is not None
        and not any(
            one.id == back.reverses and one.amount_cents + back.amount_cents == 0 for one in spoilt
        )
    }


def test_every_invariant_has_its_name_and_its_words() -> None:
    told = [problem for broken, _ in BREACHES.values() for problem in breaches(broken)]
    told += breaches(books(TWO, reversal_of(TWO, 3, amount_cents=-300)))
    assert {problem.code for problem in told} == INVARIANTS.keys()
    assert all(
        text.strip()
        for problem in told
        for language in LANGUAGES
        for text in problem_text(problem, language)
    )
