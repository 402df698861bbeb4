"""How much is owed: the one sure reason for nothing, or the amount when every part is sure.

The order of the amount: percentage of the base, rounded half up once; the discount of a
certificate; the cap. The cap comes last because every source that has one states it as the most
that one contract can owe, whatever that came from (Súdwest-Fryslân: "per contract", after the
percentage), while a discount is part of how the obligation comes about. It is also the order of a
line's own maximum in docs/algorithms/valuation.md section 6. No published scheme has both yet; for
an exemption the order makes no difference.

What the parties wrote down in euros holds as it is: the rules say what a tender asks, a contract
says what was agreed. Nothing owed needs one sure reason (a threshold not met, too little labour,
an exemption), even where another part is for a person to judge. An amount needs every part to be
sure.

Source: docs/algorithms/obligations.md sections 1 and 6.
"""

from __future__ import annotations

from collections.abc import Iterator

from telmee.core.explain import Step
from telmee.core.money import WHOLE_BP, half_up
from telmee.core.obligations.contract import Basis, Contract
from telmee.core.obligations.discounts import find_discount
from telmee.core.obligations.finding import Finding, sourced_step, to_check
from telmee.core.obligations.percentages import TURNOVER, Nothing, Rate, find_rate
from telmee.core.obligations.thresholds import check_thresholds
from telmee.core.schemes.model import Scheme

#: The step that says that a percentage is taken of turnover that both sides agreed.
AGREED_TURNOVER = "base_turnover_agreed"


def find_owed(scheme: Scheme, contract: Contract, client: Finding[str]) -> Finding[int]:
    """Find what is owed in cents: 0 for one sure reason; `None` where a person must judge."""
    value = sourced_step(scheme, "value", contract.value_cents, "cents", "contract.opdrachtwaarde")
    if contract.agreed_cents is not None:
        cents = contract.agreed_cents
        agreed = sourced_step(scheme, "agreed_cents", cents, "cents", "contract.afgesproken")
        owed_as_agreed = sourced_step(scheme, "owed_cents", cents, "cents", "convention.agreed")
        return Finding(cents, (value, agreed, owed_as_agreed))
    if client.problems:
        return Finding(None, (value,), client.problems)
    threshold = check_thresholds(scheme, contract, client.outcome)
    rate = find_rate(scheme, contract, client.outcome)
    discount = find_discount(scheme, contract)
    zero = sourced_step(scheme, "owed_cents", 0, "cents", "convention.nothing_owed")
    if threshold.outcome is False:
        return Finding(0, (value, *threshold.steps, zero))
    if rate.outcome is Nothing.OWED:
        return Finding(0, (value, *rate.steps, zero))
    if discount.outcome == WHOLE_BP:
        return Finding(0, (value, *discount.steps, zero))
    steps = [value, *threshold.steps, *rate.steps]
    amount: int | None = None
    if threshold.outcome and isinstance(rate.outcome, Rate):
        steps += _amount_steps(scheme, contract, rate.outcome)
        amount = _amount(contract, rate.outcome)
    steps += discount.steps
    problems = (*threshold.problems, *rate.problems, *discount.problems)
    if amount is None or discount.outcome is None:
        return Finding(None, tuple(steps), problems)
    owed = _take_off(scheme, amount, discount.outcome)
    return Finding(owed.outcome, (*steps, *owed.steps))


def _amount(contract: Contract, rate: Rate) -> int:
    """Take the percentage of the base, rounded half up to a cent: the one rounding here."""
    return half_up(_base(contract, rate) * rate.percentage_bp, WHOLE_BP)


def _base(contract: Contract, rate: Rate) -> int:
    if rate.basis == TURNOVER and contract.turnover_cents is not None:
        return contract.turnover_cents
    value = contract.with_vat_cents if rate.vat == "included" else contract.value_cents
    wages = contract.wages_cents if rate.basis == "wage_sum" else value
    return contract.value_cents if wages is None else wages


def _amount_steps(scheme: Scheme, contract: Contract, rate: Rate) -> Iterator[Step]:
    base, wages = _base(contract, rate), contract.wages_cents
    how = None if rate.vat is None else f"vat_{rate.vat}"
    name = f"base_{rate.basis}"
    if rate.basis == TURNOVER and contract.turnover_cents is not None:
        name = AGREED_TURNOVER
    rule = "contract.basis" if contract.basis is Basis.TURNOVER else f"{rate.rule}.basis"
    yield sourced_step(scheme, name, base, "cents", rule, how=how)
    if wages is not None and wages > contract.value_cents:
        yield to_check(scheme, "wages_above_value", "contract.loonsom")
    yield sourced_step(scheme, "obligation_cents", _amount(contract, rate), "cents", rate.rule)


def _take_off(scheme: Scheme, amount: int, discount_bp: int) -> Finding[int]:
    """Take the discount and then the cap off; each is a step only where it does something."""
    steps = []
    owed = half_up(amount * (WHOLE_BP - discount_bp), WHOLE_BP)
    if discount_bp:
        rule = "convention.discount_before_cap"
        steps.append(sourced_step(scheme, "discount_cents", amount - owed, "cents", rule))
    cap = scheme.obligation.cap_cents
    if cap is not None and owed > cap:
        steps.append(
            sourced_step(scheme, "cap_reduction_cents", owed - cap, "cents", "obligation.cap")
        )
        owed = cap
    steps.append(sourced_step(scheme, "owed_cents", owed, "cents", "convention.owed"))
    return Finding(owed, tuple(steps))
