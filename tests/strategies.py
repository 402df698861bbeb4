"""Random rule sets and batches, for Hypothesis and for a seeded run over many lines.

Both are made by the same functions from a `Dice`: drawn by Hypothesis it shrinks, so the first of
several options is the plainest; thrown by `random.Random` it is quick. Dates are clustered on
purpose: what goes wrong goes wrong on the day of a limit, of a gap, at a month's end.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from hypothesis import strategies as st

from telmee.core.explain import Text
from telmee.core.schemes.model import (
    Block,
    Bonus,
    Cap,
    Certificate,
    DayCount,
    Scheme,
    Unit,
)
from tests.oracle import add_months

T = TypeVar("T")

COST_UNITS = (Unit.ACTUAL_COST, Unit.DAY_MAXIMUM)
MONTH_ENDS = (
    date(2024, 1, 1),
    date(2024, 2, 29),
    date(2023, 2, 28),
    date(2023, 3, 1),
    date(2023, 8, 31),
    date(2024, 1, 31),
    date(2023, 12, 31),
    date(2023, 11, 30),
    date(2024, 4, 17),
)


class Dice(Protocol):
    """Where a choice comes from."""

    def among(self, options: Sequence[T]) -> T:
        """Choose one; when a failure is shrunk, the first."""
        ...

    def between(self, low: int, high: int) -> int:
        """Choose a whole number, both ends included."""
        ...


class Thrown:
    """Dice of a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - dice, not a secret

    def among(self, options: Sequence[T]) -> T:
        return self._random.choice(options)

    def between(self, low: int, high: int) -> int:
        return self._random.randint(low, high)


class Drawn:
    """Dice of Hypothesis."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def among(self, options: Sequence[T]) -> T:
        return options[self.between(0, len(options) - 1)]

    def between(self, low: int, high: int) -> int:
        return self._draw(_whole_numbers(low, high))


@lru_cache
def _whole_numbers(low: int, high: int) -> st.SearchStrategy[int]:
    """Keep the strategy: making one costs more than drawing from it."""
    return st.integers(low, high)


@dataclass(frozen=True)
class Case:
    """A scheme, a batch and what else the command line can say."""

    scheme: Scheme
    rows: list[dict[str, Any]]
    until: date | None
    obligations: dict[str, int]
    unread: tuple[int, ...]


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    return a_scheme(Drawn(draw))


@st.composite
def cases(draw: st.DrawFn, scheme: Scheme | None = None, lines: int = 8) -> Case:
    dice = Drawn(draw)
    return a_case(dice, scheme or a_scheme(dice), dice.between(1, lines))


def seldom(dice: Dice, times: int) -> bool:
    """One time in `times`; never, when shrunk."""
    return dice.between(1, times) == times


# --- schemes --------------------------------------------------------------------------------------


def scheme_of(**parts: Any) -> Scheme:
    """A scheme with the parts that matter and no others."""
    facts = {
        "id": "x",
        "version": "undated",
        "sha256": "0" * 64,
        "family": "x",
        "publisher": "X",
        "applies_to": ("X",),
        "title": Text("X"),
        "standing": "published",
        "sources": {},
        "assumed": {},
        **parts,
    }
    return Scheme(**facts, texts={str(n): text for n, text in enumerate(_texts(facts))})


def _texts(part: Any) -> Iterator[Text]:
    """List every text inside the parts of a scheme."""
    if isinstance(part, Text):
        yield part
    elif isinstance(part, Mapping):
        for inside in part.values():
            yield from _texts(inside)
    elif isinstance(part, tuple | frozenset):
        for inside in part:
            yield from _texts(inside)
    elif is_dataclass(part):
        for one in fields(part):
            yield from _texts(getattr(part, one.name))


def block_of(key: str, unit: Unit, **parts: Any) -> Block:
    """A block with the parts that matter and no others."""
    return Block(
        **{
            "key": key,
            "label": Text(key),
            "category": "placement",
            "unit": unit,
            "amount_cents": None if unit in (Unit.ACTUAL_COST, Unit.AGREEMENT) else 3_000_000,
            "percentage_bp": 10_000,
            "day_count": DayCount.ANNIVERSARY,
            "max_months": None,
            "min_months": None,
            "min_weekly_hours": None,
            **parts,
        }
    )


def bonus_of(key: str, blocks: Sequence[str], **parts: Any) -> Bonus:
    """A bonus with the parts that matter and no others."""
    return Bonus(
        **{
            "key": key,
            "label": Text(key),
            "amount_cents": 500_000,
            "actual_cost": False,
            "percentage_bp": 10_000,
            "blocks": frozenset(blocks),
            **parts,
        }
    )


def a_scheme(dice: Dice) -> Scheme:
    """A small rule set over all units, such as `check_document` would let through."""
    certificates = tuple(
        Certificate(f"cert{n}", Text(f"cert{n}"), dice.among((10_000, 5_000, 33_33, None)))
        for n in range(dice.between(0, 2))
    )
    blocks = tuple(a_block(dice, n, certificates) for n in range(dice.between(1, 5)))
    return scheme_of(
        weekly_hours=dice.among((36_00, 40_00, 32_00, 37_50, 1_01, None)),
        gap_months=dice.among((None, 6, 1, 3, 12)),
        look_back_months=dice.among((None, 6, 1, 3)),
        blocks=blocks,
        bonuses=tuple(a_bonus(dice, n, blocks) for n in range(dice.between(0, 4))),
        caps=tuple(a_cap(dice, n, blocks) for n in range(dice.between(0, 3))),
        certificates=certificates,
    )


def a_block(dice: Dice, number: int, certificates: Sequence[Certificate]) -> Block:
    unit = dice.among((Unit.FULL_TIME_YEAR, Unit.FULL_TIME_YEAR, *Unit))
    timed = unit.counts_time
    cost = unit is Unit.ACTUAL_COST
    max_months = dice.among((None, 24, 12, 1, 3, 6, 7)) if timed else None
    limits = some_limits(dice, unit)
    without = cost or unit is Unit.AGREEMENT or seldom(dice, 20)
    return block_of(
        f"b{number}",
        unit,
        amount_cents=None if without else an_amount(dice),
        published=Text("onleesbaar") if seldom(dice, 3) else None,
        percentage_bp=dice.among((100_00, 50_00, 33_33, 1, 1000_00)) if cost else 100_00,
        day_count=dice.among(tuple(DayCount)),
        **{"max_months": max_months, **limits},
        from_last_benefit_day=max_months is not None and seldom(dice, 4),
        min_months=dice.among((None, None, 6, 1, 2)) if timed else None,
        min_weekly_hours=dice.among((None, None, 12_00, 20_01)) if timed else None,
        certificates=some_certificates(dice, certificates) if cost else (),
        or_actual_cost=unit is Unit.HOUR and not limits and seldom(dice, 2),
        judgement=Text("oordeel") if seldom(dice, 20) else None,
    )


def some_limits(dice: Dice, unit: Unit) -> dict[str, int]:
    """Limits in months and in hours of a block of hours, and in months of one of costs."""
    months = {"max_months": dice.among((3, 1, 12))} if seldom(dice, 2) else {}
    if unit is Unit.ACTUAL_COST:
        return months
    if unit is not Unit.HOUR or seldom(dice, 2):
        return {}
    weekly = {"max_weekly_hours": dice.among((10_00, 1_50, 40_00))} if seldom(dice, 2) else {}
    together = {"max_hours": dice.among((10_00, 400_00, 33_33))} if seldom(dice, 2) else {}
    return months | weekly | together


def some_certificates(dice: Dice, certificates: Sequence[Certificate]) -> tuple[Certificate, ...]:
    """None, those of the scheme, or some of them with percentages of the block's own."""
    if seldom(dice, 2):
        return ()
    if seldom(dice, 2):
        return tuple(certificates)
    percentages = (75_00, 150_00, 1, None)
    own = (replace(one, percentage_bp=dice.among(percentages)) for one in certificates)
    return tuple(one for one in own if not seldom(dice, 3))


def a_bonus(dice: Dice, number: int, blocks: Sequence[Block]) -> Bonus:
    free = [b for b in blocks if b.unit not in COST_UNITS and not b.or_actual_cost]
    cost = bool(free) and seldom(dice, 5)
    yearly = [b for b in blocks if b.unit in (Unit.FULL_TIME_YEAR, Unit.PERSON_YEAR)]
    by_year = bool(yearly) and not cost and seldom(dice, 4)
    scope = [
        b.key for b in (free if cost else yearly if by_year else blocks) if not seldom(dice, 5)
    ]
    return bonus_of(
        f"plus{number}",
        scope,
        amount_cents=None if cost or by_year or seldom(dice, 20) else an_amount(dice),
        published=Text("onleesbaar") if seldom(dice, 3) else None,
        yearly_amount=by_year,
        actual_cost=cost,
        percentage_bp=dice.among((100_00, 33_33)) if cost else 100_00,
        group=dice.among((None, "age", "age", "form")),
        once=by_year or (not cost and seldom(dice, 3)),
    )


def a_cap(dice: Dice, number: int, blocks: Sequence[Block]) -> Cap:
    per = dice.among(("day", "person", "contract"))
    whole = per == "contract"
    return Cap(
        key=f"cap{number}",
        per=per,
        amount_cents=None if whole else dice.among((1_000_00, 1, 12_345_67, 20_000_00)),
        share_bp=dice.among((50_00, 33_33, 1, 100_00)) if whole else None,
        blocks=frozenset(b.key for b in blocks if not seldom(dice, 4)),
    )


def an_amount(dice: Dice) -> int:
    return dice.among((30_000_00, 35_000_00, 10_000_00, 100_00, 1, 3, 99_99, 12_345_67))


# --- batches --------------------------------------------------------------------------------------


def a_case(dice: Dice, scheme: Scheme, lines: int) -> Case:
    """A batch of a few persons and contracts, most lines sound."""
    contracts = {name: a_contract(dice) for name in ("c1", "c2")}
    persons: tuple[str | None, ...] = ("p1", "p2", None)
    if lines > 100:
        persons = (None, *(f"p{n}" for n in range(lines // 4)))
        contracts = {f"c{n}": a_contract(dice) for n in range(lines // 20)}
    rows: list[dict[str, Any]] = []
    last_of: dict[str | None, dict[str, Any]] = {}
    for number in range(lines):
        person = dice.among(persons)
        row = a_row(dice, scheme, contracts, last_of.get(person))
        row |= {"kenmerk": f"k{number}", "persoon": person and spelled(dice, person)}
        last_of[person] = row
        rows.append({column: cell for column, cell in row.items() if cell is not None})
    return Case(
        scheme=scheme,
        rows=rows,
        until=dice.among((None, None, date(2024, 12, 31), date(2023, 6, 30))),
        obligations={
            name: dice.among((50_000_00, 33_333_33, 1)) for name in contracts if seldom(dice, 2)
        },
        unread=tuple(number for number in range(lines) if seldom(dice, 40)),
    )


def spelled(dice: Dice, code: str) -> str:
    """A code as somebody types it; all spellings are one person."""
    return dice.among((code, code.upper(), f" {code}\N{NO-BREAK SPACE}"))


def a_contract(dice: Dice) -> dict[str, Any]:
    begin = dice.among((None, date(2023, 1, 1), date(2023, 3, 31), date(2024, 2, 29)))
    end = dice.among((None, date(2025, 12, 31), date(2024, 2, 29), date(2024, 6, 30)))
    return {"contract_begin": begin, "contract_eind": end}


def a_row(
    dice: Dice,
    scheme: Scheme,
    contracts: dict[str, dict[str, Any]],
    previous: dict[str, Any] | None,
) -> dict[str, Any]:
    """A line; `previous` is the person's line before it, on which a gap can be made."""
    block = dice.among(scheme.blocks)
    name = dice.among(tuple(contracts))
    row: dict[str, Any] = {"bouwblok": block.key}
    if not seldom(dice, 6):
        row |= {"contract": name, **contracts[name]}
    row["begin"] = begin = a_begin(dice, scheme, row.get("contract_begin"), previous)
    row["eind"] = an_end(dice, block, begin)
    row |= the_measures(dice, scheme, block)
    row["laatste_uitkeringsdag"] = a_last_benefit_day(dice, block, begin)
    allowed = [bonus.key for bonus in scheme.bonuses if block.key in bonus.blocks]
    row["toeslagen"] = ",".join(key for key in allowed if seldom(dice, 2)) or None
    if block.needs_certificate:
        row["certificaat"] = dice.among([c.key for c in scheme.certificates])
        row["certificaat_tot"] = dice.among((None, begin, begin + timedelta(days=40)))
    if seldom(dice, 12):
        spoil(dice, scheme, row)
    return row


def a_begin(
    dice: Dice, scheme: Scheme, contract_begin: date | None, previous: dict[str, Any] | None
) -> date:
    options = [*MONTH_ENDS]
    if contract_begin:
        back = scheme.look_back_months or 2
        options += [contract_begin, add_months(contract_begin, -back)]
    if previous and previous.get("eind"):
        following = previous["eind"] + timedelta(days=1)
        gap = scheme.gap_months or 2
        options += [following, following, add_months(following, gap), add_months(following, gap)]
    shift = dice.among((0, 0, 0, -1, 1, dice.between(-200, 300)))
    return dice.among(options) + timedelta(days=shift)


def a_last_benefit_day(dice: Dice, block: Block, begin: date) -> date | None:
    """None, or a day that lets the months end about when the line begins or ends."""
    months = -(block.max_months or 1)
    ended = (begin, add_months(begin, months), add_months(begin, months + 3))
    shift = dice.among((-1, 0, 1, -2, dice.between(-200, 200)))
    return None if seldom(dice, 4) else dice.among(ended) + timedelta(days=shift)


def an_end(dice: Dice, block: Block, begin: date) -> date | None:
    months = [12, 24, 6, 1, 11, 3, block.max_months or 2, block.min_months or 2]
    shift = dice.among((-1, -1, -2, 0, dice.between(0, 400)))
    end = add_months(begin, dice.among(months)) + timedelta(days=shift)
    if block.unit.counts_time:
        return None if seldom(dice, 8) else max(end, begin)
    return dice.among((end, None, begin))


def the_measures(dice: Dice, scheme: Scheme, block: Block) -> dict[str, Any]:
    """The columns with numbers: always when the block needs them, now and then otherwise."""
    basis = scheme.weekly_hours or 36_00
    measures: dict[str, Any] = {
        "uren_per_week": hundredths(dice.among((basis, 24_00, 12_00, dice.between(1, 60_00)))),
        "uren": hundredths(dice.among((800_00, 1, 7_25, dice.between(1, 2000_00)))),
        "bedrag": hundredths(dice.among((5_000_00, 1, 99_99, 0, dice.between(1, 9_999_999)))),
        "aantal": dice.among((None, 1, 2, 3, 17)),
        "voltijd_uren_per_jaar": hundredths(dice.among((1600_00, 1878_00, 1, 3_33))),
    }
    if block.unit in (Unit.PIECE, Unit.PART_DAY, Unit.DAY_MAXIMUM) and not measures["aantal"]:
        measures["aantal"] = 4
    if block.unit is Unit.HOUR:
        del measures[dice.among(("bedrag", "uren")) if block.or_actual_cost else "bedrag"]
    return measures


def hundredths(whole: int) -> Decimal:
    return Decimal(whole).scaleb(-2)


def spoil(dice: Dice, scheme: Scheme, row: dict[str, Any]) -> None:
    """Make one thing wrong, or at least odd."""
    bonuses = [bonus.key for bonus in scheme.bonuses]
    wrong: list[tuple[str, Any]] = [
        *((column, None) for column in ("begin", "eind", "uren_per_week", "uren", "bedrag")),
        *((column, None) for column in ("aantal", "voltijd_uren_per_jaar", "certificaat")),
        *(("bouwblok", key) for key in (None, "nonsense", "B0")),
        *(("toeslagen", text) for text in (", ,", "nonsense", "nonsense,nonsense")),
        *(("toeslagen", cell) for key in bonuses for cell in (key, f"{key}, {key}")),
        *(("toeslagen", f" {key.upper()};") for key in bonuses),
        ("toeslagen", ",".join(bonuses)),
        ("certificaat", "nonsense"),
        ("certificaat_tot", date(2023, 1, 1)),
        ("eind", date(2022, 12, 31)),
        ("contract_begin", date(2026, 1, 1)),
        ("contract_begin", date(2024, 3, 1)),
        ("contract_eind", date(2022, 12, 31)),
        ("contract", None),
        ("bedrag", Decimal(10) ** 9),
        ("uren", Decimal(99_999)),
        ("aantal", 0),
        ("aantal", 1_000_000),
    ]
    column, cell = dice.among(wrong)
    row[column] = cell
