"""The books of a contract: entries that only grow, and what they come to.

`kinds` names what an entry can be, `position` adds entries up to where a contract stands,
`forecast` looks ahead to its end, and `invariants` names everything that must hold in the books,
each as a function that gives what broke it. The rules and their reasons are in
docs/algorithms/ledger.md.
"""

from telmee.core.ledger.forecast import (
    Risk,
    ahead_cents,
    expected_at_end_cents,
    risk_of,
)
from telmee.core.ledger.invariants import INVARIANTS, Books, Entry, breaches
from telmee.core.ledger.kinds import EntryKind
from telmee.core.ledger.position import Position, position_of

__all__ = [
    "INVARIANTS",
    "Books",
    "Entry",
    "EntryKind",
    "Position",
    "Risk",
    "ahead_cents",
    "breaches",
    "expected_at_end_cents",
    "position_of",
    "risk_of",
]
