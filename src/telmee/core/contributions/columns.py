"""The columns of a batch of contributions.

One shape for one contribution and for ten million: a screen, an import, a simulation and a report
value the same thing. Dates are day numbers (`telmee.core.periods`), hours are hundredths, euros
are cents; `NOTHING` and `NO_DAY` mark an empty cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from telmee.core.errors import Problem
from telmee.core.money import CENTS_MAX
from telmee.core.periods import Days

#: An empty number. No column can hold a negative one, so this never collides.
NOTHING = -1

#: What a column may hold at most; the engine's proof that int64 is enough starts from these.
WEEKLY_HOURS_MAX = 168_00
HOURS_MAX = 100_000_00
AMOUNT_CENTS_MAX = CENTS_MAX
COUNT_MAX = 1_000_000

#: The Dutch column names of a contribution file, in the order of the template.
COLUMNS: Mapping[str, str] = {
    "kenmerk": "reference",
    "bouwblok": "block",
    "begin": "begin",
    "eind": "end",
    "uren_per_week": "weekly_hours",
    "uren": "hours",
    "bedrag": "amount",
    "aantal": "count",
    "toeslagen": "bonuses",
    "persoon": "person",
    "contract": "contract",
    "contract_begin": "contract_begin",
    "contract_eind": "contract_end",
    "certificaat": "certificate",
    "certificaat_tot": "certificate_until",
    "voltijd_uren_per_jaar": "full_time_hours",
}
REQUIRED_COLUMNS = ("kenmerk", "bouwblok")


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

    def __getitem__(self, line: int) -> str | None:
        """Give the text of one line, `None` when empty."""
        code = int(self.codes[line])
        return None if code == NOTHING else self.names[code]


@dataclass(frozen=True, slots=True)
class Contributions:
    """A batch: one array element per line, in the order of the file.

    `bonuses` holds keys with commas between. `problems` maps a line's index to
    what was wrong with its cells; such a line is refused whatever the scheme says.
    """

    row: npt.NDArray[np.int64]
    reference: Sequence[str | None]
    block: Coded
    begin: Days
    end: Days
    weekly_hours: npt.NDArray[np.int64]
    hours: npt.NDArray[np.int64]
    amount: npt.NDArray[np.int64]
    count: npt.NDArray[np.int64]
    bonuses: Coded
    person: Coded
    contract: Coded
    contract_begin: Days
    contract_end: Days
    certificate: Coded
    certificate_until: Days
    full_time_hours: npt.NDArray[np.int64]
    problems: Mapping[int, tuple[Problem, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Count the lines."""
        return int(self.row.size)
