"""Whether an obligation arises at all.

A threshold counts at the amount itself, unless the source says above. Value and duration are two
tests, each with its own most specific rows, and both must be met: that is how the Rijk writes it
(250,000 euros and six months). Rows of one test that are equally specific are readings of one
rule and not extra conditions: the province of Noord-Holland publishes an amount on one page and
"above the EU threshold" on another. When such rows agree the answer is sure; when they do not, a
person must say which one holds.

A framework agreement decides whether, its call-offs how much: a call-off is tested by the value and
the duration of its framework with every option, unless a scheme says that each stands by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import chain

import numpy as np

from telmee.core.errors import Param, Problem
from telmee.core.explain import Step
from telmee.core.obligations.contract import Contract
from telmee.core.obligations.european import European, day_of_tender, period_of
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
    stated = [test for test in tests if test is not None]
    if not stated:
        return Finding(
            outcome=True,
            steps=(to_check(scheme, "threshold_not_found", "convention.no_threshold"),),
        )
    steps = (
        *_framework_steps(scheme, contract, rows),
        *chain.from_iterable(test.steps for test in stated),
    )
    outcomes = [test.outcome for test in stated]
    if False in outcomes:
        return Finding(outcome=False, steps=steps)
    problems = tuple(chain.from_iterable(test.problems for test in stated))
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
    amount, value = _amount(scheme, contract, row), _value(scheme, contract, row)
    steps, problems = (*value.steps, *amount.steps), (*value.problems, *amount.problems)
    if amount.outcome is None or value.outcome is None:
        return Finding(None, steps, problems)
    above = row.strictly_above
    met = value.outcome > amount.outcome if above else value.outcome >= amount.outcome
    name = f"threshold_{'above' if above else 'from'}_{'met' if met else 'not_met'}"
    step = sourced_step(scheme, name, amount.outcome, "cents", rule)
    return Finding(met, (*steps, step, *_note(scheme, row)))


def _amount(scheme: Scheme, contract: Contract, row: Threshold) -> Finding[int]:
    """The amount of a threshold: that of the scheme, else the one given, else the European one."""
    if row.amount_cents is not None:
        return Finding(row.amount_cents)
    given = contract.eu_threshold_cents
    if given is not None:
        step = sourced_step(scheme, "eu_threshold", given, "cents", "contract.eu_drempel")
        return Finding(given, (step,))
    rule = f"obligation.thresholds.{row.key}"
    if row.eu_amount is None:
        return Finding(None, problems=(Problem("eu_threshold_unknown", rule),))
    return _european(scheme, contract, European(row.eu_amount), rule)


def _european(scheme: Scheme, contract: Contract, which: European, rule: str) -> Finding[int]:
    day, moment = day_of_tender(contract)
    period = period_of(day)
    if period is None:
        params: dict[str, Param] = {"date": day}
        return Finding(None, problems=(Problem("eu_threshold_outside_table", rule, params=params),))
    cents, table = period.cents(which), "convention.european_thresholds"
    amount = Step(
        *(f"eu_{which}", cents, "cents", table, period.source),
        params={"first": period.first, "last": period.last},
    )
    steps = (sourced_step(scheme, "tender_day", day, "date", table, how=moment), amount)
    if moment == "published":
        return Finding(cents, steps)
    return Finding(cents, (*steps, to_check(scheme, "publication_assumed", table)))


def _value(scheme: Scheme, contract: Contract, row: Threshold) -> Finding[int]:
    """The value that a threshold tests: of the contract or of its framework, with VAT or without.

    Of a framework no value with VAT is known, so a threshold with VAT asks a person there.
    """
    if _by_framework(contract, row):
        value, with_vat = contract.framework_cents, None
    else:
        value, with_vat = contract.value_cents, contract.with_vat_cents
    if row.vat != "included":
        return Finding(value)
    rule = f"obligation.thresholds.{row.key}"
    if with_vat is None:
        return Finding(None, problems=(Problem("value_with_vat_unknown", f"{rule}.vat"),))
    step = sourced_step(scheme, "tested_with_vat", with_vat, "cents", f"{rule}.vat")
    return Finding(with_vat, (step,))


def _by_framework(contract: Contract, row: Threshold) -> bool:
    return contract.framework_cents is not None and row.call_offs != "each"


def _framework_steps(
    scheme: Scheme, contract: Contract, rows: Sequence[Threshold]
) -> tuple[Step, ...]:
    """That the framework decides, said once, in the scheme's own words or by the convention."""
    deciding = [row for row in rows if _by_framework(contract, row)]
    if not deciding:
        return ()
    said = [row for row in deciding if row.call_offs is not None]
    rule = "convention.framework_decides"
    if said:
        rule = f"obligation.thresholds.{said[0].key}.call_offs"
    value = contract.framework_cents
    return (sourced_step(scheme, "framework_value", value, "cents", rule),)


def _test_duration(scheme: Scheme, contract: Contract, row: Threshold) -> Finding[bool]:
    """Test the shortest duration; a row that asks for judgement is not sure about this either."""
    rule = f"obligation.thresholds.{row.key}"
    wanted = row.min_duration_months or 0
    if row.judgement is not None:
        return Finding(None)
    first, last = contract.start, contract.end
    if _by_framework(contract, row):
        if contract.framework_start is None or contract.framework_end is None:
            return Finding(None, problems=(Problem("framework_dates_unknown", rule),))
        first, last = contract.framework_start, contract.framework_end
    months = _months_between(first, last)
    met = months >= wanted
    name = "duration_met" if met else "duration_not_met"
    step = sourced_step(scheme, name, wanted, "months", rule, months=months)
    return Finding(met, (step, *(() if _states_value(row) else _note(scheme, row))))


def _note(scheme: Scheme, row: Threshold) -> tuple[Step, ...]:
    """List what goes with a threshold and only a person can apply; once for each row."""
    rule = f"obligation.thresholds.{row.key}"
    return () if row.note is None else (to_check(scheme, "threshold_note", rule, row.note),)


def _months_between(first: date, last: date) -> int:
    """Count the whole months of a period, both days included."""
    begin = np.array([day_of(first)], dtype=np.int32)
    end = np.array([day_of(last) + 1], dtype=np.int32)
    return int(whole_months(begin, end)[0][0])


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
    steps = tuple(chain.from_iterable(one.steps for one in tests))
    problems = tuple(chain.from_iterable(one.problems for one in tests))
    outcomes = {one.outcome for one in tests}
    if outcomes == {True, False}:
        params = {"rules": ", ".join(row.key for row in rows)}
        problems = (Problem("thresholds_disagree", "obligation.thresholds", params=params),)
    return Finding(outcomes.pop() if len(outcomes) == 1 else None, steps, problems)
