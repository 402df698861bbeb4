"""Batches to value: made up from a fixed seed, so that every run and machine values the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from telmee.core.periods import NO_DAY, Days, day_of
from telmee.core.schemes.model import Scheme
from telmee.core.tables.columns import NOTHING, Coded, Column, Kind, column_of_batch
from telmee.core.tables.contribution_columns import CONTRIBUTION, Contributions
from telmee.core.valuation.rules import Way, lay_out
from telmee.integrations.scheme_files import load_scheme, load_scheme_file

#: How a batch with every rule in it is made up: placements mostly, some invoices and activities.
SHARES = {
    "pw": 0.40,
    "ww": 0.25,
    "jobs_agreement": 0.15,
    "bbl": 0.04,
    "internship": 0.01,
    "purchase": 0.10,
    "activity": 0.03,
    "workshop": 0.01,
    "visit": 0.01,
}
#: How many of the placements name their person, and how often the same one.
NAMED = 0.75
LINES_PER_PERSON = 3
LINES_PER_CONTRACT = 50

Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Batch:
    """A scheme, the lines to value by it, and what each contract owes."""

    scheme: Scheme
    lines: Contributions
    obligations: dict[str, int]


def placements(rows: int) -> Batch:
    """Placements without `persoon` under a published scheme: each line knows all about itself."""
    scheme = load_scheme("utrecht-36h-v2")
    timed = [block.key for block in scheme.blocks if block.unit.counts_time]
    shares = dict.fromkeys(timed, 1 / len(timed))
    return Batch(scheme, _lines(rows, scheme, shares, persons=False), {})


def everything(rows: int) -> Batch:
    """Lines of every kind under a scheme with every rule; most placements name a person."""
    scheme = load_scheme_file(Path(__file__).with_name("everything.toml"))
    lines = _lines(rows, scheme, SHARES, persons=True)
    return Batch(scheme, lines, dict.fromkeys(lines.contract.names, 100_000_00))


def _lines(rows: int, scheme: Scheme, shares: dict[str, float], *, persons: bool) -> Contributions:
    dice = np.random.default_rng(20251014)
    keys = [block.key for block in scheme.blocks]
    block = dice.choice(len(keys), rows, p=[shares.get(key, 0.0) for key in keys]).astype(np.int32)
    way = lay_out(scheme).way[block]
    timed = np.isin(way, (Way.YEARS_OF_HOURS, Way.YEARS, Way.MONTHS))
    contracts = max(rows // LINES_PER_CONTRACT, 1)
    contract = dice.integers(0, contracts, rows, dtype=np.int32)
    first, last = _contract_days(dice, contracts)
    begin = first[contract] + dice.integers(-60, 300, rows, dtype=np.int32)
    end = begin + dice.integers(20, 540, rows, dtype=np.int32)
    person = Coded(np.full(rows, NOTHING, dtype=np.int32), ())
    if persons:
        with_person = timed & (dice.random(rows) < NAMED)
        person = _coded(
            dice, with_person, [f"p{n}" for n in range(max(rows // LINES_PER_PERSON, 1))]
        )
    return _batch(
        rows,
        reference=[f"k{n}" for n in range(rows)],
        block=Coded(block, tuple(keys)),
        begin=begin,
        end=np.where(timed, end, np.int32(NO_DAY)),
        weekly_hours=_numbers(dice, way == Way.YEARS_OF_HOURS, 12_00, 40_00),
        hours=_numbers(dice, way == Way.HOURS, 1_00, 80_00),
        amount=_numbers(dice, np.isin(way, (Way.COST, Way.DAY_MAXIMUM)), 100_00, 20_000_00),
        count=_numbers(dice, np.isin(way, (Way.PIECES, Way.DAY_MAXIMUM)), 1, 5),
        bonuses=_bonuses(dice, scheme, block),
        person=person,
        contract=Coded(contract, tuple(f"c{n}" for n in range(contracts))),
        contract_begin=first[contract],
        contract_end=last[contract],
        certificate=_coded(dice, way == Way.COST, [c.key for c in scheme.certificates]),
    )


def _batch(rows: int, **columns: Any) -> Contributions:
    """A batch in which the other columns are empty."""
    empty = {
        column.field: column_of_batch(column, [_nothing(column)] * rows)
        for column in CONTRIBUTION.values()
        if column.field not in columns
    }
    return Contributions(row=np.arange(2, rows + 2), **empty, **columns)


def _nothing(column: Column) -> int | None:
    if column.kind is Kind.DATE:
        return NO_DAY
    return NOTHING if column.kind.is_number else None


def _contract_days(dice: np.random.Generator, contracts: int) -> tuple[Days, Days]:
    """Contracts of one to four years; one in ten has no end yet."""
    earliest = day_of(date(2022, 1, 1))
    first = dice.integers(earliest, earliest + 730, contracts, dtype=np.int32)
    last = first + dice.integers(365, 4 * 365, contracts, dtype=np.int32)
    last[dice.random(contracts) < 0.1] = NO_DAY
    return first, last


def _numbers(dice: np.random.Generator, here: Flags, low: int, high: int) -> npt.NDArray[np.int64]:
    column = np.full(here.size, NOTHING)
    column[here] = dice.integers(low, high, np.count_nonzero(here), endpoint=True)
    return column


def _coded(dice: np.random.Generator, here: Flags, names: Sequence[str]) -> Coded:
    codes = np.full(here.size, NOTHING, dtype=np.int32)
    if names:
        codes[here] = dice.integers(0, len(names), np.count_nonzero(here), dtype=np.int32)
    return Coded(codes, tuple(names))


def _bonuses(dice: np.random.Generator, scheme: Scheme, block: Codes) -> Coded:
    """Half of the lines that may have a bonus claim some, in every combination."""
    keys = [bonus.key for bonus in scheme.bonuses]
    cells = [",".join(some) for n in range(1, len(keys) + 1) for some in combinations(keys, n)]
    everywhere = frozenset.intersection(*(bonus.blocks for bonus in scheme.bonuses))
    allowed = np.array([b.key in everywhere for b in scheme.blocks])[block]
    return _coded(dice, allowed & (dice.random(block.size) < 0.5), cells)
