"""Nobody needs the name: a file with a citizen service number (BSN) is not read.

Every place where somebody could have put one is searched before anything else is said about the
file, so that no message can repeat it. Only rows and columns are reported, never what is there.

Source: docs/algorithms/valuation.md section 9.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from telmee.core.bsn import find_bsn, may_hold_bsn, passing_numbers
from telmee.core.errors import DomainError, Problem
from telmee.core.tables.cells import Cell, text_of
from telmee.core.tables.columns import Column, Kind
from telmee.core.tables.signs import Marked
from telmee.core.tables.table import Sheet, Table, column_letters

#: More places than this help nobody; the rest is counted.
_PLACES_MAX = 20

#: One in eleven nine-digit numbers passes the check by chance, so one in a column of references is
#: asked about; two different ones are taken for what they are.
_REFERENCE_NUMBERS_MIN = 2

_Known = Mapping[int, Column]
_Cells = Sequence[Sequence[Cell]]


def require_no_bsn(table: Table, header: int, known: _Known, columns: _Cells) -> None:
    """Raise a `DomainError` that names every place with a BSN, if there is one.

    `header` is the index of the header row (-1 without one), `known` has the columns by their
    positions, and `columns` holds the cells below the header, per position.
    """
    problems = [
        *_in_names(table),
        *_in_sheet(
            Sheet(
                "", table.sheet.rows[: header + 1], table.sheet.first_row, table.sheet.first_column
            )
        ),
        *_in_columns(table.sheet, header, known, columns),
        *(problem for sheet in table.others for problem in _in_other_sheet(sheet)),
    ]
    if len(problems) > _PLACES_MAX:
        more = Problem("bsn_found_more", params={"count": len(problems) - _PLACES_MAX})
        problems = [*problems[:_PLACES_MAX], more]
    if problems:
        raise DomainError(problems)


def _in_names(table: Table) -> Iterator[Problem]:
    """Search the file's name and the sheets' names."""
    if find_bsn(table.file_name):
        yield Problem("bsn_found_file_name")
    for sheet in (table.sheet, *table.others):
        if find_bsn(sheet.name):
            yield Problem("bsn_found_sheet_name", params={"sheet": sheet.number})


def _in_columns(sheet: Sheet, header: int, known: _Known, columns: _Cells) -> Iterator[Problem]:
    """Search the cells below the header; the strictness depends on what the column is for.

    A number of nine digits is no reason to stop in a column that holds numbers by nature.
    """
    for position, cells in enumerate(columns):
        kind = known[position].kind if position in known else None
        if kind is not None and (kind.is_number or kind is Kind.DATE):
            continue
        if kind is Kind.REFERENCE:
            suspect = _reference_bsns(cells)
        else:
            suspect = _bsns(cells, eight_digits=kind is Kind.CODE)
        if suspect:
            letters = column_letters(sheet.first_column + position)
            first = sheet.first_row + header + 1
            for index, cell in enumerate(cells):
                if cell in suspect:
                    yield Problem("bsn_found", letters, first + index)


def _in_sheet(sheet: Sheet) -> Iterator[Problem]:
    """Search every cell of some rows."""
    suspect = _bsns(cell for row in sheet.rows for cell in row)
    if suspect:
        for index, row in enumerate(sheet.rows):
            for position, cell in enumerate(row):
                if cell in suspect:
                    letters = column_letters(sheet.first_column + position)
                    yield Problem("bsn_found", letters, sheet.first_row + index)


def _in_other_sheet(sheet: Sheet) -> Iterator[Problem]:
    """Search a sheet that is not read as data."""
    for problem in _in_sheet(sheet):
        params = {"sheet": sheet.number}
        yield Problem("bsn_found_other_sheet", problem.column, problem.row, params)


def _bsns(cells: Iterable[Cell], *, eight_digits: bool = False) -> frozenset[Cell]:
    """The cells that hold a BSN."""
    texts = searchable(cells)
    return frozenset(
        cell for cell, text in texts.items() if find_bsn(text, eight_digits=eight_digits)
    )


def _reference_bsns(cells: Iterable[Cell]) -> frozenset[Cell]:
    """The cells with a number that passes, if two different numbers do."""
    passing = _passing(cells)
    if len({number for numbers in passing.values() for number in numbers}) < _REFERENCE_NUMBERS_MIN:
        return frozenset()
    return frozenset(passing)


def doubts(sheet: Sheet, header: int, known: _Known, columns: _Cells) -> Iterator[Problem]:
    """A question about the one number in a column of references that could be a BSN, if there is.

    For columns that passed `require_no_bsn`, so with one such number at most.
    """
    for position, cells in enumerate(columns):
        if position in known and known[position].kind is Kind.REFERENCE:
            passing = _passing(cells)
            rows = [index for index, cell in enumerate(cells) if cell in passing]
            if rows:
                letters = column_letters(sheet.first_column + position)
                yield Problem("bsn_in_doubt", letters, sheet.first_row + header + 1 + rows[0])


def _passing(cells: Iterable[Cell]) -> dict[Cell, tuple[str, ...]]:
    """The cells with a number that passes the check, with their numbers."""
    texts = searchable(cells)
    passing = {cell: passing_numbers(text) for cell, text in texts.items()}
    return {cell: numbers for cell, numbers in passing.items() if numbers}


def searchable(cells: Iterable[Cell]) -> dict[Cell, str]:
    """Each distinct text and whole number with its text; nothing if no BSN can be in there.

    One look at all texts together settles almost every column. The sign between them is neither
    a digit nor something that a number may be split with.
    """
    distinct = set(cells)
    # What a format shows around a number is no part of it; what was stored is searched.
    shown = [cell for cell in distinct if isinstance(cell, Marked) and cell.number.is_integer()]
    texts = [cell for cell in distinct if isinstance(cell, str)]
    numbers = [
        cell
        for cell in distinct
        if isinstance(cell, int) or (isinstance(cell, float) and cell.is_integer())
    ]
    searched: dict[Cell, str] = {cell: text_of(cell) for cell in chain(texts, numbers)}
    searched.update((cell, text_of(cell.number)) for cell in shown)
    return searched if may_hold_bsn(";".join(searched.values())) else {}
