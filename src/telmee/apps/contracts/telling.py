"""Notices to a party to a contract about what another did, in the transaction of the deed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from django.urls import reverse

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contracts.choices import DECIDING_ROLES, PartyRole
from telmee.apps.notices.actions import About, Addressed, Reader, write_notices
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import as_array

#: Who works for a party to one of several contracts, once each, with the first that he sees.
_READERS = """
SELECT DISTINCT ON (r.user_id) p.contract_id, p.organisation_id, r.user_id, r.language
FROM contracts_party p CROSS JOIN LATERAL telmee_readers_at(p.contract_id, p.organisation_id) r
WHERE p.contract_id = ANY (%s::bigint[]) AND p.role = ANY (%s)
  AND r.user_id IS DISTINCT FROM %s
ORDER BY r.user_id, p.contract_id
"""
#: Who works for each of some parties to a contract, party by party.
_READERS_AT = """
SELECT party.id, r.user_id, r.language
FROM unnest(%s::bigint[]) WITH ORDINALITY party(id, place)
CROSS JOIN LATERAL telmee_readers_at(%s, party.id) r
ORDER BY party.place, r.user_id
"""


def tell_party(
    access: ContractAccess, organisation_id: int, code: str, *, doer_too: bool = False, **what: Any
) -> None:
    """Write a notice to everybody who works for a party: `tell_some` of this one, and of all."""
    tell_some(access, [organisation_id], code, doer_too=doer_too, **what)


def tell_some(
    access: ContractAccess,
    organisation_ids: Iterable[int],
    code: str,
    *,
    event: str,
    page: str,
    facts: Mapping[str, Any],
    args: Sequence[int] | None = None,
    people: Collection[int] = (),
    doer_too: bool = False,
) -> None:
    """Write a notice to who works for parties, each in his own language.

    Where some of `people` work there, they alone are told: those whom it is for. `facts` are added
    to the reference and the name of the contract, and to the address of the page called `page`: the
    contract's, or that of `args`. `event` names the event among those of this code. Who did it
    himself is not told, but with `doer_too`, of a receipt.
    """
    contract = access.contract
    known = {
        "reference": contract.reference,
        "contract": contract.name,
        "url": settings.SITE_URL + reverse(page, args=args or [contract.pk]),
    }
    readers = _readers_at(contract.pk, organisation_ids)
    concerned = [row for row in readers if row[1] in people] or readers
    write_notices(
        code,
        [
            Addressed(
                Reader(user_id=user_id, language=language),
                About(organisation_id=organisation_id, contract_id=contract.pk),
                {**known, **facts},
            )
            for organisation_id, user_id, language in concerned
            if doer_too or user_id != access.acting.user_id
        ],
        event=event,
    )


def _readers_at(contract_id: int, organisation_ids: Iterable[int]) -> list[tuple[int, int, str]]:
    """Who works for each of these parties: its id, theirs, and their language."""
    with connection.cursor() as cursor:
        cursor.execute(_READERS_AT, [as_array(organisation_ids), contract_id])
        return list(cursor.fetchall())


def tell_parties(
    acting: Acting,
    contract_ids: Iterable[int],
    roles: Iterable[PartyRole],
    code: str,
    *,
    event: str,
    page: str,
    facts: Mapping[str, Any],
) -> None:
    """Write a notice to everybody who works for a party to one of several contracts, once each.

    For what holds for all of them alike. The page called `page` is that of the first that he sees.
    Who did it himself is not told.
    """
    with connection.cursor() as cursor:
        cursor.execute(_READERS, [as_array(contract_ids), list(roles), acting.user_id])
        rows = cursor.fetchall()
    write_notices(
        code,
        [
            Addressed(
                Reader(user_id=user_id, language=language),
                About(organisation_id=organisation_id, contract_id=contract_id),
                {**facts, "url": settings.SITE_URL + reverse(page, args=[contract_id])},
            )
            for contract_id, organisation_id, user_id, language in rows
        ],
        event=event,
    )


def deciding_parties(access: ContractAccess) -> list[int]:
    """The ids of who decides on a contract: its client, and a regional team where it has one."""
    return [party.organisation_id for party in access.parties if party.role in DECIDING_ROLES]


def who_looks_after(contract_id: int) -> frozenset[int]:
    """The ids of the adviser of a contract and of who stands in for him today; of nobody yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT telmee_looking_after(%s)", [contract_id])
        (people,) = cursor.fetchone()
    return frozenset(people)
