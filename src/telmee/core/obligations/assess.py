"""What a contract owes, by when what is due, and what a shortfall costs.

The order of the amount: percentage of the base, rounded half up once; the discount of a
certificate; the cap. The cap comes last because every source that has one states it as the most
that one contract can owe, whatever that came from (Súdwest-Fryslân: "per contract", after the
percentage), while a discount is part of how the obligation comes about. It is also the order of a
line's own maximum in docs/algorithms/valuation.md section 6. No published scheme has both yet; for
an exemption the order makes no difference.

Nothing owed needs one sure reason (a threshold not met, too little labour, an exemption), even
where another part is for a person to judge. An amount needs every part to be sure.

Source: docs/algorithms/obligations.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from telmee.core.errors import DomainError, Problem
from telmee.core.explain import Step
from telmee.core.money import half_up
from telmee.core.obligations.clients import check_client, find_client
from telmee.core.obligations.contract import WHOLE_BP, Contract
from telmee.core.obligations.deadlines import Due, deadlines_of
from telmee.core.obligations.discounts import check_certificates, find_discount
from telmee.core.obligations.finding import Finding, to_check, told
from telmee.core.obligations.percentages import Nothing, Rate, check_offer, find_rate, is_offer
from telmee.core.obligations.position import Position, position_of, position_steps
from telmee.core.obligations.sanctions import Consequence, sanctions_of
from telmee.core.obligations.thresholds import check_thresholds
from telmee.core.obligations.years import YearPart, spread_evenly
from telmee.core.schemes.model import Scheme

#: Raised when any cent, status or date can change for the same scheme and contract.
ENGINE_VERSION = 1


class Status(StrEnum):
    """What is known about the obligation."""

    OWED = "owed"
    NOTHING_OWED = "nothing_owed"
    NEEDS_JUDGEMENT = "needs_judgement"


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a contract owes under one version of a scheme, with the story of every figure.

    `owed_cents` and `position` are `None` where a person must judge, and `problems` then says
    everything that is missing. `per_year` is empty unless a minimum per year holds; deadlines and
    sanctions are empty where nothing is owed.
    """

    scheme: Scheme
    contract: Contract
    client: str | None
    status: Status
    owed_cents: int | None
    position: Position | None
    per_year: tuple[YearPart, ...]
    deadlines: tuple[Due, ...]
    sanctions: tuple[Consequence, ...]
    explanation: tuple[Step, ...]
    problems: tuple[Problem, ...]


def assess(
    scheme: Scheme, contract: Contract, *, holidays: AbstractSet[date] = frozenset()
) -> Assessment:
    """Tell what the contract owes by the scheme's published rules.

    `holidays` are the days that are no working day, weekends apart, at least for
    `deadlines.holiday_years(scheme, contract)`. Raises `DomainError` with every fault when the
    contract contradicts itself or the scheme; what the scheme leaves open is no fault but
    `needs_judgement`.
    """
    client = find_client(scheme, contract.client)
    faults = (*contract.faults(), *_faults(scheme, contract, client))
    if faults:
        raise DomainError(faults)
    owed = _find_owed(scheme, contract, client)
    story = [*client.steps, *owed.steps]
    position = None if owed.outcome is None else position_of(owed.outcome, contract)
    per_year: tuple[YearPart, ...] = ()
    if owed.outcome and position is not None:
        per_year = _per_year(scheme, contract, owed.outcome)
        story += _year_steps(scheme, per_year)
        story += position_steps(scheme, contract, position)
    nothing = owed.outcome == 0
    return Assessment(
        scheme=scheme,
        contract=contract,
        client=client.outcome,
        status=_status(owed.outcome),
        owed_cents=owed.outcome,
        position=position,
        per_year=per_year,
        deadlines=() if nothing else deadlines_of(scheme, contract, holidays),
        sanctions=() if nothing else sanctions_of(scheme, position),
        explanation=(*story, *_notes(scheme)),
        problems=owed.problems,
    )


def _faults(scheme: Scheme, contract: Contract, client: Finding[str]) -> Iterator[Problem]:
    yield from check_client(scheme, contract.client)
    yield from check_certificates(scheme, contract)
    if not client.problems:
        yield from check_offer(scheme, contract, client.outcome)


def _status(owed_cents: int | None) -> Status:
    if owed_cents is None:
        return Status.NEEDS_JUDGEMENT
    return Status.OWED if owed_cents else Status.NOTHING_OWED


def _find_owed(scheme: Scheme, contract: Contract, client: Finding[str]) -> Finding[int]:
    """Find what is owed: 0 for one sure reason, an amount when every part is sure."""
    value = told(scheme, "value", contract.value_cents, "cents", "contract.opdrachtwaarde")
    if client.problems:
        return Finding(None, (value,), client.problems)
    threshold = check_thresholds(scheme, contract, client.outcome)
    rate = find_rate(scheme, contract, client.outcome)
    discount = find_discount(scheme, contract)
    zero = told(scheme, "owed_cents", 0, "cents", "convention.nothing_owed")
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
    wages = contract.wages_cents if rate.row.basis == "wage_sum" else None
    return contract.value_cents if wages is None else wages


def _amount_steps(scheme: Scheme, contract: Contract, rate: Rate) -> Iterator[Step]:
    rule = f"obligation.percentages.{rate.row.key}"
    base, wages = _base(contract, rate), contract.wages_cents
    yield told(scheme, f"base_{rate.row.basis}", base, "cents", f"{rule}.basis")
    if wages is not None and wages > contract.value_cents:
        yield to_check(scheme, "wages_above_value", "contract.loonsom")
    yield told(scheme, "obligation_cents", _amount(contract, rate), "cents", rule)


def _take_off(scheme: Scheme, amount: int, discount_bp: int) -> Finding[int]:
    """Take the discount and then the cap off; each is a step only where it does something."""
    steps = []
    owed = half_up(amount * (WHOLE_BP - discount_bp), WHOLE_BP)
    if discount_bp:
        rule = "convention.discount_before_cap"
        steps.append(told(scheme, "discount_cents", amount - owed, "cents", rule))
    cap = scheme.obligation.cap_cents
    if cap is not None and owed > cap:
        steps.append(told(scheme, "cap_reduction_cents", owed - cap, "cents", "obligation.cap"))
        owed = cap
    steps.append(told(scheme, "owed_cents", owed, "cents", "convention.owed"))
    return Finding(owed, tuple(steps))


def _per_year(scheme: Scheme, contract: Contract, owed_cents: int) -> tuple[YearPart, ...]:
    """Spread the obligation over the years, where the scheme asks for a minimum per year.

    Where a scheme has a rule for offers the minimum belongs to the offer (Súdwest-Fryslân: the
    offered percentage sets the minimum value per year), so without an offer there is none.
    """
    offers = any(is_offer(row) for row in scheme.obligation.percentages)
    if scheme.obligation.yearly_minimum is None or (offers and contract.offered_bp is None):
        return ()
    return spread_evenly(owed_cents, contract.start, contract.end)


def _year_steps(scheme: Scheme, parts: tuple[YearPart, ...]) -> Iterator[Step]:
    rule, note = "obligation.yearly_minimum", scheme.obligation.yearly_minimum
    for part in parts:
        yield told(scheme, "year_minimum_cents", part.cents, "cents", rule, year=part.year)
    if note is not None:
        yield to_check(scheme, "yearly_minimum", rule, note.text)


def _notes(scheme: Scheme) -> Iterator[Step]:
    """List what else the scheme says about obligations, and whether it is in force at all."""
    for note in scheme.obligation.notes:
        rule = "obligation.notes"
        yield told(
            scheme, "to_check", "obligation_note", "code", rule, text=note.text, source=note.source
        )
    if scheme.standing == "proposal":
        yield to_check(scheme, "proposal", "standing")
