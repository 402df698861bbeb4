"""From which value a tender must be European, by the day on which it was published.

The European Commission sets the amounts anew for every two years, in a delegated regulation that
amends article 4 of directive 2014/24/EU; they are without VAT. A scheme names one of the three
amounts and the day of the tender picks the period, so that no scheme has to follow the years.
Outside these periods nothing is known here, and nothing is carried on from the last one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from telmee.core.obligations.contract import Contract


class European(StrEnum):
    """Which of the three amounts of article 4 a scheme refers to."""

    WORKS = "works"
    SUB_CENTRAL = "sub_central"
    CENTRAL = "central"


@dataclass(frozen=True, slots=True)
class Period:
    """The amounts of two years in euros, both days included, and the regulation that sets them."""

    first: date
    last: date
    works: int
    sub_central: int
    central: int
    source: str

    def cents(self, which: European) -> int:
        """One of the amounts in cents."""
        euros: int = getattr(self, which)
        return euros * 100


def _period(year: int, works: int, sub_central: int, central: int, regulation: str) -> Period:
    first, last = date(year, 1, 1), date(year + 1, 12, 31)
    source = f"http://data.europa.eu/eli/reg_del/{regulation}/oj"
    return Period(first, last, works, sub_central, central, source)


#: The newest last; a new regulation is a new line.
PERIODS = (
    _period(2018, 5_548_000, 221_000, 144_000, "2017/2365"),
    _period(2020, 5_350_000, 214_000, 139_000, "2019/1828"),
    _period(2022, 5_382_000, 215_000, 140_000, "2021/1952"),
    _period(2024, 5_538_000, 221_000, 143_000, "2023/2495"),
    _period(2026, 5_404_000, 216_000, 140_000, "2025/2152"),
)


def period_of(day: date) -> Period | None:
    """The period in which a tender of that day falls; None where the table has none.

    >>> period_of(date(2025, 12, 31)).sub_central, period_of(date(2026, 1, 1)).sub_central
    (221000, 216000)
    """
    return next((period for period in PERIODS if period.first <= day <= period.last), None)


def day_of_tender(contract: Contract) -> tuple[date, str]:
    """The day that picks the period, and what day of the contract that is.

    Only the publication is sure. The award of a call-off says nothing of when its framework was
    tendered, so there the first day of the framework comes next.
    """
    if contract.published is not None:
        return contract.published, "published"
    if contract.framework_cents is None:
        return (contract.start, "start") if contract.award is None else (contract.award, "award")
    if contract.framework_start is None:
        return contract.start, "start"
    return contract.framework_start, "framework"
