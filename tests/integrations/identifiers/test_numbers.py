"""A number is kept as digits, or refused."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telmee.core.bsn import passes_eleven_check
from telmee.core.errors import DomainError
from telmee.integrations.identifiers import check_kvk, check_oin, check_rsin
from telmee.texts import LANGUAGES, problem_text

Check = Callable[[str], str]
DIGITS = "0123456789"


@pytest.mark.parametrize(
    ("check", "typed", "kept"),
    [
        (check_kvk, "12345678", "12345678"),
        (check_kvk, " 12 34.56-78 ", "12345678"),
        (check_kvk, "01234567", "01234567"),
        (check_rsin, "111222333", "111222333"),
        (check_rsin, "1112.22.333", "111222333"),
        (check_oin, "00000001111222333000", "00000001111222333000"),
        (check_oin, "00000001 111222333 000", "00000001111222333000"),
        (check_oin, "00000003123456780000", "00000003123456780000"),
        (check_oin, "00000004123456789001", "00000004123456789001"),
    ],
)
def test_a_number_is_kept_as_digits(check: Check, typed: str, kept: str) -> None:
    assert check(typed) == kept
    assert check(kept) == kept


@pytest.mark.parametrize(
    ("check", "code", "typed"),
    [
        *((check_kvk, "bad_kvk", typed) for typed in ("", "1234567", "123456789", "1234567a")),
        *((check_kvk, "bad_kvk", typed) for typed in ("00000000", "\uff11" * 8, "²2345678")),
        *((check_rsin, "bad_rsin", typed) for typed in ("", "111222334", "11222333", "000000000")),
        *((check_rsin, "bad_rsin", typed) for typed in ("0111222333", "111222a33", "NL111222333")),
        *(
            (check_oin, "bad_oin", typed)
            for typed in (
                "",
                "00000001111222334000",  # not an RSIN
                "00000001111222333001",  # no zeros behind it
                "00000003123456789000",  # a KvK number has eight digits
                "00000003000000000000",
                "0000000111122233300",
                "12345678111222333000",  # no register has this prefix
                "00000000111222333000",
            )
        ),
    ],
)
def test_what_is_no_number_is_refused_with_words(check: Check, code: str, typed: str) -> None:
    with pytest.raises(DomainError) as told:
        check(typed)
    (problem,) = told.value.problems
    assert problem.code == code
    assert all(all(problem_text(problem, language)) for language in LANGUAGES)


@given(st.text(DIGITS, min_size=9, max_size=9))
def test_an_rsin_passes_where_a_bsn_would(number: str) -> None:
    expected = passes_eleven_check(number) and number != "000000000"
    try:
        assert check_rsin(number) == number
    except DomainError:
        assert not expected
    else:
        assert expected


@given(st.text(DIGITS, min_size=8, max_size=8), st.integers(0, 8), st.sampled_from(" .-\u00a0"))
def test_what_stands_between_the_digits_makes_no_difference(
    number: str, place: int, sign: str
) -> None:
    spaced = number[:place] + sign + number[place:]
    if number == "00000000":
        with pytest.raises(DomainError):
            check_kvk(spaced)
    else:
        assert check_kvk(spaced) == number
