"""What a column of a file or a form is, said once: reading, forms and documents follow from it.

Dates are day numbers (`telmee.core.periods`), hours are hundredths, euros are cents; `NOTHING` and
`NO_DAY` mark an empty cell. The words for people, such as a label, are in `telmee.texts.columns`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt

from telmee.core.free_text import FreeText

#: An empty number. No column can hold a negative one, so this never collides.
NOTHING = -1


class Kind(Enum):
    """What the cells of a column are: the unit of their value, and the decimals people type.

    Decimals shift the unit: hours with two decimals become whole hundredths. A reference is a text
    of one's own choice, a note a text for people to read, a code stands for a person, an enterprise
    is its number in the trade register (KvK), and keys are words of a scheme.
    """

    DATE = ("date", 0)
    HOURS = ("hours", 2)
    CENTS = ("cents", 2)
    PERCENTAGE = ("percentage", 2)
    COUNT = ("count", 0)
    REFERENCE = ("text", 0)
    NOTE = ("note", 0)
    CODE = ("person", 0)
    ENTERPRISE = ("enterprise", 0)
    KEY = ("code", 0)
    KEYS = ("codes", 0)

    def __init__(self, unit: str, decimals: int) -> None:
        self.unit, self.decimals = unit, decimals

    @property
    def is_number(self) -> bool:
        """Whether its cells are numbers that somebody counts with."""
        return self in {Kind.HOURS, Kind.CENTS, Kind.PERCENTAGE, Kind.COUNT}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its Dutch name, what it holds, and the field that keeps it.

    `maximum` is of a number and in its unit; with `zero` nothing is a number too: no euros is an
    answer, no hours is no effort. `limit` is of a text. `choices` names the list of a scheme that a
    key is in. Without a `required` cell a line cannot count, and a `unique` one occurs once. Hours
    of which a part of full time is an answer too ("0,8 fte") are `full_time`; a day that may not be
    known yet ("heden") is `open`. `also` is a pattern of other words that people put above it, as
    `heading_key` writes them: such a heading is not read, but the remedy names this column.
    """

    name: str
    kind: Kind
    field: str = ""
    maximum: int = 0
    zero: bool = False
    limit: FreeText | None = None
    choices: str = ""
    required: bool = False
    unique: bool = False
    full_time: bool = False
    open: bool = False
    also: str = ""

    @property
    def row_field(self) -> str:
        """The field of a row of the database, where the name of an amount says its unit."""
        return f"{self.field}_cents" if self.kind is Kind.CENTS else self.field


class Columns(Mapping[str, Column]):
    """The columns of one kind of table by their Dutch names, in the order of its template."""

    def __init__(self, columns: Iterable[Column]) -> None:
        self._columns = {column.name: column for column in columns}
        self._of_heading = {heading_key(name): name for name in self._columns}

    def __getitem__(self, name: str) -> Column:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the columns that a table cannot do without."""
        return tuple(name for name, column in self.items() if column.required)

    def of_kind(self, *kinds: Kind) -> tuple[str, ...]:
        """The names of the columns of some kinds."""
        return tuple(name for name, column in self.items() if column.kind in kinds)

    def by_heading(self, heading: str) -> Column | None:
        """The column that a heading stands for; None where it is of nobody here."""
        name = self._of_heading.get(heading_key(heading))
        return None if name is None else self._columns[name]

    def as_row(self, names: Iterable[str], cells: Mapping[str, object]) -> dict[str, object]:
        """Cells as the fields of a row of the database: an empty text is "" there, not NULL."""
        row: dict[str, object] = {}
        for name in names:
            column, cell = self[name], cells.get(name)
            row[column.row_field] = "" if cell is None and column.limit else cell
        return row


def heading_key(heading: str) -> str:
    """A heading as its letters and digits: case, blanks, accents and signs are forgiven.

    >>> heading_key("Uren per week"), heading_key("uren_per_week "), heading_key("Één-twee")
    ('urenperweek', 'urenperweek', 'eentwee')
    """
    parted = unicodedata.normalize("NFKD", heading).casefold()
    return "".join(sign for sign in parted if sign.isalnum())


# The cells of a column in a batch ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Coded:
    """A text column as numbers: `names[codes[i]]`, or `NOTHING` for an empty cell.

    Text is looked at once per distinct value instead of once per line.
    """

    codes: npt.NDArray[np.int32]
    names: tuple[str, ...]

    @classmethod
    def of(cls, values: Iterable[str | None]) -> Coded:
        """Code a column of texts; `None` and the empty text are empty cells."""
        seen: dict[str, int] = {}
        codes = [seen.setdefault(v, len(seen)) if v else NOTHING for v in values]
        return cls(np.array(codes, dtype=np.int32), tuple(seen))

    def renamed(self, names: Sequence[str]) -> Coded:
        """The same column with another text for each distinct one; two may become the same."""
        if tuple(names) == self.names:
            return self
        numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
        of_code = np.array([*(numbers[name] for name in names), NOTHING], dtype=np.int32)
        return Coded(of_code[self.codes], tuple(numbers))

    def __getitem__(self, line: int) -> str | None:
        """The text of one line, `None` when empty."""
        code = int(self.codes[line])
        return None if code == NOTHING else self.names[code]


def column_of_batch(column: Column, cells: Sequence[Any]) -> Any:
    """The cells of a column in the form that a batch has them, by the kind of the column.

    Days and numbers become an array of integers, texts are coded; a column in which each text
    occurs once has nothing to win by that, and stays a list.
    """
    if column.kind is Kind.DATE:
        return np.array(cells, dtype=np.int32)
    if column.kind.is_number:
        return np.array(cells, dtype=np.int64)
    return list(cells) if column.unique else Coded.of(cells)
