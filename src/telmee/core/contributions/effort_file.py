"""Reading a file of effort: the lines of a table become a batch that the engine values.

How a table is read, and what is refused, is in `telmee.core.tables.reading`. What only a scheme can
tell (its labels, and how many hours full time is) is read by `under_scheme`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from telmee.core.errors import Problem
from telmee.core.periods import NO_DAY
from telmee.core.tables.columns import column_of_batch
from telmee.core.tables.contribution_columns import CONTRIBUTION, END, Contributions
from telmee.core.tables.reading import TableRead, read_table
from telmee.core.tables.table import Table


@dataclass(frozen=True, slots=True)
class Reading:
    """What came out of a table; `notices` say what was left aside.

    `unread_ends` has the lines without a last day of which a column that was not read may hold it,
    with what to say where a scheme asks for one.
    """

    contributions: Contributions
    notices: tuple[Problem, ...] = ()
    unread_ends: Mapping[int, Problem] = field(default_factory=dict)


def read_contributions(table: Table) -> Reading:
    """Read the contributions in a table; raises as `read_table` does."""
    rows = read_table(table, CONTRIBUTION)
    columns = {
        column.field: column_of_batch(column, rows.cells[name])
        for name, column in CONTRIBUTION.items()
    }
    contributions = Contributions(row=rows.row, problems=rows.problems, **columns)
    return Reading(contributions, rows.notices, _unread_ends(rows))


def _unread_ends(rows: TableRead) -> dict[int, Problem]:
    """The lines whose last day may stand in a column that was not read."""
    return {
        line: Problem(
            "end_not_read",
            END,
            int(rows.row[line]),
            {"heading": unread.heading, "place": unread.place},
        )
        for unread in rows.unread
        if unread.likely == END
        for line in sorted(unread.lines)
        if rows.cells[END][line] == NO_DAY
    }
