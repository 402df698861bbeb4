"""For whom an employer's sign-in (OpenID Connect) vouches: his mail domains and organisations.

Nothing here asks the employer: what he says of somebody counts only within these bounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # `serve` judges the settings before there are models
    from telmee.apps.organisations.models import Organisation

#: A name in full, with a dot in it, as DNS writes it.
_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_NUMBER = re.compile(r"\d{8}|\d{20}")


@dataclass(frozen=True, slots=True)
class Employer:
    """The mail domains of an employer, and the KvK or OIN numbers of his organisations if given."""

    domains: frozenset[str]
    numbers: frozenset[str] = frozenset()

    def vouches_for(self, email: str) -> bool:
        """Whether an address is of one of his domains; one under it is another domain.

        A sign outside ASCII before the `@` is refused: it may turn into another person's letter
        in small letters.
        """
        person, at, domain = email.partition("@")
        if not (person and at and person.isascii() and "@" not in domain):
            return False
        return domain_of(domain) in self.domains

    def is_bound_to(self, organisations: Iterable[Organisation]) -> bool:
        """Whether one of somebody's organisations is his; without numbers all are."""
        numbers = {number for each in organisations for number in (each.kvk, each.oin) if number}
        return not self.numbers or bool(numbers & self.numbers)


def employer_of(app: Any) -> Employer:
    """Read what a provider of `TELMEE_OIDC` is bound to; without domains it vouches for nobody."""
    bounds = app.settings
    domains = frozenset(filter(None, map(domain_of, bounds.get("domains", ()))))
    return Employer(domains, frozenset(bounds.get("organisations", ())))


def domain_of(text: str) -> str:
    """Write a mail domain as DNS does; empty where it is none."""
    try:
        name = text.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    return name if _NAME.fullmatch(name) else ""


def is_bound(entry: object) -> bool:
    """Whether an entry of `TELMEE_OIDC` names its domains, and numbers that can be ones."""
    bounds = entry.get("settings") if isinstance(entry, dict) else None
    if not isinstance(bounds, dict):
        return False
    domains, numbers = bounds.get("domains"), bounds.get("organisations", [])
    if not (isinstance(domains, list) and domains and isinstance(numbers, list)):
        return False
    sound = all(isinstance(each, str) and domain_of(each) for each in domains)
    return sound and all(isinstance(each, str) and _NUMBER.fullmatch(each) for each in numbers)
