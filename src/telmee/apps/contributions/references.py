"""References for new lines, in the way of numbering that a contractor already has."""

from __future__ import annotations

import re

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contributions.models import Contribution
from telmee.core.bsn import find_bsn

_NUMBERED = re.compile(r"(.*?)(\d{1,6})")
_FIRST = ("", "001")


def references_after(access: ContractAccess, count: int) -> list[str]:
    """References that one's own organisation has not used on a contract. Runs one query.

    They count on from the last line that ends in a number.
    """
    own = Contribution.objects.filter(
        contract=access.contract, organisation=access.delivering_for
    ).order_by("-id")
    used = list(own.values_list("reference", flat=True))
    numbered = (match for text in used if (match := _NUMBERED.fullmatch(text)))
    last = next(numbered, None)
    prefix, digits = last.groups() if last else _FIRST
    number = int(digits) + 1 if last else 1
    taken = set(used)
    given: list[str] = []
    while len(given) < count:
        reference = f"{prefix}{number:0{len(digits)}d}"
        if reference not in taken and not find_bsn(reference):
            given.append(reference)
        number += 1
    return given
