"""Whether an obligation arises at all.

A threshold counts at the amount itself, unless the source says above. Value and duration are two
tests, each with its own most specific rows, and both must be met: that is how the Rijk writes it
(250,000 euros and six months). Rows of one test that are equally specific are readings of one
rule and not extra conditions: the province of Noord-Holland publishes an amount on one page and
"above the EU threshold" on another. When such rows agree the answer is sure; when they do not, a
person must say which one holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np

from telmee.core.errors import Problem
from telmee.core.explain import Step
from telmee.core.obligations.contract import Contract
from telmee.core.obligations.finding import Finding, sourced_step, to_check, why
from telmee.core.obligations.scope import most_specific, rows_in_scope
from telmee.core.periods import day_of, whole_months
from telmee.core.schemes.model import Scheme, Threshold


def check_thresholds(scheme: Scheme, contract: Contract, client: str | None) -> Finding[bool]:
    """Whether the contract reaches what the scheme asks; None where a person must say.

    A scheme without any threshold for such a contract is met, with a step that says that none was
    found on what was read: the percentage is published, and silence is no exemption.
    """
    rows = rows_in_scope(scheme.obligation.thresholds, contract.category, client)
    by_value = [row for row in rows if _states_value(row)]
    by_duration = [row for row in rows if row.min_duration_months is not None]
    tests = [
        _agreed(scheme, contract, most_specific(by_value), _test_value),
        _agreed(scheme, contract, most_specific(by_duration), _test_duration),
    ]
    found = [test for test in tests if test is not None]
    if not found:
        return Finding(
            outcome=True,
            steps=(to_check(scheme, "threshold_not_found", "convention.no_threshold"),),
        )
    steps = tuple(chain.from_iterable(test.steps for test in found))
    outcomes = [test.outcome for test in found]
    if False in outcomes:
        return Finding(outcome=False, steps=steps)
    problems = tuple(chain.from_iterable(test.problems for test in found))
    return Finding(None if None in outcomes else True, steps, problems)


def _states_value(row: Threshold) -> bool:
    return row.amount_cents is not None or row.eu_threshold or row.judgement is not None


def _test_value(scheme: Scheme, contract: Contract, row: Threshold) -> Finding[bool]:
    rule = f"obligation.thresholds.{row.key}"
    if row.judgement is not None:
        name = "threshold_contested" if row.amount_cents is not None else "threshold_unstated"
        step = sourced_step(scheme, name, row.amount_cents, "cents", rule)
        problem = Problem("threshold_needs_judgement", rule, params=why(row.judgement))
        return Finding(None, (step,), (problem,))
    amount = row.amount_cents if row.amount_cents is not None else contract.eu_threshold_cents
    if amount is None:
        return Finding(None, problems=(Problem("eu_threshold_unknown", rule),))
    value, above = contract.value_cents, row.strictly_above
    met = value > amount if above else value >= amount
    name = f"threshold_{'above' if above else 'from'}_{'met' if met else 'not_met'}"
    steps = [sourced_step(scheme, name, amount, "cents", rule)]
    if row.amount_cents is None:
        steps.insert(
            0, sourced_step(scheme, "eu_threshold", amount, "cents", "contract.eu_drempel")
        )
    return Finding(met, (*steps, *_note(scheme, row)))


def _test_duration(scheme: Scheme, contract: Contract, row: Threshold) -> Finding[bool]:
    """Test the shortest duration; a row that asks for judgement is not sure about this either."""
    rule = f"obligation.thresholds.{row.key}"
    wanted, months = row.min_duration_months or 0, _months_of(contract)
    if row.judgement is not None:
        return Finding(None)
    met = months >= wanted
    name = "duration_met" if met else "duration_not_met"
    step = sourced_step(scheme, name, wanted, "months", rule, months=months)
    return Finding(met, (step, *(() if _states_value(row) else _note(scheme, row))))


def _note(scheme: Scheme, row: Threshold) -> tuple[Step, ...]:
    """List what goes with a threshold and only a person can apply; once for each row."""
    rule = f"obligation.thresholds.{row.key}"
    return () if row.note is None else (to_check(scheme, "threshold_note", rule, row.note),)


def _months_of(contract: Contract) -> int:
    """Count the whole months of a contract, both days included."""
    first = np.array([day_of(contract.start)], dtype=np.int32)
    end = np.array([day_of(contract.end) + 1], dtype=np.int32)
    return int(whole_months(first, end)[0][0])


def _agreed(
    scheme: Scheme,
    contract: Contract,
    rows: Sequence[Threshold],
    test: Callable[[Scheme, Contract, Threshold], Finding[bool]],
) -> Finding[bool] | None:
    """Make one finding of equally specific rows: sure when they agree; `None` without rows."""
    if not rows:
        return None
    tests = [test(scheme, contract, row) for row in rows]
    steps = tuple(chain.from_iterable(found.steps for found in tests))
    problems = tuple(chain.from_iterable(found.problems for found in tests))
    outcomes = {found.outcome for found in tests}
    if outcomes == {True, False}:
        params = {"rules": ", ".join(row.key for row in rows)}
        problems = (Problem("thresholds_disagree", "obligation.thresholds", params=params),)
    return Finding(outcomes.pop() if len(outcomes) == 1 else None, steps, problems)
