"""By when the two sides of a contract are in touch: soon after the award, and every so often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from telmee.core.errors import Problem

#: How few and how many weeks a term can be.
WEEKS_MIN, WEEKS_MAX = 1, 104


@dataclass(frozen=True, slots=True)
class ContactTerms:
    """Within how many weeks of the award the first contact is, and then every how many weeks.

    Nothing is asked where a number is not chosen.
    """

    first_weeks: int | None = None
    every_weeks: int | None = None

    def problems(self) -> list[Problem]:
        """What is wrong with the numbers that were chosen."""
        params = {"minimum": WEEKS_MIN, "maximum": WEEKS_MAX}
        chosen = {"first_weeks": self.first_weeks, "every_weeks": self.every_weeks}
        return [
            Problem("contact_weeks_out_of_range", name, params=params)
            for name, weeks in chosen.items()
            if weeks is not None and not WEEKS_MIN <= weeks <= WEEKS_MAX
        ]

    def next_contact(self, awarded: date, last: date | None, end: date) -> date | None:
        """The last day for the next contact; none where none is asked before the contract ends.

        `last` is when they were in touch last. Without a term for the first contact the periods are
        counted from the award on.

        >>> terms = ContactTerms(first_weeks=4, every_weeks=13)
        >>> awarded, end = date(2026, 1, 1), date(2027, 12, 31)
        >>> terms.next_contact(awarded, None, end), terms.next_contact(awarded, awarded, end)
        (datetime.date(2026, 1, 29), datetime.date(2026, 4, 2))
        """
        weeks = self.every_weeks
        if last is None and self.first_weeks is not None:
            weeks = self.first_weeks
        if weeks is None:
            return None
        due = (last or awarded) + timedelta(weeks=weeks)
        return due if due <= end else None
