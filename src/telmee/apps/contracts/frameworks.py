"""Whether call-offs fit the framework agreement that they are under, in value and in time.

Nothing is refused for it: a framework can be widened. It is said when a call-off is registered, or
one of both is amended, and stands on the framework as long as it is so.
"""

from __future__ import annotations

from collections.abc import Iterator

from telmee.apps.contracts.choices import Form
from telmee.apps.contracts.facts import ContractFacts, last_day_of
from telmee.apps.contracts.models import Contract
from telmee.core.errors import Param, Problem


def misfits(framework: Contract) -> list[Problem]:
    """How the call-offs that somebody sees do not fit their framework agreement. Runs one query."""
    return _misfits(framework, _call_offs(framework.pk))


def misfits_by(contract: Contract, after: Contract) -> list[Problem]:
    """How call-offs would not fit by an amendment of one, or of their framework, beside how now.

    `after` is the contract as it would be. Runs one query, or two; none for another contract.
    """
    if contract.form == Form.FRAMEWORK:
        framework, call_offs = contract, _call_offs(contract.pk)
        wide, changed = after, call_offs
    else:
        known = Contract.objects.filter(pk=contract.parent_id or 0).first()
        if known is None:
            return []
        framework = wide = known
        call_offs = _call_offs(known.pk)
        changed = [after if one.pk == contract.pk else one for one in call_offs]
    now = _misfits(framework, call_offs)
    return [problem for problem in _misfits(wide, changed) if problem not in now]


def _call_offs(framework_id: int) -> list[Contract]:
    under = Contract.objects.filter(parent=framework_id, voided_on=None)
    return list(under.only("reference", "value_cents", "start", "end").order_by("end", "pk"))


def _misfits(framework: Contract, call_offs: list[Contract]) -> list[Problem]:
    called = sum(one.value_cents for one in call_offs)
    return [*_above(framework, called), *_outside(framework, call_offs)]


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


def _outside(framework: Contract, call_offs: list[Contract]) -> Iterator[Problem]:
    first, last = framework.start, last_day_of(framework)
    for one in call_offs:
        its: dict[str, Param] = {"contract": one.reference}
        if one.start < first:
            params = {**its, "start": one.start, "first": first}
            yield Problem("call_off_before_framework", params=params)
        if one.end > last:
            params = {**its, "end": one.end, "last": last}
            yield Problem("call_off_after_framework", params=params)
