"""Entries for the tests of the books."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from telmee.core.ledger import Entry, EntryKind

DAY = date(2025, 6, 1)
MOMENT = datetime(2025, 6, 2, 12, tzinfo=UTC)


def entry(number: int, kind: str = "realised", cents: int = 100, **parts: Any) -> Entry:
    """An entry of contract 1; a realised one has the contribution and decision of its number."""
    decided = kind == "realised"
    made = Entry(
        id=number,
        contract=1,
        kind=EntryKind(kind),
        amount_cents=cents,
        effective_on=DAY,
        booked_at=MOMENT,
        contribution=number if decided else None,
        decision=number if decided else None,
    )
    return replace(made, **parts)


def reversal_of(original: Entry, number: int, **parts: Any) -> Entry:
    """What takes an entry back."""
    mirrored = replace(
        original,
        id=number,
        amount_cents=-original.amount_cents,
        booked_at=original.booked_at + timedelta(days=1),
        reverses=original.id,
    )
    return replace(mirrored, **parts)


@st.composite
def entries(draw: st.DrawFn, at_least: int = 0) -> list[Entry]:
    """Some entries of one contract, none of them a reversal."""
    posted = st.tuples(st.sampled_from(EntryKind), st.integers(0, 10**11))
    drawn = draw(st.lists(posted, min_size=at_least, max_size=12))
    return [entry(number, kind, cents) for number, (kind, cents) in enumerate(drawn, start=1)]
