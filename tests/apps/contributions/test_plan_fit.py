"""What a line of effort does otherwise than the plan agrees is told, and refuses nothing."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from telmee.apps.contributions.access import contribution_for
from telmee.apps.contributions.plan_fit import plan_fit
from telmee.apps.organisations.acting import acting_as
from telmee.core.errors import Problem
from tests.apps.agreements.planning import planned
from tests.cast import Cast
from tests.registering import hand_in, register


def differs(cast: Cast, line: int, by: str = "adviser") -> list[Problem]:
    with acting_as(getattr(cast, by).pk) as acting:
        _access, row = contribution_for(acting, line)
        return list(plan_fit(row).departures)


def codes(cast: Cast, line: int) -> list[str]:
    return [problem.code for problem in differs(cast, line)]


TRAINING: dict[str, Any] = {
    "bouwblok": "training", "begin": date(2025, 2, 1), "eind": None, "uren_per_week": None,
}  # fmt: skip


def test_without_a_plan_for_its_block_nothing_is_told(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    assert codes(cast, line) == []
    planned(cast, contract, **TRAINING, bedrag=500_00, scholing_hoogstens=1)
    assert codes(cast, line) == []


def test_the_costs_of_one_person_above_the_most_are_told_together(cast: Cast) -> None:
    contract = register(cast)
    planned(cast, contract, **TRAINING, bedrag=500_00, scholing_hoogstens=500_00)
    first = hand_in(cast, contract, **TRAINING, bedrag=400_00, kenmerk="T-1")
    assert codes(cast, first) == []
    other = hand_in(cast, contract, **TRAINING, bedrag=400_00, kenmerk="T-2", persoon="P-2")
    more = hand_in(cast, contract, **TRAINING, bedrag=100_01, kenmerk="T-3")
    assert codes(cast, other) == []
    for line in (first, more):
        (problem,) = differs(cast, line)
        assert problem.code == "plan_more_costs"
        assert problem.params == {"maximum_cents": 500_00, "together_cents": 500_01}


def test_a_line_that_ends_before_the_least_length_is_told_to_both(cast: Cast) -> None:
    contract = register(cast)
    planned(cast, contract, minimale_maanden=6)
    days: dict[str, Any] = {"begin": date(2026, 1, 1), "eind": date(2026, 6, 29)}
    line = hand_in(cast, contract, persoon="P-1", **days)
    for reader in ("adviser", "contractor"):
        (problem,) = differs(cast, line, reader)
        assert (problem.code, problem.column) == ("plan_shorter", "eind")
        assert problem.params == {"months": 6, "until": date(2026, 6, 29)}


def test_the_last_day_of_the_least_length_is_enough(cast: Cast) -> None:
    contract = register(cast)
    planned(cast, contract, minimale_maanden=6)
    days: dict[str, Any] = {"begin": date(2026, 1, 1), "eind": date(2026, 6, 30)}
    assert codes(cast, hand_in(cast, contract, persoon="P-1", **days)) == []


def test_the_lines_of_one_person_count_together(cast: Cast) -> None:
    contract = register(cast)
    planned(cast, contract, minimale_maanden=6)
    first = hand_in(
        cast, contract, kenmerk="K-1", persoon="P-1",
        begin=date(2026, 1, 1), eind=date(2026, 3, 31),
    )  # fmt: skip
    assert codes(cast, first) == ["plan_shorter"]
    other = hand_in(
        cast, contract, kenmerk="K-2", persoon="P-2",
        begin=date(2026, 4, 1), eind=date(2026, 6, 30),
    )  # fmt: skip
    assert codes(cast, first) == codes(cast, other) == ["plan_shorter"]
    later = hand_in(
        cast, contract, kenmerk="K-3", persoon="P-1",
        begin=date(2026, 4, 1), eind=date(2026, 6, 30),
    )  # fmt: skip
    assert codes(cast, first) == codes(cast, later) == []


def test_what_one_line_of_the_plan_allows_is_not_told(cast: Cast) -> None:
    contract = register(cast)
    planned(cast, contract, minimale_maanden=12)
    days: dict[str, Any] = {"begin": date(2026, 1, 1), "eind": date(2026, 6, 30)}
    line = hand_in(cast, contract, persoon="P-1", **days)
    assert codes(cast, line) == ["plan_shorter"]
    planned(cast, contract, minimale_maanden=3)
    assert codes(cast, line) == []


def test_the_hours_of_guidance_above_the_most_are_told_together(cast: Cast) -> None:
    contract = register(cast, scheme="groningen-3.0-2025")
    guided: dict[str, Any] = {"bouwblok": "jobcoaching", "uren_per_week": None}
    planned(cast, contract, **guided, uren=10_00, begeleiding_uren=12_50)
    first = hand_in(cast, contract, **guided, uren=12_50, kenmerk="B-1")
    assert codes(cast, first) == []
    more = hand_in(cast, contract, **guided, uren=1, kenmerk="B-2")
    for line in (first, more):
        (problem,) = differs(cast, line)
        assert (problem.code, problem.column) == ("plan_more_hours", "uren")
        assert problem.params == {"maximum": Fraction(25, 2), "hours": Fraction(1251, 100)}


def test_what_only_a_person_can_check_comes_with_the_line(cast: Cast) -> None:
    contract = register(cast)
    line = hand_in(cast, contract)
    planned(cast, contract, soort_dienstverband="permanent", proefplaatsing_weken=8)
    planned(cast, contract, **TRAINING, bedrag=500_00, voortraject="Taalles")
    with acting_as(cast.adviser.pk) as acting:
        (agreed,) = plan_fit(contribution_for(acting, line)[1]).lines
    assert (agreed.employment, agreed.trial_weeks, agreed.preparation) == ("permanent", 8, "")
