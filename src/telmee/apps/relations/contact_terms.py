"""By when somebody is in touch about a contract, as its client chose, and choosing that."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from telmee.apps.audit.actions import record
from telmee.apps.contracts.choices import PartyRole
from telmee.apps.contracts.models import Contract, Party
from telmee.apps.contracts.queries import ListedContract
from telmee.apps.organisations.acting import Acting
from telmee.apps.organisations.many import listed
from telmee.apps.organisations.models import Organisation
from telmee.apps.organisations.prepared import prepared
from telmee.apps.relations.models import ContactTerm
from telmee.apps.relations.queries import last_contacts
from telmee.core.contact_terms import ContactTerms
from telmee.core.errors import DomainError, Problem
from telmee.core.free_text import require_none

_NOTHING_CHOSEN = ContactTerms()


class NextContact(NamedTuple):
    """The last day for the next contact about a contract, and whether it is the first one."""

    due: date
    is_first: bool


@transaction.atomic
def choose_contact_terms(
    acting: Acting,
    *,
    organisation_id: int,
    first_weeks: int | None,
    every_weeks: int | None,
    report_period: str = "",
    today: date,
) -> None:
    """Choose how soon and how often a client wants to be in touch; without a number never.

    With a `report_period` its contractors report on each period that ends from today on.

    Only its own manager does. Raises `not_allowed` and `contact_weeks_out_of_range`.
    """
    client = Organisation.objects.filter(pk=organisation_id, is_client=True).first()
    if client is None or not acting.manages(organisation_id):
        raise DomainError(Problem("not_allowed"))
    require_none(ContactTerms(first_weeks, every_weeks).problems())
    chosen: dict[str, Any] = {
        "first_weeks": first_weeks,
        "every_weeks": every_weeks,
        "report_period": report_period,
    }
    before = ContactTerm.objects.filter(organisation=client, report_period=report_period).first()
    since = before.report_since if before is not None else today if report_period else None
    ContactTerm.objects.update_or_create(
        organisation=client, defaults={**chosen, "report_since": since}
    )
    record(
        acting,
        "organisation.contact_terms_chosen",
        client,
        organisation_id=organisation_id,
        details=chosen,
    )


def contact_terms_of(organisation_id: int) -> ContactTerms:
    """What a client chose."""
    row = ContactTerm.objects.filter(organisation=organisation_id).first()
    return _NOTHING_CHOSEN if row is None else ContactTerms(row.first_weeks, row.every_weeks)


def report_period_of(organisation_id: int) -> str:
    """On which periods a client asks its contractors to report; empty where on none."""
    row = ContactTerm.objects.filter(organisation=organisation_id).first()
    return "" if row is None else row.report_period


def next_contacts(contracts: Iterable[Contract | ListedContract]) -> dict[int, NextContact]:
    """By when somebody is in touch about contracts, where that is asked. Runs two queries."""
    rows = list(contracts)
    terms = _terms(row.pk for row in rows)
    if not terms:
        return {}
    last = last_contacts(terms)
    dues: dict[int, NextContact] = {}
    for row in rows:
        if row.pk in terms:
            day = last.get(row.pk)
            due = terms[row.pk].next_contact(row.awarded_on or row.start, day, row.end)
            if due is not None:
                dues[row.pk] = NextContact(due, day is None)
    return dues


def _terms(contract_ids: Iterable[int]) -> Mapping[int, ContactTerms]:
    """What the clients of contracts chose, by contract; those that chose nothing are left out."""
    rows = {row.pk: ContactTerms(row.first_weeks, row.every_weeks) for row in _chosen()}
    if not rows:
        return {}
    pairs = _clients_among(list(rows), list(contract_ids))
    return {contract: rows[client] for contract, client in pairs}


@prepared
def _chosen() -> QuerySet[ContactTerm]:
    return ContactTerm.objects.exclude(first_weeks=None, every_weeks=None)


@prepared
def _clients_among(
    clients: Collection[int], contract_ids: Collection[int]
) -> QuerySet[Party, tuple[int, int]]:
    parties = Party.objects.filter(contract_id__in=listed(contract_ids), role=PartyRole.CLIENT)
    of_them = parties.filter(organisation__in=listed(clients))
    return of_them.values_list("contract_id", "organisation_id")
