"""Which days are no working day, weekends apart.

Article 3 of the Algemene termijnenwet: New Year's Day, Easter Monday, Ascension Day, Whit Monday,
both Christmas days, the day on which the King's birthday is celebrated and 5 May, every year; and
Good Friday, which it puts on a par with them. The library counts 5 May as a public holiday once in
five years only, as many labour agreements do, and has the yearly one in its category "optional",
so both categories are asked for. Easter and Whit Sunday come along and change nothing: they are
Sundays.

Days that a royal decree puts on a par for one year (often the Friday after Ascension Day) are in
no library and so not in here; docs/algorithms/obligations.md section 8 says so to the reader.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from datetime import date

import holidays

#: The law came into force on 1 April 1965; the library starts with the first whole year.
FIRST_YEAR = 1966


def public_holidays(years: Iterable[int]) -> frozenset[date]:
    """The public holidays of these years; none before `FIRST_YEAR`.

    >>> date(2027, 5, 5) in public_holidays([2027])  # not the fifth year, and it counts
    True
    """
    return frozenset().union(*(_of_year(year) for year in set(years)))


@functools.cache
def _of_year(year: int) -> frozenset[date]:
    calendar = holidays.country_holidays(
        "NL", years=year, categories=(holidays.PUBLIC, holidays.OPTIONAL), expand=False
    )
    return frozenset(calendar)
