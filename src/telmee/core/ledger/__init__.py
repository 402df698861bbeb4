"""The books of a contract: entries that only grow, and what they come to.

`kinds` names what an entry can be, `position` adds entries up to where a contract stands,
`forecast` looks ahead to its end, `instalments` divides an amount over days, `pooling` says what
contracts together can do for each other, `amending` which entries the life of a contract asks for,
and `carrying` who carries it out. The rules and their reasons are in
docs/algorithms/ledger.md; what must hold in all books, the database is asked
(`telmee.apps.ledger.queries`).
"""

from telmee.core.ledger.amending import (
    Amendment,
    Change,
    Facts,
    Stage,
    Whole,
    changes_of,
    facts_on,
    moves_between,
    stages_of,
)
from telmee.core.ledger.carrying import (
    CONTRACTOR,
    FIRST_CONTRACTOR,
    Carrier,
    carrier_on,
    carriers_of,
    formers_of,
    with_contractor,
)
from telmee.core.ledger.entries import Entry
from telmee.core.ledger.forecast import (
    ENOUGH_BP,
    Ahead,
    Outlook,
    Reason,
    Risk,
    ahead_cents,
    due_cents,
    met_on,
    outlook_of,
)
from telmee.core.ledger.instalments import InYear, cents_per_year, done_cents, instalment_cents
from telmee.core.ledger.kinds import EntryKind
from telmee.core.ledger.pooling import Pooled, Shift, shifts_between
from telmee.core.ledger.position import Position, of_several, position_of, together

__all__ = [
    "CONTRACTOR",
    "ENOUGH_BP",
    "FIRST_CONTRACTOR",
    "Ahead",
    "Amendment",
    "Carrier",
    "Change",
    "Entry",
    "EntryKind",
    "Facts",
    "InYear",
    "Outlook",
    "Pooled",
    "Position",
    "Reason",
    "Risk",
    "Shift",
    "Stage",
    "Whole",
    "ahead_cents",
    "carrier_on",
    "carriers_of",
    "cents_per_year",
    "changes_of",
    "done_cents",
    "due_cents",
    "facts_on",
    "formers_of",
    "instalment_cents",
    "met_on",
    "moves_between",
    "of_several",
    "outlook_of",
    "position_of",
    "shifts_between",
    "stages_of",
    "together",
    "with_contractor",
]
