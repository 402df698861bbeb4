"""Codes of persons that are not the same, but so alike that one of them may be a slip.

Codes are near-equal when they differ only by zeros before a number, by hyphens, spaces or other
signs between the letters and digits: `K-020` and `K-20`, `007` and `7`, `K 20` and `K20`. They stay
two persons; somebody is asked to look.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

#: So many near-equal codes of a person are named; a file of nothing but those must not cost its
#: square.
NAMED_MAX = 20

_SIGN = r"(?:[^\w\n]|_)+"
_SIGNS = re.compile(_SIGN)
_BETWEEN_DIGITS = re.compile(rf"(?<=[0-9]){_SIGN}(?=[0-9])")
_ELSEWHERE = re.compile(rf"(?<![0-9]){_SIGN}|{_SIGN}(?![0-9])")
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")


def near_forms(codes: str) -> tuple[str, str]:
    """What is left of a code without zeros before its numbers: in parts, and as a whole.

    In parts, a sign between two digits stays, as a hyphen; as a whole no sign does. Of several
    codes, a line each, what is left is a line each.

    >>> near_forms("k-1-02"), near_forms("007")
    (('k1-2', 'k102'), ('7', '7'))
    """
    parts = _ELSEWHERE.sub("", _BETWEEN_DIGITS.sub("-", codes))
    return _ZEROS.sub("", parts), _ZEROS.sub("", _SIGNS.sub("", codes))


def near_persons(codes: Sequence[str]) -> dict[int, tuple[int, ...]]:
    """By the number of a person, those with a near-equal code; who has none is left out.

    `codes` are compared forms (`person_key`), each once; an empty one is near nobody. Codes are
    near when they have the same parts (`K-1-02`, `K1-2`), or are the same as a whole and one of
    them has no parts (`K-1-2`, `K12`): `K151-02` and `K15-102` differ. No pairs are compared, so a
    million codes take about a second.
    """
    both = near_forms("\n".join(code.replace("\n", " ") for code in codes))
    same_parts: dict[str, list[int]] = defaultdict(list)
    with_parts: dict[str, list[int]] = defaultdict(list)
    without: dict[str, list[int]] = defaultdict(list)
    for person, (parts, whole) in enumerate(zip(*(f.split("\n") for f in both), strict=True)):
        if whole:
            same_parts[parts].append(person)
            (with_parts if "-" in parts else without)[whole].append(person)
    alike = [(persons, persons) for persons in same_parts.values() if len(persons) > 1]
    for whole in without.keys() & with_parts.keys():
        alike.append((without[whole], with_parts[whole]))
        alike.append((with_parts[whole], without[whole]))
    near: dict[int, set[int]] = defaultdict(set)
    for persons, others in alike:
        for person in persons:
            near[person].update(others[: NAMED_MAX + 1])
    return {person: tuple(sorted(others - {person})[:NAMED_MAX]) for person, others in near.items()}
