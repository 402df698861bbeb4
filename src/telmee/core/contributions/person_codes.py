"""Which codes of persons are one person: spelled with other capitals or white space, they are.

A code is compared after Unicode NFKC, without case and with white space folded; as it was typed it
stays in the file, on screen and in a receipt (docs/algorithms/valuation.md section 5).
"""

from __future__ import annotations

from unicodedata import normalize

import numpy as np

from telmee.core.tables.columns import NOTHING, Coded

#: All signs that Unicode calls white space, but for the one between codes that are looked at as one
#: text.
_SPACES = tuple(sign for sign in map(chr, range(0x3001)) if sign.isspace() and sign != "\n")


def person_key(code: str) -> str:
    """The form in which a code is compared: the same for all spellings of one person.

    >>> person_key("P1") == person_key(" p1 "), person_key("x  7"), person_key("K-020")
    (True, 'x 7', 'k-020')
    """
    return " ".join(_without_case(code).split())


def persons_of(codes: Coded) -> Coded:
    """A column of codes with one number for each person; its names are the compared forms.

    Most columns are as they were. The texts are folded all at once, so that a batch of a million
    lines hardly costs more for it.
    """
    keys = _keys(codes.names)
    if keys == codes.names:
        return codes
    if len(set(keys)) == len(keys):
        return Coded(codes.codes, keys)
    number = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    of_code = np.array([*(number[key] for key in keys), NOTHING], dtype=np.int32)
    return Coded(of_code[codes.codes], tuple(number))


def _keys(names: tuple[str, ...]) -> tuple[str, ...]:
    """The compared forms of codes; all at once, for each by itself takes many times as long."""
    text = "\n".join(names)
    if text.count("\n") >= len(names):  # a line break inside a code would make two of it
        return tuple(map(person_key, names))
    folded = _without_case(text)
    if any(space in folded for space in _SPACES):
        return tuple(" ".join(key.split()) for key in folded.split("\n"))
    return names if folded == text else tuple(folded.split("\n"))


def _without_case(text: str) -> str:
    if text.isascii():
        return text.lower()
    return normalize("NFKC", normalize("NFKC", text).casefold())
