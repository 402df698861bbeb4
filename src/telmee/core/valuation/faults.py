"""What the engine can find wrong with a line, as bits of one column.

A line can have several faults and all are told. `REFUSED` faults contradict the scheme or the
line itself; `JUDGEMENT` faults are figures that the scheme does not give.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Fault(NamedTuple):
    """A fault: its bit, the code that `texts/problems` words, and the column it is about."""

    bit: int
    code: str
    column: str
    judgement: bool = False


def _faults() -> Iterator[Fault]:
    refused = (
        ("unread_cells", "kenmerk"),
        ("unknown_block", "bouwblok"),
        ("missing_begin", "begin"),
        ("missing_end", "eind"),
        ("missing_weekly_hours", "uren_per_week"),
        ("missing_hours", "uren"),
        ("missing_amount", "bedrag"),
        ("missing_count", "aantal"),
        ("missing_full_time_hours", "voltijd_uren_per_jaar"),
        ("hours_or_amount", "uren"),
        ("hours_and_amount", "bedrag"),
        ("end_before_begin", "eind"),
        ("contract_end_before_begin", "contract_eind"),
        ("outside_contract", "begin"),
        ("started_too_early", "begin"),
        ("too_short", "eind"),
        ("too_few_hours", "uren_per_week"),
        ("limit_reached", "begin"),
        ("benefit_long_ago", "laatste_uitkeringsdag"),
        ("missing_certificate", "certificaat"),
        ("unknown_certificate", "certificaat"),
        ("certificate_outside_block", "certificaat"),
        ("certificate_expired", "certificaat_tot"),
        ("unknown_bonus", "toeslagen"),
        ("repeated_bonus", "toeslagen"),
        ("bonus_outside_blocks", "toeslagen"),
        ("too_many_hours", "uren"),
        ("value_too_large", "bedrag"),
    )
    judgement = (
        ("by_agreement", "bouwblok"),
        ("judged_by_person", "bouwblok"),
        ("no_amount", "bouwblok"),
        ("amount_unclear", "bouwblok"),
        ("no_unit", "bouwblok"),
        ("no_hours_basis", "bouwblok"),
        ("no_percentage", "certificaat"),
        ("no_bonus_amount", "toeslagen"),
        ("bonus_amount_unclear", "toeslagen"),
    )
    for bit, (code, column) in enumerate(refused):
        yield Fault(1 << bit, code, column)
    for bit, (code, column) in enumerate(judgement, start=len(refused)):
        yield Fault(1 << bit, code, column, judgement=True)


FAULTS = tuple(_faults())
#: The bit of each fault by its code.
BIT = {fault.code: fault.bit for fault in FAULTS}
JUDGEMENT_BITS = sum(fault.bit for fault in FAULTS if fault.judgement)
REFUSED_BITS = sum(fault.bit for fault in FAULTS if not fault.judgement)


def bits(codes: Iterable[str]) -> int:
    """The faults of these codes as one number, a bit each."""
    return sum(BIT[code] for code in codes)


def faults_in(bits: int) -> Iterator[Fault]:
    """The faults whose bits are set in the number of one line, refusals first."""
    return (fault for fault in FAULTS if bits & fault.bit)
