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

_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_SIGNS = re.compile(r"[^\w\n]|_")


def near_persons(codes: Sequence[str]) -> dict[int, tuple[int, ...]]:
    """By the number of a person, those with a near-equal code; who has none is left out.

    `codes` are compared forms (`person_key`), each once; an empty one is near nobody. Zeros are
    left out before the signs, so that `K-1-02` is near `K-1-2`, and after them, so that `K-02` is
    near `K02`: codes with a form in common are near. No pairs are compared, so a million codes
    take about a second.
    """
    text = "\n".join(code.replace("\n", " ") for code in codes)
    forms = (_SIGNS.sub("", _ZEROS.sub("", text)), _ZEROS.sub("", _SIGNS.sub("", text)))
    with_form: dict[str, list[int]] = defaultdict(list)
    for person, (first, second) in enumerate(zip(*(f.split("\n") for f in forms), strict=True)):
        if first:
            with_form[first].append(person)
        if second and second != first:
            with_form[second].append(person)
    near: dict[int, set[int]] = defaultdict(set)
    for persons in with_form.values():
        if len(persons) > 1:
            for person in persons:
                near[person].update(persons[: NAMED_MAX + 1])
    return {person: tuple(sorted(others - {person})[:NAMED_MAX]) for person, others in near.items()}
