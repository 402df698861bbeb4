"""Notices to a party to a contract about what another did, in the transaction of the deed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

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
SELECT DISTINCT ON (r.user_id) r.contract_id, r.organisation_id, r.user_id, r.language
FROM (
    SELECT array_agg(contract_id) AS contracts, array_agg(organisation_id) AS parties
    FROM contracts_party WHERE contract_id = ANY (%s::bigint[]) AND role = ANY (%s)
) of_these CROSS JOIN LATERAL telmee_readers_at(contracts, parties) r
WHERE r.user_id IS DISTINCT FROM %s
ORDER BY r.user_id, r.contract_id
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
    readers = _readers_at((contract.pk, organisation_id) for organisation_id in organisation_ids)
    concerned = [one for one in readers if one.user_id in people] or readers
    write_notices(
        code,
        [
            one.addressed({**known, **facts})
            for one in concerned
            if doer_too or one.user_id != access.acting.user_id
        ],
        event=event,
    )


class _ReaderAt(NamedTuple):
    """Who works for a party to a contract, and his language."""

    contract_id: int
    organisation_id: int
    user_id: int
    language: str

    def addressed(self, facts: Mapping[str, Any]) -> Addressed:
        """What he is written about the contract, as one of that party."""
        return Addressed(
            Reader(user_id=self.user_id, language=self.language),
            About(organisation_id=self.organisation_id, contract_id=self.contract_id),
            facts,
        )


def _readers_at(parties: Iterable[tuple[int, int]]) -> list[_ReaderAt]:
    """Who works for parties, each the ids of a contract and an organisation; in their order."""
    pairs = list(parties)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT contract_id, organisation_id, user_id, language FROM telmee_readers_at(%s, %s)",
            [as_array(pair[place] for pair in pairs) for place in (0, 1)],
        )
        return [_ReaderAt(*row) for row in cursor]


def tell_together(
    parties: Sequence[tuple[ContractAccess, int]],
    code: str,
    *,
    event: str,
    facts: Callable[[Sequence[ContractAccess]], Mapping[str, Any]],
) -> None:
    """Write one notice to each who works for parties to contracts, of all that are open to him.

    `facts` are made of those contracts. Who did it himself is not told.
    """
    accesses = {access.contract.pk: access for access, _ in parties}
    readers: dict[int, dict[int, _ReaderAt]] = defaultdict(dict)
    for one in _readers_at((access.contract.pk, party) for access, party in parties):
        if one.user_id != accesses[one.contract_id].acting.user_id:
            readers[one.user_id].setdefault(one.contract_id, one)
    write_notices(
        code,
        [
            next(iter(his.values())).addressed(facts([accesses[pk] for pk in his]))
            for his in readers.values()
        ],
        event=event,
    )


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
        readers = [_ReaderAt(*row) for row in cursor]
    write_notices(
        code,
        [
            one.addressed(
                {**facts, "url": settings.SITE_URL + reverse(page, args=[one.contract_id])}
            )
            for one in readers
        ],
        event=event,
    )


def deciding_parties(access: ContractAccess) -> list[int]:
    """The ids of who decides on a contract: its client, and a regional team where it has one."""
    return [party.organisation_id for party in access.parties if party.role in DECIDING_ROLES]


def who_looks_after(contract_id: int) -> frozenset[int]:
    """The adviser of a contract and who stands in for him today, by id; empty where it has none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT telmee_looking_after(%s)", [contract_id])
        (people,) = cursor.fetchone()
    return frozenset(people)
