"""What the contractor's own certificate takes off the obligation.

A scheme says when the certificate must hold: at the tender, or during the whole contract. Where it
does not say, the first day of the contract is tested, which is the least that any reading asks,
and the rest is left to check. A certificate without a known end is taken to hold, and that too is
listed to check: what the contract's data cannot show never holds a figure back. Of several
discounts the highest counts, because no source adds them up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from telmee.core.errors import Param, Problem
from telmee.core.explain import Step
from telmee.core.money import WHOLE_BP
from telmee.core.obligations.contract import Contract, HeldCertificate
from telmee.core.obligations.finding import Finding, sourced_step, to_check, why
from telmee.core.schemes.model import Discount, Scheme


@dataclass(frozen=True, slots=True)
class _Claim:
    """A discount that a certificate gives, and whether it holds; `None`: cannot be told."""

    discount: Discount
    held: HeldCertificate
    holds: bool | None

    @property
    def rule(self) -> str:
        return f"obligation.discounts.{self.discount.key}"

    @property
    def figure_bp(self) -> int | None:
        """The published discount; `None` where it is not stated or a person must confirm it."""
        return None if self.discount.judgement is not None else self.discount.percentage_bp


def check_certificates(scheme: Scheme, contract: Contract) -> Iterator[Problem]:
    """A problem for each certificate that the scheme does not know, if it knows any at all."""
    known = [certificate.key for certificate in scheme.certificates]
    for held in contract.certificates:
        if known and held.key not in known:
            params = {"certificate": held.key, "known": ", ".join(known)}
            yield Problem("unknown_held_certificate", "certificaat", params=params)


def find_discount(scheme: Scheme, contract: Contract) -> Finding[int]:
    """The discount in basis points, 0 without one; None where a person must say."""
    claims = list(_claims(scheme, contract))
    steps = tuple(step for claim in claims for step in _steps(scheme, contract, claim))
    steps += tuple(_without_discount(scheme, contract))
    sure = [claim for claim in claims if claim.holds and claim.figure_bp is not None]
    best = max(sure, key=lambda claim: claim.figure_bp or 0, default=None)
    best_bp = 0 if best is None else best.figure_bp or 0
    doubts = [claim for claim in claims if _could_beat(claim, best_bp)]
    if doubts:
        return Finding(None, steps, tuple(_problems(doubts)))
    if best is not None:
        value = Fraction(best_bp, 100)
        name = "exemption" if best_bp == WHOLE_BP else "discount"
        certificate = best.held.key
        step = sourced_step(scheme, name, value, "percentage", best.rule, certificate=certificate)
        steps = (*steps, step)
    return Finding(best_bp, steps)


def _claims(scheme: Scheme, contract: Contract) -> Iterator[_Claim]:
    for discount in scheme.obligation.discounts:
        for held in contract.certificates:
            if held.key in discount.certificates:
                yield _Claim(discount, held, _holds(discount, held, contract))


def _holds(discount: Discount, held: HeldCertificate, contract: Contract) -> bool | None:
    """Whether the certificate holds when the scheme wants it to; None where that is not known."""
    until = held.valid_until
    if until is None:
        return True
    if discount.valid == "whole_contract":
        return until >= contract.end
    tender = contract.bid or contract.award
    if discount.valid == "tender" and tender is not None:
        return until >= tender
    if until >= contract.start:
        return True
    return None if discount.valid == "tender" else False


def _could_beat(claim: _Claim, best_bp: int) -> bool:
    """Whether what is not known about a claim could make it more than the best sure one."""
    if claim.holds is False or best_bp == WHOLE_BP:
        return False
    if claim.figure_bp is None:
        return True
    return claim.holds is None and claim.figure_bp > best_bp


def _steps(scheme: Scheme, contract: Contract, claim: _Claim) -> Iterator[Step]:
    rule, certificate = claim.rule, claim.held.key
    until = claim.held.valid_until
    if claim.holds is False:
        name = f"certificate_lapsed_{claim.discount.valid or 'unstated'}"
        yield sourced_step(scheme, name, until, "date", rule, certificate=certificate)
        return
    if until is not None:
        column = "contract.certificaat"
        yield sourced_step(
            scheme, "certificate_held_until", until, "date", column, certificate=certificate
        )
    else:
        yield to_check(scheme, "certificate_until_unknown", rule)
    if claim.discount.valid is None and (until is None or until < contract.end):
        yield to_check(scheme, "certificate_moment_unstated", rule)
    for condition in claim.discount.conditions:
        yield to_check(scheme, "discount_condition", rule, condition)


def _without_discount(scheme: Scheme, contract: Contract) -> Iterator[Step]:
    """Say of a certificate that no discount names it that it was seen and takes nothing off."""
    keys: set[str] = set()
    keys.update(*(discount.certificates for discount in scheme.obligation.discounts))
    for held in contract.certificates:
        if held.key not in keys:
            rule = "convention.no_discount"
            yield sourced_step(scheme, "certificate_without_discount", held.key, "code", rule)


def _problems(doubts: Iterable[_Claim]) -> Iterator[Problem]:
    for claim in doubts:
        params: dict[str, Param] = {"certificate": claim.held.key}
        if claim.holds is None:
            yield Problem("tender_date_unknown", "inschrijving", params=params)
        if claim.figure_bp is None:
            params |= why(claim.discount.judgement)
            yield Problem("discount_needs_judgement", claim.rule, params=params)
