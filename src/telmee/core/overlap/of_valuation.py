"""What may be double among the lines of one valued file, as checks of each line."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from telmee.core.contributions.person_codes import persons_of
from telmee.core.explain import Step
from telmee.core.overlap.doubles import Double, Doubles, Kind, doubles_in
from telmee.core.overlap.efforts import Flags, efforts_of
from telmee.core.periods import NO_DAY, Days
from telmee.core.tables.cells import shown
from telmee.core.tables.columns import NOTHING
from telmee.core.tables.contribution_columns import AMOUNT, PERSON
from telmee.core.valuation import Valuation
from telmee.core.valuation.faults import REFUSED_BITS


def doubles_of(valuation: Valuation) -> Doubles:
    """What may be double in a batch; a refused line counts nothing, so it is not looked at."""
    lines, columns, persons = valuation.lines, valuation.columns, persons_of(valuation.lines.person)
    block = np.where((columns.fault & REFUSED_BITS) == 0, columns.block, NOTHING).astype(np.int32)
    timed = np.array([part.unit.counts_time for part in valuation.scheme.blocks] + [False])[block]
    begin, end = _days(valuation, timed)
    return doubles_in(
        efforts_of(
            valuation.scheme.blocks,
            person=persons.codes,
            codes=persons.names,
            block=block,
            begin=begin,
            end=end,
            weekly_hours=lines.weekly_hours,
            full_time=np.full(len(lines), valuation.scheme.weekly_hours or 0, dtype=np.int64),
            hours=lines.hours,
            amount=lines.amount,
            supplier=lines.supplier.codes,
        )
    )


def check_of(valuation: Valuation, double: Double) -> Step:
    """A reason as a check of its line, with the other lines as their file names them."""
    references = [shown(valuation.lines.reference[other] or "-") for other in double.others]
    rows = [str(valuation.lines.row[other]) for other in double.others]
    more = ["…"] if double.more else []
    params = {"references": ", ".join(references + more), "rows": ", ".join(rows + more)}
    return double_step(double.kind, params)


def double_step(kind: str, params: Mapping[str, str]) -> Step:
    """The check of one kind of double, by the column that it follows from."""
    column = AMOUNT if kind == Kind.SAME_INVOICE else PERSON
    return Step("to_check", f"double_{kind}", "code", f"column.{column}", params=params)


def _days(valuation: Valuation, timed: Flags) -> tuple[Days, Days]:
    """The days that count of a period, and of another line those that were filled in."""
    lines, columns, one = valuation.lines, valuation.columns, np.int32(1)
    last = np.where(columns.end == NO_DAY, lines.begin, columns.end)
    end = np.where(last == NO_DAY, last, last + one)
    return (
        np.where(timed, columns.counted_from, lines.begin),
        np.where(timed, columns.counted_end, end),
    )
