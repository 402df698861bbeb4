"""What a contract owes, by when what is due, and what a shortfall costs, in one answer.

Source: docs/algorithms/obligations.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import chain

from telmee.core.errors import DomainError, Problem
from telmee.core.explain import Step
from telmee.core.obligations.clients import check_client, find_client
from telmee.core.obligations.contract import Contract
from telmee.core.obligations.deadlines import Due, deadlines_of
from telmee.core.obligations.discounts import check_certificates
from telmee.core.obligations.finding import Finding, sourced_step, to_check
from telmee.core.obligations.owed import AGREED_TURNOVER, find_owed
from telmee.core.obligations.percentages import check_chosen, check_offer, is_offer
from telmee.core.obligations.sanctions import Consequence, sanctions_of
from telmee.core.obligations.standing import Position, position_of, position_steps
from telmee.core.obligations.years import YearPart, contract_years, spread_evenly
from telmee.core.schemes.model import Scheme
from telmee.core.schemes.secondary import secondary_checks
from telmee.core.schemes.select import day_of_contract, outdated_on

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
    """What the contract owes by the scheme's published rules.

    `holidays` are the days that are no working day, weekends apart, at least for
    `deadlines.holiday_years(scheme, contract)`. Raises `DomainError` with every fault when the
    contract contradicts itself or the scheme; what the scheme leaves open is no fault but
    `needs_judgement`.
    """
    client = find_client(scheme, contract.client)
    faults = (*contract.faults(), *_faults(scheme, contract, client))
    if faults:
        raise DomainError(faults)
    owed = find_owed(scheme, contract, client)
    story = [*client.steps, *owed.steps]
    position = None if owed.outcome is None else position_of(owed.outcome, contract)
    per_year: tuple[YearPart, ...] = ()
    if owed.outcome:
        per_year = _per_year(scheme, contract, owed.outcome)
        story += _year_steps(scheme, contract, per_year)
    done = contract.realised_cents or contract.delivered_cents
    if position is not None and (owed.outcome or done):
        story += position_steps(scheme, contract, position)
    nothing = owed.outcome == 0
    deadlines = () if nothing else deadlines_of(scheme, contract, holidays)
    sanctions = () if nothing else sanctions_of(scheme, position)
    checks = (*_of_framework(scheme, contract), *_notes(scheme, contract))
    every = chain(story, *(d.explanation for d in deadlines), *(s.explanation for s in sanctions))
    return Assessment(
        scheme=scheme,
        contract=contract,
        client=client.outcome,
        status=_status(owed),
        owed_cents=owed.outcome,
        position=position,
        per_year=per_year,
        deadlines=deadlines,
        sanctions=sanctions,
        explanation=(*story, *checks, *secondary_checks(scheme, every)),
        problems=owed.problems,
    )


def _faults(scheme: Scheme, contract: Contract, client: Finding[str]) -> Iterator[Problem]:
    yield from check_client(scheme, contract.client)
    yield from check_certificates(scheme, contract)
    if not client.problems:
        yield from check_offer(scheme, contract, client.outcome)
        yield from check_chosen(scheme, contract, client.outcome)


def _status(owed: Finding[int]) -> Status:
    """What is known; a percentage of turnover is owed from the first, though none is agreed yet."""
    if owed.outcome is None:
        return Status.NEEDS_JUDGEMENT
    follows = any(step.step == AGREED_TURNOVER for step in owed.steps)
    return Status.OWED if owed.outcome or follows else Status.NOTHING_OWED


def _per_year(scheme: Scheme, contract: Contract, owed_cents: int) -> tuple[YearPart, ...]:
    """Spread the obligation over the years, where the scheme asks for a minimum per year.

    Where a scheme has a rule for offers the minimum belongs to the offer (Súdwest-Fryslân: the
    offered percentage sets the minimum value per year), so without an offer there is none.
    """
    offers = any(is_offer(row) for row in scheme.obligation.percentages)
    if scheme.obligation.yearly_minimum is None or (offers and contract.offered_bp is None):
        return ()
    return spread_evenly(owed_cents, contract.start, contract.end)


def _year_steps(scheme: Scheme, contract: Contract, parts: tuple[YearPart, ...]) -> Iterator[Step]:
    rule, note = "obligation.yearly_minimum", scheme.obligation.yearly_minimum
    if parts:
        whole, over, length = contract_years(contract.start, contract.end)
        years = whole + Fraction(over, length)
        yield sourced_step(
            *(scheme, "contract_years", years, "years", rule),
            how=None if over else "whole_years",
            whole=whole,
            over=over,
            length=length,
        )
    for part in parts:
        evenly = "convention.spread_evenly"
        yield sourced_step(
            scheme, "year_minimum_cents", part.cents, "cents", evenly, year=part.year
        )
    if note is not None:
        yield to_check(scheme, "yearly_minimum", rule, note.text)


def _of_framework(scheme: Scheme, contract: Contract) -> Iterator[Step]:
    """Ask about a call-off that its framework agreement seems to have no room for."""
    room = contract.framework_cents
    first, last = contract.framework_start, contract.framework_end
    if room is not None and contract.value_cents > room:
        yield to_check(scheme, "call_off_above_framework", "contract.waarde_raamovereenkomst")
    if first is not None and contract.start < first:
        yield to_check(scheme, "call_off_before_framework", "contract.begin_raamovereenkomst")
    if last is not None and contract.end > last:
        yield to_check(scheme, "call_off_after_framework", "contract.eind_raamovereenkomst")


def _notes(scheme: Scheme, contract: Contract) -> Iterator[Step]:
    """List what else the scheme says about obligations, and whether it is in force at all."""
    days = {"publication": contract.published, "award": contract.award}
    yield from outdated_on(scheme, day_of_contract(scheme, days, contract.start))
    for note in scheme.obligation.notes:
        rule = "obligation.notes"
        yield sourced_step(
            scheme, "to_check", "obligation_note", "code", rule, text=note.text, source=note.source
        )
    if scheme.standing == "proposal":
        yield to_check(scheme, "proposal", "standing")
