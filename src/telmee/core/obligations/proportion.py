"""What an obligation means beside its contract: how large a part it is, and how much work.

A percentage says little by itself: 5% of a delivery of machines can be all the labour that is in
it. Nothing here refuses; who registers a contract sees it, and keeps the percentage with a reason.

Source: docs/algorithms/obligations.md section 8.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from telmee.core.errors import Param, Problem
from telmee.core.money import WHOLE_BP, half_up, part_bp
from telmee.core.obligations.contract import Contract
from telmee.core.obligations.years import contract_years
from telmee.core.periods import add_months, day_of
from telmee.core.schemes.model import Block, Scheme, Unit

#: What the published schemes ask: none that states a percentage asks more of the contract sum, or
#: of the wages in it.
USUAL_OF_VALUE_BP, USUAL_OF_LABOUR_BP = 500, 700
#: From how many times the usual on something is far from it.
FAR = 2
#: With fewer contracts beside it, "more than elsewhere" would say more than is known.
FEWEST = 5

_MONTHS_OF = {Unit.FULL_TIME_YEAR: 12, Unit.PERSON_YEAR: 12, Unit.MONTH: 1}


@dataclass(frozen=True, slots=True)
class Work:
    """Work under one block that comes to the amount: `people`, each full time for `months`.

    There are as many people as it takes when each counts for no longer than the scheme and the
    contract allow.
    """

    block: Block
    people: int
    months: Fraction


@dataclass(frozen=True, slots=True)
class Proportion:
    """The obligation as a part of the contract and of its labour, in basis points, and as work.

    A part is `None` where the whole is not known. What follows turnover is a part of what was
    agreed of that, and of no wages, which are those of the whole contract. `works` has the block
    that is worth most in a month, so asks the least work, and the one that is worth least; one
    where they are the same, and none where no amount is for a period. `oddities` say what is far
    from usual.
    """

    of_value_bp: int | None
    is_of_turnover: bool
    of_labour_bp: int | None
    works: tuple[Work, ...]
    oddities: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What other contracts owe of their sum, in basis points: the middle one and the outer two."""

    count: int
    median_bp: int
    lowest_bp: int
    highest_bp: int
    oddities: tuple[Problem, ...]


def proportion_of(scheme: Scheme, contract: Contract, owed_cents: int) -> Proportion:
    """Work out what it means that a contract owes an amount under a scheme."""
    is_of_turnover = contract.turnover_cents is not None
    value = contract.value_cents if contract.turnover_cents is None else contract.turnover_cents
    labour = _labour_cents(contract, value)
    of_value = part_bp(owed_cents, value) if value else None
    of_labour = part_bp(owed_cents, labour) if labour else None
    months = _months(contract)
    works = tuple(_work(block, owed_cents, months) for block in _most_and_least(scheme))
    oddities = (*_far(of_value, of_labour), *_too_short(scheme, contract)) if owed_cents else ()
    return Proportion(of_value, is_of_turnover, of_labour, works, oddities)


def compare_shares(share_bp: int, others: Sequence[int]) -> Comparison | None:
    """Hold a share against those of comparable contracts; `None` where there are too few.

    >>> compare_shares(1000, [200, 300, 400, 500, 500]).median_bp
    400
    """
    if len(others) < FEWEST:
        return None
    ordered = sorted(others)
    median = half_up(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2], 2)
    params = {"percentage": Fraction(share_bp, 100), "median": Fraction(median, 100)}
    oddities = []
    if share_bp > FAR * median:
        oddities.append(Problem("obligation_far_above_others", params=params))
    if share_bp * FAR < median:
        oddities.append(Problem("obligation_far_below_others", params=params))
    return Comparison(len(ordered), median, ordered[0], ordered[-1], tuple(oddities))


def _labour_cents(contract: Contract, value_cents: int) -> int | None:
    """What is labour of a value; wages are told of the whole contract and of no turnover."""
    if contract.wages_cents is not None and contract.turnover_cents is None:
        return contract.wages_cents
    if contract.labour_share_bp is None:
        return None
    return half_up(value_cents * contract.labour_share_bp, WHOLE_BP)


def _months(contract: Contract) -> Fraction:
    whole, over, length = contract_years(contract.start, contract.end)
    return 12 * (whole + Fraction(over, length))


def _placements(scheme: Scheme) -> list[tuple[Fraction, Block]]:
    """The placements with an amount for a period, by what a full-time month of them is worth."""
    return [
        (Fraction(block.amount_cents, _MONTHS_OF[block.unit]), block)
        for block in scheme.blocks
        if block.category == "placement" and block.unit in _MONTHS_OF and block.amount_cents
    ]


def _most_and_least(scheme: Scheme) -> list[Block]:
    worth = _placements(scheme)
    if not worth:
        return []
    most, least = max(worth, key=_worth), min(worth, key=_worth)
    return [most[1]] if most[0] == least[0] else [most[1], least[1]]


def _worth(placement: tuple[Fraction, Block]) -> Fraction:
    return placement[0]


def _work(block: Block, owed_cents: int, contract_months: Fraction) -> Work:
    months = Fraction(owed_cents * _MONTHS_OF[block.unit], block.amount_cents or 1)
    longest = min(contract_months, Fraction(block.max_months or contract_months))
    people = -(-months // longest)
    return Work(block, people, Fraction(months, people or 1))


def _far(of_value_bp: int | None, of_labour_bp: int | None) -> Iterator[Problem]:
    if (of_value_bp or 0) > FAR * USUAL_OF_VALUE_BP:
        yield Problem("obligation_far_of_value", params=_beside(of_value_bp, USUAL_OF_VALUE_BP))
    if (of_labour_bp or 0) > FAR * USUAL_OF_LABOUR_BP:
        yield Problem("obligation_far_of_labour", params=_beside(of_labour_bp, USUAL_OF_LABOUR_BP))


def _beside(part_bp: int | None, usual_bp: int) -> dict[str, Param]:
    return {"percentage": Fraction(part_bp or 0, 100), "usual": Fraction(usual_bp, 100)}


def _too_short(scheme: Scheme, contract: Contract) -> Iterator[Problem]:
    """Whether the contract ends before any placement has lasted as long as the scheme asks."""
    minimums = [block.min_months or 0 for _, block in _placements(scheme)]
    if not minimums:
        return
    first = np.array([day_of(contract.start)], dtype=np.int32)
    if day_of(contract.end) + 1 < int(add_months(first, min(minimums))[0]):
        yield Problem("contract_too_short_for_work", params={"months": min(minimums)})
