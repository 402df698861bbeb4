"""Reading a file of effort: the lines of a table become a batch that the engine values.

How a table is read, and what is refused, is in `telmee.core.tables.reading`.
"""

from __future__ import annotations

from dataclasses import dataclass

from telmee.core.errors import Problem
from telmee.core.tables.columns import column_of_batch
from telmee.core.tables.contribution_columns import CONTRIBUTION, Contributions
from telmee.core.tables.reading import read_table
from telmee.core.tables.table import Table


@dataclass(frozen=True, slots=True)
class Reading:
    """What came out of a table; `notices` say what was left aside."""

    contributions: Contributions
    notices: tuple[Problem, ...] = ()


def read_contributions(table: Table) -> Reading:
    """Read the contributions in a table; raises as `read_table` does."""
    rows = read_table(table, CONTRIBUTION)
    columns = {
        column.field: column_of_batch(column, rows.cells[name])
        for name, column in CONTRIBUTION.items()
    }
    return Reading(Contributions(row=rows.row, problems=rows.problems, **columns), rows.notices)
