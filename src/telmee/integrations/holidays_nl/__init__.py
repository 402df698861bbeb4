"""Dutch public holidays, for deadlines in working days.

The rule of which days count is the Algemene termijnenwet; the dates of Easter and King's Day come
from the library `holidays`.
"""

from telmee.integrations.holidays_nl.days import public_holidays

__all__ = ["public_holidays"]
