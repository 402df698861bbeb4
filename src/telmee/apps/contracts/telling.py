"""Notices to a party to a contract about what another did, in the transaction of the deed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from django.urls import reverse

from telmee.apps.contracts.access import ContractAccess
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.notices.actions import About, Reader, write_notice
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


def tell_party(
    access: ContractAccess,
    organisation_id: int,
    code: str,
    *,
    event: str,
    page: str,
    facts: Mapping[str, Any],
    args: Sequence[int] | None = None,
    doer_too: bool = False,
) -> None:
    """Write a notice to everybody who works for a party, each in his own language.

    `facts` are added to the reference and the name of the contract, and to the address of the page
    called `page`: the contract's, or that of `args`. `event` names the event among those of this
    code. Who did it himself is not told, but with `doer_too`, of a receipt.
    """
    contract = access.contract
    known = {
        "reference": contract.reference,
        "contract": contract.name,
        "url": settings.SITE_URL + reverse(page, args=args or [contract.pk]),
    }
    about = About(organisation_id=organisation_id, contract_id=contract.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT user_id, language FROM telmee_readers_at(%s, %s)",
            [contract.pk, organisation_id],
        )
        rows = cursor.fetchall()
    for user_id, language in rows:
        if doer_too or user_id != access.acting.user_id:
            reader = Reader(user_id=user_id, language=language)
            write_notice(code, reader, event=event, facts={**known, **facts}, about=about)


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
    for contract_id, organisation_id, user_id, language in rows:
        write_notice(
            code,
            Reader(user_id=user_id, language=language),
            event=event,
            facts={**facts, "url": settings.SITE_URL + reverse(page, args=[contract_id])},
            about=About(organisation_id=organisation_id, contract_id=contract_id),
        )
