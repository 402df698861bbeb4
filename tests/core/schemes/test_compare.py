"""Two schemes side by side, as figures."""

from dataclasses import replace

from telmee.core.explain import Text
from telmee.core.schemes.compare import matched_keys, pair_blocks, rules_side_by_side
from telmee.core.schemes.model import Unit
from telmee.integrations.scheme_files import load_scheme
from telmee.texts import phrase
from telmee.texts.scheme_comparison import warnings_beside

UTRECHT = load_scheme("utrecht-36h-v2")
LEIDEN = load_scheme("leiden-2023-09")
HARLINGEN = load_scheme("harlingen")


def test_every_row_of_both_is_somewhere() -> None:
    pairs = pair_blocks(UTRECHT, LEIDEN)
    assert {pair.first for pair in pairs} - {None} == set(UTRECHT.blocks)
    assert {pair.second for pair in pairs} - {None} == set(LEIDEN.blocks)


def test_a_scheme_beside_itself_has_no_differences() -> None:
    pairs = [pair for pair in pair_blocks(HARLINGEN, HARLINGEN) if pair.first == pair.second]
    assert len(pairs) == len(HARLINGEN.blocks)
    assert {pair.difference_cents for pair in pairs} <= {0, None}


def test_the_difference_turns_round_with_the_sides() -> None:
    there = [pair.difference_cents for pair in pair_blocks(UTRECHT, LEIDEN)]
    back = [pair.difference_cents for pair in pair_blocks(LEIDEN, UTRECHT)]
    known = sorted(cents for cents in there if cents is not None)
    assert known == sorted(-cents for cents in back if cents is not None)


def test_a_year_of_other_or_unknown_hours_has_no_difference() -> None:
    for hours in (40_00, None):
        other = replace(UTRECHT, weekly_hours=hours)
        for first, second in ((UTRECHT, other), (other, UTRECHT), (other, other)):
            same = hours is not None and first.weekly_hours == second.weekly_hours
            pairs = pair_blocks(first, second)
            years = [p for p in pairs if p.first and p.first.unit is Unit.FULL_TIME_YEAR]
            hourly = [p for p in pairs if p.first and p.first.unit is Unit.HOUR]
            assert years
            assert hourly
            assert any(p.difference_cents is not None for p in years) == same
            assert all(p.difference_cents is not None for p in hourly)
            told = phrase("compare.hours_differ", "nl") in warnings_beside(first, second, "nl")
            assert told != same


def test_different_units_have_no_difference() -> None:
    first = UTRECHT.blocks[0]
    other = next(block for block in LEIDEN.blocks if block.unit is not first.unit)
    pairs = pair_blocks(
        replace(UTRECHT, blocks=(first,)), replace(LEIDEN, blocks=(replace(other, key=first.key),))
    )
    assert [pair.difference_cents for pair in pairs] == [None] * len(pairs)


def test_an_assumed_figure_is_marked_and_a_silent_one_is_empty() -> None:
    rules = {rule.name: rule for rule in rules_side_by_side(UTRECHT, LEIDEN)}
    assert rules["weekly_hours"].figures == ((36_00,), (36_00,))
    assert rules["weekly_hours"].assumed == (False, True)
    assert rules["gap_months"].figures == ((), ())


def test_minimums_of_rows_are_compared_too() -> None:
    rules = {rule.name: rule for rule in rules_side_by_side(HARLINGEN, LEIDEN)}
    assert rules["min_weekly_hours"].figures == ((12_00,), ())
    assert rules["min_weekly_hours"].in_hours
    assert not rules["min_months"].in_hours


def test_rows_of_one_side_keep_their_place() -> None:
    one, other = HARLINGEN.bonuses, LEIDEN.bonuses
    pairs = list(matched_keys(one, other))
    assert [first.key for first, _ in pairs if first] == [bonus.key for bonus in one]
    assert Text(pairs[-1][1].label.nl if pairs[-1][1] else "") != Text("")
