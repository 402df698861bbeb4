"""Who carries a contract out: taken over from a day on by another organisation.

The amendments say so, and `follow_chain` alone writes it in the parties, from which access follows
(docs/decisions/0029).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from telmee.apps.agreements.choices import Kind
from telmee.apps.agreements.models import Version
from telmee.apps.contracts.choices import DELIVERING_ROLES, Ground, PartyRole, Takeover
from telmee.apps.contracts.models import Contract, Party
from telmee.core.errors import Problem
from telmee.core.ledger import (
    CONTRACTOR,
    FIRST_CONTRACTOR,
    Amendment,
    Facts,
    carrier_on,
    carriers_of,
    formers_of,
)

#: The fact that says how a contract was taken over.
HOW = "takeover"
_CARRYING = (PartyRole.CONTRACTOR, PartyRole.FORMER)


def takeover_facts(organisation_id: int, how: Takeover) -> Facts:
    """The facts of a takeover: who carries the contract out from its day on, and how that came."""
    return {CONTRACTOR: organisation_id, HOW: str(how)}


def first_carrier(contract: Contract) -> Facts:
    """The fact that says who carried a contract out before its first takeover; none after it."""
    if contract.amendments.filter(ground=Ground.TAKEN_OVER):
        return {}
    first = _parties(contract).filter(role=PartyRole.CONTRACTOR).first()
    return {} if first is None else {FIRST_CONTRACTOR: first.organisation_id}


def parties_to_tell(parties: Iterable[Party]) -> list[list[object]]:
    """All parties of a contract as the journal has them: the check holds the parties to it."""
    return sorted(
        [party.organisation_id, str(party.role), party.since and party.since.isoformat()]
        for party in parties
    )


def takeover_faults(
    contract: Contract, chain: Iterable[Amendment], facts: Facts, day: date
) -> Iterator[Problem]:
    """What is wrong with a takeover from a day on; `chain` is the contract's with it.

    Only one of today or before is recorded: what somebody sees changes at once.
    """
    parties = list(Party.objects.filter(contract=contract))
    if not any(party.role == PartyRole.CONTRACTOR for party in parties):
        yield Problem("takeover_of_nobody")
        return
    carriers = carriers_of(list(chain)[:-1])
    now = next(party for party in parties if party.role == PartyRole.CONTRACTOR)
    before = carrier_on(carriers, day) or now.organisation_id
    if facts[CONTRACTOR] == before:
        yield Problem("takeover_by_itself", "organisatie")
    if any(
        party.organisation_id == facts[CONTRACTOR] and party.role not in DELIVERING_ROLES
        for party in parties
    ):
        yield Problem("both_sides", "organisatie")
    if day > timezone.localdate():
        yield Problem("takeover_to_come", "vanaf")
    waiting = Version.objects.waiting().filter(contract=contract)
    if waiting.filter(agreement__kind=Kind.SETTLEMENT).exists():
        yield Problem("takeover_settlement_waits")


def follow_chain(contract: Contract, chain: Iterable[Amendment]) -> list[Party]:
    """Let the parties say who carries a contract out now and who did; gives those that changed.

    Who was recorded by mistake is no party any more, unless he handed something in meanwhile: then
    he carried it out on no day, and keeps reading that.
    """
    links = list(chain)
    carriers = carriers_of(links)
    now, formers = carriers[-1], formers_of(carriers)
    parties = list(_parties(contract))
    known = {party.organisation_id for party in parties} | {one.organisation for one in carriers}
    for organisation_id in known - {now.organisation} - formers.keys():
        if _left_something(contract.pk, organisation_id):
            formers[organisation_id] = carriers[0].since
    wanted: dict[tuple[str, int], date | None] = {
        (PartyRole.FORMER, organisation_id): day for organisation_id, day in formers.items()
    }
    wanted[PartyRole.CONTRACTOR, now.organisation] = now.since if len(carriers) > 1 else None
    changed = []
    for party in parties:
        key = (party.role, party.organisation_id)
        if key not in wanted:
            party.delete()
        elif (since := wanted.pop(key)) != party.since:
            party.since = since
            party.save(update_fields=["since"])
            changed.append(party)
    for (role, organisation_id), since in wanted.items():
        its = {"organisation_id": organisation_id, "role": role, "since": since}
        changed.append(Party.objects.create(contract=contract, **its))
    return changed


def _parties(contract: Contract) -> QuerySet[Party]:
    return Party.objects.filter(contract=contract, role__in=_CARRYING)


def _left_something(contract_id: int, organisation_id: int) -> bool:
    """Whether an organisation has effort or agreements on a contract.

    Effort is a room above this one; the database tells.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT telmee_left_something(%s, %s)", [contract_id, organisation_id])
        return bool(cursor.fetchone()[0])
