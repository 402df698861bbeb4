"""Whether call-offs fit the framework agreement that they are under, in value and in time.

Nothing is refused for it: a framework can be widened. It is said when a call-off is registered, and
stands on the framework as long as it is so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from telmee.apps.contracts.facts import ContractFacts, last_day_of
from telmee.apps.contracts.models import Contract
from telmee.core.errors import Param, Problem


def misfits(framework: Contract) -> list[Problem]:
    """How the call-offs that somebody sees do not fit their framework agreement. Runs one query."""
    call_offs = Contract.objects.filter(parent=framework, voided_on=None).order_by("end", "pk")
    rows = call_offs.values_list("reference", "value_cents", "start", "end")
    called = sum(value for _, value, _, _ in rows)
    days = [(reference, start, end) for reference, _, start, end in rows]
    return [*_above(framework, called), *_outside(framework, days)]


def misfits_with(facts: ContractFacts) -> list[Problem]:
    """How call-offs would be too much together with one that is being registered.

    Whether that one fits by itself is in the story of what it owes. Runs two queries; none for
    another contract.
    """
    if facts.parent_id is None:
        return []
    framework = Contract.objects.filter(pk=facts.parent_id).first()
    if framework is None or facts.value_cents > framework.value_cents:
        return []
    under = Contract.objects.filter(parent=framework, voided_on=None)
    called = sum(under.values_list("value_cents", flat=True))
    return list(_above(framework, called + facts.value_cents))


def _above(framework: Contract, called_cents: int) -> Iterator[Problem]:
    if called_cents > framework.value_cents:
        params = {"called_cents": called_cents, "value_cents": framework.value_cents}
        yield Problem("call_offs_above_framework", params=params)


def _outside(framework: Contract, call_offs: list[tuple[str, date, date]]) -> Iterator[Problem]:
    first, last = framework.start, last_day_of(framework)
    for reference, start, end in call_offs:
        if start < first:
            before: dict[str, Param] = {"contract": reference, "start": start, "first": first}
            yield Problem("call_off_before_framework", params=before)
        if end > last:
            after: dict[str, Param] = {"contract": reference, "end": end, "last": last}
            yield Problem("call_off_after_framework", params=after)
