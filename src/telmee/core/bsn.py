"""The citizen service number (BSN), recognised only to be refused.

Outside government a BSN may be used only where a law says so (article 46 of the Dutch GDPR
implementation act), and Telmee needs none. A BSN has nine digits and passes the 11-check: nine
times the first digit, eight times the second, … twice the eighth, minus the ninth, is a multiple
of eleven. One in eleven other numbers passes too, so where numbers are expected (`kenmerk`,
`contract`) the caller looks at several rows before it draws a conclusion.

People write a number in many ways. Spaces, dots, hyphens and brackets of every script and the signs
`/ _ , : + | '` are taken out, digits of every script are read; but only groups that are one number
to the eye are put together, so that a telephone number does not stop a file.
"""

from __future__ import annotations

import re
import unicodedata

_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)
_ALL_ZEROS = "000000000"

#: How nine digits are usually written in three groups.
_SPELLINGS = ((3, 3, 3), (4, 2, 3))

#: Dashes, brackets, quotes, and what has no width: none of them ends a number, and no blank does.
_SEPARATOR_KINDS = frozenset(("Pd", "Pc", "Ps", "Pe", "Pi", "Pf", "Cf", "Mn", "Me"))
#: Separators that Unicode files under other kinds: middle dots, bullets, the minus sign, slashes,
#: primes, commas and colons of other scripts, bars.
_SEPARATOR_SIGNS = frozenset("·•‧∙⋅・。⁃−˗⁄∕′´ʹʼ、،٫٬⸴∶¦∣")  # noqa: RUF001 - look-alikes are the point

#: What stands between the digits of one number as a rule, once a text is plain.
_USUAL = " \t\n\r\v\f\x1c\x1d\x1e\x1f.-"
#: What may stand there as well. It often parts two numbers too, so a text is read both ways.
_UNUSUAL = "/_,:+|'`()[]{}<>"
_BETWEEN = _USUAL + _UNUSUAL
#: Eight digits or more with only separators between them. A text without one holds no BSN.
_CLUSTERS = tuple(
    re.compile(rf"[0-9](?:[{re.escape(signs)}]*[0-9]){{7,}}") for signs in (_USUAL, _BETWEEN)
)
#: Numbers that are known by their form. A digit before or behind makes them something else.
_OTHERS = re.compile(
    r"""NL[ .]?[0-9]{4}[ .]?[0-9]{2}[ .]?[0-9]{3}[ .]?B[ .]?[0-9]{2}(?![0-9])
    | (?<![0-9]) (?:0?[1-9]|[12][0-9]|3[01]) [-/.] (?:0?[1-9]|1[0-2]) [-/.] (?:19|20)[0-9]{2}
      (?![0-9])
    | (?<![0-9]) (?:19|20)[0-9]{2} - (?:0[1-9]|1[0-2]) - (?:0[1-9]|[12][0-9]|3[01]) (?![0-9])
    | (?<![0-9]) (?:[0-9]{1,3}(?:[.][0-9]{3})+|[0-9]+) , [0-9]{2} (?![0-9]|[.,/:_|'-][0-9])
    | [0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}""",
    re.VERBOSE | re.IGNORECASE,
)
_GROUP = re.compile(r"[0-9]+")
#: The same question as a plain look-up, which is quick on a whole column at once.
_SHAPE = str.maketrans("123456789", "000000000", _BETWEEN)


class _Plain(dict[int, str]):
    """What each character is read as, looked up once: a digit, a blank, or itself."""

    def __missing__(self, code: int) -> str:
        """Read one character."""
        sign = chr(code)
        digit = unicodedata.decimal(sign, None)
        if digit is not None:
            sign = str(digit)
        elif (
            sign in _SEPARATOR_SIGNS
            or sign.isspace()
            or unicodedata.category(sign) in _SEPARATOR_KINDS
        ):
            sign = " "
        self[code] = sign
        return sign


_PLAIN = _Plain()


def plain(text: str) -> str:
    r"""The text with ASCII digits, and with blanks for every exotic separator.

    >>> plain("١٢３\u200b4")
    '123 4'
    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text).translate(_PLAIN)


def may_hold_bsn(text: str) -> bool:
    """Whether a closer look is needed; quick, also on a whole column put together."""
    return len(text) >= 8 and "00000000" in plain(text).translate(_SHAPE)


def nine_digit_numbers(text: str, *, eight_digits: bool = False) -> tuple[str, ...]:
    """List the nine-digit numbers in a text, whether or not they pass the 11-check.

    `eight_digits` reads a number of eight digits as one whose leading zero was lost, as
    spreadsheets do. All zeros is no number: people type it where nothing is known.

    >>> nine_digit_numbers("ref. 1234.56.782, tel. 06-12345678")
    ('123456782',)
    """
    if not may_hold_bsn(text):
        return ()
    bare = plain(text).replace("(0)", "0")  # +31 (0)6 …
    numbers = {
        number: None
        for shape in _CLUSTERS
        for cluster in shape.findall(bare)
        for number in _numbers_in(_GROUP.findall(cluster), eight_digits=eight_digits)
    }
    return tuple(number for number in numbers if number != _ALL_ZEROS)


def _numbers_in(groups: list[str], *, eight_digits: bool) -> list[str]:
    """Read groups of digits as numbers: all together, each on its own, or in a usual spelling."""
    together = "".join(groups)
    if len(together) == 9:
        return [together]
    if eight_digits and len(together) == 8:
        return ["0" + together]
    numbers = [group for group in groups if len(group) == 9]
    if eight_digits:
        numbers += ["0" + group for group in groups if len(group) == 8]
    numbers += [
        first + second + third
        for first, second, third in zip(groups, groups[1:], groups[2:], strict=False)
        if (len(first), len(second), len(third)) in _SPELLINGS
    ]
    return numbers


def without_other_numbers(text: str) -> str:
    """Take out what is plainly another number: a VAT number, a date, an amount, a GUID.

    For a document, where numbers stand beside each other. A VAT number is that of an organisation:
    since 2020 the one of a person is no longer made of his BSN, and every invoice bears one.

    >>> without_other_numbers("btw NL123456782B01, 12-03-2026 8 uur, € 1.250,00")
    'btw ;, ; 8 uur, € ;'
    """
    return _OTHERS.sub(";", text)


def passes_eleven_check(number: str) -> bool:
    """Whether nine ASCII digits pass the 11-check.

    >>> passes_eleven_check("123456782"), passes_eleven_check("123456789")
    (True, False)
    """
    return (
        sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=True)) % 11 == 0
    )


def find_bsn(text: str, *, eight_digits: bool = False) -> bool:
    """Whether a text holds a BSN.

    >>> find_bsn("P123456782"), find_bsn("+31 6 12345678"), find_bsn("000000000")
    (True, False, False)
    """
    return bool(passing_numbers(text, eight_digits=eight_digits))


def passing_numbers(text: str, *, eight_digits: bool = False) -> tuple[str, ...]:
    """List the distinct numbers in a text that pass the 11-check, to be counted and not shown."""
    numbers = nine_digit_numbers(text, eight_digits=eight_digits)
    return tuple(filter(passes_eleven_check, numbers))
