"""What a line is worth after others were decided on.

Decided one after another, lines are together worth what they are worth in one batch; the oracle
comes to each value by its own way of valuing, and a receipt by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telmee.core.periods import day_of
from telmee.core.schemes.model import Cap, Scheme
from telmee.core.valuation import Status, value
from telmee.core.valuation.decided import (
    DECIDED_BEFORE,
    ValuedAfter,
    blocks_shared_on_contract,
    value_after,
)
from telmee.core.valuation.line_receipt import recompute
from telmee.integrations.scheme_files import load_scheme
from telmee.texts import LANGUAGES, step_text
from tests import oracle
from tests.builders import contributions_of
from tests.oracle import person_of
from tests.strategies import Case, Thrown, a_case, a_scheme, cases

Row = dict[str, Any]
FEW = settings(max_examples=60)

HARLINGEN, LEIDEN = load_scheme("harlingen"), load_scheme("leiden-2023-09")
YEAR = {"bouwblok": "pw_lt2", "persoon": "p1", "uren_per_week": 36}
FIRST = YEAR | {"begin": date(2022, 1, 1), "eind": date(2022, 12, 31)}
SECOND = YEAR | {"begin": date(2023, 1, 1), "eind": date(2023, 12, 31)}
THIRD = YEAR | {"begin": date(2024, 1, 1), "eind": date(2024, 12, 31)}
CAPPED = replace(LEIDEN, caps=(Cap("share", "contract", None, 10_00, frozenset({"activity"})),))


def after(scheme: Scheme, decided: Sequence[Row], row: Row, **asked: Any) -> ValuedAfter:
    return value_after(scheme, contributions_of(decided), contributions_of([row]), **asked)


def asked_of(case: Case) -> dict[str, Any]:
    until = None if case.until is None else day_of(case.until)
    return {"until": until, "obligations": case.obligations}


def one_by_one(case: Case, rows: Sequence[Row]) -> list[ValuedAfter]:
    """Decide lines one after another."""
    return [
        after(case.scheme, rows[:place], row, **asked_of(case)) for place, row in enumerate(rows)
    ]


def activity(day: int, euros: int) -> Row:
    return {
        "bouwblok": "activity",
        "aantal": 1,
        "begin": date(2024, 6, day),
        "bedrag": euros,
        "contract": "C1",
    }


# What it comes to ---------------------------------------------------------------------------------


def test_a_first_line_is_worth_what_it_is_worth_alone() -> None:
    found = after(HARLINGEN, [], FIRST)
    assert (found.value_cents, found.displaced_cents) == (3_500_000, 0)


def test_a_limit_counts_what_was_decided() -> None:
    found = after(HARLINGEN, [FIRST, SECOND], THIRD)
    assert (found.status, found.value_cents) == (Status.REFUSED, None)
    assert [problem.code for problem in found.problems()] == ["limit_reached"]


def test_a_line_that_begins_earlier_takes_nothing_from_what_was_decided() -> None:
    found = after(HARLINGEN, [SECOND, THIRD], FIRST)
    assert (found.valuation.value_cents(2), found.displaced_cents) == (3_500_000, 3_500_000)
    assert found.value_cents == 0


def test_a_cap_counts_what_was_decided_whichever_day_it_was() -> None:
    obligations = {"C1": 1_500_000}
    later = after(CAPPED, [activity(9, 900)], activity(20, 800), obligations=obligations)
    earlier = after(CAPPED, [activity(9, 900)], activity(2, 800), obligations=obligations)
    assert later.value_cents == earlier.value_cents == 60_000
    assert (later.displaced_cents, earlier.displaced_cents) == (0, 20_000)


def test_a_line_that_takes_more_than_it_adds_is_worth_nothing() -> None:
    cheap = FIRST | {"uren_per_week": 12, "eind": date(2023, 12, 31)}
    found = after(HARLINGEN, [SECOND, THIRD], cheap)
    assert (found.status, found.value_cents) == (Status.VALUED, 0)


def test_a_decided_line_that_would_gain_keeps_its_value_and_gives_none_away() -> None:
    """Of a day's cap the most days count, so a longer line gives an earlier one more room."""
    cap = Cap("day", "day", 500_00, None, frozenset({"activity"}))
    scheme = replace(LEIDEN, caps=(cap,))
    found = after(scheme, [activity(9, 900)], activity(9, 900) | {"aantal": 3})
    assert [found.valuation.value_cents(line) for line in (0, 1)] == [90_000, 60_000]
    assert (found.displaced_cents, found.value_cents) == (0, 60_000)


def test_one_line_is_valued_at_a_time() -> None:
    lines = contributions_of([FIRST, SECOND])
    with pytest.raises(ValueError, match="one line"):
        value_after(HARLINGEN, lines, lines)


# The story and the receipt ------------------------------------------------------------------------


def test_what_was_displaced_is_a_step_before_the_value() -> None:
    obligations = {"C1": 1_500_000}
    found = after(CAPPED, [activity(9, 900)], activity(2, 800), obligations=obligations)
    steps = [step for step in found.explain() if step.unit == "cents"]
    assert [(s.step, s.value) for s in steps[-2:]] == [
        ("decided_before", 20_000),
        ("value_cents", 60_000),
    ]
    words = {language: step_text(steps[-2], language) for language in LANGUAGES}
    assert "€ 200,00 gaat eraf" in words["nl"].replace("\u00a0", " ")
    assert "keeps its value" in words["en"]


def test_without_anything_displaced_the_story_is_the_engine_s() -> None:
    found = after(HARLINGEN, [FIRST], SECOND)
    assert "decided_before" not in {step.step for step in found.explain()}
    assert DECIDED_BEFORE not in found.receipt().taken_off


def test_no_cap_of_a_scheme_can_have_the_reserved_key() -> None:
    assert "-" in DECIDED_BEFORE, "keys of a scheme are letters, digits and underscores"


def test_every_receipt_comes_to_the_same_cents_by_itself() -> None:
    dice, valued, displaced = Thrown(11), 0, 0
    for _ in range(120):
        case = a_case(dice, a_scheme(dice), lines=8)
        for found in one_by_one(case, list(reversed(case.rows))):
            if found.value_cents is None:
                continue
            kept = found.receipt()
            assert recompute(case.scheme, [kept]) == [("valued", kept.value_cents)]
            assert kept.value_cents == found.value_cents
            assert found.explain()[-1].step in {"value_cents", "to_check"}
            valued += 1
            displaced += DECIDED_BEFORE in kept.taken_off
    assert min(valued, displaced) > 10, "the cases must lean on what was decided"


# All of them together -----------------------------------------------------------------------------


@FEW
@given(cases(lines=7), st.randoms(use_true_random=False))
def test_in_any_order_they_are_worth_no_more_than_the_batch(case: Case, dice: Any) -> None:
    """As long as no line lowers what the lines before it are worth together."""
    rows = dice.sample(case.rows, len(case.rows))
    totals = [total_of(case, rows[:count]) for count in range(len(rows) + 1)]
    worth = [found.value_cents or 0 for found in one_by_one(case, rows)]
    for cents, (before, with_it) in zip(worth, pairwise(totals), strict=True):
        assert 0 <= cents <= max(0, with_it - before)
    if totals == sorted(totals):
        assert sum(worth) <= totals[-1]


@FEW
@given(cases(lines=7))
def test_in_the_engine_s_order_they_are_worth_the_batch(case: Case) -> None:
    """Only a cap per day can give earlier lines more room when a later one comes."""
    caps = tuple(cap for cap in case.scheme.caps if cap.per != "day")
    case = replace(case, scheme=replace(case.scheme, caps=caps))
    verdicts = verdicts_of(case, case.rows)
    order = sorted(range(len(verdicts)), key=lambda line: verdicts[line].place)
    rows = [case.rows[line] for line in order]
    worth = [found.value_cents or 0 for found in one_by_one(case, rows)]
    assert sum(worth) == total_of(case, rows)


@FEW
@given(cases(lines=6), st.randoms(use_true_random=False))
def test_each_is_worth_what_the_oracle_says(case: Case, dice: Any) -> None:
    rows = dice.sample(case.rows, len(case.rows))
    *decided, last = rows
    found = after(case.scheme, decided, last, **asked_of(case))
    beside = [verdict.value_cents for verdict in verdicts_of(case, rows)]
    alone = [verdict.value_cents for verdict in verdicts_of(case, decided)]
    lost = sum(was or 0 for was in alone) - sum(now or 0 for now in beside[:-1])
    own = beside[-1]
    expected = None if own is None else own if lost < 0 else own - lost if lost < own else 0
    assert found.value_cents == expected


# Only some of them matter -------------------------------------------------------------------------


def sharing_with(case: Case, row: Row, decided: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The lines of a line's contract and person, and those of them that it can lean on."""
    shared, person = blocks_shared_on_contract(case.scheme), person_of(row)
    here = [
        other
        for other in decided
        if other.get("contract") == row.get("contract") or (person and person_of(other) == person)
    ]
    few = [
        other
        for other in here
        if (person and person_of(other) == person)
        or (other.get("contract") == row.get("contract") and other.get("bouwblok") in shared)
    ]
    return here, few


def test_what_shares_nothing_need_not_be_there() -> None:
    """To the cent, and in every word: as with all that was decided on the contract beside it."""
    dice, spared, displaced = Thrown(11), 0, 0
    for _ in range(120):
        case = a_case(dice, a_scheme(dice), lines=8)
        rows = list(reversed(case.rows))  # the first days come last, and would take from others
        for place, row in enumerate(rows):
            here, few = sharing_with(case, row, rows[:place])
            whole, found = (after(case.scheme, some, row, **asked_of(case)) for some in (here, few))
            assert (found.status, found.value_cents) == (whole.status, whole.value_cents)
            assert found.displaced_cents == whole.displaced_cents
            assert found.explain() == whole.explain()
            if found.value_cents is not None:
                assert found.receipt() == whole.receipt()
            spared += len(here) - len(few)
            displaced += bool(found.displaced_cents)
    assert min(spared, displaced) > 10, "the cases must have lines of both kinds"


def test_a_cap_per_day_reaches_other_persons_through_their_own_cap() -> None:
    """What the day takes off one line of somebody leaves room for his other line."""
    day = Cap("day", "day", 500_00, None, frozenset({"activity"}))
    person = Cap("person", "person", 600_00, None, frozenset({"activity", "pw_lt2"}))
    contract = Cap("share", "contract", None, 10_00, frozenset({"project"}))
    assert blocks_shared_on_contract(replace(LEIDEN, caps=(day, person, contract))) == {
        "activity",
        "pw_lt2",
        "project",
    }
    assert blocks_shared_on_contract(replace(LEIDEN, caps=(person, contract))) == {"project"}
    assert blocks_shared_on_contract(replace(LEIDEN, caps=(person,))) == set()


def verdicts_of(case: Case, rows: Sequence[Row]) -> list[oracle.Verdict]:
    return oracle.valued(rows, case.scheme, until=case.until, obligations=case.obligations)


def total_of(case: Case, rows: Sequence[Row]) -> int:
    return value(case.scheme, contributions_of(rows), **asked_of(case)).total_cents()
