"""What a line of a block is asked for: the columns, the choices and the proof.

A form and a template ask what the engine will test, so the answer is read off the engine's own
rules and not written down a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from telmee.core.errors import DomainError, Problem
from telmee.core.explain import Text
from telmee.core.schemes.model import Block, Bonus, Certificate, Scheme
from telmee.core.tables.contribution_columns import ALWAYS, ASKED, LAST_BENEFIT_DAY
from telmee.core.valuation.faults import BIT, faults_in
from telmee.core.valuation.rules import Rules, Way, lay_out

#: Proof of a line in these categories is a letter or a contract with somebody's name and BSN on
#: it. It is looked at and not kept, so it is not uploaded either.
SEEN_NOT_KEPT = frozenset({"placement", "education", "work_experience"})


@dataclass(frozen=True, slots=True)
class Ask:
    """What a line of one block is asked for, by the Dutch names of the columns.

    Without one of `required` the line is refused; of `either` it takes exactly one; `optional`
    may change the value and can stay empty. A claimed bonus may need more: `with_bonus` has those
    columns by the key of the bonus. `max_months` is where the clock of a person ends, `None` where
    the block counts without end. `upload` tells whether a file may be added as proof.
    """

    block: Block
    required: tuple[str, ...]
    either: tuple[str, ...]
    optional: tuple[str, ...]
    bonuses: tuple[Bonus, ...]
    certificates: tuple[Certificate, ...]
    upload: bool
    with_bonus: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def max_months(self) -> int | None:
        """The months that one person counts at most for this block; None without a limit."""
        return self.block.max_months

    @property
    def evidence(self) -> tuple[Text, ...]:
        """The proof that the source asks for."""
        return self.block.evidence

    @property
    def conditions(self) -> tuple[Text, ...]:
        """What a person checks."""
        return self.block.conditions

    def required_with(self, bonuses: Iterable[str]) -> tuple[str, ...]:
        """The Dutch names of the columns that a line with these bonuses may not leave empty."""
        needed = {*self.required}.union(*(self.with_bonus.get(key, ()) for key in bonuses))
        return _in_order(needed)


def asks_of(scheme: Scheme, block_key: str) -> Ask:
    """What a line of a block is asked for.

    Raises `DomainError` `unknown_block` where the scheme has no such block.
    """
    numbers = [n for n, block in enumerate(scheme.blocks) if block.key == block_key]
    if not numbers:
        known = ", ".join(block.key for block in scheme.blocks)
        params = {"block": block_key, "known": known}
        raise DomainError(Problem("unknown_block", "bouwblok", params=params))
    return _ask(lay_out(scheme), numbers[0])


def asks_by_block(scheme: Scheme) -> dict[str, Ask]:
    """What lines are asked for, by the key of their block; for every block of the scheme."""
    rules = lay_out(scheme)
    return {block.key: _ask(rules, number) for number, block in enumerate(scheme.blocks)}


def _ask(rules: Rules, number: int) -> Ask:
    scheme = rules.scheme
    block, tests = scheme.blocks[number], int(rules.tests[number])
    required = _missing(tests)
    either = ("uren", "bedrag") if tests & BIT["hours_or_amount"] else ()
    with_bonus = dict(_with_bonuses(rules, number, {*required}))
    more = {column for columns in with_bonus.values() for column in columns}
    optional = {*_optional(rules, number), *more} - {*required, *either}
    return Ask(
        block=block,
        required=required,
        either=either,
        optional=_in_order(optional),
        bonuses=tuple(bonus for bonus in scheme.bonuses if block.key in bonus.blocks),
        certificates=block.certificates,
        upload=block.category not in SEEN_NOT_KEPT,
        with_bonus=with_bonus,
    )


def _missing(tests: int) -> tuple[str, ...]:
    """The columns that a line may not leave empty, by the bits of the faults it is tested for."""
    needs = (fault for fault in faults_in(tests) if fault.code.startswith("missing_"))
    return _in_order({fault.column for fault in needs})


def _with_bonuses(
    rules: Rules, number: int, required: set[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each bonus that a block allows and that needs columns besides the block's own, with those."""
    allowed = int(rules.bonus_mask[number])
    by_year = _missing(int(rules.year_needs[number]))
    for place, bonus in enumerate(rules.scheme.bonuses):
        bit = 1 << place
        if not allowed & bit:
            continue
        needed = {"bedrag"} if rules.cost_bonuses & bit else set()
        needed |= {*by_year} if rules.timed_bonuses & bit else set()
        if needed - required:
            yield bonus.key, _in_order(needed - required)


def _optional(rules: Rules, number: int) -> Iterator[str]:
    """The columns that may stay empty but change a value, or that somebody checks the line by."""
    scheme, block = rules.scheme, rules.scheme.blocks[number]
    allowed = int(rules.bonus_mask[number])
    yield from ALWAYS
    if Way(rules.way[number]) in (Way.HOURS, Way.LIMITED_HOURS, Way.PERIODS):
        yield "aantal"
    if block.min_weekly_hours:
        yield "uren_per_week"
    if allowed:
        yield "toeslagen"
    if block.needs_certificate or block.category == "social_procurement":
        yield "leverancier"
    if block.needs_certificate:
        yield "certificaat_tot"
    once = any(allowed & (1 << bonus) for bonus in rules.once_bonuses)
    capped = any(cap.per == "person" and block.key in cap.blocks for cap in scheme.caps)
    if block.unit.counts_time or block.is_limited_amount or once or capped:
        yield "persoon"
    if block.from_last_benefit_day:
        yield LAST_BENEFIT_DAY


def _in_order(columns: Iterable[str]) -> tuple[str, ...]:
    wanted = {*columns}
    return tuple(column for column in ASKED if column in wanted)
