"""A contract as the obligation sees it: what was agreed, and what is known so far.

Nothing here comes from a scheme. Amounts are whole cents excluding VAT, shares and percentages
basis points (5% = 500), dates inclusive on both ends. `None` means "not told", never zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from telmee.core.errors import Problem
from telmee.core.money import CENTS_MAX, WHOLE_BP
from telmee.core.periods import FIRST_DATE, LAST_DATE


class Category(StrEnum):
    """What a contract is about; thresholds and percentages differ by it."""

    WORKS = "works"
    SERVICES = "services"
    SUPPLIES = "supplies"
    SUBSIDY = "subsidy"
    HIRE = "hire"


class Basis(StrEnum):
    """What the parties agreed to reckon over: the rules' own base, the wages, or the turnover."""

    SUM = "sum"
    WAGES = "wages"
    TURNOVER = "turnover"


@dataclass(frozen=True, slots=True)
class HeldCertificate:
    """A recognition that the contractor holds, by its key in the scheme.

    `valid_until` is the last day on which it holds; `None` where nobody said.
    """

    key: str
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One contract, with the facts that decide what it owes.

    `value_cents` is the contract sum. `turnover_cents` is the invoiced turnover that both sides
    agreed so far, with VAT where the scheme reckons with it; zero where there is none yet. Where it
    is not told, a scheme that takes turnover takes the sum as an estimate of it.
    `realised_cents` was verified by the client. `delivered_cents` is what
    the contractor's own file says was done so far, verified or not; no figure but the story leans
    on it. `expected_cents` is what will stand at the end when all that runs now runs on, what was
    verified included; beside `delivered_cents` it comes from the same file. `agreed_cents` is an
    obligation that the parties wrote down in euros; it takes the place of the one that follows
    from the rules. `chosen_bp` is the percentage of the tender documents, for a contract of which
    the rules leave the percentage to a person, and `offered_bp` what the bidder offered above the
    percentage that was asked. `eu_threshold_cents` supplies the figure that a
    scheme names without stating it. `with_vat_cents` is the contract sum with VAT, which some
    schemes reckon over. A call-off has the value of its framework, options included, as
    `framework_cents`, and the first and last day of that framework when every option is used.
    `published` is when the tender was published, for a call-off that of its framework.
    """

    category: Category
    value_cents: int
    start: date
    end: date
    wages_cents: int | None = None
    labour_share_bp: int | None = None
    with_vat_cents: int | None = None
    turnover_cents: int | None = None
    framework_cents: int | None = None
    framework_start: date | None = None
    framework_end: date | None = None
    published: date | None = None
    bid: date | None = None
    award: date | None = None
    final_award: date | None = None
    completion: date | None = None
    client: str | None = None
    basis: Basis = Basis.SUM
    offered_bp: int | None = None
    chosen_bp: int | None = None
    agreed_cents: int | None = None
    eu_threshold_cents: int | None = None
    certificates: tuple[HeldCertificate, ...] = ()
    realised_cents: int = 0
    delivered_cents: int | None = None
    expected_cents: int | None = None
    as_of: date | None = None

    def faults(self) -> Iterator[Problem]:
        """What is impossible or contradictory in the contract itself, all at once.

        `column` of a problem is the Dutch name of the fact.
        """
        yield from self._out_of_range()
        if self.end < self.start:
            yield Problem("contract_end_before_start", "eind")
        if self.basis is Basis.WAGES and self.wages_cents is None:
            yield Problem("missing_wages", "loonsom")
        if self.with_vat_cents is not None and self.with_vat_cents < self.value_cents:
            yield Problem("with_vat_below_value", "waarde_met_btw")
        yield from self._framework_faults()
        if self.chosen_bp is not None and self.agreed_cents is not None:
            yield Problem("percentage_beside_amount", "percentage")
        if self.expected_cents is not None and self.expected_cents < self.realised_cents:
            yield Problem("expected_below_realised", "verwacht")

    def _framework_faults(self) -> Iterator[Problem]:
        first, last = self.framework_start, self.framework_end
        if self.framework_cents is None and (first is not None or last is not None):
            yield Problem("framework_without_value", "waarde_raamovereenkomst")
        if first is not None and last is not None and last < first:
            yield Problem("contract_end_before_start", "eind_raamovereenkomst")

    def _out_of_range(self) -> Iterator[Problem]:
        for column, cents in (
            ("opdrachtwaarde", self.value_cents),
            ("waarde_met_btw", self.with_vat_cents),
            ("omzet", self.turnover_cents),
            ("waarde_raamovereenkomst", self.framework_cents),
            ("loonsom", self.wages_cents),
            ("eu_drempel", self.eu_threshold_cents),
            ("afgesproken", self.agreed_cents),
            ("gerealiseerd", self.realised_cents),
            ("geleverd", self.delivered_cents),
            ("verwacht", self.expected_cents),
        ):
            if cents is not None and not 0 <= cents <= CENTS_MAX:
                yield Problem("contract_amount_out_of_range", column)
        for column, share in (
            ("arbeidsdeel", self.labour_share_bp),
            ("aangeboden", self.offered_bp),
            ("percentage", self.chosen_bp),
        ):
            if share is not None and not 0 <= share <= WHOLE_BP:
                yield Problem("contract_share_out_of_range", column)
        for column, day in self._dates():
            if day is not None and not FIRST_DATE <= day <= LAST_DATE:
                yield Problem("contract_date_out_of_range", column)

    def _dates(self) -> Iterator[tuple[str, date | None]]:
        yield "begin", self.start
        yield "eind", self.end
        yield "begin_raamovereenkomst", self.framework_start
        yield "eind_raamovereenkomst", self.framework_end
        yield "publicatie", self.published
        yield "inschrijving", self.bid
        yield "gunning", self.award
        yield "definitieve_gunning", self.final_award
        yield "oplevering", self.completion
        yield "peildatum", self.as_of
        for held in self.certificates:
            yield "certificaat", held.valid_until
