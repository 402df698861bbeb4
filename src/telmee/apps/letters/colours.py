"""Whether a colour can be read on white, as the guidelines for accessible pages reckon it.

Source: WCAG 2.2, success criterion 1.4.3 and the definitions of contrast ratio and relative
luminance, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
"""

from __future__ import annotations

import re
from fractions import Fraction

#: What words of an ordinary size need beside their ground.
CONTRAST_LEAST = Fraction(9, 2)
_COLOUR = re.compile(r"#[0-9a-f]{6}")


def is_colour(text: str) -> bool:
    """Whether a text is a colour as it is kept: `#`, and two figures each of red, green and blue.

    >>> is_colour("#154273"), is_colour("#FFF"), is_colour("red")
    (True, False, False)
    """
    return _COLOUR.fullmatch(text) is not None


def contrast_on_white(colour: str) -> float:
    """How many times lighter white is than a colour: from 1 for white itself to 21 for black.

    >>> [round(contrast_on_white(colour), 2) for colour in ("#000000", "#ffffff", "#777777")]
    [21.0, 1.0, 4.48]
    """
    red, green, blue = (_linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(value: int) -> float:
    part = value / 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
