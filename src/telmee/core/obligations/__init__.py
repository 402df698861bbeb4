"""Obligations: what a contract owes by the published rules, and where it stands.

`assess` makes one answer of the parts: `clients` (whose rules hold), `owed` (how much, from
`thresholds`, `percentages` and `discounts`), `years` (the minimum per year), `standing` (open,
surplus, shortfall), `deadlines` (by when) and `sanctions` (what a shortfall costs). `scope` says
which rows of a table hold and which is the more specific; `contract` is what goes in.

Where the source gives no figure, nobody fills one in: the answer is `needs_judgement`, and its
problems say what a person can do. The meaning of each step is in docs/algorithms/obligations.md.
"""

from telmee.core.obligations.assess import ENGINE_VERSION, Assessment, Status, assess
from telmee.core.obligations.contract import Basis, Category, Contract, HeldCertificate
from telmee.core.obligations.deadlines import Due, holiday_years
from telmee.core.obligations.sanctions import Consequence
from telmee.core.obligations.standing import Position
from telmee.core.obligations.years import YearPart

__all__ = [
    "ENGINE_VERSION",
    "Assessment",
    "Basis",
    "Category",
    "Consequence",
    "Contract",
    "Due",
    "HeldCertificate",
    "Position",
    "Status",
    "YearPart",
    "assess",
    "holiday_years",
]
