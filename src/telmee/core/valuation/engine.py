"""The engine: the steps of a valuation in their order.

`docs/algorithms/valuation.md` says what each step means. `ENGINE_VERSION` is raised whenever any
cent, or any refusal, can come out differently for the same receipt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np

from telmee.core.errors import Param, Problem
from telmee.core.money import BATCH_LINES_MAX, total
from telmee.core.periods import date_of
from telmee.core.schemes.model import Scheme
from telmee.core.tables.columns import NOTHING
from telmee.core.tables.contribution_columns import Contributions
from telmee.core.valuation.caps import apply_caps
from telmee.core.valuation.claims import look_up_claims, read_claims
from telmee.core.valuation.clocks import Clocks
from telmee.core.valuation.engine_columns import Columns, runs
from telmee.core.valuation.faults import BIT, JUDGEMENT_BITS, REFUSED_BITS, faults_in
from telmee.core.valuation.limited import limit_amounts
from telmee.core.valuation.order import Order
from telmee.core.valuation.persons import (
    Persons,
    keep_first_of_person,
    order_by_person,
    run_clocks,
)
from telmee.core.valuation.rules import Rules, lay_out
from telmee.core.valuation.values import value_lines
from telmee.core.valuation.windows import find_periods

ENGINE_VERSION = 2


class Status(StrEnum):
    """Whether a line has a value; see docs/algorithms/valuation.md section 1."""

    VALUED = "valued"
    NEEDS_JUDGEMENT = "needs_judgement"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Valuation:
    """A batch that was valued: what went in, and every column that came out.

    Nothing here changes after `value` returned it. `until` is the day that filled an empty `eind`,
    or `None`; `obligations` are the cents per contract that share caps leaned on. `clocks` says how
    the limit of a person came about.
    """

    scheme: Scheme
    lines: Contributions
    columns: Columns
    until: int | None
    obligations: Mapping[str, int]
    clocks: Clocks

    def __len__(self) -> int:
        """Count the lines."""
        return len(self.lines)

    def status(self, line: int) -> Status:
        """Refused when any fault refuses it, else for a person when any asks that, else valued."""
        fault = int(self.columns.fault[line])
        if fault & REFUSED_BITS:
            return Status.REFUSED
        return Status.NEEDS_JUDGEMENT if fault & JUDGEMENT_BITS else Status.VALUED

    def value_cents(self, line: int) -> int | None:
        """The value of a line in cents; None, and never 0, where it is not valued."""
        cents = int(self.columns.value_cents[line])
        return None if cents == NOTHING else cents

    def total_cents(self) -> int:
        """Add up the lines that have a value; the others are outside the total."""
        return total(np.maximum(self.columns.value_cents, 0))

    def all_valued(self) -> bool:
        """Whether no line of the batch has a fault, so that each has a value."""
        return not self.columns.fault.any()

    def problems(self, line: int) -> Iterator[Problem]:
        """What keeps a line from having a value: faults of its cells, then of its story.

        A cell that could not be read is empty here, and is not called missing as well.
        """
        row = int(self.lines.row[line])
        unread = self.lines.problems.get(line, ())
        yield from unread
        unread_columns = {problem.column for problem in unread}
        for fault in faults_in(int(self.columns.fault[line]) & ~BIT["unread_cells"]):
            if fault.column in unread_columns or (
                fault.code == "hours_or_amount" and "bedrag" in unread_columns
            ):
                continue
            yield Problem(fault.code, fault.column, row, self._parameters(line, fault.code))

    def _parameters(self, line: int, code: str) -> Mapping[str, Param]:
        """The facts of the line and scheme that the sentence of this fault has places for."""
        lines, scheme = self.lines, self.scheme
        block = int(self.columns.block[line])
        params: dict[str, Param] = {
            "block": lines.block[line] or "",
            "bonuses": lines.bonuses[line] or "",
            "certificate": lines.certificate[line] or "",
        }
        if code == "unknown_block":
            params["known"] = ", ".join(b.key for b in scheme.blocks)
        if code == "unknown_bonus":
            params["known"] = ", ".join(b.key for b in scheme.bonuses) or "-"
        if code == "bonus_amount_unclear":
            params |= self._unclear_bonus(line)
        if block != NOTHING:
            rule = scheme.blocks[block]
            if rule.judgement is not None:
                params["why"] = rule.judgement
            if rule.published is not None:
                params["published"] = rule.published
            if rule.amount_cents is not None:
                params["amount_cents"] = rule.amount_cents
            if "certificate" in code:
                params["known"] = ", ".join(c.key for c in rule.certificates)
            if code == "benefit_long_ago":
                params["last"] = date_of(int(lines.last_benefit_day[line]))
            params["months"] = rule.max_months or 0
            params["min_months"] = rule.min_months or 0
            params["min_hours"] = Fraction(rule.min_weekly_hours or 0, 100)
            params["look_back"] = scheme.look_back_months or 0
            allowed = [bonus.key for bonus in scheme.bonuses if rule.key in bonus.blocks]
            params["allowed"] = ", ".join(allowed) or "-"
        return params

    def _unclear_bonus(self, line: int) -> Mapping[str, Param]:
        """The first bonus of a line of which the source says something that is no amount."""
        mask = int(self.columns.bonus_mask[line])
        claimed = (bonus for n, bonus in enumerate(self.scheme.bonuses) if mask & (1 << n))
        bonus = next(bonus for bonus in claimed if bonus.published is not None)
        return {"bonus": bonus.label, "said": bonus.published or ""}


def value(
    scheme: Scheme,
    lines: Contributions,
    *,
    until: int | None = None,
    obligations: Mapping[str, int] | None = None,
) -> Valuation:
    """Value a batch of contributions by one version of a scheme.

    `until` is the day number that stands in for an empty `eind` of a period. `obligations` gives
    the cents that a contract owes, for caps on a share of it. No line stops another: what cannot
    be valued says why. Raises `ValueError` beyond `BATCH_LINES_MAX` lines.
    """
    if len(lines) > BATCH_LINES_MAX:
        raise ValueError(f"a batch holds at most {BATCH_LINES_MAX} lines")
    rules = lay_out(scheme)
    claims = read_claims(rules, lines)
    columns = Columns.of(lines, rules, claims.bonuses)
    if until is not None:
        columns.end = lines.end.copy()
    obligations = dict(obligations or {})
    for run in runs(len(lines)):
        look_up_claims(claims, lines, columns, run)
        find_periods(rules, lines, columns, until, run)
    if lines.problems:
        columns.fault[list(lines.problems)] |= BIT["unread_cells"]
    by_person = order_by_person(columns)
    judge_persons(rules, columns, by_person)
    limit_amounts(rules, lines, columns)
    for run in runs(len(lines)):
        value_lines(rules, lines, columns, run)
    apply_caps(rules, lines, columns, by_person, obligations)
    clocks = Clocks(rules, columns, by_person)
    return Valuation(scheme, lines, columns, until, obligations, clocks)


def judge_persons(rules: Rules, columns: Columns, by_person: Order) -> None:
    """Find what the lines of one person leave to each other."""
    for persons in Persons.in_runs(rules, columns, by_person):
        run_clocks(persons)
    keep_first_of_person(rules, columns)
