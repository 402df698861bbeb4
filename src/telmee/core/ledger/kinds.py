"""What an entry in the books can be."""

from __future__ import annotations

from enum import StrEnum


class EntryKind(StrEnum):
    """Why cents stand in the books.

    No entry is below zero, except a reversal, which is exactly its original with the other sign:
    so a sum of a kind below zero is always a fault, and never somebody's way of writing things.
    What goes away is a kind of its own (`reduced`, `waived`, `carried_out`), not a negative entry.
    """

    OBLIGATION = "obligation"
    REDUCED = "reduced"
    REALISED = "realised"
    WAIVED = "waived"
    CARRIED_IN = "carried_in"
    CARRIED_OUT = "carried_out"
    POOLED = "pooled"
    PENALTY = "penalty"
