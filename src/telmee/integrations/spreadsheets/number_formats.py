"""What the format of a cell puts around a number: a percent sign, a currency, a word.

The codes of number formats are those of section 18.8.31 of ECMA-376; parts between semicolons are
for positive numbers, negative ones, zero and text. The first says what a number looks like.
"""

from __future__ import annotations

import re

from telmee.core.tables.signs import telling_sign

#: Formats that a workbook does not write out, by number: percentages without and with decimals.
BUILT_IN_PERCENT = (9, 10)

_PART = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[[^\]]*\]|[_*].'
    r"|(?P<end>;)|(?P<plain>.)",
    re.DOTALL,
)
_ABOUT_SIZE = re.compile(r"\[\s*[<>=]")


def sign_of_format(code: str) -> str:
    """What the code of a number format puts around a number; empty where it changes nothing.

    >>> sign_of_format("0.00%"), sign_of_format("[$$-409]#,##0.00"), sign_of_format('0 "fte"')
    ('%', '$', 'fte')
    >>> sign_of_format('_ "€ "* #,##0.00_ '), sign_of_format("0.00"), sign_of_format("[$EUR] 0")
    ('', '', '')
    """
    literal: list[str] = []
    for part in _PART.finditer(code):
        if part["end"] and not _ABOUT_SIZE.search(code):
            break
        plain = part["plain"] or ""
        if plain == "%":
            return "%"
        literal += part["quoted"] or part["escaped"] or part["currency"] or ""
        literal += plain if not plain.isalnum() and plain not in "#?.,/@+-" else ""
    return telling_sign("".join(literal))
