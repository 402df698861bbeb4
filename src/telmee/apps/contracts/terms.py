"""Terms that end soon or are over, told to whom they concern; each once, whatever the clock does.

Every app says its own terms, most by a function of the database (`telmee_term` in the migration
`0003_terms`). A term is told by what it is about and its last day, never by the day on which
somebody looks: so a job that runs twice, or on a clock that was put back, tells nothing twice. That
is all that follows from a term: silence is told as silence, and decides nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.urls import reverse

from telmee.apps.contracts.choices import DECIDING_ROLES
from telmee.apps.contracts.telling import who_looks_after
from telmee.apps.notices.actions import About, Reader, write_notice

#: What ends within so many days is told before its day.
NEAR_DAYS = 7
#: What is decided by somebody else than who decided before.
_FOR_A_SECOND = frozenset(("objection_term_near", "objection_term_missed"))
#: The page of what a term is about.
_PAGES = {
    "line": "contribution",
    "plan": "contract-plan",
    "turnover": "contract-turnover",
    "share": "contract-shares",
    "pooling": "contract-pool",
    "settlement": "contract-settlement",
    "contract": "contract",
}


class Term(NamedTuple):
    """A term on a contract that ends soon or is over, and whom to tell of it.

    `code` is the notice and `event` what it is told once for. It is told to the parties in `roles`,
    and to the one organisation `party`.
    """

    code: str
    event: str
    contract_id: int
    due_on: date
    roles: Sequence[str]
    party: int | None
    facts: Mapping[str, Any]
    about: str
    about_id: int


class _Reader(NamedTuple):
    contract_id: int
    reference: str
    name: str
    role: str
    organisation_id: int
    user_id: int
    language: str


def terms_by(function: str, today: date, days: int = NEAR_DAYS) -> list[Term]:
    """The terms that a function of the database knows, which end within some days or are over."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(Term._fields)} FROM {function}(%s, %s)",  # noqa: S608
            [today, days],
        )
        terms = map(Term._make, cursor.fetchall())
        return [term._replace(facts=json.loads(str(term.facts))) for term in terms]


def tell_of(terms: Iterable[Term]) -> None:
    """Write to everybody whom a term concerns; who was told before is not told again.

    Of who decides that is who looks after the contract; everybody where nobody does, and of what
    asks for a second person, as the first is mostly who looks after it.
    """
    every = list(terms)
    readers = _readers({term.contract_id for term in every})
    concerned = {pk: _concerned(pk, each) for pk, each in readers.items()}
    for term in every:
        some = readers if term.code in _FOR_A_SECOND else concerned
        for reader in some.get(term.contract_id, ()):
            if reader.role in term.roles or reader.organisation_id == term.party:
                _tell(term, reader)


def _tell(term: Term, reader: _Reader) -> None:
    write_notice(
        term.code,
        Reader(user_id=reader.user_id, language=reader.language),
        event=term.event,
        facts={
            "reference": reader.reference,
            "contract": reader.name,
            "due_on": str(term.due_on),
            "about": term.about,
            "decides": reader.role in DECIDING_ROLES,
            "url": settings.SITE_URL + reverse(_PAGES[term.about], args=[term.about_id]),
            **term.facts,
        },
        about=About(organisation_id=reader.organisation_id, contract_id=reader.contract_id),
    )


def _concerned(contract_id: int, readers: Sequence[_Reader]) -> list[_Reader]:
    people = who_looks_after(contract_id)
    deciding = [reader for reader in readers if reader.role in DECIDING_ROLES]
    chosen = [reader for reader in deciding if reader.user_id in people] or deciding
    return [reader for reader in readers if reader.role not in DECIDING_ROLES] + chosen


def _readers(contracts: Iterable[int]) -> dict[int, list[_Reader]]:
    rows: dict[int, list[_Reader]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(_Reader._fields)} FROM telmee_term_readers(%s)",  # noqa: S608
            [list(contracts)],
        )
        for row in map(_Reader._make, cursor.fetchall()):
            rows.setdefault(row.contract_id, []).append(row)
    return rows
