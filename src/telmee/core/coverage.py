"""Whether a purchase is a contract of the register: what speaks for it, and how sure that is.

A list of purchases and a register are kept by different people. They share no key: the number in
the trade register is often left out, a name is written in several ways, an amount is with an option
or without. So nothing is taken for the same by itself: what is alike is said, and a person confirms
it. The comparison is of names as they are searched (`search_key`), without legal forms.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Sign(StrEnum):
    """One thing that a purchase and a contract share, the strongest first."""

    REFERENCE = "reference"
    NUMBER = "number"
    NAME = "name"
    AMOUNT = "amount"
    NEAR_AMOUNT = "near_amount"
    DAY = "day"


class Sureness(StrEnum):
    """How sure it is that a purchase is a contract, the surest first."""

    SURE = "sure"
    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Bought:
    """A purchase as it is compared. `kvk` and `reference` are empty where the list has none."""

    supplier: str
    kvk: str
    cents: int
    day: date
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """A contract as it is compared, with its contractor; `awarded` is None where nobody said."""

    id: int
    reference: str
    contractor: str
    kvk: str
    cents: int
    start: date
    end: date
    awarded: date | None = None


@dataclass(frozen=True, slots=True)
class Likeness:
    """A contract that a purchase may be, with what speaks for it."""

    contract_id: int
    sureness: Sureness
    signs: tuple[Sign, ...]


#: Amounts that differ by no more than this part of the larger one are near each other.
_NEAR = 10
#: A purchase is booked some time around the award or the first day of its contract.
_AROUND = timedelta(days=92)
#: Words of a name that say nothing of who it is.
_FORMS = re.compile(
    r"\b(?:b\.?\s?v\.?|n\.?\s?v\.?|v\.?o\.?f\.?|stichting|vereniging|cooperatie|holding|groep"
    r"|group|nederland|de|het|the)(?=\s|$|,)"
)
_SIGNS = re.compile(r"[^a-z0-9]+")
#: What is proposed beside a purchase; more nobody weighs.
_MOST = 5


def plain_supplier(name: str) -> str:
    """A name, as it is searched, without its legal form and signs; itself where nothing is left.

    >>> plain_supplier("bouwbedrijf de eem b.v."), plain_supplier("stichting de groep")
    ('bouwbedrijfeem', 'stichtingdegroep')
    """
    return _SIGNS.sub("", _FORMS.sub(" ", name)) or _SIGNS.sub("", name)


def likeness(bought: Bought, contract: Registered) -> Likeness | None:
    """What speaks for a purchase being a contract; None where that is too little to ask anybody.

    Who it is decides first: a purchase of another number in the trade register is another one,
    whatever the name, unless it bears the reference of the contract.
    """
    same_reference = _is_reference(bought.reference, contract.reference)
    numbers = bool(bought.kvk and contract.kvk)
    same_number = numbers and bought.kvk == contract.kvk
    same_name = bool(bought.supplier) and bought.supplier == contract.contractor
    signs = {
        Sign.REFERENCE: same_reference,
        Sign.NUMBER: same_number,
        Sign.NAME: same_name,
        Sign.AMOUNT: bought.cents == contract.cents,
        Sign.NEAR_AMOUNT: bought.cents != contract.cents and _is_near(bought.cents, contract.cents),
        Sign.DAY: _is_around(bought.day, contract),
    }
    sureness = _sureness(signs, other_number=numbers and not same_number)
    if sureness is None:
        return None
    return Likeness(contract.id, sureness, tuple(sign for sign in Sign if signs[sign]))


def _sureness(signs: dict[Sign, bool], *, other_number: bool) -> Sureness | None:
    is_who = signs[Sign.NUMBER] or (signs[Sign.NAME] and not other_number)
    if signs[Sign.REFERENCE]:
        return Sureness.SURE if is_who else Sureness.LIKELY
    if not is_who:
        return None
    if signs[Sign.NUMBER] and signs[Sign.AMOUNT] and signs[Sign.DAY]:
        return Sureness.SURE
    amount = signs[Sign.AMOUNT] or signs[Sign.NEAR_AMOUNT]
    if amount and signs[Sign.DAY]:
        return Sureness.LIKELY
    return Sureness.POSSIBLE if amount or signs[Sign.DAY] else None


def _is_reference(one: str, other: str) -> bool:
    plain = _SIGNS.sub("", one.casefold())
    return bool(plain) and plain == _SIGNS.sub("", other.casefold())


def _is_near(one: int, other: int) -> bool:
    return abs(one - other) * _NEAR <= max(one, other)


def _is_around(day: date, contract: Registered) -> bool:
    """Whether a day is near the award of a contract or its first day, or between them."""
    days = [contract.start, *([contract.awarded] if contract.awarded else [])]
    return min(days) - _AROUND <= day <= max(days) + _AROUND


class Register:
    """The contracts of a client, to look purchases up in: only those that share something."""

    def __init__(self, contracts: Iterable[Registered]) -> None:
        self._by: dict[str, list[Registered]] = defaultdict(list)
        for contract in contracts:
            for key in self._keys(contract.reference, contract.kvk, contract.contractor):
                self._by[key].append(contract)

    @staticmethod
    def _keys(reference: str, kvk: str, name: str) -> set[str]:
        parts = {"r": _SIGNS.sub("", reference.casefold()), "k": kvk, "n": name}
        return {f"{mark} {part}" for mark, part in parts.items() if part}

    def alike(self, bought: Bought) -> list[Likeness]:
        """The contracts that a purchase may be, the surest first; a few at most."""
        near: dict[int, Registered] = {}
        for key in self._keys(bought.reference, bought.kvk, bought.supplier):
            near |= {contract.id: contract for contract in self._by.get(key, ())}
        alike = [one for contract in near.values() if (one := likeness(bought, contract))]
        order = list(Sureness)
        alike.sort(key=lambda one: (order.index(one.sureness), -len(one.signs), one.contract_id))
        return alike[:_MOST]

    def proposal(self, bought: Bought) -> Likeness | None:
        """The one contract to propose first; None where two are equally likely, or none is."""
        alike = self.alike(bought)
        if not alike:
            return None
        first, *others = alike
        equal = [one for one in others if one.sureness is first.sureness]
        same = [one for one in equal if len(one.signs) == len(first.signs)]
        return None if same else first
