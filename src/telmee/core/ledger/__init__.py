"""The books of a contract: entries that only grow, and what they come to.

`kinds` names what an entry can be, `position` adds entries up to where a contract stands,
`forecast` looks ahead to its end, and `instalments` divides an amount over days. The rules and
their reasons are in docs/algorithms/ledger.md; what must hold in all books, the database is asked
(`telmee.apps.ledger.queries`).
"""

from telmee.core.ledger.entries import Entry
from telmee.core.ledger.forecast import Outlook, Reason, Risk, ahead_cents, outlook_of
from telmee.core.ledger.instalments import done_cents, instalment_cents
from telmee.core.ledger.kinds import EntryKind
from telmee.core.ledger.position import Position, position_of

__all__ = [
    "Entry",
    "EntryKind",
    "Outlook",
    "Position",
    "Reason",
    "Risk",
    "ahead_cents",
    "done_cents",
    "instalment_cents",
    "outlook_of",
    "position_of",
]
