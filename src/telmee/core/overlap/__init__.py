"""Effort that may be counted twice: the same person, the same days, the same invoice.

`near_codes` compares codes of persons, `efforts` has what is looked at of each line, `doubles`
finds, and `of_valuation` does so for the lines of one valued file. Nothing here changes a cent.
"""

from telmee.core.overlap.doubles import Double, Doubles, Kind, doubles_in
from telmee.core.overlap.efforts import Efforts, efforts_of
from telmee.core.overlap.of_valuation import check_of, double_step, doubles_of

__all__ = [
    "Double",
    "Doubles",
    "Efforts",
    "Kind",
    "check_of",
    "double_step",
    "doubles_in",
    "doubles_of",
    "efforts_of",
]
