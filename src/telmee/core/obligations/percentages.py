"""Which percentage holds, and over what.

The row over the contract sum (or the turnover) holds; the row over the wages only when the parties
agreed on it, because the sources call it an alternative. Where the contract itself says that it
reckons over the turnover, the percentage is taken of that. A bidder's offer takes the place of the
percentage that was asked, and follows the base as that did: within the bounds of the scheme where
it has a rule for offers, and above what was asked where it has none. A row without a figure, or
with a reason why a person must confirm it, is never filled in: there is no usual percentage. There,
and only there, a person gives the percentage of the tender documents.

Source: docs/algorithms/obligations.md sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction

from telmee.core.errors import Param, Problem
from telmee.core.explain import Step
from telmee.core.money import WHOLE_BP
from telmee.core.obligations.clients import find_client
from telmee.core.obligations.contract import Basis, Contract
from telmee.core.obligations.finding import Finding, sourced_step, to_check, why
from telmee.core.obligations.scope import labour_range, most_specific, rows_in_scope
from telmee.core.schemes.model import Percentage, Scheme

_PATH = "obligation.percentages"
#: The base of a percentage that is taken of the invoiced turnover.
TURNOVER = "turnover"


class Nothing(Enum):
    """The scheme says that such a contract carries no obligation."""

    OWED = "owed"


@dataclass(frozen=True, slots=True)
class Rate:
    """The percentage that holds, over what (`contract_sum`, `wage_sum`, …), and by which rule.

    `vat` says whether that is with VAT, as the scheme has it.
    """

    percentage_bp: int
    basis: str
    rule: str
    vat: str | None = None


def check_offer(scheme: Scheme, contract: Contract, client: str | None) -> tuple[Problem, ...]:
    """What is wrong with an offered percentage: it is outside the rule for it, or not above it.

    Without a rule for offers it is above what was asked; what that is, may be for a person.
    """
    offered = contract.offered_bp
    if offered is None:
        return ()
    rows = [row for row in _rows(scheme, contract, client) if is_offer(row)]
    if rows:
        admitted = any(_admits(row, offered) for row in rows)
        above, most = rows[0].offered_above_bp or 0, rows[0].offered_max_bp or WHOLE_BP
    else:
        minimum = _asked_rate(scheme, contract, client).outcome
        above = minimum.percentage_bp if isinstance(minimum, Rate) else 0
        admitted, most = offered > above or not isinstance(minimum, Rate), WHOLE_BP
    if admitted:
        return ()
    params = {"above": Fraction(above, 100), "most": Fraction(most, 100)}
    return (Problem("offer_out_of_range", "aangeboden", params=params),)


def check_chosen(scheme: Scheme, contract: Contract, client: str | None) -> tuple[Problem, ...]:
    """What is wrong with a percentage that a person gives: the rules know it, or would.

    They would with the offer of the bidder or with the share of labour: then that is asked.
    """
    if contract.chosen_bp is None or _leaves_open(_published_rate(scheme, contract, client)):
        return ()
    return (Problem("percentage_not_open", "percentage"),)


def find_rate(scheme: Scheme, contract: Contract, client: str | None) -> Finding[Rate | Nothing]:
    """The percentage that holds for the contract; `None` where a person must say and did not."""
    minimum = _asked_rate(scheme, contract, client)
    rate, offered = minimum.outcome, contract.offered_bp
    by_rule = any(is_offer(row) for row in _rows(scheme, contract, client))
    if not isinstance(rate, Rate) or offered is None or by_rule:
        return minimum
    value = Fraction(offered, 100)
    step = sourced_step(scheme, "offered_above", value, "percentage", "contract.aangeboden")
    return Finding(replace(rate, percentage_bp=offered), (*minimum.steps, step), minimum.problems)


def reckons_over_turnover(scheme: Scheme, contract: Contract) -> bool:
    """Whether the percentage of a contract is taken of its turnover, by its scheme or by itself.

    What the parties agreed in euros is a percentage of nothing.
    """
    if contract.agreed_cents is not None:
        return False
    rate = _rate_of(scheme, contract)
    if rate is not None:
        return rate.basis == TURNOVER
    return contract.basis is Basis.TURNOVER or _usual_basis(scheme) == TURNOVER


def reckons_with_vat(scheme: Scheme, contract: Contract) -> bool:
    """Whether the percentage of a contract is taken of amounts with VAT, as its scheme says."""
    rate = _rate_of(scheme, contract)
    return rate is not None and rate.vat == "included"


def _rate_of(scheme: Scheme, contract: Contract) -> Rate | None:
    """The percentage that holds, if that is sure; of turnover with VAT none has to be known."""
    known = replace(contract, turnover_cents=contract.turnover_cents or 0)
    client = find_client(scheme, contract.client).outcome
    rate = find_rate(scheme, known, client).outcome
    return rate if isinstance(rate, Rate) else None


def _asked_rate(scheme: Scheme, contract: Contract, client: str | None) -> Finding[Rate | Nothing]:
    """What was asked of bidders: the published percentage, or that of the tender documents."""
    published = _published_rate(scheme, contract, client)
    chosen = contract.chosen_bp
    if chosen is None or not _leaves_open(published):
        return published
    rule = "contract.percentage"
    value = Fraction(chosen, 100)
    step = sourced_step(scheme, "chosen_percentage", value, "percentage", rule)
    return Finding(Rate(chosen, _basis(scheme, contract), rule), (*published.steps, step))


def _basis(scheme: Scheme, contract: Contract) -> str:
    """Over what a percentage is taken that a person gave."""
    of_contract = {Basis.WAGES: "wage_sum", Basis.TURNOVER: TURNOVER}
    return of_contract.get(contract.basis) or _usual_basis(scheme)


def _leaves_open(published: Finding[Rate | Nothing]) -> bool:
    return published.outcome is None and all(
        problem.code not in {"offer_needed", "labour_share_unknown", "value_with_vat_unknown"}
        for problem in published.problems
    )


def _usual_basis(scheme: Scheme) -> str:
    """Over what the scheme reckons, wages apart: the contract sum where it does not say."""
    published = {row.basis for row in scheme.obligation.percentages} - {"wage_sum"}
    return published.pop() if len(published) == 1 else "contract_sum"


def _published_rate(
    scheme: Scheme, contract: Contract, client: str | None
) -> Finding[Rate | Nothing]:
    rows = _rows(scheme, contract, client)
    candidates = _answering(rows, contract.offered_bp)
    if not candidates:
        return Finding(None, problems=(_missing(scheme, contract, rows),))
    shares = _labour_shares(contract, candidates)
    if len({_outcome(candidates, share, contract) for share in shares}) > 1:
        steps = tuple(_contested(scheme, row) for row in candidates)
        params = {"rules": ", ".join(row.key for row in candidates)}
        return Finding(None, steps, (Problem("labour_share_unknown", _PATH, params=params),))
    return _tell(scheme, contract, candidates, shares[0])


def _rows(scheme: Scheme, contract: Contract, client: str | None) -> list[Percentage]:
    """The rows for this contract's client, category, value and basis, whatever its labour.

    With the wages as basis a row over the sum that a person must fill in still holds ("above a
    million it may differ"): it takes the whole rule away, not one of its two bases.
    """
    wages = contract.basis is Basis.WAGES
    return [
        row
        for row in rows_in_scope(scheme.obligation.percentages, contract.category, client)
        if (row.value_above_cents is None or contract.value_cents > row.value_above_cents)
        and ((row.basis == "wage_sum") == wages or (wages and _is_blank(row)))
    ]


def is_offer(row: Percentage) -> bool:
    """Whether a row is a range within which a bidder offers the percentage."""
    return row.offered_above_bp is not None or row.offered_max_bp is not None


def _is_blank(row: Percentage) -> bool:
    return row.percentage_bp is None and not is_offer(row)


def _answering(rows: Sequence[Percentage], offered_bp: int | None) -> list[Percentage]:
    """The rows about this offer where there is a rule for offers, else those about none at all."""
    if offered_bp is None or not any(map(is_offer, rows)):
        return [row for row in rows if not is_offer(row)]
    return [row for row in rows if is_offer(row) and _admits(row, offered_bp)]


def _admits(row: Percentage, offered_bp: int) -> bool:
    above, most = row.offered_above_bp, row.offered_max_bp
    return (above is None or offered_bp > above) and (most is None or offered_bp <= most)


def _missing(scheme: Scheme, contract: Contract, rows: Sequence[Percentage]) -> Problem:
    """Say why there is no row at all: it decides what a person can do about it."""
    if rows:
        return Problem("offer_needed", _PATH)
    if contract.basis is Basis.WAGES:
        return Problem("no_wage_rule", _PATH)
    published = scheme.obligation.percentages
    return Problem("no_percentage_for_contract" if published else "no_obligation_percentage", _PATH)


def _labour_shares(contract: Contract, rows: Sequence[Percentage]) -> list[int]:
    """The labour shares to judge, in basis points: the known one, else one of each stretch.

    Between two neighbouring bounds nothing changes, so the first share of each stretch stands for
    all of it; a contract whose outcome is the same on every stretch needs no labour share.
    """
    if contract.labour_share_bp is not None:
        return [contract.labour_share_bp]
    bounds = {bound for row in rows for bound in (labour_range(row).start, labour_range(row).stop)}
    return sorted({0} | {bound for bound in bounds if bound <= WHOLE_BP})


def _outcome(
    rows: Sequence[Percentage], labour_share_bp: int, contract: Contract
) -> int | Nothing | None:
    """Basis points owed at one labour share, or that none are; None where a person must say."""
    winners = _winners(rows, labour_share_bp)
    if not winners:
        return Nothing.OWED if _is_too_low(rows, labour_share_bp) else None
    figures = {(_figure(row, contract), row.vat == "included") for row in winners}
    return figures.pop()[0] if len(figures) == 1 else None


def _winners(rows: Sequence[Percentage], labour_share_bp: int) -> list[Percentage]:
    return most_specific([row for row in rows if labour_share_bp in labour_range(row)])


def _is_too_low(rows: Sequence[Percentage], labour_share_bp: int) -> bool:
    """Whether every row asks for more labour; a hole between two rows is not that."""
    return all(labour_share_bp < labour_range(row).start for row in rows)


def _figure(row: Percentage, contract: Contract) -> int | None:
    """Basis points of a row, or those offered; None where a person must confirm them."""
    if row.judgement is not None:
        return None
    return contract.offered_bp if is_offer(row) else row.percentage_bp


def _tell(
    scheme: Scheme, contract: Contract, rows: Sequence[Percentage], labour_share_bp: int
) -> Finding[Rate | Nothing]:
    """The outcome that holds on the stretch of this labour share."""
    winners = _winners(rows, labour_share_bp)
    outcome = _outcome(rows, labour_share_bp, contract)
    if isinstance(outcome, int):
        return _tell_rate(scheme, contract, winners[0], outcome)
    if outcome is Nothing.OWED:
        row = min(rows, key=lambda row: labour_range(row).start)
        least = Fraction(labour_range(row).start, 100)
        steps = (
            *_labour_step(scheme, contract, rows),
            sourced_step(scheme, "labour_share_too_low", least, "percentage", _rule(row)),
        )
        return Finding(Nothing.OWED, steps)
    if not winners:
        return Finding(None, problems=(Problem("no_percentage_for_contract", _PATH),))
    return Finding(None, tuple(_contested(scheme, row) for row in winners), _unsure(winners))


def _tell_rate(
    scheme: Scheme, contract: Contract, row: Percentage, percentage_bp: int
) -> Finding[Rate | Nothing]:
    rule = _rule(row)
    name = "offered_percentage" if is_offer(row) else "percentage"
    steps = [*_labour_step(scheme, contract, (row,))]
    steps.append(sourced_step(scheme, name, Fraction(percentage_bp, 100), "percentage", rule))
    if row.condition is not None:
        steps.append(to_check(scheme, "percentage_condition", rule, row.condition))
    basis = TURNOVER if contract.basis is Basis.TURNOVER else row.basis
    agreed = basis == TURNOVER and contract.turnover_cents is not None
    if row.vat == "included" and contract.with_vat_cents is None and not agreed:
        problem = Problem("value_with_vat_unknown", f"{rule}.vat")
        return Finding(None, tuple(steps), (problem,))
    return Finding(Rate(percentage_bp, basis, rule, row.vat), tuple(steps))


def _labour_step(
    scheme: Scheme, contract: Contract, rows: Sequence[Percentage]
) -> tuple[Step, ...]:
    """Repeat the labour share where a row asked for it."""
    share = contract.labour_share_bp
    by_share = any(labour_range(row) != range(WHOLE_BP + 1) for row in rows)
    if share is None or not by_share:
        return ()
    value = Fraction(share, 100)
    return (sourced_step(scheme, "labour_share", value, "percentage", "contract.arbeidsdeel"),)


def _contested(scheme: Scheme, row: Percentage) -> Step:
    """One of the rows between which a person must choose, or that lacks a figure."""
    if row.percentage_bp is None:
        return sourced_step(scheme, "percentage_unstated", None, "percentage", _rule(row))
    value = Fraction(row.percentage_bp, 100)
    return sourced_step(scheme, "percentage_contested", value, "percentage", _rule(row))


def _unsure(winners: Sequence[Percentage]) -> tuple[Problem, ...]:
    """Say why these rows give no figure: each that asks for a person, else that they differ."""
    asking = [row for row in winners if row.judgement is not None or _is_blank(row)]
    if not asking:
        params = {"rules": ", ".join(row.key for row in winners)}
        return (Problem("percentages_disagree", _PATH, params=params),)
    return tuple(
        Problem("percentage_needs_judgement", _rule(row), params=_judgement_params(row))
        for row in asking
    )


def _judgement_params(row: Percentage) -> dict[str, Param]:
    return {"rule": row.key, **why(row.judgement or row.condition)}


def _rule(row: Percentage) -> str:
    return f"{_PATH}.{row.key}"
