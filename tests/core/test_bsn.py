"""A BSN is found however it is written, and little else is taken for one."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from telmee.core.bsn import find_bsn, may_hold_bsn, nine_digit_numbers, passes_eleven_check
from tests.core.numbers import bsns, no_bsns, passes, short_bsns

SEPARATORS = [
    " ",
    ".",
    "-",
    "  ",
    ". ",
    "\t",
    "\n",
    "\u00a0",
    "\u202f",
    "\u2009",
    "\u200b",
    "\ufeff",
]
SEPARATORS += [
    "\u00ad",
    "\u2010",
    "\u2011",
    "\u2013",
    "\u2014",
    "\u2212",
    "\u00b7",
    "\u2022",
    "\uff0e",
]
SEPARATORS += [*"/_,:+|'`()[]{}<>", ", ", ") (", "\u2019", "\u2044", "\u3010", "\uff0f", "\u060c"]
separators = st.sampled_from(SEPARATORS)
#: What may stand right before and after a number: neither digit nor separator.
bounds = st.sampled_from(["", "P", "bsn:", "(", "x ", "nr. ", "é", "_", "/", ";"])
spellings = st.sampled_from([(9,), (3, 3, 3), (4, 2, 3)])
ZEROS = ["٠", "०", "０", "০", "𝟎"]  # noqa: RUF001 - zeros of five scripts


def spelled(number: str, groups: tuple[int, ...], separator: str) -> str:
    """Write a number in groups."""
    ends = [sum(groups[: count + 1]) for count in range(len(groups))]
    return separator.join(
        number[end - length : end] for end, length in zip(ends, groups, strict=True)
    )


@given(bsns, spellings, separators, bounds, bounds)
def test_it_finds_a_bsn_in_every_usual_spelling(
    number: str, groups: tuple[int, ...], separator: str, before: str, after: str
) -> None:
    assert find_bsn(before + spelled(number, groups, separator) + after)


@given(bsns, st.lists(separators | st.just(""), min_size=8, max_size=8))
def test_it_finds_a_bsn_that_stands_alone_in_any_spelling(number: str, between: list[str]) -> None:
    assert find_bsn("".join(map("".join, zip(number, [*between, ""], strict=True))))


@given(bsns, spellings, separators, st.sampled_from(["2024", "12", "31 6", "1"]))
def test_it_finds_a_bsn_next_to_another_number(
    number: str, groups: tuple[int, ...], separator: str, other: str
) -> None:
    written = spelled(number, groups, separator)
    assert find_bsn(f"{written} {other}")
    assert find_bsn(f"{other} {written}")


@given(bsns, st.sampled_from(ZEROS))
def test_it_reads_the_digits_of_every_script(number: str, zero: str) -> None:
    foreign = "".join(chr(ord(zero) + int(digit)) for digit in number)
    assert unicodedata.decimal(foreign[0]) == int(number[0])
    assert find_bsn(foreign)


@given(no_bsns, spellings, separators, bounds, bounds)
def test_a_number_that_fails_the_check_is_none(
    number: str, groups: tuple[int, ...], separator: str, before: str, after: str
) -> None:
    assert not find_bsn(before + spelled(number, groups, separator) + after)


@given(st.text("0123456789", min_size=9, max_size=9))
def test_the_check_is_the_check(number: str) -> None:
    assert passes_eleven_check(number) == passes(number)


@given(st.text("0123456789", min_size=8, max_size=8))
def test_at_most_one_last_digit_passes(eight: str) -> None:
    assert sum(passes_eleven_check(f"{eight}{last}") for last in range(10)) <= 1


@given(
    st.text("0123456789", min_size=8, max_size=8),
    st.sampled_from(
        ["+31 6 {0}{1}", "+31-6-{0}{1}", "06-{0}{1}", "06 {0} {1}", "06{0}{1}", "0031 6 {0}{1}",
         "06 {2} {3} {4} {5}", "+31 (0)6 {0} {1}", "+316{0}{1}"]
    ),
)  # fmt: skip
def test_a_mobile_number_is_no_bsn(digits: str, shape: str) -> None:
    pairs = [digits[at : at + 2] for at in (0, 2, 4, 6)]
    assert not find_bsn(shape.format(digits[:4], digits[4:], *pairs))


@given(st.text("0123456789", min_size=7, max_size=7))
def test_a_landline_is_no_bsn(digits: str) -> None:
    for shape in ("020-{0}", "020 {1} {2}", "+31 20 {1} {2}", "(020) {0}", "020{0}"):
        assert not find_bsn(shape.format(digits, digits[:3], digits[3:]))


@given(bsns, st.sampled_from("0123456789"))
def test_a_longer_number_is_no_bsn(number: str, digit: str) -> None:
    assert not find_bsn(number + digit)
    assert not find_bsn(digit + number)


@given(bsns, st.sampled_from(",:/|"), st.integers(2000, 2099))
def test_a_sign_that_parts_two_numbers_hides_neither(number: str, sign: str, year: int) -> None:
    assert find_bsn(f"{number[:2]} {number[2:]}{sign}{year}")
    assert find_bsn(f"{year}{sign} {number[:2]}.{number[2:7]}.{number[7:]}")


@given(short_bsns)
def test_eight_digits_are_read_only_where_that_is_asked(number: str) -> None:
    eight = number[1:]
    assert not find_bsn(eight)
    assert find_bsn(eight, eight_digits=True)
    assert find_bsn(f"{eight} 2024", eight_digits=True)
    assert find_bsn(f"{eight[:4]}.{eight[4:]}", eight_digits=True)


@pytest.mark.parametrize("text", ["", "000000000", "000.000.000", "0000 00 000", "1", "12345678"])
def test_nothing_and_zeros_are_no_bsn(text: str) -> None:
    assert not find_bsn(text)
    assert not find_bsn(text[:-1], eight_digits=True)


@given(st.text(max_size=40) | st.text("0123456789 .-x\u200b", max_size=40))
def test_the_quick_look_misses_nothing(text: str) -> None:
    numbers = nine_digit_numbers(text, eight_digits=True)
    assert may_hold_bsn(text) or not numbers
    assert all(len(number) == 9 and number.isdecimal() for number in numbers)


@given(st.lists(st.text(max_size=15) | bsns, max_size=6))
def test_the_quick_look_at_a_column_misses_nothing(texts: list[str]) -> None:
    assume(any(map(find_bsn, texts)))
    assert may_hold_bsn(";".join(texts))
