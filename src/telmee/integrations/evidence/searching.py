"""Search a piece of proof for a BSN wherever it has text, seen or not.

No column of a proof is known, so all of its text is searched alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from telmee.core.bsn import find_bsn, without_other_numbers
from telmee.core.tables.searching import searchable
from telmee.core.tables.table import Table
from telmee.integrations.apart import read_apart
from telmee.integrations.evidence.office import search_office
from telmee.integrations.spreadsheets import open_table


@dataclass(frozen=True, slots=True)
class Searched:
    """What came of a search: whether a BSN was found, and whether all of the file could be read.

    Nothing can be found in a page that is a scan, nor in a picture; those of a PDF can be searched
    with a library (`photos`).
    """

    holds_bsn: bool
    is_whole: bool
    has_pictures: bool = False


def search_file(path: Path, ending: str) -> Searched:
    """Search a PDF or a sheet for a BSN, apart.

    Raises a `DomainError` for one that cannot be read at all, such as `broken_workbook`,
    `pdf_unreadable`, `pdf_encrypted`, `paper_holds_file` or `file_too_heavy`.
    """
    return Searched(*map(bool, read_apart(search_there, path, ending)))


def search_there(path: Path, ending: str) -> tuple[bool, bool, bool]:
    """Search a file in the process that reads; a BSN ends it, for the file is refused."""
    if ending == ".pdf":
        return _pdf_there(path)
    texts, is_whole = _READERS[ending](path)
    return any(map(holds_bsn, [*texts, *_cells(open_table(path))])), is_whole, False


def _pdf_there(path: Path) -> tuple[bool, bool, bool]:
    """Search a PDF; the library that takes one apart is loaded for nothing else."""
    from telmee.integrations.evidence.pdf import search_pdf  # noqa: PLC0415 - as it says above
    from telmee.integrations.evidence.scans import has_pictures  # noqa: PLC0415 - as it says above

    texts, is_whole = search_pdf(path)
    return any(map(holds_bsn, texts)), is_whole, has_pictures(path)


def holds_bsn(text: str) -> bool:
    """Whether a line of a text holds a BSN; nobody breaks one off."""
    return any(find_bsn(without_other_numbers(line)) for line in text.splitlines())


def _cells(table: Table) -> Iterator[str]:
    for sheet in (table.sheet, *table.others):
        yield sheet.name
        yield from searchable(cell for row in sheet.rows for cell in row).values()


def _nothing_else(_path: Path) -> tuple[list[str], bool]:
    """No text beside the cells, and nothing that could not be searched: a CSV has only cells."""
    return [], True


_READERS: Mapping[str, Callable[[Path], tuple[list[str], bool]]] = {
    ".xlsx": search_office,
    ".ods": search_office,
    ".csv": _nothing_else,
}
