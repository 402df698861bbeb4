"""What a large batch does not show: a sheet, one line, and one person with every line."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import python_calamine
import xlsxwriter  # type: ignore[import-untyped]

from bench.valuation import batches
from bench.valuation.rounds import Figure, print_seconds, ratio, rounds, timed
from telmee.core.contributions.effort_file import read_contributions
from telmee.core.periods import NO_DAY, date_of
from telmee.core.schemes.model import Scheme
from telmee.core.tables.columns import NOTHING, Coded, Column, Kind
from telmee.core.tables.contribution_columns import CONTRIBUTION, Contributions
from telmee.core.valuation import Valuation, value
from telmee.core.valuation.explanation import explain
from telmee.integrations.spreadsheets import open_table
from telmee.texts import step_text

BARE, WHOLE = "python-calamine, to_python()", "Telmee, sheet to values"
ONE_LINE, ONE_PERSON = "one line, its value and its story", "every line of one person"


def sheet(rows: int, count: int) -> list[Figure]:
    """Read and value a workbook, beside bare reading."""
    batch = batches.everything(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.xlsx"
        _write(batch.lines, path)
        lines = read_contributions(open_table(path)).contributions
        cents = value(batch.scheme, batch.lines).columns.value_cents
        assert (value(batch.scheme, lines).columns.value_cents == cents).all()
        sides = {
            BARE: timed(partial(_bare, path)),
            WHOLE: timed(partial(_read_and_value, batch.scheme, path)),
        }
        seconds = rounds(sides, count)
    print_seconds(seconds, rows)
    return [Figure(f"{WHOLE} / {BARE}", ratio(seconds, WHOLE, BARE), "x", at_most=3)]


def one_line(count: int) -> Figure:
    """Value one line and tell its story."""
    batch = batches.everything(1)
    seconds = rounds({ONE_LINE: timed(partial(_story, batch))}, 20 * count)
    return Figure(ONE_LINE, [1000 * s for s in seconds[ONE_LINE]], " ms", at_most=5)


def one_person(rows: int, count: int) -> Figure:
    """Value a file in which somebody filled in the same person everywhere."""
    batch = batches.everything(rows)
    lines = replace(batch.lines, person=Coded(np.zeros(rows, dtype=np.int32), ("p",)))
    seconds = rounds({ONE_PERSON: timed(partial(value, batch.scheme, lines))}, count)
    return Figure(f"{rows:,} lines, {ONE_PERSON}", seconds[ONE_PERSON], " s", at_most=5)


def _story(batch: batches.Batch) -> tuple[Valuation, list[str]]:
    valuation = value(batch.scheme, batch.lines, obligations=batch.obligations)
    return valuation, [step_text(step, "nl") for step in explain(valuation, 0)]


def _bare(path: Path) -> object:
    workbook = python_calamine.CalamineWorkbook.from_path(str(path))
    return workbook.get_sheet_by_index(0).to_python()


def _read_and_value(scheme: Scheme, path: Path) -> Valuation:
    return value(scheme, read_contributions(open_table(path)).contributions)


def _write(lines: Contributions, path: Path) -> None:
    """Write a batch as people hand it in: dates as dates, hours and euros as numbers."""
    workbook = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    day = workbook.add_format({"num_format": "dd-mm-yyyy"})
    page = workbook.add_worksheet()
    page.write_row(0, 0, list(CONTRIBUTION))
    columns = [_cells(lines, column) for column in CONTRIBUTION.values()]
    for row, cells in enumerate(zip(*columns, strict=True), start=1):
        for place, (column, cell) in enumerate(zip(CONTRIBUTION.values(), cells, strict=True)):
            if cell is not None and column.kind is Kind.DATE:
                page.write_datetime(row, place, cell, day)
            elif cell is not None:
                page.write(row, place, cell)
    workbook.close()


def _cells(lines: Contributions, column: Column) -> list[object]:
    cells = getattr(lines, column.field)
    if column.kind is Kind.DATE:
        return [None if day == NO_DAY else date_of(day) for day in cells.tolist()]
    if column.kind.is_number:
        parts = 10**column.kind.decimals
        return [None if cell == NOTHING else cell / parts for cell in cells.tolist()]
    return [cells[line] for line in range(len(lines))]
