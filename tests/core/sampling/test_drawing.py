"""A sample is repeated here by a program that shares nothing with the one that drew it."""

from __future__ import annotations

import hashlib
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.errors import DomainError
from telmee.core.sampling import (
    SIZE_MAX,
    Population,
    draw,
    population_of,
    projected_error_cents,
    start_of,
)

AMOUNTS = st.lists(st.integers(-500, 5_000), max_size=60)
SEEDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20)


def repeated(pairs: list[tuple[int, int]], seed: str, size: int) -> list[int]:
    """Walk along the lines cent by drawn cent, as docs/algorithms/sampling.md says it."""
    text = ""
    for number, cents in sorted(pairs):
        text += str(number) + ";" + str(cents) + "\n"
    fixed = hashlib.sha256(text.encode("utf-8")).hexdigest()
    whole = sum(cents for _, cents in pairs if cents > 0)
    step = whole // size or 1
    digest = hashlib.sha256("\n".join(["telmee-mus-1", seed, fixed, str(step), ""]).encode())
    due = int(digest.hexdigest(), 16) % step + 1
    behind, looked_at = 0, []
    for number, cents in sorted(pairs):
        behind += max(cents, 0)
        if due <= behind:
            looked_at.append(number)
        while due <= behind:
            due += step
    return looked_at


@given(amounts=AMOUNTS, seed=SEEDS, size=st.integers(1, 40))
def test_an_independent_program_draws_the_same_lines(
    amounts: list[int], seed: str, size: int
) -> None:
    pairs = [(7 * n + 3, cents) for n, cents in enumerate(amounts)]
    lines = population_of(pairs)
    sample = draw(lines, seed=seed, size=size)
    assert lines.lines[sample.places].tolist() == repeated(pairs, seed, size)


@given(amounts=AMOUNTS, seed=SEEDS, size=st.integers(1, 40))
def test_a_draw_is_of_its_size_and_takes_every_long_line(
    amounts: list[int], seed: str, size: int
) -> None:
    lines = population_of(enumerate(amounts))
    sample = draw(lines, seed=seed, size=size)
    assert sample.hits.sum() in {
        sample.total_cents // sample.interval,
        sample.total_cents // sample.interval + 1,
    }
    assert set(np.flatnonzero(lines.cents >= sample.interval)) <= set(sample.places)
    assert all(lines.cents[sample.places] > 0)
    short = lines.cents[sample.places] < sample.interval
    assert all(sample.hits[short] == 1)


@given(amounts=st.lists(st.integers(-5, 40), min_size=1, max_size=12), size=st.integers(1, 5))
def test_each_cent_has_the_same_chance(amounts: list[int], size: int) -> None:
    """Over every start there is, a line is hit once for each of its cents."""
    lines = population_of(enumerate(amounts))
    interval = max(1, lines.total_cents // size)
    until = np.cumsum(np.maximum(lines.cents, 0))
    hits = np.zeros(len(lines), dtype=np.int64)
    for start in range(1, interval + 1):
        hits += np.diff((until - start) // interval + 1, prepend=np.int64(0))
    assert hits.tolist() == [max(0, cents) for cents in amounts]


def test_the_starts_of_many_seeds_lie_all_over_the_interval() -> None:
    starts = [start_of(f"seed {n}", "0" * 64, 10) for n in range(5_000)]
    counts = np.bincount(starts, minlength=11)
    assert counts[0] == 0
    assert min(counts[1:]) > 400
    assert max(counts[1:]) < 600


def test_nothing_and_one_line_can_be_drawn_from() -> None:
    assert draw(population_of([]), seed="s", size=10).places.tolist() == []
    assert draw(population_of([(5, 0)]), seed="s", size=10).places.tolist() == []
    alone = draw(population_of([(5, 99)]), seed="s", size=1)
    assert (alone.places.tolist(), alone.hits.tolist()) == ([0], [1])


def test_a_million_lines_are_drawn_from_as_an_independent_program_does() -> None:
    cents = np.random.default_rng(13).integers(0, 2_000_000, 1_000_000)
    lines = Population(np.arange(1_000_000), cents)
    sample = draw(lines, seed="een miljoen", size=200)
    pairs = [(n, worth) for n, worth in enumerate(cents.tolist())]
    assert lines.lines[sample.places].tolist() == repeated(pairs, "een miljoen", 200)


def test_another_seed_another_line_or_another_cent_moves_the_start() -> None:
    pairs = [(n, 1_000 + n) for n in range(1_000)]
    one = draw(population_of(pairs), seed="a", size=7)
    others = [
        draw(population_of(pairs), seed="b", size=7),
        draw(population_of([*pairs, (2_000, 0)]), seed="a", size=7),
        draw(population_of([(0, 999), *pairs[1:]]), seed="a", size=7),
    ]
    assert one.start not in {other.start for other in others}


def test_lines_below_zero_are_named_and_take_no_cent() -> None:
    lines = population_of([(1, 100), (2, -50), (3, 100)])
    assert lines.total_cents == 200
    assert lines.below_zero.tolist() == [2]
    assert draw(lines, seed="s", size=200).places.tolist() == [0, 2]


@pytest.mark.parametrize(
    ("lines", "cents"),
    [([2, 1], [1, 1]), ([1, 1], [1, 1]), ([1], [10**11 + 1]), ([1, 2], [1])],
)
def test_it_refuses_lines_that_are_no_population(lines: list[int], cents: list[int]) -> None:
    with pytest.raises(ValueError, match=r"line|CENTS_MAX"):
        Population(np.array(lines), np.array(cents))


@pytest.mark.parametrize(
    ("seed", "size", "codes"),
    [
        ("", 1, ["seed_missing"]),
        (" a", 1, ["seed_missing"]),
        ("a", 0, ["sample_size"]),
        (" ", SIZE_MAX + 1, ["seed_missing", "sample_size"]),
        ("a\u200bb", 1, ["text_not_printable"]),
        ("a" * 81, 1, ["text_too_long"]),
    ],
)
def test_it_refuses_a_seed_or_a_size_that_cannot_be_repeated(
    seed: str, size: int, codes: list[str]
) -> None:
    with pytest.raises(DomainError) as refusal:
        draw(population_of([(1, 1)]), seed=seed, size=size)
    assert [problem.code for problem in refusal.value.problems] == codes


@given(
    cents=st.integers(1, 10**9),
    right=st.integers(0, 2 * 10**9),
    interval=st.integers(1, 10**10),
)
def test_an_error_stands_for_its_part_of_the_interval(
    cents: int, right: int, interval: int
) -> None:
    projected = projected_error_cents(cents, right, interval)
    if cents >= interval:
        assert projected == cents - right
    else:
        assert abs(projected - Fraction(cents - right, cents) * interval) <= Fraction(1, 2)
    assert (projected > 0) <= (cents > right)


def test_a_line_without_cents_stands_for_nothing() -> None:
    with pytest.raises(ValueError, match="not drawn"):
        projected_error_cents(0, 0, 10)
