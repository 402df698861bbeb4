"""What an amendment of a contract means for lines that were decided: who confirms it sees it first.

They keep the value that they were decided at, until a person opens them again
(docs/decisions/0012-decided-lines-keep-their-value.md).
"""

from __future__ import annotations

from dataclasses import dataclass

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contracts.amending import Planned, as_amended
from telmee.apps.contracts.models import Contract
from telmee.apps.contracts.queries import as_line, owed_by
from telmee.apps.contributions.access import on_contract
from telmee.apps.contributions.cells import cells_to_value
from telmee.apps.contributions.choices import COUNTING_STATES
from telmee.apps.contributions.models import Contribution
from telmee.apps.schemes.queries import rules_of
from telmee.core.contributions.lines import contributions_from
from telmee.core.valuation import Valuation, value


@dataclass(frozen=True, slots=True)
class Touched:
    """A decided line that the rules would value otherwise after an amendment.

    `then_cents` is None where the line would have no value any more: it falls outside the contract,
    or the other version refuses it. `verified_cents` is what was decided, and stays.
    """

    line: Contribution
    now_cents: int | None
    then_cents: int | None
    verified_cents: int


def touched_by(access: ContractAccess, planned: Planned) -> list[Touched]:
    """The decided lines of a contract that would come to another value by an amendment.

    All of them are valued together, once by the facts of now and once by those of then, so that
    only the amendment makes the difference. Runs one query.
    """
    lines = list(on_contract(access).filter(state__in=COUNTING_STATES).order_by("begin", "id"))
    if not lines:
        return []
    now = _valued(access.contract, lines)
    then = _valued(as_amended(access.contract, planned), lines)
    return [
        Touched(line, now.value_cents(n), then.value_cents(n), line.verified_cents or 0)
        for n, line in enumerate(lines)
        if now.value_cents(n) != then.value_cents(n)
    ]


def _valued(contract: Contract, lines: list[Contribution]) -> Valuation:
    rows = [as_line(cells_to_value(line), contract) for line in lines]
    rules = rules_of(contract.scheme)
    return value(rules, contributions_from(rows), obligations=owed_by(contract))
