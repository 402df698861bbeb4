"""What an obligation means beside its contract."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.money import CENTS_MAX
from telmee.core.obligations import Category, Contract
from telmee.core.obligations.proportion import FEWEST, compare_shares, proportion_of
from telmee.core.schemes.model import Block, DayCount, Scheme, Unit
from tests.core.obligations.published import scheme_of
from tests.core.obligations.strategies import PUBLISHED, contracts, days

MONTHS = {Unit.MONTH: 1, Unit.FULL_TIME_YEAR: 12, Unit.PERSON_YEAR: 12}
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def contract_of(value: int, **facts: object) -> Contract:
    start, end = YEAR
    known = {"category": Category.SERVICES, "start": start, "end": end, **facts}
    return Contract(value_cents=value * 100, **known)  # type: ignore[arg-type]


def block_of(key: str, amount: int, unit: Unit = Unit.FULL_TIME_YEAR, **facts: object) -> Block:
    known: dict[str, object] = {
        "label": scheme_of("").title,
        "category": "placement",
        "percentage_bp": 10_000,
        "day_count": DayCount.ANNIVERSARY,
        "max_months": None,
        "min_months": None,
        "min_weekly_hours": None,
        **facts,
    }
    return Block(key=key, unit=unit, amount_cents=amount * 100, **known)  # type: ignore[arg-type]


def with_blocks(*blocks: Block) -> Scheme:
    return replace(scheme_of(""), blocks=blocks)


def codes(scheme: Scheme, contract: Contract, owed: int) -> list[str]:
    return [oddity.code for oddity in proportion_of(scheme, contract, owed * 100).oddities]


def test_parts_of_the_value_and_of_the_labour() -> None:
    nothing_known = proportion_of(with_blocks(), contract_of(200_000), 10_000_00)
    assert (nothing_known.of_value_bp, nothing_known.of_labour_bp) == (500, None)
    by_share = contract_of(200_000, labour_share_bp=2_500)
    assert proportion_of(with_blocks(), by_share, 10_000_00).of_labour_bp == 2_000
    by_wages = replace(by_share, wages_cents=100_000_00)
    assert proportion_of(with_blocks(), by_wages, 10_000_00).of_labour_bp == 1_000
    assert proportion_of(with_blocks(), contract_of(0), 10_00).of_value_bp is None


def test_what_follows_turnover_is_a_part_of_what_was_agreed_of_that() -> None:
    """A quarter of the turnover is no sign that little is asked of the whole."""
    quarter = contract_of(400_000, turnover_cents=100_000_00, labour_share_bp=5_000)
    told = proportion_of(with_blocks(), quarter, 5_000_00)
    assert (told.of_value_bp, told.is_of_turnover, told.of_labour_bp) == (500, True, 1_000)
    assert proportion_of(with_blocks(), replace(quarter, turnover_cents=0), 0).of_value_bp is None
    of_the_whole = replace(quarter, wages_cents=200_000_00, labour_share_bp=None)
    assert proportion_of(with_blocks(), of_the_whole, 5_000_00).of_labour_bp is None
    assert not proportion_of(with_blocks(), contract_of(400_000), 5_000_00).is_of_turnover


@pytest.mark.parametrize(
    ("block", "end", "owed", "people", "months"),
    [
        (block_of("a", 40_000), "2026-12-31", 10_000, 1, "3"),
        # one person cannot do two years of work in a contract of one year
        (block_of("a", 40_000), "2026-12-31", 80_000, 2, "12"),
        # nor longer than the scheme counts
        (block_of("a", 40_000, max_months=6), "2027-12-31", 40_000, 2, "6"),
        (block_of("a", 40_000, max_months=36), "2026-06-30", 20_001, 2, "3.00015"),
        (block_of("a", 500, Unit.MONTH), "2026-12-31", 1_500, 1, "3"),
        (block_of("a", 12_000, Unit.PERSON_YEAR), "2026-12-31", 6_000, 1, "6"),
    ],
)
def test_how_many_people_for_how_long(
    block: Block, end: str, owed: int, people: int, months: str
) -> None:
    contract = contract_of(1_000_000, end=date.fromisoformat(end))
    (work,) = proportion_of(with_blocks(block), contract, owed * 100).works
    assert (work.people, work.months) == (people, Fraction(months))


def test_the_placements_that_ask_the_least_and_the_most_work() -> None:
    blocks = (
        block_of("middle", 30_000),
        block_of("least_work", 5_000, Unit.MONTH),
        block_of("most_work", 6_000),
        block_of("purchase", 1, category="social_procurement"),
        block_of("activity", 90_000, Unit.HOUR),
    )
    works = proportion_of(with_blocks(*blocks), contract_of(1_000_000), 50_000_00).works
    assert [work.block.key for work in works] == ["least_work", "most_work"]
    same = with_blocks(block_of("one", 12_000), block_of("other", 1_000, Unit.MONTH))
    assert len(proportion_of(same, contract_of(1_000_000), 50_000_00).works) == 1


def test_a_person_for_a_year_on_fifty_thousand_euros_is_far_too_much() -> None:
    scheme = with_blocks(block_of("pw", 40_000))
    assert codes(scheme, contract_of(50_000), 40_000) == ["obligation_far_of_value"]


def test_far_is_more_than_twice_the_usual() -> None:
    contract = contract_of(100_000, wages_cents=100_000_00)
    assert codes(with_blocks(), contract, 10_000) == []
    assert codes(with_blocks(), contract, 10_010) == ["obligation_far_of_value"]
    assert codes(with_blocks(), replace(contract, value_cents=200_000_00), 14_000) == []
    assert codes(with_blocks(), replace(contract, value_cents=200_000_00), 14_010) == [
        "obligation_far_of_labour"
    ]


def test_a_contract_shorter_than_any_work_that_counts() -> None:
    scheme = with_blocks(block_of("half", 1, min_months=6), block_of("year", 1, min_months=12))
    short = contract_of(1_000_000, end=date(2026, 6, 29))
    assert codes(scheme, short, 1) == ["contract_too_short_for_work"]
    assert codes(scheme, short, 0) == []
    assert codes(scheme, replace(short, end=date(2026, 6, 30)), 1) == []


@given(data=st.data(), scheme=st.sampled_from(PUBLISHED), owed=st.integers(0, CENTS_MAX))
def test_the_work_comes_to_the_amount_and_fits_scheme_and_contract(
    data: st.DataObject, scheme: Scheme, owed: int
) -> None:
    contract = replace(data.draw(contracts(scheme)), end=data.draw(days))
    if contract.end < contract.start:
        contract = replace(contract, start=contract.end, end=contract.start)
    length = (contract.end - contract.start).days + 1
    for work in proportion_of(scheme, contract, owed).works:
        in_a_month = Fraction(work.block.amount_cents or 0, MONTHS[work.block.unit])
        assert work.people * work.months * in_a_month == owed
        limit = Fraction(work.block.max_months or 10_000)
        assert work.months <= min(limit, Fraction(length, 28))
        if work.people > 1:  # one person fewer would have to work too long
            longer = work.months * work.people / (work.people - 1)
            assert longer > min(limit, Fraction(length, 32))


def test_comparable_contracts_are_told_from_five_on() -> None:
    assert compare_shares(500, [500] * (FEWEST - 1)) is None
    beside = compare_shares(500, [100, 200, 400, 500, 700, 900])
    assert beside is not None
    outcome = (beside.count, beside.lowest_bp, beside.median_bp, beside.highest_bp)
    assert outcome == (6, 100, 450, 900)
    assert beside.oddities == ()


@pytest.mark.parametrize(
    ("share", "code"),
    [
        (1000, None),
        (1001, "obligation_far_above_others"),
        (250, None),
        (249, "obligation_far_below_others"),
    ],
)
def test_twice_and_half_of_the_middle_are_not_yet_far(share: int, code: str | None) -> None:
    beside = compare_shares(share, [400, 500, 500, 500, 600])
    assert beside is not None
    assert [oddity.code for oddity in beside.oddities] == ([code] if code else [])


def test_no_published_scheme_asks_more_than_is_called_usual() -> None:
    for scheme in PUBLISHED:
        for row in scheme.obligation.percentages:
            usual = 700 if row.basis == "wage_sum" else 500
            assert (row.percentage_bp or 0) <= usual, (scheme.id, row.key)
