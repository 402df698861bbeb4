"""What one line would be worth on each of somebody's contracts, side by side; nothing is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.queries import as_line, owed_by
from telmee.apps.contributions.cells import Cells
from telmee.apps.schemes.queries import rules_of
from telmee.core.contributions.lines import contributions_from
from telmee.core.errors import Problem
from telmee.core.schemes.compare import pair_blocks
from telmee.core.schemes.model import Block, Bonus, Scheme
from telmee.core.tables.cells import keys_of
from telmee.core.tables.contribution_columns import BLOCK, BONUSES, PERSON, REFERENCE
from telmee.core.valuation import Status, value
from telmee.core.valuation.asks import Ask, asks_of


@dataclass(frozen=True, slots=True)
class Worth:
    """What a line would come to on a contract, under the block of its rules that it falls in.

    Without such a block it counts for nothing there. `problems` say what those rules ask besides;
    `bonuses` are those that could come on top and were not claimed.
    """

    contract: Contract
    scheme: Scheme
    block: Block | None = None
    cents: int | None = None
    status: Status | None = None
    problems: tuple[Problem, ...] = ()
    bonuses: tuple[Bonus, ...] = ()


def worth_where(contracts: Iterable[Contract], scheme: Scheme, cells: Cells) -> list[Worth]:
    """The worth of a line typed for one set of rules on each of these contracts, the highest first.

    Rows of two schemes are the same where they are for the same people (decision 0007). A line is
    valued as if nothing was decided yet: a limit of the same person, or a cap that others share,
    is only reckoned with on its own contract. Runs no query, however many contracts there are.
    """
    by_rules: dict[int, list[Contract]] = defaultdict(list)
    for contract in contracts:
        by_rules[contract.scheme_id].append(contract)
    every = [
        worth
        for some in by_rules.values()
        for worth in _under(rules_of(some[0].scheme), some, scheme, cells)
    ]
    return sorted(every, key=lambda one: (-(one.cents or 0), one.block is None, one.contract.pk))


def _under(
    rules: Scheme, contracts: list[Contract], scheme: Scheme, cells: Cells
) -> Iterator[Worth]:
    """The worth on contracts with the same rules: of several blocks that fit, the best."""
    blocks = list(_same_blocks(scheme, rules, str(cells.get(BLOCK, ""))))
    best = {contract.pk: Worth(contract, rules) for contract in contracts}
    for block in blocks:
        for worth in _of_block(rules, contracts, asks_of(rules, block.key), cells):
            known = best[worth.contract.pk]
            if known.block is None or (known.cents or 0) < (worth.cents or 0):
                best[worth.contract.pk] = worth
    yield from best.values()


def _same_blocks(scheme: Scheme, rules: Scheme, key: str) -> Iterator[Block]:
    if rules == scheme:
        return (block for block in rules.blocks if block.key == key)
    pairs = pair_blocks(scheme, rules)
    return (pair.second for pair in pairs if pair.second and pair.first and pair.first.key == key)


def _of_block(rules: Scheme, contracts: list[Contract], ask: Ask, cells: Cells) -> Iterator[Worth]:
    """Value the line on each contract in one go; nobody is the same person on two of them."""
    columns = {*ask.required, *ask.either, *ask.optional}
    known = {name: cell for name, cell in cells.items() if name in columns}
    allowed = {bonus.key for bonus in ask.bonuses}
    claimed = [key for key in keys_of(str(cells.get(BONUSES, ""))) if key in allowed]
    known |= {BLOCK: ask.block.key, BONUSES: ",".join(claimed)}
    rows = [
        as_line({**known, REFERENCE: f"{number}", PERSON: f"={number}"}, contract)
        for number, contract in enumerate(contracts)
    ]
    valued = value(rules, contributions_from(rows), obligations=owed_by(*contracts))
    open_ = tuple(bonus for bonus in ask.bonuses if bonus.key not in claimed)
    for number, contract in enumerate(contracts):
        yield Worth(
            contract,
            rules,
            ask.block,
            valued.value_cents(number),
            valued.status(number),
            tuple(replace(one, row=None) for one in valued.problems(number)),
            open_,
        )
