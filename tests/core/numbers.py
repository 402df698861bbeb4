"""Citizen service numbers for tests: made up, never somebody's."""

from hypothesis import strategies as st


def passes(digits: str) -> bool:
    """The 11-check, written differently from the one under test."""
    weighed = [int(digit) * (9 - place) for place, digit in enumerate(digits[:8])]
    return (sum(weighed) - int(digits[8])) % 11 == 0


def with_check_digit(eight: str) -> str | None:
    """Complete eight digits to a number that passes, if a single digit can."""
    last = sum(int(digit) * (9 - place) for place, digit in enumerate(eight)) % 11
    return None if last == 10 else f"{eight}{last}"


def _digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


def _completed(eights: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    found = eights.map(with_check_digit).filter(lambda number: number not in (None, "0" * 9))
    return found.map(str)


#: Nine digits that pass, and nine that do not.
bsns = _completed(_digits(8))
no_bsns = _digits(9).filter(lambda digits: not passes(digits))
#: Numbers that pass and have eight digits left when a spreadsheet drops the leading zero.
short_bsns = _completed(st.integers(10**6, 10**7 - 1).map("0{}".format))


def a_bsn() -> str:
    """One made-up number that passes, for a test that needs no more than one."""
    return next(
        number for eight in range(12345670, 12345690) if (number := with_check_digit(str(eight)))
    )
