"""Whom to measure: people with few contracts and with most, and what they can open."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections

from telmee.apps.organisations.models import User

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
#: Somebody with work for each kind of party, most contracts first.
_PEOPLE = """
    SELECT m.user_id, count(DISTINCT p.contract_id) AS contracts, min(m.organisation_id)
    FROM organisations_membership m JOIN contracts_party p USING (organisation_id)
    WHERE p.role = %s AND m.role NOT IN ('reader', 'council')
    GROUP BY m.user_id ORDER BY contracts DESC, m.user_id
"""
_CONTRACTS = """
    SELECT p.contract_id FROM contracts_party p
    LEFT JOIN contributions_contribution c USING (contract_id)
    WHERE p.organisation_id = %s AND p.role IN ('client', 'contractor')
    GROUP BY p.contract_id ORDER BY count(c.id) DESC LIMIT 20
"""
_POOLED = """
    SELECT p.contract_id FROM agreements_pooling p JOIN contracts_party o USING (contract_id)
    WHERE o.organisation_id = %s AND o.role IN ('client', 'contractor')
      AND (p.part_bp IS NOT NULL) = %s ORDER BY 1 LIMIT 1
"""
_OVER_TURNOVER = """
    SELECT k.id FROM contracts_contract k JOIN contracts_party o ON o.contract_id = k.id
    WHERE o.organisation_id = %s AND o.role IN ('client', 'contractor') AND k.over_turnover
    ORDER BY 1 LIMIT 1
"""
_WAITING = """
    SELECT c.id, c.version, c.value_cents FROM contributions_contribution c
    JOIN contracts_party p USING (contract_id) JOIN contracts_contract k ON k.id = c.contract_id
    WHERE p.organisation_id = %s AND p.role = 'client' AND c.state = 'submitted'
      AND c.value_status = 'valued' AND k.closed_on IS NULL
    ORDER BY c.id LIMIT %s
"""


@dataclass(slots=True)
class Person:
    """Somebody who signed in, with the contracts that he opens: those with most lines first."""

    user: int
    organisation: int
    contracts: int
    cookie: str = ""
    opens: list[int] = field(default_factory=list)


def people(role: str, count: int) -> list[Person]:
    """Who has most contracts in a role, and others evenly down to who has one."""
    candidates = [Person(user, org, contracts) for user, contracts, org in _ask(_PEOPLE, role)]
    step = max(1, len(candidates) // count)
    chosen = candidates[::step][:count]
    for person in chosen:
        person.cookie = _sign_in(person.user)
        person.opens = [contract for (contract,) in _ask(_CONTRACTS, person.organisation)]
    return chosen


def waiting(person: Person, count: int) -> list[str]:
    """Lines that wait for somebody, as the queue's form writes them."""
    return [
        f"{pk}:{version}:{cents}"
        for pk, version, cents in _ask(_WAITING, person.organisation, count)
    ]


def pooled(person: Person, *, in_parts: bool) -> list[int]:
    """A contract of somebody that is in a pool or, `in_parts`, an initiative, if there is one."""
    return [contract for (contract,) in _ask(_POOLED, person.organisation, in_parts)]


def over_turnover(person: Person) -> list[int]:
    """A contract of somebody that reckons over turnover, if there is one in the register."""
    return [contract for (contract,) in _ask(_OVER_TURNOVER, person.organisation)]


def _sign_in(user_id: int) -> str:
    """Make the session that signing in would have made."""
    user = User.objects.get(pk=user_id)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = _BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["signed_in_at"] = int(time.time())
    session.create()
    return str(session.session_key)


def _ask(query: str, *values: str | int) -> list[tuple[int, ...]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
