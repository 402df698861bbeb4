"""Nobody needs the name: a file with a citizen service number (BSN) is not read.

Every place where somebody could have put one is searched before anything else is said about the
file, so that no message can repeat it. Only rows and columns are reported, never what is there.

Source: docs/algorithms/valuation.md section 9.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from telmee.core.bsn import find_bsn, may_hold_bsn, passing_numbers
from telmee.core.contributions.cells import DATE_COLUMNS, NUMBER_RULES, Cell, text_of
from telmee.core.contributions.table import Sheet, Table, column_letters
from telmee.core.errors import DomainError, Problem

#: More places than this help nobody; the rest is counted.
_PLACES_MAX = 20

#: Columns that hold numbers by nature; a number of nine digits there is no reason to stop.
_NOT_SEARCHED = frozenset((*NUMBER_RULES, *DATE_COLUMNS))
#: Columns with references of one's own choice. One in eleven nine-digit numbers passes the check
#: by chance, so one is asked about; two different ones are taken for what they are.
_REFERENCES = frozenset(("kenmerk", "contract"))
_REFERENCE_NUMBERS_MIN = 2

Columns = Sequence[Sequence[Cell]]


def require_no_bsn(table: Table, header: int, names: Mapping[int, str], columns: Columns) -> None:
    """Raise a `DomainError` that names every place with a BSN, if there is one.

    `header` is the index of the header row (-1 without one), `names` maps the position of a known
    column to its Dutch name, and `columns` holds the cells below the header, per position.
    """
    found = [
        *_in_names(table),
        *_in_sheet(
            Sheet(
                "", table.sheet.rows[: header + 1], table.sheet.first_row, table.sheet.first_column
            )
        ),
        *_in_columns(table.sheet, header, names, columns),
        *(problem for sheet in table.others for problem in _in_other_sheet(sheet)),
    ]
    if len(found) > _PLACES_MAX:
        more = Problem("bsn_found_more", params={"count": len(found) - _PLACES_MAX})
        found = [*found[:_PLACES_MAX], more]
    if found:
        raise DomainError(found)


def _in_names(table: Table) -> Iterator[Problem]:
    """Search the file's name and the sheets' names."""
    if find_bsn(table.file_name):
        yield Problem("bsn_found_file_name")
    for sheet in (table.sheet, *table.others):
        if find_bsn(sheet.name):
            yield Problem("bsn_found_sheet_name", params={"sheet": sheet.number})


def _in_columns(
    sheet: Sheet, header: int, names: Mapping[int, str], columns: Columns
) -> Iterator[Problem]:
    """Search the cells below the header; the strictness depends on what the column is for."""
    for position, cells in enumerate(columns):
        column = names.get(position)
        if column in _NOT_SEARCHED:
            continue
        if column in _REFERENCES:
            suspect = _reference_bsns(cells)
        else:
            suspect = _bsns(cells, eight_digits=column == "persoon")
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
    """Give the cells that hold a BSN."""
    texts = searchable(cells)
    return frozenset(
        cell for cell, text in texts.items() if find_bsn(text, eight_digits=eight_digits)
    )


def _reference_bsns(cells: Iterable[Cell]) -> frozenset[Cell]:
    """Give the cells with a number that passes, if two different numbers do."""
    passing = _passing(cells)
    if len({number for numbers in passing.values() for number in numbers}) < _REFERENCE_NUMBERS_MIN:
        return frozenset()
    return frozenset(passing)


def asked_about(
    sheet: Sheet, header: int, names: Mapping[int, str], columns: Columns
) -> Iterator[Problem]:
    """Ask about the one number in a column of references that could be a BSN, where it stands.

    For columns that passed `require_no_bsn`, so with one such number at most.
    """
    for position, cells in enumerate(columns):
        if names.get(position) in _REFERENCES:
            passing = _passing(cells)
            rows = [index for index, cell in enumerate(cells) if cell in passing]
            if rows:
                letters = column_letters(sheet.first_column + position)
                yield Problem("bsn_in_doubt", letters, sheet.first_row + header + 1 + rows[0])


def _passing(cells: Iterable[Cell]) -> dict[Cell, tuple[str, ...]]:
    """Give the cells with a number that passes the check, with their numbers."""
    texts = searchable(cells)
    passing = {cell: passing_numbers(text) for cell, text in texts.items()}
    return {cell: numbers for cell, numbers in passing.items() if numbers}


def searchable(cells: Iterable[Cell]) -> dict[Cell, str]:
    """Give each distinct text and whole number with its text; nothing if no BSN can be in there.

    One look at all texts together settles almost every column. The sign between them is neither
    a digit nor something that a number may be split with.
    """
    distinct = set(cells)
    texts = [cell for cell in distinct if isinstance(cell, str)]
    numbers = [
        cell
        for cell in distinct
        if isinstance(cell, int) or (isinstance(cell, float) and cell.is_integer())
    ]
    if not may_hold_bsn(";".join(chain(texts, map(text_of, numbers)))):
        return {}
    return {cell: text_of(cell) for cell in chain(texts, numbers)}
