"""Check the number of an organisation, and give it as it is kept.

Sources: the Handelsregister for KvK number and RSIN; for the OIN the standard "OIN-Stelsel" of
Logius, chapter 6 (https://logius-standaarden.github.io/OIN-Stelsel/): a prefix of eight digits
that names the register, the number there, and zeros up to twenty digits.
"""

from __future__ import annotations

import re

from stdnum.nl.bsn import is_valid as passes_rsin_check

from telmee.core.errors import DomainError, Problem

_BETWEEN = re.compile(r"[\s.\-]")
_OIN = re.compile(r"0000000[1-9][0-9]{12}")
_OF_RSIN = re.compile(r"00000001([0-9]{9})000")
_OF_KVK = re.compile(r"00000003([0-9]{8})0000")


def check_kvk(text: str) -> str:
    """A KvK number without blanks: eight digits, which have no check digit among them.

    Raises `DomainError` `bad_kvk`.

    >>> check_kvk("1234 5678")
    '12345678'
    """
    number = _compact(text)
    if not _is_kvk(number):
        raise DomainError(Problem("bad_kvk", "kvk"))
    return number


def check_rsin(text: str) -> str:
    """An RSIN without blanks: nine digits that pass the 11-check, as a BSN does.

    The two numbers share their check, so nobody can tell one from the other: an RSIN is asked for
    in a field of its own and never looked for in a text. Raises `DomainError` `bad_rsin`.

    >>> check_rsin("1112.22.333")
    '111222333'
    """
    number = _compact(text)
    if not _is_rsin(number):
        raise DomainError(Problem("bad_rsin", "rsin"))
    return number


def check_oin(text: str) -> str:
    """An OIN without blanks: twenty digits; one made of an RSIN or a KvK number is checked as such.

    Raises `DomainError` `bad_oin`.

    >>> check_oin("00000001 111222333 000")
    '00000001111222333000'
    """
    number = _compact(text)
    if not _is_oin(number):
        raise DomainError(Problem("bad_oin", "oin"))
    return number


def _compact(text: str) -> str:
    return _BETWEEN.sub("", text)


def _is_digits(number: str, length: int) -> bool:
    """Whether it is a number of some length; all zeros is no number."""
    digits = len(number) == length and number.isascii() and number.isdecimal()
    return digits and number.strip("0") != ""


def _is_kvk(number: str) -> bool:
    return _is_digits(number, 8)


def _is_rsin(number: str) -> bool:
    return _is_digits(number, 9) and passes_rsin_check(number)


def _is_oin(number: str) -> bool:
    if number.startswith("00000001"):
        of_rsin = _OF_RSIN.fullmatch(number)
        return of_rsin is not None and _is_rsin(of_rsin[1])
    if number.startswith("00000003"):
        of_kvk = _OF_KVK.fullmatch(number)
        return of_kvk is not None and _is_kvk(of_kvk[1])
    return _OIN.fullmatch(number) is not None
