"""The columns of a contribution: what is asked of one line of effort, and a batch of lines.

This is the register. A file, a form, the template, the page of documentation and a row of the
database take from here what a column is called, what it holds and what bounds it; their words are
in `texts/columns.toml`. CONTRIBUTING.md says what else a new column touches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from telmee.core import free_text
from telmee.core.errors import Problem
from telmee.core.money import CENTS_MAX
from telmee.core.periods import Days
from telmee.core.tables.columns import Coded, Column, Columns, Kind

#: What a column may hold at most; the engine's proof that int64 is enough starts from these.
WEEKLY_HOURS_MAX = 168_00
HOURS_MAX = 100_000_00
AMOUNT_CENTS_MAX = CENTS_MAX
COUNT_MAX = 1_000_000

#: The names of the columns that others than the rules of valuation know one by one.
REFERENCE, BLOCK, BONUSES, PERSON = "kenmerk", "bouwblok", "toeslagen", "persoon"
BEGIN, END, WEEKLY_HOURS, HOURS = "begin", "eind", "uren_per_week", "uren"
AMOUNT, COUNT, FULL_TIME_HOURS = "bedrag", "aantal", "voltijd_uren_per_jaar"
LAST_BENEFIT_DAY = "laatste_uitkeringsdag"
CONTRACT, CONTRACT_BEGIN, CONTRACT_END = "contract", "contract_begin", "contract_eind"
SUPPLIER, CERTIFICATE, CERTIFICATE_UNTIL = "leverancier", "certificaat", "certificaat_tot"

_KEY, _KEYS = free_text.KEY, free_text.KEYS

#: Words that people put above the days of effort, and above those of a contract.
_OF_CONTRACT = r"^(?=.*(?:contract|opdracht|overeenkomst))(?!.*(?:arbeid|dienstverband))"
_OF_EFFORT = r"^(?!.*(?:certific|opdracht|overeenkomst|(?<!arbeids)contract))"
_FIRST_DAY = r".*(?:begin|start|ingang|ingaand|indienst|instroom|vanaf|^van$|datumvan)"
_LAST_DAY = r".*(?:eind|end|afloop|uitdienst|uitstroom|laatstedag|until|^tot|^tm$|datumtot)"

#: Every column, in the order of the template.
CONTRIBUTION = Columns(
    (
        Column(
            REFERENCE,
            Kind.REFERENCE,
            "reference",
            limit=free_text.REFERENCE,
            required=True,
            unique=True,
        ),
        Column(BLOCK, Kind.KEY, "block", limit=_KEY, choices="blocks", required=True),
        Column(BEGIN, Kind.DATE, "begin", also=_OF_EFFORT + _FIRST_DAY),
        Column(END, Kind.DATE, "end", open=True, also=_OF_EFFORT + _LAST_DAY),
        Column(WEEKLY_HOURS, Kind.HOURS, "weekly_hours", maximum=WEEKLY_HOURS_MAX, full_time=True),
        Column(HOURS, Kind.HOURS, "hours", maximum=HOURS_MAX),
        Column(AMOUNT, Kind.CENTS, "amount", maximum=AMOUNT_CENTS_MAX, zero=True),
        Column(COUNT, Kind.COUNT, "count", maximum=COUNT_MAX),
        Column(BONUSES, Kind.KEYS, "bonuses", limit=_KEYS, choices="bonuses"),
        Column(
            PERSON, Kind.CODE, "person", limit=free_text.CODE, also="persoon|kandidaat|deelnemer"
        ),
        Column(CONTRACT, Kind.REFERENCE, "contract"),
        Column(CONTRACT_BEGIN, Kind.DATE, "contract_begin", also=_OF_CONTRACT + _FIRST_DAY),
        Column(CONTRACT_END, Kind.DATE, "contract_end", also=_OF_CONTRACT + _LAST_DAY),
        Column(SUPPLIER, Kind.ENTERPRISE, "supplier", limit=free_text.ENTERPRISE),
        Column(CERTIFICATE, Kind.KEY, "certificate", limit=_KEY, choices="certificates"),
        Column(CERTIFICATE_UNTIL, Kind.DATE, "certificate_until", also=r"certific.*(?:tot|eind)"),
        Column(FULL_TIME_HOURS, Kind.HOURS, "full_time_hours", maximum=HOURS_MAX),
        Column(LAST_BENEFIT_DAY, Kind.DATE, "last_benefit_day"),
    )
)
#: What the register knows of the contract, and a line on it does not say.
OF_CONTRACT = (CONTRACT, CONTRACT_BEGIN, CONTRACT_END)
#: What a line on a contract says itself.
OF_LINE = tuple(name for name in CONTRIBUTION if name not in OF_CONTRACT)
#: What a form asks below the block, in that order, where the block or a bonus wants it.
ASKED = (
    *(BEGIN, END, WEEKLY_HOURS, HOURS, AMOUNT, COUNT, FULL_TIME_HOURS),
    *(BONUSES, PERSON, LAST_BENEFIT_DAY, SUPPLIER, CERTIFICATE, CERTIFICATE_UNTIL),
)
#: What every line may say, whatever its block.
ALWAYS = (BEGIN, END)
#: What a line of a plan says: a plan is about nobody in particular, and nothing was bought yet.
OF_PLAN = (BLOCK, BEGIN, END, WEEKLY_HOURS, HOURS, AMOUNT, COUNT, BONUSES, CERTIFICATE)


@dataclass(frozen=True, slots=True)
class Contributions:
    """A batch: one array element per line, in the order of the file.

    One shape for one contribution and for ten million: a screen, an import, a simulation and a
    report value the same thing. Each column of the register has its field here, which rules read.
    `bonuses` holds keys with commas between. `problems` maps a line's index to what was wrong with
    its cells; such a line is refused whatever the scheme says.
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
    supplier: Coded
    certificate: Coded
    certificate_until: Days
    full_time_hours: npt.NDArray[np.int64]
    last_benefit_day: Days
    problems: Mapping[int, tuple[Problem, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Count the lines."""
        return int(self.row.size)
